#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "common.h"
#include "variance_task.h"

enum { AMPLIFIERS_MOST = 26 };

static wk_status add_region(variance_image *image, wk_rect rect, wk_error *error)
{
    wk_status status =
        cli_grow((void **)&image->regions, image->region_count + 1, sizeof *image->regions, error);
    if (!status)
        image->regions[image->region_count++] = (variance_region){.rect = rect};
    return status;
}

/* nx x ny parts of nearly equal size. */
static wk_status divide(variance_image *image, const wk_exposure_header *header, int64_t nx,
                        int64_t ny, wk_error *error)
{
    int64_t width = header->width, height = header->height;
    wk_status status = WK_OK;
    if (nx > width || ny > height)
        return cli_fail(error, WK_ARGUMENT, header->file,
                        "an image of %lld x %lld pixels cannot have %lld x %lld amplifiers",
                        (long long)width, (long long)height, (long long)nx, (long long)ny);
    for (int64_t j = 0; j < ny && !status; j++)
        for (int64_t i = 0; i < nx && !status; i++) {
            int64_t x0 = (i * width + nx / 2) / nx, x1 = ((i + 1) * width + nx / 2) / nx;
            int64_t y0 = (j * height + ny / 2) / ny, y1 = ((j + 1) * height + ny / 2) / ny;
            status = add_region(image, (wk_rect){x0, y0, x1 - x0, y1 - y0}, error);
        }
    return status;
}

/* A section "[x0:x1,y0:y1]", counted from 1, ends included; 0: it is none. */
static int read_section(wk_rect *rect, const char *text)
{
    long long x0, x1, y0, y1;
    if (sscanf(text, "[%lld:%lld,%lld:%lld]", &x0, &x1, &y0, &y1) != 4 || x0 < 1 || y0 < 1 ||
        x1 < x0 || y1 < y0)
        return 0;
    *rect = (wk_rect){x0 - 1, y0 - 1, x1 - x0 + 1, y1 - y0 + 1};
    return 1;
}

static wk_rect within(wk_rect rect, const wk_exposure_header *header)
{
    int64_t x1 = rect.x + rect.width < header->width ? rect.x + rect.width : header->width;
    int64_t y1 = rect.y + rect.height < header->height ? rect.y + rect.height : header->height;
    return (wk_rect){rect.x, rect.y, x1 - rect.x, y1 - rect.y};
}

/* DATASECA, DATASECB, ...: what is left of them in this image. */
static wk_status read_amplifiers(variance_image *image, const wk_exposure *exposure,
                                 wk_error *error)
{
    const wk_exposure_header *header = wk_exposure_describe(exposure);
    wk_status status = WK_OK;
    for (int i = 0; i < AMPLIFIERS_MOST && !status; i++) {
        char keyword[16], text[80];
        wk_rect rect;
        snprintf(keyword, sizeof keyword, "DATASEC%c", 'A' + i);
        status = wk_exposure_keyword(text, sizeof text, exposure, keyword, error);
        if (status == WK_HEADER) {
            status = WK_OK;
            break;
        }
        if (!status && !read_section(&rect, text))
            status = cli_fail(error, WK_HEADER, wk_exposure_name(exposure),
                              "%s = %.60s is no section of an image", keyword, text);
        if (!status)
            rect = within(rect, header);
        if (!status && rect.width > 0 && rect.height > 0)
            status = add_region(image, rect, error);
    }
    if (!status && image->region_count == 0)
        status = cli_fail(error, WK_HEADER, wk_exposure_name(exposure),
                          "no DATASECA, ... says where its amplifiers are: give --amplifiers");
    return status;
}

wk_status variance_find_regions(variance_image *image, const wk_exposure *exposure,
                                const cli_options *options, wk_error *error)
{
    const wk_exposure_header *header = wk_exposure_describe(exposure);
    int64_t size[2];
    switch (cli_get_choice(options, "per")) {
    case 1:
        cli_get_extent(size, options, "factor-box");
        return divide(image, header, (header->width - 1) / size[0] + 1,
                      (header->height - 1) / size[1] + 1, error);
    case 2:
        cli_get_extent(size, options, "amplifiers");
        return cli_get_text(options, "amplifiers") ? divide(image, header, size[0], size[1], error)
                                                   : read_amplifiers(image, exposure, error);
    default:
        return WK_OK;
    }
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
