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
#include "figure_matrix.h"

enum { GREY = 0xb4b4b4, INK = 0x262626, BLUE = 0x143d78, RED = 0x7d1522, ZERO = 0xf1f1ef };

static const wk_box box = {120, 80, 300, 300};
static const double nan_value = (double)NAN;

static wk_matrix matrix_of(const double *values, int64_t size)
{
    wk_matrix matrix = {.values = values,
                        .size = size,
                        .first = -(double)(size / 2),
                        .step = 1,
                        .centre = size / 2,
                        .signs = 1,
                        .title = "title",
                        .name = "name",
                        .across = "dx",
                        .upward = "dy",
                        .unit = "pixel",
                        .centre_name = "centre",
                        .unknown = "no pairs"};
    return matrix;
}

static wk_figure *drawn(const wk_matrix *matrix)
{
    wk_figure *figure = canvas(620, 520);
    assert_int_equal(wk_matrix_draw(figure, box, matrix, NULL), WK_OK);
    return figure;
}

static wk_matrix_range range_of(const wk_matrix *matrix)
{
    wk_matrix_range range;
    assert_int_equal(wk_matrix_range_find(&range, matrix, NULL), WK_OK);
    return range;
}

/* Near the lower left corner of a cell of 3 x 3, where nothing is written. */
static unsigned cell(wk_figure *figure, int column, int row)
{
    return pixel(figure, 120 + 100 * column + 6, 380 - 100 * row - 6);
}

/* The largest is 0.2 and the centre's 1 does not count; 0.1 stands half way to the red end, which
 * is the map's knot of 3/4. */
static void test_cells(void **state)
{
    (void)state;
    const double values[] = {-0.2, 0.1, nan_value, 0, 1, 0, 0.2, -0.1, 0};
    wk_matrix matrix = matrix_of(values, 3);
    wk_figure *figure = drawn(&matrix);
    assert_int_equal(cell(figure, 0, 0), BLUE);
    assert_int_equal(cell(figure, 1, 0), 0xe5936c);
    assert_int_equal(cell(figure, 2, 0), GREY);
    assert_int_equal(cell(figure, 1, 1), INK);
    assert_int_equal(cell(figure, 0, 1), ZERO);
    assert_int_equal(cell(figure, 0, 2), RED);
    assert_int_equal(cell(figure, 1, 2), 0x6fa6d2);
    /* ticks at the middles of the cells: -1, 0, 1 */
    for (int k = 0; k < 3; k++) {
        assert_true(inked(figure, 120 + 100 * k + 48, 383, 4, 3) > 0);
        assert_true(inked(figure, 115, 80 + 100 * k + 48, 3, 4) > 0);
        assert_int_equal(inked(figure, 120 + 100 * k + 70, 383, 4, 3), 0);
    }
    assert_true(inked(figure, 442, 80, 22, 300) > 22 * 290); /* the bar */
    assert_true(inked(figure, 120, 45, 200, 25) > 50);       /* the title */
    assert_true(inked(figure, 120, 455, 400, 30) > 300);     /* both notes */
    assert_int_equal(inked(figure, 0, 490, 620, 30), 0);
    discard(figure);
}

/* Written values change the middles of the cells only where they fit. */
static void test_written(void **state)
{
    (void)state;
    double values[41 * 41], errors[9];
    for (int k = 0; k < 41 * 41; k++)
        values[k] = 0;
    for (int k = 0; k < 9; k++)
        errors[k] = 0.001;
    values[0] = 0.1;
    wk_matrix matrix = matrix_of(values, 3);
    wk_figure *figure = drawn(&matrix);
    unsigned plain = pixel(figure, 230, 110);
    for (int x = 221; x < 319; x++)
        assert_int_equal(pixel(figure, x, 130), plain);
    discard(figure);
    for (int with = 0; with < 2; with++) {
        matrix.written = 1;
        matrix.errors = with ? errors : NULL;
        figure = drawn(&matrix);
        int dark = 0, lower = 0;
        for (int x = 221; x < 319; x++)
            for (int y = 100; y < 170; y++) {
                dark += pixel(figure, x, y) != plain;
                lower += y > 140 && pixel(figure, x, y) != plain;
            }
        assert_true(dark > 50);
        assert_int_equal(lower > 30, with);
        discard(figure);
    }
    matrix = matrix_of(values, 41); /* cells of 7 units */
    matrix.written = 1;
    figure = drawn(&matrix);
    for (int x = 130; x < 260; x++)
        assert_int_equal(pixel(figure, x, 100), ZERO);
    discard(figure);
}

