#include "fits_card.h"

#include "fits_case.h"

static void add(wk_cards *cards, const char *text)
{
    char card[81];
    snprintf(card, sizeof card, "%-80s", text);
    assert_int_equal(wk_cards_append(cards, card, NULL), WK_OK);
}

static void check(const wk_cards *cards, size_t i, const char *text)
{
    char card[81];
    snprintf(card, sizeof card, "%-80s", text);
    assert_true(i < cards->count);
    assert_memory_equal(cards->text + 80 * i, card, 80);
}

static void test_values(void **state)
{
    wk_cards cards = {0};
    int64_t whole = 7;
    double real = 7;
    char text[80];
    (void)state;
    add(&cards, "BITPIX  =                  -32 / pixels");
    add(&cards, "BZERO   =             1.5D+02/x");
    add(&cards, "OBJECT  = 'O''Neil '           / a / b");
    add(&cards, "ZIMAGE  =                    T");
    add(&cards, "BAD     =             1.5.3");
    assert_int_equal(wk_cards_integer(&cards, "BITPIX", &whole), 1);
    assert_int_equal(whole, -32);
    assert_int_equal(wk_cards_real(&cards, "BZERO", &real), 1);
    assert_true(real == 150); /* exact in binary */
    assert_int_equal(wk_cards_integer(&cards, "BZERO", &whole), -1);
    assert_int_equal(wk_cards_integer(&cards, "BIT", &whole), 0);
    assert_int_equal(wk_cards_real(&cards, "BAD", &real), -1);
    assert_int_equal(wk_cards_real(&cards, "OBJECT", &real), -1);
    assert_int_equal(wk_cards_text(&cards, "OBJECT", text, sizeof text), 1);
    assert_string_equal(text, "O'Neil");
    assert_int_equal(wk_cards_text(&cards, "BZERO", text, sizeof text), -1);
    assert_true(wk_cards_true(&cards, "ZIMAGE"));
    assert_false(wk_cards_true(&cards, "BITPIX"));
    wk_cards_free(&cards);
}

static void test_set_keeps_place_and_neighbours(void **state)
{
    wk_cards cards = {0};
    (void)state;
    add(&cards, "A       =                    1");
    add(&cards, "BKGMETH = 'a long &'");
    add(&cards, "CONTINUE  'text'");
    add(&cards, "B       =                    2");
    assert_int_equal(wk_cards_set_text(&cards, "BKGMETH", "match", "method", NULL), WK_OK);
    assert_int_equal(wk_cards_set_logical(&cards, "BKGSUB", 1, "done", NULL), WK_OK);
    assert_int_equal(wk_cards_set_integer(&cards, "A", -5, "five", NULL), WK_OK);
    assert_int_equal(cards.count, 4);
    check(&cards, 0, "A       =                   -5 / five");
    check(&cards, 1, "BKGMETH = 'match   '           / method");
    check(&cards, 2, "B       =                    2");
    check(&cards, 3, "BKGSUB  =                    T / done");
    wk_cards_remove(&cards, "A");
    check(&cards, 0, "BKGMETH = 'match   '           / method");
    assert_int_equal(wk_cards_find(&cards, "A"), cards.count);
    wk_cards_free(&cards);
}

/* Each must read back as the same number, also by CFITSIO. */
static void test_reals_come_back(void **state)
{
    const double values[] = {0, -0.1, 1.0 / 3, 32768 - 12.345678, 1e300, -5e-324, 123456789, 1e20};
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        wk_cards cards = {0};
        char card[81] = "", value[80], comment[80];
        double back = 99;
        int status = 0;
        assert_int_equal(wk_cards_set_real(&cards, "X", values[i], "number", NULL), WK_OK);
        assert_int_equal(wk_cards_real(&cards, "X", &back), 1);
        assert_memory_equal(&back, &values[i], sizeof back);
        memcpy(card, cards.text, 80);
        fits_parse_value(card, value, comment, &status);
        assert_int_equal(status, 0);
        assert_true(strtod(value, NULL) == values[i]);
        assert_non_null(strchr(value, '.'));
        wk_cards_free(&cards);
    }
}

