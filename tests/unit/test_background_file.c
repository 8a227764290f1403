#include "background_file.h"

#include <math.h>

#include "fits_case.h"

enum { NX = 3, NY = 2, BINS = NX * NY };

static const float levels[BINS] = {1.5f, -2, 3, 4, NAN, 6};
static const float errors[BINS] = {0.5f, 0.25f, 0, 1, NAN, 2};

static wk_background_element element(float *level, float *error)
{
    memcpy(level, levels, sizeof levels);
    memcpy(error, errors, sizeof errors);
    return (wk_background_element){.nx = NX,
                                   .ny = NY,
                                   .level = level,
                                   .error = error,
                                   .interpstyle = 5,
                                   .undersamplestyle = 1,
                                   .approxstyle = 0,
                                   .approxorderx = 6,
                                   .approxordery = 4,
                                   .approxweighting = 0,
                                   .x0 = -12,
                                   .y0 = 3900,
                                   .width = 300,
                                   .height = 200};
}

static void same_floats(const float *a, const float *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        assert_true(isnan(a[i]) ? isnan(b[i]) : a[i] == b[i]);
}

static void check_element(const wk_background_element *a, const wk_background_element *b)
{
    assert_true(a->nx == b->nx && a->ny == b->ny && a->x0 == b->x0 && a->y0 == b->y0);
    assert_true(a->width == b->width && a->height == b->height);
    assert_int_equal(a->interpstyle, b->interpstyle);
    assert_int_equal(a->undersamplestyle, b->undersamplestyle);
    assert_int_equal(a->approxstyle, b->approxstyle);
    assert_int_equal(a->approxorderx, b->approxorderx);
    assert_int_equal(a->approxordery, b->approxordery);
    assert_int_equal(a->approxweighting, b->approxweighting);
    same_floats(a->level, b->level, (size_t)(a->nx * a->ny));
    same_floats(a->error, b->error, (size_t)(a->nx * a->ny));
}

static void write_two(const char *path, wk_background_element list[2], float room[4][BINS])
{
    list[0] = element(room[0], room[1]);
    list[1] = element(room[2], room[3]);
    list[1].nx = list[1].ny = 1; /* "no background" */
    list[1].level[0] = NAN;
    list[1].error[0] = 0;
    list[1].approxstyle = -1;
    list[1].approxweighting = 1;
    assert_int_equal(wk_background_file_write(path, list, 2, 1, 0, NULL), WK_OK);
}

static void test_round(void **state)
{
    const char *path = case_path("list.fits");
    wk_background_element list[2], *back = NULL;
    float room[4][BINS];
    char command[300];
    size_t count = 0;
    (void)state;
    write_two(path, list, room);
    assert_true(wk_background_file_is(path));
    assert_int_equal(wk_background_file_read(&back, &count, path, NULL), WK_OK);
    assert_int_equal(count, 2);
    for (int i = 0; i < 2; i++)
        check_element(&list[i], &back[i]);
    wk_background_elements_free(back, count);
    case_checksums(path, -1);
    case_verify(path);
    assert_int_equal(wk_background_file_write(path, list, 2, 0, 0, NULL), WK_EXISTS);
    snprintf(command, sizeof command, "gzip '%s'", path);
    assert_int_equal(system(command), 0);
    path = case_path("list.fits.gz");
    assert_true(wk_background_file_is(path));
    assert_int_equal(wk_background_file_read(&back, &count, path, NULL), WK_OK);
    check_element(&list[0], &back[0]);
    wk_background_elements_free(back, count);
    wk_background_elements_free(NULL, 3);
    assert_int_equal(case_clear(), 1);
}

static int64_t key(fitsfile *file, const char *name)
{
    LONGLONG value = -99;
    int status = 0;
    fits_read_key(file, TLONGLONG, name, &value, NULL, &status);
    assert_int_equal(status, 0);
    return value;
}

