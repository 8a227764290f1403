#include "fits_table.h"

#include "fits_case.h"

static void text(wk_cards *cards, const char *keyword, const char *value)
{
    assert_int_equal(wk_cards_set_text(cards, keyword, value, "", NULL), WK_OK);
}

static void number(wk_cards *cards, const char *keyword, int64_t value)
{
    assert_int_equal(wk_cards_set_integer(cards, keyword, value, "", NULL), WK_OK);
}

/* Two descriptors, five bits, three floats and a double: 8 + 16 + 1 + 12 + 8 bytes a row. */
static wk_cards make_cards(void)
{
    wk_cards cards = {0};
    number(&cards, "NAXIS1", 45);
    number(&cards, "NAXIS2", 10);
    number(&cards, "PCOUNT", 100);
    number(&cards, "TFIELDS", 5);
    text(&cards, "TFORM1", "1PB(30)");
    text(&cards, "TTYPE1", "SMALL");
    text(&cards, "TFORM2", "QE");
    text(&cards, "TTYPE2", "LARGE");
    text(&cards, "TFORM3", "5X");
    text(&cards, "TFORM4", "3E");
    text(&cards, "TFORM5", "D");
    text(&cards, "TTYPE5", "ZZERO");
    return cards;
}

static void test_layout(void **state)
{
    wk_cards cards = make_cards();
    wk_fits_table table;
    const int64_t places[] = {0, 8, 24, 25, 37};
    (void)state;
    number(&cards, "THEAP", 460);
    assert_int_equal(wk_fits_table_open(&table, &cards, "t", NULL), WK_OK);
    assert_int_equal(table.gap, 10);
    assert_int_equal(table.heap, 90);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(table.columns[i].place, places[i]);
        assert_int_equal(wk_fits_column_variable(&table.columns[i]), i < 2);
    }
    assert_int_equal(wk_fits_table_find(&table, "ZZERO"), 4);
    assert_int_equal(wk_fits_table_find(&table, "ZSCALE"), -1);
    assert_int_equal(wk_fits_column_element(&table.columns[1]), 4);
    wk_fits_table_free(&table);
    wk_cards_free(&cards);
}

static void test_descriptors(void **state)
{
    wk_cards cards = make_cards();
    wk_fits_table table;
    unsigned char row[45] = {0};
    int64_t length, place;
    (void)state;
    assert_int_equal(wk_fits_table_open(&table, &cards, "t", NULL), WK_OK);
    const wk_fits_column *small = &table.columns[0], *large = &table.columns[1];
    assert_true(wk_fits_column_put(small, row, 258, 3));
    assert_memory_equal(row, "\0\0\1\2\0\0\0\3\0", 9);
    assert_false(wk_fits_column_put(small, row, 1, (int64_t)1 << 31));
    assert_true(wk_fits_column_put(large, row, 1, (int64_t)1 << 31));
    wk_fits_column_get(small, row, &length, &place);
    assert_true(length == 258 && place == 3);
    wk_fits_column_get(large, row, &length, &place);
    assert_true(length == 1 && place == (int64_t)1 << 31);
    wk_fits_table_free(&table);
    wk_cards_free(&cards);
}

static void test_new_heap(void **state)
{
    wk_cards cards = make_cards();
    wk_fits_table table;
    char form[80];
    int64_t value;
    (void)state;
    number(&cards, "THEAP", 460);
    assert_int_equal(wk_fits_table_open(&table, &cards, "t", NULL), WK_OK);
    table.columns[0].longest = 77;
    size_t count = cards.count;
    assert_int_equal(wk_fits_table_heap(&table, &cards, 1234, NULL), WK_OK);
    assert_int_equal(cards.count, count);
    wk_cards_text(&cards, "TFORM1", form, sizeof form);
    assert_string_equal(form, "1PB(77)");
    assert_int_equal(wk_cards_integer(&cards, "PCOUNT", &value), 1);
    assert_int_equal(value, 1234);
    assert_int_equal(wk_cards_integer(&cards, "THEAP", &value), 1);
    assert_int_equal(value, 450);
    wk_fits_table_free(&table);
    wk_cards_free(&cards);
}

static void check_refused(const char *keyword, const char *form, int64_t value)
{
    wk_cards cards = make_cards();
    wk_fits_table table;
    wk_error error;
    if (form)
        text(&cards, keyword, form);
    else
        number(&cards, keyword, value);
    assert_int_equal(wk_fits_table_open(&table, &cards, "t", &error), WK_HEADER);
    assert_string_equal(error.subject, "t");
    wk_fits_table_free(&table);
    wk_cards_free(&cards);
}

static void test_refused(void **state)
{
    (void)state;
    check_refused("TFORM5", "2D", 0);
    check_refused("TFORM5", "Y", 0);
    check_refused("TFORM5", "", 0);
    check_refused("TFORM1", "2PB", 0);
    check_refused("TFORM1", "1P", 0);
    check_refused("TFORM4", "-3E", 0);
    check_refused("NAXIS1", NULL, 44);
    check_refused("NAXIS1", NULL, 0);
    check_refused("NAXIS2", NULL, INT64_MAX);
    check_refused("NAXIS2", NULL, -1);
    check_refused("TFIELDS", NULL, 1000);
    check_refused("THEAP", NULL, 449);
    check_refused("THEAP", NULL, 551);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layout),
        cmocka_unit_test(test_descriptors),
        cmocka_unit_test(test_new_heap),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
