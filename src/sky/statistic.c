#include "welkin/statistic.h"

#include <float.h>
#include <math.h>

#include "histogram.h"
#include "memory.h"
#include "moment.h"
#include "select.h"
#include "status.h"

enum { SAMPLE_FEW = 256, SAMPLE_MANY = 4096, SPLIT_FROM = 4096, TAIL_SPARE = 256 };

/* 10 float32 epsilons: a bin narrower than this is none, stsci.imagestats says. */
#define BIN_LEAST (10.0 * 1.1920928955078125e-07)

/* One measurement under way. */
typedef struct work {
    const float *values;
    int64_t n;
    const wk_statistic_options *options;
    wk_statistic_scratch *scratch;
    float lower, upper; /* the user's limits, or the infinities */
    float lo, hi;       /* of the present round */
    float shift;        /* near the mean */
    int split;          /* core and tail together are all values within lower and upper */
    wk_moment core;     /* of the values in core_lo..core_hi */
    float core_lo, core_hi;
    wk_moment_tail tail;
    int64_t kept; /* results of the last round */
    float mean, stddev, min, max;
} work;

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

/* At least size bytes, whose content is lost. */
static void *scratch_room(wk_statistic_scratch *scratch, size_t size, wk_error *error)
{
    if (scratch->size >= size && scratch->memory)
        return scratch->memory;
    wk_statistic_scratch_release(scratch);
    scratch->memory = wk_memory_raw(size, 1, error);
    scratch->size = scratch->memory ? size : 0;
    return scratch->memory;
}

static wk_status no_pixel(const work *all, wk_error *error)
{
    return wk_error_set(error, WK_NO_DATA, "", "no pixel of %lld lies between %.9g and %.9g",
                        (long long)all->n, (double)all->lo, (double)all->hi);
}

static float larger(float a, float b)
{
    return b > a ? b : a;
}

static float smaller(float a, float b)
{
    return b < a ? b : a;
}

/* The next limits from a mean and a scatter; NaN leaves those of the user. */
static void limits_next(float *lo, float *hi, const work *all, double mean, double stddev)
{
    *lo = larger(all->lower, (float)(mean - all->options->lsigma * stddev));
    *hi = smaller(all->upper, (float)(mean + all->options->usigma * stddev));
}

/* Few values from all over, one from each stretch, where no period of the data can follow. */
static int64_t sample_draw(float *sample, int64_t size, const float *values, int64_t n)
{
    int64_t stretch = n / size;
    uint32_t state = 88172645U;
    for (int64_t i = 0; i < size; i++) {
        state = state * 1664525U + 1013904223U;
        int64_t step = (int64_t)(((uint64_t)state * (uint64_t)stretch) >> 32);
        sample[i] = values[i * stretch + step];
    }
    return size;
}

static int64_t sample_size(int64_t n)
{
    int64_t size = n / 32;
    size = size < SAMPLE_FEW ? SAMPLE_FEW : size > SAMPLE_MANY ? SAMPLE_MANY : size;
    return size < n ? size : n;
}

/* Clip a sample as the whole will be, and expect its core to lie within 3/4 of the limits. */
static void guess_core(work *all, const float *sample, int64_t size)
{
    float lo = all->lower, hi = all->upper;
    wk_moment moment = wk_moment_range(sample, size, lo, hi, sample[0]);
    double mean = wk_moment_mean(&moment), stddev = wk_moment_scatter(&moment, mean);
    for (int round = 0; round < all->options->nclip && round < 10 && moment.count > 1; round++) {
        limits_next(&lo, &hi, all, mean, stddev);
        moment = wk_moment_range(sample, size, lo, hi, (float)mean);
        mean = wk_moment_mean(&moment);
        stddev = wk_moment_scatter(&moment, mean);
    }
    all->shift = isfinite((float)mean) ? (float)mean : 0.0F;
    limits_next(&all->core_lo, &all->core_hi, all, mean, 0.75 * stddev);
}

/* Sum the core once and put the rest aside: the rounds then look only at the few that they may
 * clip. */
static void split(work *all)
{
    all->tail.lower = all->lower;
    all->tail.upper = all->upper;
    all->core =
        wk_moment_split(all->values, all->n, all->core_lo, all->core_hi, all->shift, &all->tail);
    all->split = !all->tail.full;
}

static wk_status prepare(work *all, wk_error *error)
{
    int large = all->n >= SPLIT_FROM && all->options->nclip > 0;
    int64_t size = sample_size(all->n);
    int64_t room = large ? all->n / 8 + TAIL_SPARE : 0;
    float *memory = scratch_room(all->scratch, (size_t)(size + room) * sizeof *memory, error);
    if (!memory)
        return WK_MEMORY;
    sample_draw(memory, size, all->values, all->n);
    guess_core(all, memory, size);
    all->tail.values = memory;
    all->tail.room = size + room;
    if (large)
        split(all);
    return WK_OK;
}

static wk_moment sum_between(const work *all, float lo, float hi)
{
    if (!all->split || lo > all->core_lo || hi < all->core_hi)
        return wk_moment_range(all->values, all->n, lo, hi, all->shift);
    wk_moment tail = wk_moment_range(all->tail.values, all->tail.count, lo, hi, all->shift);
    return wk_moment_add(all->core, tail);
}

