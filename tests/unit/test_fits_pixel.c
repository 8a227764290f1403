#include "fits_pixel.h"

#include <math.h>

#include "fits_case.h"

enum { COUNT = 37 }; /* no multiple of any vector's length */

static uint32_t float_bits(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, 4);
    return bits;
}

/* Edges first: infinities, zeros, the smallest and largest, NaNs with their payloads. */
static uint32_t float_case(int i)
{
    const uint32_t edges[] = {0x7f800000, 0xff800000, 0x80000000, 1,          0x7f7fffff,
                              0x7fc00000, 0x7f800001, 0xffc12345, 0xff900000, 0};
    return i < 10 ? edges[i] : float_bits(1000.f * sinf((float)i));
}

static void test_float(void **state)
{
    unsigned char pixels[4 * COUNT];
    const double level = 123.456;
    uint64_t words = 0;
    (void)state;
    for (int i = 0; i < COUNT; i++)
        wk_pixel_store(pixels + 4 * i, 4, float_case(i));
    uint64_t sum = wk_pixel_subtract_float(pixels, COUNT, level);
    for (int i = 0; i < COUNT; i++) {
        uint32_t before = float_case(i), after = (uint32_t)wk_pixel_load(pixels + 4 * i, 4);
        float x;
        memcpy(&x, &before, 4);
        words += after;
        assert_int_equal(after, isnan(x) ? before : float_bits((float)((double)x - level)));
    }
    assert_true(sum == words);
}

static uint64_t double_case(int i)
{
    double x = 1000 * sin((double)i);
    uint64_t bits;
    memcpy(&bits, &x, 8);
    return i == 0 ? 0x7ff0000000000001u : i == 1 ? 0xfff8000000000123u : bits;
}

static void test_double(void **state)
{
    unsigned char pixels[8 * COUNT];
    uint64_t words = 0;
    (void)state;
    for (int i = 0; i < COUNT; i++)
        wk_pixel_store(pixels + 8 * i, 8, double_case(i));
    uint64_t sum = wk_pixel_subtract_double(pixels, COUNT, 0.1);
    for (int i = 0; i < COUNT; i++) {
        uint64_t before = double_case(i), after = wk_pixel_load(pixels + 8 * i, 8), wanted;
        double x;
        memcpy(&x, &before, 8);
        x -= 0.1;
        memcpy(&wanted, &x, 8);
        words += (after >> 32) + (after & UINT32_MAX);
        assert_true(after == (i < 2 ? before : wanted));
    }
    assert_true(sum == words);
}

static void test_swap(void **state)
{
    const int16_t two[] = {1, -2};
    const uint64_t eight[] = {0x0102030405060708u};
    unsigned char out[8];
    (void)state;
    wk_pixel_swap(out, two, 2, 2);
    assert_memory_equal(out, "\x00\x01\xff\xfe", 4);
    wk_pixel_swap(out, eight, 1, 8);
    assert_memory_equal(out, "\x01\x02\x03\x04\x05\x06\x07\x08", 8);
    wk_pixel_swap(out, &(float){1.f}, 1, 4);
    assert_memory_equal(out, "\x3f\x80\x00\x00", 4);
    wk_pixel_swap(out, "ab", 2, 1);
    assert_memory_equal(out, "ab", 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_float),
        cmocka_unit_test(test_double),
        cmocka_unit_test(test_swap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
