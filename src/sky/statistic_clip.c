#include <float.h>
#include <math.h>

#include "clip.h"
#include "memory.h"
#include "select.h"
#include "status.h"
#include "welkin/statistic.h"

/* Below SPLIT_FROM all passes run in the cache, and a sample would be too small to tell. */
enum { SPLIT_FROM = 1 << 15, SPARE = 512 };

/* The sample's core is taken for the core of all; the difference covers the sample's error. */
#define CORE_SHARE 0.875

typedef struct rounds {
    wk_clip clip; /* its options, mean and stddev are not used */
    double sigma;
    int iterations;
    wk_clipped last;
} rounds;

/* The least float not below a limit, the greatest not above it. */
static float float_above(double limit)
{
    float near = limit < -(double)FLT_MAX ? -FLT_MAX : (float)limit;
    return (double)near < limit ? nextafterf(near, INFINITY) : near;
}

static float float_below(double limit)
{
    return -float_above(-limit);
}

static int64_t keep_between(float *values, int64_t n, double lo, double hi)
{
    int64_t kept = 0;
    for (int64_t i = 0; i < n; i++) {
        float value = values[i];
        values[kept] = value;
        kept += ((double)value >= lo) & ((double)value <= hi);
    }
    return kept;
}

/* Population's, about the mean. */
static double scatter(const wk_moment *moment, double mean)
{
    double n = (double)moment->count;
    return moment->count > 1 ? wk_moment_scatter(moment, mean) * sqrt((n - 1.0) / n) : 0.0;
}

/* The limits for the medians of all rounds together. */
static void widen_bracket(wk_bracket *bracket, float *sample, int64_t size, int first)
{
    wk_bracket round;
    wk_bracket_guess(&round, sample, size, 0.5, -FLT_MAX, FLT_MAX);
    if (first)
        *bracket = round;
    bracket->low = fminf(bracket->low, round.low);
    bracket->high = fmaxf(bracket->high, round.high);
}

/* Clip the sample as the whole will be: where medians, mean and core are to be expected. */
static void guess(rounds *all, float *sample, int64_t size)
{
    wk_clip *clip = &all->clip;
    size = keep_between(sample, size, -(double)FLT_MAX, (double)FLT_MAX);
    clip->bracketed = size > 0;
    for (int round = 0; size > 0; round++) {
        widen_bracket(&clip->bracket, sample, size, round == 0);
        wk_bracket_place(sample, size, size / 2);
        double median = (double)sample[size / 2];
        wk_moment moment = wk_moment_range(sample, size, -FLT_MAX, FLT_MAX, sample[size / 2]);
        double mean = wk_moment_mean(&moment), reach = all->sigma * scatter(&moment, mean);
        clip->shift = (float)mean;
        clip->core_lo = float_above(median - CORE_SHARE * reach);
        clip->core_hi = float_below(median + CORE_SHARE * reach);
        int64_t kept = keep_between(sample, size, median - reach, median + reach);
        if (round >= all->iterations || kept == size)
            break;
        size = kept;
    }
}

/* The scratch in parts: sample and later tail, what the bracket holds, room to select from it. */
static wk_status prepare(rounds *all, wk_error *error)
{
    wk_clip *clip = &all->clip;
    int large = clip->n >= SPLIT_FROM;
    int64_t size = wk_clip_sample_size(clip->n);
    int64_t aside = (size + (large ? clip->n / 4 + SPARE : 0) + 15) / 16 * 16;
    int64_t held = large ? (clip->n / 8 + SPARE + 1024 + 15) / 16 * 16 : 0;
    size_t more = large ? wk_select_room(held, 2) : 0;
    float *memory =
        wk_clip_room(clip->scratch, (size_t)(aside + held) * sizeof *memory + more, error);
    if (!memory)
        return WK_MEMORY;
    wk_clip_sample(memory, size, clip->values, clip->n);
    guess(all, memory, size);
    clip->tail.values = memory;
    clip->tail.room = aside;
    clip->bracket.values = memory + aside;
    clip->bracket.room = held;
    clip->select_room = memory + aside + held;
    if (large && clip->bracketed)
        wk_clip_split(clip);
    else
        clip->bracketed = 0;
    return WK_OK;
}

