#include "zscale.h"

#include <math.h>
#include <stdlib.h>

#include "memory.h"

static const double contrast = 0.25, reach = 2.5;

enum { ROUNDS = 5, LEAST = 5 };

/* value = middle + slope * (rank - (n - 1) / 2) */
typedef struct line {
    double middle, slope;
} line;

typedef struct fit {
    const float *sample;
    int64_t n, grow;
    unsigned char *bad, *grown;
    line line;
    int64_t good;
} fit;

static int ascending(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static double rank_of(const fit *f, int64_t i)
{
    return (double)i - 0.5 * (double)(f->n - 1);
}

/* About the means, so that no difference of large sums is taken. */
static line fit_line(const fit *f)
{
    double x = 0, y = 0, xx = 0, xy = 0;
    for (int64_t i = 0; i < f->n; i++)
        if (!f->bad[i]) {
            x += rank_of(f, i);
            y += (double)f->sample[i];
        }
    x /= (double)f->good;
    y /= (double)f->good;
    for (int64_t i = 0; i < f->n; i++)
        if (!f->bad[i]) {
            double dx = rank_of(f, i) - x;
            xx += dx * dx;
            xy += dx * ((double)f->sample[i] - y);
        }
    line found = {y, xx > 0 ? xy / xx : 0};
    found.middle -= found.slope * x;
    return found;
}

static double residual(const fit *f, int64_t i)
{
    return (double)f->sample[i] - (f->line.middle + f->line.slope * rank_of(f, i));
}

/* LSST's with count - 1, IRAF's with count. */
static double scatter(const fit *f, wk_zscale_rule rule)
{
    double mean = 0, sum = 0;
    for (int64_t i = 0; i < f->n; i++)
        mean += f->bad[i] ? 0 : residual(f, i);
    mean /= (double)f->good;
    for (int64_t i = 0; i < f->n; i++)
        if (!f->bad[i])
            sum += (residual(f, i) - mean) * (residual(f, i) - mean);
    return sqrt(sum / (double)(rule == WK_ZSCALE_IRAF ? f->good : f->good - 1));
}

/* Ranks next to what is left out: LSST's those above, IRAF's those on both sides, of an even width
 * one more above. */
static void widen(fit *f, wk_zscale_rule rule)
{
    int64_t below = rule == WK_ZSCALE_IRAF ? (f->grow - 1) / 2 : 0;
    int64_t above = f->grow - 1 - below;
    for (int64_t i = 0; i < f->n; i++)
        f->grown[i] = 0;
    for (int64_t i = 0; i < f->n; i++)
        for (int64_t k = i - below; f->bad[i] && k <= i + above; k++)
            if (k >= 0 && k < f->n)
                f->grown[k] = 1;
    f->good = 0;
    for (int64_t i = 0; i < f->n; i++) {
        f->bad[i] = f->grown[i];
        f->good += !f->bad[i];
    }
}

static void run_rounds(fit *f, wk_zscale_rule rule, int64_t least)
{
    int64_t before = f->n + 1;
    for (int round = 0; round < ROUNDS && f->good >= least && f->good < before; round++) {
        f->line = fit_line(f);
        double limit = reach * scatter(f, rule);
        for (int64_t i = 0; i < f->n; i++)
            if (fabs(residual(f, i)) > limit)
                f->bad[i] = 1;
        before = f->good;
        widen(f, rule);
    }
}

static double median_of(const float *v, int64_t n, wk_zscale_rule rule)
{
    int64_t c = n / 2;
    if (n % 2 == 1)
        return (double)v[c];
    if (rule == WK_ZSCALE_AFW && c + 1 < n)
        return 0.5 * ((double)v[c] + (double)v[c + 1]);
    return 0.5 * ((double)v[c - 1] + (double)v[c]);
}

static void set_limits(double limits[2], const fit *f, wk_zscale_rule rule)
{
    double slope = f->line.slope / contrast, median = median_of(f->sample, f->n, rule);
    int64_t below = f->n / 2, above = f->n - f->n / 2 - 1;
    if (rule == WK_ZSCALE_IRAF) {
        below = (f->n - 1) / 2 - 1;
        above = f->n - (f->n - 1) / 2;
    }
    limits[0] = fmax(limits[0], median - (double)below * slope);
    limits[1] = fmin(limits[1], median + (double)above * slope);
}

wk_status wk_zscale(double limits[2], float *sample, int64_t n, wk_zscale_rule rule,
                    wk_error *error)
{
    fit f = {.sample = sample, .n = n, .grow = n / 100 > 1 ? n / 100 : 1, .good = n};
    int64_t least = n / 2 > LEAST ? n / 2 : LEAST;
    qsort(sample, (size_t)n, sizeof *sample, ascending);
    limits[0] = (double)sample[0];
    limits[1] = (double)sample[n - 1];
    f.bad = wk_memory_new((size_t)(2 * n), 1, error);
    if (!f.bad)
        return WK_MEMORY;
    f.grown = f.bad + n;
    run_rounds(&f, rule, least);
    if (f.good >= least)
        set_limits(limits, &f, rule);
    wk_memory_free(f.bad);
    return WK_OK;
}
