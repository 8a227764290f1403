/* Reads the first exposure of a file once, image and mask, strip by strip as stats does.
 *
 * bench_rows FILE THREADS
 *
 * The floor for what works on rows that welkin reads: bytes copied out of the system's cache and
 * turned around, nothing kept.  The sum that it prints proves that the pixels were there.
 */
#include <stdio.h>
#include <stdlib.h>

#include "parallel.h"
#include "welkin/welkin.h"

enum { STRIP = 1 << 16, WORKERS = 64 };

typedef struct reading {
    wk_rows rows;
    int64_t height; /* of a strip */
    int masked;
    float *data[WORKERS];
    uint8_t *bad[WORKERS];
    double sums[WORKERS];
} reading;

static wk_status read_strip(int64_t index, int worker, void *payload, int64_t *bytes,
                            wk_error *error)
{
    reading *r = payload;
    int64_t first = index * r->height, left = r->rows.height - first;
    wk_rect rect = {0, first, r->rows.width, left < r->height ? left : r->height};
    (void)bytes;
    wk_status status = r->rows.read(r->rows.payload, worker, rect, r->data[worker],
                                    r->masked ? r->bad[worker] : NULL, NULL, error);
    r->sums[worker] += (double)r->data[worker][0];
    return status;
}

static wk_status read_all(reading *r, const wk_context *context, wk_error *error)
{
    r->height = r->rows.width < STRIP ? STRIP / r->rows.width : 1;
    size_t room = (size_t)(r->height * r->rows.width);
    for (int i = 0; i < context->threads; i++) {
        r->data[i] = malloc(room * sizeof *r->data[i]);
        r->bad[i] = malloc(room);
        if (!r->data[i] || !r->bad[i])
            return WK_MEMORY;
    }
    return wk_parallel_for((r->rows.height + r->height - 1) / r->height, NULL, read_strip, r,
                           context, error);
}

int main(int argc, char **argv)
{
    static reading all;
    wk_exposure **exposures = NULL;
    wk_exposure_rows *open = NULL;
    wk_error error = {WK_OK, "", ""};
    size_t count = 0;
    wk_context context = {.threads = argc == 3 ? atoi(argv[2]) : 0};
    if (context.threads < 1 || context.threads > WORKERS) {
        fprintf(stderr, "usage: bench_rows FILE THREADS\n");
        return 2;
    }
    wk_status status = wk_exposures_open(&exposures, &count, argv[1], NULL, &error);
    if (status == WK_OK)
        status = wk_exposure_rows_open(&open, exposures[0], context.threads, 0, 1, &error);
    if (status == WK_OK) {
        all.rows = wk_exposure_rows_get(open);
        all.masked = wk_exposure_describe(exposures[0])->mask_hdu >= 0;
        status = read_all(&all, &context, &error);
    }
    for (int i = 0; i < WORKERS; i++) {
        free(all.data[i]);
        free(all.bad[i]);
        all.sums[0] += i ? all.sums[i] : 0;
    }
    wk_exposure_rows_close(open);
    wk_exposures_free(exposures, count);
    if (status != WK_OK) {
        fprintf(stderr, "bench_rows: %s: %s\n", error.subject, error.message);
        return 3;
    }
    printf("sum of the strips' first pixels: %.9g\n", all.sums[0]);
    return 0;
}
