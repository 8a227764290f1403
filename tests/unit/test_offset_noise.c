#include "offset_noise.h"

#include "offset_case.h"

enum { PAIRS = 250, STARS = 2 * PAIRS };

static void test_lag(void **state)
{
    (void)state;
    for (int halves = 1; halves <= 4; halves++) {
        const wk_offset_noise noise = {1, 0.7, halves};
        assert_near(wk_offset_noise_lag(&noise, 9.0), 0.7 * pow(3, 0.5 * halves), 1e-14);
        assert_true(wk_offset_noise_lag(&noise, 0) == 0);
    }
}

/* The header's formula, term by term. */
static void test_variance(void **state)
{
    const double x[] = {3, -2, 7, 0.5}, y[] = {1, 4, -3, -6}, w[] = {0.4, 0.3, 0.1, 0.2};
    (void)state;
    for (int halves = 1; halves <= 4; halves++) {
        const wk_offset_noise noise = {0.25, 0.1, halves};
        double wanted = 0;
        for (int k = 0; k < 4; k++) {
            wanted += 0.25 * w[k] * w[k];
            wanted += 2 * w[k] * 0.1 * pow(hypot(x[k], y[k]), 0.5 * halves);
            for (int l = 0; l < 4; l++)
                wanted -= w[k] * w[l] * 0.1 * pow(hypot(x[k] - x[l], y[k] - y[l]), 0.5 * halves);
        }
        assert_near(wk_offset_noise_variance(&noise, x, y, w, 4), wanted, 1e-13);
    }
}

/* Pairs of stars, each the other's only prediction, at distances of 1 to 100. */
typedef struct pairs {
    double x[STARS], y[STARS], value[STARS], residual[STARS], weight[STARS];
    int64_t starts[STARS + 1], star[STARS];
} pairs;

static wk_offset_noise fit(pairs *p, int64_t count, double star, double slope, int halves,
                           uint64_t seed)
{
    float error[STARS];
    wk_offset_noise noise;
    int64_t made = 0;
    wk_random_gaussian(error, STARS, wk_random_stream(seed, 0, 0, 0, 0));
    for (int64_t i = 0; i < count; i++) {
        const double apart = pow(100, (double)(i / 2) / (PAIRS - 1));
        p->x[i] = 1000 * (double)(i / 2) + (i % 2 ? apart : 0);
        p->y[i] = 7;
        p->value[i] = 0;
        p->residual[i] = NAN;
        p->starts[i] = made;
        if (i % 2 == 0) { /* the other would be the same number once more */
            p->residual[i] =
                (double)error[i] * sqrt(2 * star + 2 * slope * pow(apart, 0.5 * halves));
            p->star[made] = i + 1;
            p->weight[made++] = 1;
        }
    }
    p->starts[count] = made;
    const wk_offset_shares shares = {p->x, p->y, p->value, count, p->starts, p->star, p->weight};
    assert_int_equal(wk_offset_noise_fit(&noise, p->residual, &shares, NULL), WK_OK);
    return noise;
}

/* Over pairs the fitted variances and the true ones agree in the mean: the scale alone scatters by
 * sqrt(2 / 250) = 0.09, and ratios are tried in steps of 10^0.25, which adds half as much. */
static void test_simulated(void **state)
{
    static pairs p;
    (void)state;
    for (int k = 0; k < 9; k++) {
        const int halves = 1 + k % 4;
        const double star = k == 8 ? 0.04 : k < 4 ? 0.01 : 0, slope = k == 8 ? 0 : 0.001;
        const wk_offset_noise noise = fit(&p, STARS, star, slope, halves, (uint64_t)k);
        double sum = 0;
        for (int i = 0; i < PAIRS; i++) {
            const double apart = pow(100, (double)i / (PAIRS - 1));
            const double truth = star + slope * pow(apart, 0.5 * halves);
            sum += (noise.star + wk_offset_noise_lag(&noise, apart * apart)) / truth / PAIRS;
        }
        assert_near(sum, 1, 5 * 0.1);
    }
}

/* Errors of the stars alone are told from a field: 3 sigma of them are fitted within 5 of their
 * scatter, sigma^2 sqrt(2 / 250), and what ratios of 10^0.25 leave. */
static void test_stars_alone(void **state)
{
    static pairs p;
    (void)state;
    const wk_offset_noise noise = fit(&p, STARS, 0.04, 0, 2, 77);
    assert_near(noise.star, 0.04, 5 * 0.04 * 0.09);
}

static void test_limits(void **state)
{
    static pairs p;
    (void)state;
    wk_offset_noise noise = fit(&p, 14, 1, 0, 2, 1); /* seven residuals */
    assert_true(isnan(noise.star) && isnan(noise.slope));
    noise = fit(&p, 16, 1, 0, 2, 1);
    assert_true(isfinite(noise.star) && isfinite(noise.slope));
    noise = fit(&p, STARS, 0, 0, 2, 1); /* a constant field without errors */
    assert_true(noise.star == 0 && noise.slope == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lag),       cmocka_unit_test(test_variance),
        cmocka_unit_test(test_simulated), cmocka_unit_test(test_stars_alone),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
