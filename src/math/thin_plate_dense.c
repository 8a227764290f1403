#include <math.h>
#include <string.h>

#include "lines.h"
#include "memory.h"
#include "thin_plate_model.h"

typedef struct fit {
    wk_plate *plate;
    const wk_plate_places *places;
    const wk_plate_points *points;
    int64_t n, m;
    double *value[2]; /* [n] turned by Q' */
    double *along;    /* [m][2] components along the columns of the basis */
    double *solved;   /* [m] */
    double *rest;     /* [n] residual of a place */
    double *left;     /* [n] 1 less its influence on itself */
} fit;

static wk_status fit_make(fit *all, wk_plate *plate, const wk_plate_places *places,
                          const wk_plate_points *points, wk_error *error)
{
    int64_t n = places->count, m = n - wk_plate_drift_count(plate->report.drift);
    memset(all, 0, sizeof *all);
    all->plate = plate, all->places = places, all->points = points, all->n = n, all->m = m;
    plate->centres = n, plate->m = m;
    plate->u = wk_memory_new((size_t)(4 * n), sizeof *plate->u, error);
    all->value[0] = wk_memory_new((size_t)(4 * n + 3 * m), sizeof *all->along, error);
    if (!plate->u || !all->value[0])
        return WK_MEMORY;
    plate->v = plate->u + n;
    plate->weights[0] = plate->v + n, plate->weights[1] = plate->weights[0] + n;
    memcpy(plate->u, places->u, (size_t)n * sizeof *plate->u);
    memcpy(plate->v, places->v, (size_t)n * sizeof *plate->v);
    all->value[1] = all->value[0] + n;
    all->rest = all->value[1] + n, all->left = all->rest + n;
    all->along = all->left + n, all->solved = all->along + 2 * m;
    return WK_OK;
}

/* The kernels of three diagonals, and the functions in which they are. */
static wk_status geometry_make(fit *all, const wk_context *context, wk_error *error)
{
    wk_plate *plate = all->plate;
    double *inner = NULL, *room = NULL;
    wk_status status = wk_plate_kernel_reduce(plate, &inner, plate->report.drift, all->places->half,
                                              all->places->share, error);
    if (status == WK_OK)
        status = wk_tridiagonal_make(&plate->tridiagonal, inner, all->m, context, error);
    wk_memory_free(inner);
    if (status == WK_OK)
        status = wk_plate_slant_turn(plate, plate->tridiagonal.vectors, error);
    if (status != WK_OK)
        return status;
    plate->basis = wk_memory_raw((size_t)(all->n * all->m), sizeof *plate->basis, error);
    room = wk_memory_new((size_t)all->m, sizeof *room, error);
    if (plate->basis && room)
        wk_plate_drift_extend(&plate->drift, plate->basis, plate->tridiagonal.vectors, all->m,
                              room);
    else
        status = WK_MEMORY;
    wk_memory_free(room);
    wk_memory_free(plate->tridiagonal.vectors);
    plate->tridiagonal.vectors = NULL;
    return status;
}

/* Weighted values less a drift. */
static void values_take(fit *all, int q)
{
    wk_plate *plate = all->plate;
    const wk_plate_places *places = all->places;
    const wk_plate_drift *drift = &plate->drift;
    for (int64_t i = 0; i < all->n; i++) {
        double p[WK_PLATE_TERMS];
        wk_plate_drift_terms(p, drift->degree, drift->half, plate->u[i], plate->v[i]);
        double off = places->value[q][i] - wk_plate_drift_sum(plate->trend[q], p, drift->terms);
        all->value[q][i] = places->share[i] * off;
    }
}

/* Weighted values less their drift, along the basis.  The drift is taken off in two steps, so that
 * a large one costs no digits of the rest. */
static void values_turn(fit *all)
{
    wk_plate *plate = all->plate;
    for (int q = 0; q < 2; q++) {
        for (int step = 0; step < 2; step++) {
            double more[WK_PLATE_TERMS];
            values_take(all, q);
            wk_plate_drift_turn(&plate->drift, all->value[q]);
            wk_plate_drift_above(&plate->drift, more, all->value[q]);
            for (int c = 0; c < plate->drift.terms; c++)
                plate->trend[q][c] += more[c];
        }
        values_take(all, q);
    }
    for (int64_t i = 0; i < all->n; i++)
        for (int q = 0; q < 2; q++)
            for (int64_t k = 0; k < all->m; k++)
                all->along[2 * k + q] += plate->basis[i * all->m + k] * all->value[q][i];
}

