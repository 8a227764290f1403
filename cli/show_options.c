#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common.h"
#include "show_task.h"

/* "LO,HI"; the locale is C. */
static int read_pair(double *low, double *high, const char *text)
{
    char *end;
    *low = strtod(text, &end);
    if (end == text || *end != ',')
        return 0;
    const char *second = end + 1;
    *high = strtod(second, &end);
    return end != second && *end == '\0' && isfinite(*low) && isfinite(*high);
}

static wk_status read_limits(wk_preview_options *out, const char *text, wk_error *error)
{
    static const struct {
        const char *name;
        wk_preview_limits rule;
    } rules[] = {{"zscale", WK_PREVIEW_ZSCALE},
                 {"zscale:afw", WK_PREVIEW_ZSCALE_AFW},
                 {"zscale:iraf", WK_PREVIEW_ZSCALE_IRAF},
                 {"minmax", WK_PREVIEW_MINMAX}};
    for (size_t k = 0; k < sizeof rules / sizeof *rules; k++)
        if (!strcmp(text, rules[k].name)) {
            out->limits = rules[k].rule;
            return WK_OK;
        }
    int percent = !strncmp(text, "percentile:", 11);
    out->limits = percent ? WK_PREVIEW_PERCENTILE : WK_PREVIEW_GIVEN;
    if (!read_pair(&out->low, &out->high, percent ? text + 11 : text))
        return cli_fail(error, WK_ARGUMENT, "--limits",
                        "\"%s\" is none of zscale, zscale:afw, zscale:iraf, minmax, "
                        "percentile:LO,HI and LO,HI",
                        text);
    if (!(out->low < out->high))
        return cli_fail(error, WK_ARGUMENT, "--limits",
                        "%g,%g is no range: the first must be below the second", out->low,
                        out->high);
    if (percent && (out->low < 0 || out->high > 100))
        return cli_fail(error, WK_ARGUMENT, "--limits", "%g,%g is not within 0 to 100", out->low,
                        out->high);
    return WK_OK;
}

/* Of any case; "_r" behind it: from the other end. */
static wk_status read_colours(wk_preview_options *out, const char *text, wk_error *error)
{
    static const char *const names[] = {"gray", "viridis", "magma", "RdBu"};
    for (int k = 0; k < 4; k++) {
        size_t length = strlen(names[k]);
        if (strncasecmp(text, names[k], length) != 0)
            continue;
        out->map = (wk_preview_map)k;
        out->reversed = !strcasecmp(text + length, "_r");
        out->about_zero = out->map == WK_PREVIEW_RDBU;
        if (out->reversed || text[length] == '\0')
            return WK_OK;
    }
    return cli_fail(error, WK_ARGUMENT, "--colormap",
                    "\"%s\" is none of gray, viridis, magma and RdBu, nor one of these with _r",
                    text);
}

static void read_size(wk_preview_options *out, const cli_options *values, size_t count)
{
    int64_t extent[2];
    cli_get_extent(extent, values, "size");
    if (!cli_get_text(values, "size"))
        extent[0] = extent[1] = count > 4 ? 400 : count > 1 ? 600 : 1000;
    out->width = extent[0];
    out->height = extent[1];
}

static void read_axes(wk_preview_options *out, const show_task *task)
{
    static const wk_preview_axes kinds[] = {WK_PREVIEW_AXES_SKY, WK_PREVIEW_AXES_PIXEL,
                                            WK_PREVIEW_AXES_NONE};
    int axes = cli_get_choice(&task->session->options, "axes");
    int known = 1;
    for (size_t i = 0; i < task->count; i++)
        known &= task->sources[i].wcs != NULL;
    out->axes = axes >= 0 ? kinds[axes] : known ? WK_PREVIEW_AXES_SKY : WK_PREVIEW_AXES_PIXEL;
}

wk_status show_read_options(show_task *task, wk_error *error)
{
    const cli_options *values = &task->session->options;
    wk_preview_options *out = &task->options;
    *out = wk_preview_options_default();
    out->scale = (wk_preview_scale)cli_get_choice(values, "scale");
    out->q = cli_get_real(values, "q");
    out->colour_bar = cli_get_switch(values, "colorbar");
    read_size(out, values, task->count);
    read_axes(out, task);
    wk_status status = read_colours(out, cli_get_text(values, "colormap"), error);
    return status ? status : read_limits(out, cli_get_text(values, "limits"), error);
}
