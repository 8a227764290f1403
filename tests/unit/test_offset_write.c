#include "offset_case.h"

#include "fits_case.h"

enum { WIDTH = 47, HEIGHT = 150 };

static wk_offset *fitted(int errors)
{
    field f = field_scatter(40, WIDTH, HEIGHT, 2, 8);
    wk_offset_options options = wk_offset_options_default();
    options.errors = errors;
    return field_fit(&f, WIDTH, HEIGHT, &options);
}

static void write_file(const wk_offset_file *file, wk_offset_summary *summary,
                       const wk_offset *offset, int threads)
{
    const wk_context context = {.threads = threads};
    assert_int_equal(wk_offset_write(file, summary, offset, &context, NULL), WK_OK);
}

static void compare(const char *path, int hdu, const double *want, int narrow)
{
    long count;
    double *got = case_pixels(path, hdu, &count);
    assert_int_equal(count, WIDTH * HEIGHT);
    for (long i = 0; i < count; i++)
        assert_true(got[i] == (narrow ? (double)(float)want[i] : want[i]));
    free(got);
}

static void test_images(void **state)
{
    wk_offset *offset = fitted(1);
    map m = map_make(offset, 1);
    wk_offset_summary s;
    const char *const cards[] = {"made in a test", NULL};
    (void)state;
    for (int wide = 0; wide < 2; wide++) {
        const wk_offset_file file = {
            .path = case_path("o.fits"), .wide = wide, .errors = 1, .cards = cards, .overwrite = 1};
        write_file(&file, &s, offset, 2);
        const double *const planes[] = {m.x, m.y, m.error_x, m.error_y};
        for (int k = 0; k < 4; k++)
            compare(file.path, k + 1, planes[k], !wide);
        long count;
        double *flag = case_pixels(file.path, 5, &count);
        for (long i = 0; i < count; i++)
            assert_true(flag[i] == (double)m.flag[i]);
        free(flag);
        compare(file.path, 6, m.distance, !wide);
        case_checksums(file.path, -1);
    }
    double sum = 0;
    for (int i = 0; i < WIDTH * HEIGHT; i++)
        sum += m.x[i];
    assert_near(s.mean[0], sum / (WIDTH * HEIGHT), 1e-12);
    assert_true(s.error[0] > 0 && s.outside > 0);
    map_free(&m);
    wk_offset_free(offset);
}

static void test_arrays(void **state)
{
    wk_offset *offset = fitted(0);
    map m = map_make(offset, 1);
    const wk_offset_file pixmap = {.path = case_path("p.fits"), .format = WK_OFFSET_PIXMAP};
    const wk_offset_file dgeo = {.path = case_path("d.fits"), .format = WK_OFFSET_DGEO};
    long count;
    (void)state;
    write_file(&pixmap, NULL, offset, 3);
    write_file(&dgeo, NULL, offset, 3);
    double *places = case_pixels(pixmap.path, 0, &count);
    assert_int_equal(count, 2 * WIDTH * HEIGHT);
    for (long i = 0; i < WIDTH * HEIGHT; i++) {
        assert_true(places[2 * i] == (double)(i % WIDTH) - m.x[i]);
        assert_true(places[2 * i + 1] == (double)(i / WIDTH) - m.y[i]);
    }
    free(places);
    double *cube = case_pixels(dgeo.path, 0, &count);
    assert_int_equal(count, 2 * WIDTH * HEIGHT);
    for (long i = 0; i < WIDTH * HEIGHT; i++)
        assert_true(cube[i] == (double)(float)m.x[i] &&
                    cube[WIDTH * HEIGHT + i] == (double)(float)m.y[i]);
    free(cube);
    case_checksums(pixmap.path, -1);
    case_checksums(dgeo.path, -1);
    map_free(&m);
    wk_offset_free(offset);
}

static void test_threads(void **state)
{
    wk_offset *offset = fitted(1);
    const wk_offset_file one = {.path = case_path("1.fits"), .errors = 1};
    wk_offset_summary a, b;
    (void)state;
    write_file(&one, &a, offset, 1);
    for (int threads = 2; threads < 4; threads++) {
        const wk_offset_file more = {.path = case_path("n.fits"), .errors = 1, .overwrite = 1};
        write_file(&more, &b, offset, threads);
        case_same(one.path, more.path);
        assert_true(a.mean[0] == b.mean[0] && a.largest_jump == b.largest_jump);
    }
    /* without a file the numbers are the same */
    const wk_offset_file none = {.errors = 1};
    write_file(&none, &b, offset, 2);
    assert_true(a.mean[1] == b.mean[1] && a.error[1] == b.error[1]);
    wk_offset_free(offset);
}

static int stop(const wk_progress *progress, void *payload)
{
    (void)payload;
    return progress->done > 0;
}

/* Cancelled, or not allowed: no file. */
static void test_nothing_left(void **state)
{
    wk_offset *offset = fitted(0);
    const wk_context context = {.threads = 1, .progress = stop};
    const wk_offset_file file = {.path = case_path("c.fits")};
    (void)state;
    case_clear();
    assert_int_equal(wk_offset_write(&file, NULL, offset, &context, NULL), WK_CANCELLED);
    assert_int_equal(case_clear(), 0);
    write_file(&file, NULL, offset, 1);
    assert_int_equal(wk_offset_write(&file, NULL, offset, NULL, NULL), WK_EXISTS);
    assert_int_equal(case_clear(), 1);
    const wk_offset_file nowhere = {.path = "/nosuch/folder/o.fits"};
    assert_int_equal(wk_offset_write(&nowhere, NULL, offset, NULL, NULL), WK_FILE);
    wk_offset_free(offset);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_images), cmocka_unit_test(test_arrays),
                                       cmocka_unit_test(test_threads),
                                       cmocka_unit_test(test_nothing_left)};
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
