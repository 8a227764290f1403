#include "picture.h"

#include "variance_factor.h"

/* 0.74 times the distance of a Gaussian's quartiles, squared: LSST's constant is a little small. */
#define GAUSSIAN (0.74 * 1.3489795003921634 * 0.74 * 1.3489795003921634)

static wk_variance_options plain(void)
{
    wk_variance_options options = {WK_VARIANCE_AUTO, 10.0, 0.0, 0, 0, {0}};
    return options;
}

static wk_status measure(wk_variance_result *out, const picture *one,
                         const wk_variance_options *options)
{
    return wk_variance_measure(out, &one->rows, NULL, NULL, options, NULL, NULL);
}

/* Of a large N the factor scatters by 2.33 / sqrt(N) of it; five of these are allowed. */
static void test_gaussian(void **state)
{
    (void)state;
    enum { SIDE = 1000 };
    picture one;
    picture_make(&one, SIDE, SIDE, 5);
    wk_variance_options options = plain();
    wk_variance_result out;
    double scatter = 5.0 * 2.33 / SIDE;
    assert_int_equal(measure(&out, &one, &options), WK_OK);
    assert_true(fabs(out.factor / GAUSSIAN - 1.0) < scatter);
    assert_true(fabs(out.error / out.factor - 2.33 / SIDE) < 0.003 / SIDE);
    options.exact = 1;
    assert_int_equal(measure(&out, &one, &options), WK_OK);
    assert_true(fabs(out.factor - 1.0) < scatter);
    for (int64_t i = 0; i < SIDE * SIDE; i++)
        one.variance[i] = 1.0F / 1.345F;
    options.exact = 0;
    assert_int_equal(measure(&out, &one, &options), WK_OK);
    assert_true(fabs(out.pixel / (1.345 * GAUSSIAN) - 1.0) < scatter);
    /* SNR and residual differ by one rounding to float32 */
    assert_true(fabs(out.agreement) < 1e-6);
    picture_free(&one);
}

/* Field by field: there are gaps between them. */
static void assert_same(const wk_variance_result *a, const wk_variance_result *b)
{
    assert_memory_equal(&a->pixel, &b->pixel, sizeof a->pixel);
    assert_memory_equal(&a->image, &b->image, sizeof a->image);
    assert_memory_equal(&a->factor, &b->factor, sizeof a->factor);
    assert_memory_equal(&a->error, &b->error, sizeof a->error);
    assert_int_equal(a->used, b->used);
    assert_int_equal(a->good, b->good);
    assert_int_equal(a->masked, b->masked);
}

/* The same from sorted copies of the good pixels' numbers. */
static void expect_sorted(const picture *one, const wk_rect *region, double *pixel, double *image)
{
    int64_t n = 0, room = region->width * region->height;
    float *snr = malloc((size_t)room * sizeof *snr), *noise = malloc((size_t)room * sizeof *noise);
    float *value = malloc((size_t)room * sizeof *value);
    for (int64_t y = region->y; y < region->y + region->height; y++)
        for (int64_t x = region->x; x < region->x + region->width; x++) {
            int64_t i = y * one->width + x;
            if (!picture_good(one, i))
                continue;
            snr[n] = one->data[i] / sqrtf(one->variance[i]);
            value[n] = one->data[i];
            noise[n++] = one->variance[i];
        }
    float *sorted[3] = {stream_sorted(snr, n), stream_sorted(value, n), stream_sorted(noise, n)};
    double width[2];
    for (int k = 0; k < 2; k++)
        width[k] =
            0.74 * (stream_quantile(sorted[k], n, 0.75) - stream_quantile(sorted[k], n, 0.25));
    *pixel = width[0] * width[0];
    *image = width[1] * width[1] / stream_quantile(sorted[2], n, 0.5);
    for (int k = 0; k < 3; k++)
        free(sorted[k]);
    free(snr);
    free(value);
    free(noise);
}

static void check_region(const picture *one, wk_rect region)
{
    wk_variance_result out, same;
    double pixel, image;
    expect_sorted(one, &region, &pixel, &image);
    wk_variance_options options = plain();
    for (int threads = 1; threads <= 7; threads += threads == 1 ? 1 : 5) {
        wk_context context = {threads, 0, NULL, NULL, NULL};
        assert_int_equal(
            wk_variance_measure(&out, &one->rows, NULL, &region, &options, &context, NULL), WK_OK);
        assert_true(out.pixel == pixel); /* the same order statistics, the same operations */
        assert_true(fabs(out.image / image - 1.0) < 1e-14); /* a root that is squared */
        assert_int_equal(out.good + out.masked, region.width * region.height);
        if (threads > 1)
            assert_same(&out, &same);
        same = out;
    }
}

