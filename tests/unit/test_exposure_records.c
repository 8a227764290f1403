#include "exposure.h"
#include "fits_card.h"
#include "memory.h"

#include "fits_case.h"

static void append_image(fitsfile *file, int *status)
{
    long axes[] = {6, 4}, blank = -32768;
    short pixels[24] = {0};
    double zero = 5, scale = 2, place = 3.5;
    fits_create_img(file, SHORT_IMG, 2, axes, status);
    fits_write_key(file, TSTRING, "EXTNAME", "SCI", NULL, status);
    fits_write_key(file, TSTRING, "OBJECT", "M 31", "what it is", status);
    fits_write_key(file, TSTRING, "CTYPE1", "RA---TAN", NULL, status);
    fits_write_key(file, TDOUBLE, "CRPIX1", &place, NULL, status);
    fits_write_key(file, TLONG, "BLANK", &blank, NULL, status);
    fits_write_key_longstr(file, "LONGTEXT",
                           "a text that is too long for a single card of a header and therefore "
                           "goes on in a second one",
                           NULL, status);
    fits_write_comment(file, "a comment", status);
    fits_write_img(file, TSHORT, 1, 24, pixels, status);
    fits_write_key(file, TDOUBLE, "BSCALE", &scale, NULL, status);
    fits_write_key(file, TDOUBLE, "BZERO", &zero, NULL, status);
    fits_write_chksum(file, status);
}

static void check_records(const char *path)
{
    static const char *const gone[] = {"SIMPLE",  "XTENSION", "BITPIX", "NAXIS",    "NAXIS1",
                                       "PCOUNT",  "GCOUNT",   "BSCALE", "BZERO",    "BLANK",
                                       "EXTNAME", "CHECKSUM", "ZIMAGE", "ZCMPTYPE", "END",
                                       "TFIELDS", "COMMENT"};
    wk_exposure **exposures = NULL;
    size_t exposed = 0;
    char *text = NULL, value[80];
    double place = 0;
    wk_cards cards = {0};
    assert_int_equal(wk_exposures_open(&exposures, &exposed, path, NULL, NULL), WK_OK);
    int64_t count = 0;
    assert_int_equal(wk_exposure_records(&text, &count, exposures[0], NULL), WK_OK);
    assert_int_equal(strlen(text), 80 * count);
    for (int64_t i = 0; i < count; i++)
        assert_int_equal(wk_cards_append(&cards, text + 80 * i, NULL), WK_OK);
    for (size_t i = 0; i < sizeof gone / sizeof *gone; i++)
        assert_int_equal(wk_cards_find(&cards, gone[i]), cards.count);
    assert_int_equal(wk_cards_text(&cards, "OBJECT", value, sizeof value), 1);
    assert_string_equal(value, "M 31");
    assert_int_equal(wk_cards_real(&cards, "CRPIX1", &place), 1);
    assert_true(place == 3.5);
    size_t i = wk_cards_find(&cards, "LONGTEXT");
    assert_true(i + 1 < cards.count && memcmp(cards.text + 80 * (i + 1), "CONTINUE", 8) == 0);
    wk_cards_free(&cards);
    wk_memory_free(text);
    wk_exposures_free(exposures, exposed);
}

static void test_plain(void **state)
{
    const char *path = case_path("in.fits");
    int status = 0;
    fitsfile *file = case_create(path);
    (void)state;
    fits_create_img(file, BYTE_IMG, 0, NULL, &status);
    append_image(file, &status);
    case_close(file, status);
    check_records(path);
    assert_int_equal(case_clear(), 1);
}

static void test_primary_and_compressed(void **state)
{
    const char *path = case_path("in.fits"), *packed = case_path("packed.fits");
    int status = 0;
    fitsfile *file = case_create(path);
    (void)state;
    append_image(file, &status);
    case_close(file, status);
    check_records(path);
    fitsfile *from = case_open(path, 0);
    file = case_create(packed);
    fits_set_compression_type(file, RICE_1, &status);
    fits_img_compress(from, file, &status);
    case_close(from, status);
    case_close(file, status);
    check_records(packed);
    assert_int_equal(case_clear(), 2);
}

static void test_file_gone(void **state)
{
    const char *path = case_path("in.fits");
    wk_exposure **exposures = NULL;
    size_t exposed = 0;
    int status = 0;
    char *text = NULL;
    int64_t count = 0;
    fitsfile *file = case_create(path);
    (void)state;
    append_image(file, &status);
    case_close(file, status);
    assert_int_equal(wk_exposures_open(&exposures, &exposed, path, NULL, NULL), WK_OK);
    unlink(path);
    assert_int_equal(wk_exposure_records(&text, &count, exposures[0], NULL), WK_FILE);
    assert_null(text);
    wk_exposures_free(exposures, exposed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_primary_and_compressed),
        cmocka_unit_test(test_file_gone),
    };
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
