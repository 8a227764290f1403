#include "quadrant.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

typedef struct cloud {
    double *x, *y;
    int64_t count;
} cloud;

static int in_quadrant(int k, double dx, double dy, wk_quadrant_rule rule)
{
    int right = k & 1, above = k >> 1;
    double u = right ? -dx : dx, v = above ? -dy : dy;
    if (rule == WK_QUADRANT_STRICT)
        return u > 0 && v > 0;
    return right == above ? u > 0 && v >= 0 : u >= 0 && v > 0;
}

/* The definition: all points are tried. */
static void try_all(int64_t point[4], double distance[4], const cloud *c, double x, double y,
                    wk_quadrant_rule rule, int64_t skip)
{
    for (int k = 0; k < 4; k++) {
        point[k] = -1;
        distance[k] = 0;
        for (int64_t i = 0; i < c->count; i++) {
            double dx = x - c->x[i], dy = y - c->y[i], d = sqrt(dx * dx + dy * dy);
            if (i == skip || !in_quadrant(k, dx, dy, rule))
                continue;
            if (point[k] < 0 || d < distance[k]) {
                point[k] = i;
                distance[k] = d;
            }
        }
    }
}

static void check_row(wk_quadrant_walk *walk, const cloud *c, int64_t row, int64_t width,
                      wk_quadrant_rule rule)
{
    int64_t count, column = 0;
    const wk_quadrant_run *runs = wk_quadrant_row(&count, walk, row);
    for (int64_t r = 0; r < count; r++)
        for (; column < runs[r].end; column++) {
            int64_t point[4];
            double distance[4];
            try_all(point, distance, c, (double)column, (double)row, rule, -1);
            for (int k = 0; k < 4; k++)
                assert_int_equal(runs[r].point[k], point[k]);
        }
    assert_int_equal(column, width);
}

static void check(const cloud *c, int64_t width, int64_t height)
{
    for (int rule = 0; rule < 2; rule++) {
        wk_quadrants *quadrants;
        wk_quadrant_walk *walk;
        wk_error error;
        assert_int_equal(wk_quadrants_create(&quadrants, c->x, c->y, c->count, width,
                                             (wk_quadrant_rule)rule, &error),
                         WK_OK);
        assert_int_equal(wk_quadrant_walk_create(&walk, quadrants, &error), WK_OK);
        assert_true(wk_quadrant_walk_bytes(quadrants) > 0);
        for (int64_t row = -2; row < height; row++)
            check_row(walk, c, row, width, (wk_quadrant_rule)rule);
        check_row(walk, c, height / 3, width, (wk_quadrant_rule)rule); /* backwards */
        for (int64_t i = 0; i < c->count && i < 40; i++) {
            int64_t found[4], point[4];
            double away[4], distance[4];
            int64_t skip = i % 2 ? i : -1;
            wk_quadrant_place(found, away, quadrants, c->x[i], c->y[i], skip);
            try_all(point, distance, c, c->x[i], c->y[i], (wk_quadrant_rule)rule, skip);
            for (int k = 0; k < 4; k++) {
                assert_int_equal(found[k], point[k]);
                assert_true(away[k] == distance[k]);
            }
        }
        wk_quadrant_walk_free(walk);
        wk_quadrants_free(quadrants);
    }
}

enum { MOST = 700 };

static double draw(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 11) / 9007199254740992.0;
}

static void check_spread(void (*place)(double *, double *, uint64_t *), int64_t count,
                         int64_t width, int64_t height)
{
    double x[MOST], y[MOST];
    uint64_t state = 20261126;
    for (int64_t i = 0; i < count; i++)
        place(&x[i], &y[i], &state);
    const cloud c = {x, y, count};
    check(&c, width, height);
}

static void anywhere(double *x, double *y, uint64_t *state)
{
    *x = 110 * draw(state) - 5;
    *y = 90 * draw(state) - 5;
}

/* Whole numbers: ties of many points, points on pixels, duplicates. */
static void on_lattice(double *x, double *y, uint64_t *state)
{
    *x = floor(40 * draw(state)) - 3;
    *y = floor(30 * draw(state)) - 3;
}

static void on_halves(double *x, double *y, uint64_t *state)
{
    *x = floor(40 * draw(state)) + 0.5;
    *y = floor(40 * draw(state)) / 2;
}

static void in_a_column(double *x, double *y, uint64_t *state)
{
    *x = 31.25;
    *y = 90 * draw(state);
}

static void nearly_in_a_column(double *x, double *y, uint64_t *state)
{
    *x = 31.25 + 1e-9 * draw(state);
    *y = floor(90 * draw(state));
}

static void in_a_row(double *x, double *y, uint64_t *state)
{
    *x = 100 * draw(state);
    *y = 17;
}

static void in_a_corner(double *x, double *y, uint64_t *state)
{
    *x = 3 * draw(state);
    *y = 3 * draw(state);
}

static void on_a_diagonal(double *x, double *y, uint64_t *state)
{
    *x = 100 * draw(state);
    *y = 80 - 0.7 * *x;
}

static void on_a_circle(double *x, double *y, uint64_t *state)
{
    double angle = 6.283185307179586 * draw(state);
    *x = 50 + 30 * cos(angle);
    *y = 40 + 30 * sin(angle);
}

static void far_away(double *x, double *y, uint64_t *state)
{
    *x = 2e9 * draw(state) - 1e9;
    *y = 2e9 * draw(state) - 1e9;
}

static void test_against_all(void **state)
{
    (void)state;
    check_spread(anywhere, 0, 20, 20);
    check_spread(anywhere, 1, 20, 20);
    check_spread(anywhere, 5, 100, 80);
    check_spread(anywhere, 60, 100, 80);
    check_spread(anywhere, 500, 100, 80);
    check_spread(on_lattice, 300, 37, 70);
    check_spread(on_lattice, 30, 37, 70);
    check_spread(on_halves, 200, 40, 40);
    check_spread(in_a_column, 100, 60, 80);
    check_spread(nearly_in_a_column, 100, 60, 80);
    check_spread(in_a_row, 100, 100, 40);
    check_spread(in_a_corner, 100, 60, 80);
    check_spread(on_a_diagonal, 150, 100, 80);
    check_spread(on_a_circle, 150, 100, 80);
    check_spread(far_away, 100, 50, 70);
    check_spread(anywhere, 50, 1, 80);
    check_spread(anywhere, 50, 100, 1);
}

static void test_refused(void **state)
{
    (void)state;
    wk_quadrants *quadrants;
    wk_error error;
    assert_int_equal(wk_quadrants_create(&quadrants, NULL, NULL, 0, 0, WK_QUADRANT_STRICT, &error),
                     WK_ARGUMENT);
    assert_null(quadrants);
    wk_quadrants_free(NULL);
    wk_quadrant_walk_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_against_all),
                                       cmocka_unit_test(test_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
