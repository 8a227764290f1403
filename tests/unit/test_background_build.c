#include "background.h"

#include "background_case.h"

#include "mesh_filter.h"

static double hill(double x, double y)
{
    return 50.0 + 0.3 * x - 0.1 * y + 0.002 * x * y;
}

/* Noise upon a hill with two cells of 20 pixels masked, cells of different depth. */
static void make_picture(picture *one)
{
    sky_picture(one, 160, 120, hill);
    wk_random random = wk_random_stream(5, 51, 0, 0, 0);
    for (int i = 0; i < 160 * 120; i++) {
        int x = i % 160, y = i / 160;
        one->data[i] += (float)wk_random_between(&random, -3.0, 3.0);
        one->mask[i] = (x < 20 && y < 20) || (x >= 60 && x < 80 && y >= 40 && y < 60) ||
                       wk_random_index(&random, 160) < x / 2;
    }
}

static void test_styles(void **state)
{
    (void)state;
    static const wk_surface_style styles[] = {
        WK_SURFACE_NATURAL, WK_SURFACE_CELL,    WK_SURFACE_LINEAR, WK_SURFACE_NATURAL,
        WK_SURFACE_AKIMA,   WK_SURFACE_BICUBIC, WK_SURFACE_ZOOM,   WK_SURFACE_CHEBYSHEV};
    wk_background_options options = wk_background_options_default();
    for (int i = WK_INTERPOLATE_SMOOTH; i <= WK_INTERPOLATE_CHEBYSHEV; i++) {
        options.interpolation = (wk_interpolation)i;
        assert_int_equal(wk_background_style(&options), styles[i]);
    }
    options.interpolation = WK_INTERPOLATE_CONSTANT;
    options.compat_steps = 1;
    assert_int_equal(wk_background_style(&options), WK_SURFACE_CONSTANT);
}

/* What each mesh rule makes of the measured cells. */
static void repair(float *nodes, const wk_background_options *options, int64_t nx, int64_t ny)
{
    int64_t fx = options->filter[0], fy = options->filter[1];
    wk_window window = WK_WINDOW_CENTRED;
    if (options->mesh == WK_MESH_SEXTRACTOR)
        assert_int_equal(wk_mesh_fill_nearest(nodes, nx, ny, NULL), WK_OK);
    if (options->mesh == WK_MESH_PHOTUTILS) {
        assert_int_equal(wk_mesh_fill_inverse(nodes, nx, ny, NULL), WK_OK);
        window = WK_WINDOW_CUT;
    }
    if (options->mesh == WK_MESH_LSST && fx * fy > 1) {
        assert_int_equal(wk_mesh_fill_median(nodes, nx, ny, NULL), WK_OK);
        window = WK_WINDOW_MIRROR;
    }
    if (fx * fy > 1)
        assert_int_equal(wk_mesh_filter(nodes, nx, ny, fx, fy, window, NULL), WK_OK);
}

static void expect_nodes(const float *nodes, const float *measured,
                         const wk_background_options *options, int64_t nx, int64_t ny)
{
    float expected[64];
    assert_true(nx * ny <= 64);
    memcpy(expected, measured, (size_t)(nx * ny) * sizeof *expected);
    repair(expected, options, nx, ny);
    for (int64_t i = 0; i < nx * ny; i++)
        assert_true(isnan(expected[i]) ? isnan(nodes[i]) : nodes[i] == expected[i]);
}

static void test_rules(void **state)
{
    (void)state;
    static const wk_interpolation interpolations[] = {WK_INTERPOLATE_SPLINE, WK_INTERPOLATE_AKIMA,
                                                      WK_INTERPOLATE_BICUBIC, WK_INTERPOLATE_ZOOM};
    picture one;
    make_picture(&one);
    for (int rule = WK_MESH_WELKIN; rule <= WK_MESH_PHOTUTILS; rule++)
        for (int filter = 1; filter <= 5; filter += 2) {
            wk_background_options options = wk_background_options_preset(WK_PRESET_PHOTUTILS);
            options.mesh = (wk_mesh_rule)rule;
            options.interpolation = interpolations[rule];
            options.box[0] = options.box[1] = 20;
            options.minimum_good = 0.2;
            options.filter[0] = filter;
            options.filter[1] = 3;
            wk_background *background = sky_fit(&one, &options);
            const wk_mesh *mesh = wk_background_mesh(background);
            assert_true(mesh->nx == 8 && mesh->ny == 6 && mesh->empty == 2);
            assert_true(isnan(mesh->measured[0]) && isnan(mesh->measured[2 * 8 + 3]));
            assert_int_equal(mesh->count[0], 0);
            assert_int_equal(mesh->good + mesh->masked, 160 * 120);
            expect_nodes(mesh->level, mesh->measured, &options, 8, 6);
            expect_nodes(mesh->rms, mesh->measured_rms, &options, 8, 6);
            wk_background_free(background);
        }
    picture_free(&one);
}

