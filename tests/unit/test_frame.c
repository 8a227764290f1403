#include "welkin/frame.h"

#include "raw_case.h"

static void check_size(const char *path, int64_t width, int64_t height)
{
    int64_t size[2] = {0, 0};
    wk_error error = {WK_OK, "", ""};
    if (wk_frame_size(size, path, &error) != WK_OK)
        fail_msg("%s: %s", error.subject, error.message);
    assert_int_equal(size[0], width);
    assert_int_equal(size[1], height);
}

static void check_refused(const char *path, wk_status expected, const char *words)
{
    int64_t size[2];
    wk_error error = {WK_OK, "", ""};
    assert_int_equal(wk_frame_size(size, path, &error), expected);
    if (!strstr(error.message, words))
        fail_msg("'%s' does not say '%s'", error.message, words);
    assert_int_equal(strncmp(error.subject, case_folder, strlen(case_folder)), 0);
}

static const char *with(const char *path, const char *tail)
{
    static char text[8][200];
    static int next;
    char *out = text[next++ % 8];
    snprintf(out, sizeof text[0], "%s%s", path, tail);
    return out;
}

/* An empty primary, a spectrum, an image, a compressed image, a cube, a table. */
static const char *write_file(void)
{
    const char *path = case_path("frame.fits");
    long spectrum[] = {11}, image[] = {7, 5}, tiles[] = {40, 30}, cube[] = {6, 4, 3};
    char *type = "A", *form = "1D";
    int status = 0;
    fitsfile *file = case_create(path);
    fits_create_img(file, SHORT_IMG, 0, NULL, &status);
    fits_create_img(file, FLOAT_IMG, 1, spectrum, &status);
    fits_create_img(file, FLOAT_IMG, 2, image, &status);
    fits_update_key(file, TSTRING, "EXTNAME", "SCI", NULL, &status);
    fits_set_compression_type(file, RICE_1, &status);
    fits_create_img(file, SHORT_IMG, 2, tiles, &status);
    fits_update_key(file, TSTRING, "EXTNAME", "TILES", NULL, &status);
    short pixels[1200] = {0};
    fits_write_img(file, TSHORT, 1, 1200, pixels, &status);
    fits_set_compression_type(file, 0, &status);
    fits_create_img(file, BYTE_IMG, 3, cube, &status);
    fits_create_tbl(file, BINARY_TBL, 0, 1, &type, &form, NULL, "STARS", &status);
    case_close(file, status);
    return path;
}

static void test_fits(void **state)
{
    (void)state;
    const char *path = write_file();
    check_size(path, 7, 5);
    check_size(with(path, "[2]"), 7, 5);
    check_size(with(path, "[tiles]"), 40, 30);
    check_size(with(path, "[TILES,1]"), 40, 30);
    check_size(with(path, "[4]"), 6, 4);
    check_refused(with(path, "[0]"), WK_HEADER, "no image of two axes");
    check_refused(with(path, "[1]"), WK_HEADER, "no image of two axes");
    check_refused(with(path, "[STARS]"), WK_HEADER, "is a table");
    check_refused(with(path, "[6]"), WK_HEADER, "the last one is 5");
    check_refused(with(path, "[a*b]"), WK_ARGUMENT, "not an extension");
    assert_int_equal(truncate(path, 9000), 0);
    check_refused(path, WK_FILE, "");
}

static void test_fits_without_an_image(void **state)
{
    (void)state;
    const char *path = case_path("empty.fits");
    int status = 0;
    fitsfile *file = case_create(path);
    fits_create_img(file, SHORT_IMG, 0, NULL, &status);
    case_close(file, status);
    check_refused(path, WK_HEADER, "no image in the file");
}

static void test_raw(void **state)
{
    (void)state;
    const raw_camera camera = {"Welkin", "Frame", 64, 48, {2, 4, 46, 62}, 8, 16, 1, 1};
    const char *path = case_path("frame.fits.ARW"); /* names do not count */
    raw_write(path, &camera);
    check_size(path, 58, 44);
    check_refused(with(path, "[1]"), WK_ARGUMENT, "not FITS");
}

static void test_others(void **state)
{
    (void)state;
    const char *path = case_path("a.ARW");
    check_refused(path, WK_FILE, "no such file");
    check_refused(case_folder, WK_FILE, "directory, not an image");
    case_write(path, "", 0);
    check_refused(path, WK_FILE, "is empty");
    case_write(path, "\211PNG\r\n\032\n\0\0\0\015IHDR", 16);
    check_refused(path, WK_FILE, "neither FITS nor");
    case_write(path, "\037\213 no gzip at all", 17);
    check_refused(path, WK_FILE, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fits),
        cmocka_unit_test(test_fits_without_an_image),
        cmocka_unit_test(test_raw),
        cmocka_unit_test(test_others),
    };
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