/* How much a badly placed shift may cost of the scatter's digits: 4 of 16. */
static int shift_is_far(const wk_moment *moment, double mean)
{
    double step = mean - moment->shift;
    double scatter = wk_moment_scatter(moment, mean);
    return moment->count > 1 && step * step > 1e4 * scatter * scatter;
}

static void round_once(work *all)
{
    wk_moment moment = sum_between(all, all->lo, all->hi);
    double mean = wk_moment_mean(&moment);
    if (shift_is_far(&moment, mean) && isfinite((float)mean)) {
        all->shift = (float)mean;
        all->split = 0;
        moment = sum_between(all, all->lo, all->hi);
        mean = wk_moment_mean(&moment);
    }
    all->kept = moment.count;
    all->mean = (float)mean;
    all->stddev = (float)wk_moment_scatter(&moment, (double)all->mean);
}

/* Rounds end early when the limits stay: all later ones would be the same. */
static wk_status clip(work *all, wk_error *error)
{
    all->lo = all->lower;
    all->hi = all->upper;
    for (int round = 0;; round++) {
        round_once(all);
        if (all->kept == 0)
            return no_pixel(all, error);
        if (round == all->options->nclip || all->kept == 1)
            return WK_OK;
        float lo, hi;
        limits_next(&lo, &hi, all, (double)all->mean, (double)all->stddev);
        if (lo == all->lo && hi == all->hi)
            return WK_OK;
        all->lo = lo;
        all->hi = hi;
    }
}

static void extremes_kept(work *all)
{
    float lo = all->lo, hi = all->hi, min = INFINITY, max = -INFINITY;
    if (all->split && lo <= all->core_lo && hi >= all->core_hi)
        wk_moment_extremes(&min, &max, all->tail.values, all->tail.count, lo, hi);
    /* the tail holds the extremes only if it has values on both sides of the core */
    if (!(min < all->core_lo && max > all->core_hi))
        wk_moment_extremes(&min, &max, all->values, all->n, lo, hi);
    all->min = min;
    all->max = max;
}

/* stcal starts both from the first pixel, forced inside one of the limits. */
static void extremes_compat(work *all)
{
    float first = all->values[0];
    all->min = first < all->lo ? all->lo : all->min;
    all->max = first > all->hi ? all->hi : all->max;
}

/* stcal compares the limits with the extremes of all pixels, in double. */
static wk_status limits_compat(const work *all, wk_error *error)
{
    const wk_statistic_options *options = all->options;
    if (isnan(options->lower) && isnan(options->upper))
        return WK_OK;
    float min, max;
    wk_moment_extremes(&min, &max, all->values, all->n, -INFINITY, INFINITY);
    if (options->lower > (double)max || options->upper < (double)min)
        return no_pixel(all, error);
    return WK_OK;
}

/* The absolute least width of a bin is right for data near 1; below, it goes with them. */
static double bin_least(const work *all)
{
    double size = fmax(fabs((double)all->min), fabs((double)all->max));
    if (all->options->compat || size > 1.0)
        return BIN_LEAST;
    return fmax(BIN_LEAST * size, (double)FLT_MIN);
}

static wk_status histogram_shape(wk_histogram *histogram, const work *all, wk_error *error)
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

static wk_status histogram_make(wk_histogram *histogram, work *all, wk_error *error)
{
    size_t size = (size_t)(WK_HISTOGRAM_PARTS * (histogram->bins + 1)) * sizeof *histogram->counts;
    histogram->counts = scratch_room(all->scratch, size, error);
    if (!histogram->counts)
        return WK_MEMORY;
    histogram->counts[0] = 0;
    if (histogram->spacing > 0.0)
        wk_histogram_fill(histogram, all->values, all->n);
    return WK_OK;
}

static wk_status median(double *value, work *all, wk_error *error)
{
    wk_selection from = {all->values, all->n, all->lo, all->hi, all->kept};
    if (all->options->compat && all->options->nclip == 0)
        from = (wk_selection){all->values, all->n, -INFINITY, INFINITY, all->n};
    void *room = scratch_room(all->scratch, wk_select_room(all->n, 2), error);
    if (!room)
        return WK_MEMORY;
    *value = (double)(float)wk_select_median(&from, room);
    return WK_OK;
}

/* All pixels in one bin.  stcal's midpt is the count of that bin, and its mode has no scatter to
 * go by when there is but one pixel. */
static wk_status one_bin(double *value, const wk_histogram *histogram, work *all, wk_error *error)
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

static wk_status from_histogram(double *value, work *all, wk_error *error)
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

static wk_status evaluate(double *value, work *all, wk_error *error)
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

static wk_status run(wk_measure *out, work *all, wk_error *error)
{
    if (all->n < 1)
        return wk_error_set(error, WK_NO_DATA, "", "there is no pixel to measure");
    wk_status status = all->options->compat ? limits_compat(all, error) : WK_OK;
    if (status == WK_OK)
        status = prepare(all, error);
    if (status == WK_OK)
        status = clip(all, error);
    if (status != WK_OK)
        return status;
    extremes_kept(all);
    if (all->options->compat)
        extremes_compat(all);
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
    work all = {.values = values, .n = n, .options = options ? options : &defaults};
    all.scratch = scratch ? scratch : &own;
    all.lower = isnan(all.options->lower) ? -INFINITY : (float)all.options->lower;
    all.upper = isnan(all.options->upper) ? INFINITY : (float)all.options->upper;
    status = run(out, &all, error);
    wk_statistic_scratch_release(&own);
    return status;
}
