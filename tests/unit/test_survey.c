#include "survey.h"

#include "streams.h"

#include "parallel.h"

enum { STRIPS = 17, MOST = 1 << 16 };

/* What comes strip by strip. */
typedef struct flow {
    const float *values;
    int64_t n;
    wk_survey survey;
} flow;

static wk_status add_strip(int64_t index, int worker, void *payload, int64_t *bytes,
                           wk_error *error)
{
    flow *f = payload;
    int64_t first = f->n * index / STRIPS, end = f->n * (index + 1) / STRIPS;
    *bytes = 0;
    return wk_survey_add(&f->survey, worker, index, f->values + first, end - first, error);
}

/* sample: how many values are looked at before; most: how many may be gathered. */
static wk_survey_result surveyed(const float *values, int64_t n, int workers, int64_t size,
                                 int64_t most)
{
    flow f = {values, n, {0}};
    wk_context context = {.threads = workers};
    float *sample = malloc((size_t)(size + 1) * sizeof *sample);
    memcpy(sample, values, (size_t)size * sizeof *sample);
    assert_int_equal(wk_survey_begin(&f.survey, STRIPS, workers, sample, size, most, NULL), WK_OK);
    free(sample);
    for (int more = 1; more;) {
        assert_int_equal(wk_parallel_for(STRIPS, NULL, add_strip, &f, &context, NULL), WK_OK);
        assert_int_equal(wk_survey_next(&f.survey, &more, NULL), WK_OK);
    }
    wk_survey_result result = wk_survey_end(&f.survey);
    assert_null(f.survey.strips);
    assert_null(f.survey.median);
    return result;
}

/* In long double; infinite values count for the median alone, so there are none here. */
static void expect_result(const wk_survey_result *got, const float *values, int64_t n)
{
    long double sum = 0.0L, square = 0.0L;
    float *finite = malloc((size_t)(n + 1) * sizeof *finite);
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++)
        if (!isnan(values[i])) {
            finite[count++] = values[i];
            sum += (long double)values[i];
        }
    for (int64_t i = 0; i < count; i++)
        square += powl((long double)finite[i] - sum / (long double)count, 2.0L);
    float *sorted = stream_sorted(finite, count);
    long double variance = square / (long double)count;
    assert_int_equal(got->count, count);
    assert_true(got->min == (double)sorted[0] && got->max == (double)sorted[count - 1]);
    assert_true(got->median == stream_quantile(sorted, count, 0.5));
    /* sums of n doubles: some n^0.5 units of 1e-16 */
    assert_true(fabsl((long double)got->mean - sum / (long double)count) <=
                1e-13L * (sqrtl(variance) + fabsl(sum / (long double)count)));
    assert_true(fabsl((long double)got->variance - variance) <= 1e-11L * variance);
    free(finite);
    free(sorted);
}

static void test_shapes(void **state)
{
    (void)state;
    for (int shape = 0; shape < STREAM_WILD; shape++)
        for (int64_t n = 1; n < 30000; n = n * 5 + 2) {
            float *values = stream_make((stream_shape)shape, n);
            for (int64_t i = 1; i < n; i += 9)
                values[i] = NAN;
            wk_survey_result got = surveyed(values, n, 1, n < 500 ? n : 500, MOST);
            expect_result(&got, values, n);
            free(values);
        }
}

/* The same bits for any number of workers, a sample that says nothing and room for few values. */
static void test_workers_and_passes(void **state)
{
    (void)state;
    enum { N = 40000 };
    float *values = stream_make(STREAM_NOISE, N);
    wk_survey_result first = surveyed(values, N, 1, 1000, MOST);
    expect_result(&first, values, N);
    for (int workers = 2; workers <= 7; workers += 5)
        for (int64_t size = 1; size <= 1000; size += 999) {
            wk_survey_result got = surveyed(values, N, workers, size, size == 1 ? 16 : MOST);
            expect_result(&got, values, N);
            assert_true(got.median == first.median);
        }
    wk_survey_result got = surveyed(values, N, 7, 1000, MOST);
    assert_memory_equal(&got, &first, sizeof got);
    free(values);
}

static void expect_unknown(const wk_survey_result *got)
{
    assert_int_equal(got->count, 0);
    assert_true(isnan(got->mean) && isnan(got->variance) && isnan(got->median));
    assert_true(isnan(got->min) && isnan(got->max));
}

static void test_none(void **state)
{
    (void)state;
    float values[40];
    for (int i = 0; i < 40; i++)
        values[i] = NAN;
    wk_survey_result got = surveyed(values, 40, 2, 20, MOST);
    expect_unknown(&got);
    got = surveyed(values, 0, 1, 0, MOST);
    expect_unknown(&got);
}

/* A large level and a small scatter: the digits stay. */
static void test_constant_and_small_scatter(void **state)
{
    (void)state;
    float values[1000];
    for (int i = 0; i < 1000; i++)
        values[i] = 0.1F;
    wk_survey_result got = surveyed(values, 1000, 2, 100, MOST);
    assert_true(got.mean == (double)0.1F && got.variance == 0.0 && got.median == (double)0.1F);
    for (int i = 0; i < 1000; i++)
        values[i] = 65536.0F + (i % 2 ? 0.0078125F : 0.0F); /* the last place */
    got = surveyed(values, 1000, 2, 100, MOST);
    assert_true(fabs(got.variance / (0.00390625 * 0.00390625) - 1.0) < 1e-12);
}

/* One that was begun, or only zeroed, can be given up. */
static void test_giving_up(void **state)
{
    (void)state;
    wk_survey survey = {0};
    wk_survey_result got = wk_survey_end(&survey);
    expect_unknown(&got);
    float sample[3] = {1, 2, 3};
    assert_int_equal(wk_survey_begin(&survey, 2, 1, sample, 3, 10, NULL), WK_OK);
    assert_int_equal(wk_survey_add(&survey, 0, 1, sample, 3, NULL), WK_OK);
    got = wk_survey_end(&survey);
    assert_null(survey.strips);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),    cmocka_unit_test(test_workers_and_passes),
        cmocka_unit_test(test_none),      cmocka_unit_test(test_constant_and_small_scatter),
        cmocka_unit_test(test_giving_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
