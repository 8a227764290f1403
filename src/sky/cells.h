/* What wk_sky_cells holds, and the steps of wk_sky_cells_match. */
#ifndef WELKIN_SKY_CELLS_H
#define WELKIN_SKY_CELLS_H

#include "overlap.h"
#include "solve_blocks.h"
#include "tally.h"
#include "welkin/cells.h"

/* What one member measured in a cell that others measured, too; compared units. */
typedef struct wk_sky_cell_value {
    double value;
    float error; /* > 0 */
    float x, y;  /* as in wk_tally_cell */
    int32_t pixels;
    int32_t member;
} wk_sky_cell_value;

/* One member's cells, ascending keys; let go when they have been merged. */
typedef struct wk_sky_cell_list {
    wk_tally_cell *cells;
    int64_t count;
} wk_sky_cell_list;

struct wk_sky_cells {
    wk_overlaps *overlaps;     /* borrowed */
    double pitch;              /* arcsec */
    wk_sky_cell_list *lists;   /* [members] */
    int64_t count;             /* cells that at least two members share, ascending keys */
    int64_t *start;            /* [count + 1] into values */
    wk_sky_cell_value *values; /* of a cell together, ascending members */
};

/* Turn the members' lists into shared cells. */
wk_status wk_sky_cells_merge(wk_sky_cells *cells, wk_error *error);

/* The equations of all members' backgrounds, skies of cells eliminated. */
typedef struct wk_sky_cell_model {
    const wk_sky_cells *cells;
    int64_t members;
    int64_t size;       /* unknowns of a member: 1, 3 or 6 */
    int *terms;         /* [members] of them that are free; 0: no shared cell */
    int64_t *shared;    /* [members] cells that it shares */
    wk_blocks matrix;   /* weights are the inverse variances of the cells' values */
    int64_t *together;  /* beside matrix.node: cells that the pair shares */
    int64_t *component; /* [members] */
    int64_t components;
    double *coefficients; /* [members][size] */
    double *sky;          /* [count] of each cell */
    double scale;         /* of the residuals, in the errors that were given */
    double inflation;     /* what the variances of the coefficients are to be multiplied by */
    double chi2;
    int64_t dof;
    int rounds; /* of reweighting */
    int converged;
} wk_sky_cell_model;

/* Pattern, matrix, components; free with wk_sky_cell_model_clear, also after a failure. */
wk_status wk_sky_cell_model_fill(wk_sky_cell_model *model, const wk_sky_cells *cells, int order,
                                 wk_error *error);
void wk_sky_cell_model_clear(wk_sky_cell_model *model);

/* The blocks of a cell's pairs in the matrix; neighbouring cells mostly have the same members. */
typedef struct wk_sky_cell_pairs {
    int64_t *place; /* of each pair, first < second, in the order of nested loops; -1: none */
    size_t room;
    int64_t cell; /* whose places they are; -1: none */
} wk_sky_cell_pairs;

/* Begin with {.cell = -1}; place is freed by the caller. */
wk_status wk_sky_cell_pairs_find(wk_sky_cell_pairs *pairs, const wk_sky_cell_model *model,
                                 int64_t cell, wk_error *error);

/* All terms of a background at the place of a value. */
static inline void wk_sky_cell_powers(double terms[wk_blocks_largest],
                                      const wk_sky_cell_value *value)
{
    double x = (double)value->x, y = (double)value->y;
    terms[0] = 1.0;
    terms[1] = x;
    terms[2] = y;
    terms[3] = x * x;
    terms[4] = x * y;
    terms[5] = y * y;
}

/* The terms of a member's background at the place of a value; those not free are 0. */
void wk_sky_cell_terms(double terms[wk_blocks_largest], const wk_sky_cell_model *model,
                       const wk_sky_cell_value *value);
double wk_sky_cell_background(const wk_sky_cell_model *model, const wk_sky_cell_value *value);

/* What holds the solution where data do not: the factor, and what it takes to satisfy the gauge. */
typedef struct wk_sky_cell_gauge {
    const wk_sky_cell_model *model;
    wk_blocks_factor factor;
    int64_t *ground; /* [components] member that is held while factorising */
    double *hold;    /* [components] how strongly */
    double *modes;   /* [size][members][size] surfaces common to a component */
    double *answers; /* [2 size][members][size] inverse times ground unknowns, then times modes */
    double *systems; /* [components][2 size][2 size], inverted */
    double *work;    /* for solving: members, the largest front, components */
} wk_sky_cell_gauge;

wk_status wk_sky_cell_gauge_fill(wk_sky_cell_gauge *gauge, const wk_sky_cell_model *model,
                                 wk_error *error);
void wk_sky_cell_gauge_clear(wk_sky_cell_gauge *gauge);

/* Solve matrix x = right for the x without common surfaces; x holds right and then the answer. */
void wk_sky_cell_gauge_solve(double *x, const wk_sky_cell_gauge *gauge);

/* Variances of the levels: double[members]. */
wk_status wk_sky_cell_gauge_variances(double *variances, const wk_sky_cell_gauge *gauge,
                                      wk_error *error);

/* Find coefficients and skies. */
wk_status wk_sky_cell_model_solve(wk_sky_cell_model *model, const wk_sky_cell_gauge *gauge,
                                  wk_sky_cells_loss loss, wk_error *error);

/* Fill the edges of the overlaps with what the cells say, and what each edge's backgrounds differ
 * by beyond their levels: double[edge_count], first item less second; freed by the caller. */
wk_status wk_sky_cells_fill_edges(double **slopes, wk_overlaps *overlaps,
                                  const wk_sky_cell_model *model, wk_error *error);

#endif
