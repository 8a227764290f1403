/* Keeping and asking a catalogue without memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "calls.h"

#define DB "--catalog", "%c.sqlite3", "--threads", "1", "-q"

static const call add = {{"welkin", "catalog", "add", "%in", DB, "--json"}, {NULL}};

static const call again = {{"welkin", "catalog", "add", "%in", "%in/exposure_0001.fits", DB},
                           {NULL}};

static const call list = {{"welkin", "catalog", "list", DB, "--where",
                           "filter in ('r', 'g') and not visit > 3 or hdu between 1 and 2",
                           "--json"},
                          {NULL}};

static const call table = {{"welkin", "catalog", "list", DB}, {NULL}};

static const call names = {{"welkin", "catalog", "list", DB, "--names"}, {NULL}};

static const call circle = {{"welkin", "catalog", "overlaps", "150", "2", "5", DB}, {NULL}};

static const call file = {{"welkin", "catalog", "overlaps", "%in/exposure_0002.fits", DB}, {NULL}};

static const call match = {
    {"welkin", "match", DB, "--where", "file like '%.fits'", "--ledger", "%new/l.json"},
    {"l.json"}};

static const call solve = {{"welkin", "match", DB, "--ledger", "%l.json"}, {NULL}};

static const call record = {{"welkin", "catalog", "record", "%l.json", DB}, {NULL}};

static const call levels = {{"welkin", "catalog", "list", "--levels", DB}, {NULL}};

static const call forget = {{"welkin", "catalog", "forget", DB}, {NULL}};

static const call erase = {{"welkin", "catalog", "remove", DB, "--where", "hdu = 1"}, {NULL}};

static int set_up(void **state)
{
    static const call make = {{"welkin", "simulate", "--output-dir", "%in", "--exposures", "2",
                               "--size", "16", "--overlap", "0.5", "-q", "--threads", "1"},
                              {NULL}};
    (void)state;
    calls_begin();
    assert_int_equal(calls_run(&make, -1), 0);
    return 0;
}

static void survives_adding(void **state)
{
    (void)state;
    calls_fail_each(&add);
    calls_fail_each(&again);
}

static void survives_asking(void **state)
{
    (void)state;
    calls_fail_each(&list);
    calls_fail_each(&table);
    calls_fail_each(&names);
    calls_fail_each(&circle);
    calls_fail_each(&file);
    calls_fail_each(&match);
}

static void survives_levels_and_removal(void **state)
{
    (void)state;
    assert_int_equal(calls_run(&solve, -1), 0);
    calls_fail_each(&record);
    calls_fail_each(&levels);
    calls_fail_each(&forget);
    calls_fail_each(&erase);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(survives_adding),
        cmocka_unit_test(survives_asking),
        cmocka_unit_test(survives_levels_and_removal),
    };
    return cmocka_run_group_tests(tests, set_up, calls_end);
}
