#include "cell.h"

#include <float.h>

#include "streams.h"

#include "moment.h"
#include "random.h"

enum { LEVELS = 4096 };

static wk_cell measured(const float *values, int64_t n)
{
    wk_cell cell;
    wk_cell_scratch scratch = {0};
    assert_int_equal(wk_cell_sextractor(&cell, values, n, &scratch, NULL), WK_OK);
    wk_cell_scratch_release(&scratch);
    return cell;
}

/* The recipe with its two sums that race towards each other, step by step, and plain sums. */
typedef struct plain {
    int levels;
    float zero, scale;
    int64_t count[LEVELS];
} plain;

static void spread(double *mean, double *sigma, int64_t *kept, const float *values, int64_t n,
                   float lo, float hi, float shift)
{
    wk_moment m = wk_moment_range(values, n, lo, hi, shift);
    *kept = m.count;
    *mean = wk_moment_mean(&m);
    *sigma = m.count > 1
                 ? wk_moment_scatter(&m, *mean) * sqrt((double)(m.count - 1) / (double)m.count)
                 : 0.0;
}

/* 2 sigma about the mean, then n levels over +-5 sigma, at most 4096. */
static void plain_histogram(plain *p, const float *values, int64_t n)
{
    double mean, sigma;
    int64_t kept;
    spread(&mean, &sigma, &kept, values, n, -FLT_MAX, FLT_MAX, values[0]);
    spread(&mean, &sigma, &kept, values, n, (float)(mean - 2.0 * sigma),
           (float)(mean + 2.0 * sigma), (float)mean);
    assert_true(kept > 0);
    double levels = sqrt(2.0 / acos(-1.0)) * 1.25 * (double)kept + 1.0;
    p->levels = levels > LEVELS ? LEVELS : (int)levels;
    p->zero = (float)(mean - 5.0 * sigma);
    p->scale = sigma > 0.0 ? (float)(10.0 * sigma / p->levels) : 1.0F;
    memset(p->count, 0, sizeof p->count);
    float offset = (float)(0.499999 - (double)(p->zero / p->scale));
    for (int64_t i = 0; i < n; i++) {
        int step = (int)(values[i] / p->scale + offset);
        if (step >= 0 && step < p->levels)
            p->count[step]++;
    }
}

static int64_t plain_count(const plain *p, int i)
{
    return i >= 0 && i < p->levels ? p->count[i] : 0;
}

/* The lesser sum takes the next step on its side; equal ones, and the first, take from above. */
static double plain_median(const plain *p, int lo, int hi)
{
    int64_t below = 0, above = 0;
    int next = lo, last = hi;
    for (int i = lo; i <= hi; i++) {
        if (below < above)
            below += plain_count(p, next++);
        else
            above += plain_count(p, last--);
    }
    if (last < 0)
        return 0.0;
    int64_t a = plain_count(p, next), b = plain_count(p, last), most = a > b ? a : b;
    if (most == 0)
        return last + 0.5;
    return last + 0.5 + (double)(above - below) / (2.0 * (double)most);
}

static void plain_level(double *level, double *rms, const plain *p)
{
    int top = p->levels - 1, lo = 0, hi = top;
    double sigma = 10.0 * top, before = 1.0, mean = 0.0, median = 0.0;
    for (int round = 0; round < 100 && sigma >= 0.1 && fabs(sigma / before - 1.0) > 1e-4; round++) {
        double sum = 0.0, first = 0.0, second = 0.0;
        before = sigma;
        for (int i = lo; i <= hi; i++) {
            sum += (double)p->count[i];
            first += (double)(p->count[i] * i);
            second += (double)(p->count[i] * i * i);
        }
        median = plain_median(p, lo, hi);
        mean = sum > 0.0 ? first / sum : 0.0;
        sigma = sum > 0.0 ? second / sum - mean * mean : 0.0;
        sigma = sigma > 0.0 ? sqrt(sigma) : 0.0;
        lo = median - 3.0 * sigma > 0.0 ? (int)(median - 3.0 * sigma + 0.5) : 0;
        hi = median + 3.0 * sigma < top ? (int)(median + 3.0 * sigma + 0.5) : top;
        if (lo > hi)
            break;
    }
    double step = mean;
    if (sigma > 0.0)
        step = fabs((mean - median) / sigma) < 0.3 ? 2.5 * median - 1.5 * mean : median;
    *level = (double)p->zero + step * (double)p->scale;
    *rms = sigma * (double)p->scale;
}

/* All sums are whole numbers: the same bits. */
static void expect_plain(const float *values, int64_t n)
{
    static plain p;
    double level, rms;
    plain_histogram(&p, values, n);
    plain_level(&level, &rms, &p);
    wk_cell cell = measured(values, n);
    if (!(cell.level == level && cell.rms == rms))
        fail_msg("%lld values: level %.17g and rms %.17g, not %.17g and %.17g", (long long)n,
                 cell.level, cell.rms, level, rms);
}

