#include "correlation.h"

#include <math.h>
#include <stdlib.h>

#include "memory.h"
#include "status.h"

/* Standard deviation of a normal distribution over its median absolute deviation. */
#define MAD_TO_SIGMA 1.4826022185056018

static int compare_numbers(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The middle, or the mean of the middle pair, of values that are put in order. */
static double median(double *values, size_t n)
{
    if (n == 0)
        return (double)NAN;
    qsort(values, n, sizeof *values, compare_numbers);
    return 0.5 * (values[(n - 1) / 2] + values[n / 2]);
}

/* The error of one image's lag: jackknife, else Bartlett; NaN if neither is of use. */
static double error_of(const wk_correlation *of, int64_t at)
{
    if (of->jackknife[at] > 0.0 && isfinite(of->jackknife[at]))
        return of->jackknife[at];
    return of->bartlett[at] > 0.0 ? of->bartlett[at] : (double)NAN;
}

static void weigh(wk_correlation_stack *out, const wk_correlation *const *from, int64_t at)
{
    double pairs = 0.0, sum = 0.0, weights = 0.0, weighted = 0.0;
    for (int64_t i = 0; i < out->count; i++) {
        double rho = from[i]->correlation[at], n = (double)from[i]->pairs[at];
        double error = error_of(from[i], at), weight = 1.0 / (error * error);
        if (!isfinite(rho))
            continue;
        pairs += n;
        sum += n * rho;
        weights += isfinite(weight) ? weight : 0.0;
        weighted += isfinite(weight) ? weight * rho : 0.0;
    }
    out->pairs_mean[at] = pairs > 0.0 ? sum / pairs : (double)NAN;
    out->weighted[at] = weights > 0.0 ? weighted / weights : (double)NAN;
    out->weighted_error[at] = weights > 0.0 ? 1.0 / sqrt(weights) : (double)NAN;
}

/* Median, robust scatter, and how far off each image is. */
static void compare(wk_correlation_stack *out, const wk_correlation *const *from, int64_t at,
                    double *room)
{
    size_t n = 0;
    for (int64_t i = 0; i < out->count; i++)
        if (isfinite(from[i]->correlation[at]))
            room[n++] = from[i]->correlation[at];
    double middle = median(room, n);
    for (size_t i = 0; i < n; i++)
        room[i] = fabs(room[i] - middle);
    double scatter = n > 1 ? MAD_TO_SIGMA * median(room, n) : (double)NAN;
    out->median[at] = middle;
    out->scatter[at] = scatter;
    for (int64_t i = 0; i < out->count && scatter > 0.0; i++) {
        double off = fabs(from[i]->correlation[at] - middle) / scatter;
        if (isfinite(off) && !(out->outlier[i] >= off))
            out->outlier[i] = off;
    }
}

static void join(wk_correlation_stack *out, const wk_correlation *const *from, double *room)
{
    int64_t center = out->size * out->size / 2;
    for (int64_t i = 0; i < out->count; i++)
        out->outlier[i] = (double)NAN;
    for (int64_t at = 0; at < out->size * out->size; at++) {
        weigh(out, from, at);
        compare(out, from, at, room);
    }
    if (isfinite(out->pairs_mean[center])) { /* 1 by definition, without error */
        out->weighted[center] = 1.0;
        out->weighted_error[center] = 0.0;
    }
}

static wk_status check(const wk_correlation *const *correlations, size_t count, wk_error *error)
{
    if (count < 1)
        return wk_error_set(error, WK_ARGUMENT, "", "there is no measurement to join");
    for (size_t i = 1; i < count; i++)
        if (correlations[i]->lag != correlations[0]->lag)
            return wk_error_set(error, WK_ARGUMENT, "",
                                "measurement %zu has lags to %lld, the first one to %lld", i,
                                (long long)correlations[i]->lag, (long long)correlations[0]->lag);
    return WK_OK;
}

static wk_correlation_stack *create(int64_t lag, size_t images, wk_error *error)
{
    wk_correlation_stack *made = wk_memory_new(1, sizeof *made, error);
    if (!made)
        return NULL;
    made->lag = lag;
    made->size = 2 * lag + 1;
    made->count = (int64_t)images;
    size_t count = (size_t)(made->size * made->size);
    made->pairs_mean = wk_memory_new(count, sizeof(double), error);
    made->weighted = wk_memory_new(count, sizeof(double), error);
    made->weighted_error = wk_memory_new(count, sizeof(double), error);
    made->median = wk_memory_new(count, sizeof(double), error);
    made->scatter = wk_memory_new(count, sizeof(double), error);
    made->outlier = wk_memory_new(images, sizeof(double), error);
    if (made->pairs_mean && made->weighted && made->weighted_error && made->median &&
        made->scatter && made->outlier)
        return made;
    wk_correlation_stack_free(made);
    return NULL;
}

wk_status wk_correlation_stack_make(wk_correlation_stack **out,
                                    const wk_correlation *const *correlations, size_t count,
                                    wk_error *error)
{
    *out = NULL;
    wk_status status = check(correlations, count, error);
    if (status != WK_OK)
        return status;
    double *room = wk_memory_raw(count, sizeof *room, error);
    wk_correlation_stack *made = room ? create(correlations[0]->lag, count, error) : NULL;
    if (made)
        join(made, correlations, room);
    wk_memory_free(room);
    *out = made;
    return made ? WK_OK : WK_MEMORY;
}

void wk_correlation_stack_free(wk_correlation_stack *stack)
{
    if (!stack)
        return;
    wk_memory_free(stack->pairs_mean);
    wk_memory_free(stack->weighted);
    wk_memory_free(stack->weighted_error);
    wk_memory_free(stack->median);
    wk_memory_free(stack->scatter);
    wk_memory_free(stack->outlier);
    wk_memory_free(stack);
}
