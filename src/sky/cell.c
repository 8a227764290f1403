#include "cell.h"

#include <float.h>
#include <math.h>

#include "memory.h"
#include "moment.h"
#include "order.h"

/* Half the width of a Gaussian's quartiles in standard deviations, inverted: LSST's constant. */
#define SIGMA_OF_IQR 0.741301109252802
#define HALF_PI      1.5707963267948966
/* Standard error of 2.5 median - 1.5 mean of a Gaussian, in sigma / sqrt(n): the covariance of mean
 * and median is sigma^2 / n. */
#define MODE_ERROR 2.1371

void wk_cell_scratch_release(wk_cell_scratch *scratch)
{
    wk_memory_free(scratch->order);
    wk_memory_free(scratch->more);
    wk_memory_free(scratch->copy);
    wk_memory_free(scratch->sums);
    *scratch = (wk_cell_scratch){0};
}

/* The pixels of a cell between two limits. */
typedef struct sample {
    const float *values;
    int64_t n;
    float lo, hi;
    wk_moment moment; /* of those between */
    const wk_order *order;
} sample;

/* The least float not below a limit, and the greatest not above it. */
static float float_up(double limit)
{
    float value = (float)limit;
    return (double)value < limit ? nextafterf(value, INFINITY) : value;
}

static float float_down(double limit)
{
    float value = (float)limit;
    return (double)value > limit ? nextafterf(value, -INFINITY) : value;
}

/* Sums are about the center: those of equal values among others then are exact, so that their mean
 * lies within limits that allow no scatter. */
static void restrict_to(sample *s, double center, double half)
{
    s->lo = float_up(center - half);
    s->hi = float_down(center + half);
    s->moment = wk_moment_range(s->values, s->n, s->lo, s->hi, (float)center);
}

static double median_of(const sample *s)
{
    int64_t first = s->moment.count == s->n ? 0 : wk_order_below(s->order, s->lo);
    return s->moment.count > 0 ? wk_order_median(s->order, first, s->moment.count) : (double)NAN;
}

static double unbiased(const wk_moment *moment)
{
    return wk_moment_scatter(moment, wk_moment_mean(moment));
}

static double population(const wk_moment *moment)
{
    double n = (double)moment->count;
    return moment->count < 2 ? 0.0 : unbiased(moment) * sqrt((n - 1.0) / n);
}

/* Every pass looks at all pixels again; there is no test of convergence, but limits that stay give
 * the same pixels ever after. */
static wk_cell meanclip(sample *s, const wk_background_options *options)
{
    double quarter = wk_order_quantile(s->order, 0.25), half = median_of(s);
    double three = wk_order_quantile(s->order, 0.75);
    double width = options->sigma * SIGMA_OF_IQR * (three - quarter);
    restrict_to(s, half, width);
    for (int pass = 1; pass < options->iterations && s->n > 1; pass++) {
        float lo = s->lo, hi = s->hi;
        double center = wk_moment_mean(&s->moment);
        restrict_to(s, center, options->sigma * unbiased(&s->moment));
        if (s->moment.count < 1 || (lo >= s->lo && lo <= s->lo && hi >= s->hi && hi <= s->hi))
            break;
    }
    double rms = unbiased(&s->moment);
    return (wk_cell){wk_moment_mean(&s->moment), rms / sqrt((double)s->moment.count), rms,
                     s->moment.count};
}

/* Clip about the median; what is out stays out. */
static void clip_about_median(sample *s, const wk_background_options *options)
{
    for (int round = 0; round < options->iterations; round++) {
        int64_t before = s->moment.count;
        float lo = s->lo, hi = s->hi;
        double center = median_of(s);
        restrict_to(s, center, options->sigma * population(&s->moment));
        if (s->lo < lo || s->hi > hi) {
            s->lo = s->lo < lo ? lo : s->lo;
            s->hi = s->hi > hi ? hi : s->hi;
            s->moment = wk_moment_range(s->values, s->n, s->lo, s->hi, (float)center);
        }
        if (s->moment.count == before)
            break;
    }
}

static double mode_of(double median, double mean, double rms)
{
    if (!(rms > 0.0))
        return mean;
    return fabs(mean - median) / rms < 0.3 ? 2.5 * median - 1.5 * mean : median;
}

