#include "offset_case.h"

enum { WIDTH = 60, HEIGHT = 45 };

/* The map is allowed 1e-4 between nodes. */
static const double bound = 1e-4;

static void waves(double out[2], double x, double y)
{
    out[0] = sin(0.06 * x) * cos(0.05 * y);
    out[1] = cos(0.07 * x + 0.03 * y);
}

static void test_affine(void **state)
{
    field f = field_scatter(40, WIDTH, HEIGHT, 5, 1);
    wk_offset_options options = options_of(WK_OFFSET_SPLINE);
    (void)state;
    field_set(&f, affine);
    for (int i = 0; i < 3; i++) {
        options.smooth = i == 0 ? (double)NAN : 10.0 * (i - 1);
        map m = map_fit(&f, WIDTH, HEIGHT, &options);
        map_near(&m, affine, bound);
        map_free(&m);
    }
}

/* Without smoothing the spline goes through the stars. */
static void test_interpolation(void **state)
{
    field f = field_scatter(30, WIDTH, HEIGHT, 0, 3);
    wk_offset_options options = options_of(WK_OFFSET_SPLINE);
    (void)state;
    options.smooth = 0;
    field_settle(&f);
    field_set(&f, waves);
    map m = map_fit(&f, WIDTH, HEIGHT, &options);
    for (int64_t i = 0; i < f.count; i++) {
        const int64_t at = (int64_t)f.y[i] * WIDTH + (int64_t)f.x[i];
        assert_near(m.x[at], f.dx[i], bound);
        assert_near(m.y[at], f.dy[i], bound);
    }
    map_free(&m);
}

static void test_left_out(void **state)
{
    field f = field_scatter(32, WIDTH, HEIGHT, 0, 17);
    wk_offset_options options = options_of(WK_OFFSET_SPLINE);
    (void)state;
    options.smooth = 100;
    field_settle(&f);
    field_set(&f, waves);
    check_left_out(&f, WIDTH, HEIGHT, &options, bound);
}

static void test_facts(void **state)
{
    field f = field_scatter(50, WIDTH, HEIGHT, 0, 2);
    wk_offset_options options = options_of(WK_OFFSET_SPLINE);
    (void)state;
    options.smooth = 50;
    field_blur(&f, 0.1, 1);
    wk_offset *offset = field_fit(&f, WIDTH, HEIGHT, &options);
    const wk_offset_facts *facts = wk_offset_describe(offset);
    assert_int_equal(facts->model, WK_OFFSET_SPLINE);
    assert_true(facts->smooth == 50);
    assert_true(facts->parameters >= 3 && facts->parameters <= 50);
    assert_true(facts->noise[0] > 0 && facts->noise[1] > 0);
    map m = map_make(offset, 1);
    assert_true(isnan(m.error_x[0]) && isnan(m.error_y[WIDTH * HEIGHT - 1])); /* not asked for */
    map_free(&m);
    wk_offset_free(offset);
}

static void test_too_few(void **state)
{
    field f = field_scatter(10, WIDTH, HEIGHT, 0, 2);
    const wk_offset_options options = options_of(WK_OFFSET_SPLINE);
    wk_offset_stars stars = field_stars(&f);
    wk_offset *offset;
    wk_error error;
    (void)state;
    stars.count = 2;
    assert_int_equal(wk_offset_fit(&offset, &stars, WIDTH, HEIGHT, &options, NULL, &error),
                     WK_NO_DATA);
    assert_non_null(strstr(error.message, "three"));
    stars.count = 10;
    for (int i = 0; i < 10; i++)
        f.y[i] = f.x[i];
    assert_int_equal(wk_offset_fit(&offset, &stars, WIDTH, HEIGHT, &options, NULL, &error),
                     WK_NO_DATA);
    assert_null(offset);
}

/* 30 fields, four places, two axes: 240 squares scatter by sqrt(2 / 240) = 0.09. */
static void test_pulls(void **state)
{
    wk_offset_options options = options_of(WK_OFFSET_SPLINE);
    (void)state;
    options.errors = 1;
    check_pulls(waves, 100, 64, 30, &options, 0.55, 1.45);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_affine),   cmocka_unit_test(test_interpolation),
        cmocka_unit_test(test_left_out), cmocka_unit_test(test_facts),
        cmocka_unit_test(test_too_few),  cmocka_unit_test(test_pulls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
