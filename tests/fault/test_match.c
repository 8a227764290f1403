/* Matching, describing and simulating exposures without memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <jansson.h>
#include <stdlib.h>
#include <unistd.h>

#include "allocation.h"
#include "calls.h"

static const call make = {{"welkin", "simulate", "--output-dir", "%in", "--exposures", "3",
                           "--size", "24", "--overlap", "0.5", "--distortion", "sip", "--stars",
                           "5", "--galaxies", "1", "-q", "--threads", "1"},
                          {NULL}};

static const call match = {{"welkin",
                            "match",
                            "%in/exposure_0001.fits",
                            "%in/exposure_0002.fits",
                            "%in/exposure_0003.fits",
                            "--subtract",
                            "--output-dir",
                            "%new",
                            "--ledger",
                            "%new/ledger.json",
                            "--figure",
                            "%new/figure.svg",
                            "--check",
                            "%new/check.fits",
                            "--group",
                            "GROUPID",
                            "--flux-keyword",
                            "EXPTIME",
                            "--threads",
                            "1",
                            "-q",
                            "--json"},
                           {"exposure_0001.fits", "exposure_0002.fits", "exposure_0003.fits",
                            "ledger.json", "figure.svg", "check.fits"}};

static const call cells = {
    {"welkin",
     "match",
     "%in/exposure_0001.fits",
     "%in/exposure_0002.fits",
     "%in/exposure_0003.fits",
     "--compare",
     "cells",
     "--order",
     "1",
     "--cell",
     "3",
     "--subtract",
     "--output-dir",
     "%new",
     "--figure",
     "%new/figure.svg",
     "--check",
     "%new/check.fits",
     "--threads",
     "1",
     "-q",
     "--json"},
    {"exposure_0001.fits", "exposure_0002.fits", "exposure_0003.fits", "figure.svg", "check.fits"}};

/* Lists and shared cells go to a file. */
static const call measure = {{"welkin", "cells", "%in/exposure_0001.fits", "%in/exposure_0002.fits",
                              "%in/exposure_0003.fits", "--cell", "3", "-o", "%new/cells.fits",
                              "--memory", "1K", "--threads", "1", "-q", "--json"},
                             {"cells.fits"}};

static const call tables = {{"welkin", "match", "--cells", "%in/cells.fits", "--memory", "1K",
                             "--ledger", "%new/ledger.json", "--threads", "1", "-q", "--json"},
                            {"ledger.json"}};
static const call reference = {{"welkin", "match", "%in/exposure_0001.fits",
                                "%in/exposure_0002.fits", "--compare", "cells", "--order", "1",
                                "--cell", "3", "--reference", "%in/exposure_0003.fits", "--ledger",
                                "%new/ledger.json", "--threads", "1", "-q", "--json"},
                               {"ledger.json"}};
static const call detectors = {
    {"welkin",
     "match",
     "%in/exposure_0001.fits",
     "%in/exposure_0002.fits",
     "%in/exposure_0003.fits",
     "--compare",
     "cells",
     "--cell",
     "2",
     "--group",
     "exposure",
     "--detector-offsets",
     "--per",
     "amplifier",
     "--amplifiers",
     "2x1",
     "--ledger",
     "%new/ledger.json",
     "--subtract",
     "--output-dir",
     "%new",
     "--threads",
     "1",
     "-q"},
    {"exposure_0001.fits", "exposure_0002.fits", "exposure_0003.fits", "ledger.json"}};

static const call listed = {{"welkin", "match", "@list", "--config", "%config", "--sky-list",
                             "%levels", "--threads", "1", "-q"},
                            {NULL}};

static const call info = {{"welkin", "info", "%in/exposure_0001.fits",
                           "%in/exposure_0002.fits[SCI,1]", "--bad-bits", "~2", "-q", "--json"},
                          {NULL}};

static const call table = {{"welkin", "info", "%in/exposure_0001.fits", "-q"}, {NULL}};

static const call apply = {{"welkin", "apply", "--ledger", "%ledger.json", "%in/exposure_0001.fits",
                            "%in/exposure_0003.fits", "--output-dir", "%new", "--suffix", "_flat",
                            "--durable", "--threads", "1", "-q", "--json"},
                           {"exposure_0001_flat.fits", "exposure_0003_flat.fits"}};

