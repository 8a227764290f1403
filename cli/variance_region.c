#include <math.h>
#include <stdlib.h>

#include "amplifiers.h"
#include "common.h"
#include "variance_task.h"

wk_status variance_find_regions(variance_image *image, const wk_exposure *exposure,
                                const cli_options *options, wk_error *error)
{
    const wk_exposure_header *header = wk_exposure_describe(exposure);
    wk_rect *list = NULL;
    size_t count = 0;
    int64_t size[2];
    wk_status status = WK_OK;
    int per = cli_get_choice(options, "per");
    cli_get_extent(size, options, "factor-box");
    if (per == 1)
        status = cli_image_divide(&list, &count, header, (header->width - 1) / size[0] + 1,
                                  (header->height - 1) / size[1] + 1, error);
    else if (per == 2)
        status = cli_amplifiers_find(&list, &count, exposure, options, error);
    if (!status && count)
        image->regions = cli_new(count, sizeof *image->regions, error);
    if (!status && count && !image->regions)
        status = WK_MEMORY;
    for (size_t i = 0; i < count && !status; i++)
        if (list[i].width > 0)
            image->regions[image->region_count++] = (variance_region){.rect = list[i]};
    free(list);
    return status;
}

/* A single row or column of boxes stands twice, for else nothing would be joined linearly. */
static int64_t doubled(int64_t boxes, int64_t pixels)
{
    return boxes == 1 && pixels > 1 ? 2 : boxes;
}

static void note_range(variance_image *image)
{
    image->least = (double)INFINITY;
    image->most = 0;
    for (size_t i = 0; i < image->region_count; i++)
        if (image->regions[i].usable) {
            image->least = fmin(image->least, image->regions[i].result.factor);
            image->most = fmax(image->most, image->regions[i].result.factor);
        }
}

/* Of boxes: a surface through their centres. */
static wk_status make_map(variance_image *image, const wk_exposure_header *header,
                          const cli_options *options, wk_error *error)
{
    int64_t size[2];
    cli_get_extent(size, options, "factor-box");
    int64_t boxes = (header->width - 1) / size[0] + 1;
    int64_t nx = doubled(boxes, header->width);
    int64_t ny = doubled((header->height - 1) / size[1] + 1, header->height);
    float *factors = cli_new((size_t)(nx * ny), sizeof *factors, error);
    if (!factors)
        return WK_MEMORY;
    note_range(image);
    for (int64_t i = 0; i < nx * ny; i++) {
        int64_t row = i / nx, at = i % nx % boxes;
        at += boxes * row < (int64_t)image->region_count ? boxes * row : 0;
        const variance_region *region = &image->regions[at];
        factors[i] = region->usable ? (float)region->result.factor : NAN;
    }
    wk_background_options linear = wk_background_options_preset(WK_PRESET_LSST);
    linear.interpolation = WK_INTERPOLATE_LINEAR;
    linear.compat_steps = 0;
    wk_status status = WK_OK;
    if (image->most > 0)
        status = wk_background_create(&image->map, header->width, header->height, nx, ny, factors,
                                      NULL, &linear, error);
    free(factors);
    return status;
}

wk_status variance_measure_regions(variance_image *image, const wk_exposure *exposure,
                                   const wk_rows *rows, const wk_background *background,
                                   const variance_task *task, wk_error *error)
{
    const cli_options *options = &task->session->options;
    size_t failed = 0;
    wk_status status = WK_OK;
    for (size_t i = 0; i < image->region_count && !status; i++) {
        variance_region *region = &image->regions[i];
        status = wk_variance_measure(&region->result, rows, background, &region->rect,
                                     &task->options, &task->session->context, error);
        region->usable = status == WK_OK;
        /* where a part says nothing the image does */
        if (status == WK_SPARSE || status == WK_NO_DATA || status == WK_NO_CONVERGENCE) {
            status = WK_OK;
            failed++;
        }
    }
    if (failed)
        cli_log(task->session, WK_LOG_WARNING, "%s: %zu of %zu parts have no factor of their own",
                wk_exposure_name(exposure), failed, image->region_count);
    if (!status && cli_get_choice(options, "per") == 1)
        status = make_map(image, wk_exposure_describe(exposure), options, error);
    return status;
}

double variance_total(const variance_image *image, double factor)
{
    return isfinite(image->correlation) ? factor * image->correlation : factor;
}

double variance_total_error(const variance_image *image, const wk_variance_result *result)
{
    if (!isfinite(image->correlation))
        return result->error;
    return hypot(result->error * image->correlation, result->factor * image->correlation_error);
}

static double clamp(double value, const variance_image *image)
{
    if (!isfinite(value))
        return image->result.factor;
    return value < image->least ? image->least : value > image->most ? image->most : value;
}

static wk_status factors_of_map(double *out, const variance_image *image, wk_rect line,
                                wk_error *error)
{
    float *row = cli_new((size_t)line.width, sizeof *row, error);
    if (!row)
        return WK_MEMORY;
    wk_status status = wk_background_fill(image->map, WK_BACKGROUND_LEVEL, line,
                                          (wk_view){row, line.width, 1, line.width}, error);
    for (int64_t x = 0; x < line.width && !status; x++)
        out[x] = clamp((double)row[x], image);
    free(row);
    return status;
}

/* Later regions win where they overlap. */
static void factors_of_regions(double *out, const variance_image *image, wk_rect line)
{
    for (int64_t x = 0; x < line.width; x++)
        out[x] = image->result.factor;
    for (size_t i = 0; i < image->region_count; i++) {
        const variance_region *region = &image->regions[i];
        wk_rect r = region->rect;
        if (!region->usable || line.y < r.y || line.y >= r.y + r.height)
            continue;
        for (int64_t x = 0; x < line.width; x++)
            if (line.x + x >= r.x && line.x + x < r.x + r.width)
                out[x] = region->result.factor;
    }
}

wk_status variance_change_rows(void *payload, int worker, wk_rect rect, double *values,
                               wk_error *error)
{
    const variance_change *change = payload;
    double *factors = cli_new((size_t)rect.width, sizeof *factors, error);
    wk_status status = factors ? WK_OK : WK_MEMORY;
    (void)worker;
    for (int64_t y = 0; y < rect.height && !status; y++) {
        wk_rect line = {rect.x, rect.y + y, rect.width, 1};
        double *row = values + y * rect.width;
        if (change->image->map)
            status = factors_of_map(factors, change->image, line, error);
        else
            factors_of_regions(factors, change->image, line);
        for (int64_t x = 0; x < rect.width; x++)
            factors[x] = variance_total(change->image, factors[x]);
        for (int64_t x = 0; x < rect.width && !status; x++)
            row[x] = change->noise == WK_NOISE_WEIGHT  ? row[x] / factors[x]
                     : change->noise == WK_NOISE_ERROR ? row[x] * sqrt(factors[x])
                                                       : row[x] * factors[x];
    }
    free(factors);
    return status;
}
