#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "correlate_task.h"
#include "welkin/background.h"
#include "welkin/rows.h"

void correlate_values_release(correlate_values *values)
{
    wk_tile_pixels_release(&values->tile);
    free(values->single);
    free(values->variance);
    free(values->bad);
    free(values->full);
    *values = (correlate_values){0};
}

static wk_status reserve_full(correlate_values *values, size_t pixels, wk_error *error)
{
    if (pixels <= values->full_room)
        return WK_OK;
    wk_status status = cli_grow((void **)&values->full, pixels, sizeof *values->full, error);
    if (!status)
        values->full_room = pixels;
    return status;
}

/* Pixels of another file's image, which must have the size wanted; caller frees them. */
static wk_status load_beside(double **out, const char *path, int64_t width, int64_t height,
                             wk_error *error)
{
    wk_exposure **exposures = NULL;
    size_t count = 0;
    wk_exposure_options options = wk_exposure_options_default();
    options.no_mask = 1;
    *out = NULL;
    wk_status status = wk_exposures_open(&exposures, &count, path, &options, error);
    if (status)
        return status;
    const wk_exposure_header *header = wk_exposure_describe(exposures[0]);
    if (count > 1)
        status =
            cli_fail(error, WK_ARGUMENT, path, "has %zu images: name one, as FILE[HDU]", count);
    else if (header->width != width || header->height != height)
        status = cli_fail(error, WK_HEADER, path, "has %lld x %lld pixels, the image %lld x %lld",
                          (long long)header->width, (long long)header->height, (long long)width,
                          (long long)height);
    if (!status) {
        *out = cli_new((size_t)(width * height), sizeof **out, error);
        status = *out ? wk_exposure_load_full(*out, exposures[0], error) : WK_MEMORY;
    }
    wk_exposures_free(exposures, count);
    return status;
}

/* Whether a file's numbers need more digits than float32 has. */
static int needs_double(const wk_exposure_header *header)
{
    return header->bitpix == -64 || header->bitpix == 32 || header->bitpix == 64;
}

static wk_status reserve(correlate_values *values, size_t pixels, int weighted, wk_error *error)
{
    wk_status status = WK_OK;
    if (pixels > values->room) {
        status = cli_grow((void **)&values->single, pixels, sizeof *values->single, error);
        if (!status)
            status = cli_grow((void **)&values->bad, pixels, 1, error);
        values->room = status ? 0 : pixels;
    }
    if (!status && weighted && pixels > values->variance_room) {
        status = cli_grow((void **)&values->variance, pixels, sizeof *values->variance, error);
        values->variance_room = status ? 0 : pixels;
    }
    return status;
}

/* Pixels that are bad for no other reason than not to be finite are left to be counted. */
static wk_status read_planes(correlate_values *values, const wk_exposure *exposure, int weighted,
                             const wk_context *context, wk_error *error)
{
    const wk_exposure_header *header = wk_exposure_describe(exposure);
    int64_t pixels = header->width * header->height;
    wk_exposure_rows *open = NULL;
    wk_status status =
        wk_exposure_rows_open(&open, exposure, wk_context_workers(context), 0, 1, error);
    if (status)
        return status;
    wk_rows rows = wk_exposure_rows_get(open);
    status = wk_rows_load(values->single, values->bad, weighted ? values->variance : NULL, &rows,
                          context, error);
    for (int64_t i = 0; i < pixels && !status; i++)
        values->bad[i] &= (uint8_t)~WK_BAD_VALUE;
    wk_exposure_rows_close(open);
    return status;
}

static wk_status load_file(correlate_values *values, const wk_exposure *exposure, int weighted,
                           const wk_context *context, wk_error *error)
{
    const wk_exposure_header *header = wk_exposure_describe(exposure);
    size_t pixels = (size_t)(header->width * header->height);
    wk_status status = reserve(values, pixels, weighted, error);
    if (!status)
        status = read_planes(values, exposure, weighted, context, error);
    values->samples = (wk_samples){.width = header->width,
                                   .height = header->height,
                                   .single = values->single,
                                   .bad = values->bad,
                                   .variance = weighted ? values->variance : NULL};
    if (status || !needs_double(header))
        return status;
    status = reserve_full(values, pixels, error);
    if (!status)
        status = wk_exposure_load_full(values->full, exposure, error);
    values->samples.single = NULL;
    values->samples.full = values->full;
    return status;
}

