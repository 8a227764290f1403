#include "cell.h"

#include <float.h>
#include <math.h>

#include "memory.h"
#include "moment.h"
#include "select.h"

/* Half the width of a Gaussian's quartiles in standard deviations, inverted: LSST's constant. */
#define SIGMA_OF_IQR 0.741301109252802
#define HALF_PI      1.5707963267948966
/* Standard error of 2.5 median - 1.5 mean of a Gaussian, in sigma / sqrt(n): the covariance of mean
 * and median is sigma^2 / n. */
#define MODE_ERROR 2.1371

void wk_cell_scratch_release(wk_cell_scratch *scratch)
{
    wk_memory_free(scratch->select);
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
    void *room;
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

static wk_selection selected(const sample *s)
{
    return (wk_selection){s->values, s->n, s->lo, s->hi, s->moment.count};
}

static double median_of(const sample *s)
{
    wk_selection from = selected(s);
    return wk_select_median(&from, s->room);
}

/* Linear between the neighbouring order statistics, at fraction * (n - 1). */
static double quantile_of(const sample *s, double fraction)
{
    wk_selection from = selected(s);
    double place = fraction * (double)(from.kept - 1);
    int64_t rank = (int64_t)place;
    int64_t ranks[2] = {rank, rank + 1};
    float pair[2];
    double part = place - (double)rank;
    wk_select_ranks(pair, ranks, part > 0.0 ? 2 : 1, &from, s->room);
    return part > 0.0 ? (double)pair[0] * (1.0 - part) + (double)pair[1] * part : (double)pair[0];
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
    double quarter = quantile_of(s, 0.25), half = median_of(s), three = quantile_of(s, 0.75);
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

static wk_status absolute_deviations(double *mad, const sample *s, double center,
                                     wk_cell_scratch *scratch, wk_error *error)
{
    int64_t kept = 0;
    wk_status status = wk_memory_reserve((void **)&scratch->copy, &scratch->copy_room, (size_t)s->n,
                                         sizeof *scratch->copy, error);
    if (status != WK_OK)
        return status;
    for (int64_t i = 0; i < s->n; i++) {
        float value = s->values[i];
        scratch->copy[kept] = (float)fabs((double)value - center);
        kept += (value >= s->lo) & (value <= s->hi);
    }
    wk_selection from = {scratch->copy, kept, 0.0F, INFINITY, kept};
    *mad = wk_select_median(&from, s->room);
    return WK_OK;
}

/* One step from the median, as Beers, Flynn and Gebhardt (1990) have it. */
static wk_status biweight(double *level, const sample *s, double median, wk_cell_scratch *scratch,
                          wk_error *error)
{
    double mad, sum = 0.0, weights = 0.0;
    wk_status status = absolute_deviations(&mad, s, median, scratch, error);
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
static sample take(const float *values, int64_t n, void *room)
{
    wk_moment all = wk_moment_range(values, n, -FLT_MAX, FLT_MAX, values[0]);
    float mean = (float)wk_moment_mean(&all);
    all = wk_moment_range(values, n, -FLT_MAX, FLT_MAX, mean);
    return (sample){values, n, -FLT_MAX, FLT_MAX, all, room};
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
    wk_status status =
        wk_memory_reserve(&scratch->select, &scratch->select_room, wk_select_room(n, 2), 1, error);
    if (status != WK_OK)
        return status;
    sample s = take(values, n, scratch->select);
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