/* Few values on few places far apart: most steps are empty, and the sums are often equal. */
static void test_race(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 20000; seed++) {
        float values[300];
        wk_random random = wk_random_stream(seed, 21, 0, 0, 0);
        int64_t n = 2 + wk_random_index(&random, seed % 3 == 0 ? 298 : 12);
        int64_t places = 2 + wk_random_index(&random, 9);
        for (int64_t i = 0; i < n; i++) {
            values[i] = (float)wk_random_index(&random, places);
            if (seed % 5 == 0)
                values[i] *= values[i];
            if (seed % 7 == 0)
                values[i] += (float)wk_random_uniform(&random);
        }
        expect_plain(values, n);
    }
}

static void test_streams(void **state)
{
    (void)state;
    for (int shape = 0; shape < STREAM_WILD; shape++)
        for (int64_t n = 2; n < 20000; n = n * 3 - 1) {
            float *values = stream_make((stream_shape)shape, n);
            expect_plain(values, n);
            free(values);
        }
}

/* Equal values are their level to float32: the recipe's first step begins at float32(mean). */
static void test_constant(void **state)
{
    (void)state;
    const float constants[] = {0.0F, 10.0F, -7.25F, 0.1F, 1e-30F, 12345.678F, -3e30F};
    float values[500];
    for (size_t c = 0; c < sizeof constants / sizeof constants[0]; c++)
        for (int n = 1; n <= 500; n += 499) {
            for (int i = 0; i < n; i++)
                values[i] = constants[c];
            wk_cell cell = measured(values, n);
            assert_true((float)cell.level == constants[c]);
            assert_true(cell.rms == 0.0 && cell.error == 0.0);
            assert_int_equal(cell.count, n);
        }
}

/* The fixed point of clipping a unit Gaussian at three of the deviations left. */
static double clipped_sigma(void)
{
    double sigma = 1.0;
    for (int i = 0; i < 200; i++) {
        double a = 3.0 * sigma, density = exp(-0.5 * a * a) / sqrt(2.0 * acos(-1.0));
        sigma = sqrt(1.0 - 2.0 * a * density / erf(a / sqrt(2.0)));
    }
    return sigma;
}

/* The level scatters by 2.1371 sigma / sqrt(n), the deviation by less than sigma / sqrt(2 n); the
 * steps, 1/400 sigma wide, add less than a thousandth to it.  Stars of 50 sigma in 2 % of the
 * pixels are clipped away altogether. */
static void test_gaussian(void **state)
{
    (void)state;
    enum { MANY = 60000 };
    float *values = malloc(MANY * sizeof *values);
    for (int stars = 0; stars < 2; stars++) {
        wk_random_gaussian(values, MANY, wk_random_stream(4, 0, 0, 0, 0));
        for (int i = 0; i < MANY; i++)
            values[i] = 1000.0F + 20.0F * values[i] + (stars && i % 50 == 0 ? 1000.0F : 0.0F);
        wk_cell cell = measured(values, MANY);
        assert_true(fabs(cell.level - 1000.0) < 5.0 * 20.0 * 2.1371 / sqrt((double)MANY));
        assert_true(fabs(cell.rms / 20.0 - clipped_sigma()) < 5.0 / sqrt(2.0 * MANY) + 1e-3);
        assert_true(cell.count < MANY && (double)cell.count > 0.9 * MANY);
        assert_true(fabs(cell.error / (2.1371 * cell.rms / sqrt((double)cell.count)) - 1.0) <
                    1e-12);
    }
    free(values);
}

/* Half 3 and half 5, steps of 10 / 998: once both sums are equal, all empty steps between are taken
 * from above, so the median is the lower value.  The mean is one deviation off: the median counts.
 */
static void test_two_values(void **state)
{
    (void)state;
    float values[1000];
    for (int i = 0; i < 1000; i++)
        values[i] = i % 2 ? 3.0F : 5.0F;
    wk_cell cell = measured(values, 1000);
    assert_true(fabs(cell.level - 3.0) <= 10.0 / 998.0);
    assert_true(fabs(cell.rms - 1.0) <= 10.0 / 998.0);
}

/* What floats allow at most and at least: a finite number comes out, near the values. */
static void test_extremes(void **state)
{
    (void)state;
    const float huge[] = {1e38F, 1.5e38F, 2e38F, 1.2e38F}, tiny[] = {0.0F, 1e-45F, 0.0F, 3e-45F};
    wk_cell cell = measured(huge, 4);
    assert_true(cell.level > 5e37 && cell.level < 2.5e38 && cell.count > 0);
    cell = measured(tiny, 4);
    assert_true(fabs(cell.level) < 1e-43 && isfinite(cell.rms));
    float *values = stream_make(STREAM_WILD, 1000);
    cell = measured(values, 1000);
    assert_true(isfinite(cell.level) && isfinite(cell.rms));
    free(values);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_race),       cmocka_unit_test(test_streams),
        cmocka_unit_test(test_constant),   cmocka_unit_test(test_gaussian),
        cmocka_unit_test(test_two_values), cmocka_unit_test(test_extremes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
