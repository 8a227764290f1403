#include "correlation.h"

#include <math.h>
#include <string.h>

#include "fourier.h"
#include "gamma.h"
#include "memory.h"
#include "status.h"

/* The autocorrelation A(E) = sum over D of rho(D) rho(D + E) of the matrix of correlations, for all
 * |E| <= 2L. */
typedef struct echo {
    double *value;
    int64_t rows, columns, stride;
} echo;

static double echo_at(const echo *of, int64_t dy, int64_t dx)
{
    int64_t y = dy < 0 ? dy + of->rows : dy, x = dx < 0 ? dx + of->columns : dx;
    return of->value[y * of->stride + x];
}

static void echo_fill(echo *of, const wk_correlation *correlation)
{
    for (int64_t i = 0; i < correlation->size * correlation->size; i++) {
        double rho = correlation->correlation[i];
        int64_t place = i / correlation->size * of->stride + i % correlation->size;
        of->value[place] = isfinite(rho) ? rho : 0.0;
    }
}

static wk_status echo_make(echo *of, const wk_correlation *correlation, wk_error *error)
{
    int64_t size = correlation->size, length = wk_fourier_size(2 * size - 1);
    memset(of, 0, sizeof *of);
    wk_fourier *plan = NULL;
    wk_status status = wk_fourier_create(&plan, length, length, error);
    if (status != WK_OK)
        return status;
    size_t plane = wk_fourier_plane(plan);
    double *imaginary = wk_memory_new(plane, sizeof(double), error);
    double *room = wk_memory_raw(wk_fourier_room(plan), sizeof(double), error);
    of->value = wk_memory_new(plane, sizeof(double), error);
    of->rows = of->columns = length;
    of->stride = wk_fourier_stride(plan);
    status = imaginary && room && of->value ? WK_OK : WK_MEMORY;
    if (status == WK_OK) {
        echo_fill(of, correlation);
        wk_fourier_forward(plan, of->value, imaginary, size, room);
        wk_fourier_correlate(plan, of->value, imaginary, of->value, imaginary);
        wk_fourier_inverse(plan, of->value, imaginary, length, room);
        double norm = 1.0 / ((double)length * (double)length);
        for (size_t i = 0; i < plane; i++)
            of->value[i] *= norm;
    }
    wk_memory_free(imaginary);
    wk_memory_free(room);
    wk_fourier_free(plan);
    return status;
}

/* Bartlett's formula: n var(D) = sum over k of rho(k)^2 + rho(k+D) rho(k-D) - 4 rho(D) rho(k)
 * rho(k-D) + 2 rho(D)^2 rho(k)^2, whose sums are A(0), A(2D), A(D) and A(0). */
static void bartlett(wk_correlation *of, const echo *sum)
{
    for (int64_t dy = -of->lag; dy <= of->lag; dy++)
        for (int64_t dx = -of->lag; dx <= of->lag; dx++) {
            int64_t at = (dy + of->lag) * of->size + dx + of->lag;
            double rho = of->correlation[at], all = echo_at(sum, 0, 0);
            double var = all + echo_at(sum, 2 * dy, 2 * dx) - 4.0 * rho * echo_at(sum, dy, dx) +
                         2.0 * rho * rho * all;
            of->bartlett[at] = sqrt(fmax(var, 0.0) / (double)of->pairs[at]);
            if (isnan(rho))
                of->bartlett[at] = (double)NAN;
        }
    if (isfinite(of->variance) && of->variance > 0.0)
        of->bartlett[of->lag * of->size + of->lag] = 0.0; /* 1 by definition */
}

/* The same formula summed over all pairs of lags: the variance of the sum of the correlations. */
static double bartlett_area(const wk_correlation *of, const echo *sum)
{
    double pairs = 0.0, lags = 0.0, near = 0.0, far = 0.0, area = of->area_factor;
    for (int64_t i = 0; i < of->size * of->size; i++) {
        pairs += (double)of->pairs[i];
        lags += of->pairs[i] > 0 ? 1.0 : 0.0;
    }
    for (int64_t dy = -2 * of->lag; dy <= 2 * of->lag; dy++)
        for (int64_t dx = -2 * of->lag; dx <= 2 * of->lag; dx++) {
            double value = echo_at(sum, dy, dx);
            int64_t y = dy < 0 ? -dy : dy, x = dx < 0 ? -dx : dx;
            far += value * (double)((of->size - y) * (of->size - x));
            near += y <= of->lag && x <= of->lag ? value : 0.0;
        }
    double var = 2.0 * far - 4.0 * area * near + 2.0 * area * area * echo_at(sum, 0, 0);
    return sqrt(fmax(var, 0.0) * lags / pairs);
}

/* Sums over all blocks, and which blocks hold pixels. */
typedef struct replicas {
    const wk_correlation_sums *sums;
    double *product;
    int64_t *pairs;
    int64_t blocks, used;
} replicas;

/* The correlation at a lag without block k; NaN where nothing is left. */
static double replica(const replicas *of, int64_t k, int64_t at)
{
    int64_t first = k * of->sums->half;
    double variance = of->product[0] - of->sums->product[first];
    double product = of->product[at] - of->sums->product[first + at];
    double pixels = (double)(of->pairs[0] - of->sums->pairs[first]);
    double pairs = (double)(of->pairs[at] - of->sums->pairs[first + at]);
    return pairs > 0.0 && pixels > 0.0 && variance > 0.0 ? product / pairs / (variance / pixels)
                                                         : (double)NAN;
}

