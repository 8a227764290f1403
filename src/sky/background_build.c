#include "background.h"

#include <math.h>
#include <string.h>

#include "histospline.h"
#include "memory.h"
#include "mesh_filter.h"
#include "mesh_outlier.h"
#include "smooth.h"
#include "status.h"

wk_surface_style wk_background_style(const wk_background_options *options)
{
    switch (options->interpolation) {
    case WK_INTERPOLATE_CONSTANT:
        return options->compat_steps ? WK_SURFACE_CONSTANT : WK_SURFACE_CELL;
    case WK_INTERPOLATE_LINEAR:
        return WK_SURFACE_LINEAR;
    case WK_INTERPOLATE_AKIMA:
        return WK_SURFACE_AKIMA;
    case WK_INTERPOLATE_BICUBIC:
        return WK_SURFACE_BICUBIC;
    case WK_INTERPOLATE_ZOOM:
        return WK_SURFACE_ZOOM;
    case WK_INTERPOLATE_CHEBYSHEV:
        return WK_SURFACE_CHEBYSHEV;
    case WK_INTERPOLATE_SMOOTH:
    case WK_INTERPOLATE_SPLINE:
        break;
    }
    return WK_SURFACE_NATURAL;
}

static int filtered(const wk_background_options *options)
{
    return options->filter[0] > 1 || options->filter[1] > 1;
}

static wk_status filter(float *nodes, const wk_background *b, wk_window window, wk_error *error)
{
    if (!filtered(&b->options))
        return WK_OK;
    return wk_mesh_filter(nodes, b->grid.nx, b->grid.ny, b->options.filter[0], b->options.filter[1],
                          window, error);
}

static wk_status repair_lsst(float *nodes, const wk_background *b, wk_error *error)
{
    if (!filtered(&b->options))
        return WK_OK;
    wk_status status = wk_mesh_fill_median(nodes, b->grid.nx, b->grid.ny, error);
    return status == WK_OK ? filter(nodes, b, WK_WINDOW_MIRROR, error) : status;
}

static wk_status repair(float *nodes, const wk_background *b, wk_error *error)
{
    const wk_cells *grid = &b->grid;
    wk_status status = WK_OK;
    switch (b->options.mesh) {
    case WK_MESH_LSST:
        return repair_lsst(nodes, b, error);
    case WK_MESH_SEXTRACTOR:
        status = wk_mesh_fill_nearest(nodes, grid->nx, grid->ny, error);
        return status == WK_OK ? filter(nodes, b, WK_WINDOW_CENTRED, error) : status;
    case WK_MESH_PHOTUTILS:
        status = wk_mesh_fill_inverse(nodes, grid->nx, grid->ny, error);
        return status == WK_OK ? filter(nodes, b, WK_WINDOW_CUT, error) : status;
    case WK_MESH_WELKIN:
        break;
    }
    return filter(nodes, b, WK_WINDOW_CENTRED, error);
}

/* Weights of the cells in a smooth fit: 1 / error^2, the greatest 1.  A cell without an error, of
 * one pixel or of equal ones, weighs as much as the median of the others. */
static wk_status cell_weights(double *weights, const float *values, const float *errors,
                              size_t cells, wk_error *error)
{
    float *known = wk_memory_raw(cells, sizeof *known, error);
    if (!known)
        return WK_MEMORY;
    for (size_t i = 0; i < cells; i++)
        known[i] = errors[i] > 0.0F ? errors[i] : NAN;
    double median = wk_mesh_median(known, (int64_t)cells);
    double least = (double)INFINITY;
    for (size_t i = 0; i < cells; i++) {
        double one = errors[i] > 0.0F ? (double)errors[i] : isfinite(median) ? median : 1.0;
        weights[i] = isfinite(values[i]) ? one : (double)NAN;
        least = weights[i] < least ? weights[i] : least;
    }
    for (size_t i = 0; i < cells; i++)
        weights[i] = isnan(weights[i]) ? 0.0 : least * least / (weights[i] * weights[i]);
    wk_memory_free(known);
    return WK_OK;
}

/* Weights of the cells, 0 for those that hold the light of a source. */
static wk_status smooth_weights(double *weights, const wk_background *b, const float *errors,
                                wk_error *error)
{
    const wk_measured *m = &b->measured;
    wk_mesh_cells cells = {b->grid.nx, b->grid.ny, m->level, m->rms, m->error};
    wk_status status =
        cell_weights(weights, m->level, errors, (size_t)(cells.nx * cells.ny), error);
    return status == WK_OK ? wk_mesh_outliers(weights, &cells, b->options.filter, NULL, error)
                           : status;
}

