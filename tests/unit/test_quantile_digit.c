#include "streams.h"

#include "quantile_digit.h"

/* Order statistics are values of the data: they must be equal, not near. */
static void check(stream_shape shape, int64_t n, int workers, int64_t piece)
{
    float *values = stream_make(shape, n), *in_order = stream_sorted(values, n);
    const int64_t ranks[] = {0, n / 4, n / 2, n / 2, (3 * n) / 4, n - 1};
    wk_digits *digits;
    assert_int_equal(wk_digits_create(&digits, ranks, 6, workers, NULL), 0);
    int passes = 0;
    do {
        int64_t turn = 0;
        for (int64_t i = 0; i < n; i += piece, turn++)
            assert_int_equal(wk_digits_add(digits, (int)(turn % workers), values + i,
                                           n - i < piece ? n - i : piece, NULL),
                             0);
        passes++;
    } while (wk_digits_next(digits));
    assert_int_equal(passes, 2);
    for (int i = 0; i < 6; i++)
        assert_true(wk_digits_get(digits, i) == in_order[ranks[i]]);
    wk_digits_free(digits);
    free(in_order);
    free(values);
}

static void test_shapes(void **state)
{
    (void)state;
    for (stream_shape shape = 0; shape < STREAM_SHAPES; shape++) {
        check(shape, 1, 1, 10);
        check(shape, 2, 3, 1);
        check(shape, 777, 1, 100);
        check(shape, 100001, 2, 4096);
    }
}

/* Values that differ in the last bit only, infinities, the least and the greatest number; NaN of
 * both signs is left out. */
static void test_every_bit_counts(void **state)
{
    (void)state;
    float values[9] = {INFINITY, 1.0F, -INFINITY, NAN, -1e-45F, 3.4e38F, 1e-45F, -NAN, 0.0F};
    values[8] = nextafterf(1.0F, 2.0F);
    const float in_order[7] = {-INFINITY, -1e-45F, 1e-45F, 1.0F, values[8], 3.4e38F, INFINITY};
    const int64_t ranks[7] = {0, 1, 2, 3, 4, 5, 6};
    wk_digits *digits;
    assert_int_equal(wk_digits_create(&digits, ranks, 7, 1, NULL), 0);
    do
        assert_int_equal(wk_digits_add(digits, 0, values, 9, NULL), 0);
    while (wk_digits_next(digits));
    assert_int_equal(wk_digits_add(digits, 0, values, 9, NULL), 0); /* too late: nothing happens */
    for (int i = 0; i < 7; i++)
        assert_true(wk_digits_get(digits, i) == in_order[i]);
    wk_digits_free(digits);
    wk_digits_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_every_bit_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
