#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "figure_pixels.h"
#include "figure_chart.h"
#include "memory.h"

static wk_bins count_all(const double *values, size_t count)
{
    wk_bins bins;
    assert_int_equal(wk_bins_count(&bins, values, count, NULL), WK_OK);
    return bins;
}

static int64_t sum_of(const wk_bins *bins)
{
    int64_t sum = bins->below + bins->above;
    for (int k = 0; k < bins->size; k++)
        sum += bins->counts[k];
    return sum;
}

/* 0..7 in the eight bins of a small sample; the last bin holds its upper edge. */
static void test_known_counts(void **state)
{
    (void)state;
    const double values[] = {0, 1, 2, 3, 4, 5, 6, 7, 7};
    wk_bins bins = count_all(values, 9);
    assert_int_equal(bins.size, 8);
    assert_true(bins.low == 0 && bins.high == 7);
    for (int k = 0; k < 7; k++)
        assert_int_equal(bins.counts[k], 1);
    assert_int_equal(bins.counts[7], 2);
    wk_memory_free(bins.counts);
}

/* Two stragglers of a thousand must not squeeze the rest into one bin. */
static void test_stragglers(void **state)
{
    (void)state;
    double values[1000];
    for (int k = 0; k < 1000; k++)
        values[k] = k / 1000.0;
    values[3] = 1e6;
    values[4] = -1e6;
    values[5] = (double)NAN;
    values[6] = (double)INFINITY;
    wk_bins bins = count_all(values, 1000);
    assert_int_equal(bins.total, 998);
    assert_int_equal(bins.below, 1);
    assert_int_equal(bins.above, 1);
    assert_true(bins.low > -1 && bins.high < 2);
    assert_int_equal(sum_of(&bins), 998);
    wk_memory_free(bins.counts);
}

static void test_degenerate_counts(void **state)
{
    (void)state;
    const double none[] = {(double)NAN, (double)NAN}, equal[] = {3, 3, 3};
    wk_bins bins = count_all(none, 2);
    assert_int_equal(bins.total, 0);
    assert_int_equal(sum_of(&bins), 0);
    wk_memory_free(bins.counts);
    bins = count_all(NULL, 0);
    assert_int_equal(bins.total, 0);
    wk_memory_free(bins.counts);
    bins = count_all(equal, 3);
    assert_true(bins.low < 3 && bins.high > 3);
    assert_int_equal(sum_of(&bins), 3);
    wk_memory_free(bins.counts);
}

static const wk_box box = {100, 50, 400, 300};

static void test_histogram(void **state)
{
    (void)state;
    int64_t counts[] = {0, 10, 0, 5};
    wk_bins bins = {0, 4, counts, 4, 0, 0, 15};
    wk_figure *figure = canvas(600, 450);
    wk_bins_style style = {.colour = wk_colour_hex(0xff0000), .title = "title", .name = "name"};
    wk_bins_draw(figure, box, &bins, &style);
    /* bin edges at x = 100 + 400 * (0.12 + k) / 4.24 */
    assert_int_equal(pixel(figure, 160, 340), 0xffffff);
    assert_true((pixel(figure, 253, 100) & 0xff) < 80);
    assert_int_equal(pixel(figure, 347, 340), 0xffffff);
    assert_int_equal(pixel(figure, 441, 190), 0xffffff);
    assert_true((pixel(figure, 441, 230) & 0xff) < 80);
    discard(figure);
}

/* The bell's top: total * width / sqrt(2 pi) = 0.3989 of 1000 in bins one wide. */
static void test_bell(void **state)
{
    (void)state;
    int64_t counts[] = {0, 0, 0, 0, 0, 0, 0, 0};
    wk_bins bins = {-4, 4, counts, 8, 0, 0, 1000};
    wk_figure *figure = canvas(600, 450);
    const wk_bell bell = {0, 1, WK_INK};
    wk_bins_style style = {.colour = wk_colour_hex(0xff0000),
                           .bells = &bell,
                           .bell_count = 1,
                           .title = "title",
                           .name = "name"};
    wk_bins_draw(figure, box, &bins, &style);
    int top = 50; /* the curve is the only ink of this column; it peaks at 1 / 1.08 of the height */
    while (top < 350 && pixel(figure, 300, top) == 0xffffff)
        top++;
    assert_in_range(top, 350 - 300 / 1.08 - 3, 350 - 300 / 1.08 + 3);
    discard(figure);
}

