#include "thin_plate_degree.h"

#include <math.h>
#include <string.h>

#include "lines.h"
#include "memory.h"

/* What a term must have of its own, in units of it: not lost in rounding for a degree asked for,
 * and for one that is chosen not more than some hundred times as uncertain as it could be. */
static const double PART_ASKED = 1e-6, PART_CHOSEN = 1e-2;

/* By how much a higher degree must lower n ln(score), summed over both values.  For k idle terms a
 * value this is -2 ln of a likelihood ratio, chi square of 2 k degrees of freedom, less 4.3 of
 * robust cross validation's price for each: hardly ever above 0.  Where the
 * kernels have paid for the terms already, price and gain are both small and differ by chance by
 * some units; a lower degree is then the safer one outside the points. */
static const double MARGIN = 8.0;

/* Of the values' mean square: what rounding makes of no residual. */
static const double ROUNDING = 1e-24;

typedef struct sample {
    int64_t n;
    double *u, *v, *share, *value[2]; /* [n] */
    const double *half;
    double mean_square[2];
} sample;

static wk_status sample_make(sample *all, const wk_plate_places *places, int64_t n, wk_error *error)
{
    memset(all, 0, sizeof *all);
    all->n = n, all->half = places->half;
    all->u = wk_memory_new((size_t)(5 * n), sizeof *all->u, error);
    if (!all->u)
        return WK_MEMORY;
    all->v = all->u + n, all->share = all->v + n;
    all->value[0] = all->share + n, all->value[1] = all->value[0] + n;
    for (int64_t i = 0; i < n; i++) {
        int64_t k = places->spread[i];
        all->u[i] = places->u[k], all->v[i] = places->v[k], all->share[i] = places->share[k];
        for (int q = 0; q < 2; q++) {
            all->value[q][i] = places->value[q][k];
            all->mean_square[q] += all->value[q][i] * all->value[q][i] / (double)n;
        }
    }
    return WK_OK;
}

/* The highest degree up to most that the first places of the sample determine. */
static wk_status degree_determined(int *degree, const sample *all, int64_t n, int most, double part,
                                   wk_error *error)
{
    wk_plate_drift drift;
    while (most > 1 && wk_plate_drift_count(most) >= n)
        most--;
    *degree = most;
    if (most == 1)
        return WK_OK;
    wk_status status = wk_plate_drift_make(&drift, most, all->half, all->u, all->v, NULL, n, error);
    if (status == WK_OK)
        *degree = wk_plate_drift_determined(&drift, part);
    wk_plate_drift_release(&drift);
    return status;
}

/* Weighted values, turned by Q': what is beyond the drift, as [m][2]. */
static void values_turn(double *beyond, const sample *all, const wk_plate_drift *drift,
                        double *room)
{
    for (int q = 0; q < 2; q++) {
        for (int64_t i = 0; i < all->n; i++)
            room[i] = all->share[i] * all->value[q][i];
        wk_plate_drift_turn(drift, room);
        for (int64_t k = drift->terms; k < all->n; k++)
            beyond[2 * (k - drift->terms) + q] = room[k];
    }
}

/* sum of n ln(score) at the best lambda of each value, along [m][2] the components */
static double scores_sum(const sample *all, int terms, const double *gain, const double *along,
                         double *square)
{
    double sum = 0.0;
    int64_t m = all->n - terms;
    for (int q = 0; q < 2; q++) {
        wk_plate_spectrum spectrum = {gain, square, 0.0, m, all->n, all->n, terms};
        for (int64_t k = 0; k < m; k++)
            square[k] = along[2 * k + q] * along[2 * k + q];
        double score = wk_plate_score(&spectrum, wk_plate_shift_choose(&spectrum));
        double least = ROUNDING * all->mean_square[q] + 1e-300;
        sum += (double)all->n * log(fmax(score, least));
    }
    return sum;
}

static wk_status spectrum_score(double *sum, const sample *all, wk_plate *plate, double *inner,
                                double *room, const wk_context *context, wk_error *error)
{
    int64_t m = plate->m, n = all->n;
    double *beyond = room + n, *along = beyond + 2 * n, *square = along + 2 * n, most = 0.0;
    values_turn(beyond, all, &plate->drift, room);
    wk_status status = wk_tridiagonal_make(&plate->tridiagonal, inner, m, context, error);
    if (status != WK_OK)
        return status;
    for (int64_t i = 0; i < m; i++)
        for (int64_t k = 0; k < m; k++)
            for (int q = 0; q < 2; q++)
                along[2 * k + q] += plate->tridiagonal.vectors[i * m + k] * beyond[2 * i + q];
    double *gain = plate->tridiagonal.diagonal;
    status = wk_tridiagonal_diagonalise(gain, plate->tridiagonal.side, along, m, 2, error);
    for (int64_t k = 0; k < m; k++)
        most = fmax(most, gain[k]);
    for (int64_t k = 0; k < m; k++)
        gain[k] = fmax(gain[k], 1e-15 * most);
    if (status == WK_OK)
        *sum = scores_sum(all, plate->drift.terms, gain, along, square);
    return status;
}

static wk_status degree_score(double *sum, const sample *all, int degree, const wk_context *context,
                              wk_error *error)
{
    wk_plate plate = {.centres = all->n, .u = all->u, .v = all->v};
    double *inner = NULL, *room = wk_memory_new((size_t)(6 * all->n), sizeof *room, error);
    wk_status status =
        room ? wk_plate_kernel_reduce(&plate, &inner, degree, all->half, all->share, error)
             : WK_MEMORY;
    if (status == WK_OK)
        status = spectrum_score(sum, all, &plate, inner, room, context, error);
    wk_plate_drift_release(&plate.drift);
    wk_tridiagonal_release(&plate.tridiagonal);
    void *blocks[] = {inner, room, plate.columns, plate.slant};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        wk_memory_free(blocks[i]);
    return status;
}

static wk_status degree_choose(int *degree, const sample *all, const wk_context *context,
                               wk_error *error)
{
    int most = *degree;
    double least = 0.0, sum = 0.0;
    wk_status status = WK_OK;
    *degree = 1;
    for (int d = 1; d <= most && most > 1 && status == WK_OK; d++) {
        status = degree_score(&sum, all, d, context, error);
        if (status != WK_OK || (d > 1 && !(sum < least - MARGIN)))
            continue;
        *degree = d, least = sum;
    }
    return status;
}

wk_status wk_plate_degree_find(int *degree, int asked, const wk_plate_places *places,
                               int64_t looked, int64_t centres, const wk_context *context,
                               wk_error *error)
{
    sample all;
    int most = asked ? asked : 3;
    *degree = 1;
    if (most == 1)
        return WK_OK;
    wk_status status = sample_make(&all, places, looked > centres ? looked : centres, error);
    if (status == WK_OK)
        status = degree_determined(&most, &all, centres, most, PART_ASKED, error);
    all.n = looked;
    while (!asked && most > 1 && looked < 2 * wk_plate_drift_count(most))
        most--;
    if (status == WK_OK && !asked)
        status = degree_determined(&most, &all, looked, most, PART_CHOSEN, error);
    *degree = most;
    if (status == WK_OK && !asked)
        status = degree_choose(degree, &all, context, error);
    wk_memory_free(all.u);
    return status;
}
