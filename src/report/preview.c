#include "welkin/preview.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "preview_limits.h"
#include "memory.h"
#include "preview_panel.h"
#include "status.h"

enum { MOST_IMAGES = 64, MOST_SIZE = 32768, MOST_PLANES = 64 };

wk_preview_options wk_preview_options_default(void)
{
    return (wk_preview_options){
        .q = 8, .axes = WK_PREVIEW_AXES_PIXEL, .width = 1000, .height = 1000};
}

static wk_status check_limits(const wk_preview_options *options, wk_error *error)
{
    int percent = options->limits == WK_PREVIEW_PERCENTILE;
    if (!percent && options->limits != WK_PREVIEW_GIVEN)
        return WK_OK;
    if (!isfinite(options->low) || !isfinite(options->high) || !(options->low < options->high))
        return wk_error_set(error, WK_ARGUMENT, "limits",
                            "%g and %g are no limits: the first must be below the second",
                            options->low, options->high);
    if (percent && (options->low < 0 || options->high > 100))
        return wk_error_set(error, WK_ARGUMENT, "limits", "%g and %g are not within 0 to 100",
                            options->low, options->high);
    return WK_OK;
}

static wk_status check(const wk_preview_image *images, size_t count,
                       const wk_preview_options *options, wk_error *error)
{
    if (count < 1 || count > MOST_IMAGES)
        return wk_error_set(error, WK_ARGUMENT, "", "%zu images cannot be drawn: 1 to %d can",
                            count, MOST_IMAGES);
    if (options->width < 1 || options->width > MOST_SIZE || options->height < 1 ||
        options->height > MOST_SIZE)
        return wk_error_set(error, WK_ARGUMENT, "size", "%lld x %lld pixels are not within 1 to %d",
                            (long long)options->width, (long long)options->height, MOST_SIZE);
    if (!isfinite(options->q))
        return wk_error_set(error, WK_ARGUMENT, "q", "%g is not finite", options->q);
    for (size_t k = 0; k < count; k++) {
        if (options->axes == WK_PREVIEW_AXES_SKY && !images[k].wcs)
            return wk_error_set(error, WK_WCS, images[k].name ? images[k].name : "",
                                "has no world coordinates to draw axes on the sky with");
        if (images[k].flags && images[k].plane_count > MOST_PLANES)
            return wk_error_set(error, WK_ARGUMENT, images[k].name ? images[k].name : "",
                                "%zu mask planes are more than the %d bits of a mask",
                                images[k].plane_count, MOST_PLANES);
    }
    return check_limits(options, error);
}

static int64_t enlarging_of(const wk_thumbnail *thumbnail, const wk_preview_options *options)
{
    int64_t across = options->width / thumbnail->width;
    int64_t along = options->height / thumbnail->height, least = across < along ? across : along;
    return thumbnail->binning > 1 || least < 1 ? 1 : least;
}

static wk_status read_panel(wk_preview_panel *panel, const wk_preview_options *options,
                            const wk_context *context, wk_error *error)
{
    const wk_preview_image *image = &panel->image;
    int64_t binning = wk_thumbnail_binning(image->rows.width, image->rows.height, options->width,
                                           options->height);
    wk_status status = wk_thumbnail_make(&panel->thumbnail, &image->rows, binning,
                                         wk_limits_judge(options), context, error);
    if (status == WK_OK && image->flags && image->plane_count > 0)
        status = wk_thumbnail_flag(&panel->thumbnail, image->flags, image->planes,
                                   image->plane_count, context, error);
    if (status == WK_OK)
        panel->enlarging = enlarging_of(&panel->thumbnail, options);
    else
        wk_error_subject(error, image->name ? image->name : "");
    return status;
}

