#include "streams.h"

#include "quantile.h"
#include "sanitized.h"

/* Every result is compared with a sorted copy, and must be equal: the same two order statistics and
 * the same interpolation between them. */

enum { FRACTIONS = 7 };

static const double fractions[FRACTIONS] = {0.25, 0.75, 0.5, 0.0, 1.0, 0.001, 0.87};

typedef struct way {
    int workers;
    int64_t piece, most, sample; /* sample: values; 0: no guess */
    double mislead;              /* added to the sample */
} way;

static void guess(wk_quantile_set *set, const float *values, int64_t n, const way *how)
{
    if (how->sample == 0)
        return;
    float *sample = malloc((size_t)how->sample * sizeof *sample);
    for (int64_t i = 0; i < how->sample; i++)
        sample[i] = (float)((double)values[i * n / how->sample] + how->mislead);
    wk_quantile_guess(set, sample, how->sample);
    free(sample);
}

/* Hand the values over until no pass is wanted; returns how many passes it were. */
static int run(wk_quantile_set *set, const float *values, int64_t n, const way *how)
{
    int passes = 0, more;
    do {
        int64_t turn = passes;
        for (int64_t i = 0; i < n; i += how->piece, turn++)
            assert_int_equal(wk_quantile_add(set, (int)(turn % how->workers), values + i,
                                             n - i < how->piece ? n - i : how->piece, NULL),
                             WK_OK);
        assert_int_equal(wk_quantile_next(set, &more, NULL), WK_OK);
        passes++;
    } while (more);
    return passes;
}

static int check_stream(stream_shape shape, int64_t n, way how)
{
    float *values = stream_make(shape, n), *copy = stream_make(shape, n);
    float *in_order = stream_sorted(values, n);
    wk_quantile_set *set;
    assert_int_equal(wk_quantile_create(&set, fractions, FRACTIONS, how.workers, how.most, NULL),
                     WK_OK);
    guess(set, values, n, &how);
    int passes = run(set, values, n, &how);
    assert_int_equal(wk_quantile_total(set), n);
    for (int i = 0; i < FRACTIONS; i++) {
        double value = wk_quantile_get(set, i);
        assert_true(value == stream_quantile(in_order, n, fractions[i]));
        assert_false(value == 0.0 && signbit(value)); /* one zero, whichever stood there */
    }
    assert_memory_equal(values, copy, (size_t)n * sizeof *values);
    wk_quantile_free(set);
    free(in_order);
    free(copy);
    free(values);
    return passes;
}

static void test_few_values(void **state)
{
    (void)state;
    for (stream_shape shape = 0; shape < STREAM_SHAPES; shape++)
        for (int64_t n = 1; n < 20; n++) {
            assert_int_equal(check_stream(shape, n, (way){1, 5, 1000, 0, 0.0}), 1);
            assert_int_equal(check_stream(shape, n, (way){3, 2, 1000, 0, 0.0}), 1);
            check_stream(shape, n, (way){2, 1, 1000, n, 0.0});
        }
}

static void test_good_guesses(void **state)
{
    (void)state;
    int64_t n = SANITIZED ? 40001 : 200001;
    for (stream_shape shape = 0; shape < STREAM_SHAPES; shape++) {
        int one = check_stream(shape, n, (way){1, 65536, n, 4001, 0.0});
        assert_int_equal(check_stream(shape, n, (way){2, 4097, n, 4001, 0.0}), one);
        assert_int_equal(check_stream(shape, n, (way){7, 1000, n, 4001, 0.0}), one);
        assert_int_equal(one, 1);
    }
}

/* A sample from elsewhere misleads every bracket: two more passes, the same answers. */
static void test_bad_guesses(void **state)
{
    (void)state;
    int64_t n = SANITIZED ? 20001 : 50001;
    for (stream_shape shape = 0; shape < STREAM_SHAPES; shape++)
        for (int k = 0; k < 2; k++) {
            double mislead = k == 0 ? 1e6 : -1e6;
            assert_int_equal(check_stream(shape, n, (way){1, 9999, n, 2000, mislead}), 3);
            assert_int_equal(check_stream(shape, n, (way){7, 1001, n, 2000, mislead}), 3);
        }
}

/* Without a guess, and less room than values; with one, and hardly any room. */
static void test_no_room(void **state)
{
    (void)state;
    for (stream_shape shape = 0; shape < STREAM_SHAPES; shape++) {
        assert_int_equal(check_stream(shape, 50001, (way){2, 3000, 1000, 0, 0.0}), 3);
        check_stream(shape, 50001, (way){2, 3000, 10, 500, 0.0});
    }
}

/* Values that stand at the edges of a bracket are counted, not gathered: one pass, no room. */
static void test_ties_need_no_room(void **state)
{
    (void)state;
    const double some[5] = {0.3, 0.399999, 0.4, 0.400001, 0.7};
    for (stream_shape shape = STREAM_EQUAL; shape <= STREAM_TWO;
         shape += STREAM_TWO - STREAM_EQUAL) {
        float *values = stream_make(shape, 100000), *in_order = stream_sorted(values, 100000);
        way how = {2, 10000, 0, 1000, 0.0};
        wk_quantile_set *set;
        assert_int_equal(wk_quantile_create(&set, some, 5, 2, how.most, NULL), WK_OK);
        guess(set, values, 100000, &how);
        assert_int_equal(run(set, values, 100000, &how), 1);
        for (int i = 0; i < 5; i++)
            assert_true(wk_quantile_get(set, i) == stream_quantile(in_order, 100000, some[i]));
        wk_quantile_free(set);
        free(in_order);
        free(values);
    }
}

