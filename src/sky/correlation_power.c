#include "correlation.h"

#include <math.h>

#include "memory.h"
#include "status.h"

enum { SIDE_MAX = 8192 };

/* Powers that differ from 0 by rounding alone are not counted as negative. */
#define ROUNDING 1e-12

/* cos and sin of 2 pi i / n. */
typedef struct circle {
    int64_t n;
    double *cosine, *sine;
} circle;

static wk_status circle_make(circle *made, int64_t n, wk_error *error)
{
    made->n = n;
    made->cosine = wk_memory_raw((size_t)n, sizeof(double), error);
    made->sine = wk_memory_raw((size_t)n, sizeof(double), error);
    if (!made->cosine || !made->sine)
        return WK_MEMORY;
    for (int64_t i = 0; i < n; i++) {
        made->cosine[i] = cos(2.0 * M_PI * (double)i / (double)n);
        made->sine[i] = sin(2.0 * M_PI * (double)i / (double)n);
    }
    return WK_OK;
}

static void circle_release(circle *of)
{
    wk_memory_free(of->cosine);
    wk_memory_free(of->sine);
}

/* The place of frequency k / n times a lag. */
static int64_t turn(const circle *of, int64_t k, int64_t lag)
{
    int64_t at = k * lag % of->n;
    return at < 0 ? at + of->n : at;
}

/* Add one row of lags: rho's transform along the row, turned for every row of frequencies. */
static void add_lags(wk_correlation_power *out, const wk_correlation *from, const circle *round,
                     int64_t dy)
{
    int64_t n = out->n, lag = from->lag;
    const double *rho = from->correlation + (dy + lag) * from->size + lag;
    for (int64_t x = 0; x < n; x++) {
        double even = 0.0, odd = 0.0;
        for (int64_t dx = -lag; dx <= lag; dx++) {
            int64_t at = turn(round, x - n / 2, dx);
            even += isfinite(rho[dx]) ? rho[dx] * round->cosine[at] : 0.0;
            odd += isfinite(rho[dx]) ? rho[dx] * round->sine[at] : 0.0;
        }
        for (int64_t y = 0; y < n; y++) {
            int64_t at = turn(round, y - n / 2, dy);
            out->power[y * n + x] += round->cosine[at] * even - round->sine[at] * odd;
        }
    }
}

/* Means over rings of frequencies, each as wide as one step. */
static wk_status add_rings(wk_correlation_power *out, wk_error *error)
{
    int64_t n = out->n;
    int64_t *count = wk_memory_new((size_t)out->bins, sizeof *count, error);
    if (!count)
        return WK_MEMORY;
    for (int64_t i = 0; i < n * n; i++) {
        double radius = hypot((double)(i / n - n / 2), (double)(i % n - n / 2));
        int64_t bin = llrint(radius);
        out->frequency[bin] += radius / (double)n;
        out->radial[bin] += out->power[i];
        count[bin]++;
        out->negative += out->power[i] < -ROUNDING;
    }
    for (int64_t bin = 0; bin < out->bins; bin++) {
        out->frequency[bin] /= (double)count[bin];
        out->radial[bin] /= (double)count[bin];
    }
    wk_memory_free(count);
    return WK_OK;
}

/* Frequency 1/2 is that of -1/2. */
static void add_axes(wk_correlation_power *out)
{
    int64_t n = out->n;
    for (int64_t i = 0; i <= n / 2; i++) {
        int64_t at = n / 2 + i < n ? n / 2 + i : n / 2 - i;
        out->along_x[i] = out->power[n / 2 * n + at];
        out->along_y[i] = out->power[at * n + n / 2];
    }
}

static wk_correlation_power *create(int64_t n, wk_error *error)
{
    wk_correlation_power *made = wk_memory_new(1, sizeof *made, error);
    if (!made)
        return NULL;
    made->n = n;
    made->bins = llrint(hypot((double)(n / 2), (double)(n / 2))) + 1;
    made->power = wk_memory_new((size_t)n * (size_t)n, sizeof(double), error);
    made->frequency = wk_memory_new((size_t)made->bins, sizeof(double), error);
    made->radial = wk_memory_new((size_t)made->bins, sizeof(double), error);
    made->along_x = wk_memory_new((size_t)(n / 2 + 1), sizeof(double), error);
    made->along_y = wk_memory_new((size_t)(n / 2 + 1), sizeof(double), error);
    if (made->power && made->frequency && made->radial && made->along_x && made->along_y)
        return made;
    wk_correlation_power_free(made);
    return NULL;
}

wk_status wk_correlation_power_make(wk_correlation_power **out, const wk_correlation *correlation,
                                    int64_t n, wk_error *error)
{
    *out = NULL;
    if (n < 1 || n > SIDE_MAX)
        return wk_error_set(error, WK_ARGUMENT, "n",
                            "a spectrum of %lld frequencies; it must be 1..%d", (long long)n,
                            SIDE_MAX);
    if (!(correlation->variance > 0.0))
        return wk_error_set(error, WK_NO_DATA, "", "the variance is %g: there is no spectrum",
                            correlation->variance);
    circle round = {0};
    wk_status status = circle_make(&round, n, error);
    wk_correlation_power *made = status == WK_OK ? create(n, error) : NULL;
    if (made) {
        for (int64_t dy = -correlation->lag; dy <= correlation->lag; dy++)
            add_lags(made, correlation, &round, dy);
        add_axes(made);
        status = add_rings(made, error);
    } else {
        status = WK_MEMORY;
    }
    circle_release(&round);
    if (status == WK_OK)
        *out = made;
    else
        wk_correlation_power_free(made);
    return status;
}

void wk_correlation_power_free(wk_correlation_power *power)
{
    if (!power)
        return;
    wk_memory_free(power->power);
    wk_memory_free(power->frequency);
    wk_memory_free(power->radial);
    wk_memory_free(power->along_x);
    wk_memory_free(power->along_y);
    wk_memory_free(power);
}
