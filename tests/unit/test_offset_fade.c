#include "offset_case.h"

enum { WIDTH = 70, HEIGHT = 50 };

static wk_offset_options fading(double radius)
{
    wk_offset_options options = options_of(WK_OFFSET_NEAREST);
    options.smooth = radius;
    return options;
}

/* A star in each cell of a lattice that surrounds the image. */
static field lattice(uint64_t seed)
{
    field f = field_scatter(0, 0, 0, 0, seed);
    wk_random random = wk_random_stream(seed, 0, 0, 0, 0);
    for (int j = -1; j < 6; j++)
        for (int i = -1; i < 8; i++) {
            f.x[f.count] = 10 * i + wk_random_between(&random, 1, 9);
            f.y[f.count++] = 10 * j + wk_random_between(&random, 1, 9);
        }
    return f;
}

/* The ridge takes a thousandth of the spread's sum off: with the smaller axis having a fifth of it
 * at least, 5e-3 of what the plane adds to the mean, gradients of 0.03 times 10 pixels. */
static void test_affine(void **state)
{
    field f = lattice(5);
    const wk_offset_options near = fading(0), wide = fading(25);
    (void)state;
    field_set(&f, affine);
    map a = map_fit(&f, WIDTH, HEIGHT, &near), b = map_fit(&f, WIDTH, HEIGHT, &wide);
    map_near(&a, affine, 5e-3 * 0.03 * 10);
    map_near(&b, affine, 5e-3 * 0.03 * 10);
    map_free(&a);
    map_free(&b);
}

static void is_constant(const field *f, double x, double y, double radius)
{
    const wk_offset_options options = fading(radius);
    map m = map_fit(f, WIDTH, HEIGHT, &options);
    for (int64_t i = 0; i < WIDTH * HEIGHT; i++) {
        assert_near(m.x[i], x, 1e-12);
        assert_near(m.y[i], y, 1e-9); /* beside a line, shares of thousands cancel */
    }
    map_free(&m);
}

static void test_constants(void **state)
{
    field one = {{12.3}, {7.9}, {0.5}, {-41.3}, 1},
          twice = {{3.3, 3.3}, {5.1, 5.1}, {1, 1}, {2, 2}, 2};
    field many = field_scatter(60, WIDTH, HEIGHT, 5, 1);
    field row = field_scatter(20, WIDTH, HEIGHT, 5, 1);
    (void)state;
    for (int64_t i = 0; i < 60; i++) {
        many.dx[i] = row.dx[i] = 0.1;
        many.dy[i] = row.dy[i] = -44;
        row.y[i] = 2 * row.x[i] + 1; /* on a line */
    }
    is_constant(&one, 0.5, -41.3, 0);
    is_constant(&one, 0.5, -41.3, 10);
    is_constant(&twice, 1, 2, 0);
    is_constant(&many, 0.1, -44, 0);
    is_constant(&many, 0.1, -44, 40);
    is_constant(&row, 0.1, -44, 0);
}

/* Many stars at one place, which counts as several among the nearest. */
static void test_duplicates(void **state)
{
    field f = field_scatter(40, WIDTH, HEIGHT, 0, 4);
    const wk_offset_options options = fading(0);
    double rx[40], ry[40];
    unsigned char used[40];
    (void)state;
    field_settle(&f);
    for (int i = 20; i < 40; i++) {
        f.x[i] = f.x[3];
        f.y[i] = f.y[3];
    }
    field rest = f;
    rest = field_without(&rest, 3);
    rest.count = 19; /* none at that place */
    const int64_t at = (int64_t)f.y[3] * WIDTH + (int64_t)f.x[3];
    map m = map_fit(&f, WIDTH, HEIGHT, &options), n = map_fit(&rest, WIDTH, HEIGHT, &options);
    assert_true(m.x[at] == f.dx[3]);
    for (int64_t i = 0; i < WIDTH * HEIGHT; i++)
        assert_true(isfinite(m.x[i]) && isfinite(m.y[i]));
    wk_offset *offset = field_fit(&f, WIDTH, HEIGHT, &options);
    wk_offset_residuals(rx, ry, used, offset);
    assert_near(rx[3], f.dx[3] - n.x[at], 1e-12);
    assert_near(ry[3], f.dy[3] - n.y[at], 1e-12);
    assert_true(rx[30] == f.dx[30] - f.dx[3]);
    wk_offset_free(offset);
    map_free(&m);
    map_free(&n);
}

static void test_left_out(void **state)
{
    field f = field_scatter(30, WIDTH, HEIGHT, 0, 17);
    wk_offset_options options = fading(0);
    (void)state;
    field_settle(&f);
    check_left_out(&f, WIDTH, HEIGHT, &options, 1e-11);
    options.smooth = 30;
    options.power = 3;
    check_left_out(&f, WIDTH, HEIGHT, &options, 1e-11);
    f.count = 2;
    check_left_out(&f, WIDTH, HEIGHT, &options, 1e-11);
}

static double largest_jump(const map *m)
{
    double most = 0;
    for (int64_t i = 0; i < m->width * m->height; i++) {
        if (i % m->width > 0)
            most = fmax(most, fabs(m->x[i] - m->x[i - 1]));
        if (i >= m->width)
            most = fmax(most, fabs(m->x[i] - m->x[i - m->width]));
    }
    return most;
}

/* Offsets of -3 to 3 at stars 25 pixels apart: quadrants jump by pixels where the nearest star
 * changes; weights that fade let a step of 1/25 of their distance change a star's share by some
 * 0.1, so that no pixel jumps by 1. */
static void test_no_jumps(void **state)
{
    const field f = field_scatter(6, WIDTH, HEIGHT, 0, 8),
                g = field_scatter(14, WIDTH, HEIGHT, 0, 9);
    const wk_offset_options options = fading(0);
    (void)state;
    map a = map_fit(&f, WIDTH, HEIGHT, &options), b = map_fit(&f, WIDTH, HEIGHT, NULL);
    map c = map_fit(&g, WIDTH, HEIGHT, &options);
    assert_true(largest_jump(&a) < 1);
    assert_true(largest_jump(&c) < 1);
    assert_true(largest_jump(&b) > 1);
    map_free(&a);
    map_free(&b);
    map_free(&c);
}

static void waves(double out[2], double x, double y)
{
    out[0] = sin(0.04 * x) * cos(0.03 * y);
    out[1] = cos(0.05 * x + 0.02 * y);
}

/* As for quadrants [test_offset_nearest]. */
static void test_pulls(void **state)
{
    wk_offset_options options = fading(0);
    (void)state;
    options.errors = 1;
    check_pulls(waves, 150, 64, 40, &options, 0.64, 1.44);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_affine),     cmocka_unit_test(test_constants),
        cmocka_unit_test(test_duplicates), cmocka_unit_test(test_left_out),
        cmocka_unit_test(test_no_jumps),   cmocka_unit_test(test_pulls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
