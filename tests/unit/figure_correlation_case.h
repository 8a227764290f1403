/* Correlations with given lags, for the tests of their pictures: nothing is measured. */
#ifndef WELKIN_TESTS_FIGURE_CORRELATION_CASE_H
#define WELKIN_TESTS_FIGURE_CORRELATION_CASE_H

#include <math.h>
#include <stdlib.h>

#include "figure_correlation.h"

enum { CASE_IMAGES = 64, CASE_ARRAYS = 6 };

typedef struct correlation_case {
    wk_correlation images[CASE_IMAGES];
    const wk_correlation *pointers[CASE_IMAGES];
    char names[CASE_IMAGES][64];
    const char *labels[CASE_IMAGES];
    size_t count;
    wk_correlation_stack stack;
    wk_correlation_power power;
} correlation_case;

static inline double *case_array(int64_t count, double value)
{
    double *array = malloc((size_t)count * sizeof *array);
    for (int64_t k = 0; k < count; k++)
        array[k] = value;
    return array;
}

/* Noise smoothed in x more than in y, whose correlation is known: exp(-(dx/a)^2 - (dy/b)^2), with a
 * wiggle that differs from image to image and keeps rho(D) = rho(-D). */
static inline double case_lag(double dy, double dx, double wiggle)
{
    return dx == 0 && dy == 0 ? 1
                              : exp(-dx * dx / 0.6 - dy * dy / 0.35) +
                                    wiggle * cos(3 * dx + 5 * dy + 700 * wiggle);
}

static inline void case_image(wk_correlation *c, int64_t lag, double wiggle)
{
    int64_t size = 2 * lag + 1, cells = size * size;
    *c = (wk_correlation){.lag = lag,
                          .size = size,
                          .good = 1000000,
                          .nonfinite = 12,
                          .mean = 0.0123,
                          .variance = 96.5,
                          .chi2 = 34.5,
                          .p_value = 0.0123,
                          .dof = (cells - 1) / 2,
                          .area_error = 0.012};
    c->pairs = malloc((size_t)cells * sizeof *c->pairs);
    c->covariance = case_array(cells, 0);
    c->correlation = case_array(cells, 0);
    c->white = case_array(cells, 0.001);
    c->bartlett = case_array(cells, 0.0013);
    c->jackknife = case_array(cells, 0.002);
    for (int64_t k = 0; k < cells; k++) {
        double rho = case_lag((double)(k / size - lag), (double)(k % size - lag), wiggle);
        c->pairs[k] = 1000000;
        c->correlation[k] = rho;
        c->covariance[k] = rho * c->variance;
        c->area_factor += rho;
    }
}

static inline void case_stack(correlation_case *c, int64_t lag)
{
    int64_t cells = (2 * lag + 1) * (2 * lag + 1);
    c->stack =
        (wk_correlation_stack){.lag = lag,
                               .size = 2 * lag + 1,
                               .count = (int64_t)c->count,
                               .weighted = case_array(cells, 0),
                               .weighted_error = case_array(cells, 0.002 / sqrt((double)c->count)),
                               .outlier = case_array((int64_t)c->count, 1.5)};
    for (int64_t k = 0; k < cells; k++)
        for (size_t n = 0; n < c->count; n++)
            c->stack.weighted[k] += c->images[n].correlation[k];
    for (int64_t k = 0; k < cells; k++)
        c->stack.weighted[k] /= (double)c->count;
}

/* What the case's lags amount to: 1 + 2 sum over half a plane. */
static inline double case_power(const wk_correlation *c, double fy, double fx)
{
    double sum = 0;
    for (int64_t k = 0; k < c->size * c->size; k++)
        sum += c->correlation[k] *
               cos(8 * atan(1) *
                   (fy * (double)(k / c->size - c->lag) + fx * (double)(k % c->size - c->lag)));
    return sum;
}

static inline void case_spectrum(correlation_case *c, int64_t n)
{
    int64_t half = n / 2 + 1, bins = half;
    c->power = (wk_correlation_power){.n = n,
                                      .power = case_array(n * n, 0),
                                      .bins = bins,
                                      .frequency = case_array(bins, 0),
                                      .radial = case_array(bins, 0),
                                      .along_x = case_array(half, 0),
                                      .along_y = case_array(half, 0)};
    for (int64_t k = 0; k < n * n; k++) {
        c->power.power[k] = case_power(&c->images[0], (double)(k / n - n / 2) / (double)n,
                                       (double)(k % n - n / 2) / (double)n);
        c->power.negative += c->power.power[k] < 0;
    }
    for (int64_t k = 0; k < half; k++) {
        double f = (double)k / (double)n;
        c->power.frequency[k] = f * 1.41;
        c->power.along_x[k] = case_power(&c->images[0], 0, f);
        c->power.along_y[k] = case_power(&c->images[0], f, 0);
        c->power.radial[k] = 0.5 * (c->power.along_x[k] + c->power.along_y[k]);
    }
}

/* count images of this lag; n: frequencies of the spectrum. */
static inline correlation_case *case_make(size_t count, int64_t lag, int64_t n)
{
    correlation_case *c = calloc(1, sizeof *c);
    c->count = count;
    for (size_t k = 0; k < count; k++) {
        case_image(&c->images[k], lag, 0.004 * sin(1.7 * (double)k + 0.6));
        c->pointers[k] = &c->images[k];
        snprintf(c->names[k], sizeof c->names[k], "exposure-%04zu.fits[1]", k + 1);
        c->labels[k] = c->names[k];
    }
    case_stack(c, lag);
    case_spectrum(c, n);
    return c;
}

static inline void case_free(correlation_case *c)
{
    for (size_t k = 0; k < c->count; k++) {
        double *const arrays[CASE_ARRAYS] = {c->images[k].covariance, c->images[k].correlation,
                                             c->images[k].white,      c->images[k].bartlett,
                                             c->images[k].jackknife,  NULL};
        for (int n = 0; n < CASE_ARRAYS; n++)
            free(arrays[n]);
        free(c->images[k].pairs);
    }
    free(c->stack.weighted);
    free(c->stack.weighted_error);
    free(c->stack.outlier);
    free(c->power.power);
    free(c->power.frequency);
    free(c->power.radial);
    free(c->power.along_x);
    free(c->power.along_y);
    free(c);
}

#endif
