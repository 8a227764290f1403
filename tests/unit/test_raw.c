#include "raw.h"

#include "raw_case.h"

static void check_size(const raw_camera *camera, int64_t width, int64_t height)
{
    const char *path = case_path("a.raw");
    int64_t size[2] = {0, 0};
    wk_error error = {WK_OK, "", ""};
    raw_write(path, camera);
    if (wk_raw_size(size, path, &error) != WK_OK)
        fail_msg("%s: %s", error.subject, error.message);
    assert_int_equal(size[0], width);
    assert_int_equal(size[1], height);
}

static raw_camera dng(void)
{
    return (raw_camera){"Welkin", "Frame", 200, 120, {0, 0, 0, 0}, 1, 16, 1, 1};
}

static void test_all_pixels_without_margins(void **state)
{
    (void)state;
    raw_camera camera = dng();
    check_size(&camera, 200, 120);
}

static void test_margins_are_left_out(void **state)
{
    (void)state;
    raw_camera camera = dng();
    const uint32_t active[4] = {6, 10, 116, 196};
    memcpy(camera.active, active, sizeof active);
    check_size(&camera, 186, 110);
}

/* The orientation is for those who look at it; pixels lie as the sensor does. */
static void test_orientation_turns_nothing(void **state)
{
    (void)state;
    raw_camera camera = dng();
    for (uint32_t i = 1; i <= 8; i++) {
        camera.orientation = i;
        check_size(&camera, 200, 120);
    }
    const uint32_t active[4] = {6, 10, 116, 196};
    memcpy(camera.active, active, sizeof active);
    camera.orientation = 6;
    check_size(&camera, 186, 110);
}

/* 4256 x 2848 is what this camera's frames have; 32 columns of the file are no pixels. */
static void test_margins_that_only_libraw_knows(void **state)
{
    (void)state;
    const raw_camera camera = {"SONY", "ILCE-7S", 4288, 2848, {0, 0, 0, 0}, 6, 8, 32767, 0};
    check_size(&camera, 4256, 2848);
}

static void test_what_is_no_raw_file(void **state)
{
    (void)state;
    const char *path = case_path("b.raw");
    int64_t size[2];
    wk_error error;
    raw_camera camera = dng();
    char text[4096];
    case_write(path, "id,x\n1,2\n", 9);
    assert_int_equal(wk_raw_size(size, path, &error), WK_FILE);
    assert_non_null(strstr(error.message, "or is cut short"));
    memset(text, '7', sizeof text);
    case_write(path, text, sizeof text);
    assert_int_equal(wk_raw_size(size, path, &error), WK_FILE);
    assert_non_null(strstr(error.message, "neither FITS nor a camera's raw file"));
    assert_string_equal(error.subject, path);
    assert_int_equal(wk_raw_size(size, case_path("none.raw"), &error), WK_FILE);
    raw_write(path, &camera);
    assert_int_equal(truncate(path, 100), 0);
    assert_int_equal(wk_raw_size(size, path, &error), WK_FILE);
    assert_int_equal(wk_raw_size(size, path, NULL), WK_FILE);
}

/* LibRaw is silent, whatever it meets. */
static void test_nothing_is_printed(void **state)
{
    (void)state;
    const char *path = case_path("c.raw"), *said = case_path("said");
    raw_camera camera = dng();
    int64_t size[2];
    size_t length;
    fflush(NULL);
    int out = dup(1), err = dup(2);
    FILE *file = fopen(said, "w");
    dup2(fileno(file), 1);
    dup2(fileno(file), 2);
    raw_write(path, &camera);
    for (off_t end = 1024; end > 8; end -= 7)
        if (truncate(path, end) == 0)
            wk_raw_size(size, path, NULL);
    fflush(NULL);
    dup2(out, 1);
    dup2(err, 2);
    close(out);
    close(err);
    fclose(file);
    free(case_bytes(said, &length));
    assert_int_equal(length, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_pixels_without_margins),
        cmocka_unit_test(test_margins_are_left_out),
        cmocka_unit_test(test_orientation_turns_nothing),
        cmocka_unit_test(test_margins_that_only_libraw_knows),
        cmocka_unit_test(test_what_is_no_raw_file),
        cmocka_unit_test(test_nothing_is_printed),
    };
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