/* Long names: as HIERARCH cards, found again, and read by CFITSIO. */
static void test_hierarch(void **state)
{
    wk_cards cards = {0};
    int64_t whole = 0;
    double real = 0;
    char text[80];
    (void)state;
    add(&cards, "HIERARCH ESO DET GAIN = 2.5 / gain");
    add(&cards, "HIERARCH  BIAS='3 = three'");
    add(&cards, "HIERARCH no value here");
    assert_int_equal(wk_cards_set_integer(&cards, "BKGD_WIDTH", -7, "columns", NULL), WK_OK);
    assert_int_equal(wk_cards_set_logical(&cards, "APPROXWEIGHTING", 1, "weights", NULL), WK_OK);
    assert_int_equal(wk_cards_set_text(&cards, "LONG NAME", "it's", "text", NULL), WK_OK);
    assert_int_equal(wk_cards_set_real(&cards, "ESO DET GAIN", 1.5, "gain", NULL), WK_OK);
    assert_int_equal(cards.count, 6);
    check(&cards, 0, "HIERARCH ESO DET GAIN = 1.5 / gain");
    check(&cards, 3, "HIERARCH BKGD_WIDTH = -7 / columns");
    check(&cards, 4, "HIERARCH APPROXWEIGHTING = T / weights");
    check(&cards, 5, "HIERARCH LONG NAME = 'it''s   ' / text");
    assert_int_equal(wk_cards_integer(&cards, "BKGD_WIDTH", &whole), 1);
    assert_int_equal(whole, -7);
    assert_true(wk_cards_true(&cards, "APPROXWEIGHTING"));
    assert_int_equal(wk_cards_text(&cards, "LONG NAME", text, sizeof text), 1);
    assert_string_equal(text, "it's");
    assert_int_equal(wk_cards_real(&cards, "ESO DET GAIN", &real), 1);
    assert_true(real == 1.5); /* exact in binary */
    assert_int_equal(wk_cards_text(&cards, "BIAS", text, sizeof text), 1);
    assert_string_equal(text, "3 = three");
    assert_int_equal(wk_cards_find(&cards, "DET GAIN"), cards.count);
    assert_int_equal(wk_cards_find(&cards, "BKGD_WID"), cards.count);
    wk_cards_remove(&cards, "LONG NAME");
    assert_int_equal(cards.count, 5);
    wk_cards_free(&cards);
}

static void test_hierarch_is_read_by_cfitsio(void **state)
{
    wk_cards cards = {0};
    char card[81] = "", value[80], comment[80], name[80], text[81];
    int status = 0, length;
    (void)state;
    assert_int_equal(wk_cards_set_real(&cards, "UNDERSAMPLESTYLE", 0.1, "style", NULL), WK_OK);
    memcpy(card, cards.text, 80);
    fits_get_keyname(card, name, &length, &status);
    fits_parse_value(card, value, comment, &status);
    assert_int_equal(status, 0);
    assert_string_equal(name, "UNDERSAMPLESTYLE");
    assert_true(strtod(value, NULL) == 0.1); /* the same number */
    assert_string_equal(comment, "style");
    memset(text, 'N', 80);
    text[80] = '\0';
    assert_int_equal(wk_cards_set_integer(&cards, text + 13, 1, "", NULL), WK_OK);
    check(&cards, 1,
          "HIERARCH "
          "NNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNNN"
          " = 1");
    assert_int_equal(wk_cards_set_integer(&cards, text + 13, 12, "", NULL), WK_ARGUMENT);
    assert_int_equal(cards.count, 2);
    wk_cards_free(&cards);
}

static void test_refused(void **state)
{
    wk_cards cards = {0};
    char text[80];
    (void)state;
    memset(text, 'x', 69);
    text[69] = '\0';
    assert_int_equal(wk_cards_set_text(&cards, "A", text, "", NULL), WK_ARGUMENT);
    assert_int_equal(wk_cards_set_text(&cards, "A", text + 1, "", NULL), WK_OK);
    assert_int_equal(wk_cards_set_text(&cards, "A", "caf\xc3\xa9", "", NULL), WK_ARGUMENT);
    assert_int_equal(wk_cards_set_real(&cards, "A", __builtin_nan(""), "", NULL), WK_ARGUMENT);
    assert_int_equal(cards.count, 1);
    wk_cards_free(&cards);
}

static void test_history(void **state)
{
    wk_cards cards = {0};
    char line[100];
    (void)state;
    memset(line, 'q', 75);
    strcpy(line + 75, "\t\xc3");
    assert_int_equal(wk_cards_history(&cards, line, NULL), WK_OK);
    assert_int_equal(wk_cards_history(&cards, "", NULL), WK_OK);
    assert_int_equal(cards.count, 3);
    check(&cards, 1, "HISTORY qqq??");
    check(&cards, 2, "HISTORY");
    assert_int_equal(wk_cards_histories(&cards, NULL, NULL), WK_OK);
    assert_int_equal(wk_cards_histories(&cards, (const char *const[]){"a", "b", NULL}, NULL),
                     WK_OK);
    assert_int_equal(cards.count, 5);
    check(&cards, 3, "HISTORY a");
    check(&cards, 4, "HISTORY b");
    wk_cards_free(&cards);
}

static void test_blocks(void **state)
{
    (void)state;
    for (size_t count = 0; count < 80; count++) {
        wk_cards cards = {0};
        char header[3 * 2880];
        for (size_t i = 0; i < count; i++)
            add(&cards, "COMMENT x");
        size_t size = wk_cards_size(&cards);
        assert_int_equal(size, (count + 36) / 36 * 2880);
        wk_cards_fill(&cards, header);
        assert_memory_equal(header + 80 * count, "END  ", 5);
        for (size_t i = 80 * count + 3; i < size; i++)
            assert_int_equal(header[i], ' ');
        wk_cards_free(&cards);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_set_keeps_place_and_neighbours),
        cmocka_unit_test(test_reals_come_back),
        cmocka_unit_test(test_hierarch),
        cmocka_unit_test(test_hierarch_is_read_by_cfitsio),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_history),
        cmocka_unit_test(test_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
