#include "fits_structure.h"

#include "fits_case.h"

static void add(wk_cards *cards, const char *text)
{
    char card[81];
    snprintf(card, sizeof card, "%-80s", text);
    assert_int_equal(wk_cards_append(cards, card, NULL), WK_OK);
}

static void add_all(wk_cards *cards, const char *const *lines)
{
    for (; *lines; lines++)
        add(cards, *lines);
}

static void check_all(const wk_cards *cards, const char *const *lines)
{
    size_t i = 0;
    for (; lines[i]; i++) {
        assert_true(i < cards->count);
        assert_memory_equal(cards->text + 80 * i, lines[i], strlen(lines[i]));
    }
    assert_int_equal(cards->count, i);
}

/* |BITPIX|/8 * GCOUNT * (PCOUNT + NAXIS1 * ...), worked out by hand. */
static void test_data_size(void **state)
{
    const struct {
        const char *lines[8];
        int valid;
        int64_t bytes;
    } cases[] = {
        {{"BITPIX  = 8", "NAXIS   = 0", NULL}, 1, 0},
        {{"BITPIX  = -32", "NAXIS   = 2", "NAXIS1  = 3", "NAXIS2  = 5", NULL}, 1, 60},
        {{"BITPIX  = 8", "NAXIS   = 2", "NAXIS1  = 16", "NAXIS2  = 2", "PCOUNT  = 7", "GCOUNT  = 1",
          NULL},
         1,
         39},
        {{"BITPIX  = 16", "NAXIS   = 2", "NAXIS1  = 0", "NAXIS2  = 4", "GROUPS  = T", "PCOUNT  = 3",
          "GCOUNT  = 2", NULL},
         1,
         28},
        {{"BITPIX  = 7", "NAXIS   = 0", NULL}, 0, 0},
        {{"BITPIX  = 8", "NAXIS   = 1", NULL}, 0, 0},
        {{"BITPIX  = 8", "NAXIS   = 1", "NAXIS1  = -1", NULL}, 0, 0},
        {{"BITPIX  = 64", "NAXIS   = 2", "NAXIS1  = 4611686018427387904", "NAXIS2  = 2", NULL},
         0,
         0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        wk_cards cards = {0};
        int64_t bytes = 0;
        add_all(&cards, cases[i].lines);
        assert_int_equal(wk_cards_data_size(&cards, &bytes), cases[i].valid);
        if (cases[i].valid)
            assert_int_equal(bytes, cases[i].bytes);
        wk_cards_free(&cards);
    }
}

static void test_kinds(void **state)
{
    wk_cards image = {0}, table = {0};
    int64_t width, height;
    (void)state;
    add(&image, "SIMPLE  = T");
    assert_false(wk_cards_is_image(&image)); /* no axes */
    add(&image, "NAXIS   = 3");
    add(&image, "NAXIS1  = 4");
    add(&image, "NAXIS2  = 5");
    assert_true(wk_cards_is_image(&image));
    assert_false(wk_cards_image_size(&image, &width, &height));
    add(&image, "NAXIS3  = 1");
    assert_true(wk_cards_image_size(&image, &width, &height));
    assert_true(width == 4 && height == 5);
    assert_false(wk_cards_is_scaled(&image));
    add(&image, "BSCALE  = 1.0");
    add(&image, "BZERO   = 0");
    assert_false(wk_cards_is_scaled(&image));
    assert_int_equal(wk_cards_set_integer(&image, "BZERO", 32768, "", NULL), WK_OK);
    assert_true(wk_cards_is_scaled(&image));
    add(&table, "XTENSION= 'BINTABLE'");
    add(&table, "NAXIS   = 2");
    assert_false(wk_cards_is_image(&table));
    assert_false(wk_cards_is_compressed(&table));
    add(&table, "ZIMAGE  = T");
    add(&table, "ZNAXIS  = 2");
    add(&table, "ZNAXIS1 = 7");
    add(&table, "ZNAXIS2 = 1");
    assert_true(wk_cards_is_compressed(&table));
    assert_true(wk_cards_image_size(&table, &width, &height));
    assert_true(width == 7 && height == 1);
    wk_cards_free(&image);
    wk_cards_free(&table);
}

static void test_plain_from_integers(void **state)
{
    const char *const before[] = {"SIMPLE  = T",     "BITPIX  = 16",
                                  "NAXIS   = 2",     "NAXIS1  = 3",
                                  "NAXIS2  = 2",     "EXTEND  = T",
                                  "BZERO   = 32768", "BSCALE  = 1",
                                  "BLANK   = -1",    "BLANKET = 'kept &'",
                                  "CONTINUE  'x'",   "TTYPE1  = 'kept'",
                                  "COMMENT kept",    NULL};
    const char *const after[] = {"SIMPLE  = T",
                                 "BITPIX  =                  -32",
                                 "NAXIS   = 2",
                                 "NAXIS1  = 3",
                                 "NAXIS2  = 2",
                                 "EXTEND  = T",
                                 "BLANKET = 'kept &'",
                                 "CONTINUE  'x'",
                                 "TTYPE1  = 'kept'",
                                 "COMMENT kept",
                                 NULL};
    wk_cards cards = {0};
    (void)state;
    add_all(&cards, before);
    assert_int_equal(wk_cards_make_plain(&cards, NULL), WK_OK);
    check_all(&cards, after);
    wk_cards_free(&cards);
}

static void test_plain_from_tiles(void **state)
{
    const char *const before[] = {"XTENSION= 'BINTABLE'",
                                  "BITPIX  = 8",
                                  "NAXIS   = 2",
                                  "NAXIS1  = 8",
                                  "NAXIS2  = 5",
                                  "PCOUNT  = 99",
                                  "GCOUNT  = 1",
                                  "TFIELDS = 1",
                                  "TTYPE1  = 'COMPRESSED_DATA'",
                                  "TFORM1  = '1PB(8)'",
                                  "ZIMAGE  = T",
                                  "ZBITPIX = 16",
                                  "ZNAXIS  = 2",
                                  "ZNAXIS1 = 7",
                                  "ZNAXIS2 = 5",
                                  "ZTILE1  = 7",
                                  "ZTILE2  = 1",
                                  "ZCMPTYPE= 'RICE_1  '",
                                  "ZNAME1  = 'a &'",
                                  "CONTINUE  'b'",
                                  "ZVAL1   = 32",
                                  "EXTNAME = 'COMPRESSED_IMAGE'   / x",
                                  "BZERO   = 32768",
                                  "ZPOINT  = 25.0",
                                  "OBJECT  = 'M 31'",
                                  "CHECKSUM= 'x'",
                                  "DATASUM = '5'",
                                  NULL};
    const char *const after[] = {"XTENSION= 'IMAGE   '",
                                 "BITPIX  =                  -32",
                                 "NAXIS   =                    2",
                                 "NAXIS1  =                    7",
                                 "NAXIS2  =                    5",
                                 "PCOUNT  =                    0",
                                 "GCOUNT  =                    1",
                                 "ZPOINT  = 25.0",
                                 "OBJECT  = 'M 31'",
                                 "CHECKSUM= 'x'",
                                 "DATASUM = '5'",
                                 NULL};
    wk_cards cards = {0};
    (void)state;
    add_all(&cards, before);
    assert_int_equal(wk_cards_make_plain(&cards, NULL), WK_OK);
    check_all(&cards, after);
    wk_cards_free(&cards);
}

static void test_storage(void **state)
{
    const char *const yes[] = {"NAXIS12 = 3", "BZERO   = 1",  "END",           "CHECKSUM= ''",
                               "EXTNAME = x", "INHERIT = T",  "ZTILE1  = 3",   "TFORM12 = x",
                               "SIMPLE  = T", "DATAMAX = 12", "ZHECKSUM= 'x'", NULL};
    const char *const no[] = {"NAXISX  = 3", "OBJECT  = x", "CRVAL1  = 1",
                              "TTYPE   = x", "HISTORY x",   "",
                              "ZPOINT  = 3", "EXTNAMES= 1", NULL};
    char card[81];
    (void)state;
    for (int i = 0; yes[i]; i++) {
        snprintf(card, sizeof card, "%-80s", yes[i]);
        assert_true(wk_card_is_storage(card));
    }
    for (int i = 0; no[i]; i++) {
        snprintf(card, sizeof card, "%-80s", no[i]);
        assert_false(wk_card_is_storage(card) || wk_card_is_layout(card));
    }
    snprintf(card, sizeof card, "%-80s", "EXTNAME = 'SCI'");
    assert_false(wk_card_is_layout(card));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_data_size),
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_plain_from_integers),
        cmocka_unit_test(test_plain_from_tiles),
        cmocka_unit_test(test_storage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
