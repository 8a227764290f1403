#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "simulate.h"

static wk_simulation *created(const wk_simulation_options *options)
{
    wk_simulation *simulation;
    wk_error error = {0};
    assert_int_equal(wk_simulation_create(&simulation, options, &error), WK_OK);
    return simulation;
}

static void refused(const wk_simulation_options *options, const char *name)
{
    wk_simulation *simulation = (wk_simulation *)1;
    wk_error error = {0};
    assert_int_equal(wk_simulation_create(&simulation, options, &error), WK_ARGUMENT);
    assert_null(simulation);
    assert_string_equal(error.subject, name);
    assert_true(strlen(error.message) > 10);
}

#define REFUSE(FIELD, VALUE)                                                                       \
    do {                                                                                           \
        wk_simulation_options options = wk_simulation_options_default();                           \
        options.FIELD = VALUE;                                                                     \
        refused(&options, #FIELD);                                                                 \
    } while (0)

static void counts_out_of_range(void **state)
{
    (void)state;
    REFUSE(exposures, 0);
    REFUSE(exposures, -3);
    REFUSE(width, 0);
    REFUSE(width, 100001);
    REFUSE(height, -1);
    REFUSE(detectors, 0);
    REFUSE(stars, -1);
    REFUSE(stars, 900000000);
    REFUSE(galaxies, -1);
    REFUSE(distortion, (wk_distortion)3);
    REFUSE(layout, WK_LAYOUT_AUTO);
    REFUSE(layout, WK_LAYOUT_DES);
}

static void numbers_out_of_range(void **state)
{
    (void)state;
    REFUSE(overlap, -0.01);
    REFUSE(overlap, 0.951);
    REFUSE(overlap, (double)NAN);
    REFUSE(rotation, -1);
    REFUSE(rotation, (double)INFINITY);
    REFUSE(sky_low, (double)NAN);
    REFUSE(sky_high, 99);
    REFUSE(gradient, -1);
    REFUSE(nebula, -1);
    REFUSE(noise, -1);
    REFUSE(noise, (double)NAN);
    REFUSE(ra, 361);
    REFUSE(dec, -90.5);
    REFUSE(pixel_scale, 0);
    REFUSE(pixel_scale, 600);
}

static void detectors_of_layouts(void **state)
{
    (void)state;
    wk_simulation_options options = wk_simulation_options_default();
    options.detectors = 2;
    wk_simulation_free(created(&options));
    options.layout = WK_LAYOUT_PLAIN;
    refused(&options, "detectors");
    options.layout = WK_LAYOUT_LSST;
    refused(&options, "detectors");
}

static void default_is_used(void **state)
{
    (void)state;
    wk_simulation *simulation = created(NULL);
    assert_non_null(wk_simulation_exposure(simulation, 8));
    assert_null(wk_simulation_exposure(simulation, 9));
    assert_null(wk_simulation_exposure(simulation, -1));
    wk_simulation_free(simulation);
    wk_simulation_free(NULL);
}

static void grid_shape(void **state)
{
    (void)state;
    static const int64_t shape[][3] = {{1, 1, 1}, {2, 2, 1}, {3, 2, 2},  {4, 2, 2},
                                       {7, 3, 3}, {9, 3, 3}, {25, 5, 5}, {26, 6, 5}};
    for (size_t i = 0; i < sizeof shape / sizeof *shape; i++) {
        wk_simulation_options options = wk_simulation_options_default();
        options.exposures = shape[i][0];
        wk_simulation *simulation = created(&options);
        assert_int_equal(simulation->columns, shape[i][1]);
        assert_int_equal(simulation->rows, shape[i][2]);
        wk_simulation_free(simulation);
    }
}

/* Without dither the steps of pointings are (1 - overlap) sides, to whole pixels; the plane is true
 * from the centre, and over half a degree the sphere takes less than 1e-4 of a step. */
static void steps_without_dither(void **state)
{
    (void)state;
    wk_simulation_options options = wk_simulation_options_default();
    options.dither = 0;
    options.ra = 0;
    options.dec = 0;
    wk_simulation *simulation = created(&options);
    double step = 819 * 0.5 / 3600;
    const wk_simulated_exposure *middle = wk_simulation_exposure(simulation, 4);
    const wk_simulated_exposure *right = wk_simulation_exposure(simulation, 5);
    const wk_simulated_exposure *upper = wk_simulation_exposure(simulation, 7);
    assert_true(fabs(middle->ra) < 1e-9 && fabs(middle->dec) < 1e-9);
    assert_true(fabs(360 - right->ra - step) < 1e-4 * step);
    assert_true(fabs(upper->dec - step) < 1e-4 * step);
    wk_simulation_free(simulation);
}

/* Dither moves by at most 2 % of the side, and all pointings differently. */
static void steps_with_dither(void **state)
{
    (void)state;
    wk_simulation_options options = wk_simulation_options_default();
    options.ra = 0;
    options.dec = 0;
    wk_simulation *simulation = created(&options);
    double step = 819 * 0.5 / 3600, most = 1024 * 0.5 / 3600 * 0.02;
    for (int64_t i = 0; i < 9; i++) {
        const wk_simulated_exposure *truth = wk_simulation_exposure(simulation, i);
        double x = remainder(truth->ra, 360) + ((double)(i % 3) - 1) * step;
        double y = truth->dec - ((double)(i / 3) - 1) * step;
        assert_true(fabs(x) < 1.01 * most && fabs(y) < 1.01 * most);
        assert_true(fabs(x) > 1e-6 && fabs(y) > 1e-6);
        assert_true(fabs(truth->rotation) <= 1);
    }
    wk_simulation_free(simulation);
}

/* Levels lie within their range and fill it: of 400 even ones the mean scatters by 0.289 / 20 of
 * the range. */
static void levels_fill_their_range(void **state)
{
    (void)state;
    wk_simulation_options options = wk_simulation_options_default();
    options.exposures = 400;
    options.width = 16;
    options.height = 16;
    wk_simulation *simulation = created(&options);
    double sum = 0;
    for (int64_t i = 0; i < 400; i++) {
        double sky = wk_simulation_exposure(simulation, i)->sky;
        assert_true(sky >= 100 && sky <= 1000);
        sum += (sky - 550) / 900;
    }
    assert_true(fabs(sum / 400) < 5 * 0.289 / 20);
    wk_simulation_free(simulation);
}

/* From corner to corner of a detector the sky changes by the gradient asked for. */
static void gradients(void **state)
{
    (void)state;
    wk_simulation_options options = wk_simulation_options_default();
    options.gradient = 12;
    options.width = 300;
    wk_simulation *simulation = created(&options);
    int down[2] = {0, 0};
    for (int64_t i = 0; i < 9; i++) {
        const double *gradient = wk_simulation_exposure(simulation, i)->gradient;
        double change = fabs(gradient[0]) * 300 + fabs(gradient[1]) * 1024;
        assert_true(fabs(change - 12) < 1e-12);
        down[0] += gradient[0] < 0;
        down[1] += gradient[1] < 0;
    }
    assert_in_range(down[0], 1, 8);
    assert_in_range(down[1], 1, 8);
    wk_simulation_free(simulation);
}

static void seeds_differ(void **state)
{
    (void)state;
    wk_simulation_options options = wk_simulation_options_default();
    wk_simulation *one = created(&options), *same = created(&options);
    options.seed = 2;
    wk_simulation *other = created(&options);
    for (int64_t i = 0; i < 9; i++) {
        const wk_simulated_exposure *a = wk_simulation_exposure(one, i);
        assert_memory_equal(a, wk_simulation_exposure(same, i), sizeof *a);
        assert_true(a->sky != wk_simulation_exposure(other, i)->sky);
        assert_true(a->ra != wk_simulation_exposure(other, i)->ra);
    }
    wk_simulation_free(one);
    wk_simulation_free(same);
    wk_simulation_free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_out_of_range),
        cmocka_unit_test(numbers_out_of_range),
        cmocka_unit_test(detectors_of_layouts),
        cmocka_unit_test(default_is_used),
        cmocka_unit_test(grid_shape),
        cmocka_unit_test(steps_without_dither),
        cmocka_unit_test(steps_with_dither),
        cmocka_unit_test(levels_fill_their_range),
        cmocka_unit_test(gradients),
        cmocka_unit_test(seeds_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
