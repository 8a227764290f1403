#include "offset_survey.h"

#include "offset_case.h"

enum { WIDTH = 23, HEIGHT = 9 };

static void fill(double *plane, uint64_t seed)
{
    wk_random random = wk_random_stream(seed, 0, 0, 0, 0);
    for (int i = 0; i < WIDTH * HEIGHT; i++)
        plane[i] = wk_random_between(&random, -5, 5);
    plane[3] = plane[WIDTH * 4 + 11] = NAN;
}

static double difference(const double *p, int a, int b)
{
    return isnan(p[a]) || isnan(p[b]) ? 0 : fabs(p[a] - p[b]);
}

static void test_sums(void **state)
{
    double x[WIDTH * HEIGHT], y[WIDTH * HEIGHT];
    uint8_t flag[WIDTH * HEIGHT] = {0};
    (void)state;
    for (int width = 1; width <= WIDTH; width++) { /* every remainder of a vector */
        fill(x, 1);
        fill(y, 2);
        wk_offset_tally all = wk_offset_tally_start();
        double sum = 0, least = INFINITY, most = -INFINITY, squares = 0;
        int known = 0, outside = 0;
        for (int row = 0; row < HEIGHT; row++) {
            wk_offset_tally part = wk_offset_tally_start();
            for (int i = row * WIDTH; i < row * WIDTH + width; i++) {
                flag[i] = i % 3 == 0 ? WK_OFFSET_OUTSIDE : WK_OFFSET_ONE_SIDE;
                outside += i % 3 == 0;
                if (isnan(x[i]))
                    continue;
                known++;
                sum += x[i];
                squares += x[i] * x[i];
                least = fmin(least, x[i]);
                most = fmax(most, x[i]);
            }
            wk_offset_tally_row(&part, x + row * WIDTH, y + row * WIDTH, width);
            wk_offset_tally_errors(&part, x + row * WIDTH, y + row * WIDTH, flag + row * WIDTH,
                                   width);
            wk_offset_tally_join(&all, &part);
        }
        const wk_offset_summary s = wk_offset_tally_summary(&all, 1);
        assert_true(s.min[0] == least && s.max[0] == most);
        assert_near(s.mean[0], sum / known, 1e-13);
        assert_near(s.error[0], sqrt(squares / known), 1e-13);
        assert_int_equal(s.unknown, HEIGHT * width - known);
        assert_int_equal(s.outside, outside);
        assert_int_equal(wk_offset_tally_summary(&all, 0).outside, -1);
        assert_true(isnan(wk_offset_tally_summary(&all, 0).error[0]));
    }
}

static void test_jumps(void **state)
{
    double p[WIDTH * HEIGHT];
    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        wk_offset_tally all = wk_offset_tally_start();
        double jump = 0, bend = 0;
        int at = 0;
        fill(p, seed);
        for (int row = 0; row < HEIGHT; row++)
            wk_offset_tally_jumps(&all, row > 0 ? p + (row - 1) * WIDTH : NULL, p + row * WIDTH,
                                  row + 1 < HEIGHT ? p + (row + 1) * WIDTH : NULL, row, WIDTH);
        for (int i = 0; i < WIDTH * HEIGHT; i++) {
            const int x = i % WIDTH, y = i / WIDTH;
            const double right = x + 1 < WIDTH ? difference(p, i, i + 1) : 0;
            const double up = y + 1 < HEIGHT ? difference(p, i, i + WIDTH) : 0;
            if (fmax(right, up) > jump) {
                jump = fmax(right, up);
                at = i;
            }
            if (x > 0 && y > 0 && x + 1 < WIDTH && y + 1 < HEIGHT) {
                const double b = p[i - 1] + p[i + 1] + p[i - WIDTH] + p[i + WIDTH] - 4 * p[i];
                bend = fmax(bend, fabs(b));
            }
        }
        assert_true(all.jump == jump);
        assert_int_equal(all.jump_x, at % WIDTH);
        assert_int_equal(all.jump_y, at / WIDTH);
        assert_near(all.bend, bend, 1e-13);
    }
}

/* Errors that are not known are no errors of 0. */
static void test_unknown(void **state)
{
    const double value[] = {1, 2, 3, 4}, none[] = {NAN, NAN, NAN, NAN}, some[] = {NAN, 3, NAN, 4};
    const uint8_t flag[4] = {0};
    wk_offset_tally t = wk_offset_tally_start();
    (void)state;
    wk_offset_tally_row(&t, value, none, 4);
    wk_offset_tally_errors(&t, none, some, flag, 4);
    const wk_offset_summary s = wk_offset_tally_summary(&t, 1);
    assert_true(isnan(s.error[0]));
    assert_near(s.error[1], sqrt(12.5), 1e-15);
    assert_true(s.mean[0] == 2.5 && isnan(s.mean[1]) && isnan(s.min[1]) && isnan(s.max[1]));
    assert_int_equal(s.unknown, 4);
    assert_true(wk_offset_apart(value, none, 4) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sums),
        cmocka_unit_test(test_jumps),
        cmocka_unit_test(test_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
