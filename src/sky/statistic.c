#include "welkin/statistic.h"

#include <float.h>
#include <math.h>

#include "clip.h"
#include "histogram.h"
#include "memory.h"
#include "select.h"
#include "status.h"

/* 10 float32 epsilons: a bin narrower than this is none, stsci.imagestats says. */
#define BIN_LEAST (10.0 * 1.1920928955078125e-07)

wk_statistic_options wk_statistic_options_default(void)
{
    wk_statistic_options options = {
        WK_STATISTIC_MEDIAN, (double)NAN, (double)NAN, 5, 4.0, 4.0, 0.1, 0};
    return options;
}

static wk_status check_positive(double value, const char *name, wk_error *error)
{
    if (value > 0.0 && isfinite(value))
        return WK_OK;
    return wk_error_set(error, WK_ARGUMENT, name, "%s is %g; it must be positive and finite", name,
                        value);
}

static wk_status check_limits(const wk_statistic_options *options, wk_error *error)
{
    if (options->lower > options->upper)
        return wk_error_set(error, WK_ARGUMENT, "lower",
                            "lower limit %g lies above the upper limit %g", options->lower,
                            options->upper);
    return WK_OK;
}

wk_status wk_statistic_check(const wk_statistic_options *options, wk_error *error)
{
    if (!options)
        return WK_OK;
    if (options->statistic < WK_STATISTIC_MEAN || options->statistic > WK_STATISTIC_MIDPT)
        return wk_error_set(error, WK_ARGUMENT, "statistic", "statistic %d is not known",
                            (int)options->statistic);
    if (options->nclip < 0)
        return wk_error_set(error, WK_ARGUMENT, "nclip", "nclip is %d; it must not be negative",
                            options->nclip);
    wk_status status = check_limits(options, error);
    if (status == WK_OK)
        status = check_positive(options->lsigma, "lsigma", error);
    if (status == WK_OK)
        status = check_positive(options->usigma, "usigma", error);
    if (status == WK_OK)
        status = check_positive(options->bin_width, "bin-width", error);
    return status;
}

void wk_statistic_scratch_release(wk_statistic_scratch *scratch)
{
    if (!scratch)
        return;
    wk_memory_free(scratch->memory);
    scratch->memory = NULL;
    scratch->size = 0;
}

/* The absolute least width of a bin is right for data near 1; below, it goes with them. */
static double bin_least(const wk_clip *all)
{
    double size = fmax(fabs((double)all->min), fabs((double)all->max));
    if (all->options->compat || size > 1.0)
        return BIN_LEAST;
    return fmax(BIN_LEAST * size, (double)FLT_MIN);
}

static wk_status histogram_shape(wk_histogram *histogram, const wk_clip *all, wk_error *error)
{
    double extent = (double)all->max - (double)all->min, least = bin_least(all);
    double width = all->options->bin_width * (double)all->stddev;
    *histogram = (wk_histogram){all->min, extent, width, 1, NULL};
    if (width < least || fabs(extent) < least || width > extent)
        return WK_OK;
    if (isnan(width))
        return wk_error_set(error, WK_NO_DATA, "", "one pixel has no scatter to make bins of");
    if (!(extent / width < (double)WK_HISTOGRAM_MOST))
        return wk_error_set(error, WK_ARGUMENT, "bin-width",
                            "bin width %g would need %.3g bins for values from %.9g to %.9g",
                            all->options->bin_width, extent / width, (double)all->min,
                            (double)all->max);
    histogram->bins = (int64_t)(extent / width) + 1;
    histogram->spacing = extent / (double)(histogram->bins - 1);
    return WK_OK;
}

static wk_status histogram_make(wk_histogram *histogram, wk_clip *all, wk_error *error)
{
    size_t size = (size_t)(WK_HISTOGRAM_PARTS * (histogram->bins + 1)) * sizeof *histogram->counts;
    histogram->counts = wk_clip_room(all->scratch, size, error);
    if (!histogram->counts)
        return WK_MEMORY;
    histogram->counts[0] = 0;
    if (histogram->spacing > 0.0)
        wk_histogram_fill(histogram, all->values, all->n);
    return WK_OK;
}

