/* Backgrounds of exposures from those of their nodes.
 *
 * A node's background is a polynomial of its group's coordinates, an exposure's one of its own x
 * and y.  With groups the level at an exposure's centre is not that at the group's middle.
 */
#ifndef WELKIN_SKY_CELLS_SURFACE_H
#define WELKIN_SKY_CELLS_SURFACE_H

#include "cells.h"

/* What a member's level at its own centre has beyond its node's level, compared units. */
double wk_sky_cell_rise(const wk_sky_cell_model *model, int64_t member);

/* Give a member its background.  What was shifted are the nodes' levels; an exposure without cells
 * may have got one.  With groups of surfaces the level becomes that at the exposure's own centre.
 */
void wk_sky_cell_surface_put(wk_sky_surface *surface, wk_level_result *level,
                             const wk_sky_cell_model *model, int64_t member);

/* Give a member the covariance of its coefficients.  With groups of surfaces, and with offsets, the
 * error becomes that of the exposure's own level.
 *
 * Given      covariances  of the nodes, double[nodes][size][size], without inflation
 *            together     double[members][1 + size] as wk_sky_cell_offsets_covariances fills it;
 *                         NULL: no offsets
 */
void wk_sky_cell_covariance_put(double *out, wk_level_result *level, const wk_sky_cell_model *model,
                                const double *covariances, const double *together, int64_t member);

#endif
