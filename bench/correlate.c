/* How long the library takes to correlate pixels, without the command around it.
 *
 *   bench_correlate measure FILE LAG RUNS THREADS   the first image of a file
 *   bench_correlate tile INFO                       every image of a DES tile, lag 1
 *
 * Prints a JSON document: seconds of each run or image, good pixels, covariances.  No blocks are
 * cut for errors.  Uses nothing but the public headers.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "welkin/welkin.h"

static double now(void)
{
    struct timespec time;
    timespec_get(&time, TIME_UTC);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int fail(const wk_error *error)
{
    fprintf(stderr, "bench_correlate: %s%s%s\n", error->subject, error->subject[0] ? ": " : "",
            error->message);
    return 3;
}

static wk_correlation_options without_blocks(int64_t lag)
{
    wk_correlation_options options = wk_correlation_options_default();
    options.lag = lag;
    options.blocks[0] = options.blocks[1] = 0;
    return options;
}

static void print_matrix(const wk_correlation *c)
{
    printf("\"good\": %lld, \"covariance\": [", (long long)c->good);
    for (int64_t i = 0; i < c->size * c->size; i++)
        printf("%s%.17g", i ? ", " : "", c->covariance[i]);
    printf("]");
}

static wk_status measure(const wk_samples *samples, int64_t lag, int runs, int threads,
                         wk_error *error)
{
    wk_correlation_options options = without_blocks(lag);
    wk_context context = {.threads = threads};
    wk_correlation *found = NULL;
    wk_status status = WK_OK;
    printf("{\"seconds\": [");
    for (int run = 0; run < runs && status == WK_OK; run++) {
        double start = now();
        wk_correlation_free(found);
        found = NULL;
        status = wk_correlation_measure(&found, samples, &options, &context, error);
        printf("%s%.6f", run ? ", " : "", now() - start);
    }
    printf("], ");
    if (status == WK_OK)
        print_matrix(found);
    printf("}\n");
    wk_correlation_free(found);
    return status;
}

static wk_status measure_file(char **words, wk_error *error)
{
    wk_exposure **exposures = NULL;
    size_t count = 0;
    wk_pixels pixels = {0};
    wk_exposure_options options = wk_exposure_options_default();
    wk_status status = wk_exposures_open(&exposures, &count, words[0], &options, error);
    if (status == WK_OK)
        status = wk_exposure_load(&pixels, exposures[0], 0, error);
    wk_samples samples = {
        .width = pixels.width, .height = pixels.height, .single = pixels.data, .bad = pixels.bad};
    if (status == WK_OK)
        status = measure(&samples, atoi(words[1]), atoi(words[2]), atoi(words[3]), error);
    wk_pixels_release(&pixels);
    wk_exposures_free(exposures, count);
    return status;
}

static wk_status measure_image(wk_tile_pixels *pixels, const wk_tile *tile, const wk_tile_sky *sky,
                               size_t index, wk_error *error)
{
    wk_correlation *found = NULL;
    double start = now();
    wk_status status = wk_tile_pixels_load(pixels, tile, sky, index, error);
    double seconds = now() - start;
    wk_samples samples = {.width = pixels->width,
                          .height = pixels->height,
                          .full = pixels->values,
                          .bad = pixels->bad};
    wk_correlation_options options = without_blocks(1);
    if (status == WK_OK)
        status = wk_correlation_measure(&found, &samples, &options, NULL, error);
    if (status == WK_OK) {
        printf("%s{\"seconds\": [%.6f], ", index ? ", " : "", seconds);
        print_matrix(found);
        printf("}");
    }
    wk_correlation_free(found);
    return status;
}

static wk_status measure_tile(const char *info, wk_error *error)
{
    wk_tile *tile = NULL;
    wk_tile_sky *sky = NULL;
    wk_tile_pixels pixels = {0};
    wk_status status = wk_tile_read(&tile, info, NULL, NULL, error);
    if (status == WK_OK)
        status = wk_tile_sky_load(&sky, tile, error);
    size_t count = status == WK_OK ? wk_tile_count(tile) : 0;
    printf("[");
    for (size_t i = 0; i < count && status == WK_OK; i++)
        status = measure_image(&pixels, tile, sky, i, error);
    printf("]\n");
    wk_tile_pixels_release(&pixels);
    wk_tile_sky_free(sky);
    wk_tile_free(tile);
    return status;
}

int main(int argc, char **argv)
{
    wk_error error = {WK_OK, "", ""};
    wk_status status;
    if (argc == 6 && !strcmp(argv[1], "measure"))
        status = measure_file(argv + 2, &error);
    else if (argc == 3 && !strcmp(argv[1], "tile"))
        status = measure_tile(argv[2], &error);
    else {
        fprintf(stderr, "usage: bench_correlate measure FILE LAG RUNS THREADS | tile INFO\n");
        return 2;
    }
    return status < 0 ? fail(&error) : 0;
}
