#include "figure_lag.h"

#include <math.h>
#include <stdlib.h>

static double read_at(const double *array, int64_t index)
{
    return array ? array[index] : (double)NAN;
}

int64_t wk_lag_index(int64_t lag, int64_t dy, int64_t dx)
{
    return (dy + lag) * (2 * lag + 1) + dx + lag;
}

/* The errors in order of preference. */
static double error_kind(const wk_correlation *correlation, int kind, int64_t index)
{
    const double *const arrays[] = {correlation->jackknife, correlation->bartlett,
                                    correlation->white};
    return read_at(arrays[kind], index);
}

double wk_lag_error(const wk_correlation *correlation, int64_t index)
{
    for (int kind = 0; kind < 3; kind++) {
        double error = error_kind(correlation, kind, index);
        if (isfinite(error))
            return error;
    }
    return (double)NAN;
}

const char *wk_lag_error_name(const wk_correlation_picture *picture)
{
    static const char *const names[] = {"jackknife", "Bartlett's formula", "white noise"};
    const wk_correlation *first = picture->correlations[0];
    if (picture->stack)
        return "of the mean";
    for (int kind = 0; kind < 3; kind++)
        for (int64_t k = 0; k < first->size * first->size; k++)
            if (k != wk_lag_index(first->lag, 0, 0) && isfinite(error_kind(first, kind, k)))
                return names[kind];
    return "none";
}

double wk_lag_value_shown(const wk_correlation_picture *picture, int64_t index)
{
    return picture->stack ? read_at(picture->stack->weighted, index)
                          : read_at(picture->correlations[0]->correlation, index);
}

double wk_lag_error_shown(const wk_correlation_picture *picture, int64_t index)
{
    return picture->stack ? read_at(picture->stack->weighted_error, index)
                          : wk_lag_error(picture->correlations[0], index);
}

/* Of a stack: that of all images' pairs together. */
double wk_lag_white_shown(const wk_correlation_picture *picture, int64_t index)
{
    double pairs = 0;
    size_t count = picture->stack ? picture->count : 1;
    for (size_t k = 0; k < count; k++) {
        double white = read_at(picture->correlations[k]->white, index);
        if (isfinite(white) && white > 0)
            pairs += 1 / (white * white);
    }
    return pairs > 0 ? 1 / sqrt(pairs) : (double)NAN;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

wk_lag_spread wk_lag_spread_find(double *values, size_t count)
{
    wk_lag_spread spread = {(double)NAN, (double)NAN, (double)NAN, 0};
    for (size_t k = 0; k < count; k++)
        if (isfinite(values[k]))
            values[spread.known++] = values[k];
    if (spread.known == 0)
        return spread;
    qsort(values, spread.known, sizeof *values, ascending);
    double lower = values[(spread.known - 1) / 2], upper = values[spread.known / 2];
    spread.low = values[0];
    spread.median = lower + (upper - lower) / 2;
    spread.high = values[spread.known - 1];
    return spread;
}

int wk_lag_outlying(const wk_correlation_picture *picture, size_t image)
{
    return picture->stack && picture->stack->outlier &&
           picture->stack->outlier[image] > WK_CORRELATION_OUTLIER;
}

size_t wk_lag_outliers(const wk_correlation_picture *picture)
{
    size_t count = 0;
    for (size_t k = 0; k < picture->count; k++)
        count += (size_t)wk_lag_outlying(picture, k);
    return count;
}
