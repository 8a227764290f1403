#include <float.h>
#include <math.h>
#include <string.h>

#include "cell.h"
#include "memory.h"
#include "moment.h"

enum { LEVELS_MOST = 4096, ROUNDS = 100, CHUNK = 1024 };
#define HALF_RANGE 5.0 /* of the histogram, in standard deviations */
/* levels for each pixel: sqrt(2 / pi) * 5 / 4 */
#define LEVELS_A_PIXEL 0.9973557010035818

/* Counts of the values in equal steps, and what is known of them at a glance: sums over all steps
 * before each one of the counts, and of the counts times the step's number and its square.  Whole
 * numbers, so that differences of them are exact. */
typedef struct steps {
    int levels;
    float zero, scale; /* value of step 0, width of a step */
    int64_t *count, *first, *second;
} steps;

/* Mean and standard deviation (with n) of the values between two limits. */
static int64_t describe(double *mean, double *sigma, const float *values, int64_t n, float lo,
                        float hi, float shift)
{
    wk_moment m = wk_moment_range(values, n, lo, hi, shift);
    double scatter = m.count > 1 ? wk_moment_scatter(&m, wk_moment_mean(&m)) : 0.0;
    *mean = wk_moment_mean(&m);
    *sigma = m.count > 1 ? scatter * sqrt((double)(m.count - 1) / (double)m.count) : 0.0;
    return m.count;
}

static wk_status make_steps(steps *s, int64_t n, double mean, double sigma,
                            wk_cell_scratch *scratch, wk_error *error)
{
    double levels = LEVELS_A_PIXEL * (double)n + 1.0;
    s->levels = levels > LEVELS_MOST ? LEVELS_MOST : (int)levels;
    s->scale = sigma > 0.0 ? (float)(2.0 * HALF_RANGE * sigma / s->levels) : 1.0F;
    s->zero = (float)(mean - HALF_RANGE * sigma);
    wk_status status = wk_memory_reserve((void **)&scratch->sums, &scratch->sums_room,
                                         3 * (LEVELS_MOST + 2), sizeof *scratch->sums, error);
    if (status)
        return status;
    s->count = scratch->sums;
    s->first = s->count + LEVELS_MOST + 2;
    s->second = s->first + LEVELS_MOST + 2;
    return WK_OK;
}

/* The step of each value, or the last room, which nobody looks at, for those outside. */
static void find_steps(int32_t *out, const float *values, int count, const steps *s)
{
    /* float32 where the program has it whose numbers these are to be: a pixel at the edge of two
     * steps goes to the same one */
    float scale = s->scale, offset = (float)(0.499999 - (double)(s->zero / s->scale));
    float levels = (float)s->levels;
    for (int i = 0; i < count; i++) {
        float place = values[i] / scale + offset;
        int inside = (place > -1.0F) & (place < levels);
        out[i] = inside ? (int32_t)place : LEVELS_MOST;
    }
}

/* Four histograms in turn: equal values in a row do not wait for each other. */
static void fill(steps *s, const float *values, int64_t n)
{
    uint32_t parts[4][LEVELS_MOST + 1];
    int32_t place[CHUNK];
    memset(parts, 0, sizeof parts);
    for (int64_t from = 0; from < n; from += CHUNK) {
        int count = n - from < CHUNK ? (int)(n - from) : CHUNK;
        find_steps(place, values + from, count, s);
        for (int i = 0; i < count; i++)
            parts[i & 3][place[i]]++;
    }
    s->count[0] = s->first[0] = s->second[0] = 0;
    for (int i = 0; i < s->levels; i++) {
        int64_t here = (int64_t)parts[0][i] + parts[1][i] + parts[2][i] + parts[3][i];
        s->count[i + 1] = s->count[i] + here;
        s->first[i + 1] = s->first[i] + here * i;
        s->second[i + 1] = s->second[i] + here * i * i;
    }
}

static int64_t count_at(const steps *s, int step)
{
    return step < 0 || step >= s->levels ? 0 : s->count[step + 1] - s->count[step];
}

