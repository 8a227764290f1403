#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "welkin/exposure.h"

enum { JOBS = 7, BLOCK = 2880 };

static char folder[64];
static char input[96];
static char paths[JOBS][96];
static wk_exposure **exposures;
static size_t exposure_count;
static wk_level_edit edits[JOBS];
static wk_output_job jobs[JOBS];

/* A 2x2 image of big-endian float32 ones, from the standard's definition. */
static void write_input(void)
{
    static const char *const cards[] = {
        "SIMPLE  =                    T", "BITPIX  =                  -32",
        "NAXIS   =                    2", "NAXIS1  =                    2",
        "NAXIS2  =                    2", "END"};
    static const unsigned char one[] = {0x3f, 0x80, 0, 0};
    char block[BLOCK];
    FILE *file = fopen(input, "wb");
    assert_non_null(file);
    memset(block, ' ', sizeof block);
    for (size_t i = 0; i < sizeof cards / sizeof *cards; i++)
        memcpy(block + 80 * i, cards[i], strlen(cards[i]));
    fwrite(block, 1, sizeof block, file);
    memset(block, 0, sizeof block);
    for (size_t i = 0; i < 4; i++)
        memcpy(block + 4 * i, one, 4);
    fwrite(block, 1, sizeof block, file);
    fclose(file);
}

static int make_jobs(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/welkin-write-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(input, sizeof input, "%s/input.fits", folder);
    write_input();
    assert_int_equal(wk_exposures_open(&exposures, &exposure_count, input, NULL, NULL), WK_OK);
    for (int i = 0; i < JOBS; i++) {
        snprintf(paths[i], sizeof paths[i], "%s/out%d.fits", folder, i);
        edits[i] = (wk_level_edit){exposures[0], (double)i, 1};
        jobs[i] = (wk_output_job){paths[i], &edits[i], 1};
    }
    return 0;
}

static int remove_jobs(void **state)
{
    (void)state;
    wk_exposures_free(exposures, exposure_count);
    for (int i = 0; i < JOBS; i++)
        unlink(paths[i]);
    unlink(input);
    return rmdir(folder); /* fails when something else was left behind */
}

static float first_pixel(const char *path)
{
    wk_exposure **opened;
    size_t count;
    wk_pixels pixels = {0};
    assert_int_equal(wk_exposures_open(&opened, &count, path, NULL, NULL), WK_OK);
    assert_int_equal(wk_exposure_load(&pixels, opened[0], 0, NULL), WK_OK);
    float value = pixels.data[0];
    wk_pixels_release(&pixels);
    wk_exposures_free(opened, count);
    return value;
}

typedef struct seen {
    int64_t done, total, bytes;
    int64_t stop_at; /* cancel when so many are done; 0: never */
} seen;

static int watch(const wk_progress *progress, void *payload)
{
    seen *s = payload;
    assert_string_equal(progress->stage, "write");
    s->done = progress->done;
    s->total = progress->total;
    s->bytes = progress->bytes;
    return s->stop_at && progress->done >= s->stop_at;
}

static wk_write_options subtracting(void)
{
    wk_write_options options = wk_write_options_default();
    options.method = "match";
    options.subtract = 1;
    return options;
}

static void writes_every_job(void **state)
{
    (void)state;
    seen seen_progress = {0};
    wk_context context = {.threads = 3, .progress = watch, .payload = &seen_progress};
    wk_write_options options = subtracting();
    assert_int_equal(wk_exposures_write_all(jobs, JOBS, &options, &context, NULL), WK_OK);
    /* 1 - i is exact in float32 */
    for (int i = 0; i < JOBS; i++)
        assert_true(first_pixel(paths[i]) == (float)(1 - i));
    assert_int_equal(seen_progress.done, JOBS);
    assert_int_equal(seen_progress.total, JOBS);
    assert_int_equal(seen_progress.bytes, JOBS * 4 * 4);
}

static void writes_nothing(void **state)
{
    (void)state;
    wk_write_options options = subtracting();
    assert_int_equal(wk_exposures_write_all(jobs, 0, &options, NULL, NULL), WK_OK);
    assert_int_not_equal(access(paths[0], F_OK), 0);
}

static void reports_the_first_failure(void **state)
{
    (void)state;
    wk_error error = {0};
    wk_context context = {.threads = 2};
    wk_write_options options = subtracting();
    jobs[2].path = "/nonexistent/a.fits";
    jobs[5].path = "/nonexistent/b.fits";
    assert_int_equal(wk_exposures_write_all(jobs, JOBS, &options, &context, &error), WK_FILE);
    assert_string_equal(error.subject, "/nonexistent/a.fits");
    for (int i = 0; i < JOBS; i++)
        assert_int_not_equal(access(paths[i], F_OK), 0);
}

static void keeps_what_replaced_a_file(void **state)
{
    (void)state;
    wk_write_options options = subtracting();
    assert_int_equal(wk_exposures_write_all(jobs, 2, &options, NULL, NULL), WK_OK);
    options.overwrite = 1;
    edits[0].level = 8;
    jobs[1].path = "/nonexistent/a.fits";
    assert_int_equal(wk_exposures_write_all(jobs, 2, &options, NULL, NULL), WK_FILE);
    assert_true(first_pixel(paths[0]) == -7.0F);
}

static void stops_when_cancelled(void **state)
{
    (void)state;
    seen seen_progress = {.stop_at = 2};
    wk_context context = {.threads = 1, .progress = watch, .payload = &seen_progress};
    wk_write_options options = subtracting();
    assert_int_equal(wk_exposures_write_all(jobs, JOBS, &options, &context, NULL), WK_CANCELLED);
    for (int i = 0; i < JOBS; i++)
        assert_int_not_equal(access(paths[i], F_OK), 0);
}

#define JOB_TEST(f) cmocka_unit_test_setup_teardown(f, make_jobs, remove_jobs)

int main(void)
{
    const struct CMUnitTest tests[] = {
        JOB_TEST(writes_every_job),          JOB_TEST(writes_nothing),
        JOB_TEST(reports_the_first_failure), JOB_TEST(keeps_what_replaced_a_file),
        JOB_TEST(stops_when_cancelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
