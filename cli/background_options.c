#include "background_options.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"

static const char *const presets[] = {"welkin", "lsst", "sextractor", "photutils"};

const char *cli_background_preset_name(wk_background_preset preset)
{
    return presets[preset];
}

static wk_status read_order(wk_background_options *out, const char *text, wk_error *error)
{
    char *end;
    long order = strtol(text, &end, 10);
    if (end == text || *end || order < 0 || order > 32)
        return cli_fail(error, WK_ARGUMENT, "",
                        "--interpolate: the order of chebyshev:%s is not within 0 and 32", text);
    out->interpolation = WK_INTERPOLATE_CHEBYSHEV;
    out->order = (int)order;
    return WK_OK;
}

wk_status cli_background_style(wk_background_options *out, const char *text, wk_error *error)
{
    static const char *const styles[] = {"smooth", "constant", "linear", "spline",
                                         "akima",  "bicubic",  "zoom",   "chebyshev"};
    if (!strncmp(text, "chebyshev:", 10))
        return read_order(out, text + 10, error);
    for (int i = 0; i < 8; i++)
        if (!strcmp(text, styles[i])) {
            out->interpolation = (wk_interpolation)i;
            return WK_OK;
        }
    return cli_fail(error, WK_ARGUMENT, "",
                    "--interpolate: %s is not one of smooth, spline, akima, linear, constant, "
                    "bicubic, zoom, chebyshev:ORDER",
                    text);
}

static void read_cells(wk_background_options *out, const cli_options *options)
{
    if (cli_get_text(options, "box"))
        cli_get_extent(out->box, options, "box");
    if (cli_get_text(options, "filter"))
        cli_get_extent(out->filter, options, "filter");
    if (cli_get_text(options, "bins"))
        out->cells = (wk_cell_rule)cli_get_choice(options, "bins");
    if (cli_get_text(options, "statistic"))
        out->statistic = (wk_cell_statistic)cli_get_choice(options, "statistic");
    if (cli_get_text(options, "clip"))
        out->clip = (wk_cell_clip)cli_get_choice(options, "clip");
    if (cli_get_text(options, "sigma"))
        out->sigma = cli_get_real(options, "sigma");
    if (cli_get_text(options, "iterations"))
        out->iterations = (int)cli_get_integer(options, "iterations");
    if (cli_get_text(options, "minimum-good"))
        out->minimum_good = cli_get_real(options, "minimum-good");
    if (cli_get_text(options, "weights"))
        out->weights = (wk_cell_weights)cli_get_choice(options, "weights");
    out->undersample = (wk_undersample)cli_get_choice(options, "undersample");
}

static void read_sources(wk_background_options *out, const cli_options *options)
{
    if (cli_get_switch(options, "mask-sources"))
        out->mask_sources = 2;
    if (out->mask_sources && cli_get_text(options, "source-rounds"))
        out->mask_sources = (int)cli_get_integer(options, "source-rounds");
    if (cli_get_text(options, "source-sigma"))
        out->source_sigma = cli_get_real(options, "source-sigma");
    if (cli_get_text(options, "source-fwhm"))
        out->source_fwhm = cli_get_real(options, "source-fwhm");
    if (cli_get_text(options, "source-grow"))
        out->source_grow = (int)cli_get_integer(options, "source-grow");
}

/* An interpolation that needs cells of one size gets them, unless the user wants others. */
static void follow_style(wk_background_options *out, const cli_options *options)
{
    int fixed =
        out->interpolation == WK_INTERPOLATE_BICUBIC || out->interpolation == WK_INTERPOLATE_ZOOM;
    if (fixed && !cli_get_text(options, "bins"))
        out->cells = WK_CELLS_FIXED;
}

wk_status cli_background_options(wk_background_options *out, const cli_options *options,
                                 wk_error *error)
{
    const char *style = cli_get_text(options, "interpolate");
    *out = wk_background_options_preset((wk_background_preset)cli_get_choice(options, "preset"));
    read_cells(out, options);
    read_sources(out, options);
    wk_status status = style ? cli_background_style(out, style, error) : WK_OK;
    if (status)
        return status;
    follow_style(out, options);
    return wk_background_check(out, error);
}
