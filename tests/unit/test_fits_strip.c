#include "fits_strip.h"

#include <fcntl.h>
#include <math.h>

#include "fits_case.h"
#include "fits_checksum.h"
#include "fits_pixel.h"
#include "memory.h"
#include "status.h"

/* 701 rows of 300 pixels: four strips of 218 rows, the last one shorter. */
enum { WIDTH = 300, HEIGHT = 701, PIXELS = WIDTH * HEIGHT, FROM = 13, TO = 29 };

/* What is to become of a pixel: other for each row and column. */
static double changed(double value, int64_t x, int64_t y)
{
    return 1.5 * value + (double)(y * 1000 + x);
}

static wk_status change(void *payload, int worker, wk_rect rect, double *values, wk_error *error)
{
    const int *bad_row = payload;
    (void)worker;
    if (bad_row && rect.y + rect.height > *bad_row)
        return wk_error_set(error, WK_NO_DATA, "row", "%d", (int)rect.y);
    assert_true(rect.x == 0 && rect.width == WIDTH && rect.y + rect.height <= HEIGHT);
    for (int64_t y = 0; y < rect.height; y++)
        for (int64_t x = 0; x < rect.width; x++)
            values[y * rect.width + x] = changed(values[y * rect.width + x], x, rect.y + y);
    return WK_OK;
}

static double pixel_at(int i)
{
    return i == 5000 ? (double)NAN : 100 * sin(i);
}

/* Big-endian floats of a size, FROM bytes into the file. */
static void write_raw(const char *path, int size)
{
    unsigned char *bytes = calloc(FROM + PIXELS, (size_t)size);
    for (int i = 0; i < PIXELS; i++) {
        double value = pixel_at(i);
        float narrow = (float)value;
        if (size == 4)
            wk_pixel_swap(bytes + FROM + 4 * i, &narrow, 1, 4);
        else
            wk_pixel_swap(bytes + FROM + 8 * i, &value, 1, 8);
    }
    case_write(path, bytes, FROM + (size_t)PIXELS * (size_t)size);
    free(bytes);
}

static wk_status run(uint32_t *sum, const char *in, const char *out, int pixel, int threads,
                     int *bad_row, wk_error *error)
{
    const wk_context context = {.threads = threads};
    wk_fits_plane_edit edit = {
        .width = WIDTH, .height = HEIGHT, .change = change, .payload = bad_row};
    wk_output output;
    assert_int_equal(wk_output_begin(&output, out, 1, 0, NULL), WK_OK);
    wk_fits_carry carry = {.from = FROM, .to = TO};
    carry.copy = (wk_fits_copy){.input = open(in, O_RDONLY), .name = in, .output = &output};
    wk_status status = wk_fits_strip_change(sum, &carry, &edit, pixel, &context, error);
    close(carry.copy.input);
    if (status == WK_OK)
        assert_int_equal(wk_output_commit(&output, NULL), WK_OK);
    else
        wk_output_abandon(&output);
    return status;
}

static void check_output(const char *path, int size, uint32_t sum, double (*input)(int))
{
    size_t length;
    unsigned char *bytes = case_bytes(path, &length);
    assert_int_equal(length, TO + PIXELS * size);
    assert_int_equal(sum, wk_checksum_add(0, 0, bytes + TO, (size_t)(PIXELS * size)));
    for (int i = 0; i < PIXELS; i++) {
        double value, wanted = changed(input(i), i % WIDTH, i / WIDTH);
        wk_pixel_widen(&value, bytes + TO + size * i, 1, size);
        if (size == 4)
            wanted = (double)(float)wanted; /* rounded once */
        assert_true(isnan(wanted) ? isnan(value) : value == wanted);
    }
    free(bytes);
}

static double rounded_at(int i)
{
    return (double)(float)pixel_at(i);
}

static void test_floats_keep_their_type(void **state)
{
    const char *in = case_path("in"), *out = case_path("out"), *other = case_path("other");
    (void)state;
    for (int size = 4; size <= 8; size += 4) {
        uint32_t sum = 1, again = 2;
        write_raw(in, size);
        assert_int_equal(run(&sum, in, out, size, 1, NULL, NULL), WK_OK);
        assert_int_equal(run(&again, in, other, size, 7, NULL, NULL), WK_OK);
        assert_int_equal(sum, again);
        case_same(out, other);
        check_output(out, size, sum, size == 4 ? rounded_at : pixel_at);
    }
    case_clear();
}

static double integer_at(int i)
{
    return (double)(i % 60000);
}

static void test_any_image_becomes_floats(void **state)
{
    const char *in = case_path("in.fits"), *out = case_path("out"), *other = case_path("other");
    long axes[] = {WIDTH, HEIGHT};
    double *pixels = malloc(PIXELS * sizeof *pixels);
    uint32_t sum = 1, again = 2;
    int status = 0;
    (void)state;
    for (int i = 0; i < PIXELS; i++)
        pixels[i] = integer_at(i);
    fitsfile *file = case_create(in);
    fits_create_img(file, USHORT_IMG, 2, axes, &status);
    fits_write_img(file, TDOUBLE, 1, PIXELS, pixels, &status);
    case_close(file, status);
    free(pixels);
    assert_int_equal(run(&sum, in, out, 0, 1, NULL, NULL), WK_OK);
    assert_int_equal(run(&again, in, other, 0, 7, NULL, NULL), WK_OK);
    assert_int_equal(sum, again);
    case_same(out, other);
    check_output(out, 4, sum, integer_at);
    case_clear();
}

/* Of several failures that of the first strip is told. */
static void test_failures(void **state)
{
    const char *in = case_path("in"), *out = case_path("out");
    wk_error error = {0};
    int bad_row = 300;
    uint32_t sum;
    (void)state;
    write_raw(in, 4);
    assert_int_equal(run(&sum, in, out, 4, 3, &bad_row, &error), WK_NO_DATA);
    assert_string_equal(error.message, "218");
    assert_int_equal(run(&sum, in, out, 8, 3, NULL, &error), WK_FILE); /* too short */
    assert_int_equal(run(&sum, in, out, 0, 3, NULL, &error), WK_FILE); /* not FITS */
    assert_int_equal(case_clear(), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_floats_keep_their_type),
        cmocka_unit_test(test_any_image_becomes_floats),
        cmocka_unit_test(test_failures),
    };
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
