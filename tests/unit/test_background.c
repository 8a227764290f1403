#include "background_case.h"

static double ten(double x, double y)
{
    (void)x, (void)y;
    return 10.0;
}

/* 100 x 200 pixels of 10, 10 x 10 cells, Akima: 10 to the bit; by all styles and presets. */
static void test_constant(void **state)
{
    (void)state;
    picture one;
    sky_picture(&one, 100, 200, ten);
    for (int style = WK_INTERPOLATE_SMOOTH; style <= WK_INTERPOLATE_AKIMA; style++) {
        wk_background_options options = sky_lsst(&one, 10, 10, (wk_interpolation)style);
        wk_background *background = sky_fit(&one, &options);
        float *model = sky_model(background, WK_BACKGROUND_LEVEL);
        sky_expect_flat(model, 100 * 200, 10.0, style == WK_INTERPOLATE_SMOOTH ? 2e-6 : 0.0);
        free(model);
        wk_background_free(background);
    }
    for (int preset = WK_PRESET_WELKIN; preset <= WK_PRESET_PHOTUTILS; preset++) {
        wk_background_options options = wk_background_options_preset((wk_background_preset)preset);
        options.box[0] = options.box[1] = 32;
        options.minimum_good = 0.0;
        wk_background *background = sky_fit(&one, &options);
        float *model = sky_model(background, WK_BACKGROUND_LEVEL);
        float *rms = sky_model(background, WK_BACKGROUND_RMS);
        sky_expect_flat(model, 100 * 200, 10.0, 2e-6); /* splines of it: two units of the place */
        sky_expect_flat(rms, 100 * 200, 0.0, 1e-9);
        free(model);
        free(rms);
        wk_background_free(background);
    }
    picture_free(&one);
}

static double ramp(double x, double y)
{
    return 0.1 * x + 0.2 * y + 10000.0;
}

/* Float32 cells and results: half a unit of 10000 is 5e-8 of it. */
static void test_ramp(void **state)
{
    (void)state;
    picture one;
    sky_picture(&one, 512, 512, ramp);
    wk_background_options options = sky_lsst(&one, 6, 6, WK_INTERPOLATE_SPLINE);
    options.sigma = 20.0;
    options.iterations = 1;
    wk_background *background = sky_fit(&one, &options);
    assert_true(wk_background_mesh(background)->nx == 6 && wk_background_mesh(background)->ny == 6);
    float *model = sky_model(background, WK_BACKGROUND_LEVEL);
    for (int i = 0; i < 512 * 512; i++)
        assert_true(fabs((double)model[i] / ramp(i % 512, i / 512) - 1.0) < 1e-6);
    free(model);
    wk_background_free(background);
    picture_free(&one);
}

static double parabola(double x, double y)
{
    return 1e-4 * (x * x + y * y) + 0.1 * x + 0.2 * y + 10.0;
}

/* LSST's own limit, 0.5, at its nine points. */
static void test_parabola(void **state)
{
    (void)state;
    const int at[] = {10, 256, 502};
    picture one;
    sky_picture(&one, 512, 512, parabola);
    for (int style = WK_INTERPOLATE_SPLINE; style <= WK_INTERPOLATE_AKIMA; style++) {
        wk_background_options options = sky_lsst(&one, 24, 24, (wk_interpolation)style);
        options.sigma = 10.0;
        wk_background *background = sky_fit(&one, &options);
        float *model = sky_model(background, WK_BACKGROUND_LEVEL);
        for (int i = 0; i < 9; i++)
            assert_true(fabs((double)model[at[i / 3] * 512 + at[i % 3]] -
                             parabola(at[i % 3], at[i / 3])) < 0.5);
        free(model);
        wk_background_free(background);
    }
    picture_free(&one);
}

/* A fold of a strip that is two pixels wide, 2 x 10 cells, linear: 5 of its own scale of 89. */
static double fold(double x, double y)
{
    (void)x;
    return y < 89.0 ? y : 178.0 - y;
}

static void test_narrow(void **state)
{
    (void)state;
    picture one;
    sky_picture(&one, 2, 99, fold);
    wk_background_options options = sky_lsst(&one, 2, 10, WK_INTERPOLATE_LINEAR);
    wk_background *background = sky_fit(&one, &options);
    float *model = sky_model(background, WK_BACKGROUND_LEVEL);
    for (int i = 0; i < 2 * 99; i++)
        assert_true(fabs((double)(model[i] - one.data[i])) < 5.0);
    free(model);
    wk_background_free(background);
    picture_free(&one);
}

