#include "picture.h"

#include "welkin/variance.h"

static void test_edges(void **state)
{
    (void)state;
    picture one;
    picture_make(&one, 9, 1, 1);
    const float values[9] = {-4.0F, -2.0F, -3.0F, 0.0F, 3.999F, 4.0F, 100.0F, NAN, 1.0F};
    memcpy(one.data, values, sizeof values);
    for (int i = 0; i < 9; i++)
        one.variance[i] = 4.0F; /* ratios are half the values */
    one.mask[8] = 2;
    int64_t counts[4], below, above;
    assert_int_equal(wk_variance_histogram(counts, 4, -1.0, 1.0, &below, &above, &one.rows, NULL,
                                           NULL, NULL, NULL),
                     WK_OK);
    /* bins -1, -0.5, 0, 0.5: -1 and 0 lie on edges */
    const int64_t expected[4] = {1, 0, 1, 0};
    assert_memory_equal(counts, expected, sizeof counts);
    assert_int_equal(below, 2);
    assert_int_equal(above, 3);
    picture_free(&one);
}

/* Against the same count one by one, for any number of threads. */
static void test_counts(void **state)
{
    (void)state;
    enum { BINS = 64 };
    picture one;
    picture_make(&one, 700, 500, 2);
    picture_spoil(&one);
    wk_rect region = {10, 20, 600, 450};
    int64_t expected[BINS + 2] = {0};
    for (int64_t y = 20; y < 470; y++)
        for (int64_t x = 10; x < 610; x++) {
            int64_t i = y * 700 + x;
            if (!picture_good(&one, i))
                continue;
            float ratio = one.data[i] / sqrtf(one.variance[i]);
            /* edges are multiples of 1/16: exact */
            int64_t bin = (int64_t)floor(((double)ratio + 2.0) * 16.0);
            expected[bin < 0 ? BINS : bin >= BINS ? BINS + 1 : bin]++;
        }
    for (int threads = 1; threads <= 7; threads += 3) {
        wk_context context = {threads, 0, NULL, NULL, NULL};
        int64_t counts[BINS + 2];
        assert_int_equal(wk_variance_histogram(counts, BINS, -2.0, 2.0, &counts[BINS],
                                               &counts[BINS + 1], &one.rows, NULL, &region,
                                               &context, NULL),
                         WK_OK);
        assert_memory_equal(counts, expected, sizeof counts);
    }
    picture_free(&one);
}

static void test_refuses(void **state)
{
    (void)state;
    picture one;
    picture_make(&one, 3, 3, 3);
    int64_t counts[2], below, above;
    wk_error error;
    const double ranges[][2] = {
        {1.0, 1.0}, {2.0, 1.0}, {(double)NAN, 1.0}, {0.0, (double)INFINITY}};
    for (int i = 0; i < 4; i++)
        assert_int_equal(wk_variance_histogram(counts, 2, ranges[i][0], ranges[i][1], &below,
                                               &above, &one.rows, NULL, NULL, NULL, &error),
                         WK_ARGUMENT);
    assert_int_equal(wk_variance_histogram(counts, 0, 0.0, 1.0, &below, &above, &one.rows, NULL,
                                           NULL, NULL, &error),
                     WK_ARGUMENT);
    assert_string_equal(error.subject, "bins");
    one.rows.has_variance = 0;
    assert_int_equal(wk_variance_histogram(counts, 2, 0.0, 1.0, &below, &above, &one.rows, NULL,
                                           NULL, NULL, &error),
                     WK_ARGUMENT);
    picture_free(&one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