/* From now on the samples are doubles of our own. */
static wk_status widen(correlate_values *values, wk_error *error)
{
    size_t pixels = (size_t)(values->samples.width * values->samples.height);
    if (values->samples.full && values->samples.full == values->full)
        return WK_OK;
    wk_status status = reserve_full(values, pixels, error);
    for (size_t i = 0; i < pixels && !status; i++)
        values->full[i] =
            values->samples.full ? values->samples.full[i] : (double)values->samples.single[i];
    values->samples.single = NULL;
    values->samples.full = values->full;
    return status;
}

static wk_status take_off(correlate_values *values, const char *path, wk_error *error)
{
    double *image;
    int64_t width = values->samples.width, height = values->samples.height;
    wk_status status = load_beside(&image, path, width, height, error);
    if (!status)
        status = widen(values, error);
    for (int64_t i = 0; i < width * height && !status; i++)
        values->full[i] -= image[i];
    free(image);
    return status;
}

static uint8_t *own_bad(correlate_values *values)
{
    return values->samples.bad == values->tile.bad ? values->tile.bad : values->bad;
}

static wk_status leave_out(correlate_values *values, const char *path, wk_error *error)
{
    double *mask;
    int64_t width = values->samples.width, height = values->samples.height;
    uint8_t *bad = own_bad(values);
    wk_status status = load_beside(&mask, path, width, height, error);
    for (int64_t i = 0; i < width * height && !status; i++)
        bad[i] |= !(mask[i] >= 0.0 && mask[i] <= 0.0);
    free(mask);
    return status;
}

wk_status correlate_load(correlate_values *values, correlate_task *task, size_t index,
                         const wk_tile_sky *sky, wk_error *error)
{
    const cli_options *options = &task->session->options;
    const char *background = cli_get_text(options, "background");
    const char *mask = cli_get_text(options, "source-mask");
    wk_status status;
    if (task->tile) {
        status = wk_tile_pixels_load(&values->tile, task->tile, sky,
                                     (size_t)task->images[index].index, error);
        values->samples = (wk_samples){.width = values->tile.width,
                                       .height = values->tile.height,
                                       .full = values->tile.values,
                                       .bad = values->tile.bad};
    } else {
        status = load_file(values, task->inputs.exposures[index],
                           cli_get_switch(options, "weighted"), &task->session->context, error);
    }
    if (!status && background)
        status = take_off(values, background, error);
    if (!status && mask)
        status = leave_out(values, mask, error);
    return status;
}

/* Mean of what is good; 0 where nothing is. */
static double mean_level(const wk_samples *s)
{
    double sum = 0, good = 0;
    for (int64_t i = 0; i < s->width * s->height; i++)
        if (!s->bad[i] && isfinite(s->full[i])) {
            sum += s->full[i];
            good++;
        }
    return good > 0 && isfinite(sum) ? sum / good : 0;
}

/* A background model of the samples less a constant, in float32, which would not hold the digits
 * of a high level. */
static wk_status fit(wk_background **out, double *constant, const correlate_values *values,
                     const wk_background_options *options, const wk_context *context,
                     wk_error *error)
{
    const wk_samples *s = &values->samples;
    int64_t pixels = s->width * s->height;
    float *copy = NULL;
    *out = NULL;
    *constant = s->single ? 0 : mean_level(s);
    if (!s->single) {
        copy = cli_new((size_t)pixels, sizeof *copy, error);
        if (!copy)
            return WK_MEMORY;
        for (int64_t i = 0; i < pixels; i++)
            copy[i] = (float)(s->full[i] - *constant);
    }
    wk_rows_view view = {.data = {copy ? copy : values->single, s->width, s->height, s->width},
                         .mask = s->bad};
    wk_rows rows = wk_rows_of_view(&view);
    wk_status status = wk_background_fit(out, &rows, options, context, error);
    free(copy);
    return status;
}

