#include "fits_case.h"

#include "welkin/table.h"

/* 33,000 doubles: two strips of the writer. */
enum { WIDTH = 11, HEIGHT = 30, DEPTH = 100, PIXELS = WIDTH * HEIGHT * DEPTH };

/* Pixel by pixel what was given, to the bit; the axes in FITS's order. */
static void test_cube(void **state)
{
    static double values[PIXELS];
    static const char *const lines[] = {"planes of residuals", NULL};
    const char *path = case_path("cube.fits");
    char text[FLEN_CARD];
    long axes[3], count;
    int status = 0, bitpix, dimensions, hdus;
    (void)state;
    for (int i = 0; i < PIXELS; i++)
        values[i] = 1e6 + i / 3.0;
    values[5] = 1e300;
    assert_int_equal(wk_cube_write(path, values, WIDTH, HEIGHT, DEPTH, lines, 0, 1, NULL), WK_OK);
    fitsfile *file = case_open(path, 0);
    fits_get_num_hdus(file, &hdus, &status);
    assert_int_equal(hdus, 1);
    fits_get_img_param(file, 3, &bitpix, &dimensions, axes, &status);
    assert_int_equal(bitpix, -64);
    assert_int_equal(dimensions, 3);
    assert_true(axes[0] == WIDTH && axes[1] == HEIGHT && axes[2] == DEPTH);
    fits_read_card(file, "HISTORY", text, &status);
    assert_string_equal(text, "HISTORY planes of residuals");
    case_close(file, status);
    double *back = case_pixels(path, 0, &count);
    assert_int_equal(count, PIXELS);
    assert_memory_equal(back, values, sizeof values);
    free(back);
    case_checksums(path, -1);
    case_verify(path);
    assert_int_equal(case_clear(), 1);
}

static void test_one_pixel(void **state)
{
    const char *path = case_path("one.fits");
    const double value = __builtin_nan("");
    size_t size;
    (void)state;
    assert_int_equal(wk_cube_write(path, &value, 1, 1, 1, NULL, 0, 0, NULL), WK_OK);
    unsigned char *bytes = case_bytes(path, &size);
    assert_int_equal(size, 2 * 2880);
    assert_memory_equal(bytes + 2880, "\x7f\xf8\0\0\0\0\0\0", 8);
    free(bytes);
    case_verify(path);
    assert_int_equal(wk_cube_write(path, &value, 1, 1, 1, NULL, 0, 0, NULL), WK_EXISTS);
    assert_int_equal(wk_cube_write(path, &value, 1, 1, 1, NULL, 1, 0, NULL), WK_OK);
    assert_int_equal(case_clear(), 1);
}

static void test_refused(void **state)
{
    const char *path = case_path("bad.fits");
    const double value = 1;
    wk_error error;
    (void)state;
    assert_int_equal(wk_cube_write(path, &value, 0, 1, 1, NULL, 0, 0, NULL), WK_ARGUMENT);
    assert_int_equal(wk_cube_write(path, &value, 1, -1, 1, NULL, 0, 0, NULL), WK_ARGUMENT);
    assert_int_equal(wk_cube_write(path, &value, 1, 1, 0, NULL, 0, 0, &error), WK_ARGUMENT);
    assert_non_null(strstr(error.message, "1 x 1 x 0"));
    assert_int_equal(wk_cube_write(path, &value, 1 << 30, 1 << 30, 8, NULL, 0, 0, NULL),
                     WK_ARGUMENT);
    assert_int_equal(case_clear(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cube),
        cmocka_unit_test(test_one_pixel),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
