#include "preview_limits.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "random.h"
#include "welkin/rows.h"

enum { WIDTH = 300, HEIGHT = 200, N = WIDTH * HEIGHT };

static float pixels[2][N];
static uint8_t mask[2][N];
static wk_rows_view views[2];
static wk_preview_image images[2];
static wk_thumbnail thumbnails[2];

/* Noise about 0 and 50; the masked pixels are far away. */
static void make(void)
{
    for (int k = 0; k < 2; k++) {
        wk_random_gaussian(pixels[k], N, wk_random_stream(7, 1, (uint64_t)k, 3, 4));
        for (int i = 0; i < N; i++) {
            mask[k][i] = i % 50 == 9;
            pixels[k][i] =
                mask[k][i] ? (i % 100 == 9 ? 900.0F : -900.0F) : pixels[k][i] + 50 * (float)k;
        }
        pixels[k][5] = NAN;
        views[k] = (wk_rows_view){{pixels[k], WIDTH, HEIGHT, WIDTH}, mask[k], NULL};
        images[k] = (wk_preview_image){.rows = wk_rows_of_view(&views[k])};
        assert_int_equal(wk_thumbnail_make(&thumbnails[k], &images[k].rows, 1, 1, NULL, NULL),
                         WK_OK);
    }
}

static void drop(void)
{
    for (int k = 0; k < 2; k++)
        wk_thumbnail_release(&thumbnails[k]);
}

static void find(double limits[2], const wk_preview_options *options, size_t count)
{
    assert_int_equal(wk_limits_find(limits, images, thumbnails, count, options, NULL, NULL), WK_OK);
}

static int ascending(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* numpy's linear percentile of the good pixels of both images, sorted here. */
static double percentile(double percent)
{
    static float good[2 * N];
    int count = 0;
    for (int k = 0; k < 2; k++)
        for (int i = 0; i < N; i++)
            if (!mask[k][i] && isfinite(pixels[k][i]))
                good[count++] = pixels[k][i];
    qsort(good, (size_t)count, sizeof *good, ascending);
    double place = percent / 100 * (count - 1);
    int below = (int)place;
    double next = (double)good[below + 1 < count ? below + 1 : below];
    return (double)good[below] + (place - below) * (next - (double)good[below]);
}

static void test_percentiles_are_exact(void **state)
{
    (void)state;
    double limits[2];
    wk_preview_options options = {.limits = WK_PREVIEW_PERCENTILE};
    const double pairs[][2] = {{0, 100}, {1, 99}, {49.9, 50.1}, {0.01, 99.99}};
    make();
    for (int k = 0; k < 4; k++) {
        options.low = pairs[k][0];
        options.high = pairs[k][1];
        find(limits, &options, 2);
        assert_true(fabs(limits[0] - percentile(pairs[k][0])) < 1e-12);
        assert_true(fabs(limits[1] - percentile(pairs[k][1])) < 1e-5);
    }
    drop();
}

static void test_extremes_are_those_of_good_pixels(void **state)
{
    (void)state;
    double limits[2];
    wk_preview_options options = {.limits = WK_PREVIEW_MINMAX};
    make();
    find(limits, &options, 2);
    assert_true(limits[0] == percentile(0) && limits[1] == percentile(100));
    options.about_zero = 1;
    find(limits, &options, 2);
    assert_true(limits[1] == percentile(100) && limits[0] == -limits[1]);
    drop();
    memset(mask, 1, sizeof mask); /* no good pixel: the finite ones */
    for (int k = 0; k < 2; k++)
        assert_int_equal(wk_thumbnail_make(&thumbnails[k], &images[k].rows, 1, 1, NULL, NULL),
                         WK_OK);
    options.about_zero = 0;
    find(limits, &options, 2);
    assert_true(limits[0] == -900 && limits[1] == 900);
    options = (wk_preview_options){.limits = WK_PREVIEW_PERCENTILE, .low = 0, .high = 100};
    find(limits, &options, 2);
    assert_true(limits[0] == -900 && limits[1] == 900);
    drop();
}

/* Noise of one image: the limits are within its extremes and take in most of it; of both, they hold
 * both levels. */
static void test_zscale_takes_all_images_together(void **state)
{
    (void)state;
    double one[2], both[2];
    make();
    for (int rule = WK_PREVIEW_ZSCALE; rule <= WK_PREVIEW_ZSCALE_IRAF; rule++) {
        wk_preview_options options = {.limits = (wk_preview_limits)rule};
        find(one, &options, 1);
        assert_true(one[0] < -1 && one[0] > -10 && one[1] > 1 && one[1] < 10);
        find(both, &options, 2);
        assert_true(both[0] < 1 && both[1] > 49);
    }
    drop();
}

static void test_given_and_unknown(void **state)
{
    (void)state;
    double limits[2];
    wk_preview_options options = {
        .limits = WK_PREVIEW_GIVEN, .low = -3, .high = 8, .about_zero = 1};
    make();
    find(limits, &options, 1);
    assert_true(limits[0] == -3 && limits[1] == 8);
    drop();
    for (int i = 0; i < N; i++)
        pixels[0][i] = NAN;
    assert_int_equal(wk_thumbnail_make(&thumbnails[0], &images[0].rows, 1, 1, NULL, NULL), WK_OK);
    for (int rule = WK_PREVIEW_ZSCALE; rule <= WK_PREVIEW_PERCENTILE; rule++) {
        options = (wk_preview_options){
            .limits = (wk_preview_limits)rule, .low = 1, .high = 2, .about_zero = 1};
        find(limits, &options, 1);
        assert_true(isnan(limits[0]) && isnan(limits[1]));
    }
    wk_thumbnail_release(&thumbnails[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_percentiles_are_exact),
        cmocka_unit_test(test_extremes_are_those_of_good_pixels),
        cmocka_unit_test(test_zscale_takes_all_images_together),
        cmocka_unit_test(test_given_and_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
