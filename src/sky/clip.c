#include "clip.h"

#include <math.h>

#include "memory.h"
#include "select.h"
#include "status.h"

enum { SAMPLE_FEW = 256, SAMPLE_MANY = 16384, SPLIT_FROM = 4096, TAIL_SPARE = 256 };

/* Values that are summed and searched while they lie in the first-level cache. */
enum { PIECE = 8192 };

void *wk_clip_room(wk_statistic_scratch *scratch, size_t size, wk_error *error)
{
    if (scratch->size >= size && scratch->memory)
        return scratch->memory;
    wk_statistic_scratch_release(scratch);
    scratch->memory = wk_memory_raw(size, 1, error);
    scratch->size = scratch->memory ? size : 0;
    return scratch->memory;
}

static wk_status no_pixel(const wk_clip *all, wk_error *error)
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
static void limits_next(float *lo, float *hi, const wk_clip *all, double mean, double stddev)
{
    *lo = larger(all->lower, (float)(mean - all->options->lsigma * stddev));
    *hi = smaller(all->upper, (float)(mean + all->options->usigma * stddev));
}

/* One value from each stretch, where no period of the data can follow. */
void wk_clip_sample(float *sample, int64_t size, const float *values, int64_t n)
{
    int64_t stretch = n / size;
    uint32_t state = 88172645U;
    for (int64_t i = 0; i < size; i++) {
        state = state * 1664525U + 1013904223U;
        int64_t step = (int64_t)(((uint64_t)state * (uint64_t)stretch) >> 32);
        sample[i] = values[i * stretch + step];
    }
}

int64_t wk_clip_sample_size(int64_t n)
{
    int64_t size = n / 64;
    size = size < SAMPLE_FEW ? SAMPLE_FEW : size > SAMPLE_MANY ? SAMPLE_MANY : size;
    return size < n ? size : n;
}

/* Where the median of the values within lo..hi is expected. */
static void guess_median(wk_clip *all, float *sample, int64_t size, float lo, float hi)
{
    int64_t kept = 0;
    for (int64_t i = 0; i < size; i++) {
        float value = sample[i];
        sample[kept] = value;
        kept += (value >= lo) & (value <= hi);
    }
    all->bracketed = kept > 0 && all->options->statistic == WK_STATISTIC_MEDIAN;
    if (all->bracketed)
        wk_bracket_guess(&all->bracket, sample, kept, 0.5, all->lower, all->upper);
}

/* Clip a sample as the whole will be, and expect its core to lie within 3/4 of the limits. */
static void guess_core(wk_clip *all, float *sample, int64_t size)
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
    guess_median(all, sample, size, lo, hi);
}

void wk_clip_split(wk_clip *all)
{
    wk_moment_tail *tail = &all->tail;
    tail->lower = all->lower;
    tail->upper = all->upper;
    all->core = (wk_moment){0, (double)all->shift, 0.0, 0.0};
    for (int64_t i = 0; i < all->n && !tail->full; i += PIECE) {
        int64_t count = all->n - i < PIECE ? all->n - i : PIECE;
        const float *values = all->values + i;
        wk_moment piece =
            wk_moment_split(values, count, all->core_lo, all->core_hi, all->shift, tail);
        all->core = wk_moment_add(all->core, piece);
        if (all->bracketed)
            wk_bracket_add(&all->bracket, values, count);
    }
    all->split = !tail->full;
    all->bracketed = all->bracketed && all->split && all->bracket.gathered > 0;
}