static double stairs(double x, double y)
{
    return x >= 12.0 && y >= 6.0 ? (double)NAN : 1.0 + 2.0 * y;
}

/* 15 x 9 pixels with a corner cell missing of 5 x 3: too few for a natural spline in that column;
 * reduced, the rest of the image is met to the bit. */
static void test_missing_cell(void **state)
{
    (void)state;
    picture one;
    sky_picture(&one, 15, 9, stairs);
    wk_background_options options = sky_lsst(&one, 5, 3, WK_INTERPOLATE_SPLINE);
    assert_int_equal(sky_refused(&one, &options), WK_NO_DATA);
    options.undersample = WK_UNDERSAMPLE_REDUCE;
    wk_background *background = sky_fit(&one, &options);
    assert_int_equal(wk_background_mesh(background)->empty, 1);
    float *model = sky_model(background, WK_BACKGROUND_LEVEL);
    double sum = 0.0;
    for (int i = 0; i < 15 * 9; i++)
        if (isfinite(one.data[i]))
            sum += (double)(model[i] - one.data[i]);
    assert_true(sum == 0.0);
    for (int i = 0; i < 15 * 9; i++)
        assert_true(isfinite(model[i]));
    free(model);
    wk_background_free(background);
    picture_free(&one);
}

static double twenty(double x, double y)
{
    (void)x, (void)y;
    return 20.0;
}

/* 500 x 200 pixels of 20, part of them NaN and more of them masked: 20 wherever one looks. */
static void test_half_missing(void **state)
{
    (void)state;
    for (int along_y = 0; along_y < 2; along_y++)
        for (int style = WK_INTERPOLATE_CONSTANT; style <= WK_INTERPOLATE_AKIMA; style++) {
            picture one;
            sky_picture(&one, 500, 200, twenty);
            for (int i = 0; i < 500 * 200; i++) {
                if (along_y ? i / 500 < 100 : i % 500 < 200)
                    one.data[i] = NAN;
                one.mask[i] = i % 500 < 400;
            }
            wk_background_options options = sky_lsst(&one, 17, 17, (wk_interpolation)style);
            options.undersample = WK_UNDERSAMPLE_REDUCE;
            wk_background *background = sky_fit(&one, &options);
            float *model = sky_model(background, WK_BACKGROUND_LEVEL);
            sky_expect_flat(model, 500 * 200, 20.0, 0.0);
            free(model);
            wk_background_free(background);
            picture_free(&one);
        }
}

/* A single good pixel is the model everywhere; none is no model. */
static void test_one_good_pixel_and_none(void **state)
{
    (void)state;
    picture one;
    sky_picture(&one, 500, 200, twenty);
    for (int style = WK_INTERPOLATE_SMOOTH; style <= WK_INTERPOLATE_AKIMA; style++) {
        memset(one.mask, 1, 500 * 200);
        wk_background_options options = sky_lsst(&one, 17, 17, (wk_interpolation)style);
        options.undersample = WK_UNDERSAMPLE_REDUCE;
        assert_int_equal(sky_refused(&one, &options), WK_NO_DATA);
        if (style == WK_INTERPOLATE_SMOOTH)
            continue;
        one.mask[123 * 500 + 321] = 0;
        wk_background *background = sky_fit(&one, &options);
        float *model = sky_model(background, WK_BACKGROUND_LEVEL);
        float *rms = sky_model(background, WK_BACKGROUND_RMS);
        sky_expect_flat(model, 500 * 200, 20.0, 0.0);
        sky_expect_flat(rms, 500 * 200, (double)NAN, 0.0);
        const wk_mesh *mesh = wk_background_mesh(background);
        assert_true(mesh->good == 1 && mesh->masked == 500 * 200 - 1);
        assert_true(mesh->empty == 17 * 17 - 1);
        free(model);
        free(rms);
        wk_background_free(background);
    }
    picture_free(&one);
}

