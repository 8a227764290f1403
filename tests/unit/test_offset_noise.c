#include "offset_noise.h"

#include "offset_case.h"

/* A mean of two stars at both sides: only what is rough about the field and the stars' own errors
 * count; of one star beside the place the gradient, too. */
static void test_variance(void **state)
{
    const wk_offset_noise noise = {0.5, 2, 3, 2};
    const double x[] = {-4, 4}, y[] = {0, 0}, both[] = {0.5, 0.5}, one[] = {1};
    (void)state;
    /* 0.5 / 2 + 2 * 2 * 4 - 2 * 0.25 * 2 * 8; the tilt's part is 0 */
    assert_near(wk_offset_noise_variance(&noise, x, y, both, 2), 0.25 + 16 - 8, 1e-12);
    /* 0.5 + 2 * (2 * 4 + 3 * 16) */
    assert_near(wk_offset_noise_variance(&noise, x, y, one, 1), 0.5 + 2 * 56, 1e-12);
}

static void test_lag(void **state)
{
    (void)state;
    for (int halves = 1; halves <= 3; halves++) {
        const wk_offset_noise noise = {0, 2, 0.25, halves};
        assert_near(wk_offset_noise_lag(&noise, 9), 2 * pow(3, 0.5 * halves) + 0.25 * 9, 1e-14);
    }
}

enum { STARS = 400 };

/* Each star predicted by the one before it and the one after. */
static void share_neighbours(int64_t *starts, int64_t *star, double *weight)
{
    int64_t count = 0;
    for (int64_t i = 0; i < STARS; i++) {
        starts[i] = count;
        for (int64_t k = i - 1; k <= i + 1; k += 2)
            if (i > 0 && i + 1 < STARS) {
                star[count] = k;
                weight[count++] = 0.5;
            }
    }
    starts[STARS] = count;
}

static wk_offset_noise fit(const double *x, const double *y, const double *value)
{
    static int64_t starts[STARS + 1], star[2 * STARS];
    static double weight[2 * STARS], residual[STARS];
    wk_offset_noise noise;
    share_neighbours(starts, star, weight);
    for (int64_t i = 0; i < STARS; i++)
        residual[i] =
            i > 0 && i + 1 < STARS ? value[i] - 0.5 * (value[i - 1] + value[i + 1]) : (double)NAN;
    const wk_offset_shares shares = {x, y, value, STARS, starts, star, weight};
    assert_int_equal(wk_offset_noise_fit(&noise, residual, &shares, NULL), WK_OK);
    return noise;
}

/* Stars on a line with errors of 0.1 alone: a residual has the variance 1.5 * 0.01, of which
 * neighbours share some; its estimate scatters by less than sqrt(4 / 400) of it. */
static void test_white(void **state)
{
    double x[STARS], y[STARS] = {0}, value[STARS];
    float error[STARS];
    (void)state;
    wk_random_gaussian(error, STARS, wk_random_stream(5, 0, 0, 0, 0));
    for (int64_t i = 0; i < STARS; i++) {
        x[i] = (double)(10 * i);
        value[i] = 3 + 0.1 * (double)error[i];
    }
    wk_offset_noise noise = fit(x, y, value);
    const double wx[] = {-10, 10}, wy[] = {0, 0}, w[] = {0.5, 0.5};
    /* all of it together, the star's own error included */
    double variance = noise.star + wk_offset_noise_variance(&noise, wx, wy, w, 2);
    assert_near(variance, 0.015, 5 * 0.1 * 0.015);
}

/* Stars at uneven distances in a random walk: the variance of a step grows with its length. */
static void test_walk(void **state)
{
    double x[STARS], y[STARS] = {0}, value[STARS];
    float step[STARS];
    wk_random random = wk_random_stream(6, 0, 0, 0, 0);
    (void)state;
    wk_random_gaussian(step, STARS, wk_random_stream(7, 0, 0, 0, 0));
    x[0] = value[0] = 0;
    for (int64_t i = 1; i < STARS; i++) {
        double away = wk_random_between(&random, 1, 20);
        x[i] = x[i - 1] + away;
        value[i] = value[i - 1] + 0.2 * sqrt(away) * (double)step[i];
    }
    wk_offset_noise noise = fit(x, y, value);
    const double wx[] = {-8, 8}, wy[] = {0, 0}, w[] = {0.5, 0.5};
    /* half way between two stars 16 apart: 0.04 * 8 * 8 / 16 = 0.16, of a bridge */
    assert_near(wk_offset_noise_variance(&noise, wx, wy, w, 2), 0.16, 5 * 0.1 * 0.16);
}

static void test_few(void **state)
{
    const double x[] = {0, 1}, y[] = {0, 0}, value[] = {1, 2}, residual[] = {-1, 1};
    const int64_t starts[] = {0, 1, 2}, star[] = {1, 0};
    const double weight[] = {1, 1};
    const wk_offset_shares shares = {x, y, value, 2, starts, star, weight};
    wk_offset_noise noise;
    (void)state;
    assert_int_equal(wk_offset_noise_fit(&noise, residual, &shares, NULL), WK_OK);
    assert_true(isnan(noise.star) && isnan(noise.slope) && isnan(noise.tilt));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_variance), cmocka_unit_test(test_lag), cmocka_unit_test(test_white),
        cmocka_unit_test(test_walk),     cmocka_unit_test(test_few),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
