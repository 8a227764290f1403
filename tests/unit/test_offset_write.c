#include "fits_case.h"
#include "offset_case.h"

enum { WIDTH = 37, HEIGHT = 150, PIXELS = WIDTH * HEIGHT };

static wk_offset *make(void)
{
    const field f = field_scatter(60, WIDTH, HEIGHT, 3, 1);
    wk_offset_options options = wk_offset_options_default();
    options.errors = 1;
    return field_fit(&f, WIDTH, HEIGHT, &options);
}

static void write_file(const char *path, wk_offset_file file, const wk_offset *offset, int threads,
                       wk_offset_summary *summary)
{
    const wk_context context = {.threads = threads};
    file.path = path;
    assert_int_equal(wk_offset_write(&file, summary, offset, &context, NULL), WK_OK);
}

static void check_plane(const char *path, int hdu, const double *wanted, int narrow)
{
    long count;
    double *pixels = case_pixels(path, hdu, &count);
    assert_int_equal(count, PIXELS);
    for (int i = 0; i < PIXELS; i++)
        assert_true(pixels[i] == (narrow ? (double)(float)wanted[i] : wanted[i]));
    free(pixels);
}

static void check_text(const char *path, int hdu, const char *key, const char *wanted)
{
    char text[80] = "";
    int status = 0;
    fitsfile *file = case_open(path, hdu);
    fits_read_key(file, TSTRING, key, text, NULL, &status);
    assert_string_equal(text, wanted);
    case_close(file, status);
}

static void check_history(const char *path)
{
    size_t size;
    unsigned char *bytes = case_bytes(path, &size);
    assert_non_null(strstr((const char *)bytes, "HISTORY first line"));
    assert_non_null(strstr((const char *)bytes, "HISTORY second line"));
    free(bytes);
}

static void test_images(void **state)
{
    static const char *const names[] = {"XOFF", "YOFF", "XERR", "YERR", "FLAG", "DISTANCE"};
    const char *const cards[] = {"first line", "second line", NULL};
    const char *path = case_path("a.fits");
    wk_offset *offset = make();
    map m = map_make(offset, 1);
    double flags[PIXELS];
    (void)state;
    for (int i = 0; i < PIXELS; i++)
        flags[i] = m.flag[i];
    for (int wide = 0; wide < 2; wide++) {
        const double *planes[] = {m.x, m.y, m.error_x, m.error_y, flags, m.distance};
        write_file(path,
                   (wk_offset_file){.wide = wide, .errors = 1, .cards = cards, .overwrite = 1},
                   offset, 2, NULL);
        for (int k = 0; k < 6; k++) {
            check_plane(path, k + 1, planes[k], !wide);
            check_text(path, k + 1, "EXTNAME", names[k]);
        }
        check_text(path, 1, "BAND", "X offsets");
        check_text(path, 2, "BAND", "Y offsets");
        check_text(path, 0, "MODEL", "nearest");
        check_history(path);
        case_checksums(path, -1);
        case_verify(path);
    }
    write_file(path, (wk_offset_file){.overwrite = 1}, offset, 2, NULL);
    int status = 0, hdus;
    fitsfile *file = case_open(path, 0);
    fits_get_num_hdus(file, &hdus, &status);
    assert_int_equal(hdus, 3); /* no errors */
    case_close(file, status);
    map_free(&m);
    wk_offset_free(offset);
    assert_int_equal(case_clear(), 1);
}

static void test_cubes(void **state)
{
    const char *pixmap = case_path("pixmap.fits"), *dgeo = case_path("dgeo.fits");
    wk_offset *offset = make();
    map m = map_make(offset, 1);
    long count;
    (void)state;
    write_file(pixmap, (wk_offset_file){.format = WK_OFFSET_PIXMAP}, offset, 2, NULL);
    double *pixels = case_pixels(pixmap, 0, &count);
    assert_int_equal(count, 2 * PIXELS);
    for (int i = 0; i < PIXELS; i++) {
        assert_true(pixels[2 * i] == (double)(i % WIDTH) - m.x[i]);
        assert_true(pixels[2 * i + 1] == (double)(i / WIDTH) - m.y[i]);
    }
    free(pixels);
    for (int wide = 0; wide < 2; wide++) {
        write_file(dgeo, (wk_offset_file){.format = WK_OFFSET_DGEO, .wide = wide, .overwrite = 1},
                   offset, 2, NULL);
        pixels = case_pixels(dgeo, 0, &count);
        assert_int_equal(count, 2 * PIXELS);
        for (int i = 0; i < PIXELS; i++) {
            assert_true(pixels[i] == (wide ? m.x[i] : (double)(float)m.x[i]));
            assert_true(pixels[PIXELS + i] == (wide ? m.y[i] : (double)(float)m.y[i]));
        }
        free(pixels);
        case_checksums(dgeo, -1);
    }
    check_text(pixmap, 0, "CONTENT", "PIXMAP");
    check_text(dgeo, 0, "DGEO_TYPE", "PIXEL");
    case_checksums(pixmap, -1);
    map_free(&m);
    wk_offset_free(offset);
    assert_int_equal(case_clear(), 2);
}

