#include "cell.h"

#include "streams.h"

#include "moment.h"
#include "random.h"

enum { N = 900 };

static wk_background_options clipped(wk_cell_statistic statistic, double sigma, int iterations)
{
    wk_background_options options = wk_background_options_preset(WK_PRESET_LSST);
    options.statistic = statistic;
    options.clip = WK_CLIP_MEDIAN;
    options.sigma = sigma;
    options.iterations = iterations;
    return options;
}

static wk_background_options plain(wk_cell_statistic statistic)
{
    wk_background_options options = wk_background_options_preset(WK_PRESET_LSST);
    options.statistic = statistic;
    return options;
}

static wk_cell measured(const float *values, int64_t n, int64_t area,
                        const wk_background_options *options)
{
    wk_cell cell;
    wk_cell_scratch scratch = {0};
    float *copy = malloc((size_t)(n + 1) * sizeof *copy);
    memcpy(copy, values, (size_t)n * sizeof *copy);
    assert_int_equal(wk_cell_measure(&cell, copy, n, area, options, &scratch, NULL), WK_OK);
    assert_memory_equal(copy, values, (size_t)n * sizeof *copy); /* they stay as they are */
    wk_cell_scratch_release(&scratch);
    assert_null(scratch.order);
    free(copy);
    return cell;
}

static void expect_close(double got, double expected, double relative)
{
    if (!(isnan(expected) ? isnan(got) : fabs(got - expected) <= relative * fabs(expected)))
        fail_msg("%.17g is not %.17g", got, expected);
}

static void expect_none(const wk_cell *cell)
{
    assert_true(isnan(cell->level) && isnan(cell->error) && isnan(cell->rms));
    assert_int_equal(cell->count, 0);
}

/* 101 x 64 pixels of 10 + x: the mean is 60 to the bit, the variance (101^2 - 1) / 12. */
static void test_ramp(void **state)
{
    (void)state;
    float values[101 * 64];
    for (int i = 0; i < 101 * 64; i++)
        values[i] = 10.0F + (float)(i % 101);
    wk_background_options options = plain(WK_CELL_MEANCLIP);
    wk_cell cell = measured(values, 101 * 64, 101 * 64, &options);
    assert_true(cell.level == 60.0);
    assert_int_equal(cell.count, 101 * 64);
    expect_close(cell.rms, sqrt(850.0 * 6464.0 / 6463.0), 1e-12);
    expect_close(cell.error, sqrt(850.0 / 6463.0), 1e-12);
}

/* Of one pixel nothing is known but its value; of equal ones that they do not scatter. */
static void test_few(void **state)
{
    (void)state;
    const float two[2] = {1.0F, 3.0F}, equal[5] = {0.1F, 0.1F, 0.1F, 0.1F, 0.1F};
    for (int statistic = WK_CELL_MEANCLIP; statistic <= WK_CELL_BIWEIGHT; statistic++)
        for (int clip = WK_CLIP_NONE; clip <= WK_CLIP_MEDIAN; clip++) {
            wk_background_options options = plain((wk_cell_statistic)statistic);
            options.clip = (wk_cell_clip)clip;
            int lsst = statistic == WK_CELL_MEANCLIP || clip == WK_CLIP_NONE;
            wk_cell cell = measured(two, 0, 4, &options);
            expect_none(&cell);
            cell = measured(equal, 1, 4, &options);
            assert_true(cell.level == (double)0.1F && isnan(cell.error) && cell.count == 1);
            expect_close(cell.rms, lsst ? (double)NAN : 0.0, 0.0);
            cell = measured(two, 2, 4, &options);
            assert_true(cell.level == 2.0 && cell.count == 2);
            expect_close(cell.rms, lsst ? sqrt(2.0) : 1.0, 1e-15);
            cell = measured(equal, 5, 5, &options);
            assert_true(cell.level == (double)0.1F && cell.error == 0.0 && cell.rms == 0.0);
            assert_int_equal(cell.count, 5);
        }
}

/* LSST's own cases: {1, 2, 3, 2} gives 2, 0 to 9 gives 4.5, 0 to 10 gives 5. */
static void test_medians(void **state)
{
    (void)state;
    const float four[] = {1, 2, 3, 2}, eleven[] = {3, 0, 10, 1, 9, 2, 8, 4, 7, 5, 6},
                ten[] = {3, 0, 1, 9, 2, 8, 4, 7, 5, 6};
    wk_background_options options = plain(WK_CELL_MEDIAN);
    assert_true(measured(four, 4, 4, &options).level == 2.0);
    assert_true(measured(ten, 10, 10, &options).level == 4.5);
    assert_true(measured(eleven, 11, 11, &options).level == 5.0);
}