/* The scratch in parts: sample and later tail, what the bracket holds, room to select from it. */
static wk_status prepare(wk_clip *all, wk_error *error)
{
    int large = all->n >= SPLIT_FROM && all->options->nclip > 0;
    int64_t size = wk_clip_sample_size(all->n);
    int64_t room = large ? all->n / 8 + TAIL_SPARE : 0;
    int64_t aside = (size + room + 15) / 16 * 16;
    int64_t held = large ? (all->n / 8 + 2 * TAIL_SPARE + 15) / 16 * 16 : 0;
    size_t more = large ? wk_select_room(held, 2) : 0;
    float *memory =
        wk_clip_room(all->scratch, (size_t)(aside + held) * sizeof *memory + more, error);
    if (!memory)
        return WK_MEMORY;
    wk_clip_sample(memory, size, all->values, all->n);
    guess_core(all, memory, size);
    all->tail.values = memory;
    all->tail.room = size + room;
    all->bracket.values = memory + aside;
    all->bracket.room = held;
    all->select_room = memory + aside + held;
    if (large)
        wk_clip_split(all);
    else
        all->bracketed = 0;
    return WK_OK;
}

/* The bracket counts from the user's lower limit; those that clipping took away are in the tail. */
int wk_clip_median(double *value, const wk_clip *all)
{
    const wk_bracket *bracket = &all->bracket;
    if (!all->bracketed || !all->split || bracket->low < all->lo || bracket->high > all->hi)
        return 0;
    /* what limits within the core take away of it is in the tail no more */
    if (all->lo > all->core_lo || all->hi < all->core_hi)
        return 0;
    int64_t below = bracket->below;
    for (int64_t i = 0; i < all->tail.count; i++)
        below -= all->tail.values[i] < all->lo;
    int64_t ranks[2] = {(all->kept - 1) / 2 - below, all->kept / 2 - below};
    if (ranks[0] < 0 || ranks[1] >= bracket->gathered)
        return 0;
    wk_selection from = {bracket->values, bracket->gathered, bracket->low, bracket->high,
                         bracket->gathered};
    float pair[2];
    int64_t count = ranks[1] > ranks[0] ? 2 : 1;
    wk_select_ranks(pair, ranks, count, &from, all->select_room);
    *value = count == 1 ? (double)pair[0] : 0.5 * ((double)pair[0] + (double)pair[1]);
    return 1;
}

static wk_moment sum_between(const wk_clip *all, float lo, float hi)
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

wk_moment wk_clip_sum(wk_clip *all)
{
    wk_moment moment = sum_between(all, all->lo, all->hi);
    double mean = wk_moment_mean(&moment);
    if (!shift_is_far(&moment, mean) || !isfinite((float)mean))
        return moment;
    all->shift = (float)mean;
    all->split = 0;
    return sum_between(all, all->lo, all->hi);
}

static void round_once(wk_clip *all)
{
    wk_moment moment = wk_clip_sum(all);
    double mean = wk_moment_mean(&moment);
    all->kept = moment.count;
    all->mean = (float)mean;
    all->stddev = (float)wk_moment_scatter(&moment, (double)all->mean);
}

/* Rounds end early when the limits stay: all later ones would be the same. */
static wk_status clip(wk_clip *all, wk_error *error)
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

static void extremes_kept(wk_clip *all)
{
    float lo = all->lo, hi = all->hi, min = INFINITY, max = -INFINITY;
    if (all->split)
        wk_moment_extremes(&min, &max, all->tail.values, all->tail.count, lo, hi);
    /* the tail holds the extremes only if it has values on both sides of the core */
    if (!(min < all->core_lo && max > all->core_hi))
        wk_moment_extremes(&min, &max, all->values, all->n, lo, hi);
    all->min = min;
    all->max = max;
}

/* stcal starts both from the first pixel, forced inside one of the limits. */
static void extremes_compat(wk_clip *all)
{
    float first = all->values[0];
    all->min = first < all->lo ? all->lo : all->min;
    all->max = first > all->hi ? all->hi : all->max;
}

/* stcal compares the limits with the extremes of all pixels, in double. */
static wk_status limits_compat(const wk_clip *all, wk_error *error)
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

wk_status wk_clip_run(wk_clip *all, wk_error *error)
{
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
    return WK_OK;
}
