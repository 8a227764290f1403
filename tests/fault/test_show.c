/* Drawing images without memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "calls.h"

static const call full = {{"welkin", "show", "%in/exposure_0001.fits[SCI,1]", "-o", "%new/a.svg",
                           "--axes", "sky", "--colorbar", "--mask-overlay", "--marks", "%marks.csv",
                           "--limits", "percentile:1,99", "--scale", "histeq", "--threads", "1",
                           "-q", "--json"},
                          {"a.svg"}};

static const call bare = {{"welkin", "show", "%in/exposure_0001.fits[SCI,1]", "-o", "%new/a.png",
                           "--axes", "none", "--threads", "1", "-q"},
                          {"a.png"}};

static const call panel = {{"welkin", "show", "%in/exposure_0001.fits[SCI,1]",
                            "%in/exposure_0002.fits[SCI,1]", "--panel", "-o", "%new/a.png",
                            "--limits", "zscale:iraf", "--threads", "1", "-q"},
                           {"a.png"}};

static const call difference = {{"welkin", "show", "%list.fits", "--minus", "%list.fits", "-o",
                                 "%new/a.png", "--colormap", "RdBu", "--threads", "1", "-q"},
                                {"a.png"}};

static int set_up(void **state)
{
    static const call make = {{"welkin", "simulate", "--output-dir", "%in", "--exposures", "2",
                               "--size", "24", "--overlap", "0.5", "--mask", "-q", "--threads",
                               "1"},
                              {NULL}};
    static const call store = {{"welkin", "background", "%in/exposure_0001.fits[SCI,1]", "--box",
                                "8", "--preset", "lsst", "--background-list", "%list.fits", "-q",
                                "--threads", "1"},
                               {NULL}};
    (void)state;
    calls_begin();
    calls_write_text("marks.csv", "x,y\n3,4\n10,12\n");
    assert_int_equal(calls_run(&make, -1), 0);
    assert_int_equal(calls_run(&store, -1), 0);
    return 0;
}

static void survives_pictures(void **state)
{
    (void)state;
    calls_fail_each(&bare);
    calls_fail_each(&panel);
    calls_fail_each(&full);
}

static void survives_lists(void **state)
{
    (void)state;
    calls_fail_each(&difference);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(survives_pictures),
        cmocka_unit_test(survives_lists),
    };
    return cmocka_run_group_tests(tests, set_up, calls_end);
}
