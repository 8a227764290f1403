#include <math.h>
#include <string.h>

#include "lines.h"
#include "memory.h"
#include "parallel.h"
#include "thin_plate_gram.h"
#include "thin_plate_kernel.h"
#include "thin_plate_model.h"
#include "thin_plate_triangle.h"

/* Places, and lines of the basis, that are worked at together. */
enum { PIECE = 64, GROUP = 32 };

/* Least squares but for directions that rounding would fill: of the largest gain. */
static const double PILOT = 1e-10;

typedef struct fit {
    wk_plate *plate;
    const wk_plate_places *places;
    int64_t n, m;
    double *value[2]; /* [n] less their drifts */
    double trend[2][WK_PLATE_TERMS];
    double *along;   /* [m][2] components of the values along the functions */
    double *solved;  /* [m] */
    double *rest[2]; /* [n] residual of a place */
    double *left[2]; /* [n] 1 less its influence on itself */
    double *room;    /* [workers][PIECE][m + centres] */
} fit;

static wk_status fit_make(fit *all, wk_plate *plate, const wk_plate_places *places, int64_t knots,
                          const wk_context *context, wk_error *error)
{
    int64_t n = places->count, centres = knots < n ? knots : n;
    int64_t m = centres - wk_plate_drift_count(plate->report.drift);
    size_t pieces = (size_t)wk_parallel_workers((n + PIECE - 1) / PIECE, context);
    memset(all, 0, sizeof *all);
    all->plate = plate, all->places = places, all->n = n, all->m = m;
    plate->centres = centres, plate->m = m;
    plate->u = wk_memory_new((size_t)(4 * centres), sizeof *plate->u, error);
    all->value[0] = wk_memory_new((size_t)(6 * n + 3 * m), sizeof *all->along, error);
    all->room = wk_memory_raw(pieces * PIECE * (size_t)(m + centres), sizeof *all->room, error);
    if (!plate->u || !all->value[0] || !all->room)
        return WK_MEMORY;
    plate->v = plate->u + centres;
    plate->weights[0] = plate->v + centres, plate->weights[1] = plate->weights[0] + centres;
    double **parts[] = {&all->value[1], &all->rest[0], &all->rest[1], &all->left[0], &all->left[1]};
    for (int i = 0; i < 5; i++)
        *parts[i] = all->value[0] + (i + 1) * n;
    all->along = all->value[0] + 6 * n, all->solved = all->along + 2 * m;
    for (int64_t k = 0; k < centres; k++) {
        plate->u[k] = places->u[places->spread[k]];
        plate->v[k] = places->v[places->spread[k]];
    }
    return WK_OK;
}

static void terms_at(double *p, const wk_plate_drift *drift, const wk_plate_places *places,
                     int64_t i)
{
    wk_plate_drift_terms(p, drift->degree, drift->half, places->u[i], places->v[i]);
}

/* Values less a drift, weighted if share is given. */
static void values_take(fit *all, int q, const double *share)
{
    const wk_plate_drift *ground = &all->plate->ground;
    for (int64_t i = 0; i < all->n; i++) {
        double p[WK_PLATE_TERMS];
        terms_at(p, ground, all->places, i);
        double off = all->places->value[q][i] - wk_plate_drift_sum(all->trend[q], p, ground->terms);
        all->value[q][i] = share ? share[i] * off : off;
    }
}

/* Values less their drifts over all places, in two steps as rounding wants. */
static wk_status drifts_take(fit *all, wk_error *error)
{
    const wk_plate_places *places = all->places;
    wk_plate_drift *ground = &all->plate->ground;
    wk_status status = wk_plate_drift_make(ground, all->plate->report.drift, places->half,
                                           places->u, places->v, places->share, all->n, error);
    for (int q = 0; q < 2 && status == WK_OK; q++) {
        for (int step = 0; step < 2; step++) {
            double more[WK_PLATE_TERMS];
            values_take(all, q, places->share);
            wk_plate_drift_turn(ground, all->value[q]);
            wk_plate_drift_above(ground, more, all->value[q]);
            for (int c = 0; c < ground->terms; c++)
                all->trend[q][c] += more[c];
        }
        values_take(all, q, NULL);
    }
    return status;
}

