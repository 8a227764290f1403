/* Making offset arrays without memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "calls.h"

static const char table[] = "xcentroid,ycentroid,xoffset,yoffset\n"
                            "9.52,16.33,2.472,-1.327\n"
                            "14.80,18.12,2.720,-1.362\n"
                            "25.03,1.97,3.246,-1.039\n"
                            "0.53,25.12,2.005,-1.502\n"
                            "10.37,7.03,2.504,-1.141\n"
                            "39.83,14.11,4.003,-1.282\n"
                            "33.46,14.29,3.651,-1.286\n"
                            "25.56,4.52,3.286,-1.090\n"
                            "25.39,26.04,3.273,-1.521\n"
                            "20.93,22.24,3.043,-1.445\n"
                            "26.86,1.92,3.348,-1.038\n"
                            "30.33,17.73,3.522,-1.355\n"
                            "12.05,0.93,2.613,-1.019\n"
                            "34.62,14.18,3.729,-1.284\n";

static const char list[] = "xcentroid,ycentroid\n"
                           "9.52,16.33\n"
                           "14.80,18.12\n"
                           "25.03,1.97\n"
                           "0.53,25.12\n"
                           "10.37,7.03\n"
                           "39.83,14.11\n"
                           "33.46,14.29\n"
                           "25.56,4.52\n"
                           "25.39,26.04\n"
                           "20.93,22.24\n"
                           "26.86,1.92\n"
                           "30.33,17.73\n"
                           "12.05,0.93\n"
                           "34.62,14.18\n";

static const char moved[] = "xcentroid,ycentroid\n"
                            "13.02,14.08\n"
                            "18.30,15.87\n"
                            "28.53,-0.28\n"
                            "4.03,22.87\n"
                            "13.87,4.78\n"
                            "43.33,11.86\n"
                            "36.96,12.04\n"
                            "29.06,2.27\n"
                            "28.89,23.79\n"
                            "24.43,19.99\n"
                            "30.36,-0.33\n"
                            "33.83,15.48\n"
                            "15.55,-1.32\n"
                            "38.12,11.93\n";

static const call nearest = {{"welkin", "offsets", "%table.csv", "--size", "9,7", "-o",
                              "%new/o.fits", "--errors", "--figure", "%new/f.svg", "--table",
                              "%new/t.fits", "--threads", "1", "-q", "--json"},
                             {"o.fits", "f.svg", "t.fits"}};

static const call best = {{"welkin", "offsets", "%table.csv", "--size", "9,7", "--model", "auto",
                           "--output-dir", "%new", "--format", "pixmap", "--threads", "1", "-q"},
                          {"table.pixmap.fits"}};

static const call seed = {{"welkin", "offsets", "%table.csv", "--like",
                           "%in/exposure_0001.fits[SCI,1]", "--model", "seed", "-o", "%new/o.fits",
                           "--threads", "1", "-q"},
                          {"o.fits"}};

static const call strict = {{"welkin", "offsets", "%table.csv", "--size", "9,7", "--quadrants",
                             "strict", "-o", "%new/o.fits", "--format", "dgeo", "--threads", "1",
                             "-q"},
                            {"o.fits"}};

static const call catalogues = {{"welkin", "offsets", "--from-catalogues", "%moved.csv",
                                 "%list.csv", "--size", "9,7", "-o", "%new/o.fits", "--threads",
                                 "1", "-q", "--json"},
                                {"o.fits"}};

static const call coordinates = {{"welkin", "offsets", "--from-wcs",
                                  "%in/exposure_0001.fits[SCI,1]", "%in/exposure_0002.fits[SCI,1]",
                                  "-o", "%new/o.fits", "--threads", "1", "-q"},
                                 {"o.fits"}};

static int set_up(void **state)
{
    static const call make = {{"welkin", "simulate", "--output-dir", "%in", "--exposures", "2",
                               "--size", "16", "--overlap", "0.5", "-q", "--threads", "1"},
                              {NULL}};
    (void)state;
    calls_begin();
    calls_write_text("table.csv", table);
    calls_write_text("list.csv", list);
    calls_write_text("moved.csv", moved);
    assert_int_equal(calls_run(&make, -1), 0);
    return 0;
}

static void survives_models(void **state)
{
    (void)state;
    calls_fail_each(&nearest);
    calls_fail_each(&best);
    calls_fail_each(&seed);
    calls_fail_each(&strict);
}

static void survives_other_sources(void **state)
{
    (void)state;
    calls_fail_each(&catalogues);
    calls_fail_each(&coordinates);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(survives_models),
        cmocka_unit_test(survives_other_sources),
    };
    return cmocka_run_group_tests(tests, set_up, calls_end);
}
