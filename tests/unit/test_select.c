#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sanitized.h"
#include "select.h"

/* Every result is compared with a sorted copy: order statistics are values of the data, so that
 * they must be equal, not near. */

typedef enum shape { NOISE, WHOLE, EQUAL, RISING, FALLING, TWO, WILD, SHAPES } shape;

static double uniform(uint64_t *state)
{
    *state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
    return ((double)(*state >> 11) + 0.5) / 9007199254740992.0;
}

static double shaped(shape form, int64_t i, double u)
{
    switch (form) {
    case NOISE:
        return 100.0 + log(u / (1.0 - u));
    case WHOLE:
        return rint(3.0 * log(u / (1.0 - u)));
    case EQUAL:
        return -7.25;
    case RISING:
        return (double)i;
    case FALLING:
        return (double)-i;
    case TWO:
        return u < 0.4 ? -1.0 : 1e-20;
    default:
        return (u < 0.5 ? -1.0 : 1.0) * pow(10.0, 76.0 * (u - 0.5));
    }
}

static float *make(shape form, int64_t n)
{
    float *values = malloc((size_t)(n + 1) * sizeof *values);
    assert_non_null(values);
    uint64_t state = 11;
    for (int64_t i = 0; i < n; i++)
        values[i] = (float)shaped(form, i, uniform(&state));
    return values;
}

