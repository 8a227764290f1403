#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "welkin/background.h"

static void expect_refused(const wk_background_options *options, const char *name)
{
    wk_error error = {0};
    assert_int_equal(wk_background_check(options, &error), WK_ARGUMENT);
    assert_string_equal(error.subject, name);
    assert_true(error.message[0] != '\0');
    assert_int_equal(wk_background_check(options, NULL), WK_ARGUMENT);
}

static void test_presets_are_valid(void **state)
{
    (void)state;
    assert_int_equal(wk_background_check(NULL, NULL), WK_OK);
    for (int preset = WK_PRESET_WELKIN; preset <= WK_PRESET_PHOTUTILS; preset++) {
        wk_background_options options = wk_background_options_preset((wk_background_preset)preset);
        assert_int_equal(options.preset, preset);
        assert_int_equal(wk_background_check(&options, NULL), WK_OK);
    }
}

static void test_welkin(void **state)
{
    (void)state;
    wk_background_options o = wk_background_options_default();
    assert_int_equal(o.preset, WK_PRESET_WELKIN);
    assert_true(o.box[0] == 128 && o.box[1] == 128 && o.cells == WK_CELLS_CEIL);
    assert_true(o.statistic == WK_CELL_MODE && o.clip == WK_CLIP_MEDIAN);
    assert_int_equal(o.interpolation, WK_INTERPOLATE_SMOOTH);
    assert_true(o.mask_sources == 0 && o.ignore == 0);
}

/* SubtractBackgroundTask's, but for its polynomial. */
static void test_lsst(void **state)
{
    (void)state;
    wk_background_options o = wk_background_options_preset(WK_PRESET_LSST);
    assert_true(o.box[0] == 128 && o.box[1] == 128 && o.cells == WK_CELLS_CEIL);
    assert_true(o.statistic == WK_CELL_MEANCLIP && o.sigma == 3.0 && o.iterations == 3);
    assert_true(o.minimum_good == 0.0 && o.interpolation == WK_INTERPOLATE_AKIMA && o.order == 6);
    assert_true(o.weights == WK_CELL_WEIGHTS_SIGMA && o.undersample == WK_UNDERSAMPLE_REDUCE);
    assert_true(o.filter[0] == 1 && o.filter[1] == 1 && o.mesh == WK_MESH_LSST);
    assert_true(o.compat_steps);
}

/* SEP's bw, bh 64, fw, fh 3; a mesh cell wants half of its pixels. */
static void test_sextractor(void **state)
{
    (void)state;
    wk_background_options o = wk_background_options_preset(WK_PRESET_SEXTRACTOR);
    assert_true(o.box[0] == 64 && o.box[1] == 64 && o.cells == WK_CELLS_FIXED);
    assert_true(o.statistic == WK_CELL_SEXTRACTOR && o.minimum_good == 0.5);
    assert_true(o.filter[0] == 3 && o.filter[1] == 3 && o.mesh == WK_MESH_SEXTRACTOR);
    assert_int_equal(o.interpolation, WK_INTERPOLATE_BICUBIC);
}

/* Background2D's filter_size 3, exclude_percentile 10, SigmaClip(sigma=3, maxiters=10). */
static void test_photutils(void **state)
{
    (void)state;
    wk_background_options o = wk_background_options_preset(WK_PRESET_PHOTUTILS);
    assert_true(o.box[0] == 64 && o.box[1] == 64 && o.cells == WK_CELLS_FIXED);
    assert_true(o.statistic == WK_CELL_MODE && o.clip == WK_CLIP_MEDIAN);
    assert_true(o.sigma == 3.0 && o.iterations == 10 && o.minimum_good == 0.9);
    assert_true(o.filter[0] == 3 && o.filter[1] == 3 && o.mesh == WK_MESH_PHOTUTILS);
    assert_int_equal(o.interpolation, WK_INTERPOLATE_ZOOM);
}