/* 64 x 64 pixels in 2 x 2 cells are too few for a cubic: linear, or refused. */
static void test_undersampled(void **state)
{
    (void)state;
    picture one;
    sky_picture(&one, 64, 64, ramp);
    wk_background_options options = sky_lsst(&one, 2, 2, WK_INTERPOLATE_SPLINE);
    assert_int_equal(sky_refused(&one, &options), WK_NO_DATA);
    options.undersample = WK_UNDERSAMPLE_REDUCE;
    wk_background *reduced = sky_fit(&one, &options);
    options.interpolation = WK_INTERPOLATE_LINEAR;
    options.undersample = WK_UNDERSAMPLE_FAIL;
    wk_background *linear = sky_fit(&one, &options);
    float *a = sky_model(reduced, WK_BACKGROUND_LEVEL), *b = sky_model(linear, WK_BACKGROUND_LEVEL);
    assert_memory_equal(a, b, 64 * 64 * sizeof *a);
    for (int i = 0; i < 64 * 64; i++) /* and the line is the ramp, to float32 */
        assert_true(fabs((double)a[i] - ramp(i % 64, i / 64)) < 2e-3);
    free(a);
    free(b);
    wk_background_free(reduced);
    wk_background_free(linear);
    picture_free(&one);
}

/* One cell: the mean of the ramp, which is its value in the middle, as float32 has it. */
static void test_one_cell(void **state)
{
    (void)state;
    picture one;
    sky_picture(&one, 64, 64, ramp);
    for (int style = WK_INTERPOLATE_CONSTANT; style <= WK_INTERPOLATE_AKIMA; style++) {
        wk_background_options options = sky_lsst(&one, 1, 1, (wk_interpolation)style);
        options.undersample = WK_UNDERSAMPLE_REDUCE;
        wk_background *background = sky_fit(&one, &options);
        float *model = sky_model(background, WK_BACKGROUND_LEVEL);
        sky_expect_flat(model, 64 * 64, ramp(31.5, 31.5), 5e-4);
        free(model);
        wk_background_free(background);
    }
    picture_free(&one);
}

static double slope(double x, double y)
{
    return 1000.0 + x + y;
}

/* Orders 1 to 3 hold a plane, order 0 its mean. */
static void test_chebyshev_ramp(void **state)
{
    (void)state;
    picture one;
    sky_picture(&one, 100, 100, slope);
    for (int order = 0; order <= 3; order++)
        for (int weights = WK_CELL_WEIGHTS_VARIANCE; weights <= WK_CELL_WEIGHTS_NONE; weights++) {
            wk_background_options options = sky_lsst(&one, 5, 5, WK_INTERPOLATE_CHEBYSHEV);
            options.order = order;
            options.weights = (wk_cell_weights)weights;
            wk_background *background = sky_fit(&one, &options);
            float *model = sky_model(background, WK_BACKGROUND_LEVEL);
            for (int i = 0; i < 100 * 100; i++) {
                double expected = order ? slope(i % 100, i / 100) : slope(49.5, 49.5);
                assert_true(fabs((double)model[i] / expected - 1.0) < 1e-6);
            }
            free(model);
            wk_background_free(background);
        }
    picture_free(&one);
}

/* LSST's weights are infinite where nothing scatters: nothing is left to fit; its error has no
 * place in ours. */
static void test_chebyshev_without_data(void **state)
{
    (void)state;
    picture one;
    sky_picture(&one, 100, 100, ten);
    wk_background_options options = sky_lsst(&one, 5, 5, WK_INTERPOLATE_CHEBYSHEV);
    options.order = 2;
    assert_int_equal(options.weights, WK_CELL_WEIGHTS_SIGMA);
    assert_int_equal(sky_refused(&one, &options), WK_NO_DATA);
    for (int weights = 0; weights < 2; weights++) {
        options.weights = weights ? WK_CELL_WEIGHTS_NONE : WK_CELL_WEIGHTS_VARIANCE;
        wk_background *background = sky_fit(&one, &options);
        float *model = sky_model(background, WK_BACKGROUND_LEVEL);
        sky_expect_flat(model, 100 * 100, 10.0, 1e-6);
        free(model);
        wk_background_free(background);
    }
    for (int i = 0; i < 100 * 100; i++)
        one.data[i] = NAN;
    assert_int_equal(sky_refused(&one, &options), WK_NO_DATA);
    options.order = 5; /* of 5 x 5 cells */
    assert_int_equal(sky_refused(&one, &options), WK_NO_DATA);
    picture_free(&one);
}