static int ascending(const void *a, const void *b)
{
    float x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

static float *sorted(const float *values, int64_t n)
{
    float *copy = malloc((size_t)(n + 1) * sizeof *copy);
    assert_non_null(copy);
    memcpy(copy, values, (size_t)n * sizeof *copy);
    qsort(copy, (size_t)n, sizeof *copy, ascending);
    return copy;
}

static void check_ranks(const float *values, int64_t n, const float *in_order, void *room)
{
    wk_selection from = {values, n, -INFINITY, INFINITY, n};
    for (int part = 0; part <= 20; part++) {
        int64_t ranks[2] = {(n - 1) * part / 20, (n - 1) * part / 20 + 1};
        float out[2];
        wk_select_ranks(out, ranks, ranks[1] < n ? 2 : 1, &from, room);
        assert_true(out[0] == in_order[ranks[0]]);
        if (ranks[1] < n)
            assert_true(out[1] == in_order[ranks[1]]);
    }
}

static void check_shape(shape form, int64_t n)
{
    float *values = make(form, n), *copy = make(form, n), *in_order = sorted(values, n);
    void *room = malloc(wk_select_room(n, 2));
    assert_non_null(room);
    check_ranks(values, n, in_order, room);
    wk_selection from = {values, n, -INFINITY, INFINITY, n};
    double expected = 0.5 * ((double)in_order[(n - 1) / 2] + (double)in_order[n / 2]);
    assert_true(wk_select_median(&from, room) == expected);
    assert_memory_equal(values, copy, (size_t)n * sizeof *values);
    free(room);
    free(in_order);
    free(copy);
    free(values);
}

static void test_small_arrays(void **state)
{
    (void)state;
    for (shape form = NOISE; form < SHAPES; form++)
        for (int64_t n = 1; n < 40; n++)
            check_shape(form, n);
}

static void test_large_arrays(void **state)
{
    (void)state;
    const int64_t sizes[] = {1023, 1024, 1025, 4999, 20000, 131072, SANITIZED ? 65537 : 300001};
    for (shape form = NOISE; form < SHAPES; form++)
        for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
            check_shape(form, sizes[k]);
}

static void check_limited(shape form, int64_t n, int64_t first, int64_t last)
{
    float *values = make(form, n), *in_order = sorted(values, n);
    float lo = in_order[first], hi = in_order[last];
    while (first > 0 && in_order[first - 1] == lo)
        first--;
    while (last < n - 1 && in_order[last + 1] == hi)
        last++;
    wk_selection from = {values, n, lo, hi, last - first + 1};
    void *room = malloc(wk_select_room(n, 2));
    assert_non_null(room);
    int64_t low = first + (from.kept - 1) / 2, high = first + from.kept / 2;
    double expected = 0.5 * ((double)in_order[low] + (double)in_order[high]);
    assert_true(wk_select_median(&from, room) == expected);
    free(room);
    free(in_order);
    free(values);
}

static void test_limits(void **state)
{
    (void)state;
    for (shape form = NOISE; form < SHAPES; form++)
        for (int64_t n = 10; n <= 100000; n *= 10) {
            check_limited(form, n, 0, n - 1);
            check_limited(form, n, n / 10, n - 1 - n / 20);
            check_limited(form, n, n / 2, n / 2);
            check_limited(form, n, n - 2, n - 1);
        }
}

static void test_nan_and_infinity(void **state)
{
    (void)state;
    float values[] = {NAN, 3.0F, INFINITY, -INFINITY, 1.0F, NAN, 2.0F};
    wk_selection from = {values, 7, -10.0F, 10.0F, 3};
    void *room = malloc(wk_select_room(7, 2));
    assert_non_null(room);
    assert_true(wk_select_median(&from, room) == 2.0);
    from.kept = 0;
    assert_true(isnan(wk_select_median(&from, room)));
    free(room);
}

/* Quantiles of 0, 10, 20, ... 100 are linear in the fraction. */
static void test_quantiles_of_a_line(void **state)
{
    (void)state;
    float values[] = {70, 0, 100, 30, 10, 60, 20, 90, 40, 80, 50};
    double fractions[] = {0.0, 0.05, 0.1, 0.5, 0.77, 1.0}, out[6];
    assert_int_equal(wk_select_quantiles(out, fractions, 6, values, 11, NULL), WK_OK);
    for (int i = 0; i < 6; i++)
        assert_true(fabs(out[i] - 100.0 * fractions[i]) < 1e-12);
}

static void test_quantiles_of_many(void **state)
{
    (void)state;
    for (shape form = NOISE; form < SHAPES; form++) {
        int64_t n = 10001;
        float *values = make(form, n), *in_order = sorted(values, n);
        double fractions[101], out[101];
        for (int i = 0; i <= 100; i++)
            fractions[i] = i / 100.0;
        assert_int_equal(wk_select_quantiles(out, fractions, 101, values, n, NULL), WK_OK);
        for (int i = 0; i <= 100; i++)
            /* i / 100.0 * 10000 may miss a whole number by a rounding error */
            assert_true(fabs(out[i] - (double)in_order[100 * i]) <=
                        1e-11 * fabs((double)in_order[100 * i] - (double)in_order[0]) +
                            1e-11 * fabs((double)in_order[100 * i]));
        free(in_order);
        free(values);
    }
}

static void test_quantiles_refuse(void **state)
{
    (void)state;
    float values[] = {1.0F, NAN};
    double out[2], outside[] = {0.5, 1.5}, falling[] = {0.5, 0.25}, half[] = {0.5};
    wk_error error;
    assert_int_equal(wk_select_quantiles(out, outside, 2, values, 2, &error), WK_ARGUMENT);
    assert_non_null(strstr(error.message, "1.5"));
    assert_int_equal(wk_select_quantiles(out, falling, 2, values, 2, &error), WK_ARGUMENT);
    assert_int_equal(wk_select_quantiles(out, half, 1, values + 1, 1, &error), WK_NO_DATA);
    assert_int_equal(wk_select_quantiles(out, half, 1, values, 0, &error), WK_NO_DATA);
    assert_int_equal(wk_select_quantiles(out, half, 1, values, 2, &error), WK_OK);
    assert_true(out[0] == 1.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small_arrays),
        cmocka_unit_test(test_large_arrays),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_nan_and_infinity),
        cmocka_unit_test(test_quantiles_of_a_line),
        cmocka_unit_test(test_quantiles_of_many),
        cmocka_unit_test(test_quantiles_refuse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