/* values: what was measured; nodes: of the spline that the model is. */
static wk_status smooth(float *nodes, const wk_background *b, const float *values,
                        const float *errors, wk_error *error)
{
    int64_t nx = b->grid.nx, ny = b->grid.ny;
    size_t cells = (size_t)(nx * ny);
    double *in = wk_memory_raw(3 * cells, sizeof *in, error);
    if (!in)
        return WK_MEMORY;
    double *weights = in + cells, *out = weights + cells;
    for (size_t i = 0; i < cells; i++)
        in[i] = isfinite(values[i]) ? (double)values[i] : (double)NAN;
    wk_status status = smooth_weights(weights, b, errors, error);
    if (status == WK_OK)
        status = wk_smooth_fit(out, in, weights, nx, ny, NULL, error);
    if (status == WK_OK)
        status = wk_histospline_nodes(out, nx, ny, WK_ENDS_NATURAL, error);
    for (size_t i = 0; status == WK_OK && i < cells; i++)
        nodes[i] = (float)out[i];
    wk_memory_free(in);
    return status;
}

/* A standard deviation is no more positive when a surface through it overshoots: its logarithm is
 * smoothed where all are positive. */
static wk_status smooth_rms(wk_background *b, wk_error *error)
{
    int64_t cells = b->grid.nx * b->grid.ny, positive = 0, known = 0;
    float *values = wk_memory_raw(2 * (size_t)cells, sizeof *values, error);
    if (!values)
        return WK_MEMORY;
    float *errors = values + cells;
    for (int64_t i = 0; i < cells; i++) {
        known += isfinite(b->measured.rms[i]);
        positive += b->measured.rms[i] > 0.0F;
    }
    int logarithm = positive == known;
    for (int64_t i = 0; i < cells; i++) {
        double n = (double)b->measured.count[i], rms = (double)b->measured.rms[i];
        double relative = n > 1.0 ? 1.0 / sqrt(2.0 * (n - 1.0)) : (double)NAN;
        values[i] = (float)(logarithm ? log(rms) : rms);
        errors[i] = (float)(logarithm ? relative : relative * rms);
    }
    wk_status status = smooth(b->rms, b, values, errors, error);
    for (int64_t i = 0; status == WK_OK && logarithm && i < cells; i++)
        b->rms[i] = (float)exp((double)b->rms[i]);
    wk_memory_free(values);
    return status;
}

/* Weights of the cells in a polynomial.  LSST's are infinite where the error is 0: such cells are
 * left out, and of a constant image nothing remains; ours are always finite. */
static wk_status polynomial_weights(wk_background *b, wk_error *error)
{
    size_t cells = (size_t)(b->grid.nx * b->grid.ny);
    if (b->options.weights == WK_CELL_WEIGHTS_VARIANCE) {
        wk_status status =
            cell_weights(b->weights, b->measured.level, b->measured.error, cells, error);
        /* as a stored list gives them back, which holds their inverse in float32 */
        for (size_t i = 0; status == WK_OK && i < cells; i++)
            b->weights[i] = 1.0 / (double)(float)(1.0 / b->weights[i]);
        return status;
    }
    for (size_t i = 0; i < cells; i++)
        b->weights[i] =
            b->options.weights == WK_CELL_WEIGHTS_NONE ? 1.0 : 1.0 / (double)b->measured.error[i];
    return WK_OK;
}

static wk_status make_surface(wk_background *b, wk_background_plane plane, const float *nodes,
                              const double *weights, wk_error *error)
{
    const wk_background_options *options = &b->options;
    wk_surface_nodes from = {.width = b->grid.width,
                             .height = b->grid.height,
                             .nx = b->grid.nx,
                             .ny = b->grid.ny,
                             .x = b->grid.x,
                             .y = b->grid.y,
                             .box = {options->box[0], options->box[1]},
                             .values = nodes,
                             .weights = weights,
                             .order = options->order,
                             .fail = options->undersample == WK_UNDERSAMPLE_FAIL};
    wk_surface_free(b->surfaces[plane]);
    b->surfaces[plane] = NULL;
    return wk_surface_create(&b->surfaces[plane], &from, wk_background_style(options), error);
}

