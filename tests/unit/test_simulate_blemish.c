#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "simulate.h"

static wk_pixels drawn(const wk_simulation_options *options)
{
    wk_simulation *simulation;
    wk_pixels pixels = {0};
    wk_error error = {0};
    assert_int_equal(wk_simulation_create(&simulation, options, &error), WK_OK);
    assert_int_equal(wk_simulation_render(&pixels, simulation, 0, 0, &error), WK_OK);
    wk_simulation_free(simulation);
    return pixels;
}

static wk_simulation_options square(int64_t side)
{
    wk_simulation_options options = wk_simulation_options_default();
    options.exposures = 1;
    options.width = side;
    options.height = side;
    return options;
}

static int64_t count(const wk_pixels *pixels, int flag)
{
    int64_t sum = 0;
    for (int64_t i = 0; i < pixels->width * pixels->height; i++)
        sum += (pixels->bad[i] & flag) != 0;
    return sum;
}

/* 0.1 % of single pixels, of which about one in a thousand is hit twice, two columns from some row
 * to the top, and two pixels without a value that may lie on others. */
static void shares(void **state)
{
    (void)state;
    wk_simulation_options options = square(1024);
    options.stars = 0;
    wk_pixels pixels = drawn(&options);
    int64_t bad = count(&pixels, WK_BLEMISH_BAD);
    assert_in_range(bad, 1030, 1049 + 2 * 1024);
    assert_int_equal(count(&pixels, WK_BLEMISH_EMPTY), 2);
    assert_int_equal(count(&pixels, WK_BLEMISH_CORE), 0);
    assert_int_equal(count(&pixels, WK_BLEMISH_DETECTED), 0);
    int64_t nan = 0, wrong = 0;
    for (int64_t i = 0; i < 1024 * 1024; i++) {
        nan += !isfinite(pixels.data[i]);
        wrong += !pixels.bad[i] && !(pixels.data[i] > 50 && pixels.data[i] < 2e4F);
    }
    assert_int_equal(nan, 2);
    assert_int_equal(wrong, 0);
    assert_int_equal(pixels.good, 1024 * 1024 - count(&pixels, 255));
    wk_pixels_release(&pixels);
}

static void no_mask(void **state)
{
    (void)state;
    wk_simulation_options options = square(256);
    options.mask = 0;
    wk_pixels pixels = drawn(&options);
    assert_int_equal(pixels.good, 256 * 256);
    assert_int_equal(count(&pixels, 255), 0);
    wk_pixels_release(&pixels);
}

/* Outside the cores of bright stars nothing of them is above one sigma: what is not masked is at
 * most the light of the stars below the limit, whose peak is 4000 / (2 pi 0.934^2) = 730, and of
 * galaxies.  Where a core is flagged, the light is at least one sigma. */
static void cores(void **state)
{
    (void)state;
    wk_simulation_options options = square(1024);
    options.stars = 2000;
    options.galaxies = 0;
    options.nebula = 0;
    options.sky_low = options.sky_high = 0;
    wk_pixels masked = drawn(&options);
    options.mask = 0;
    options.noise = 0;
    wk_pixels clean = drawn(&options);
    int64_t bright = 0, dim = 0;
    for (int64_t i = 0; i < 1024 * 1024; i++) {
        int core = (masked.bad[i] & WK_BLEMISH_CORE) != 0;
        bright += !core && clean.data[i] > 1500;
        dim += core && clean.data[i] < 0.999F;
    }
    assert_int_equal(bright, 0);
    assert_int_equal(dim, 0);
    assert_true(count(&masked, WK_BLEMISH_CORE) > 500);
    wk_pixels_release(&masked);
    wk_pixels_release(&clean);
}

/* LSST flags every source above five sigma, the cores of all bright stars among them. */
static void detections(void **state)
{
    (void)state;
    wk_simulation_options options = square(512);
    options.nebula = 0;
    options.sky_low = options.sky_high = 0;
    options.layout = WK_LAYOUT_LSST;
    wk_pixels flagged = drawn(&options);
    options.mask = 0;
    options.noise = 0;
    wk_pixels clean = drawn(&options);
    int64_t wrong = 0;
    for (int64_t i = 0; i < 512 * 512; i++)
        wrong += ((flagged.bad[i] & WK_BLEMISH_DETECTED) != 0) != (clean.data[i] > 5);
    assert_int_equal(wrong, 0);
    assert_true(count(&flagged, WK_BLEMISH_DETECTED) > 1000);
    wk_pixels_release(&flagged);
    wk_pixels_release(&clean);
}

/* A plain image says NaN for each bad pixel, and is else the same. */
static void plain(void **state)
{
    (void)state;
    wk_simulation_options options = square(300);
    wk_pixels with = drawn(&options);
    options.layout = WK_LAYOUT_PLAIN;
    wk_pixels without = drawn(&options);
    assert_memory_equal(with.bad, without.bad, 300 * 300);
    for (int64_t i = 0; i < 300 * 300; i++) {
        if (with.bad[i])
            assert_true(isnan(without.data[i]));
        else
            assert_true(with.data[i] == without.data[i]);
    }
    wk_pixels_release(&with);
    wk_pixels_release(&without);
}

/* A detector of one pixel, of one row, of one column; and one without noise has a variance that
 * is above zero, for zero would say that a pixel is bad. */
static void smallest(void **state)
{
    (void)state;
    static const int64_t size[][2] = {{1, 1}, {700, 1}, {1, 700}, {3, 2}};
    for (size_t i = 0; i < sizeof size / sizeof *size; i++)
        for (int kind = 0; kind < 3; kind++) {
            wk_simulation_options options = wk_simulation_options_default();
            options.width = size[i][0];
            options.height = size[i][1];
            options.distortion = (wk_distortion)kind;
            options.stars = 0;
            options.noise = 0;
            wk_pixels pixels = drawn(&options);
            assert_in_range(pixels.good, 1, size[i][0] * size[i][1]);
            assert_true(pixels.variance[0] > 0);
            wk_pixels_release(&pixels);
        }
}

static void no_such_exposure(void **state)
{
    (void)state;
    wk_simulation *simulation;
    wk_pixels pixels = {0};
    wk_error error = {0};
    assert_int_equal(wk_simulation_create(&simulation, NULL, &error), WK_OK);
    assert_int_equal(wk_simulation_render(&pixels, simulation, -1, 0, &error), WK_ARGUMENT);
    assert_string_equal(error.subject, "exposure");
    assert_int_equal(wk_simulation_render(&pixels, simulation, 0, 1, &error), WK_ARGUMENT);
    assert_null(pixels.data);
    wk_simulation_free(simulation);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares),           cmocka_unit_test(no_mask), cmocka_unit_test(cores),
        cmocka_unit_test(detections),       cmocka_unit_test(plain),   cmocka_unit_test(smallest),
        cmocka_unit_test(no_such_exposure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