/* Take the drift over all places off the functions: gram <- its Schur complement [m][m],
 * tilt <- the drifts, along <- products with the values. */
static void gram_level(fit *all, double *gram)
{
    const wk_plate_drift *ground = &all->plate->ground;
    int64_t m = all->m, terms = ground->terms, width = terms + m + 2;
    double *tilt = all->plate->tilt, *first = gram + terms, *corner = first + terms * width;
    for (int64_t k = 0; k < m + 2; k++) {
        double p[WK_PLATE_TERMS], q[WK_PLATE_TERMS];
        for (int64_t c = 0; c < terms; c++)
            p[c] = first[c * width + k];
        wk_plate_drift_below(ground, q, p);
        for (int64_t c = 0; c < terms; c++)
            first[c * width + k] = q[c];
    }
    for (int64_t i = 0; i < m; i++) {
        double factor[WK_PLATE_TERMS], drift[WK_PLATE_TERMS];
        for (int64_t c = 0; c < terms; c++)
            factor[c] = -first[c * width + i], drift[c] = -factor[c];
        wk_lines_add(corner + i * width + i, first + i, width, factor, terms, m + 2 - i);
        wk_plate_drift_above(ground, drift, drift);
        for (int64_t c = 0; c < terms; c++)
            tilt[c * m + i] = drift[c];
        for (int q = 0; q < 2; q++)
            all->along[2 * i + q] = corner[i * width + m + q];
    }
    for (int64_t i = 0; i < m; i++)
        memmove(gram + i * m + i, corner + i * width + i, (size_t)(m - i) * sizeof *gram);
    for (int64_t i = 0; i < m; i++)
        for (int64_t j = 0; j < i; j++)
            gram[i * m + j] = gram[j * m + i];
}

/* lines [n][width] <- turned' lines */
static wk_status lines_turn(double *lines, const double *turned, int64_t n, int64_t width,
                            wk_error *error)
{
    double *out = wk_memory_new((size_t)(n * width), sizeof *out, error);
    if (!out)
        return WK_MEMORY;
    for (int64_t i = 0; i < n; i++)
        for (int64_t k = 0; k < n; k++)
            wk_lines_add(out + k * width, lines + i * width, width, turned + i * n + k, 1, width);
    memcpy(lines, out, (size_t)(n * width) * sizeof *out);
    wk_memory_free(out);
    return WK_OK;
}

/* From functions whose penalty is the triangle's square to those whose penalty is 1 and whose sums
 * of products are of three diagonals. */
static wk_status functions_turn(fit *all, double *gram, const double *triangle,
                                const wk_context *context, wk_error *error)
{
    wk_plate *plate = all->plate;
    int64_t m = all->m, terms = plate->drift.terms;
    double *room = wk_memory_new((size_t)m, sizeof *room, error);
    if (!room)
        return WK_MEMORY;
    wk_triangle_solve_both(gram, triangle, m);
    wk_triangle_solve(plate->slant, triangle, m, terms);
    wk_triangle_solve(all->along, triangle, m, 2);
    for (int64_t c = 0; c < terms; c++)
        wk_triangle_solve(plate->tilt + c * m, triangle, m, 1);
    wk_status status = wk_tridiagonal_make(&plate->tridiagonal, gram, m, context, error);
    const double *turned = plate->tridiagonal.vectors;
    if (status == WK_OK)
        status = wk_plate_slant_turn(plate, turned, error);
    if (status == WK_OK)
        status = lines_turn(all->along, turned, m, 2, error);
    for (int64_t c = 0; c < terms && status == WK_OK; c++)
        status = lines_turn(plate->tilt + c * m, turned, m, 1, error);
    if (status == WK_OK) {
        wk_triangle_solve_turned(plate->tridiagonal.vectors, triangle, m, m, room);
        wk_plate_drift_extend(&plate->drift, plate->basis, turned, m, room);
    }
    wk_memory_free(room);
    wk_memory_free(plate->tridiagonal.vectors);
    plate->tridiagonal.vectors = NULL;
    return status;
}

