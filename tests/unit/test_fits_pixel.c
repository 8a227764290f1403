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

/* Every length, so that whatever is done in one go has every rest. */
static void test_store_floats(void **state)
{
    float from[COUNT];
    unsigned char to[4 * COUNT + 1];
    (void)state;
    for (int i = 0; i < COUNT; i++) {
        uint32_t bits = float_case(i);
        memcpy(&from[i], &bits, 4);
    }
    for (size_t count = 0; count <= COUNT; count++) {
        uint64_t words = 0;
        memset(to, 'x', sizeof to);
        uint64_t sum = wk_pixel_store_floats(to, from, count);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(wk_pixel_load(to + 4 * i, 4), float_case((int)i));
            words += float_case((int)i);
        }
        assert_true(sum == words);
        assert_int_equal(to[4 * count], 'x');
    }
}

/* There and back nothing changes, NaNs with payloads included. */
static void test_widen_and_narrow(void **state)
{
    unsigned char floats[4 * COUNT], doubles[8 * COUNT];
    double values[COUNT];
    uint64_t words = 0, halves = 0;
    (void)state;
    for (int i = 0; i < COUNT; i++) {
        wk_pixel_store(floats + 4 * i, 4, float_case(i));
        wk_pixel_store(doubles + 8 * i, 8, double_case(i));
        words += float_case(i);
        halves += (double_case(i) >> 32) + (double_case(i) & UINT32_MAX);
    }
    wk_pixel_widen(values, floats, COUNT, 4);
    assert_true(values[4] == 0x1.fffffep127 && values[3] == 0x1p-149); /* exact in binary */
    assert_true(wk_pixel_narrow(floats, values, COUNT, 4) == words);
    wk_pixel_widen(values, doubles, COUNT, 8);
    assert_true(values[2] == 1000 * sin(2.0));
    assert_true(wk_pixel_narrow(doubles, values, COUNT, 8) == halves);
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(wk_pixel_load(floats + 4 * i, 4), float_case(i));
        assert_true(wk_pixel_load(doubles + 8 * i, 8) == double_case(i));
    }
}

/* Rounded once, to the nearest; a NaN may come and go. */
static void test_narrow_rounds(void **state)
{
    const double values[] = {1 + 0x1p-24 + 0x1p-40, 1e300, 5, (double)NAN};
    const uint32_t before[] = {0, 0, 0x7fc12345, 0x3f800000};
    unsigned char pixels[16];
    (void)state;
    for (int i = 0; i < 4; i++)
        wk_pixel_store(pixels + 4 * i, 4, before[i]);
    wk_pixel_narrow(pixels, values, 4, 4);
    assert_int_equal(wk_pixel_load(pixels, 4), 0x3f800001);
    assert_int_equal(wk_pixel_load(pixels + 4, 4), 0x7f800000);
    assert_int_equal(wk_pixel_load(pixels + 8, 4), float_bits(5));
    assert_true((wk_pixel_load(pixels + 12, 4) & 0x7fffffff) > 0x7f800000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_float),
        cmocka_unit_test(test_double),
        cmocka_unit_test(test_swap),
        cmocka_unit_test(test_store_floats),
        cmocka_unit_test(test_widen_and_narrow),
        cmocka_unit_test(test_narrow_rounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
