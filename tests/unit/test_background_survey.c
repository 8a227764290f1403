#include "background_survey.h"

#include "background_case.h"

static double waves(double x, double y)
{
    return 300.0 + 20.0 * sin(x / 40.0) * cos(y / 33.0) + 0.05 * x;
}

static double slope(double x, double y)
{
    return -40.0 + 0.25 * x - 0.125 * y;
}

static wk_background *model_of(int64_t width, int64_t height, sky_shape *shape, double noise)
{
    picture one;
    sky_picture(&one, width, height, shape);
    wk_random random = wk_random_stream(5, 61, 0, 0, 0);
    for (int64_t i = 0; i < width * height; i++)
        one.data[i] += (float)wk_random_between(&random, -noise, noise);
    wk_background_options options = wk_background_options_preset(WK_PRESET_LSST);
    options.box[0] = options.box[1] = 40;
    wk_background *background = sky_fit(&one, &options);
    picture_free(&one);
    return background;
}

/* Against the sorted values and sums in long double of the models added in float32. */
static void expect_summary(const wk_background_summary *got, const wk_background *const *models,
                           size_t count)
{
    int64_t width, height;
    wk_background_size(models[0], &width, &height);
    int64_t n = width * height;
    float *all = sky_model(models[0], WK_BACKGROUND_LEVEL);
    for (size_t k = 1; k < count; k++) {
        float *more = sky_model(models[k], WK_BACKGROUND_LEVEL);
        for (int64_t i = 0; i < n; i++)
            all[i] += more[i];
        free(more);
    }
    long double sum = 0.0L, square = 0.0L;
    for (int64_t i = 0; i < n; i++)
        sum += (long double)all[i];
    for (int64_t i = 0; i < n; i++)
        square += powl((long double)all[i] - sum / (long double)n, 2.0L);
    float *sorted = stream_sorted(all, n);
    /* sums of doubles: some n^0.5 units of 1e-16 */
    assert_true(fabs(got->mean - (double)(sum / (long double)n)) <= 1e-13 * fabs(got->mean));
    assert_true(fabs(got->std - (double)sqrtl(square / (long double)n)) <= 1e-11 * got->std);
    assert_true(fabs(got->variance - (double)(square / (long double)(n - 1))) <=
                1e-11 * got->variance);
    assert_true(got->median == stream_quantile(sorted, n, 0.5));
    assert_true(got->min == (double)sorted[0] && got->max == (double)sorted[n - 1]);
    free(sorted);
    free(all);
}

/* The same bits for any number of workers; more pixels than a strip holds. */
static void test_summary(void **state)
{
    (void)state;
    wk_background *models[2] = {model_of(700, 431, waves, 3.0), model_of(700, 431, slope, 1.0)};
    const wk_background *const *borrowed = (const wk_background *const *)models;
    for (size_t count = 1; count <= 2; count++) {
        wk_background_summary first;
        assert_int_equal(wk_background_summarise(&first, borrowed, count, NULL, NULL), WK_OK);
        expect_summary(&first, borrowed, count);
        const wk_mesh *mesh = wk_background_mesh(models[0]);
        float *noise = stream_sorted(mesh->rms, mesh->nx * mesh->ny);
        assert_true(first.rms == stream_quantile(noise, mesh->nx * mesh->ny, 0.5));
        free(noise);
        for (int threads = 1; threads <= 7; threads += 3) {
            wk_background_summary again;
            wk_context context = {.threads = threads};
            assert_int_equal(wk_background_summarise(&again, borrowed, count, &context, NULL),
                             WK_OK);
            assert_memory_equal(&again, &first, sizeof again);
        }
    }
    wk_background_free(models[0]);
    wk_background_free(models[1]);
}

static void test_odd_shapes(void **state)
{
    (void)state;
    static const int64_t sizes[][2] = {{1, 2}, {3, 1}, {1, 3000}, {150000, 2}, {40, 40}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        wk_background_summary got;
        wk_background *model = model_of(sizes[i][0], sizes[i][1], waves, 3.0);
        const wk_background *borrowed = model;
        assert_int_equal(wk_background_summarise(&got, &borrowed, 1, NULL, NULL), WK_OK);
        expect_summary(&got, &borrowed, 1);
        wk_background_free(model);
    }
}

/* Of one pixel there is no scatter to speak of; of a stored model no noise. */
static void test_unknown(void **state)
{
    (void)state;
    const float level = 7.5F;
    wk_background *one;
    wk_background_summary got;
    assert_int_equal(wk_background_create(&one, 1, 1, 1, 1, &level, NULL, NULL, NULL), WK_OK);
    const wk_background *borrowed = one;
    assert_int_equal(wk_background_summarise(&got, &borrowed, 1, NULL, NULL), WK_OK);
    assert_true(got.mean == 7.5 && got.median == 7.5 && got.min == 7.5 && got.max == 7.5);
    assert_true(got.std == 0.0 && isnan(got.variance) && isnan(got.rms));
    wk_background_free(one);
}

/* A constant is its own summary, to the bit. */
static double tenth(double x, double y)
{
    (void)x, (void)y;
    return 0.1;
}

static void test_constant(void **state)
{
    (void)state;
    wk_background *model = model_of(300, 500, tenth, 0.0);
    const wk_background *borrowed = model;
    wk_background_summary got;
    assert_int_equal(wk_background_summarise(&got, &borrowed, 1, NULL, NULL), WK_OK);
    assert_true(got.mean == (double)0.1F && got.median == (double)0.1F && got.std == 0.0);
    assert_true(got.min == (double)0.1F && got.max == (double)0.1F && got.rms == 0.0);
    wk_background_free(model);
}

static int cancel(const wk_progress *progress, void *payload)
{
    (void)payload;
    assert_string_equal(progress->stage, "evaluate");
    return 1;
}

static void test_cancelled(void **state)
{
    (void)state;
    wk_background *model = model_of(700, 431, waves, 3.0);
    const wk_background *borrowed = model;
    wk_background_summary got;
    wk_context context = {.threads = 2, .progress = cancel};
    assert_int_equal(wk_background_summarise(&got, &borrowed, 1, &context, NULL), WK_CANCELLED);
    wk_background_free(model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_summary),   cmocka_unit_test(test_odd_shapes),
        cmocka_unit_test(test_unknown),   cmocka_unit_test(test_constant),
        cmocka_unit_test(test_cancelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
