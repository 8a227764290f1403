#include <stdlib.h>

#include "common.h"
#include "stats_task.h"
#include "welkin/rows.h"

/* The pixels of one exposure, in double where float32 would lose digits. */
typedef struct pixels {
    float *data;
    double *wide;
    uint8_t *bad;
} pixels;

static int is_deep(const wk_exposure_header *header)
{
    return header->bitpix == -64 || header->bitpix == 32 || header->bitpix == 64;
}

static wk_status load(pixels *out, const wk_exposure *exposure, const wk_context *context,
                      wk_error *error)
{
    const wk_exposure_header *header = wk_exposure_describe(exposure);
    size_t count = (size_t)(header->width * header->height);
    int deep = is_deep(header);
    wk_exposure_rows *open = NULL;
    out->bad = malloc(count);
    out->wide = deep ? malloc(count * sizeof *out->wide) : NULL;
    out->data = deep ? NULL : malloc(count * sizeof *out->data);
    if (!out->bad || !(out->wide || out->data))
        return cli_fail(error, WK_MEMORY, wk_exposure_name(exposure), "no memory for %zu pixels",
                        count);
    wk_status status = deep ? wk_exposure_load_full(out->wide, exposure, error) : WK_OK;
    if (!status)
        status = wk_exposure_rows_open(&open, exposure, wk_context_workers(context), 0, 1, error);
    if (!status) {
        wk_rows rows = wk_exposure_rows_get(open);
        status = wk_rows_load(out->data, out->bad, NULL, &rows, context, error);
    }
    wk_exposure_rows_close(open);
    return status;
}

static void release(pixels *all)
{
    free(all->data);
    free(all->wide);
    free(all->bad);
}

wk_status stats_measure(stats_task *task, size_t index, wk_error *error)
{
    const wk_exposure *exposure = task->inputs.exposures[index];
    const wk_exposure_header *header = wk_exposure_describe(exposure);
    const wk_context *context = &task->session->context;
    int compared = task->others.count > 0;
    pixels own = {0}, other = {0};
    int64_t n = header->width * header->height;
    wk_status status = load(&own, exposure, context, error);
    if (!status && compared)
        status = load(&other, task->others.exposures[index], context, error);
    if (!status) {
        for (int64_t i = 0; compared && i < n; i++)
            own.bad[i] |= other.bad[i];
        int judged = compared || header->mask_hdu >= 0 || header->noise_hdu >= 0;
        wk_summary_image image = {
            own.data, own.wide, other.data, other.wide, judged ? own.bad : NULL, n};
        status = wk_summary_measure(&task->images[index], &image, &task->options, context, error);
    }
    release(&own);
    release(&other);
    return status;
}
