#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "random.h"
#include "star_vote.h"

enum { most = 40 };

static const double DEGREE = 3.14159265358979323846 / 180.0;

typedef struct lists {
    double cx[most], cy[most], rx[most], ry[most];
} lists;

static void make(lists *l, double scale, double rotation, int on_line)
{
    wk_random random = wk_random_stream(3, 0, 0, 0, 0);
    for (int i = 0; i < most; i++) {
        l->rx[i] = wk_random_between(&random, 0.0, 4000.0);
        l->ry[i] = on_line ? 0.5 * l->rx[i] : wk_random_between(&random, 0.0, 3000.0);
        l->cx[i] = 7e3 + scale * (cos(rotation) * l->rx[i] - sin(rotation) * l->ry[i]);
        l->cy[i] = -2e3 + scale * (sin(rotation) * l->rx[i] + cos(rotation) * l->ry[i]);
    }
}

/* The first two candidates are the truth, to their width, and its opposite. */
static void check(double scale, double rotation, int on_line)
{
    static lists l;
    wk_star_candidate candidates[WK_STAR_CANDIDATES];
    int64_t count = 0;
    make(&l, scale, rotation, on_line);
    wk_star_places current = {l.cx, l.cy, most}, reference = {l.rx, l.ry, most};
    assert_int_equal(wk_star_vote(candidates, &count, &current, &reference, NULL), WK_OK);
    assert_in_range(count, 1, WK_STAR_CANDIDATES);
    double off = remainder(candidates[0].rotation - rotation, 180.0 * DEGREE);
    assert_true(fabs(off) <= candidates[0].width);
    assert_true(fabs(candidates[1].rotation - candidates[0].rotation - 180.0 * DEGREE) < 1e-14);
    assert_true(fabs(log(candidates[0].scale / scale)) <= candidates[0].width);
}

static void test_any_transform(void **state)
{
    (void)state;
    for (int degrees = -180; degrees <= 180; degrees += 24)
        check(1.0, degrees * DEGREE, 0);
    for (double scale = 0.5; scale <= 2.0; scale += 0.25)
        check(scale, 10.0 * DEGREE, 0);
    check(1.2, 33.0 * DEGREE, 1);
}

static void test_nothing(void **state)
{
    (void)state;
    wk_star_candidate candidates[WK_STAR_CANDIDATES];
    int64_t count = 7;
    double same[] = {1.0, 1.0, 1.0}, near[] = {0.0, 1.0, 2.0}, far[] = {0.0, 1e5, 3e5};
    wk_star_places one = {same, same, 3}, small = {near, near, 3}, large = {far, far, 3};
    assert_int_equal(wk_star_vote(candidates, &count, &one, &small, NULL), WK_OK);
    assert_int_equal(count, 0);
    assert_int_equal(wk_star_vote(candidates, &count, &small, &large, NULL), WK_OK);
    assert_int_equal(count, 0);
    small.count = 1;
    assert_int_equal(wk_star_vote(candidates, &count, &small, &small, NULL), WK_OK);
    assert_int_equal(count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_transform),
        cmocka_unit_test(test_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