/* LSST's own limits on how far its two models of a parabola are from each other. */
static void test_chebyshev_or_akima(void **state)
{
    (void)state;
    picture one;
    sky_picture(&one, 256, 256, parabola);
    wk_background_options options = sky_lsst(&one, 6, 6, WK_INTERPOLATE_AKIMA);
    wk_background *akima = sky_fit(&one, &options);
    options.interpolation = WK_INTERPOLATE_CHEBYSHEV;
    options.order = 2;
    wk_background *chebyshev = sky_fit(&one, &options);
    float *a = sky_model(akima, WK_BACKGROUND_LEVEL);
    float *b = sky_model(chebyshev, WK_BACKGROUND_LEVEL);
    double most = 0.0;
    for (int i = 0; i < 256 * 256; i++)
        most = fmax(most, fabs((double)a[i] / (double)b[i] - 1.0));
    print_message("# greatest difference of the models: %.3g\n", most);
    assert_true(most > 1e-4 && most < 1e-3);
    free(a);
    free(b);
    wk_background_free(akima);
    wk_background_free(chebyshev);
    picture_free(&one);
}

/* Poisson numbers of a mean of 2000 to first order in their skewness, whole as they are. */
static void photons(picture *one)
{
    picture_make(one, 1024, 1024, 77);
    for (int i = 0; i < 1024 * 1024; i++) {
        float g = one->data[i], x = (float)(i % 1024) - 400.3F, y = (float)(i / 1024) - 612.8F;
        float source = 20000.0F * expf(-0.5F * (x * x + y * y) / 9.0F);
        one->data[i] = rintf(2000.0F + sqrtf(2000.0F) * g + (g * g - 1.0F) / 6.0F + source);
        one->mask[i] = x * x + y * y < 400.0F;
    }
}

/* As SubtractBackgroundTask is tested: twice, each time what is left has the mean 0 to 0.1. */
static void test_photons(void **state)
{
    (void)state;
    for (int style = WK_INTERPOLATE_AKIMA; style <= WK_INTERPOLATE_CHEBYSHEV; style += 3) {
        picture one;
        double total = 0.0;
        photons(&one);
        for (int pass = 0; pass < 2; pass++) {
            wk_background_options options = wk_background_options_preset(WK_PRESET_LSST);
            options.interpolation = (wk_interpolation)style;
            wk_background *background = sky_fit(&one, &options);
            float *model = sky_model(background, WK_BACKGROUND_LEVEL);
            for (int i = 0; i < 1024 * 1024; i++)
                one.data[i] -= model[i];
            total += sky_mean(model, 1024 * 1024, NULL);
            assert_true(fabs(sky_mean(one.data, 1024 * 1024, one.mask)) < 0.1);
            assert_true(fabs(total - 2000.0) < 0.1);
            free(model);
            wk_background_free(background);
        }
        picture_free(&one);
    }
}

/* A rectangle is a piece of the whole, in an array that is wider; others are refused. */
static void test_fill(void **state)
{
    (void)state;
    picture one;
    sky_picture(&one, 256, 200, parabola);
    wk_background_options options = sky_lsst(&one, 6, 6, WK_INTERPOLATE_AKIMA);
    wk_background *background = sky_fit(&one, &options);
    for (int plane = WK_BACKGROUND_LEVEL; plane <= WK_BACKGROUND_RMS; plane++) {
        float *whole = sky_model(background, (wk_background_plane)plane), part[70 * 9];
        wk_view view = {part, 60, 9, 70};
        part[60] = -1.0F;
        wk_rect rect = {190, 191, 60, 9}, none = {256, 200, 0, 0};
        assert_int_equal(
            wk_background_fill(background, (wk_background_plane)plane, rect, view, NULL), WK_OK);
        assert_int_equal(
            wk_background_fill(background, (wk_background_plane)plane, none, view, NULL), WK_OK);
        for (int y = 0; y < 9; y++)
            for (int x = 0; x < 60; x++)
                assert_true(part[y * 70 + x] == whole[(y + 191) * 256 + x + 190]);
        assert_true(part[60] == -1.0F);
        const wk_rect wrong[] = {
            {-1, 0, 5, 5}, {0, -1, 5, 5}, {252, 0, 5, 5}, {0, 196, 5, 5}, {0, 0, -1, 5}};
        for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
            wk_error error = {0};
            assert_int_equal(
                wk_background_fill(background, (wk_background_plane)plane, wrong[i], view, &error),
                WK_ARGUMENT);
            assert_non_null(strstr(error.message, "256 x 200"));
        }
        free(whole);
    }
    wk_background_free(background);
    wk_background_free(NULL);
    picture_free(&one);
}