/* Two sums run towards each other from both ends, the lesser one first.  The step where they meet
 * is the first, k, for which all before it and all up to k + 1 together are not less than all. */
static int meet(const steps *s, int lo, int hi)
{
    int64_t before = s->count[lo], all = s->count[hi + 1] - before;
    int from = lo, to = hi;
    while (from < to) {
        int k = from + (to - from) / 2;
        int64_t upto = k + 1 <= hi ? s->count[k + 2] - before : all;
        if (s->count[k] - before + upto >= all)
            to = k;
        else
            from = k + 1;
    }
    return from;
}

/* The median in steps, by the sums' race. */
static double median_step(const steps *s, int lo, int hi)
{
    int k = meet(s, lo, hi);
    int64_t before = s->count[k] - s->count[lo], after = s->count[hi + 1] - s->count[k + 1];
    int last = before < after ? k : k - 1; /* the last step of the lower sum */
    if (last < 0)
        return 0.0;
    double low = (double)(s->count[last + 1] - s->count[lo]);
    double high = (double)(s->count[hi + 1] - s->count[last + 1]);
    int64_t a = count_at(s, last), b = count_at(s, last + 1);
    double most = (double)(a > b ? a : b);
    return most > 0.0 ? last + 0.5 + (high - low) / (2.0 * most) : last + 0.5;
}

typedef struct guess {
    double mean, median, sigma; /* in steps */
} guess;

static void look(guess *g, const steps *s, int lo, int hi)
{
    double sum = (double)(s->count[hi + 1] - s->count[lo]);
    g->mean = g->sigma = 0.0;
    g->median = median_step(s, lo, hi);
    if (sum > 0.0) {
        /* whole numbers: of at most 4096 steps, so that nothing is lost in the difference */
        g->mean = (double)(s->first[hi + 1] - s->first[lo]) / sum;
        double square = (double)(s->second[hi + 1] - s->second[lo]) / sum - g->mean * g->mean;
        g->sigma = square > 0.0 ? sqrt(square) : 0.0;
    }
}

/* Clip at three standard deviations about the median until the standard deviation stays. */
static guess converge(const steps *s)
{
    int last = s->levels - 1, lo = 0, hi = last;
    double before = 1.0;
    guess g = {0.0, 0.0, 10.0 * last};
    for (int round = 0; round < ROUNDS && g.sigma >= 0.1 && fabs(g.sigma / before - 1.0) > 1e-4;
         round++) {
        before = g.sigma;
        look(&g, s, lo, hi);
        double low = g.median - 3.0 * g.sigma, high = g.median + 3.0 * g.sigma;
        lo = low > 0.0 ? (int)(low + 0.5) : 0;
        hi = high < last ? (int)(high + 0.5) : last;
        if (lo > hi)
            break;
    }
    return g;
}

wk_status wk_cell_sextractor(wk_cell *out, const float *values, int64_t n, wk_cell_scratch *scratch,
                             wk_error *error)
{
    double mean, sigma;
    steps s;
    describe(&mean, &sigma, values, n, -FLT_MAX, FLT_MAX, values[0]);
    float lo = (float)(mean - 2.0 * sigma), hi = (float)(mean + 2.0 * sigma);
    int64_t kept = describe(&mean, &sigma, values, n, lo, hi, (float)mean);
    if (kept < 1) {
        /* float32 rounding can leave out a cell of equal values */
        mean = (double)values[0];
        sigma = 0.0;
        kept = n;
    }
    wk_status status = make_steps(&s, kept, mean, sigma, scratch, error);
    if (status != WK_OK)
        return status;
    fill(&s, values, n);
    guess g = converge(&s);
    double step = g.mean;
    if (g.sigma > 0.0)
        step = fabs((g.mean - g.median) / g.sigma) < 0.3 ? 2.5 * g.median - 1.5 * g.mean : g.median;
    out->level = (double)s.zero + step * (double)s.scale;
    out->rms = g.sigma * (double)s.scale;
    out->count = kept;
    out->error = 2.1371 * out->rms / sqrt((double)kept);
    return WK_OK;
}
