#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "spline.h"

enum { MOST = 64 };

static wk_piece pieces[MOST + 1];
static double room[2 * MOST + 4];

static int64_t make(const double *x, const double *y, int64_t n, wk_spline_style style)
{
    assert_true(wk_spline_room(n) <= sizeof room / sizeof room[0]);
    int64_t count = wk_spline_make(pieces, x, y, n, style, room);
    assert_true(count >= 1 && count <= wk_spline_pieces(n));
    return count;
}

static double at(int64_t count, double x)
{
    return wk_piece_value(&pieces[wk_spline_find(pieces, count, x, 0)], x);
}

static void test_least_and_best(void **state)
{
    (void)state;
    assert_int_equal(wk_spline_least(WK_SPLINE_CONSTANT), 1);
    assert_int_equal(wk_spline_least(WK_SPLINE_LINEAR), 2);
    assert_int_equal(wk_spline_least(WK_SPLINE_NATURAL), 3);
    assert_int_equal(wk_spline_least(WK_SPLINE_AKIMA), 5);
    assert_int_equal(wk_spline_best(1), WK_SPLINE_CONSTANT);
    assert_int_equal(wk_spline_best(2), WK_SPLINE_LINEAR);
    assert_int_equal(wk_spline_best(3), WK_SPLINE_NATURAL);
    assert_int_equal(wk_spline_best(4), WK_SPLINE_NATURAL);
    assert_int_equal(wk_spline_best(5), WK_SPLINE_AKIMA);
}

static void test_steps(void **state)
{
    (void)state;
    const double x[] = {1, 3, 7}, y[] = {10, 20, 60};
    int64_t n = make(x, y, 3, WK_SPLINE_CONSTANT);
    assert_true(at(n, -5.0) == 10.0 && at(n, 1.9) == 10.0);
    assert_true(at(n, 2.0) == 15.0 && at(n, 4.9) == 15.0);
    assert_true(at(n, 5.0) == 40.0 && at(n, 8.9) == 40.0);
    assert_true(at(n, 9.0) == 60.0 && at(n, 1e6) == 60.0);
}

static void test_nearest(void **state)
{
    (void)state;
    const double x[] = {1, 3, 7}, y[] = {10, NAN, 60};
    int64_t n = make(x, y, 3, WK_SPLINE_NEAREST);
    assert_true(at(n, -5.0) == 10.0 && at(n, 1.9) == 10.0);
    assert_true(isnan(at(n, 2.0)) && isnan(at(n, 4.9)));
    assert_true(at(n, 5.0) == 60.0 && at(n, 1e6) == 60.0);
}

static void test_lines(void **state)
{
    (void)state;
    const double x[] = {0, 2, 3}, y[] = {1, 5, 4};
    int64_t n = make(x, y, 3, WK_SPLINE_LINEAR);
    assert_true(at(n, -1.0) == -1.0 && at(n, 0.5) == 2.0 && at(n, 2.0) == 5.0);
    assert_true(at(n, 2.5) == 4.5 && at(n, 5.0) == 2.0);
}

/* The one equation, 2 (1 + 2) M = 6 (-1 - 3), gives M = -4. */
static void test_natural_of_three(void **state)
{
    (void)state;
    const double x[] = {0, 1, 3}, y[] = {1, 4, 2};
    const double want[] = {1, 2.75, 4, 4.375, 4, 3.125, 2};
    int64_t n = make(x, y, 3, WK_SPLINE_NATURAL);
    for (int i = 0; i < 7; i++)
        assert_true(fabs(at(n, 0.5 * i) - want[i]) < 1e-14); /* a few roundings of 4 */
    /* the slopes at the ends are 3 + 4/6 and -1 - 2 * 4/6 */
    assert_true(fabs(at(n, -3.0) - (1.0 - 11.0)) < 1e-13);
    assert_true(fabs(at(n, 6.0) - (2.0 - 7.0)) < 1e-13);
}