/* The median of the absolute deviations from center of the values kept. */
static wk_status median_deviation(double *out, const sample *s, double center,
                                  wk_cell_scratch *scratch, wk_error *error)
{
    wk_order order;
    int64_t kept = 0;
    wk_status status = wk_memory_reserve((void **)&scratch->copy, &scratch->copy_room, (size_t)s->n,
                                         sizeof *scratch->copy, error);
    if (status == WK_OK)
        status =
            wk_memory_reserve(&scratch->more, &scratch->more_room, wk_order_room(s->n), 1, error);
    if (status != WK_OK)
        return status;
    for (int64_t i = 0; i < s->n; i++) {
        float value = s->values[i];
        scratch->copy[kept] = (float)fabs((double)value - center);
        kept += (value >= s->lo) & (value <= s->hi);
    }
    *out = (double)NAN;
    if (kept > 0) {
        wk_order_make(&order, scratch->copy, kept, scratch->more);
        *out = wk_order_median(&order, 0, kept);
    }
    return WK_OK;
}

/* One step from the median, as Beers, Flynn and Gebhardt (1990) have it. */
static wk_status biweight(double *level, const sample *s, double median, wk_cell_scratch *scratch,
                          wk_error *error)
{
    double mad, sum = 0.0, weights = 0.0;
    wk_status status = median_deviation(&mad, s, median, scratch, error);
    *level = median;
    if (status != WK_OK || !(mad > 0.0))
        return status;
    for (int64_t i = 0; i < s->n; i++) {
        float value = s->values[i];
        double step = (double)value - median, u = step / (6.0 * mad);
        double weight = (1.0 - u * u) * (1.0 - u * u);
        int used = (value >= s->lo) & (value <= s->hi) & (fabs(u) < 1.0);
        sum += used ? weight * step : 0.0;
        weights += used ? weight : 0.0;
    }
    *level = median + sum / weights;
    return WK_OK;
}

static wk_status central(wk_cell *out, sample *s, const wk_background_options *options,
                         wk_cell_scratch *scratch, wk_error *error)
{
    int clipped = options->clip == WK_CLIP_MEDIAN;
    wk_status status = WK_OK;
    if (clipped)
        clip_about_median(s, options);
    double mean = wk_moment_mean(&s->moment);
    double median = options->statistic == WK_CELL_MEAN ? mean : median_of(s);
    out->rms = clipped ? population(&s->moment) : unbiased(&s->moment);
    out->count = s->moment.count;
    double error_of_mean = unbiased(&s->moment) / sqrt((double)s->moment.count);
    out->level = mean;
    out->error = error_of_mean;
    if (options->statistic == WK_CELL_MEDIAN) {
        out->level = median;
        out->error = sqrt(HALF_PI) * error_of_mean;
    } else if (options->statistic == WK_CELL_MODE) {
        out->level = mode_of(median, mean, population(&s->moment));
        out->error = MODE_ERROR * error_of_mean;
    } else if (options->statistic == WK_CELL_BIWEIGHT) {
        status = biweight(&out->level, s, median, scratch, error);
    }
    return status;
}

/* A shift near the values keeps the digits of the scatter. */
static sample take(const float *values, int64_t n, const wk_order *order)
{
    float shift = wk_order_rank(order, n / 2);
    wk_moment all = wk_moment_range(values, n, -FLT_MAX, FLT_MAX, shift);
    return (sample){values, n, -FLT_MAX, FLT_MAX, all, order};
}

wk_status wk_cell_measure(wk_cell *out, const float *values, int64_t n, int64_t area,
                          const wk_background_options *options, wk_cell_scratch *scratch,
                          wk_error *error)
{
    *out = (wk_cell){(double)NAN, (double)NAN, (double)NAN, 0};
    double least = options->minimum_good * (double)area;
    if (n < 1 || (double)n < least)
        return WK_OK;
    if (options->statistic == WK_CELL_SEXTRACTOR)
        return wk_cell_sextractor(out, values, n, scratch, error);
    wk_order order;
    wk_status status =
        wk_memory_reserve(&scratch->order, &scratch->order_room, wk_order_room(n), 1, error);
    if (status != WK_OK)
        return status;
    wk_order_make(&order, values, n, scratch->order);
    sample s = take(values, n, &order);
    if (options->statistic == WK_CELL_MEANCLIP)
        *out = meanclip(&s, options);
    else
        status = central(out, &s, options, scratch, error);
    /* photutils drops cells of which clipping took too much, too; a limit below one deviation can
     * take all */
    if (out->count < 1 || (options->mesh == WK_MESH_PHOTUTILS && (double)out->count < least))
        *out = (wk_cell){(double)NAN, (double)NAN, (double)NAN, 0};
    return status;
}