static int ascending(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* The drawn values between the limits, of all images. */
static wk_status sort_values(wk_preview *preview, wk_error *error)
{
    size_t room = 1, count = 0;
    for (size_t k = 0; k < preview->count; k++)
        room += (size_t)(preview->panels[k].thumbnail.width * preview->panels[k].thumbnail.height);
    preview->sorted = wk_memory_raw(room, sizeof *preview->sorted, error);
    if (!preview->sorted)
        return WK_MEMORY;
    for (size_t k = 0; k < preview->count; k++) {
        const wk_thumbnail *from = &preview->panels[k].thumbnail;
        for (int64_t i = 0; i < from->width * from->height; i++) {
            double value = (double)from->values[i];
            if (value >= preview->limits[0] && value <= preview->limits[1])
                preview->sorted[count++] = from->values[i];
        }
    }
    qsort(preview->sorted, count, sizeof *preview->sorted, ascending);
    preview->stretch.sorted = preview->sorted;
    preview->stretch.count = (int64_t)count;
    return WK_OK;
}

static wk_status find_limits(wk_preview *preview, const wk_preview_image *images,
                             const wk_context *context, wk_error *error)
{
    wk_thumbnail *thumbnails = wk_memory_raw(preview->count, sizeof *thumbnails, error);
    if (!thumbnails)
        return WK_MEMORY;
    for (size_t k = 0; k < preview->count; k++)
        thumbnails[k] = preview->panels[k].thumbnail;
    wk_status status = wk_limits_find(preview->limits, images, thumbnails, preview->count,
                                      &preview->options, context, error);
    wk_memory_free(thumbnails);
    int known = isfinite(preview->limits[0]) && isfinite(preview->limits[1]);
    preview->stretch = (wk_stretch){.scale = preview->options.scale,
                                    .low = known ? preview->limits[0] : 0,
                                    .high = known ? preview->limits[1] : 0,
                                    .q = preview->options.q};
    if (status == WK_OK && preview->options.scale == WK_PREVIEW_HISTEQ)
        status = sort_values(preview, error);
    return status;
}

wk_status wk_preview_create(wk_preview **out, const wk_preview_image *images, size_t count,
                            const wk_preview_options *options, const wk_context *context,
                            wk_error *error)
{
    wk_preview_options own = options ? *options : wk_preview_options_default();
    *out = NULL;
    wk_status status = check(images, count, &own, error);
    wk_preview *preview = status == WK_OK ? wk_memory_new(1, sizeof *preview, error) : NULL;
    if (!preview)
        return status != WK_OK ? status : WK_MEMORY;
    preview->options = own;
    preview->panels = wk_memory_new(count, sizeof *preview->panels, error);
    status = preview->panels ? WK_OK : WK_MEMORY;
    for (; status == WK_OK && preview->count < count; preview->count++) {
        preview->panels[preview->count].image = images[preview->count];
        status = read_panel(&preview->panels[preview->count], &own, context, error);
    }
    if (status == WK_OK)
        status = find_limits(preview, images, context, error);
    if (status == WK_OK)
        *out = preview;
    else
        wk_preview_free(preview);
    return status;
}

void wk_preview_free(wk_preview *preview)
{
    if (!preview)
        return;
    for (size_t k = 0; k < preview->count; k++)
        wk_thumbnail_release(&preview->panels[k].thumbnail);
    wk_memory_free(preview->panels);
    wk_memory_free(preview->sorted);
    wk_memory_free(preview);
}

void wk_preview_get_limits(double limits[2], const wk_preview *preview)
{
    limits[0] = preview->limits[0];
    limits[1] = preview->limits[1];
}

static int64_t count_marks(const wk_preview_image *image)
{
    int64_t count = 0;
    double right = (double)image->rows.width - 0.5, top = (double)image->rows.height - 0.5;
    for (int64_t k = 0; k < image->mark_count; k++) {
        double x = image->marks[2 * k], y = image->marks[2 * k + 1];
        count += x >= -0.5 && x <= right && y >= -0.5 && y <= top;
    }
    return count;
}

wk_preview_facts wk_preview_describe(const wk_preview *preview, size_t index)
{
    const wk_preview_panel *panel = &preview->panels[index];
    const wk_thumbnail *from = &panel->thumbnail;
    return (wk_preview_facts){.pixels = from->pixels,
                              .finite = from->finite,
                              .min = from->min,
                              .max = from->max,
                              .binning = from->binning,
                              .enlarging = panel->enlarging,
                              .width = from->width * panel->enlarging,
                              .height = from->height * panel->enlarging,
                              .marked = count_marks(&panel->image)};
}

int64_t wk_preview_flagged(const wk_preview *preview, size_t index, size_t plane)
{
    const int64_t *flagged = preview->panels[index].thumbnail.flagged;
    return flagged ? flagged[plane] : 0;
}