/* 901 cells share 300 units: a single lag and the centre are seen all the same. */
static void test_finer_than_picture(void **state)
{
    (void)state;
    double *values = calloc(901 * 901, sizeof *values);
    assert_non_null(values);
    wk_matrix matrix = matrix_of(values, 901);
    values[450 * 902] = 1;
    values[100 * 901 + 200] = -0.5;
    wk_figure *figure = drawn(&matrix);
    int blue = 0, ink = 0;
    for (int y = 82; y < 378; y++)
        for (int x = 122; x < 418; x++) {
            blue += pixel(figure, x, y) == BLUE;
            ink += pixel(figure, x, y) == INK;
        }
    assert_int_equal(blue, 1);
    assert_int_equal(ink, 1);
    assert_int_equal(pixel(figure, 120 + 200 * 300 / 901, 379 - 100 * 300 / 901), BLUE);
    discard(figure);
    free(values);
}

static void test_ranges(void **state)
{
    (void)state;
    const double far[] = {-3e-200, 1e-200, 0, nan_value, 1, nan_value, 0, 1e-200, -3e-200};
    wk_matrix matrix = matrix_of(far, 3);
    wk_matrix_range range = range_of(&matrix);
    assert_int_equal(range.finite, 6);
    assert_true(fabs(range.high / 3e-200 - 1) < 1e-6 && range.low == -range.high);
    const double huge[] = {1e250, 0, 0, 0, 1, 0, 0, 0, -1e250};
    matrix.values = huge;
    range = range_of(&matrix);
    assert_true(fabs(range.high / 1e250 - 1) < 1e-6);
    const double none[] = {nan_value, nan_value, nan_value, nan_value, 1,
                           nan_value, nan_value, nan_value, nan_value};
    matrix.values = none;
    assert_int_equal(range_of(&matrix).finite, 0);
}

/* Powers of ten are equally far; a value that is not above 0 has no logarithm. */
static void test_logarithm(void **state)
{
    (void)state;
    const double values[] = {1, 100, 10000, 0, 1, -5, 1, 100, 10000};
    wk_matrix matrix = matrix_of(values, 3);
    matrix.signs = 0;
    matrix.centre = -1;
    matrix.logarithmic = 1;
    wk_matrix_range range = range_of(&matrix);
    assert_int_equal(range.finite, 7);
    assert_true(fabs(range.low) < 1e-6 && fabs(range.high - 4) < 1e-6);
    wk_figure *figure = drawn(&matrix);
    assert_int_equal(cell(figure, 0, 0), 0x440154);
    assert_int_equal(cell(figure, 1, 0), 0x21918c);
    assert_int_equal(cell(figure, 2, 0), 0xfde725);
    assert_int_equal(cell(figure, 0, 1), GREY);
    assert_int_equal(cell(figure, 2, 1), GREY);
    discard(figure);
}

static void test_degenerate(void **state)
{
    (void)state;
    const double cases[][9] = {{0, 0, 0, 0, 0, 0, 0, 0, 0},
                               {0.1, 0.1, 0.1, 0.1, 1, 0.1, 0.1, 0.1, 0.1},
                               {nan_value, nan_value, nan_value, nan_value, nan_value, nan_value,
                                nan_value, nan_value, nan_value},
                               {1e300, -1e300, 1e-300, 0, 1, 0, (double)INFINITY, 0, 0},
                               {1e-310, 0, 0, 0, 1, 0, 0, 0, 0}};
    for (size_t k = 0; k < 2 * sizeof cases / sizeof *cases; k++)
        for (int64_t size = 1; size <= 3; size += 2) {
            wk_matrix matrix = matrix_of(cases[k / 2], size);
            matrix.written = 1;
            matrix.signs = k % 2 == 0;
            matrix.errors = cases[(k / 2 + 1) % 5];
            wk_figure *figure = drawn(&matrix);
            assert_int_equal(inked(figure, 0, 490, 620, 30), 0);
            assert_true(inked(figure, 120, 80, 300, 300) > 300 * 290); /* letters may be white */
            discard(figure);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cells),     cmocka_unit_test(test_written),
        cmocka_unit_test(test_ranges),    cmocka_unit_test(test_finer_than_picture),
        cmocka_unit_test(test_logarithm), cmocka_unit_test(test_degenerate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
