#include "offset_survey.h"

#include "offset_case.h"

enum { WIDTH = 37, HEIGHT = 23 };

typedef struct plane {
    double x[HEIGHT][WIDTH], y[HEIGHT][WIDTH];
} plane;

static void fill(plane *p)
{
    wk_random random = wk_random_stream(3, 1, 4, 1, 5);
    for (int r = 0; r < HEIGHT; r++)
        for (int c = 0; c < WIDTH; c++) {
            p->x[r][c] = wk_random_between(&random, -5, 5);
            p->y[r][c] = wk_random_between(&random, 10, 11);
        }
    p->x[7][11] = p->y[9][36] = NAN;
}

static wk_offset_tally count(const plane *p, int first, int end)
{
    wk_offset_tally tally = wk_offset_tally_start();
    for (int r = first; r < end; r++) {
        wk_offset_tally_row(&tally, p->x[r], p->y[r], WIDTH);
        wk_offset_tally_jumps(&tally, r > 0 ? p->x[r - 1] : NULL, p->x[r],
                              r + 1 < HEIGHT ? p->x[r + 1] : NULL, r, WIDTH);
        wk_offset_tally_jumps(&tally, r > 0 ? p->y[r - 1] : NULL, p->y[r],
                              r + 1 < HEIGHT ? p->y[r + 1] : NULL, r, WIDTH);
    }
    return tally;
}

/* The same by loops. */
static void test_numbers(void **state)
{
    static plane p;
    double sum = 0, low = INFINITY, high = -INFINITY, jump = 0, bend = 0;
    int known = 0;
    (void)state;
    fill(&p);
    wk_offset_tally all = count(&p, 0, 10), rest = count(&p, 10, HEIGHT);
    wk_offset_tally_join(&all, &rest);
    wk_offset_summary s = wk_offset_tally_summary(&all, 0);
    for (int r = 0; r < HEIGHT; r++)
        for (int c = 0; c < WIDTH; c++) {
            double v = p.x[r][c];
            if (isnan(v))
                continue;
            sum += v;
            known++;
            low = fmin(low, v);
            high = fmax(high, v);
            jump = fmax(jump, c + 1 < WIDTH ? fabs(p.x[r][c + 1] - v) : 0);
            jump = fmax(jump, r + 1 < HEIGHT ? fabs(p.x[r + 1][c] - v) : 0);
            if (r > 0 && c > 0 && r + 1 < HEIGHT && c + 1 < WIDTH)
                bend = fmax(bend, fabs(p.x[r][c - 1] + p.x[r][c + 1] + p.x[r - 1][c] +
                                       p.x[r + 1][c] - 4 * v));
        }
    assert_true(s.min[0] == low && s.max[0] == high && s.largest_jump == jump);
    assert_near(s.mean[0], sum / known, 1e-14);
    assert_near(s.largest_bend, bend, 1e-13);
    assert_int_equal(s.unknown, 2);
    assert_true(s.min[1] >= 10 && s.max[1] <= 11 && isnan(s.error[0]));
    assert_int_equal(s.outside, -1);
    const double *a = &p.x[s.jump_y][s.jump_x];
    assert_true(fabs(a[1] - a[0]) == jump || fabs(a[WIDTH] - a[0]) == jump);
}

static void test_errors(void **state)
{
    const double x[] = {3, 4, NAN}, y[] = {1, 1, NAN}, value[] = {0, 0, NAN};
    const uint8_t flag[] = {0, WK_OFFSET_OUTSIDE, WK_OFFSET_OUTSIDE | WK_OFFSET_UNKNOWN};
    wk_offset_tally tally = wk_offset_tally_start();
    (void)state;
    wk_offset_tally_row(&tally, value, value, 3);
    wk_offset_tally_errors(&tally, x, y, flag, 3);
    wk_offset_summary s = wk_offset_tally_summary(&tally, 1);
    assert_near(s.error[0], sqrt(12.5), 1e-15);
    assert_near(s.error[1], 1, 1e-15);
    assert_int_equal(s.outside, 2);
    assert_int_equal(s.unknown, 1);
}

static void test_nothing(void **state)
{
    const double none[] = {NAN, NAN};
    wk_offset_tally tally = wk_offset_tally_start();
    (void)state;
    wk_offset_tally_row(&tally, none, none, 2);
    wk_offset_tally_jumps(&tally, NULL, none, NULL, 0, 2);
    wk_offset_summary s = wk_offset_tally_summary(&tally, 0);
    assert_true(isnan(s.min[0]) && isnan(s.max[1]) && isnan(s.mean[0]));
    assert_true(s.largest_jump == 0 && s.unknown == 2);
    assert_true(wk_offset_apart(none, none, 2) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_numbers),
                                       cmocka_unit_test(test_errors),
                                       cmocka_unit_test(test_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
