#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "image.h"

static void fill(wk_pixels *pixels)
{
    size_t count = (size_t)(pixels->width * pixels->height);
    for (size_t i = 0; i < count; i++)
        pixels->data[i] = 1.0F;
    memset(pixels->bad, 0, count);
    for (size_t i = 0; pixels->variance && i < count; i++)
        pixels->variance[i] = 2.0F;
}

static void test_reserve(void **state)
{
    (void)state;
    wk_pixels pixels;
    memset(&pixels, 0, sizeof pixels);
    pixels.good = 5;
    assert_int_equal(wk_pixels_reserve(&pixels, 30, 20, 0, NULL), WK_OK);
    assert_int_equal(pixels.width, 30);
    assert_int_equal(pixels.height, 20);
    assert_int_equal(pixels.good, 0);
    assert_null(pixels.variance);
    fill(&pixels);
    wk_pixels_release(&pixels);
    assert_null(pixels.data);
    assert_int_equal(pixels.allocated, 0);
    wk_pixels_release(&pixels);
    wk_pixels_release(NULL);
}

static void test_buffers_are_reused(void **state)
{
    (void)state;
    wk_pixels pixels;
    memset(&pixels, 0, sizeof pixels);
    assert_int_equal(wk_pixels_reserve(&pixels, 40, 30, 1, NULL), WK_OK);
    fill(&pixels);
    const float *data = pixels.data;
    const float *variance = pixels.variance;
    assert_int_equal(wk_pixels_reserve(&pixels, 1, 1200, 0, NULL), WK_OK);
    assert_ptr_equal(pixels.data, data);
    assert_null(pixels.variance);
    fill(&pixels);
    assert_int_equal(wk_pixels_reserve(&pixels, 1200, 1, 1, NULL), WK_OK);
    assert_ptr_equal(pixels.data, data);
    assert_ptr_equal(pixels.variance, variance);
    assert_int_equal(wk_pixels_reserve(&pixels, 1201, 1, 1, NULL), WK_OK);
    assert_int_equal(pixels.allocated, 1201);
    assert_int_equal(pixels.allocated_variance, 1201);
    fill(&pixels);
    assert_int_equal(wk_pixels_reserve(&pixels, 1, 1, 1, NULL), WK_OK);
    fill(&pixels);
    wk_pixels_release(&pixels);
}

static void test_sizes_that_cannot_be(void **state)
{
    (void)state;
    const int64_t sizes[][2] = {{0, 5},
                                {5, 0},
                                {-1, -1},
                                {INT64_MAX, 2},
                                {INT64_C(1) << 32, INT64_C(1) << 32},
                                {INT64_C(1) << 31, INT64_C(1) << 31}};
    wk_pixels pixels;
    memset(&pixels, 0, sizeof pixels);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        wk_error error = {WK_OK, "", ""};
        assert_int_equal(wk_pixels_reserve(&pixels, sizes[i][0], sizes[i][1], 1, &error),
                         WK_MEMORY);
        assert_int_equal(error.code, WK_MEMORY);
        assert_non_null(strstr(error.message, "no memory"));
    }
    /* and the buffers serve again */
    assert_int_equal(wk_pixels_reserve(&pixels, 3, 3, 1, NULL), WK_OK);
    fill(&pixels);
    wk_pixels_release(&pixels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reserve),
        cmocka_unit_test(test_buffers_are_reused),
        cmocka_unit_test(test_sizes_that_cannot_be),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
