#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "random.h"
#include "star_transform.h"

enum { most = 200 };

/* Places over 4000 x 3000 px, far from 0. */
static wk_star_pairs make(int64_t count)
{
    wk_star_pairs pairs;
    assert_int_equal(wk_star_pairs_make(&pairs, most, NULL), WK_OK);
    wk_random random = wk_random_stream(4, 0, 0, 0, 0);
    for (int64_t i = 0; i < count; i++) {
        pairs.from[0][i] = wk_random_between(&random, 1e4, 1.4e4);
        pairs.from[1][i] = wk_random_between(&random, -5e3, -2e3);
        pairs.used[i] = 1;
    }
    pairs.count = count;
    return pairs;
}

static void carry(wk_star_pairs *pairs, const wk_star_transform *by)
{
    for (int64_t i = 0; i < pairs->count; i++) {
        double to[2];
        wk_star_transform_apply(by, pairs->from[0][i], pairs->from[1][i], to);
        pairs->to[0][i] = to[0];
        pairs->to[1][i] = to[1];
    }
}

static void test_similarity(void **state)
{
    (void)state;
    wk_star_pairs pairs = make(5);
    double from[2] = {3.0, -4.0}, to[2] = {100.0, 50.0}, got[2];
    wk_star_transform truth = wk_star_transform_similarity(1.5, 2.0, from, to), found;
    wk_star_transform_apply(&truth, 3.0, -4.0, got);
    assert_true(got[0] == 100.0 && got[1] == 50.0);
    carry(&pairs, &truth);
    assert_int_equal(wk_star_transform_fit(&found, &pairs, 3), 0);
    assert_int_equal(found.order, 0);
    /* places of 1e4 hold 1e-12 */
    assert_true(fabs(found.c[0][0] - 1.5 * cos(2.0)) < 1e-13);
    assert_true(fabs(found.c[0][1] - 1.5 * sin(2.0)) < 1e-13);
    assert_true(wk_star_transform_rms(&found, &pairs) < 1e-10);
    wk_star_pairs_release(&pairs);
}

/* A polynomial is met by one of its order and not by a lower one. */
static void test_orders(void **state)
{
    (void)state;
    static const int64_t needed[] = {2, 9, 18, 30, 45, 63};
    for (int order = 1; order <= WK_STAR_ORDER_MOST; order++) {
        wk_star_pairs pairs = make(needed[order]);
        for (int64_t i = 0; i < pairs.count; i++) {
            double u = (pairs.from[0][i] - 1.2e4) / 2e3, v = (pairs.from[1][i] + 3.5e3) / 1.5e3;
            pairs.to[0][i] = 7.0 + 2e3 * u + 30.0 * pow(u, order - 1.0) * v;
            pairs.to[1][i] = -9.0 + 1.5e3 * v - 20.0 * pow(v, order);
        }
        wk_star_transform found;
        assert_int_equal(wk_star_transform_fit(&found, &pairs, order), 0);
        assert_int_equal(found.order, order);
        assert_true(wk_star_transform_rms(&found, &pairs) < 1e-8);
        pairs.count--; /* one pair fewer does not allow this order */
        assert_int_equal(wk_star_transform_fit(&found, &pairs, order), 0);
        assert_int_equal(found.order, order - 1);
        assert_true(wk_star_transform_rms(&found, &pairs) > 0.1);
        wk_star_pairs_release(&pairs);
    }
}

/* On a line nothing is known across it: a similarity is all that there is. */
static void test_line(void **state)
{
    (void)state;
    wk_star_pairs pairs = make(100);
    double from[2] = {0.0, 0.0}, to[2] = {5.0, 6.0};
    wk_star_transform truth = wk_star_transform_similarity(0.9, 1.0, from, to), found;
    for (int64_t i = 0; i < pairs.count; i++)
        pairs.from[1][i] = 2.0 * pairs.from[0][i];
    carry(&pairs, &truth);
    assert_int_equal(wk_star_transform_fit(&found, &pairs, 1), 0);
    assert_int_equal(found.order, 0);
    assert_true(wk_star_transform_rms(&found, &pairs) < 1e-9);
    wk_star_pairs_release(&pairs);
}

static void test_too_few(void **state)
{
    (void)state;
    wk_star_pairs pairs = make(3);
    double from[2] = {0.0, 0.0}, to[2] = {0.0, 0.0};
    wk_star_transform same = wk_star_transform_similarity(1.0, 0.0, from, to), found;
    carry(&pairs, &same);
    pairs.count = 1;
    assert_int_not_equal(wk_star_transform_fit(&found, &pairs, 3), 0);
    pairs.count = 0;
    assert_int_not_equal(wk_star_transform_fit(&found, &pairs, 3), 0);
    pairs.count = 3;
    pairs.from[0][1] = pairs.from[0][2] = pairs.from[0][0];
    pairs.from[1][1] = pairs.from[1][2] = pairs.from[1][0];
    assert_int_not_equal(wk_star_transform_fit(&found, &pairs, 3), 0);
    wk_star_pairs_release(&pairs);
}

/* One pair in five is wrong by many px: they are left out, and the rest is met. */
static void test_clip(void **state)
{
    (void)state;
    wk_star_pairs pairs = make(150);
    double from[2] = {1e4, 0.0}, to[2] = {-20.0, 30.0};
    wk_star_transform truth = wk_star_transform_similarity(1.1, -0.5, from, to), found;
    carry(&pairs, &truth);
    for (int64_t i = 0; i < pairs.count; i += 5)
        pairs.to[i % 2][i] += 20.0 + (double)i;
    assert_int_equal(wk_star_transform_clip(&found, &pairs, 1, 0.01), 0);
    for (int64_t i = 0; i < pairs.count; i++) {
        double got[2], expected[2];
        assert_int_equal(pairs.used[i], i % 5 != 0);
        wk_star_transform_apply(&found, pairs.from[0][i], pairs.from[1][i], got);
        wk_star_transform_apply(&truth, pairs.from[0][i], pairs.from[1][i], expected);
        assert_true(hypot(got[0] - expected[0], got[1] - expected[1]) < 1e-9);
    }
    wk_star_pairs_release(&pairs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_similarity), cmocka_unit_test(test_orders),
        cmocka_unit_test(test_line),       cmocka_unit_test(test_too_few),
        cmocka_unit_test(test_clip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