static void check_header(fitsfile *file, int mask)
{
    static const char *const planes[] = {"MP_BAD",
                                         "MP_SAT",
                                         "MP_INTRP",
                                         "MP_CR",
                                         "MP_EDGE",
                                         "MP_DETECTED",
                                         "MP_DETECTED_NEGATIVE",
                                         "MP_SUSPECT",
                                         "MP_NO_DATA"};
    char text[80], card[90];
    int status = 0, flag = -1;
    assert_int_equal(key(file, "INTERPSTYLE"), 5);
    assert_int_equal(key(file, "UNDERSAMPLESTYLE"), 1);
    assert_int_equal(key(file, "APPROXSTYLE"), 0);
    assert_int_equal(key(file, "APPROXORDERX"), 6);
    assert_int_equal(key(file, "APPROXORDERY"), 4);
    assert_int_equal(key(file, "BKGD_X0"), -12);
    assert_int_equal(key(file, "BKGD_Y0"), 3900);
    assert_int_equal(key(file, "BKGD_WIDTH"), 300);
    assert_int_equal(key(file, "BKGD_HEIGHT"), 200);
    assert_int_equal(key(file, "CRPIX1A"), 1);
    assert_int_equal(key(file, "CRVAL2A"), 0);
    fits_read_key(file, TLOGICAL, "APPROXWEIGHTING", &flag, NULL, &status);
    assert_int_equal(flag, 0);
    fits_read_key(file, TSTRING, "CTYPE1A", text, NULL, &status);
    assert_string_equal(text, "LINEAR");
    fits_read_key(file, TSTRING, "CUNIT2A", text, NULL, &status);
    assert_string_equal(text, "PIXEL");
    fits_read_card(file, "BKGD_WIDTH", card, &status);
    assert_memory_equal(card, "HIERARCH BKGD_WIDTH = 300", 25);
    fits_read_card(file, "BKGD_X0", card, &status);
    assert_memory_equal(card, "BKGD_X0 =", 9);
    for (int bit = 0; mask && bit < 9; bit++)
        assert_int_equal(key(file, planes[bit]), bit);
    assert_int_equal(status, 0);
    if (!mask)
        assert_true(fits_read_card(file, "MP_BAD", card, &status) != 0);
    status = 0;
    assert_true(fits_read_card(file, "EXTNAME", card, &status) != 0);
}

/* What another program finds: the planes in their order from the primary on. */
static void test_layout(void **state)
{
    const char *path = case_path("list.fits");
    wk_background_element list[2];
    float room[4][BINS];
    long count;
    int status = 0, hdus, bitpix;
    (void)state;
    write_two(path, list, room);
    fitsfile *file = case_open(path, 0);
    fits_get_num_hdus(file, &hdus, &status);
    assert_int_equal(hdus, 6);
    for (int i = 0; i < 3; i++) {
        fits_movabs_hdu(file, i + 1, NULL, &status);
        fits_get_img_type(file, &bitpix, &status);
        assert_int_equal(bitpix, i == 1 ? 32 : -32);
        check_header(file, i == 1);
    }
    case_close(file, status);
    for (int i = 0; i < 3; i++) {
        double *pixels = case_pixels(path, i, &count);
        assert_int_equal(count, BINS);
        for (int k = 0; k < BINS; k++) {
            double wanted = i == 0 ? (double)levels[k] : i == 1 ? 0 : (double)errors[k];
            assert_true(isnan(wanted) ? isnan(pixels[k]) : pixels[k] == wanted);
        }
        free(pixels);
    }
    double *pixels = case_pixels(path, 4, &count);
    assert_true(count == 1 && pixels[0] == 256); /* NO_DATA of "no background" */
    free(pixels);
    case_clear();
}

/* A file of other programs; cards are of the first HDU of each three, NULL-terminated. */
static const char *make_file(const char *name, int hdus, const char *const *cards)
{
    const char *path = case_path(name);
    long axes[] = {2, 1}, odd[] = {1, 1};
    float pixels[] = {1, 2};
    int status = 0;
    fitsfile *file = case_create(path);
    for (int i = 0; i < hdus; i++) {
        int other = cards && strcmp(cards[0], "ODD") == 0 && i == 2;
        fits_create_img(file, i % 3 == 1 ? LONG_IMG : FLOAT_IMG, 2, other ? odd : axes, &status);
        for (const char *const *card = cards; card && *card; card++)
            if (strchr(*card, '='))
                fits_write_record(file, *card, &status);
        fits_write_img(file, TFLOAT, 1, other ? 1 : 2, pixels, &status);
    }
    case_close(file, status);
    return path;
}

static const char *const old[] = {
    "HIERARCH INTERPSTYLE = 1", "HIERARCH UNDERSAMPLESTYLE = 1", "BKGD_X0 = 5", "BKGD_Y0 = -6",
    "HIERARCH BKGD_WIDTH = 64", "HIERARCH BKGD_HEIGHT = 32",     NULL};