/* Weights, drift and residuals of one value. */
static void coefficients_make(fit *all, int q)
{
    wk_plate *plate = all->plate;
    double along[WK_PLATE_TERMS] = {0.0}, less[WK_PLATE_TERMS];
    int terms = plate->drift.terms;
    wk_tridiagonal_solve(all->solved, plate->pivot[q], plate->ratio[q], all->m);
    for (int64_t k = 0; k < all->m; k++)
        for (int c = 0; c < terms; c++)
            along[c] += plate->slant[terms * k + c] * all->solved[k];
    wk_plate_drift_above(&plate->drift, less, along);
    for (int c = 0; c < terms; c++)
        plate->trend[q][c] -= less[c];
    for (int64_t i = 0; i < all->n; i++) {
        double weight = wk_lines_dot(plate->basis + i * all->m, all->solved, all->m);
        double share = all->places->share[i];
        plate->weights[q][i] = share * weight;
        all->rest[i] = plate->shift[q] * weight / share;
    }
}

/* For a place of one row the residual without it is weight / left, which holds for a shift of 0,
 * too: both are given without the shift then. */
static void influence_make(fit *all, int q)
{
    wk_plate *plate = all->plate;
    for (int64_t i = 0; i < all->n; i++)
        all->left[i] =
            plate->shift[q] * wk_tridiagonal_square(plate->basis + i * all->m, plate->pivot[q],
                                                    plate->ratio[q], all->m);
}

static void left_out_fill(fit *all, int q)
{
    wk_plate *plate = all->plate;
    double *left_out = plate->rows + (2 + q) * all->places->rows;
    for (int64_t i = 0; i < all->places->rows; i++) {
        int64_t k = all->places->place[i];
        if (all->places->share[k] > 1.0)
            continue;
        double square = wk_tridiagonal_square(plate->basis + k * all->m, plate->pivot[q],
                                              plate->ratio[q], all->m);
        /* the basis has no part of a point without which the others do not determine the drift */
        double part = wk_lines_dot(plate->basis + k * all->m, plate->basis + k * all->m, all->m);
        left_out[i] = part > 1e-12 ? plate->weights[q][k] / square : (double)NAN;
    }
}

static wk_status values_fit(fit *all, double smooth, wk_error *error)
{
    wk_plate *plate = all->plate;
    values_turn(all);
    double *along = wk_memory_new((size_t)(2 * all->m), sizeof *along, error);
    if (!along)
        return WK_MEMORY;
    memcpy(along, all->along, (size_t)(2 * all->m) * sizeof *along);
    wk_status status = wk_plate_shifts_make(plate, along, smooth, all->places->scatter, 0.0, error);
    wk_memory_free(along);
    for (int q = 0; q < 2 && status == WK_OK; q++) {
        for (int64_t k = 0; k < all->m; k++)
            all->solved[k] = all->along[2 * k + q];
        coefficients_make(all, q);
        influence_make(all, q);
        wk_plate_rows_fill(plate, q, all->places, all->points, all->rest, all->left);
        left_out_fill(all, q);
    }
    return status;
}

wk_status wk_plate_dense(wk_plate *plate, const wk_plate_places *places,
                         const wk_plate_points *points, double smooth, const wk_context *context,
                         wk_error *error)
{
    fit all;
    wk_status status = fit_make(&all, plate, places, points, error);
    if (status == WK_OK)
        status = geometry_make(&all, context, error);
    if (status == WK_OK)
        status = values_fit(&all, smooth, error);
    if (status == WK_OK)
        for (int64_t i = 0; i < all.n; i++)
            for (int64_t k = 0; k < all.m; k++)
                plate->basis[i * all.m + k] *= places->share[i];
    wk_memory_free(all.value[0]);
    return status;
}
