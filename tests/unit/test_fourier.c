#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fourier.h"
#include "random.h"

static void test_sizes(void **state)
{
    (void)state;
    const int64_t want[] = {1, 1, 2, 3, 4, 5, 6, 8, 8, 9, 10, 12, 12, 15, 15, 15, 16, 18};
    for (int64_t n = 0; n < 18; n++)
        assert_int_equal(wk_fourier_size(n), want[n]);
    assert_int_equal(wk_fourier_size(-5), 1);
    assert_int_equal(wk_fourier_size(4097), 4320);
    assert_int_equal(wk_fourier_size(1025), 1080);
    assert_int_equal(wk_fourier_size(62501), 64000);
}

typedef struct pair {
    wk_fourier *plan;
    int64_t rows, columns, stride;
    double *re, *im, *room;
} pair;

static pair make(int64_t rows, int64_t columns)
{
    pair made = {.rows = rows, .columns = columns};
    assert_int_equal(wk_fourier_create(&made.plan, rows, columns, NULL), WK_OK);
    made.stride = wk_fourier_stride(made.plan);
    made.re = calloc(wk_fourier_plane(made.plan), sizeof *made.re);
    made.im = calloc(wk_fourier_plane(made.plan), sizeof *made.im);
    made.room = malloc(wk_fourier_room(made.plan) * sizeof *made.room);
    assert_true(made.re && made.im && made.room);
    return made;
}

static void release(pair *of)
{
    wk_fourier_free(of->plan);
    free(of->re);
    free(of->im);
    free(of->room);
}

static void fill(pair *of, int64_t filled, uint64_t seed)
{
    wk_random random = wk_random_stream(seed, 0, 0, 0, 0);
    for (int64_t y = 0; y < filled; y++)
        for (int64_t x = 0; x < of->columns; x++) {
            of->re[y * of->stride + x] = wk_random_between(&random, -1.0, 1.0);
            of->im[y * of->stride + x] = wk_random_between(&random, -1.0, 1.0);
        }
}

/* exp(-2 pi i k / n) with the turns taken off, in long double */
static void root(long double *c, long double *s, int64_t k, int64_t n)
{
    long double angle = 2.0L * acosl(-1.0L) * (long double)(k % n) / (long double)n;
    *c = cosl(angle);
    *s = -sinl(angle);
}

/* The definition, with two sums, in long double. */
static void definition(double *re, double *im, const pair *of, int64_t k, int64_t l)
{
    long double sum_re = 0.0L, sum_im = 0.0L;
    for (int64_t y = 0; y < of->rows; y++)
        for (int64_t x = 0; x < of->columns; x++) {
            long double c, s, d, t;
            root(&c, &s, k * y, of->rows);
            root(&d, &t, l * x, of->columns);
            long double turn_re = c * d - s * t, turn_im = c * t + s * d;
            long double a = (long double)of->re[y * of->stride + x];
            long double b = (long double)of->im[y * of->stride + x];
            sum_re += a * turn_re - b * turn_im;
            sum_im += a * turn_im + b * turn_re;
        }
    *re = (double)sum_re;
    *im = (double)sum_im;
}

/* Rounding: some 1e-16 * log2(n) of the root of the sum of squares, n <= 1000. */
static void check_definition(int64_t rows, int64_t columns)
{
    pair of = make(rows, columns), done = make(rows, columns);
    int64_t filled = rows > 2 ? rows - 1 : rows;
    fill(&of, filled, 5);
    fill(&done, filled, 5);
    wk_fourier_forward(done.plan, done.re, done.im, filled, done.room);
    double allowed = 3e-15 * sqrt((double)(rows * columns));
    for (int64_t i = 0; i < rows * columns; i += 1 + rows * columns / 40) {
        double re, im;
        int64_t at = i / columns * of.stride + i % columns;
        definition(&re, &im, &of, i / columns, i % columns);
        assert_true(fabs(done.re[at] - re) <= allowed && fabs(done.im[at] - im) <= allowed);
    }
    wk_fourier_inverse(done.plan, done.re, done.im, rows, done.room);
    double norm = 1.0 / (double)(rows * columns);
    for (int64_t i = 0; i < rows * columns; i++) {
        int64_t at = i / columns * of.stride + i % columns;
        assert_true(fabs(done.re[at] * norm - of.re[at]) < 1e-14);
        assert_true(fabs(done.im[at] * norm - of.im[at]) < 1e-14);
    }
    release(&of);
    release(&done);
}

