#include "sample.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WIDTH = 100, HEIGHT = 80 };

static float pixels[HEIGHT][WIDTH];

/* Each pixel tells where it is. */
static wk_rows make(wk_rows_view *view)
{
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            pixels[y][x] = (float)(1000 * y + x);
    *view = (wk_rows_view){{pixels[0], WIDTH, HEIGHT, WIDTH}, NULL, NULL};
    return wk_rows_of_view(view);
}

/* sqrt(8000 / 80) = 10: pixels 0, 10, 20, ... of rows 0, 10, 20, ... */
static void test_lattice(void **state)
{
    (void)state;
    wk_rows_view view;
    wk_rows rows = make(&view);
    wk_sample sample = {0};
    assert_int_equal(wk_sample_lattice(&sample, &rows, 80, NULL), WK_OK);
    assert_int_equal(sample.count, 80);
    for (int k = 0; k < 80; k++)
        assert_true(sample.values[k] == (float)(10000 * (k / 10) + 10 * (k % 10)));
    assert_int_equal(wk_sample_lattice(&sample, &rows, 80, NULL), WK_OK);
    assert_int_equal(sample.count, 160); /* behind what was there */
    wk_sample_release(&sample);
}

/* Where the lattice meets too few finite pixels the next finer one is tried. */
static void test_lattice_becomes_finer(void **state)
{
    (void)state;
    wk_rows_view view;
    wk_rows rows = make(&view);
    wk_sample sample = {0};
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            if (y % 10 == 0 && x % 20 == 0)
                pixels[y][x] = NAN;
    assert_int_equal(wk_sample_lattice(&sample, &rows, 80, NULL), WK_OK);
    int expected = 0;
    for (int y = 0; y < HEIGHT; y += 9)
        for (int x = 0; x < WIDTH; x += 9)
            expected += isfinite(pixels[y][x]);
    assert_true(expected > 64);
    assert_int_equal(sample.count, expected);
    wk_sample_release(&sample);
    for (int i = 0; i < WIDTH * HEIGHT; i++)
        pixels[i / WIDTH][i % WIDTH] = i == 4321 ? 5 : INFINITY;
    assert_int_equal(wk_sample_lattice(&sample, &rows, 80, NULL), WK_OK);
    assert_int_equal(sample.count, 1);
    assert_true(sample.values[0] == 5);
    wk_sample_release(&sample);
}

/* numpy's values[isfinite][::step][:size]. */
static void test_every(void **state)
{
    (void)state;
    wk_rows_view view;
    wk_rows rows = make(&view);
    wk_sample sample = {0};
    int32_t finite[HEIGHT] = {0};
    float kept[WIDTH * HEIGHT];
    int count = 0;
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
        if (i % 7 == 3 || (i > 2000 && i < 2500))
            pixels[i / WIDTH][i % WIDTH] = i % 2 ? NAN : -INFINITY;
        if (isfinite(pixels[i / WIDTH][i % WIDTH])) {
            finite[i / WIDTH]++;
            kept[count++] = pixels[i / WIDTH][i % WIDTH];
        }
    }
    const int sizes[] = {50, 1000, 6000, 9000};
    for (int k = 0; k < 4; k++) {
        int step = count / sizes[k] > 1 ? count / sizes[k] : 1;
        int wanted = (count + step - 1) / step;
        wanted = wanted < sizes[k] ? wanted : sizes[k];
        sample.count = 0;
        assert_int_equal(wk_sample_every(&sample, &rows, finite, sizes[k], NULL), WK_OK);
        assert_int_equal(sample.count, wanted);
        for (int i = 0; i < wanted; i++)
            assert_true(sample.values[i] == kept[i * step]);
    }
    wk_sample_release(&sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lattice),
        cmocka_unit_test(test_lattice_becomes_finer),
        cmocka_unit_test(test_every),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
