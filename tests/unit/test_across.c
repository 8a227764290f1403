#include "fits_fixture.h"

#include "across.h"
#include "status.h"

enum { W = 30, H = 20, N = W * H };

static wk_exposure **exposures[3];
static wk_across_input inputs[3];

/* Images of first + i, first + i + 100, ...; a NaN in the second. */
static void open_images(int bitpix)
{
    static const char *const names[] = {"a.fits", "b.fits", "c.fits"};
    for (int k = 0; k < 3; k++) {
        size_t count;
        fitsfile *file = fixture_create(names[k]);
        fixture_ramp(file, bitpix, W, H, NULL, 0, 100 * k);
        if (k == 1 && bitpix < 0)
            fixture_pixel(file, 5, (double)NAN);
        fixture_close(file);
        assert_int_equal(
            wk_exposures_open(&exposures[k], &count, fixture_path(names[k]), NULL, NULL), WK_OK);
        inputs[k] = (wk_across_input){exposures[k][0], NULL};
    }
}

static void close_images(void)
{
    for (int k = 0; k < 3; k++)
        wk_exposures_free(exposures[k], 1);
}

static double planes[WK_ACROSS_PLANES][N];
static double *const places[] = {planes[0], planes[1], planes[2], planes[3], planes[4]};

/* Of x, x + 100, x + 200: by hand. */
static void test_known(void **state)
{
    (void)state;
    open_images(FLOAT_IMG);
    for (int threads = 1; threads <= 3; threads++) {
        wk_context context = {.threads = threads};
        assert_int_equal(wk_across_fill(places, inputs, 3, &context, NULL), WK_OK);
        for (int i = 0; i < N; i++) {
            double first = planes[WK_ACROSS_MIN][i];
            int all = i != 5;
            assert_true(planes[WK_ACROSS_COUNT][i] == 2 + all);
            assert_true(planes[WK_ACROSS_MAX][i] == first + 200);
            assert_true(planes[WK_ACROSS_MEAN][i] == first + 100);
            assert_true(planes[WK_ACROSS_STD][i] == (double)(float)(all ? sqrt(20000.0 / 3) : 100));
        }
    }
    close_images();
}

/* A budget of one byte: a strip at a time; integers of 32 bits are not rounded. */
static void test_deep(void **state)
{
    (void)state;
    open_images(LONG_IMG);
    wk_context context = {.memory = 1};
    assert_int_equal(wk_across_fill(places, inputs, 3, &context, NULL), WK_OK);
    assert_true(planes[WK_ACROSS_STD][7] == sqrt(20000.0 / 3));
    close_images();
}

static int stop(const wk_progress *progress, void *payload)
{
    (void)payload;
    return progress->done == 2;
}

static void test_refused(void **state)
{
    (void)state;
    wk_error error = {0};
    int64_t width, height;
    size_t count;
    open_images(FLOAT_IMG);
    assert_int_equal(wk_across_size(&width, &height, inputs, 3, NULL), WK_OK);
    assert_true(width == W && height == H);
    assert_int_equal(wk_across_size(&width, &height, inputs, 0, NULL), WK_ARGUMENT);
    wk_context context = {.progress = stop};
    assert_int_equal(wk_across_fill(places, inputs, 3, &context, &error), WK_CANCELLED);
    close_images();
    fitsfile *file = fixture_create("d.fits");
    fixture_flat(file, FLOAT_IMG, W, H + 1, NULL, 0, 0);
    fixture_close(file);
    open_images(FLOAT_IMG);
    wk_exposures_free(exposures[2], 1);
    assert_int_equal(wk_exposures_open(&exposures[2], &count, fixture_path("d.fits"), NULL, NULL),
                     WK_OK);
    inputs[2].exposure = exposures[2][0];
    assert_int_equal(wk_across_fill(places, inputs, 3, NULL, &error), WK_HEADER);
    assert_non_null(strstr(error.subject, "d.fits"));
    assert_non_null(strstr(error.message, "30 x 21"));
    inputs[2] = (wk_across_input){NULL, fixture_path("none.fits")};
    assert_int_equal(wk_across_fill(places, inputs, 3, NULL, &error), WK_FILE);
    close_images();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_deep),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
