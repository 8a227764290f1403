/* Offsets of detectors, or of their amplifiers, that all exposures have in common: a few dense
 * unknowns beside the sparse ones of the backgrounds.
 *
 * With the skies of the cells eliminated the equations are
 *
 *     A x + B d = r ,    B' x + C d = q ,
 *
 * x the backgrounds, d the offsets.  K, the gauge's solution of A, gives S = C - B' K B,
 * d = S^+ (q - B' K r), x = K (r - B d).
 */
#ifndef WELKIN_SKY_CELLS_OFFSET_H
#define WELKIN_SKY_CELLS_OFFSET_H

#include "cells.h"

/* Whose offset it is. */
typedef struct wk_sky_cell_owner {
    const char *detector; /* borrowed from the fields */
    int64_t amplifier;    /* -1: the whole detector */
} wk_sky_cell_owner;

struct wk_sky_cell_offsets {
    int64_t count;
    wk_sky_cell_owner *owners; /* [count] by names, then amplifiers */
    int64_t *first;            /* [members] the offset of its detector, or of its first amplifier;
                                  -1: a field without a detector has none */
    double *reach;             /* [members] half a cell's diagonal in pixels */
    int64_t *cells;            /* [count] values in shared cells */
    double *coupling;          /* [count][nodes][size] B, column by column */
    double *bond;              /* [count] diagonal of C: how strongly others hold it */
    double *factor;            /* [rank][count]: S^+ = sum of factor factor' */
    int64_t rank;              /* combinations that the cells determine */
    double *values;            /* [count] d, compared units */
    double *right;             /* [count] q */
    double *left;              /* [count] q - B' K r */
    double *step;              /* [count] */
    double *work;              /* [nodes][size] */
};

/* cells_amplifier: where amplifiers are. */

/* Half the diagonal of a cell in each member's pixels, and one more: double[members]; 0 for members
 * without amplifiers. */
wk_status wk_sky_cell_reach_fill(double *reach, const wk_sky_cells *cells, wk_error *error);

/* Which amplifier holds all of a cell, whose pixels' mean place is x, y as in wk_sky_cell_value.
 * -1: none. */
int64_t wk_sky_cell_amplifier(const wk_field *field, double reach, double x, double y);

/* The mean over a member's amplifiers of values [count of offsets], by their areas; without
 * amplifiers the detector's value, without a detector 0. */
double wk_sky_cell_amplifier_mean(const wk_sky_cell_offsets *offsets, const wk_overlaps *overlaps,
                                  int64_t member, const double *values);

/* cells_detector: who has offsets, and what is told of them. */

/* Fill count, owners and first.  WK_ARGUMENT: a field has not the amplifiers that others of its
 * detector have. */
wk_status wk_sky_cell_detectors_list(wk_sky_cell_offsets *offsets, const wk_overlaps *overlaps,
                                     wk_error *error);

/* Give a solution the offsets, and warnings about them. */
wk_status wk_sky_cell_detectors_report(wk_solution *solution, const wk_sky_cell_model *model,
                                       wk_error *error);

/* Give a member's background the amplifiers. */
wk_status wk_sky_cell_detectors_put(wk_sky_surface *surface, const wk_level_result *level,
                                    const wk_sky_cell_model *model, int64_t member,
                                    wk_error *error);

/* cells_offset: the equations. */

/* Give the model offsets; before its solution.
 *
 * Given      memory  bytes that the dense equations may take
 * Status     WK_MEMORY: they would take more
 */
wk_status wk_sky_cell_offsets_fill(wk_sky_cell_model *model, const wk_sky_cell_gauge *gauge,
                                   size_t memory, wk_error *error);
void wk_sky_cell_offsets_free(wk_sky_cell_offsets *offsets);

/* The place of a value's offset; -1: it has none. */
int64_t wk_sky_cell_offset_place(const wk_sky_cell_model *model, const wk_sky_cell_value *value);

/* What a value has of its detector; 0 where the model has no offsets. */
static inline double wk_sky_cell_offset(const wk_sky_cell_model *model,
                                        const wk_sky_cell_value *value)
{
    int64_t place = model->offsets ? wk_sky_cell_offset_place(model, value) : -1;
    return place >= 0 ? model->offsets->values[place] : 0.0;
}

/* What background, offset and sky leave of a value. */
static inline double wk_sky_cell_residual(const wk_sky_cell_model *model,
                                          const wk_sky_cell_value *value, double sky)
{
    double terms[wk_blocks_largest], background = wk_sky_cell_offset(model, value);
    const double *own = model->coefficients + model->node[value->member] * model->size;
    wk_sky_cell_terms_of(terms, model, value);
    /* coefficients that are not free are 0 */
    for (int64_t k = 0; k < model->size; k++)
        background += terms[k] * own[k];
    return value->value - background - sky;
}

/* Move the offsets.  step: K right, which becomes the step of the backgrounds beside them.
 * Returns the product of the offsets' step and their right side. */
double wk_sky_cell_offsets_step(double *step, const wk_sky_cell_model *model,
                                const wk_sky_cell_gauge *gauge);

/* Add K B S^+ B' K, what the offsets' errors do, to the covariances of the nodes' coefficients,
 * double[nodes][size][size]; and fill for each member the variance of its own offset, then the
 * covariances of that with its node's coefficients, double[members][1 + size]. */
void wk_sky_cell_offsets_covariances(double *covariances, double *members,
                                     const wk_sky_cell_model *model,
                                     const wk_sky_cell_gauge *gauge);

#endif
