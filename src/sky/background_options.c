#include <math.h>

#include "status.h"
#include "welkin/background.h"

enum { GROW_MOST = 250, ORDER_MOST = 32 };

static wk_background_options welkin(void)
{
    return (wk_background_options){.preset = WK_PRESET_WELKIN,
                                   .box = {128, 128},
                                   .cells = WK_CELLS_CEIL,
                                   .statistic = WK_CELL_MODE,
                                   .clip = WK_CLIP_MEDIAN,
                                   .sigma = 3.0,
                                   .iterations = 50,
                                   .minimum_good = 0.3,
                                   .mesh = WK_MESH_WELKIN,
                                   .filter = {3, 3},
                                   .interpolation = WK_INTERPOLATE_SMOOTH,
                                   .order = 6,
                                   .weights = WK_CELL_WEIGHTS_VARIANCE,
                                   .undersample = WK_UNDERSAMPLE_REDUCE,
                                   .source_sigma = 3.0,
                                   .source_fwhm = 4.0,
                                   .source_grow = 5};
}

wk_background_options wk_background_options_preset(wk_background_preset preset)
{
    wk_background_options options = welkin();
    options.preset = preset;
    if (preset == WK_PRESET_LSST) {
        options.statistic = WK_CELL_MEANCLIP;
        options.clip = WK_CLIP_NONE;
        options.iterations = 3;
        options.minimum_good = 0.0;
        options.mesh = WK_MESH_LSST;
        options.filter[0] = options.filter[1] = 1;
        options.interpolation = WK_INTERPOLATE_AKIMA;
        options.weights = WK_CELL_WEIGHTS_SIGMA;
        options.compat_steps = 1;
    } else if (preset == WK_PRESET_SEXTRACTOR) {
        options.box[0] = options.box[1] = 64;
        options.cells = WK_CELLS_FIXED;
        options.statistic = WK_CELL_SEXTRACTOR;
        options.minimum_good = 0.5;
        options.mesh = WK_MESH_SEXTRACTOR;
        options.interpolation = WK_INTERPOLATE_BICUBIC;
    } else if (preset == WK_PRESET_PHOTUTILS) {
        options.box[0] = options.box[1] = 64;
        options.cells = WK_CELLS_FIXED;
        options.iterations = 10;
        options.minimum_good = 0.9;
        options.mesh = WK_MESH_PHOTUTILS;
        options.interpolation = WK_INTERPOLATE_ZOOM;
    }
    return options;
}

wk_background_options wk_background_options_default(void)
{
    return welkin();
}

static wk_status refuse(const char *name, double value, const char *range, wk_error *error)
{
    return wk_error_set(error, WK_ARGUMENT, name, "%s is %g; it must be %s", name, value, range);
}

static wk_status check_cells(const wk_background_options *o, wk_error *error)
{
    for (int axis = 0; axis < 2; axis++) {
        if (o->box[axis] < 1)
            return refuse("box", (double)o->box[axis], "at least 1 pixel", error);
        if (o->filter[axis] < 1 || o->filter[axis] % 2 == 0)
            return refuse("filter", (double)o->filter[axis], "an odd number of cells", error);
        if (o->filter[axis] > 999)
            return refuse("filter", (double)o->filter[axis], "at most 999 cells", error);
    }
    if (!(o->sigma > 0.0) || !isfinite(o->sigma))
        return refuse("sigma", o->sigma, "positive and finite", error);
    if (o->iterations < 1)
        return refuse("iterations", o->iterations, "at least 1", error);
    if (!(o->minimum_good >= 0.0 && o->minimum_good <= 1.0))
        return refuse("minimum-good", o->minimum_good, "within 0 and 1", error);
    if (o->order < 0 || o->order > ORDER_MOST)
        return refuse("order", o->order, "within 0 and 32", error);
    return WK_OK;
}

static wk_status check_sources(const wk_background_options *o, wk_error *error)
{
    if (o->mask_sources < 0)
        return refuse("mask-sources", o->mask_sources, "0 or more rounds", error);
    if (!(o->source_sigma > 0.0) || !isfinite(o->source_sigma))
        return refuse("source-sigma", o->source_sigma, "positive and finite", error);
    if (!(o->source_fwhm > 0.0 && o->source_fwhm <= 50.0))
        return refuse("source-fwhm", o->source_fwhm, "above 0 and at most 50 pixels", error);
    if (o->source_grow < 0 || o->source_grow > GROW_MOST)
        return refuse("source-grow", o->source_grow, "within 0 and 250 pixels", error);
    return WK_OK;
}

/* Source Extractor's and photutils's surfaces are made for cells of one size. */
static wk_status check_fit(const wk_background_options *o, wk_error *error)
{
    int fixed =
        o->interpolation == WK_INTERPOLATE_BICUBIC || o->interpolation == WK_INTERPOLATE_ZOOM;
    if (fixed && o->cells != WK_CELLS_FIXED)
        return wk_error_set(error, WK_ARGUMENT, "bins",
                            "this interpolation needs cells of exactly the box's size");
    return WK_OK;
}

static wk_status check_range(const wk_background_options *o, wk_error *error)
{
    const struct {
        const char *name, *range;
        int value, last;
    } choices[] = {
        {"statistic", "one of wk_cell_statistic", (int)o->statistic, WK_CELL_SEXTRACTOR},
        {"interpolate", "one of wk_interpolation", (int)o->interpolation, WK_INTERPOLATE_CHEBYSHEV},
        {"bins", "one of wk_cell_rule", (int)o->cells, WK_CELLS_FIXED},
        {"clip", "one of wk_cell_clip", (int)o->clip, WK_CLIP_MEDIAN},
        {"mesh", "one of wk_mesh_rule", (int)o->mesh, WK_MESH_PHOTUTILS},
        {"weights", "one of wk_cell_weights", (int)o->weights, WK_CELL_WEIGHTS_NONE},
        {"undersample", "one of wk_undersample", (int)o->undersample, WK_UNDERSAMPLE_FAIL}};
    for (size_t i = 0; i < sizeof choices / sizeof choices[0]; i++)
        if (choices[i].value < 0 || choices[i].value > choices[i].last)
            return refuse(choices[i].name, choices[i].value, choices[i].range, error);
    return WK_OK;
}

wk_status wk_background_check(const wk_background_options *options, wk_error *error)
{
    if (!options)
        return WK_OK;
    wk_status status = check_range(options, error);
    if (status == WK_OK)
        status = check_cells(options, error);
    if (status == WK_OK)
        status = check_sources(options, error);
    if (status == WK_OK)
        status = check_fit(options, error);
    return status;
}