static void test_natural_of_a_line(void **state)
{
    (void)state;
    double x[MOST], y[MOST];
    for (int i = 0; i < MOST; i++) {
        x[i] = 2.0 * i + (i % 3 == 0);
        y[i] = 5.0 - 0.5 * x[i];
    }
    int64_t n = make(x, y, MOST, WK_SPLINE_NATURAL);
    for (int i = -100; i < 300; i++)
        assert_true(at(n, i) == 5.0 - 0.5 * i); /* all numbers are multiples of 1/2 */
}

/* Slopes of a parabola rise evenly, and so do those added at the ends: all means are the tangents.
 */
static void test_akima_of_a_parabola(void **state)
{
    (void)state;
    double x[9], y[9];
    for (int i = 0; i < 9; i++) {
        x[i] = 3.0 * i - 4.0;
        y[i] = 0.25 * x[i] * x[i] - x[i] + 2.0;
    }
    int64_t n = make(x, y, 9, WK_SPLINE_AKIMA);
    for (int i = -10; i < 30; i++) {
        double want = 0.25 * i * i - i + 2.0;
        assert_true(fabs(at(n, i) - want) < 1e-12); /* roundings of some 200 */
    }
}

/* Both pairs of slopes are equal at the bend: the line to its right begins there, and the one to
 * its left ends there. */
static void test_akima_keeps_a_corner(void **state)
{
    (void)state;
    const double x[] = {0, 1, 2, 3, 4, 5}, y[] = {7, 7, 7, 8, 9, 10};
    int64_t n = make(x, y, 6, WK_SPLINE_AKIMA);
    for (double t = -2.0; t < 8.0; t += 0.25)
        assert_true(at(n, t) == (t < 2.0 ? 7.0 : 5.0 + t));
}

/* Where slopes change on one side only, the node takes the slope of the other side; by hand: slopes
 * 0 0 0 4 0, at node 3 the pairs are (0, 0) and (4, 0), so 0; at node 4 (0, 4) and (0, -4). */
static void test_akima_by_hand(void **state)
{
    (void)state;
    const double x[] = {0, 1, 2, 3, 4, 5}, y[] = {0, 0, 0, 0, 4, 4};
    int64_t n = make(x, y, 6, WK_SPLINE_AKIMA);
    assert_true(at(n, 2.5) == 0.0);
    /* slope 2 at node 4: c = 12 - 2, d = 2 - 8 */
    assert_true(fabs(at(n, 3.5) - (10.0 * 0.25 - 6.0 * 0.125)) < 1e-15);
}

/* M0 = M3 = 0 at the ends; in between 4 M1 + M2 = -12 and M1 + 4 M2 = 6 leave M2 = 2.4 and
 * M1 = -3 - M2 / 4, of which Source Extractor takes a sixth. */
static void test_extractor(void **state)
{
    (void)state;
    const double x[] = {0, 1, 2, 3}, y[] = {0, 1, 0, 0};
    int64_t n = make(x, y, 4, WK_SPLINE_EXTRACTOR);
    assert_true(fabs(at(n, 0.5) - (0.5 + 3.1 / 16.0)) < 1e-15);
    assert_true(fabs(at(n, 1.5) - (0.5 + (3.1 - 2.4) / 16.0)) < 1e-15);
    n = make(x, y, 4, WK_SPLINE_NATURAL);
    assert_true(fabs(at(n, 0.5) - (0.5 + 3.6 / 16.0)) < 1e-15);
    /* of three nodes, 1.5 x - x^3 / 2 goes on to the left */
    n = make(x, y, 3, WK_SPLINE_EXTRACTOR);
    assert_true(fabs(at(n, 0.5) - (0.75 - 0.0625)) < 1e-15);
    assert_true(fabs(at(n, -1.0) - (-1.5 + 0.5)) < 1e-15);
    n = make(x, y, 2, WK_SPLINE_EXTRACTOR);
    assert_true(at(n, -1.0) == -1.0 && at(n, 3.0) == 3.0);
}