/* Set one field, expect its name in the error, take the defaults again. */
#define REFUSE(field, value, name)                                                                 \
    do {                                                                                           \
        wk_background_options options = wk_background_options_default();                           \
        options.field = value;                                                                     \
        expect_refused(&options, name);                                                            \
    } while (0)

#define ALLOW(field, value)                                                                        \
    do {                                                                                           \
        wk_background_options options = wk_background_options_default();                           \
        options.field = value;                                                                     \
        assert_int_equal(wk_background_check(&options, NULL), WK_OK);                              \
    } while (0)

static void test_numbers(void **state)
{
    (void)state;
    const double inf = (double)INFINITY, nan = (double)NAN;
    REFUSE(box[0], 0, "box");
    REFUSE(box[1], -5, "box");
    REFUSE(filter[0], 0, "filter");
    REFUSE(filter[1], 4, "filter");
    REFUSE(filter[1], -3, "filter");
    REFUSE(filter[0], 1001, "filter");
    REFUSE(sigma, 0.0, "sigma");
    REFUSE(sigma, nan, "sigma");
    REFUSE(sigma, inf, "sigma");
    REFUSE(iterations, 0, "iterations");
    REFUSE(minimum_good, -0.1, "minimum-good");
    REFUSE(minimum_good, 1.1, "minimum-good");
    REFUSE(minimum_good, nan, "minimum-good");
    REFUSE(order, -1, "order");
    REFUSE(order, 33, "order");
}

static void test_source_numbers(void **state)
{
    (void)state;
    const double nan = (double)NAN;
    REFUSE(mask_sources, -1, "mask-sources");
    REFUSE(source_sigma, 0.0, "source-sigma");
    REFUSE(source_sigma, nan, "source-sigma");
    REFUSE(source_fwhm, 0.0, "source-fwhm");
    REFUSE(source_fwhm, 51.0, "source-fwhm");
    REFUSE(source_fwhm, nan, "source-fwhm");
    REFUSE(source_grow, -1, "source-grow");
    REFUSE(source_grow, 251, "source-grow");
}

static void test_limits(void **state)
{
    (void)state;
    ALLOW(box[0], 1);
    ALLOW(box[0], INT64_MAX);
    ALLOW(filter[0], 999);
    ALLOW(minimum_good, 0.0);
    ALLOW(minimum_good, 1.0);
    ALLOW(order, 0);
    ALLOW(order, 32);
    ALLOW(source_fwhm, 50.0);
    ALLOW(source_grow, 250);
    ALLOW(source_grow, 0);
    ALLOW(ignore, 255);
}

static void test_choices(void **state)
{
    (void)state;
    REFUSE(statistic, (wk_cell_statistic)(WK_CELL_SEXTRACTOR + 1), "statistic");
    REFUSE(statistic, (wk_cell_statistic)-1, "statistic");
    REFUSE(interpolation, (wk_interpolation)(WK_INTERPOLATE_CHEBYSHEV + 1), "interpolate");
    REFUSE(cells, (wk_cell_rule)(WK_CELLS_FIXED + 1), "bins");
    REFUSE(clip, (wk_cell_clip)(WK_CLIP_MEDIAN + 1), "clip");
    REFUSE(mesh, (wk_mesh_rule)(WK_MESH_PHOTUTILS + 1), "mesh");
    REFUSE(weights, (wk_cell_weights)(WK_CELL_WEIGHTS_NONE + 1), "weights");
    REFUSE(undersample, (wk_undersample)(WK_UNDERSAMPLE_FAIL + 1), "undersample");
}

/* Surfaces that are made for cells of one size. */
static void test_fixed_cells(void **state)
{
    (void)state;
    REFUSE(interpolation, WK_INTERPOLATE_BICUBIC, "bins");
    REFUSE(interpolation, WK_INTERPOLATE_ZOOM, "bins");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_presets_are_valid),
        cmocka_unit_test(test_welkin),
        cmocka_unit_test(test_lsst),
        cmocka_unit_test(test_sextractor),
        cmocka_unit_test(test_photutils),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_source_numbers),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_choices),
        cmocka_unit_test(test_fixed_cells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