static void test_zero(void **state)
{
    (void)state;
    const float zero = 0.0F;
    wk_background_options options = plain(WK_CELL_MEANCLIP);
    assert_true(measured(&zero, 1, 1, &options).level == 0.0);
}

/* Mean, unbiased deviation and number of the values within half of center, in long double. */
static int64_t within(long double *mean, long double *deviation, const float *values, int64_t n,
                      long double center, long double half)
{
    long double sum = 0.0L, square = 0.0L;
    int64_t kept = 0;
    for (int64_t i = 0; i < n; i++)
        if (fabsl((long double)values[i] - center) <= half) {
            sum += (long double)values[i];
            kept++;
        }
    *mean = sum / (long double)kept;
    for (int64_t i = 0; i < n; i++)
        if (fabsl((long double)values[i] - center) <= half)
            square += ((long double)values[i] - *mean) * ((long double)values[i] - *mean);
    *deviation = sqrtl(square / (long double)(kept - 1));
    return kept;
}

/* Sums of n doubles: some n^0.5 units of 1e-16 of the deviations.  None kept: NaN. */
static void expect_level(double level, long double mean, long double deviation, int64_t kept)
{
    if (kept < 1)
        assert_true(isnan(level));
    else
        assert_true(fabsl((long double)level - mean) <=
                    1e-13L * ((kept > 1 ? deviation : 0.0L) + fabsl(mean)));
}

/* The passes as they are defined, from a sorted copy. */
static void expect_meanclip(const float *values, int64_t n, double sigma, int iterations)
{
    wk_background_options options = plain(WK_CELL_MEANCLIP);
    options.sigma = sigma;
    options.iterations = iterations;
    float *sorted = stream_sorted(values, n);
    long double mean = (long double)stream_quantile(sorted, n, 0.5), deviation;
    long double half =
        0.741301109252802L * (long double)sigma *
        (long double)(stream_quantile(sorted, n, 0.75) - stream_quantile(sorted, n, 0.25));
    int64_t kept = 0;
    for (int pass = 0; pass < iterations; pass++) {
        kept = within(&mean, &deviation, values, n, mean, half);
        half = (long double)sigma * deviation;
    }
    wk_cell cell = measured(values, n, n, &options);
    assert_int_equal(cell.count, kept);
    expect_level(cell.level, mean, deviation, kept);
    expect_close(cell.rms, (double)deviation, 1e-12);
    expect_close(cell.error, (double)(deviation / sqrtl((long double)kept)), 1e-12);
    free(sorted);
}

static void test_meanclip(void **state)
{
    (void)state;
    static const stream_shape shapes[] = {STREAM_NOISE,   STREAM_WHOLE, STREAM_EQUAL,
                                          STREAM_FALLING, STREAM_TWO,   STREAM_ZEROS};
    for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++)
        for (int64_t n = 2; n <= N; n += n / 3 + 1) {
            float *values = stream_make(shapes[s], n);
            for (int64_t i = 0; i < n / 20; i++)
                values[i * 20] += 30.0F; /* sources */
            for (int passes = 1; passes <= 5; passes += 2) {
                expect_meanclip(values, n, 3.0, passes);
                expect_meanclip(values, n, 2.1, passes);
            }
            free(values);
        }
}

/* Equal pixels but for some: what is left has no scatter, and its mean must not leave it. */
static void test_flat_with_sources(void **state)
{
    (void)state;
    float values[997];
    for (int statistic = WK_CELL_MEANCLIP; statistic <= WK_CELL_BIWEIGHT; statistic++)
        for (int flat = 0; flat < 40; flat++) {
            float level = 0.1F * powf(1.7F, (float)(flat - 20));
            int sources = 0;
            for (int i = 0; i < 997; i++) {
                values[i] = i % 10 == 3 ? 65000.123F / (float)(i + 1) + level : level;
                sources += i % 10 == 3;
            }
            wk_background_options options = clipped((wk_cell_statistic)statistic, 3.0, 50);
            wk_cell cell = measured(values, 997, 997, &options);
            assert_true(cell.count >= 997 - sources);
            assert_true(cell.level >= (double)level && cell.level < (double)level + 100.0);
            if (statistic == WK_CELL_MEANCLIP)
                assert_true(cell.level == (double)level && cell.rms == 0.0);
        }
}

/* Successive passes over Gaussian noise leave 0.986578, 0.985053, 0.984871 of the deviation.  The
 * scatter of a deviation is sigma / sqrt(2 n), of a clipped one less. */