/* Two ranks, one of them at an edge with ties and the other between the edges, at either end. */
static void test_pair_across_an_edge(void **state)
{
    (void)state;
    enum { N = 1002 };
    float values[N], sample[300];
    for (int i = 0; i < N; i++)
        values[i] = i < 500 ? 1.0F : i < 502 ? 1.5F + (float)(i - 500) : 3.0F;
    for (int i = 0; i < 300; i++)
        sample[i] = i < 150 ? 1.0F : 3.0F;
    const double some[3] = {499.5 / (N - 1), 500.5 / (N - 1), 501.5 / (N - 1)};
    const double expected[3] = {1.25, 2.0, 2.75};
    way how = {2, 100, N, 0, 0.0};
    wk_quantile_set *set;
    assert_int_equal(wk_quantile_create(&set, some, 3, 2, how.most, NULL), WK_OK);
    wk_quantile_guess(set, sample, 300);
    assert_int_equal(run(set, values, N, &how), 1);
    for (int i = 0; i < 3; i++) /* the fraction is rounded: parts in 1e16 of rank 1000 */
        assert_true(fabs(wk_quantile_get(set, i) - expected[i]) < 1e-12);
    wk_quantile_free(set);
}

/* The two middle values on both sides of a gap that no sample shows: the bracket is one value and
 * holds only the first of them. */
static void test_rank_beside_the_bracket(void **state)
{
    (void)state;
    float values[1000], sample[200];
    for (int i = 0; i < 1000; i++)
        values[i] = i < 500 ? 1.0F : 2.0F;
    for (int i = 0; i < 200; i++)
        sample[i] = 1.0F;
    const double half[1] = {0.5};
    way how = {1, 300, 1000, 0, 0.0};
    wk_quantile_set *set;
    assert_int_equal(wk_quantile_create(&set, half, 1, 1, how.most, NULL), WK_OK);
    wk_quantile_guess(set, sample, 200);
    assert_int_equal(run(set, values, 1000, &how), 3);
    assert_true(wk_quantile_get(set, 0) == 1.5);
    wk_quantile_free(set);
}

static void test_nan_is_left_out(void **state)
{
    (void)state;
    float values[] = {NAN, 3.0F, NAN, 1.0F, INFINITY, NAN, 2.0F, -INFINITY};
    float sample[] = {NAN, NAN, NAN};
    const double some[3] = {0.5, 0.0, 1.0};
    for (int64_t most = 0; most <= 100; most += 100) {
        way how = {1, 3, most, 0, 0.0};
        wk_quantile_set *set;
        assert_int_equal(wk_quantile_create(&set, some, 3, 1, most, NULL), WK_OK);
        wk_quantile_guess(set, sample, 3);
        assert_int_equal(run(set, values, 8, &how), most == 0 ? 3 : 1);
        assert_int_equal(wk_quantile_total(set), 5);
        assert_true(wk_quantile_get(set, 0) == 2.0);
        assert_true(wk_quantile_get(set, 1) == -(double)INFINITY);
        assert_true(wk_quantile_get(set, 2) == (double)INFINITY);
        wk_quantile_free(set);
    }
}

static void test_no_values(void **state)
{
    (void)state;
    float nothing[2] = {NAN, NAN};
    way how = {2, 1, 100, 0, 0.0};
    for (int64_t n = 0; n <= 2; n++) {
        wk_quantile_set *set;
        assert_int_equal(wk_quantile_create(&set, fractions, 3, 2, 100, NULL), WK_OK);
        assert_int_equal(run(set, nothing, n, &how), 1);
        assert_int_equal(wk_quantile_total(set), 0);
        assert_true(isnan(wk_quantile_get(set, 0)));
        wk_quantile_free(set);
    }
    wk_quantile_free(NULL);
}

static void test_refuses(void **state)
{
    (void)state;
    const double wrong[] = {0.5, -0.25}, unknown[] = {(double)NAN};
    wk_quantile_set *set;
    wk_error error;
    assert_int_equal(wk_quantile_create(&set, wrong, 2, 1, 100, &error), WK_ARGUMENT);
    assert_non_null(strstr(error.message, "-0.25"));
    assert_int_equal(wk_quantile_create(&set, unknown, 1, 1, 100, &error), WK_ARGUMENT);
    assert_null(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_few_values),
        cmocka_unit_test(test_good_guesses),
        cmocka_unit_test(test_bad_guesses),
        cmocka_unit_test(test_no_room),
        cmocka_unit_test(test_ties_need_no_room),
        cmocka_unit_test(test_pair_across_an_edge),
        cmocka_unit_test(test_rank_beside_the_bracket),
        cmocka_unit_test(test_nan_is_left_out),
        cmocka_unit_test(test_no_values),
        cmocka_unit_test(test_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