static wk_status geometry_make(fit *all, const wk_context *context, wk_error *error)
{
    wk_plate *plate = all->plate;
    int64_t m = all->m, terms = plate->ground.terms, width = terms + m + 2;
    double *inner = NULL, *gram = wk_memory_raw((size_t)(width * width), sizeof *gram, error);
    plate->tilt = wk_memory_new((size_t)(terms * m), sizeof *plate->tilt, error);
    plate->basis = wk_memory_raw((size_t)(plate->centres * m), sizeof *gram, error);
    wk_status status = WK_MEMORY;
    if (gram && plate->tilt && plate->basis)
        status = wk_plate_kernel_reduce(plate, &inner, plate->report.drift, all->places->half, NULL,
                                        error);
    const double *const value[2] = {all->value[0], all->value[1]};
    if (status == WK_OK)
        status = wk_plate_gram(gram, plate, all->places, value, context, error);
    if (status == WK_OK) {
        gram_level(all, gram);
        wk_triangle_make(inner, m);
        status = functions_turn(all, gram, inner, context, error);
    }
    wk_memory_free(gram);
    wk_memory_free(inner);
    return status;
}

/* Weights and drift of one value. */
static void coefficients_make(fit *all, int q)
{
    wk_plate *plate = all->plate;
    int64_t m = all->m;
    double along[WK_PLATE_TERMS] = {0.0}, less[WK_PLATE_TERMS];
    int terms = plate->drift.terms;
    for (int64_t k = 0; k < m; k++)
        all->solved[k] = all->along[2 * k + q];
    wk_tridiagonal_solve(all->solved, plate->pivot[q], plate->ratio[q], m);
    for (int64_t k = 0; k < m; k++)
        for (int c = 0; c < terms; c++)
            along[c] += plate->slant[terms * k + c] * all->solved[k];
    wk_plate_drift_above(&plate->drift, less, along);
    for (int c = 0; c < terms; c++)
        plate->trend[q][c] =
            all->trend[q][c] - less[c] - wk_lines_dot(plate->tilt + c * m, all->solved, m);
    for (int64_t i = 0; i < plate->centres; i++)
        plate->weights[q][i] = wk_lines_dot(plate->basis + i * m, all->solved, m);
}

static wk_status rests_piece(int64_t index, int worker, void *payload, int64_t *bytes,
                             wk_error *error)
{
    (void)worker, (void)bytes, (void)error;
    fit *all = payload;
    const wk_plate *plate = all->plate;
    const double *const weights[2] = {plate->weights[0], plate->weights[1]};
    for (int64_t i = index * PIECE; i < (index + 1) * PIECE && i < all->n; i++) {
        double sums[2], p[WK_PLATE_TERMS], u = all->places->u[i], v = all->places->v[i];
        terms_at(p, &plate->drift, all->places, i);
        wk_plate_kernel_sum(sums, weights, plate->u, plate->v, plate->centres, u, v);
        for (int q = 0; q < 2; q++) {
            /* the drift of the values was taken off before */
            for (int c = 0; c < plate->drift.terms; c++)
                sums[q] += (plate->trend[q][c] - all->trend[q][c]) * p[c];
            all->rest[q][i] = all->value[q][i] - sums[q];
        }
    }
    return WK_OK;
}