static void test_clipped_gaussian(void **state)
{
    (void)state;
    enum { MANY = 1000000 };
    const double limits[] = {0.986578, 0.985053, 0.984871};
    float *values = malloc(MANY * sizeof *values);
    wk_random_gaussian(values, MANY, wk_random_stream(7, 0, 0, 0, 0));
    for (int passes = 1; passes <= 3; passes++) {
        wk_background_options options = plain(WK_CELL_MEANCLIP);
        options.iterations = passes;
        wk_cell cell = measured(values, MANY, MANY, &options);
        assert_true(fabs(cell.rms - limits[passes - 1]) < 5.0 / sqrt(2.0 * MANY));
        assert_true(fabs(cell.level) < 5.0 / sqrt((double)MANY));
        expect_close(cell.error, cell.rms / sqrt((double)cell.count), 1e-14);
    }
    free(values);
}

/* Clipping about the median as astropy.stats.sigma_clip has it, in long double: what is out stays
 * out, until nothing changes. */
static void expect_clip(const float *values, int64_t n, double sigma, int iterations)
{
    wk_background_options options = clipped(WK_CELL_MEAN, sigma, iterations);
    float *left = stream_sorted(values, n);
    int64_t kept = n;
    long double mean = 0.0L, deviation = 0.0L;
    for (int round = 0; round <= iterations; round++) {
        double median = stream_quantile(left, kept, 0.5);
        int64_t still = 0;
        within(&mean, &deviation, left, kept, 0.0L, (long double)INFINITY);
        deviation *= kept > 1 ? sqrtl((long double)(kept - 1) / (long double)kept) : 0.0L;
        for (int64_t i = 0; round < iterations && i < kept; i++)
            if (fabsl((long double)left[i] - (long double)median) <= (long double)sigma * deviation)
                left[still++] = left[i];
        if (round < iterations && still == kept)
            break;
        kept = round < iterations ? still : kept;
    }
    wk_cell cell = measured(values, n, n, &options);
    assert_int_equal(cell.count, kept);
    expect_level(cell.level, mean, deviation, kept);
    expect_close(cell.rms, (double)deviation, 1e-12);
    free(left);
}

static void test_clip_about_median(void **state)
{
    (void)state;
    static const stream_shape shapes[] = {STREAM_NOISE, STREAM_WHOLE, STREAM_RISING, STREAM_TWO,
                                          STREAM_ZEROS};
    for (size_t s = 0; s < sizeof shapes / sizeof shapes[0]; s++)
        for (int64_t n = 2; n <= N; n += n / 3 + 1) {
            float *values = stream_make(shapes[s], n);
            for (int64_t i = 0; i < n / 15; i++)
                values[i * 15] += 5.0F + (float)i;
            for (int rounds = 1; rounds <= 10; rounds += 3) {
                expect_clip(values, n, 3.0, rounds);
                expect_clip(values, n, 1.7, rounds);
            }
            free(values);
        }
}

/* Median 5.5, deviation 28.6: 100 is out.  1 to 9 have mean 5 and variance 60/9. */
static void test_clip_by_hand(void **state)
{
    (void)state;
    const float values[] = {4, 1, 100, 2, 3, 9, 5, 6, 7, 8};
    wk_background_options options = clipped(WK_CELL_MEAN, 2.0, 10);
    wk_cell cell = measured(values, 10, 10, &options);
    expect_close(cell.level, 5.0, 1e-15);
    expect_close(cell.rms, sqrt(60.0 / 9.0), 1e-14);
    expect_close(cell.error, sqrt(60.0 / 8.0 / 9.0), 1e-14);
    assert_int_equal(cell.count, 9);
    options.statistic = WK_CELL_MEDIAN;
    cell = measured(values, 10, 10, &options);
    assert_true(cell.level == 5.0);
    expect_close(cell.error, sqrt(1.5707963267948966 * 60.0 / 8.0 / 9.0), 1e-14);
}

/* Mean 3.2, median 3, deviation 1.72: 7.5 - 4.8.  Mean 2, median 0, deviation 4: the median. */
static void test_mode(void **state)
{
    (void)state;
    const float near[] = {6, 1, 4, 2, 3}, far[] = {0, 0, 10, 0, 0};
    wk_background_options options = plain(WK_CELL_MODE);
    expect_close(measured(near, 5, 5, &options).level, 2.7, 1e-14);
    expect_close(measured(near, 5, 5, &options).error, 2.1371 * sqrt(14.8 / 4.0 / 5.0), 1e-12);
    assert_true(measured(far, 5, 5, &options).level == 0.0);
}

/* By astropy 5's biweight_location; it works in float64 throughout, here deviations are rounded to
 * float32 for their median: 6e-8 of a weight. */
