#include <math.h>
#include <stdlib.h>

#include "common.h"
#include "variance_task.h"
#include "welkin/correlation.h"

/* The whole image less its background; what is bad, and the variances. */
typedef struct field {
    float *data, *variance;
    uint8_t *bad;
} field;

static wk_status load(field *f, const wk_rows *rows, const wk_background *background,
                      const wk_context *context, wk_error *error)
{
    size_t pixels = (size_t)(rows->width * rows->height);
    f->data = cli_new(pixels, sizeof *f->data, error);
    f->variance = cli_new(pixels, sizeof *f->variance, error);
    f->bad = cli_new(pixels, 1, error);
    float *row = cli_new((size_t)rows->width, sizeof *row, error);
    wk_status status = f->data && f->variance && f->bad && row ? WK_OK : WK_MEMORY;
    if (!status)
        status = wk_rows_load(f->data, f->bad, f->variance, rows, context, error);
    for (int64_t y = 0; y < rows->height && background && !status; y++) {
        float *line = f->data + y * rows->width;
        status =
            wk_background_fill(background, WK_BACKGROUND_LEVEL, (wk_rect){0, y, rows->width, 1},
                               (wk_view){row, rows->width, 1, rows->width}, error);
        for (int64_t x = 0; x < rows->width && !status; x++)
            line[x] -= row[x];
    }
    free(row);
    return status;
}

wk_status variance_correlate(variance_image *image, const wk_rows *rows,
                             const wk_background *background, const variance_task *task,
                             wk_error *error)
{
    const cli_options *options = &task->session->options;
    wk_correlation_options lags = wk_correlation_options_default();
    wk_correlation *found = NULL;
    field f = {NULL, NULL, NULL};
    image->correlation = image->correlation_error = (double)NAN;
    if (!cli_get_text(options, "correlated") || image->result.good < 2)
        return WK_OK;
    lags.lag = cli_get_integer(options, "correlated");
    wk_status status = load(&f, rows, background, &task->session->context, error);
    wk_samples samples = {.width = rows->width,
                          .height = rows->height,
                          .single = f.data,
                          .bad = f.bad,
                          .variance = f.variance};
    if (!status)
        status = wk_correlation_measure(&found, &samples, &lags, &task->session->context, error);
    if (!status) {
        image->correlation = found->area_factor;
        image->correlation_error = found->area_error;
        if (!(image->correlation > 0) || !isfinite(image->correlation))
            status = cli_fail(error, WK_NO_DATA, "",
                              "the sum of the correlations up to lag %lld is %g: no factor of a "
                              "variance",
                              (long long)lags.lag, image->correlation);
    }
    wk_correlation_free(found);
    free(f.data);
    free(f.variance);
    free(f.bad);
    return status;
}
