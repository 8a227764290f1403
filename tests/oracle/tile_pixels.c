/* Background pixels of every image of a tile, as raw files, and what was counted as JSON.
 *
 *   tile_pixels INFO [FOLDER]   FOLDER/0.values (float64), FOLDER/0.bad (uint8), ...
 */
#include <stdio.h>
#include <stdlib.h>

#include "welkin/tile.h"

static const char *from_environment(const char *name, void *payload)
{
    (void)payload;
    return getenv(name);
}

static int fail(const wk_error *error)
{
    printf("{\"status\": \"%s\", \"subject\": \"%s\", \"message\": \"%s\"}\n",
           wk_status_name(error->code), error->subject, error->message);
    return 1;
}

static void write_raw(const char *folder, size_t index, const char *kind, const void *bytes,
                      size_t size)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%zu.%s", folder, index, kind);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(bytes, 1, size, file) != size || fclose(file) != 0) {
        fprintf(stderr, "cannot write %s\n", path);
        exit(3);
    }
}

static void print_problems(const wk_tile *tile)
{
    char **problems = NULL;
    size_t count = 0;
    wk_tile_check(&problems, &count, tile, NULL);
    printf("{\"problems\": [");
    for (size_t i = 0; i < count; i++)
        printf("%s\"%s\"", i ? ", " : "", problems[i]);
    printf("], \"images\": [");
    wk_tile_problems_free(problems, count);
}

static void print_image(const wk_tile_image *image, const wk_tile_pixels *pixels)
{
    double sum = 0.0;
    for (int64_t k = 0; k < pixels->width * pixels->height; k++)
        sum += pixels->bad[k] ? 0.0 : pixels->values[k];
    printf("{\"expnum\": %lld, \"ccdnum\": %lld, \"shape\": [%lld, %lld], \"n_good\": %lld, "
           "\"sum\": %.17g}",
           (long long)image->expnum, (long long)image->ccdnum, (long long)pixels->height,
           (long long)pixels->width, (long long)pixels->good, sum);
}

int main(int argc, char **argv)
{
    wk_tile *tile = NULL;
    wk_tile_sky *sky = NULL;
    wk_tile_pixels pixels = {.width = 0};
    wk_error error = {.code = WK_OK};
    if (argc < 2)
        return 2;
    if (wk_tile_read(&tile, argv[1], from_environment, NULL, &error) != WK_OK ||
        wk_tile_sky_load(&sky, tile, &error) != WK_OK) {
        wk_tile_free(tile);
        return fail(&error);
    }
    int failed = 0;
    for (size_t i = 0; i < wk_tile_count(tile) && !failed; i++) {
        failed = wk_tile_pixels_load(&pixels, tile, sky, i, &error) != WK_OK;
        if (failed)
            break;
        if (i == 0)
            print_problems(tile);
        printf("%s", i ? ", " : "");
        print_image(wk_tile_source(tile, i), &pixels);
        size_t count = (size_t)(pixels.width * pixels.height);
        if (argc > 2) {
            write_raw(argv[2], i, "values", pixels.values, count * sizeof *pixels.values);
            write_raw(argv[2], i, "bad", pixels.bad, count);
        }
    }
    failed ? fail(&error) : printf("]}\n");
    wk_tile_pixels_release(&pixels);
    wk_tile_sky_free(sky);
    wk_tile_free(tile);
    return failed;
}