/* A model from cells that are known is the fitted one; its noise is not known. */
static void test_create(void **state)
{
    (void)state;
    picture one;
    wk_background *made;
    sky_picture(&one, 256, 200, parabola);
    wk_background_options options = sky_lsst(&one, 6, 5, WK_INTERPOLATE_SPLINE);
    wk_background *fitted = sky_fit(&one, &options);
    const wk_mesh *mesh = wk_background_mesh(fitted);
    for (int known = 0; known < 2; known++) {
        if (known)
            options.interpolation = WK_INTERPOLATE_SMOOTH; /* the nodes are smooth already */
        assert_int_equal(wk_background_create(&made, 256, 200, 6, 5, mesh->level,
                                              known ? mesh->error : NULL, &options, NULL),
                         WK_OK);
        float *a = sky_model(made, WK_BACKGROUND_LEVEL),
              *b = sky_model(fitted, WK_BACKGROUND_LEVEL);
        float *rms = sky_model(made, WK_BACKGROUND_RMS);
        assert_memory_equal(a, b, 256 * 200 * sizeof *a);
        sky_expect_flat(rms, 256 * 200, (double)NAN, 0.0);
        assert_int_equal(wk_background_in_force(made)->interpolation, WK_INTERPOLATE_SPLINE);
        free(a);
        free(b);
        free(rms);
        wk_background_free(made);
    }
    assert_int_equal(wk_background_create(&made, 0, 200, 6, 5, mesh->level, NULL, NULL, NULL),
                     WK_ARGUMENT);
    options.sigma = -1.0;
    assert_int_equal(wk_background_create(&made, 256, 200, 6, 5, mesh->level, NULL, &options, NULL),
                     WK_ARGUMENT);
    assert_null(made);
    wk_background_free(fitted);
    picture_free(&one);
}

static void test_refusals(void **state)
{
    (void)state;
    picture one;
    wk_background *background = NULL;
    sky_picture(&one, 60, 60, ten);
    wk_background_options options = wk_background_options_preset(WK_PRESET_LSST);
    options.box[0] = options.box[1] = 1;
    options.cells = WK_CELLS_FLOOR_PLUS; /* 61 cells of 60 pixels: one is empty */
    wk_background *crowded = sky_fit(&one, &options);
    float *model = sky_model(crowded, WK_BACKGROUND_LEVEL);
    sky_expect_flat(model, 60 * 60, 10.0, 0.0);
    free(model);
    wk_background_free(crowded);
    options.order = -1;
    assert_int_equal(sky_refused(&one, &options), WK_ARGUMENT);
    wk_context small = {.memory = 1000};
    assert_int_equal(wk_background_fit(&background, &one.rows, NULL, &small, NULL), WK_MEMORY);
    assert_null(background);
    assert_int_equal(wk_background_fit(&background, &one.rows, NULL, NULL, NULL), WK_OK);
    assert_int_equal(wk_background_in_force(background)->preset, WK_PRESET_WELKIN);
    wk_background_free(background);
    picture_free(&one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_constant),
        cmocka_unit_test(test_ramp),
        cmocka_unit_test(test_parabola),
        cmocka_unit_test(test_narrow),
        cmocka_unit_test(test_missing_cell),
        cmocka_unit_test(test_half_missing),
        cmocka_unit_test(test_one_good_pixel_and_none),
        cmocka_unit_test(test_undersampled),
        cmocka_unit_test(test_one_cell),
        cmocka_unit_test(test_chebyshev_ramp),
        cmocka_unit_test(test_chebyshev_without_data),
        cmocka_unit_test(test_chebyshev_or_akima),
        cmocka_unit_test(test_photons),
        cmocka_unit_test(test_fill),
        cmocka_unit_test(test_create),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
