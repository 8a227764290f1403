#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fits_case.h"
#include "welkin/edit.h"

enum { WIDTH = 700, HEIGHT = 300, JOBS = 5 };

/* What one file's change is given. */
typedef struct shift {
    double level;
    int rows;       /* handed over so far */
    int most;       /* largest worker number */
    wk_status fail; /* answer of the change */
} shift;

static wk_exposure **exposures;
static char *outputs[JOBS];
static shift shifts[JOBS];
static wk_plane_edit edits[JOBS];
static wk_edit_job jobs[JOBS];

static wk_status take_off(void *payload, int worker, wk_rect rect, double *values, wk_error *error)
{
    shift *own = payload;
    (void)error;
    for (int64_t i = 0; i < rect.width * rect.height; i++)
        values[i] -= own->level;
#pragma omp critical
    {
        own->rows += (int)rect.height;
        own->most = worker > own->most ? worker : own->most;
    }
    return own->fail;
}

/* 0, 1, 2, ... 99, 0, 1, ...: exact in float32, as the shifts are. */
static int make_jobs(void **state)
{
    const char *input = case_path("in.fits");
    long axes[] = {WIDTH, HEIGHT};
    int status = 0;
    size_t count = 0;
    float *pixels = malloc(sizeof *pixels * WIDTH * HEIGHT);
    (void)state;
    assert_non_null(pixels);
    for (int i = 0; i < WIDTH * HEIGHT; i++)
        pixels[i] = (float)(i % 100);
    fitsfile *file = case_create(input);
    fits_create_img(file, FLOAT_IMG, 2, axes, &status);
    fits_write_img(file, TFLOAT, 1, WIDTH * HEIGHT, pixels, &status);
    case_close(file, status);
    free(pixels);
    assert_int_equal(wk_exposures_open(&exposures, &count, input, NULL, NULL), WK_OK);
    for (int i = 0; i < JOBS; i++) {
        char name[32];
        snprintf(name, sizeof name, "out%d.fits", i);
        outputs[i] = strdup(case_path(name));
        shifts[i] = (shift){.level = i + 0.5};
        edits[i] =
            (wk_plane_edit){.exposure = exposures[0], .change = take_off, .payload = &shifts[i]};
        jobs[i] = (wk_edit_job){outputs[i], &edits[i], 1};
    }
    return 0;
}

static int free_jobs(void **state)
{
    (void)state;
    wk_exposures_free(exposures, 1);
    for (int i = 0; i < JOBS; i++)
        free(outputs[i]);
    return 0;
}

static void check(int job)
{
    long count;
    double *pixels = case_pixels(outputs[job], 0, &count);
    assert_int_equal(count, WIDTH * HEIGHT);
    for (int i = 0; i < WIDTH * HEIGHT; i++)
        assert_true(pixels[i] == i % 100 - (job + 0.5));
    free(pixels);
    case_checksums(outputs[job], 0);
    assert_int_equal(shifts[job].rows, HEIGHT);
}

/* Fewer threads than files: files side by side; more: rows of one file. */
static void test_threads(void **state)
{
    static const int threads[] = {1, 2, 4, 9};
    wk_write_options options = wk_write_options_default();
    (void)state;
    options.overwrite = 1;
    for (size_t t = 0; t < sizeof threads / sizeof *threads; t++) {
        wk_context context = {.threads = threads[t]};
        for (int i = 0; i < JOBS; i++)
            shifts[i].rows = 0;
        assert_int_equal(wk_exposures_edit_all(jobs, JOBS, &options, &context, NULL), WK_OK);
        for (int i = 0; i < JOBS; i++) {
            check(i);
            assert_in_range(shifts[i].most, 0, threads[t] - 1);
        }
    }
    assert_int_equal(case_clear(), JOBS + 1);
}

static void test_none(void **state)
{
    (void)state;
    assert_int_equal(wk_exposures_edit_all(jobs, 0, NULL, NULL, NULL), WK_OK);
    jobs[0].count = 0;
    assert_int_equal(wk_exposures_edit_all(jobs, 1, NULL, NULL, NULL), WK_ARGUMENT);
    assert_int_equal(case_clear(), 1);
}

/* All or none, whichever way the threads are shared. */
static void test_failure(void **state)
{
    wk_error error = {0};
    (void)state;
    shifts[3].fail = WK_NO_CONVERGENCE;
    for (int threads = 1; threads <= 8; threads++) {
        wk_context context = {.threads = threads};
        assert_int_equal(wk_exposures_edit_all(jobs, JOBS, NULL, &context, &error),
                         WK_NO_CONVERGENCE);
    }
    assert_int_equal(case_clear(), 1);
}

static void test_replaced_stays(void **state)
{
    wk_write_options options = wk_write_options_default();
    wk_context context = {.threads = 1};
    (void)state;
    assert_int_equal(wk_exposures_edit_all(jobs, 2, &options, NULL, NULL), WK_OK);
    assert_int_equal(wk_exposures_edit_all(jobs, 2, &options, NULL, NULL), WK_EXISTS);
    check(0);
    options.overwrite = 1;
    shifts[0].rows = 0;
    shifts[1].fail = WK_NO_CONVERGENCE;
    assert_int_equal(wk_exposures_edit_all(jobs, 2, &options, &context, NULL), WK_NO_CONVERGENCE);
    check(0);
    assert_int_equal(case_clear(), 3);
}

static int stop(const wk_progress *progress, void *payload)
{
    int64_t *bytes = payload;
    assert_string_equal(progress->stage, "write");
    assert_int_equal(progress->total, JOBS);
    *bytes = progress->bytes;
    return progress->done >= 2;
}

static void test_cancelled(void **state)
{
    int64_t bytes = 0;
    wk_context context = {.threads = 1, .progress = stop, .payload = &bytes};
    (void)state;
    assert_int_equal(wk_exposures_edit_all(jobs, JOBS, NULL, &context, NULL), WK_CANCELLED);
    assert_int_equal(bytes, 2 * 4 * WIDTH * HEIGHT);
    assert_int_equal(case_clear(), 1);
}

#define JOB_TEST(f) cmocka_unit_test_setup_teardown(f, make_jobs, free_jobs)

int main(void)
{
    const struct CMUnitTest tests[] = {
        JOB_TEST(test_threads),        JOB_TEST(test_none),      JOB_TEST(test_failure),
        JOB_TEST(test_replaced_stays), JOB_TEST(test_cancelled),
    };
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