static void test_old_file(void **state)
{
    const char *path = make_file("old.fits", 3, old);
    wk_background_element *back = NULL;
    size_t count = 0;
    (void)state;
    assert_true(wk_background_file_is(path));
    assert_int_equal(wk_background_file_read(&back, &count, path, NULL), WK_OK);
    assert_int_equal(count, 1);
    assert_true(back->nx == 2 && back->ny == 1 && back->width == 64 && back->height == 32);
    assert_true(back->x0 == 5 && back->y0 == -6);
    assert_int_equal(back->interpstyle, 1);
    assert_int_equal(back->approxstyle, -1);
    assert_int_equal(back->approxorderx, 1);
    assert_int_equal(back->approxordery, -1);
    assert_int_equal(back->approxweighting, 1);
    assert_true(back->level[1] == 2 && back->error[0] == 1);
    wk_background_elements_free(back, count);
    case_clear();
}

static void check_bad(const char *path, wk_status wanted, const char *word)
{
    wk_background_element *back = NULL;
    size_t count = 0;
    wk_error error = {0};
    assert_int_equal(wk_background_file_read(&back, &count, path, &error), wanted);
    assert_null(back);
    assert_non_null(strstr(error.message, word));
}

/* The old file with one card in another's place, or one more. */
static void check_card(int place, const char *card, const char *word)
{
    const char *cards[8] = {NULL};
    memcpy(cards, old, sizeof old);
    cards[place] = card;
    check_bad(make_file("bad.fits", 3, cards), WK_HEADER, word);
}

static void test_bad_files(void **state)
{
    const char *odd[8] = {"ODD"};
    (void)state;
    memcpy(odd + 1, old, sizeof old);
    check_bad(make_file("bad.fits", 4, old), WK_HEADER, "4 HDUs");
    check_bad(make_file("bad.fits", 3, odd), WK_HEADER, "HDU 2 has 1 x 1");
    check_card(4, "OBJECT  = 'x'", "BKGD_WIDTH");
    check_card(4, "HIERARCH BKGD_WIDTH = 0", "BKGD_WIDTH = 0");
    check_card(4, "HIERARCH BKGD_WIDTH = -64", "BKGD_WIDTH = -64");
    check_card(4, "HIERARCH BKGD_WIDTH = 1", "2 x 1 bins");
    check_card(4, "HIERARCH BKGD_WIDTH = 64.5", "BKGD_WIDTH");
    check_card(4, "HIERARCH BKGD_WIDTH = 'wide'", "BKGD_WIDTH");
    check_card(5, "HIERARCH BKGD_HEIGHT = 99999999999999999999", "BKGD_HEIGHT");
    check_card(2, "BKGD_X0 = 1E300", "BKGD_X0");
    check_card(0, "HIERARCH INTERPSTYLE = 7", "INTERPSTYLE = 7");
    check_card(0, "OBJECT  = 'x'", "INTERPSTYLE");
    check_card(6, "HIERARCH APPROXWEIGHTING = 3", "APPROXWEIGHTING");
    check_bad(case_path("none"), WK_FILE, "no such file");
    assert_false(wk_background_file_is(case_path("none")));
    assert_false(wk_background_file_is(make_file("bad.fits", 3, NULL)));
    case_clear();
}

static void test_bad_elements(void **state)
{
    const char *path = case_path("list.fits");
    float level[BINS], error[BINS];
    wk_background_element e = element(level, error);
    (void)state;
    assert_int_equal(wk_background_file_write(path, &e, 0, 1, 0, NULL), WK_ARGUMENT);
    e.width = 0;
    assert_int_equal(wk_background_file_write(path, &e, 1, 1, 0, NULL), WK_ARGUMENT);
    e = element(level, error);
    e.nx = 0;
    assert_int_equal(wk_background_file_write(path, &e, 1, 1, 0, NULL), WK_ARGUMENT);
    e = element(level, error);
    e.interpstyle = 9;
    assert_int_equal(wk_background_file_write(path, &e, 1, 1, 0, NULL), WK_ARGUMENT);
    assert_int_equal(case_clear(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round),        cmocka_unit_test(test_layout),
        cmocka_unit_test(test_old_file),     cmocka_unit_test(test_bad_files),
        cmocka_unit_test(test_bad_elements),
    };
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
