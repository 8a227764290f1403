#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "wcs_card.h"

static wk_card read_card(const char *text)
{
    char record[81];
    wk_card card;
    snprintf(record, sizeof record, "%-80.80s", text);
    wk_card_read(&card, record);
    return card;
}

static void expect_name(const char *text, wk_card_kind kind, const char *name, int a, int b)
{
    wk_card card = read_card(text);
    assert_int_equal(card.kind, kind);
    assert_string_equal(card.name, name);
    assert_int_equal(card.a, a);
    assert_int_equal(card.b, b);
}

static void names_are_read(void **state)
{
    (void)state;
    expect_name("CRVAL1  = 1.0", WK_CARD_AXIS, "CRVAL", 1, 0);
    expect_name("CD1_2   = 1.0", WK_CARD_MATRIX, "CD", 1, 2);
    expect_name("PV2_10  = 1.0", WK_CARD_PARAMETER, "PV", 2, 10);
    expect_name("PC001002= 1.0", WK_CARD_MATRIX, "PC", 1, 2);
    expect_name("A_2_0   = 1.0", WK_CARD_SIP, "A_", 2, 0);
    expect_name("A_ORDER = 2", WK_CARD_ORDER, "A_ORDER", 0, 0);
    expect_name("WAT1_002= 'x'", WK_CARD_WAT, "WAT", 1, 2);
    expect_name("DP1     = 'NAXES: 2'", WK_CARD_RECORD, "DP", 1, 0);
}

static void others_are_left(void **state)
{
    (void)state;
    assert_int_equal(read_card("CRVAL1A = 1.0").kind, WK_CARD_NONE);
    assert_int_equal(read_card("CRVAL1    1.0").kind, WK_CARD_NONE);
    assert_int_equal(read_card("AP_1_0  = 1.0").kind, WK_CARD_NONE);
    assert_int_equal(read_card("CRVAL   = 1.0").kind, WK_CARD_NONE);
    assert_int_equal(read_card("COMMENT CRVAL1 = 1").kind, WK_CARD_NONE);
    assert_int_equal(read_card("").kind, WK_CARD_NONE);
}

static void expect_number(const char *value, const char *kept, wk_card_state state)
{
    char text[96];
    snprintf(text, sizeof text, "CRVAL1  = %s", value);
    wk_card card = read_card(text);
    assert_string_equal(card.value, kept);
    assert_int_equal(card.state, state);
}

static void numbers_are_judged(void **state)
{
    (void)state;
    expect_number("1.5 / degrees", "1.5", WK_CARD_GOOD);
    expect_number("-1.5D-3", "-1.5E-3", WK_CARD_GOOD);
    expect_number("'  12.5 '", "12.5", WK_CARD_GOOD);
    expect_number("5.", "5.", WK_CARD_GOOD);
    expect_number(".5e3", ".5E3", WK_CARD_GOOD);
    expect_number("1E-400", "1E-400", WK_CARD_GOOD);
    expect_number("1E400", "1E400", WK_CARD_INFINITE);
    expect_number("NaN", "NaN", WK_CARD_INFINITE);
    expect_number("'-nan'", "-nan", WK_CARD_INFINITE);
    expect_number("+Infinity", "+Infinity", WK_CARD_INFINITE);
    expect_number("", "", WK_CARD_EMPTY);
    expect_number("/ nothing", "", WK_CARD_EMPTY);
    expect_number(".", ".", WK_CARD_WORD);
    expect_number("1.5E", "1.5E", WK_CARD_WORD);
    expect_number("12:30:00", "12:30:00", WK_CARD_WORD);
    expect_number("1,5", "1,5", WK_CARD_WORD);
}

static void equinox_may_have_a_letter(void **state)
{
    (void)state;
    assert_string_equal(read_card("EQUINOX = 'J2000.0'").value, "2000.0");
    assert_string_equal(read_card("EQUINOX = 'B1950'").value, "1950");
    assert_int_equal(read_card("EQUINOX = ''").state, WK_CARD_EMPTY);
}

static void texts_keep_their_quotes(void **state)
{
    (void)state;
    assert_string_equal(read_card("CTYPE1  = 'O''Neill ' / x").value, "O'Neill");
    assert_string_equal(read_card("CTYPE1  = 'open").value, "open");
    char full[81];
    memset(full, 'x', 80);
    memcpy(full, "CTYPE1  = '", 11);
    full[80] = '\0';
    assert_int_equal(strlen(read_card(full).value), 69);
}

static void zero_has_many_forms(void **state)
{
    (void)state;
    wk_card zero = read_card("CDELT1  = -0.00E+05");
    wk_card small = read_card("CDELT1  = 0.001E0");
    assert_true(wk_card_is_zero(&zero));
    assert_false(wk_card_is_zero(&small));
}

static void whole_name_is_given(void **state)
{
    (void)state;
    char record[81], name[16];
    snprintf(record, sizeof record, "%-80s", "CD1_2   = 3.0");
    wk_card card;
    assert_true(wk_card_read(&card, record));
    wk_card_name(name, &card);
    assert_string_equal(name, "CD1_2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_read),          cmocka_unit_test(others_are_left),
        cmocka_unit_test(numbers_are_judged),      cmocka_unit_test(equinox_may_have_a_letter),
        cmocka_unit_test(texts_keep_their_quotes), cmocka_unit_test(zero_has_many_forms),
        cmocka_unit_test(whole_name_is_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