static wk_status median(double *value, wk_clip *clip, wk_error *error)
{
    if (wk_clip_median(value, clip))
        return WK_OK;
    /* the room to select from all takes the place of core and tail */
    clip->split = clip->bracketed = 0;
    wk_selection from = {clip->values, clip->n, clip->lo, clip->hi, clip->kept};
    void *room = wk_clip_room(clip->scratch, wk_select_room(clip->n, 2), error);
    if (!room)
        return WK_MEMORY;
    *value = wk_select_median(&from, room);
    return WK_OK;
}

/* Measure what lies within the present limits; its number tells whether anything has changed. */
static wk_status measure(rounds *all, int *changed, wk_error *error)
{
    wk_clip *clip = &all->clip;
    wk_clipped *last = &all->last;
    clip->lo = float_above(last->lo);
    clip->hi = float_below(last->hi);
    wk_moment moment = wk_clip_sum(clip);
    *changed = moment.count != last->n;
    clip->kept = last->n = moment.count;
    if (!*changed)
        return WK_OK;
    if (moment.count == 0)
        return wk_error_set(error, WK_NO_DATA, "",
                            "clipping at %g standard deviations leaves none of %lld values",
                            all->sigma, (long long)clip->n);
    last->mean = wk_moment_mean(&moment);
    last->std = scatter(&moment, last->mean);
    return median(&last->median, clip, error);
}

static wk_status run(rounds *all, wk_error *error)
{
    wk_clipped *last = &all->last;
    int changed = 1;
    last->lo = -(double)INFINITY;
    last->hi = (double)INFINITY;
    wk_status status = measure(all, &changed, error);
    if (status == WK_OK && !changed)
        return wk_error_set(error, WK_NO_DATA, "", "none of %lld values is finite",
                            (long long)all->clip.n);
    for (int round = 0; round < all->iterations && changed && status == WK_OK; round++) {
        last->lo = fmax(last->lo, last->median - all->sigma * last->std);
        last->hi = fmin(last->hi, last->median + all->sigma * last->std);
        status = measure(all, &changed, error);
    }
    return status;
}

static wk_status check(int64_t n, double sigma, int iterations, wk_error *error)
{
    if (!(sigma > 0.0 && isfinite(sigma)))
        return wk_error_set(error, WK_ARGUMENT, "sigma",
                            "sigma is %g; it must be positive and finite", sigma);
    if (iterations < 0)
        return wk_error_set(error, WK_ARGUMENT, "iterations",
                            "iterations is %d; it must not be negative", iterations);
    if (n < 1)
        return wk_error_set(error, WK_NO_DATA, "", "there is no value to measure");
    return WK_OK;
}

wk_status wk_statistic_clip(wk_clipped *out, const float *values, int64_t n, double sigma,
                            int iterations, wk_statistic_scratch *scratch, wk_error *error)
{
    const double none = (double)NAN;
    *out = (wk_clipped){none, none, none, none, none, 0};
    wk_status status = check(n, sigma, iterations, error);
    if (status != WK_OK)
        return status;
    wk_statistic_scratch own = {NULL, 0};
    rounds all = {.clip = {.values = values, .n = n}, .sigma = sigma, .iterations = iterations};
    all.clip.scratch = scratch ? scratch : &own;
    all.clip.lower = -FLT_MAX;
    all.clip.upper = FLT_MAX;
    status = prepare(&all, error);
    if (status == WK_OK)
        status = run(&all, error);
    if (status == WK_OK)
        *out = all.last;
    wk_statistic_scratch_release(&own);
    return status;
}
