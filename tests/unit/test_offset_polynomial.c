#include "offset_case.h"

enum { WIDTH = 50, HEIGHT = 40 };

static void cubic(double out[2], double x, double y)
{
    const double u = x / 25 - 1, v = y / 20 - 1;
    out[0] = 2 + u - 3 * v + u * v - 0.5 * u * u * u + v * v * u;
    out[1] = -400 + 2 * u * u + v * v * v;
}

static void test_exact(void **state)
{
    field f = field_scatter(60, WIDTH, HEIGHT, 5, 1);
    wk_offset_options options = options_of(WK_OFFSET_POLYNOMIAL);
    (void)state;
    for (int order = 1; order <= 9; order++) {
        options.order = order;
        field_set(&f, order < 3 ? affine : cubic);
        map m = map_fit(&f, WIDTH, HEIGHT, &options);
        map_near(&m, order < 3 ? affine : cubic, 1e-7); /* 400 with the condition of order 9 */
        map_free(&m);
    }
}

static void test_left_out(void **state)
{
    field f = field_scatter(25, WIDTH, HEIGHT, 0, 17);
    wk_offset_options options = options_of(WK_OFFSET_POLYNOMIAL);
    (void)state;
    options.clip = 0;
    field_settle(&f);
    for (options.order = 0; options.order < 4; options.order++)
        check_left_out(&f, WIDTH, HEIGHT, &options, 1e-9);
}

/* One star is wrong in x, one in y: both are left out, and their residuals are the errors. */
static void test_clip(void **state)
{
    field f = field_scatter(60, WIDTH, HEIGHT, 0, 1);
    wk_offset_options options = options_of(WK_OFFSET_POLYNOMIAL);
    double rx[60], ry[60];
    unsigned char used[60];
    (void)state;
    field_set(&f, cubic);
    f.dx[11] += 5;
    f.dy[30] -= 7;
    wk_offset *offset = field_fit(&f, WIDTH, HEIGHT, &options);
    wk_offset_residuals(rx, ry, used, offset);
    assert_int_equal(wk_offset_describe(offset)->clipped, 2);
    assert_true(!used[11] && !used[30] && used[0]);
    assert_near(rx[11], 5, 1e-9);
    assert_near(ry[30], -7, 1e-9);
    assert_true(wk_offset_describe(offset)->parameters == 10);
    wk_offset_free(offset);
    options.clip = 0;
    offset = field_fit(&f, WIDTH, HEIGHT, &options);
    assert_int_equal(wk_offset_describe(offset)->clipped, 0);
    wk_offset_free(offset);
}

static void test_too_few(void **state)
{
    wk_offset_options options = options_of(WK_OFFSET_POLYNOMIAL);
    (void)state;
    for (options.order = 0; options.order <= 9; options.order++) {
        const int64_t need = (options.order + 1) * (options.order + 2) / 2;
        field f = field_scatter(need - 1, WIDTH, HEIGHT, 0, 1);
        const wk_offset_stars stars = field_stars(&f);
        wk_offset *offset;
        assert_int_equal(wk_offset_fit(&offset, &stars, WIDTH, HEIGHT, &options, NULL, NULL),
                         WK_NO_DATA);
        assert_null(offset);
        f = field_scatter(need, WIDTH, HEIGHT, 0, 1);
        offset = field_fit(&f, WIDTH, HEIGHT, &options);
        assert_true(isnan(wk_offset_describe(offset)->left_out[0])); /* each star is needed */
        assert_true(isnan(wk_offset_describe(offset)->noise[0]));
        wk_offset_free(offset);
    }
}

/* The noise of 200 stars scatters by sigma / sqrt(2 * 190). */
static void test_noise(void **state)
{
    field f = field_scatter(200, WIDTH, HEIGHT, 0, 2);
    wk_offset_options options = options_of(WK_OFFSET_POLYNOMIAL);
    (void)state;
    options.clip = 0;
    field_set(&f, cubic);
    field_blur(&f, 0.1, 5);
    wk_offset *offset = field_fit(&f, WIDTH, HEIGHT, &options);
    for (int axis = 0; axis < 2; axis++)
        assert_near(wk_offset_describe(offset)->noise[axis], 0.1, 5 * 0.1 / sqrt(380));
    wk_offset_free(offset);
}

/* 100 fields, four places, two axes: 800 squares, of which those of a field share little; their
 * mean scatters by sqrt(2 / 800) = 0.05 or, if the places of a field went together, 0.1. */
static void test_pulls(void **state)
{
    wk_offset_options options = options_of(WK_OFFSET_POLYNOMIAL);
    (void)state;
    options.errors = 1;
    check_pulls(cubic, 120, 40, 100, &options, 0.64, 1.44);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exact), cmocka_unit_test(test_left_out),
        cmocka_unit_test(test_clip),  cmocka_unit_test(test_too_few),
        cmocka_unit_test(test_noise), cmocka_unit_test(test_pulls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