/* The noise need not be known where the level is: of cells of one pixel it is not, and a model that
 * was read has levels alone.  What is missing is no failure, whatever is demanded of the level. */
static wk_status make_rms_surface(wk_background *b, wk_error *error)
{
    wk_interpolation style = b->options.interpolation;
    wk_undersample undersample = b->options.undersample;
    int64_t known = 0;
    for (int64_t i = 0; i < b->grid.nx * b->grid.ny; i++)
        known += isfinite(b->rms[i]);
    b->options.undersample = WK_UNDERSAMPLE_REDUCE;
    wk_status status = WK_NO_DATA;
    if (known > 0)
        status = make_surface(b, WK_BACKGROUND_RMS, b->rms, NULL, error);
    if (status == WK_NO_DATA) {
        b->options.interpolation = WK_INTERPOLATE_CONSTANT;
        status = make_surface(b, WK_BACKGROUND_RMS, b->rms, NULL, error);
    }
    b->options.interpolation = style;
    b->options.undersample = undersample;
    return status;
}

static void describe(wk_background *b)
{
    const wk_measured *m = &b->measured;
    int64_t cells = b->grid.nx * b->grid.ny, empty = 0;
    for (int64_t i = 0; i < cells; i++)
        empty += !isfinite(m->level[i]);
    b->mesh = (wk_mesh){.nx = b->grid.nx,
                        .ny = b->grid.ny,
                        .x = b->grid.x,
                        .y = b->grid.y,
                        .measured = m->level,
                        .level = b->level,
                        .error = m->error,
                        .measured_rms = m->rms,
                        .rms = b->rms,
                        .count = m->count,
                        .empty = empty,
                        .good = m->good,
                        .masked = m->masked,
                        .sources = m->sources};
}

/* Two styles want a value in every cell, whatever the rule for the mesh leaves empty. */
static wk_status complete(float *nodes, const wk_background *b, wk_error *error)
{
    switch (b->options.interpolation) {
    case WK_INTERPOLATE_BICUBIC:
        return wk_mesh_fill_nearest(nodes, b->grid.nx, b->grid.ny, error);
    case WK_INTERPOLATE_ZOOM:
        return wk_mesh_fill_inverse(nodes, b->grid.nx, b->grid.ny, error);
    case WK_INTERPOLATE_SMOOTH:
    case WK_INTERPOLATE_CONSTANT:
    case WK_INTERPOLATE_LINEAR:
    case WK_INTERPOLATE_SPLINE:
    case WK_INTERPOLATE_AKIMA:
    case WK_INTERPOLATE_CHEBYSHEV:
        break;
    }
    return WK_OK;
}

static wk_status make_nodes(wk_background *b, wk_error *error)
{
    size_t cells = (size_t)(b->grid.nx * b->grid.ny);
    memcpy(b->level, b->measured.level, cells * sizeof *b->level);
    memcpy(b->rms, b->measured.rms, cells * sizeof *b->rms);
    int smoothed = b->options.interpolation == WK_INTERPOLATE_SMOOTH;
    wk_status status = smoothed ? smooth(b->level, b, b->measured.level, b->measured.error, error)
                                : repair(b->level, b, error);
    if (status == WK_OK)
        status = smoothed ? smooth_rms(b, error) : repair(b->rms, b, error);
    if (status == WK_OK)
        status = complete(b->level, b, error);
    return status == WK_OK ? complete(b->rms, b, error) : status;
}

static wk_status refuse_empty(const wk_background *b, wk_error *error)
{
    if (b->measured.good == 0)
        return wk_error_set(error, WK_NO_DATA, "",
                            "there is no good pixel to measure a background on");
    return wk_error_set(
        error, WK_NO_DATA, "",
        "no cell has enough good pixels for a background: of the %lld in all, %g of a "
        "cell's area must be good",
        (long long)b->measured.good, b->options.minimum_good);
}

wk_status wk_background_build(wk_background *b, wk_error *error)
{
    describe(b);
    if (b->mesh.empty == b->mesh.nx * b->mesh.ny)
        return refuse_empty(b, error);
    wk_status status = make_nodes(b, error);
    if (status == WK_OK)
        status = polynomial_weights(b, error);
    if (status == WK_OK)
        status = make_surface(b, WK_BACKGROUND_LEVEL, b->level, b->weights, error);
    return status == WK_OK ? make_rms_surface(b, error) : status;
}
