#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "order.h"

/* Order statistics are values of the data: they are compared with a sorted copy and must be equal.
 */

typedef enum shape { NOISE, WHOLE, EQUAL, RISING, FALLING, TWO, WILD, OUTLIERS, SHAPES } shape;

static double uniform(uint64_t *state)
{
    *state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
    return ((double)(*state >> 11) + 0.5) / 9007199254740992.0;
}

static float shaped(shape form, int64_t i, double u)
{
    switch (form) {
    case NOISE:
        return (float)(1000.0 + 10.0 * log(u / (1.0 - u)));
    case WHOLE:
        return (float)rint(3.0 * log(u / (1.0 - u)));
    case EQUAL:
        return -7.25F;
    case RISING:
        return (float)i;
    case FALLING:
        return (float)-i;
    case TWO:
        return u < 0.4 ? -1.0F : 1e-20F;
    case WILD:
        return (float)((u < 0.5 ? -1.0 : 1.0) * pow(10.0, 76.0 * (u - 0.5)));
    default:
        /* the extremes' difference is more than a float can hold */
        return u < 0.01 ? -3e38F : u > 0.99 ? 3e38F : (float)u;
    }
}

static int ascending(const void *a, const void *b)
{
    float x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

typedef struct data {
    float *values, *sorted;
    void *room;
    int64_t n;
    wk_order order;
} data;

static void make(data *d, shape form, int64_t n)
{
    uint64_t state = 5 + (uint64_t)n;
    d->n = n;
    d->values = malloc((size_t)n * sizeof *d->values);
    d->sorted = malloc((size_t)n * sizeof *d->sorted);
    d->room = malloc(wk_order_room(n));
    assert_true(d->values && d->sorted && d->room);
    for (int64_t i = 0; i < n; i++)
        d->values[i] = shaped(form, i, uniform(&state));
    memcpy(d->sorted, d->values, (size_t)n * sizeof *d->sorted);
    qsort(d->sorted, (size_t)n, sizeof *d->sorted, ascending);
    wk_order_make(&d->order, d->values, n, d->room);
}

static void release(data *d)
{
    free(d->values);
    free(d->sorted);
    free(d->room);
}

static int64_t brute_below(const data *d, float limit)
{
    int64_t below = 0;
    for (int64_t i = 0; i < d->n; i++)
        below += d->values[i] < limit;
    return below;
}

static void check_ranks(const data *d)
{
    int64_t step = d->n / 50 + 1;
    for (int64_t rank = 0; rank < d->n; rank += step)
        assert_true(wk_order_rank(&d->order, rank) == d->sorted[rank]);
    assert_true(wk_order_rank(&d->order, d->n - 1) == d->sorted[d->n - 1]);
}

static void check_below(const data *d)
{
    int64_t step = d->n / 20 + 1;
    for (int64_t rank = 0; rank < d->n; rank += step) {
        float value = d->sorted[rank],
              limits[] = {nextafterf(value, -INFINITY), value, nextafterf(value, INFINITY)};
        for (int k = 0; k < 3; k++)
            assert_int_equal(wk_order_below(&d->order, limits[k]), brute_below(d, limits[k]));
    }
    assert_int_equal(wk_order_below(&d->order, -INFINITY), 0);
    assert_int_equal(wk_order_below(&d->order, INFINITY), d->n);
}

/* Medians of what is left when values are cut off at both ends. */
static void check_medians(const data *d)
{
    for (int64_t first = 0; first < d->n; first += d->n / 7 + 1)
        for (int64_t count = 1; first + count <= d->n; count += d->n / 11 + 1) {
            double low = (double)d->sorted[first + (count - 1) / 2];
            double high = (double)d->sorted[first + count / 2];
            assert_true(wk_order_median(&d->order, first, count) == 0.5 * (low + high));
        }
}

/* numpy's linear interpolation; its form may differ in the last digit of a double. */
static void check_quantiles(const data *d)
{
    for (int k = 0; k <= 16; k++) {
        double at = k / 16.0 * (double)(d->n - 1);
        int64_t rank = (int64_t)floor(at);
        double low = (double)d->sorted[rank];
        double high = (double)d->sorted[rank + 1 < d->n ? rank + 1 : rank];
        double expected = low + (at - (double)rank) * (high - low);
        double got = wk_order_quantile(&d->order, k / 16.0);
        assert_true(fabs(got - expected) <= 1e-15 * (fabs(low) + fabs(high)));
    }
}

static void test_against_sorting(void **state)
{
    (void)state;
    static const int64_t sizes[] = {1, 2, 3, 4, 5, 31, 32, 33, 63, 64, 65, 1000, 4096, 20011};
    for (int form = 0; form < SHAPES; form++)
        for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
            data d;
            make(&d, (shape)form, sizes[k]);
            check_ranks(&d);
            check_below(&d);
            check_medians(&d);
            check_quantiles(&d);
            release(&d);
        }
}

/* The values stay as they are, and asking changes no answer. */
static void test_asking_changes_nothing(void **state)
{
    (void)state;
    data d;
    make(&d, NOISE, 5000);
    float *copy = malloc(5000 * sizeof *copy);
    assert_non_null(copy);
    memcpy(copy, d.values, 5000 * sizeof *copy);
    double median = wk_order_median(&d.order, 0, 5000);
    for (int64_t rank = 0; rank < 5000; rank += 13)
        wk_order_rank(&d.order, rank);
    assert_true(wk_order_median(&d.order, 0, 5000) == median);
    assert_memory_equal(copy, d.values, 5000 * sizeof *copy);
    free(copy);
    release(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_sorting),
        cmocka_unit_test(test_asking_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
