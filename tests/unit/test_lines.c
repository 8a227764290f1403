#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lines.h"
#include "random.h"

enum { LINES = 19, WIDTH = 37 };

static double lines[LINES * WIDTH], factors[LINES];

static void fill(uint64_t seed)
{
    wk_random random = wk_random_stream(seed, 0, 0, 0, 0);
    for (int i = 0; i < LINES * WIDTH; i++)
        lines[i] = wk_random_between(&random, -1.0, 1.0);
    for (int i = 0; i < LINES; i++)
        factors[i] = wk_random_between(&random, -1.0, 1.0);
}

static void test_add(void **state)
{
    (void)state;
    fill(1);
    for (int count = 0; count <= LINES; count++)
        for (int n = 0; n <= WIDTH; n++) {
            double out[WIDTH + 1];
            for (int j = 0; j <= WIDTH; j++)
                out[j] = j;
            wk_lines_add(out, lines, WIDTH, factors, count, n);
            for (int j = 0; j <= WIDTH; j++) {
                double expected = j;
                for (int q = 0; j < n && q < count; q++)
                    expected += factors[q] * lines[q * WIDTH + j];
                assert_true(fabs(out[j] - expected) < 1e-13);
            }
        }
}

static void test_dot(void **state)
{
    (void)state;
    fill(2);
    for (int n = 0; n <= 100; n++) {
        double expected = 0.0;
        for (int j = 0; j < n; j++)
            expected += lines[j] * lines[200 + j];
        assert_true(fabs(wk_lines_dot(lines, lines + 200, n) - expected) < 1e-14);
    }
}

/* The lower triangle is not read; rows in two parts are all rows. */
static void test_symmetric(void **state)
{
    (void)state;
    fill(3);
    for (int n = 1; n <= LINES; n++)
        for (int from = 0; from < n; from++) {
            double matrix[LINES * LINES], out[LINES] = {0}, vector[LINES];
            for (int i = 0; i < n; i++) {
                vector[i] = i < from ? (double)NAN : factors[i];
                for (int j = 0; j < n; j++)
                    matrix[i * LINES + j] = j < i ? (double)NAN : lines[i * WIDTH + j];
            }
            int middle = from + (n - from) / 2;
            wk_lines_symmetric(out, matrix, LINES, vector, from, middle, n);
            wk_lines_symmetric(out, matrix, LINES, vector, middle, n, n);
            for (int i = from; i < n; i++) {
                double expected = 0.0;
                for (int j = from; j < n; j++)
                    expected += vector[j] * lines[(i < j ? i : j) * WIDTH + (i < j ? j : i)];
                assert_true(fabs(out[i] - expected) < 1e-14);
            }
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_add),
        cmocka_unit_test(test_dot),
        cmocka_unit_test(test_symmetric),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