static const call parts = {{"welkin", "apply", "--ledger", "%parts.json", "%in/exposure_0001.fits",
                            "--output-dir", "%new", "--threads", "1", "-q", "--json"},
                           {"exposure_0001.fits"}};

static const call simulate = {{"welkin",  "simulate", "--output-dir", "%new", "--exposures",  "2",
                               "--size",  "24",       "--detectors",  "2",    "--distortion", "tpv",
                               "--stars", "3",        "--galaxies",   "2",    "--threads",    "1",
                               "-q",      "--json"},
                              {"exposure_0001.fits", "exposure_0002.fits", "truth.json"}};

/* Inputs, a ledger, a list, a configuration, a table of levels. */
static int set_up(void **state)
{
    (void)state;
    static const call solve = {{"welkin", "match", "%in/exposure_0001.fits",
                                "%in/exposure_0002.fits", "%in/exposure_0003.fits", "--ledger",
                                "%ledger.json", "-q", "--threads", "1"},
                               {NULL}};
    static const call step = {{"welkin", "match", "%in/exposure_0001.fits",
                               "%in/exposure_0002.fits", "%in/exposure_0003.fits", "--compare",
                               "cells", "--cell", "2", "--detector-offsets", "--per", "amplifier",
                               "--amplifiers", "2x1", "--ledger", "%parts.json", "-q", "--threads",
                               "1"},
                              {NULL}};
    calls_begin();
    calls_write_text("list", "%s/in/exposure_0001.fits # first\n%s/in/exposure_0002.fits\n");
    calls_write_text("config", "statistic: mean\nweights: variance\n");
    calls_write_text("levels", "exposure_0001 12.5\nexposure_0002 7\n");
    assert_int_equal(calls_run(&make, -1), 0);
    assert_int_equal(calls_run(&solve, -1), 0);
    assert_int_equal(calls_run(&step, -1), 0);
    return 0;
}

static void survives_match(void **state)
{
    (void)state;
    calls_fail_each(&match);
}

static void survives_cells(void **state)
{
    (void)state;
    calls_fail_each(&cells);
    calls_fail_each(&reference);
    calls_fail_each(&detectors);
}

static void survives_tables(void **state)
{
    static const call keep = {{"welkin", "cells", "%in/exposure_0001.fits",
                               "%in/exposure_0002.fits", "%in/exposure_0003.fits", "--cell", "3",
                               "-o", "%in/cells.fits", "-q"},
                              {NULL}};
    (void)state;
    calls_fail_each(&measure);
    assert_int_equal(calls_run(&keep, -1), 0);
    calls_fail_each(&tables);
}

/* The word @list has no place for the folder. */
static void survives_lists(void **state)
{
    (void)state;
    char before[1024];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(calls_folder), 0);
    calls_fail_each(&listed);
    assert_int_equal(chdir(before), 0);
}

static void survives_info(void **state)
{
    (void)state;
    calls_fail_each(&info);
    calls_fail_each(&table);
}

static void survives_apply(void **state)
{
    (void)state;
    calls_fail_each(&apply);
    calls_fail_each(&parts);
}

static void survives_simulate(void **state)
{
    (void)state;
    calls_fail_each(&simulate);
}

/* The JSON library's allocations, where a document is read, fail, too.  Its scanner goes on without
 * the characters it had no room for. */
static void survives_json(void **state)
{
    (void)state;
    json_set_alloc_funcs(allocation_new, allocation_free);
    calls_lenient = 1;
    calls_fail_each(&apply);
    calls_lenient = 0;
    json_set_alloc_funcs(malloc, free);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(survives_info),     cmocka_unit_test(survives_lists),
        cmocka_unit_test(survives_simulate), cmocka_unit_test(survives_apply),
        cmocka_unit_test(survives_match),    cmocka_unit_test(survives_cells),
        cmocka_unit_test(survives_tables),   cmocka_unit_test(survives_json),
    };
    return cmocka_run_group_tests(tests, set_up, calls_end);
}