/* (c[i-1] + 4 c[i] + c[i+1]) / 6 = y[i] with the ends repeated has c = -1/4, 5/4. */
static void test_mirror_of_two(void **state)
{
    (void)state;
    const double x[] = {10, 14}, y[] = {0, 1}, c[] = {5, -1, -1, 5, 5, -1};
    int64_t n = make(x, y, 2, WK_SPLINE_MIRROR);
    for (int i = -2; i <= 6; i++) {
        double h = (double)((i + 4) % 4) / 4.0, k = 1.0 - h;
        int j = i < 0 ? 0 : i / 4 + 1; /* first of the four that count */
        double want = (k * k * k * c[j] + (4.0 - 3.0 * h * h * (2.0 - h)) * c[j + 1] +
                       (4.0 - 3.0 * k * k * (2.0 - k)) * c[j + 2] + h * h * h * c[j + 3]) /
                      24.0;
        assert_true(fabs(at(n, 10.0 + i) - want) < 1e-15);
    }
}

static void test_one_node(void **state)
{
    (void)state;
    const wk_spline_style styles[] = {WK_SPLINE_CONSTANT, WK_SPLINE_NEAREST, WK_SPLINE_EXTRACTOR,
                                      WK_SPLINE_MIRROR};
    const double x = 3.5, y = -7.25;
    for (int k = 0; k < 4; k++) {
        float out[3];
        wk_spline_run(out, pieces, make(&x, &y, 1, styles[k]), 2, 3);
        assert_true(out[0] == -7.25f && out[1] == -7.25f && out[2] == -7.25f);
    }
}

static void test_equal_nodes_stay_exact(void **state)
{
    (void)state;
    double x[MOST], y[MOST];
    for (int i = 0; i < MOST; i++) {
        x[i] = 7.3 * i;
        y[i] = 0.1;
    }
    for (int style = WK_SPLINE_CONSTANT; style <= WK_SPLINE_MIRROR; style++) {
        int64_t n = make(x, y, MOST, (wk_spline_style)style);
        for (int i = -4; i < 470; i++)
            assert_true(at(n, i) == 0.1);
    }
}

/* Nodes as close as a fifth of a pixel leave pieces without a pixel. */
static void test_run_is_value_by_value(void **state)
{
    (void)state;
    double x[MOST], y[MOST];
    for (int i = 0; i < MOST; i++) {
        x[i] = i < 30 ? 0.2 * i : 6.0 + 3.7 * (i - 30);
        y[i] = sin(0.7 * i);
    }
    for (int style = WK_SPLINE_CONSTANT; style <= WK_SPLINE_AKIMA; style++) {
        int64_t n = make(x, y, MOST, (wk_spline_style)style);
        float whole[160], part[160];
        wk_spline_run(whole, pieces, n, -10, 160);
        for (int i = 0; i < 160; i++)
            assert_true(whole[i] == (float)at(n, i - 10));
        for (int from = 0; from < 160; from += 13)
            for (int count = 0; from + count <= 160; count += 17) {
                wk_spline_run(part, pieces, n, from - 10, count);
                assert_memory_equal(part, whole + from, (size_t)count * sizeof *part);
            }
    }
}

static void test_find(void **state)
{
    (void)state;
    const double x[] = {1, 2, 4, 8}, y[] = {0, 0, 0, 0};
    int64_t n = make(x, y, 4, WK_SPLINE_NATURAL);
    for (int64_t hint = 0; hint < n + 2; hint++) {
        assert_int_equal(wk_spline_find(pieces, n, -1e300, hint), 0);
        assert_int_equal(wk_spline_find(pieces, n, 2.0, hint), 2);
        assert_int_equal(wk_spline_find(pieces, n, 7.9, hint), 3);
        assert_int_equal(wk_spline_find(pieces, n, 1e300, hint), 4);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_least_and_best),
        cmocka_unit_test(test_steps),
        cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_natural_of_three),
        cmocka_unit_test(test_natural_of_a_line),
        cmocka_unit_test(test_akima_of_a_parabola),
        cmocka_unit_test(test_akima_keeps_a_corner),
        cmocka_unit_test(test_akima_by_hand),
        cmocka_unit_test(test_extractor),
        cmocka_unit_test(test_mirror_of_two),
        cmocka_unit_test(test_one_node),
        cmocka_unit_test(test_equal_nodes_stay_exact),
        cmocka_unit_test(test_run_is_value_by_value),
        cmocka_unit_test(test_find),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