static void test_same_bytes(void **state)
{
    const char *one = case_path("one.fits"), *more = case_path("more.fits");
    wk_offset *offset = make();
    wk_offset_summary a, b;
    (void)state;
    for (int format = WK_OFFSET_IMAGES; format <= WK_OFFSET_DGEO; format++) {
        wk_offset_file file = {.format = (wk_offset_format)format, .errors = 1, .overwrite = 1};
        memset(&a, 0, sizeof a);
        memset(&b, 0, sizeof b);
        write_file(one, file, offset, 1, &a);
        for (int threads = 2; threads <= 3; threads++) {
            write_file(more, file, offset, threads, &b);
            case_same(one, more);
            assert_memory_equal(a.mean, b.mean, sizeof a.mean);
            assert_true(a.largest_jump == b.largest_jump && a.largest_bend == b.largest_bend);
        }
    }
    wk_offset_free(offset);
    assert_int_equal(case_clear(), 2);
}

/* Without a file, the numbers against loops. */
static void test_summary(void **state)
{
    wk_offset *offset = make();
    wk_offset_summary s;
    map m = map_make(offset, 1);
    double sum = 0, squares = 0, least = INFINITY, most = -INFINITY, jump = 0;
    int at = 0, outside = 0;
    (void)state;
    write_file(NULL, (wk_offset_file){.errors = 1}, offset, 2, &s);
    for (int i = 0; i < PIXELS; i++) {
        const double *const planes[] = {m.x, m.y};
        double here = 0;
        for (int k = 0; k < 2; k++) {
            if (i % WIDTH + 1 < WIDTH)
                here = fmax(here, fabs(planes[k][i] - planes[k][i + 1]));
            if (i + WIDTH < PIXELS)
                here = fmax(here, fabs(planes[k][i] - planes[k][i + WIDTH]));
        }
        if (here > jump) {
            jump = here;
            at = i;
        }
        sum += m.x[i];
        squares += m.error_x[i] * m.error_x[i];
        least = fmin(least, m.x[i]);
        most = fmax(most, m.x[i]);
        outside += (m.flag[i] & WK_OFFSET_OUTSIDE) != 0;
    }
    assert_true(s.min[0] == least && s.max[0] == most && s.largest_jump == jump);
    assert_int_equal(s.jump_x, at % WIDTH);
    assert_int_equal(s.jump_y, at / WIDTH);
    assert_near(s.mean[0], sum / PIXELS, 1e-12);
    assert_near(s.error[0], sqrt(squares / PIXELS), 1e-12);
    assert_int_equal(s.outside, outside);
    assert_int_equal(s.unknown, 0);
    write_file(NULL, (wk_offset_file){0}, offset, 2, &s);
    assert_true(isnan(s.error[0]) && s.outside == -1);
    map_free(&m);
    wk_offset_free(offset);
    assert_int_equal(case_clear(), 0);
}

static int stop(const wk_progress *progress, void *payload)
{
    (void)payload;
    return progress->done > 0;
}

static void test_no_file(void **state)
{
    const wk_context context = {.threads = 1, .progress = stop};
    wk_offset_file file = {.path = case_path("a.fits"), .errors = 1};
    wk_offset *offset = make();
    (void)state;
    assert_int_equal(wk_offset_write(&file, NULL, offset, &context, NULL), WK_CANCELLED);
    assert_int_equal(case_clear(), 0);
    case_write(file.path, "x", 1);
    assert_int_equal(wk_offset_write(&file, NULL, offset, NULL, NULL), WK_EXISTS);
    assert_int_equal(case_clear(), 1);
    file.path = "/nowhere/at/all.fits";
    assert_int_equal(wk_offset_write(&file, NULL, offset, NULL, NULL), WK_FILE);
    wk_offset_free(offset);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_images),     cmocka_unit_test(test_cubes),
        cmocka_unit_test(test_same_bytes), cmocka_unit_test(test_summary),
        cmocka_unit_test(test_no_file),
    };
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
