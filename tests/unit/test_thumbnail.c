#include "thumbnail.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "welkin/rows.h"

enum { WIDTH = 101, HEIGHT = 83 };

static float pixels[HEIGHT][WIDTH];
static uint8_t mask[HEIGHT][WIDTH];
static wk_rows_view view;

static wk_rows make(void)
{
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            pixels[y][x] = (float)((x * 31 + y * 17) % 97) - 40;
            mask[y][x] = (x + y) % 13 == 0;
        }
    for (int x = 20; x < 40; x++)
        for (int y = 10; y < 20; y++)
            pixels[y][x] = NAN;
    pixels[0][0] = INFINITY;
    pixels[50][50] = -1e6F;
    mask[50][50] = 1;
    view = (wk_rows_view){{pixels[0], WIDTH, HEIGHT, WIDTH}, mask[0], NULL};
    return wk_rows_of_view(&view);
}

static double mean_of(int64_t binning, int64_t i, int64_t j)
{
    double sum = 0;
    int count = 0;
    for (int64_t y = j * binning; y < (j + 1) * binning && y < HEIGHT; y++)
        for (int64_t x = i * binning; x < (i + 1) * binning && x < WIDTH; x++)
            if (isfinite(pixels[y][x])) {
                sum += (double)pixels[y][x];
                count++;
            }
    return count ? sum / count : (double)NAN;
}

static void test_binning(void **state)
{
    (void)state;
    assert_int_equal(wk_thumbnail_binning(100, 100, 100, 100), 1);
    assert_int_equal(wk_thumbnail_binning(101, 50, 100, 100), 2);
    assert_int_equal(wk_thumbnail_binning(50, 301, 100, 100), 4);
    assert_int_equal(wk_thumbnail_binning(8192, 8192, 1000, 1000), 9);
}

static void test_means(void **state)
{
    (void)state;
    wk_rows rows = make();
    for (int64_t binning = 1; binning < 120; binning += 1 + binning / 4) {
        wk_thumbnail found;
        assert_int_equal(wk_thumbnail_make(&found, &rows, binning, 1, NULL, NULL), WK_OK);
        assert_int_equal(found.width, (WIDTH + binning - 1) / binning);
        assert_int_equal(found.height, (HEIGHT + binning - 1) / binning);
        for (int64_t j = 0; j < found.height; j++)
            for (int64_t i = 0; i < found.width; i++) {
                double value = (double)found.values[j * found.width + i];
                double wanted = mean_of(binning, i, j);
                /* half a unit in float32's last place */
                assert_true(isnan(wanted) ? isnan(value)
                                          : fabs(value - wanted) <= 6e-8 * fabs(wanted));
            }
        assert_int_equal(found.finite, WIDTH * HEIGHT - 201);
        assert_true(found.min == -1e6 && found.max == 56);
        assert_true(found.good_min == -40 && found.good_max == 56);
        assert_int_equal(found.finite_of[0], WIDTH - 1);
        assert_int_equal(found.finite_of[15], WIDTH - 20);
        wk_thumbnail_release(&found);
    }
}

static void test_threads(void **state)
{
    (void)state;
    wk_rows rows = make();
    wk_thumbnail one, many;
    const wk_context single = {.threads = 1}, several = {.threads = 5};
    assert_int_equal(wk_thumbnail_make(&one, &rows, 3, 0, &single, NULL), WK_OK);
    assert_int_equal(wk_thumbnail_make(&many, &rows, 3, 0, &several, NULL), WK_OK);
    assert_memory_equal(one.values, many.values,
                        (size_t)(one.width * one.height) * sizeof *one.values);
    wk_thumbnail_release(&one);
    wk_thumbnail_release(&many);
}

static void test_nothing_finite(void **state)
{
    (void)state;
    wk_rows rows = make();
    wk_thumbnail found;
    for (int i = 0; i < WIDTH * HEIGHT; i++)
        pixels[i / WIDTH][i % WIDTH] = NAN;
    assert_int_equal(wk_thumbnail_make(&found, &rows, 10, 1, NULL, NULL), WK_OK);
    assert_int_equal(found.finite, 0);
    assert_true(isnan(found.min) && isnan(found.good_max) && isnan(found.values[0]));
    wk_thumbnail_release(&found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_binning),
        cmocka_unit_test(test_means),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_nothing_finite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
