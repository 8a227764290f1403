/* Statistics of images without memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "calls.h"

static const call one = {{"welkin", "stats", "%in/exposure_0001.fits", "--histogram", "%new/h.svg",
                          "--threads", "1", "-q", "--json"},
                         {"h.svg"}};

/* A scatter so small that rounds cut into the bulk, which takes passes of its own. */
static const call cut = {{"welkin", "stats", "%in/exposure_0001.fits", "--compare",
                          "%in/exposure_0002.fits", "--sigma", "0.3", "--threads", "1", "-q"},
                         {NULL}};

static const call across = {{"welkin", "stats", "--across", "%in/exposure_0001.fits",
                             "%in/exposure_0002.fits", "-o", "%new/a.fits", "--threads", "1", "-q",
                             "--json"},
                            {"a.fits"}};

static const call held = {
    {"welkin", "stats", "--across", "%in/exposure_0001.fits", "%list.fits", "--threads", "1", "-q"},
    {NULL}};

static int set_up(void **state)
{
    /* more pixels than are kept one and all */
    static const call make = {{"welkin", "simulate", "--output-dir", "%in", "--exposures", "2",
                               "--size", "280", "--overlap", "0.5", "-q", "--threads", "1"},
                              {NULL}};
    static const call list = {{"welkin", "background", "%in/exposure_0002.fits", "--preset", "lsst",
                               "--background-list", "%list.fits", "-q", "--threads", "1"},
                              {NULL}};
    (void)state;
    calls_begin();
    assert_int_equal(calls_run(&make, -1), 0);
    assert_int_equal(calls_run(&list, -1), 0);
    return 0;
}

static void survives_images(void **state)
{
    (void)state;
    calls_fail_each(&one);
    calls_fail_each(&cut);
}

static void survives_across(void **state)
{
    (void)state;
    calls_fail_each(&across);
    calls_fail_each(&held);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(survives_images),
        cmocka_unit_test(survives_across),
    };
    return cmocka_run_group_tests(tests, set_up, calls_end);
}
