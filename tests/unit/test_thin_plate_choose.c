#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "random.h"
#include "thin_plate_model.h"

enum { M = 200 };

/* Gains that fall as those of a plate do; a signal of the expected size k^-3 and noise of 1. */
static wk_plate_spectrum spectrum_make(double *gain, double *square, double signal, uint64_t seed)
{
    float noise[M];
    wk_random_gaussian(noise, M, wk_random_stream(seed, 0, 0, 0, 0));
    for (int k = 0; k < M; k++) {
        gain[k] = pow(k + 1.0, -2.0);
        double value = signal * pow(k + 1.0, -3.0) + (double)noise[k];
        square[k] = value * value;
    }
    return (wk_plate_spectrum){gain, square, 0.0, M, M + 3, M + 3, 3};
}

static void test_units(void **state)
{
    (void)state;
    assert_true(fabs(wk_plate_shift_of(50.0, 10.0) - 4.0 * 3.14159265358979323846) < 1e-14);
    assert_true(fabs(wk_plate_lambda_of(wk_plate_shift_of(7.0, 3.0), 3.0) - 7.0) < 1e-14);
}

static void test_trace(void **state)
{
    (void)state;
    const double gain[] = {1.0, 3.0}, square[] = {1.0, 1.0};
    wk_plate_spectrum spectrum = {gain, square, 0.0, 2, 5, 5, 3};
    assert_true(fabs(wk_plate_trace(&spectrum, 1.0) - (3.0 + 0.5 + 0.75)) < 1e-15);
    assert_true(wk_plate_trace(&spectrum, 0.0) == 5.0);
}

/* Two gains, the shift that of one: rest 1 + 4 / 4 + 9, 0.5 + 1 + 2 numbers lost of 8. */
static void test_score(void **state)
{
    (void)state;
    const double gain[] = {1.0, 1e-300}, square[] = {4.0, 9.0};
    wk_plate_spectrum spectrum = {gain, square, 1.0, 2, 10, 10, 6};
    double expected = 11.0 * 10.0 / (3.5 * 3.5) * (0.3 + 0.7 * 6.25 / 10.0);
    assert_true(fabs(wk_plate_score(&spectrum, 1.0) / expected - 1.0) < 1e-14);
}

/* The loss sum (kept value - signal)^2 is known: the choice costs little more than its minimum. */
static void test_loss(void **state)
{
    (void)state;
    double gain[M], square[M], ratio = 0.0;
    const double signals[] = {30.0, 1000.0, 30000.0};
    for (int s = 0; s < 3; s++)
        for (uint64_t seed = 1; seed <= 20; seed++) {
            float noise[M];
            wk_plate_spectrum spectrum = spectrum_make(gain, square, signals[s], seed);
            double chosen = wk_plate_shift_choose(&spectrum), least = INFINITY, here = 0.0;
            wk_random_gaussian(noise, M, wk_random_stream(seed, 0, 0, 0, 0));
            for (double e = -9.0; e < 3.0; e += 0.05) {
                double loss = 0.0, shift = e < -8.99 ? chosen : pow(10.0, e);
                for (int k = 0; k < M; k++) {
                    double signal = signals[s] * pow(k + 1.0, -3.0);
                    double kept = gain[k] / (gain[k] + shift);
                    loss += pow(kept * (signal + (double)noise[k]) - signal, 2.0);
                }
                here = e < -8.99 ? loss : here;
                least = fmin(least, loss);
            }
            ratio += here / least / 60.0;
        }
    assert_true(ratio < 1.5);
}

/* No noise to be seen: the bound holds. */
static void test_bound(void **state)
{
    (void)state;
    double gain[M], square[M];
    for (int k = 0; k < M; k++)
        gain[k] = square[k] = pow(k + 1.0, -2.0);
    for (int k = 150; k < M; k++)
        square[k] = 1e3;
    wk_plate_spectrum spectrum = {gain, square, 0.0, M, M + 3, M + 3, 3};
    double trace = wk_plate_trace(&spectrum, wk_plate_shift_choose(&spectrum));
    assert_true(trace <= 3.0 + 0.7 * M + 1e-6);
}

/* Nothing but a plane: the smoothest. */
static void test_nothing(void **state)
{
    (void)state;
    double gain[M], square[M] = {0.0};
    for (int k = 0; k < M; k++)
        gain[k] = pow(k + 1.0, -2.0);
    wk_plate_spectrum spectrum = {gain, square, 0.0, M, M + 3, M + 3, 3};
    assert_true(wk_plate_trace(&spectrum, wk_plate_shift_choose(&spectrum)) < 3.0001);
    spectrum.m = 0, spectrum.rows = spectrum.places = 3;
    assert_true(wk_plate_shift_choose(&spectrum) > 0.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_units), cmocka_unit_test(test_score), cmocka_unit_test(test_trace),
        cmocka_unit_test(test_loss),  cmocka_unit_test(test_bound), cmocka_unit_test(test_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
