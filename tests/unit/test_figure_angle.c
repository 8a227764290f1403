#include "figure_angle.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void expect(double degrees, double step, int hours, const char *wanted)
{
    char text[64];
    wk_angle_text(text, sizeof text, degrees, step, hours);
    assert_string_equal(text, wanted);
}

static void test_text(void **state)
{
    (void)state;
    expect(187.5, 15, 1, "12ʰ");
    expect(187.5, 0.25, 1, "12ʰ30ᵐ");
    expect(187.5 + 7.5 / 3600, 15.0 / 36000, 1, "12ʰ30ᵐ00.5ˢ");
    expect(359.9999999, 15.0 / 3600, 1, "0ʰ00ᵐ00ˢ");
    expect(-15, 15, 1, "23ʰ");
    expect(-0.5, 1.0 / 60, 0, "−0°30′");
    expect(-12.5125, 1.0 / 3600, 0, "−12°30′45″");
    expect(12.9999999, 1.0 / 3600, 0, "+13°00′00″");
    expect(5 + 3.25 / 3600, 0.05 / 3600, 0, "+5°00′03.25″");
    expect(0, 1, 0, "0°");
    expect(-90, 1, 0, "−90°");
}

static void test_steps(void **state)
{
    (void)state;
    assert_true(fabs(wk_angle_step(0.9 / 3600, 0) - 1.0 / 3600) < 1e-12);
    assert_true(fabs(wk_angle_step(7.0 / 3600, 0) - 10.0 / 3600) < 1e-12);
    assert_true(fabs(wk_angle_step(16.0 / 3600, 1) - 30.0 / 3600) < 1e-12);
    assert_true(fabs(wk_angle_step(0.03 / 3600, 0) - 0.05 / 3600) < 1e-12);
    assert_true(fabs(wk_angle_step(15, 1) - 15) < 1e-9);
    assert_true(fabs(wk_angle_step(72, 1) - 90) <
                1e-9); /* not 75: five hours do not divide a day */
    assert_true(fabs(wk_angle_step(1000, 0) - 90) < 1e-9);
    for (double least = 1e-7; least < 80; least *= 1.3) {
        double step = wk_angle_step(least, 0);
        assert_true(step >= least * (1 - 1e-6) && step <= 5 * least);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_text), cmocka_unit_test(test_steps)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