wk_status correlate_flatten(correlate_values *values, const correlate_task *task, wk_error *error)
{
    const cli_options *options = &task->session->options;
    wk_background_options fitting = wk_background_options_default();
    wk_context silent = {.threads = task->session->context.threads,
                         .memory = task->session->context.memory};
    wk_background *model;
    double constant;
    int64_t width = values->samples.width;
    if (!cli_get_text(options, "box"))
        return WK_OK;
    cli_get_extent(fitting.box, options, "box");
    wk_status status = fit(&model, &constant, values, &fitting, &silent, error);
    float *row = status ? NULL : cli_new((size_t)width, sizeof *row, error);
    if (!status)
        status = row ? widen(values, error) : WK_MEMORY;
    for (int64_t y = 0; y < values->samples.height && !status; y++) {
        status = wk_background_fill(model, WK_BACKGROUND_LEVEL, (wk_rect){0, y, width, 1},
                                    (wk_view){row, width, 1, width}, error);
        for (int64_t x = 0; x < width && !status; x++)
            values->full[y * width + x] -= constant + (double)row[x];
    }
    free(row);
    wk_background_free(model);
    return status;
}

/* A part of the samples with its own arrays. */
static wk_status cut(wk_samples *out, const wk_samples *from, wk_rect rect, wk_error *error)
{
    size_t pixels = (size_t)(rect.width * rect.height);
    double *full = cli_new(pixels, sizeof *full, error);
    uint8_t *bad = cli_new(pixels, 1, error);
    float *variance = from->variance ? cli_new(pixels, sizeof *variance, error) : NULL;
    *out = (wk_samples){
        .width = rect.width, .height = rect.height, .full = full, .bad = bad, .variance = variance};
    if (!full || !bad || (from->variance && !variance))
        return WK_MEMORY;
    for (int64_t y = 0; y < rect.height; y++)
        for (int64_t x = 0; x < rect.width; x++) {
            int64_t at = y * rect.width + x, source = (rect.y + y) * from->width + rect.x + x;
            full[at] = from->full ? from->full[source] : (double)from->single[source];
            bad[at] = from->bad ? from->bad[source] : 0;
            if (variance)
                variance[at] = from->variance[source];
        }
    return WK_OK;
}

static wk_status measure_region(correlate_image *image, size_t index, const wk_samples *all,
                                const correlate_task *task, const wk_context *context,
                                wk_error *error)
{
    wk_samples part;
    wk_status status = cut(&part, all, image->rects[index], error);
    if (!status)
        status =
            wk_correlation_measure(&image->regions[index], &part, &task->options, context, error);
    free((double *)part.full);
    free((uint8_t *)part.bad);
    free((float *)part.variance);
    /* a part without sky is no failure of the image */
    return status == WK_NO_DATA ? WK_OK : status;
}

static wk_status divide(correlate_image *image, const wk_samples *all, const cli_options *options,
                        wk_error *error)
{
    int64_t parts[2];
    cli_get_extent(parts, options, "regions");
    if (parts[0] > all->width || parts[1] > all->height)
        return cli_fail(error, WK_ARGUMENT, image->file,
                        "an image of %lld x %lld pixels cannot have %lld x %lld regions",
                        (long long)all->width, (long long)all->height, (long long)parts[0],
                        (long long)parts[1]);
    image->region_count = (size_t)(parts[0] * parts[1]);
    image->rects = cli_new(image->region_count, sizeof *image->rects, error);
    image->regions = cli_new(image->region_count, sizeof *image->regions, error);
    if (!image->rects || !image->regions)
        return WK_MEMORY;
    for (int64_t i = 0; i < parts[0] * parts[1]; i++) {
        int64_t x = i % parts[0], y = i / parts[0];
        int64_t x0 = x * all->width / parts[0], x1 = (x + 1) * all->width / parts[0];
        int64_t y0 = y * all->height / parts[1], y1 = (y + 1) * all->height / parts[1];
        image->rects[i] = (wk_rect){x0, y0, x1 - x0, y1 - y0};
    }
    return WK_OK;
}

wk_status correlate_measure(correlate_image *image, const correlate_values *values,
                            const correlate_task *task, wk_error *error)
{
    const cli_options *options = &task->session->options;
    wk_context silent = {.threads = task->session->context.threads,
                         .memory = task->session->context.memory};
    wk_status status =
        wk_correlation_measure(&image->whole, &values->samples, &task->options, &silent, error);
    if (!status && cli_get_text(options, "regions"))
        status = divide(image, &values->samples, options, error);
    for (size_t i = 0; i < image->region_count && !status; i++)
        status = measure_region(image, i, &values->samples, task, &silent, error);
    return status;
}