static void test_biweight(void **state)
{
    (void)state;
    const float a[] = {1, 2, 3, 4, 6}, b[] = {0, 1, 2, 3, 50, -7, 2.5F, 2.25F},
                c[] = {10, 12, 11, 13, 9, 40, 11.5F, 10.5F, -30, 12.5F}, d[] = {1, 1, 1, 9, 7};
    wk_background_options options = plain(WK_CELL_BIWEIGHT);
    expect_close(measured(a, 5, 5, &options).level, 3.0252773231496635, 1e-7);
    expect_close(measured(b, 8, 8, &options).level, 1.865905482353392, 1e-7);
    expect_close(measured(c, 10, 10, &options).level, 11.210547199714993, 1e-7);
    assert_true(measured(d, 5, 5, &options).level == 1.0); /* no median deviation: the median */
    options.clip = WK_CLIP_MEDIAN; /* 40 and -30 are out; far ones have no weight anyway */
    options.sigma = 2.0;
    assert_int_equal(measured(c, 10, 10, &options).count, 8);
}

/* The levels of many cells scatter as their errors say.  Of M cells the deviation is known to
 * 1 / sqrt(2 M); the biweight of Gaussian noise is 0.98 as efficient as the mean. */
static void test_errors(void **state)
{
    (void)state;
    enum { CELLS = 3000, PIXELS = 400 };
    static const wk_cell_statistic statistics[] = {WK_CELL_MEANCLIP, WK_CELL_MEAN, WK_CELL_MEDIAN,
                                                   WK_CELL_MODE, WK_CELL_BIWEIGHT};
    float values[PIXELS];
    for (size_t s = 0; s < 5; s++) {
        wk_background_options options = plain(statistics[s]);
        double square = 0.0, expected = 0.0;
        for (uint64_t i = 0; i < CELLS; i++) {
            wk_random_gaussian(values, PIXELS, wk_random_stream(3, s, i, 0, 0));
            wk_cell cell = measured(values, PIXELS, PIXELS, &options);
            square += cell.level * cell.level;
            expected += cell.error * cell.error;
        }
        double ratio = sqrt(square / expected);
        assert_true(ratio > 1.0 - 5.0 / sqrt(2.0 * CELLS));
        assert_true(ratio < 1.02 + 5.0 / sqrt(2.0 * CELLS));
    }
}

static void test_minimum_good(void **state)
{
    (void)state;
    float values[100];
    for (int i = 0; i < 100; i++)
        values[i] = (float)(i % 10);
    for (int statistic = WK_CELL_MEANCLIP; statistic <= WK_CELL_SEXTRACTOR; statistic++) {
        wk_background_options options = plain((wk_cell_statistic)statistic);
        options.minimum_good = 0.1;
        wk_cell cell = measured(values, 9, 100, &options);
        expect_none(&cell);
        assert_true(isfinite(measured(values, 10, 100, &options).level));
    }
    wk_background_options options = clipped(WK_CELL_MODE, 3.0, 10);
    options.minimum_good = 0.9;
    values[0] = 1e6F; /* is clipped: 89 are left */
    wk_cell cell = measured(values, 90, 100, &options);
    assert_int_equal(cell.count, 89);
    options.mesh = WK_MESH_PHOTUTILS;
    cell = measured(values, 90, 100, &options);
    expect_none(&cell);
}

/* A limit below one deviation can leave out both of two values. */
static void test_all_clipped(void **state)
{
    (void)state;
    const float values[] = {0, 10};
    for (int statistic = WK_CELL_MEAN; statistic <= WK_CELL_BIWEIGHT; statistic++) {
        wk_background_options options = clipped((wk_cell_statistic)statistic, 0.5, 5);
        wk_cell cell = measured(values, 2, 2, &options);
        expect_none(&cell);
    }
}

/* One scratch serves cells of any size and statistic. */
static void test_scratch(void **state)
{
    (void)state;
    wk_cell_scratch scratch = {0};
    for (int64_t n = 700; n > 0; n = n * 2 / 3)
        for (int statistic = WK_CELL_MEANCLIP; statistic <= WK_CELL_SEXTRACTOR; statistic++) {
            wk_background_options options = clipped((wk_cell_statistic)statistic, 3.0, 5);
            float *values = stream_make(STREAM_NOISE, n);
            wk_cell once = measured(values, n, n, &options), again;
            assert_int_equal(wk_cell_measure(&again, values, n, n, &options, &scratch, NULL),
                             WK_OK);
            expect_close(again.level, once.level, 0.0);
            expect_close(again.rms, once.rms, 0.0);
            free(values);
        }
    wk_cell_scratch_release(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ramp),
        cmocka_unit_test(test_few),
        cmocka_unit_test(test_medians),
        cmocka_unit_test(test_zero),
        cmocka_unit_test(test_meanclip),
        cmocka_unit_test(test_flat_with_sources),
        cmocka_unit_test(test_clipped_gaussian),
        cmocka_unit_test(test_clip_about_median),
        cmocka_unit_test(test_clip_by_hand),
        cmocka_unit_test(test_mode),
        cmocka_unit_test(test_biweight),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_minimum_good),
        cmocka_unit_test(test_all_clipped),
        cmocka_unit_test(test_scratch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
