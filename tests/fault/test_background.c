/* Fitting backgrounds and scaling variances without memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "calls.h"

static const call make = {{"welkin", "simulate", "--output-dir", "%in", "--exposures", "2",
                           "--size", "32", "--detectors", "2", "--overlap", "0.5", "-q",
                           "--threads", "1"},
                          {NULL}};

static const call fit = {{"welkin",      "background",  "%in/exposure_0001.fits[SCI,1]",
                          "-o",          "%new/o.fits", "--model",
                          "%new/m.fits", "--rms",       "%new/r.fits",
                          "--mesh",      "%new/c.fits", "--background-list",
                          "%new/l.fits", "--figure",    "%new/f.svg",
                          "--box",       "8",           "--threads",
                          "1",           "-q",          "--json"},
                         {"o.fits", "m.fits", "r.fits", "c.fits", "l.fits", "f.svg"}};

static const call several = {{"welkin", "background", "%in/exposure_0001.fits",
                              "%in/exposure_0002.fits", "--output-dir", "%new", "--preset",
                              "photutils", "--box", "8", "--minimum-good", "0.1", "--mask-sources",
                              "--source-sigma", "20", "--threads", "1", "-q"},
                             {"exposure_0001.fits", "exposure_0002.fits"}};

static const call lsst = {{"welkin", "background", "%in/exposure_0002.fits[SCI,2]", "-o",
                           "%new/o.fits", "--preset", "lsst", "--box", "7", "--interpolate",
                           "chebyshev:3", "--background-list", "%new/l.fits", "--threads", "1",
                           "-q"},
                          {"o.fits", "l.fits"}};

static const call sextractor = {{"welkin", "background", "%in/exposure_0002.fits[SCI,2]",
                                 "--preset", "sextractor", "--box", "9", "--model", "%new/m.fits",
                                 "--threads", "1", "-q"},
                                {"m.fits"}};

static const call evaluate = {{"welkin", "background", "--evaluate", "%list.fits", "-o",
                               "%new/m.fits", "--threads", "1", "-q", "--json"},
                              {"m.fits"}};

static const call restore = {{"welkin", "background", "--restore", "%list.fits",
                              "%in/exposure_0001.fits", "-o", "%new/o.fits", "--threads", "1", "-q",
                              "--json"},
                             {"o.fits"}};

static const call scale = {{"welkin", "variance", "%in/exposure_0001.fits",
                            "%in/exposure_0002.fits", "--output-dir", "%new", "--box", "16",
                            "--limit", "1000", "--threads", "1", "-q", "--json"},
                           {"exposure_0001.fits", "exposure_0002.fits"}};

static const call parts = {{"welkin", "variance", "%in/exposure_0001.fits[SCI,1]", "-o",
                            "%new/o.fits", "--per", "box", "--factor-box", "20", "--figure",
                            "%new/f.svg", "--limit", "1000", "--threads", "1", "-q"},
                           {"o.fits", "f.svg"}};

/* Two exposures of two detectors, and a stored background of one. */
static int set_up(void **state)
{
    static const call store = {{"welkin", "background", "%in/exposure_0001.fits[SCI,1]", "--box",
                                "9", "--preset", "lsst", "--background-list", "%list.fits", "-q",
                                "--threads", "1"},
                               {NULL}};
    (void)state;
    calls_begin();
    assert_int_equal(calls_run(&make, -1), 0);
    assert_int_equal(calls_run(&store, -1), 0);
    return 0;
}

static void survives_background(void **state)
{
    (void)state;
    calls_fail_each(&fit);
    calls_fail_each(&several);
    calls_fail_each(&lsst);
    calls_fail_each(&sextractor);
}

static void survives_stored(void **state)
{
    (void)state;
    calls_fail_each(&evaluate);
    calls_fail_each(&restore);
}

static void survives_variance(void **state)
{
    (void)state;
    calls_fail_each(&scale);
    calls_fail_each(&parts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(survives_background),
        cmocka_unit_test(survives_stored),
        cmocka_unit_test(survives_variance),
    };
    return cmocka_run_group_tests(tests, set_up, calls_end);
}