/* The functions y of a piece's places, less their drifts, and with them the influences. */
static wk_status influence_piece(int64_t index, int worker, void *payload, int64_t *bytes,
                                 wk_error *error)
{
    (void)bytes, (void)error;
    fit *all = payload;
    const wk_plate *plate = all->plate;
    int64_t m = all->m, centres = plate->centres, begin = index * PIECE;
    int64_t count = all->n - begin < PIECE ? all->n - begin : PIECE;
    double *y = all->room + worker * PIECE * (m + centres), *kernels = y + PIECE * m;
    for (int64_t i = 0; i < count; i++) {
        double p[WK_PLATE_TERMS];
        terms_at(p, &plate->drift, all->places, begin + i);
        wk_plate_kernel(kernels + i * centres, plate->u, plate->v, centres,
                        all->places->u[begin + i], all->places->v[begin + i]);
        wk_plate_drifts(y + i * m, plate, p);
    }
    for (int64_t k = 0; k < centres; k += GROUP)
        for (int64_t i = 0; i < count; i++)
            wk_lines_add(y + i * m, plate->basis + k * m, m, kernels + i * centres + k,
                         centres - k < GROUP ? centres - k : GROUP, m);
    for (int64_t i = 0; i < count; i++) {
        double share = all->places->share[begin + i], p[WK_PLATE_TERMS], q[WK_PLATE_TERMS];
        terms_at(p, &plate->drift, all->places, begin + i);
        wk_plate_drift_below(&plate->ground, q, p);
        double drift = wk_plate_drift_sum(q, q, plate->drift.terms);
        for (int which = 0; which < 2; which++) {
            double square =
                wk_tridiagonal_square(y + i * m, plate->pivot[which], plate->ratio[which], m);
            all->left[which][begin + i] = 1.0 - share * share * (square + drift);
        }
    }
    return WK_OK;
}

/* The rss of all but least squares, for the choice of lambda. */
static wk_status pilot_fit(fit *all, double rest[2], double pilot, const wk_context *context,
                           wk_error *error)
{
    wk_plate *plate = all->plate;
    double *room = wk_memory_new((size_t)(2 * all->m), sizeof *room, error);
    if (!room)
        return WK_MEMORY;
    wk_tridiagonal_factor(room, room + all->m, &plate->tridiagonal, pilot);
    for (int q = 0; q < 2; q++) {
        plate->pivot[q] = room, plate->ratio[q] = room + all->m;
        coefficients_make(all, q);
    }
    plate->pivot[0] = plate->pivot[1] = plate->ratio[0] = plate->ratio[1] = NULL;
    wk_memory_free(room);
    wk_status status =
        wk_parallel_for((all->n + PIECE - 1) / PIECE, NULL, rests_piece, all, context, error);
    for (int q = 0; q < 2; q++) {
        rest[q] = all->places->scatter[q];
        for (int64_t i = 0; i < all->n; i++) {
            double off = all->places->share[i] * all->rest[q][i];
            rest[q] += off * off;
        }
    }
    return status;
}

static wk_status values_fit(fit *all, double smooth, const wk_context *context, wk_error *error)
{
    wk_plate *plate = all->plate;
    int64_t m = all->m, pieces = (all->n + PIECE - 1) / PIECE;
    double rest[2], most = 0.0, *along;
    for (int64_t k = 0; k < m; k++)
        most = fmax(most, plate->tridiagonal.diagonal[k]);
    double pilot = fmax(PILOT * most, 1e-300);
    wk_status status = pilot_fit(all, rest, pilot, context, error);
    along = wk_memory_new((size_t)(2 * m), sizeof *along, error);
    if (status != WK_OK || !along) {
        wk_memory_free(along);
        return status != WK_OK ? status : WK_MEMORY;
    }
    memcpy(along, all->along, (size_t)(2 * m) * sizeof *along);
    status = wk_plate_shifts_make(plate, along, smooth, rest, pilot, error);
    wk_memory_free(along);
    if (status != WK_OK)
        return status;
    coefficients_make(all, 0);
    coefficients_make(all, 1);
    status = wk_parallel_for(pieces, NULL, rests_piece, all, context, error);
    return status != WK_OK ? status
                           : wk_parallel_for(pieces, NULL, influence_piece, all, context, error);
}

wk_status wk_plate_knots(wk_plate *plate, const wk_plate_places *places,
                         const wk_plate_points *points, const wk_plate_options *options,
                         const wk_context *context, wk_error *error)
{
    fit all;
    wk_status status = fit_make(&all, plate, places, options->knots, context, error);
    if (status == WK_OK)
        status = drifts_take(&all, error);
    if (status == WK_OK)
        status = geometry_make(&all, context, error);
    if (status == WK_OK)
        status = values_fit(&all, options->smooth, context, error);
    for (int q = 0; q < 2 && status == WK_OK; q++)
        wk_plate_rows_fill(plate, q, places, points, all.rest[q], all.left[q]);
    wk_memory_free(all.value[0]);
    wk_memory_free(all.room);
    return status;
}