static void test_is_the_definition(void **state)
{
    (void)state;
    const int64_t sizes[][2] = {{1, 1},  {1, 2},   {2, 1},  {3, 1},   {1, 5},  {4, 4},
                                {5, 3},  {6, 10},  {8, 9},  {15, 25}, {27, 4}, {16, 20},
                                {30, 2}, {1, 125}, {48, 1}, {12, 45}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        check_definition(sizes[i][0], sizes[i][1]);
}

/* Only the rows that were asked for are made; they are the same. */
static void test_wanted_rows_are_the_same(void **state)
{
    (void)state;
    pair a = make(20, 18), b = make(20, 18);
    fill(&a, 20, 2);
    fill(&b, 20, 2);
    wk_fourier_inverse(a.plan, a.re, a.im, 20, a.room);
    wk_fourier_inverse(b.plan, b.re, b.im, 5, b.room);
    for (int64_t y = 0; y < 5; y++) {
        size_t row = (size_t)a.columns * sizeof(double);
        assert_memory_equal(a.re + y * a.stride, b.re + y * b.stride, row);
        assert_memory_equal(a.im + y * a.stride, b.im + y * b.stride, row);
    }
    release(&a);
    release(&b);
}

/* Circular correlation of both planes, sum by sum. */
static void check_correlation(int64_t rows, int64_t columns)
{
    pair a = make(rows, columns), b = make(rows, columns);
    pair done = make(rows, columns), other = make(rows, columns);
    fill(&a, rows, 1);
    fill(&b, rows, 9);
    fill(&done, rows, 1);
    fill(&other, rows, 9);
    wk_fourier_forward(done.plan, done.re, done.im, rows, done.room);
    wk_fourier_forward(other.plan, other.re, other.im, rows, other.room);
    wk_fourier_correlate(done.plan, done.re, done.im, other.re, other.im);
    wk_fourier_inverse(done.plan, done.re, done.im, rows, done.room);
    double count = (double)(rows * columns);
    for (int64_t i = 0; i < rows * columns; i++) {
        double re = 0.0, im = 0.0;
        for (int64_t p = 0; p < rows * columns; p++) {
            int64_t y = (p / columns + i / columns) % rows, x = (p + i) % columns;
            int64_t from = p / columns * a.stride + p % columns, to = y * a.stride + x;
            re += a.re[from] * b.re[to];
            im += a.im[from] * b.im[to];
        }
        int64_t at = i / columns * a.stride + i % columns;
        assert_true(fabs(done.re[at] / count - re) < 1e-14 * count);
        assert_true(fabs(done.im[at] / count - im) < 1e-14 * count);
    }
    release(&a);
    release(&b);
    release(&done);
    release(&other);
}

static void test_correlates(void **state)
{
    (void)state;
    check_correlation(1, 1);
    check_correlation(1, 6);
    check_correlation(5, 1);
    check_correlation(8, 9);
    check_correlation(9, 8);
    check_correlation(15, 5);
}

/* An impulse becomes a wave of height 1, for long lines too. */
static void test_impulse_of_long_lines(void **state)
{
    (void)state;
    const int64_t rows = 3, columns = 30000, place = 12345;
    pair of = make(rows, columns);
    of.re[place] = 1.0;
    wk_fourier_forward(of.plan, of.re, of.im, 1, of.room);
    for (int64_t x = 0; x < columns; x += 7) {
        long double c, s;
        root(&c, &s, x * place, columns);
        assert_true(fabs(of.re[2 * of.stride + x] - (double)c) < 1e-14);
        assert_true(fabs(of.im[2 * of.stride + x] - (double)s) < 1e-14);
    }
    release(&of);
}

static void test_refuses_other_lengths(void **state)
{
    (void)state;
    wk_fourier *plan = NULL;
    wk_error error;
    assert_int_equal(wk_fourier_create(&plan, 4, 14, &error), WK_ARGUMENT);
    assert_non_null(strstr(error.message, "14"));
    assert_int_equal(wk_fourier_create(&plan, 0, 4, &error), WK_ARGUMENT);
    assert_null(plan);
    wk_fourier_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_is_the_definition),
        cmocka_unit_test(test_wanted_rows_are_the_same),
        cmocka_unit_test(test_correlates),
        cmocka_unit_test(test_impulse_of_long_lines),
        cmocka_unit_test(test_refuses_other_lengths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