static void test_regions_against_sorted_copies(void **state)
{
    (void)state;
    picture one, copy;
    picture_make(&one, 1111, 601, 10);
    picture_make(&copy, 1111, 601, 10);
    picture_spoil(&one);
    picture_spoil(&copy);
    check_region(&one, (wk_rect){0, 0, 1111, 601});
    check_region(&one, (wk_rect){13, 17, 700, 333});
    check_region(&one, (wk_rect){1110, 0, 1, 601});
    check_region(&one, (wk_rect){0, 600, 1111, 1});
    check_region(&one, (wk_rect){500, 300, 5, 3});
    size_t n = 1111 * 601;
    assert_memory_equal(one.data, copy.data, n * sizeof(float));
    assert_memory_equal(one.variance, copy.variance, n * sizeof(float));
    assert_memory_equal(one.mask, copy.mask, n);
    picture_free(&one);
    picture_free(&copy);
}

static int count_passes(const wk_progress *progress, void *payload)
{
    *(int *)payload += progress->done == progress->total;
    assert_string_equal(progress->stage, "variance");
    return 0;
}

/* Room for everything, and for some hundred values only. */
static int measure_counting(const picture *one, size_t memory, wk_variance_result *out)
{
    int passes = 0;
    wk_context context = {2, memory, count_passes, NULL, &passes};
    wk_variance_options options = plain();
    assert_int_equal(wk_variance_measure(out, &one->rows, NULL, NULL, &options, &context, NULL),
                     WK_OK);
    return passes;
}

/* Levels that only rows without samples have mislead every guess. */
static void test_misled_guess(void **state)
{
    (void)state;
    picture one;
    wk_variance_result out, small;
    picture_make(&one, 1024, 512, 11);
    assert_int_equal(measure_counting(&one, 0, &out), 1);
    for (int64_t y = 0; y < 512; y++)
        for (int64_t x = 0; x < 1024; x++)
            if (y % 8 != 4) {
                one.data[y * 1024 + x] = 3.0F * one.data[y * 1024 + x] + 1.0F;
                one.variance[y * 1024 + x] = 2.0F + (float)(x % 7);
            }
    assert_int_equal(measure_counting(&one, 0, &out), 3);
    check_region(&one, (wk_rect){0, 0, 1024, 512});
    picture_free(&one);
    picture_make(&one, 1024, 512, 11);
    assert_int_equal(measure_counting(&one, 0, &out), 1);
    assert_int_equal(measure_counting(&one, 4096, &small), 3);
    assert_same(&out, &small);
    picture_free(&one);
}

/* The statistical case of LSST's own test: correlated noise, a mask of geometric numbers, variance
 * 0 where the mask is above 1.  rho are the correlations with the neighbours along y and x. */
static void correlate(picture *out, double rho1, double rho2, uint64_t seed)
{
    enum { SIDE = 512, INNER = 510 };
    picture white;
    picture_make(&white, SIDE, SIDE, seed);
    picture_make(out, INNER, INNER, seed);
    double r2 = rho1 * rho1 + rho2 * rho2;
    double k = r2 > 0.0 ? (1.0 + sqrt(1.0 - 4.0 * r2)) / (2.0 * r2) : 0.0;
    double a1 = k * rho1, a2 = k * rho2, scale = sqrt(1.0 + a1 * a1 + a2 * a2);
    wk_random random = wk_random_stream(seed, 9, 9, 9, 9);
    for (int y = 0; y < INNER; y++)
        for (int x = 0; x < INNER; x++) {
            const float *here = white.data + (y + 1) * SIDE + x + 1;
            double sum = (double)here[0] + a1 * (double)here[-SIDE] + a2 * (double)here[-1];
            int bits = (int)floor(log(wk_random_uniform(&random)) / log(0.15));
            out->data[y * INNER + x] = (float)(sum / scale);
            out->mask[y * INNER + x] = (uint8_t)bits;
            out->variance[y * INNER + x] = bits > 1 ? 0.0F : 1.0F;
        }
    picture_free(&white);
}

static void test_correlated_noise(void **state)
{
    (void)state;
    const double rho[5][2] = {{0, 0}, {-0.2, 0}, {0, 0.1}, {0.15, 0.25}, {0.25, -0.15}};
    for (int i = 0; i < 5; i++) {
        picture one;
        correlate(&one, rho[i][0], rho[i][1], 12345);
        wk_variance_options options = plain();
        wk_variance_result out;
        assert_int_equal(measure(&out, &one, &options), WK_OK);
        assert_true(fabs(out.pixel - out.image) <= 1e-6);
        assert_true(fabs(out.pixel - 1.0) <= 2e-2);
        /* 85 % are not masked; the scatter of the count is 182 */
        assert_true(llabs(out.good - 221085) < 5 * 182);
        picture_free(&one);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gaussian),
        cmocka_unit_test(test_regions_against_sorted_copies),
        cmocka_unit_test(test_misled_guess),
        cmocka_unit_test(test_correlated_noise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