static int is_used(const replicas *of, int64_t k)
{
    return of->sums->pairs[k * of->sums->half] > 0;
}

/* sqrt((K - 1) / K sum (theta - mean)^2) of one lag. */
static double scatter(const replicas *of, int64_t at)
{
    double mean = 0.0, square = 0.0, used = (double)of->used;
    for (int64_t k = 0; k < of->blocks; k++)
        mean += is_used(of, k) ? replica(of, k, at) / used : 0.0;
    for (int64_t k = 0; k < of->blocks; k++) {
        double off = is_used(of, k) ? replica(of, k, at) - mean : 0.0;
        square += off * off;
    }
    return sqrt(square * (used - 1.0) / used);
}

/* The sum of all lags of one replica. */
static double replica_area(const replicas *of, int64_t k)
{
    double area = 1.0;
    for (int64_t at = 1; at < of->sums->half; at++)
        area += of->pairs[at] > 0 ? 2.0 * replica(of, k, at) : 0.0;
    return area;
}

static double scatter_area(const replicas *of, double *area)
{
    double mean = 0.0, square = 0.0, used = (double)of->used;
    for (int64_t k = 0; k < of->blocks; k++) {
        area[k] = is_used(of, k) ? replica_area(of, k) : 0.0;
        mean += area[k] / used;
    }
    for (int64_t k = 0; k < of->blocks; k++)
        square += is_used(of, k) ? (area[k] - mean) * (area[k] - mean) : 0.0;
    return sqrt(square * (used - 1.0) / used);
}

static void add_blocks(replicas *of)
{
    for (int64_t k = 0; k < of->blocks; k++) {
        of->used += is_used(of, k);
        for (int64_t at = 0; at < of->sums->half; at++) {
            of->product[at] += of->sums->product[k * of->sums->half + at];
            of->pairs[at] += of->sums->pairs[k * of->sums->half + at];
        }
    }
}

static void put(double *matrix, int64_t lag, int64_t dy, int64_t dx, double value)
{
    int64_t size = 2 * lag + 1;
    matrix[(lag + dy) * size + lag + dx] = value;
    matrix[(lag - dy) * size + lag - dx] = value;
}

static wk_status jackknife(wk_correlation *out, const wk_correlation_sums *sums, wk_error *error)
{
    replicas of = {.sums = sums, .blocks = sums->blocks[0] * sums->blocks[1]};
    for (int64_t i = 0; i < out->size * out->size; i++)
        out->jackknife[i] = (double)NAN;
    if (of.blocks < 2)
        return WK_OK;
    of.product = wk_memory_new((size_t)sums->half, sizeof *of.product, error);
    of.pairs = wk_memory_new((size_t)sums->half, sizeof *of.pairs, error);
    double *area = wk_memory_new((size_t)of.blocks, sizeof *area, error);
    wk_status status = of.product && of.pairs && area ? WK_OK : WK_MEMORY;
    if (status == WK_OK)
        add_blocks(&of);
    if (status == WK_OK && of.used >= 2) {
        for (int64_t dy = 0; dy <= sums->lag; dy++)
            for (int64_t dx = dy == 0 ? 0 : -sums->lag; dx <= sums->lag; dx++)
                put(out->jackknife, sums->lag, dy, dx,
                    scatter(&of, wk_correlation_index(sums->lag, dy, dx)));
        out->area_error = scatter_area(&of, area);
    }
    wk_memory_free(of.product);
    wk_memory_free(of.pairs);
    wk_memory_free(area);
    return status;
}

/* Of white noise less its own mean, every correlation is -1/N on average. */
static void test_white(wk_correlation *out, int corrected)
{
    int64_t center = out->size * out->size / 2;
    double expected = corrected ? 0.0 : -1.0 / (double)out->good;
    out->chi2 = 0.0;
    out->dof = 0;
    for (int64_t i = center + 1; i < out->size * out->size; i++)
        if (isfinite(out->correlation[i])) {
            double off = out->correlation[i] - expected;
            out->chi2 += (double)out->pairs[i] * off * off;
            out->dof += 1;
        }
    out->p_value = wk_gamma_chi_square(out->chi2, (double)out->dof);
    if (out->dof == 0)
        out->chi2 = (double)NAN;
}

static void add_up(wk_correlation *out)
{
    out->area_factor = 0.0;
    for (int64_t i = 0; i < out->size * out->size; i++)
        out->area_factor += isfinite(out->correlation[i]) ? out->correlation[i] : 0.0;
    if (!(out->variance > 0.0))
        out->area_factor = (double)NAN;
}

wk_status wk_correlation_errors(wk_correlation *out, const wk_correlation_sums *sums, int corrected,
                                wk_error *error)
{
    for (int64_t i = 0; i < out->size * out->size; i++)
        out->white[i] = out->pairs[i] > 0 ? 1.0 / sqrt((double)out->pairs[i]) : (double)NAN;
    add_up(out);
    test_white(out, corrected);
    out->area_error = (double)NAN;
    wk_status status = jackknife(out, sums, error);
    echo sum = {0};
    if (status == WK_OK)
        status = echo_make(&sum, out, error);
    if (status == WK_OK) {
        bartlett(out, &sum);
        if (isnan(out->area_error) && isfinite(out->area_factor))
            out->area_error = bartlett_area(out, &sum);
    }
    wk_memory_free(sum.value);
    return status;
}