/* On a logarithmic axis from half a value to 10^(1.05 * 3 + 0.1), ten values stand at a share of
 * (1 + 0.301) / (3.25 + 0.301) of the height, and one value at 0.301 / 3.551. */
static void test_logarithmic(void **state)
{
    (void)state;
    int64_t counts[] = {1, 1000, 0, 10};
    wk_bins bins = {0, 4, counts, 4, 0, 0, 1011};
    wk_figure *figure = canvas(600, 450);
    wk_bins_style style = {
        .colour = wk_colour_hex(0xff0000), .logarithmic = 1, .title = "title", .name = "name"};
    wk_bins_draw(figure, box, &bins, &style);
    double ten = 350 - 300 * 1.30103 / 3.55103, one = 350 - 300 * 0.30103 / 3.55103;
    assert_int_equal(pixel(figure, 441, (int)ten - 3), 0xffffff);
    assert_true((pixel(figure, 441, (int)ten + 3) & 0xff) < 80);
    assert_int_equal(pixel(figure, 160, (int)one - 3), 0xffffff);
    assert_true((pixel(figure, 160, (int)one + 3) & 0xff) < 80);
    assert_int_equal(pixel(figure, 347, 345), 0xffffff);
    discard(figure);
}

/* A bell 100 times narrower than the bins stays in the box and leaves a fourth to them. */
static void test_narrow_bell(void **state)
{
    (void)state;
    int64_t counts[] = {100, 100, 100, 100};
    wk_bins bins = {-2, 2, counts, 4, 0, 0, 400};
    const wk_bell bell = {0, 0.01, WK_INK};
    wk_figure *figure = canvas(600, 450);
    wk_bins_style style = {.colour = wk_colour_hex(0xff0000),
                           .bells = &bell,
                           .bell_count = 1,
                           .title = "",
                           .name = "name"};
    wk_bins_draw(figure, box, &bins, &style);
    assert_int_equal(inked(figure, 250, 0, 100, 50), 0);
    assert_true((pixel(figure, 200, 350 - 65) & 0xff) < 80);
    assert_int_equal(pixel(figure, 200, 350 - 75), 0xffffff);
    discard(figure);
}

static wk_stems stems_of(const double *values, const double *errors, size_t count)
{
    wk_stems stems = {values,  errors, count,  wk_colour_hex(0xff0000),
                      "title", "name", "unit", "place"};
    return stems;
}

static void test_stems(void **state)
{
    (void)state;
    const double values[] = {1, -1}, errors[] = {0.25, (double)NAN};
    wk_figure *figure = canvas(600, 450);
    wk_stems stems = stems_of(values, errors, 2);
    wk_stems_draw(figure, box, &stems);
    /* range -1 - 0.18 to 1.25 + 0.18; dots at x = 200 and 400 */
    assert_true((pixel(figure, 200, (int)(350 - 300 * 2.18 / 2.61)) & 0xff) < 60);
    assert_true((pixel(figure, 400, (int)(350 - 300 * 0.18 / 2.61)) & 0xff) < 60);
    assert_true(pixel(figure, 200, (int)(350 - 300 * 2.38 / 2.61)) != 0xffffff);
    assert_int_equal(pixel(figure, 400, (int)(350 - 300 * 0.05 / 2.61)), 0xffffff);
    discard(figure);
}

static void test_degenerate_stems(void **state)
{
    (void)state;
    const double cases[][3] = {{0, 0, 0},
                               {(double)NAN, (double)NAN, (double)NAN},
                               {(double)INFINITY, 1, (double)NAN},
                               {1e300, -1e300, 0},
                               {1e-300, 0, 0}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        wk_figure *figure = canvas(600, 450);
        wk_stems stems = stems_of(cases[k], k % 2 ? cases[k] : NULL, 3);
        wk_stems_draw(figure, box, &stems);
        assert_true(inked(figure, 90, 50, 12, 300) > 300); /* the axis */
        discard(figure);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_counts),
        cmocka_unit_test(test_stragglers),
        cmocka_unit_test(test_degenerate_counts),
        cmocka_unit_test(test_histogram),
        cmocka_unit_test(test_bell),
        cmocka_unit_test(test_logarithmic),
        cmocka_unit_test(test_narrow_bell),
        cmocka_unit_test(test_stems),
        cmocka_unit_test(test_degenerate_stems),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
