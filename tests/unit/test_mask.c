#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mask.h"

static const wk_mask_plane planes[] = {{"BAD", 0}, {"SAT", 1}, {"EDGE", 4}, {"HIGH", 63}};

static wk_status read_bits(uint64_t *bits, const char *text, wk_error *error)
{
    memset(error, 0, sizeof *error);
    return wk_mask_bits(bits, text, WK_LAYOUT_PLAIN, planes, 4, "a.fits[2]", error);
}

static void expect_bits(const char *text, uint64_t expected)
{
    uint64_t bits = 12345;
    wk_error error;
    assert_int_equal(read_bits(&bits, text, &error), WK_OK);
    assert_true(bits == expected);
}

static void expect_failure(const char *text, wk_status expected)
{
    uint64_t bits = 0;
    wk_error error;
    assert_int_equal(read_bits(&bits, text, &error), expected);
    assert_int_equal(error.code, expected);
    assert_true(error.message[0] != '\0');
}

static void test_numbers(void **state)
{
    (void)state;
    expect_bits("0", 0);
    expect_bits("5", 5);
    expect_bits(" 16 ", 16);
    expect_bits("010", 10);
    expect_bits("0x1F", 31);
    expect_bits("18446744073709551615", UINT64_MAX);
    expect_bits("~0", UINT64_MAX);
    expect_bits("~5", ~(uint64_t)5);
    expect_bits("~ 0x10", ~(uint64_t)16);
}

static void test_names(void **state)
{
    (void)state;
    expect_bits("BAD", 1);
    expect_bits("SAT,EDGE", 2 + 16);
    expect_bits(" BAD , BAD ", 1);
    expect_bits("HIGH", (uint64_t)1 << 63);
}

static void test_bad_numbers(void **state)
{
    (void)state;
    expect_failure("18446744073709551616", WK_ARGUMENT);
    expect_failure("12x", WK_ARGUMENT);
    expect_failure("0x", WK_ARGUMENT);
    expect_failure("~", WK_ARGUMENT);
    expect_failure("~-1", WK_ARGUMENT);
    expect_failure("~BAD", WK_ARGUMENT);
    expect_failure("", WK_ARGUMENT);
    expect_failure("BAD,,SAT", WK_ARGUMENT);
    expect_failure("BAD,", WK_ARGUMENT);
}

static void test_unknown_name_lists_the_known(void **state)
{
    (void)state;
    uint64_t bits;
    wk_error error;
    assert_int_equal(read_bits(&bits, "BAD,CLOUD", &error), WK_HEADER);
    assert_non_null(strstr(error.message, "CLOUD"));
    assert_non_null(strstr(error.message, "BAD, SAT, EDGE, HIGH"));
    assert_string_equal(error.subject, "a.fits[2]");
    expect_failure("BA", WK_HEADER);
    expect_failure("BADD", WK_HEADER);
    expect_failure("-1", WK_HEADER);
}

static void test_no_names_at_all(void **state)
{
    (void)state;
    uint64_t bits;
    wk_error error;
    assert_int_equal(wk_mask_bits(&bits, "BAD", WK_LAYOUT_PLAIN, NULL, 0, "a.fits[2]", &error),
                     WK_HEADER);
    assert_non_null(strstr(error.message, "number"));
    assert_int_equal(wk_mask_bits(&bits, "7", WK_LAYOUT_PLAIN, NULL, 0, "a.fits[2]", &error),
                     WK_OK);
    assert_true(bits == 7);
}

static void test_known_names_pass_over_the_unknown(void **state)
{
    (void)state;
    static const char *const names[] = {"SAT", "CLOUD", "EDGE", NULL};
    static const char *const none[] = {NULL};
    assert_true(wk_mask_known(names, planes, 4) == 18);
    assert_true(wk_mask_known(names, NULL, 0) == 0);
    assert_true(wk_mask_known(none, planes, 4) == 0);
}

/* Values as JWST publishes them: DO_NOT_USE 1, SATURATED 2, JUMP_DET 4, NON_SCIENCE 512,
 * REFERENCE_PIXEL 2147483648. */
static void test_jwst_flags(void **state)
{
    (void)state;
    size_t count = 0;
    uint64_t bits = 0;
    wk_error error;
    const wk_mask_plane *list = wk_mask_jwst(&count);
    assert_int_equal(count, 32);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(list[i].bit, i);
    assert_int_equal(wk_mask_bits(&bits,
                                  "DO_NOT_USE,SATURATED,JUMP_DET,NON_SCIENCE,REFERENCE_PIXEL",
                                  WK_LAYOUT_STSCI, list, count, "", &error),
                     WK_OK);
    assert_true(bits == 1u + 2u + 4u + 512u + 2147483648u);
}

/* A plane that LSST's software always has may be missing from a file: it is set nowhere. */
static void test_lsst_planes_may_be_missing(void **state)
{
    (void)state;
    const wk_mask_plane some[] = {{"BAD", 0}, {"NO_DATA", 9}};
    uint64_t bits = 0;
    wk_error error;
    assert_int_equal(wk_mask_bits(&bits, "BAD,EDGE,NO_DATA", WK_LAYOUT_LSST, some, 2, "", &error),
                     WK_OK);
    assert_true(bits == 0x201);
    assert_int_equal(wk_mask_bits(&bits, "BAD,WRONG", WK_LAYOUT_LSST, some, 2, "", &error),
                     WK_HEADER);
    assert_int_equal(wk_mask_bits(&bits, "BAD,EDGE", WK_LAYOUT_PLAIN, some, 2, "", &error),
                     WK_HEADER);
    assert_int_equal(wk_mask_bits(&bits, "EDGE", WK_LAYOUT_LSST, NULL, 0, "", &error), WK_HEADER);
}

static void test_defaults(void **state)
{
    (void)state;
    size_t count = 0;
    const wk_mask_plane *flags = wk_mask_jwst(&count);
    assert_true(wk_mask_default(WK_LAYOUT_STSCI, 1, flags, count) == 513);
    assert_true(wk_mask_default(WK_LAYOUT_STSCI, 0, NULL, 0) == UINT64_MAX);
    assert_true(wk_mask_default(WK_LAYOUT_DES, 0, planes, 4) == UINT64_MAX);
    assert_true(wk_mask_default(WK_LAYOUT_LSST, 0, planes, 4) == 3); /* BAD and SAT */
    assert_true(wk_mask_default(WK_LAYOUT_LSST, 0, planes + 2, 1) == 0);
    assert_true(wk_mask_default(WK_LAYOUT_LSST, 0, NULL, 0) == UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_bad_numbers),
        cmocka_unit_test(test_unknown_name_lists_the_known),
        cmocka_unit_test(test_no_names_at_all),
        cmocka_unit_test(test_known_names_pass_over_the_unknown),
        cmocka_unit_test(test_jwst_flags),
        cmocka_unit_test(test_lsst_planes_may_be_missing),
        cmocka_unit_test(test_defaults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
