#include "fits_copy.h"

#include <fcntl.h>

#include "fits_case.h"
#include "fits_checksum.h"
#include "fits_pixel.h"
#include "memory.h"

enum { SIZE = 2 * WK_FITS_STRIP + 1000 }; /* more than two strips, not a whole number of them */

typedef struct fixture {
    unsigned char *bytes;
    wk_output output;
    wk_fits_copy copy;
} fixture;

static int begin(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    const char *path = case_path("in");
    *state = f;
    f->bytes = malloc(SIZE);
    for (size_t i = 0; i < SIZE; i++)
        f->bytes[i] = (unsigned char)(i * 7 + i / 251);
    case_write(path, f->bytes, SIZE);
    f->copy = (wk_fits_copy){.name = "in", .size = SIZE, .output = &f->output};
    f->copy.input = open(path, O_RDONLY);
    return wk_fits_copy_begin(&f->copy, NULL) ||
           wk_output_begin(&f->output, case_path("out"), 0, 0, NULL);
}

static int end(void **state)
{
    fixture *f = *state;
    wk_fits_copy_end(&f->copy);
    wk_output_abandon(&f->output);
    close(f->copy.input);
    free(f->bytes);
    free(f);
    return case_clear() == 2 ? 0 : -1;
}

static unsigned char *finish(fixture *f, size_t expected)
{
    size_t size;
    assert_int_equal(wk_output_commit(&f->output, NULL), WK_OK);
    unsigned char *out = case_bytes(case_path("out"), &size);
    assert_int_equal(size, expected);
    return out;
}

static void test_plain_and_sum(void **state)
{
    fixture *f = *state;
    uint32_t sum = 0;
    assert_int_equal(wk_fits_copy_plain(&f->copy, 100, NULL), WK_OK);
    assert_int_equal(wk_fits_copy_sum(&f->copy, 0, SIZE - 200, &sum, NULL), WK_OK);
    assert_int_equal(wk_fits_copy_plain(&f->copy, 100, NULL), WK_OK);
    assert_int_equal(f->copy.from, SIZE);
    assert_int_equal(sum, wk_checksum_add(0, 0, f->bytes + 100, SIZE - 200));
    unsigned char *out = finish(f, SIZE);
    assert_memory_equal(out, f->bytes, SIZE);
    free(out);
}

static void test_subtract(void **state)
{
    fixture *f = *state;
    const size_t bytes = SIZE / 8 * 8;
    uint32_t sum = 0;
    assert_int_equal(wk_fits_copy_subtract(&f->copy, (int64_t)bytes, 8, 3.5, &sum, NULL), WK_OK);
    wk_pixel_subtract_double(f->bytes, bytes / 8, 3.5);
    assert_int_equal(sum, wk_checksum_add(0, 0, f->bytes, bytes));
    unsigned char *out = finish(f, bytes);
    assert_memory_equal(out, f->bytes, bytes);
    free(out);
}

/* What fills the block comes from the input, as far as it goes. */
static void test_padding(void **state)
{
    fixture *f = *state;
    uint32_t sum = 0;
    f->copy.from = SIZE - 10;
    assert_int_equal(wk_fits_copy_padding(&f->copy, 2860, 2860, &sum, NULL), WK_OK);
    assert_int_equal(f->copy.to, 20);
    unsigned char *out = finish(f, 20);
    assert_memory_equal(out, f->bytes + SIZE - 10, 10);
    for (int i = 10; i < 20; i++)
        assert_int_equal(out[i], 0);
    assert_int_equal(sum, wk_checksum_add(0, 0, out, 20)); /* 2860 is a whole number of words */
    free(out);
}

static void test_padding_of_another_size(void **state)
{
    fixture *f = *state;
    uint32_t sum = 0;
    assert_int_equal(wk_fits_copy_padding(&f->copy, 2870, 2878, &sum, NULL), WK_OK);
    assert_int_equal(f->copy.from, 10);
    assert_int_equal(sum, 0);
    unsigned char *out = finish(f, 2);
    assert_memory_equal(out, "\0\0", 2);
    free(out);
}

static void test_truncated(void **state)
{
    fixture *f = *state;
    wk_error error;
    uint32_t sum = 0;
    assert_int_equal(wk_fits_copy_plain(&f->copy, SIZE + 1, &error), WK_FILE);
    assert_non_null(strstr(error.message, "truncated"));
    f->copy.from = 0;
    assert_int_equal(wk_fits_copy_sum(&f->copy, 0, SIZE + 1, &sum, &error), WK_FILE);
    f->copy.from = 0;
    assert_int_equal(wk_fits_copy_subtract(&f->copy, SIZE + 8, 4, 1, &sum, &error), WK_FILE);
    assert_string_equal(error.subject, "in");
    free(finish(f, (size_t)f->copy.to > SIZE ? (size_t)f->copy.to : SIZE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_plain_and_sum, begin, end),
        cmocka_unit_test_setup_teardown(test_subtract, begin, end),
        cmocka_unit_test_setup_teardown(test_padding, begin, end),
        cmocka_unit_test_setup_teardown(test_padding_of_another_size, begin, end),
        cmocka_unit_test_setup_teardown(test_truncated, begin, end),
    };
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