/* 1 / error as it is, 1 / error^2 of which the greatest is 1, or 1; nothing for an empty cell. */
static void test_weights(void **state)
{
    (void)state;
    picture one;
    make_picture(&one);
    for (int weights = WK_CELL_WEIGHTS_VARIANCE; weights <= WK_CELL_WEIGHTS_NONE; weights++) {
        wk_background_options options = sky_lsst(&one, 8, 6, WK_INTERPOLATE_CHEBYSHEV);
        double least = (double)INFINITY;
        options.order = 2;
        options.weights = (wk_cell_weights)weights;
        wk_background *b = sky_fit(&one, &options);
        for (int i = 0; i < 48; i++)
            if (b->measured.error[i] > 0.0F)
                least = fmin(least, (double)b->measured.error[i]);
        for (int i = 0; i < 48; i++) {
            double error = (double)b->measured.error[i], got = b->weights[i];
            if (weights == WK_CELL_WEIGHTS_NONE)
                assert_true(got == 1.0);
            else if (isnan(error))
                assert_true(weights == WK_CELL_WEIGHTS_SIGMA ? isnan(got) : got == 0.0);
            else
                /* the inverse of our own weights is a float32, as a stored list holds it */
                assert_true(fabs(got / (weights == WK_CELL_WEIGHTS_SIGMA
                                            ? 1.0 / error
                                            : least * least / (error * error)) -
                                 1.0) < (weights == WK_CELL_WEIGHTS_SIGMA ? 1e-15 : 6e-8));
        }
        wk_background_free(b);
    }
    picture_free(&one);
}

/* A cell of one pixel has no error and weighs as much as the median of the others. */
static void test_weight_without_error(void **state)
{
    (void)state;
    const float level[4] = {1, 2, 3, 4}, error[4] = {0.5F, NAN, 2.0F, 1.0F};
    const double expected[4] = {1.0, 0.25, 0.0625, 0.25};
    wk_background *b;
    wk_background_options options = wk_background_options_preset(WK_PRESET_LSST);
    options.interpolation = WK_INTERPOLATE_CHEBYSHEV;
    options.order = 1;
    options.weights = WK_CELL_WEIGHTS_VARIANCE;
    assert_int_equal(wk_background_create(&b, 20, 20, 2, 2, level, error, &options, NULL), WK_OK);
    assert_memory_equal(b->weights, expected, sizeof expected);
    wk_background_free(b);
}

/* 12 x 12 pixels in 4 x 4 cells with one good pixel each, but one cell that has two: the level is
 * known everywhere, the noise in one cell alone. */
static void test_noise_is_never_demanded(void **state)
{
    (void)state;
    for (int style = WK_INTERPOLATE_CONSTANT; style <= WK_INTERPOLATE_CHEBYSHEV; style++)
        for (int two = 0; two < 2; two++) {
            picture one;
            if (style == WK_INTERPOLATE_BICUBIC || style == WK_INTERPOLATE_ZOOM)
                continue;
            sky_picture(&one, 12, 12, hill);
            for (int i = 0; i < 144; i++)
                one.mask[i] = i % 3 != 1 || i / 12 % 3 != 1;
            one.mask[0] = (uint8_t)!two;
            wk_background_options options = sky_lsst(&one, 4, 4, (wk_interpolation)style);
            options.box[0] = options.box[1] = 3;
            options.weights = WK_CELL_WEIGHTS_NONE;
            options.order = 2;
            if (style == WK_INTERPOLATE_AKIMA) /* wants five */
                options.undersample = WK_UNDERSAMPLE_REDUCE;
            wk_background *background = sky_fit(&one, &options);
            assert_int_equal(wk_background_in_force(background)->interpolation, style);
            assert_int_equal(wk_background_in_force(background)->undersample, options.undersample);
            float *level = sky_model(background, WK_BACKGROUND_LEVEL);
            float *rms = sky_model(background, WK_BACKGROUND_RMS);
            for (int i = 0; i < 144; i++)
                assert_true(isfinite(level[i]));
            if (two)
                assert_true(rms[14] > 0.0F);
            else
                sky_expect_flat(rms, 144, (double)NAN, 0.0);
            free(level);
            free(rms);
            wk_background_free(background);
            picture_free(&one);
        }
}

static void test_no_data(void **state)
{
    (void)state;
    wk_background *background = NULL;
    wk_error error;
    picture one;
    make_picture(&one);
    wk_background_options options = wk_background_options_preset(WK_PRESET_LSST);
    options.minimum_good = 1.0;
    assert_int_equal(wk_background_fit(&background, &one.rows, &options, NULL, &error), WK_NO_DATA);
    assert_non_null(strstr(error.message, "no cell has enough good pixels"));
    memset(one.mask, 1, 160 * 120);
    assert_int_equal(wk_background_fit(&background, &one.rows, &options, NULL, &error), WK_NO_DATA);
    assert_non_null(strstr(error.message, "no good pixel"));
    assert_null(background);
    picture_free(&one);
}

/* Building anew from the same measurement changes nothing. */
static void test_again(void **state)
{
    (void)state;
    picture one;
    make_picture(&one);
    for (int preset = WK_PRESET_WELKIN; preset <= WK_PRESET_PHOTUTILS; preset++) {
        wk_background_options options = wk_background_options_preset((wk_background_preset)preset);
        options.box[0] = options.box[1] = 20;
        options.minimum_good = 0.1;
        wk_background *background = sky_fit(&one, &options);
        float *first = sky_model(background, WK_BACKGROUND_LEVEL);
        assert_int_equal(wk_background_build(background, NULL), WK_OK);
        float *second = sky_model(background, WK_BACKGROUND_LEVEL);
        assert_memory_equal(first, second, 160 * 120 * sizeof *first);
        free(first);
        free(second);
        wk_background_free(background);
    }
    picture_free(&one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_styles),
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_weights),
        cmocka_unit_test(test_weight_without_error),
        cmocka_unit_test(test_noise_is_never_demanded),
        cmocka_unit_test(test_no_data),
        cmocka_unit_test(test_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