static wk_status median(double *value, wk_clip *all, wk_error *error)
{
    if (wk_clip_median(value, all)) {
        *value = (double)(float)*value;
        return WK_OK;
    }
    wk_selection from = {all->values, all->n, all->lo, all->hi, all->kept};
    if (all->options->compat && all->options->nclip == 0)
        from = (wk_selection){all->values, all->n, -INFINITY, INFINITY, all->n};
    void *room = wk_clip_room(all->scratch, wk_select_room(all->n, 2), error);
    if (!room)
        return WK_MEMORY;
    *value = (double)(float)wk_select_median(&from, room);
    return WK_OK;
}

/* All pixels in one bin.  stcal's midpt is the count of that bin, and its mode has no scatter to
 * go by when there is but one pixel. */
static wk_status one_bin(double *value, const wk_histogram *histogram, wk_clip *all,
                         wk_error *error)
{
    int mode = all->options->statistic == WK_STATISTIC_MODE;
    if (all->options->compat)
        *value =
            mode ? (double)histogram->start + 0.5 * histogram->width : (double)histogram->counts[0];
    else if (mode && all->kept > 1)
        *value = (double)histogram->start + 0.5 * histogram->width;
    else
        return median(value, all, error);
    return WK_OK;
}

static wk_status from_histogram(double *value, wk_clip *all, wk_error *error)
{
    wk_histogram histogram;
    wk_status status = histogram_shape(&histogram, all, error);
    if (status == WK_OK)
        status = histogram_make(&histogram, all, error);
    if (status != WK_OK)
        return status;
    if (histogram.bins == 1)
        return one_bin(value, &histogram, all, error);
    *value = all->options->statistic == WK_STATISTIC_MODE ? wk_histogram_mode(&histogram)
                                                          : wk_histogram_midpoint(&histogram);
    return WK_OK;
}

static wk_status evaluate(double *value, wk_clip *all, wk_error *error)
{
    wk_status status = WK_OK;
    switch (all->options->statistic) {
    case WK_STATISTIC_MEAN:
        *value = (double)all->mean;
        break;
    case WK_STATISTIC_MEDIAN:
        status = median(value, all, error);
        break;
    default:
        status = from_histogram(value, all, error);
    }
    if (status == WK_OK && !isfinite(*value))
        return wk_error_set(error, WK_NO_DATA, "", "the statistic of %lld pixels is not finite",
                            (long long)all->kept);
    return status;
}

static wk_status run(wk_measure *out, wk_clip *all, wk_error *error)
{
    if (all->n < 1)
        return wk_error_set(error, WK_NO_DATA, "", "there is no pixel to measure");
    wk_status status = wk_clip_run(all, error);
    if (status != WK_OK)
        return status;
    double value = (double)NAN;
    status = evaluate(&value, all, error);
    if (status == WK_OK)
        *out = (wk_measure){
            value,    (double)all->mean, (double)all->stddev, (double)all->min, (double)all->max,
            all->kept};
    return status;
}

wk_status wk_statistic_measure(wk_measure *out, const float *values, int64_t n,
                               const wk_statistic_options *options, wk_statistic_scratch *scratch,
                               wk_error *error)
{
    const double none = (double)NAN;
    *out = (wk_measure){none, none, none, none, none, 0};
    wk_status status = wk_statistic_check(options, error);
    if (status != WK_OK)
        return status;
    wk_statistic_options defaults = wk_statistic_options_default();
    wk_statistic_scratch own = {NULL, 0};
    wk_clip all = {.values = values, .n = n, .options = options ? options : &defaults};
    all.scratch = scratch ? scratch : &own;
    all.lower = isnan(all.options->lower) ? -INFINITY : (float)all.options->lower;
    all.upper = isnan(all.options->upper) ? INFINITY : (float)all.options->upper;
    status = run(out, &all, error);
    wk_statistic_scratch_release(&own);
    return status;
}
