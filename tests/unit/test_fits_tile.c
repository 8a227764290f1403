#include "fits_tile.h"

#include <math.h>

#include "fits_case.h"
#include "fits_subtract.h"

enum { WIDTH = 50, HEIGHT = 33, PIXELS = WIDTH * HEIGHT, NONE = -999 };

static const double level = 12.345678;

typedef struct kind {
    int method;
    int type;
    float quantise; /* 0: lossless floats */
    int dither;
    long tile_rows;
    int falls_back; /* a row that CFITSIO will not quantise */
} kind;

/* Noise that can be quantised; a NaN; an exact zero; where asked, a constant row. */
static void fill(double *pixels, const kind *k)
{
    uint32_t x = 1;
    for (int i = 0; i < PIXELS; i++)
        pixels[i] = 100 + 1e-8 * (double)((x = x * 1664525u + 1013904223u) >> 2);
    for (int i = 0; k->type > 0 && i < PIXELS; i++)
        pixels[i] = floor(pixels[i]);
    pixels[3 * WIDTH + 4] = k->type < 0 ? NONE : 3;
    pixels[5 * WIDTH + 1] = k->dither == SUBTRACTIVE_DITHER_2 ? 0 : 1;
    for (int i = 0; k->falls_back && i < WIDTH * (int)k->tile_rows; i++)
        pixels[WIDTH * k->tile_rows * 3 + i] = 77.7;
}

/* CFITSIO compresses only from arrays of the image's own type.  Undefined floats become NaN. */
static void write_pixels(fitsfile *file, const kind *k, const double *pixels, int *status)
{
    float single[PIXELS], none = NONE;
    int whole[PIXELS];
    unsigned short medium[PIXELS];
    short small[PIXELS];
    unsigned char tiny[PIXELS];
    double nothing = NONE;
    for (int i = 0; i < PIXELS; i++) {
        single[i] = (float)pixels[i];
        whole[i] = k->type > 0 ? (int)pixels[i] : 0;
        medium[i] = (unsigned short)whole[i];
        small[i] = (short)whole[i];
        tiny[i] = (unsigned char)whole[i];
    }
    if (k->type == FLOAT_IMG)
        fits_write_imgnull(file, TFLOAT, 1, PIXELS, single, &none, status);
    else if (k->type == DOUBLE_IMG)
        fits_write_imgnull(file, TDOUBLE, 1, PIXELS, (void *)(uintptr_t)pixels, &nothing, status);
    else if (k->type == LONG_IMG)
        fits_write_img(file, TINT, 1, PIXELS, whole, status);
    else if (k->type == USHORT_IMG)
        fits_write_img(file, TUSHORT, 1, PIXELS, medium, status);
    else if (k->type == SHORT_IMG)
        fits_write_img(file, TSHORT, 1, PIXELS, small, status);
    else
        fits_write_img(file, TBYTE, 1, PIXELS, tiny, status);
}

static const char *make_input(const kind *k)
{
    const char *path = case_path("in.fits");
    long axes[] = {WIDTH, HEIGHT}, tile[] = {WIDTH, k->tile_rows};
    double pixels[PIXELS];
    int status = 0;
    fitsfile *file = case_create(path);
    fill(pixels, k);
    fits_set_compression_type(file, k->method, &status);
    fits_set_tile_dim(file, 2, tile, &status);
    if (k->type < 0) {
        fits_set_quantize_level(file, k->quantise, &status);
        fits_set_quantize_dither(file, k->dither, &status);
    }
    fits_create_img(file, k->type, 2, axes, &status);
    write_pixels(file, k, pixels, &status);
    fits_write_chksum(file, &status);
    fits_set_compression_type(file, 0, &status);
    fits_create_img(file, BYTE_IMG, 0, NULL, &status);
    case_close(file, status);
    return path;
}

static wk_status subtract(const char *path, const char *input, wk_error *error)
{
    const wk_fits_edit edit = {1, level, 1};
    const wk_write_options options = {.method = "match", .subtract = 1, .overwrite = 1};
    return wk_fits_subtract(path, input, &edit, 1, &options, error);
}

static int has_column(const char *path, const char *name)
{
    char quoted[80];
    size_t size;
    unsigned char *bytes = case_bytes(path, &size);
    snprintf(quoted, sizeof quoted, "= '%s", name);
    int found = memmem(bytes, size, quoted, strlen(quoted)) != NULL;
    free(bytes);
    return found;
}

/* Lossless floats are exact.  Quantised ones are read from (number + dither) * ZSCALE + ZZERO in
 * double: float32 rounds twice, 1.2e-7 of about 125; float64 loses what ZZERO has, which CFITSIO
 * puts near 2^31 ZSCALE in tiles with NaN: 2.4e-7 of ZSCALE < 1.  Integers: BZERO in double. */
static double tolerance(const kind *k)
{
    if (k->type > 0)
        return 1e-10;
    if (k->quantise == 0)
        return 0;
    return k->type == FLOAT_IMG ? 2e-5 : 5e-7;
}

static void check_pixels(const char *in, const char *out, const kind *k)
{
    long m, n;
    double *x = case_pixels(in, 1, &m), *y = case_pixels(out, 1, &n);
    assert_int_equal(m, PIXELS);
    assert_int_equal(n, PIXELS);
    for (int i = 0; i < PIXELS; i++) {
        double wanted = x[i] - level;
        if (k->type == FLOAT_IMG && k->quantise == 0)
            wanted = (double)(float)wanted;
        if (k->dither == SUBTRACTIVE_DITHER_2 && i == 5 * WIDTH + 1)
            wanted = 0;
        assert_int_equal(isnan(wanted), isnan(y[i]));
        assert_false(fabs(wanted - y[i]) > tolerance(k));
    }
    free(x);
    free(y);
}

static void check(const kind *k)
{
    const char *in = make_input(k), *out = case_path("out.fits");
    wk_error error = {0};
    if (k->falls_back)
        assert_true(has_column(in, "GZIP_COMPRESSED_DATA"));
    assert_int_equal(subtract(out, in, &error), WK_OK);
    check_pixels(in, out, k);
    case_checksums(out, 1);
    case_verify(out);
    assert_int_equal(case_clear(), 2);
}

static void test_quantised(void **state)
{
    const int methods[] = {RICE_1, GZIP_1, GZIP_2, HCOMPRESS_1};
    const int dithers[] = {NO_DITHER, SUBTRACTIVE_DITHER_1, SUBTRACTIVE_DITHER_2};
    (void)state;
    for (int m = 0; m < 4; m++)
        for (int d = 0; d < (m == 3 ? 2 : 3); d++) /* CFITSIO has no DITHER_2 for HCOMPRESS */
            for (int type = FLOAT_IMG; type >= DOUBLE_IMG; type += DOUBLE_IMG - FLOAT_IMG)
                check(&(kind){methods[m], type, 16, dithers[d], m == 3 ? 7 : 1, 0});
}

static void test_quantised_with_fallback(void **state)
{
    const int methods[] = {RICE_1, GZIP_1, GZIP_2, HCOMPRESS_1};
    (void)state;
    for (int m = 0; m < 4; m++)
        for (int type = FLOAT_IMG; type >= DOUBLE_IMG; type += DOUBLE_IMG - FLOAT_IMG)
            check(&(kind){methods[m], type, 16, SUBTRACTIVE_DITHER_1, m == 3 ? 7 : 1, 1});
}

static void test_lossless(void **state)
{
    (void)state;
    for (int method = 0; method < 2; method++)
        for (long rows = 1; rows < 9; rows += 7)
            for (int type = FLOAT_IMG; type >= DOUBLE_IMG; type += DOUBLE_IMG - FLOAT_IMG)
                check(&(kind){method ? GZIP_2 : GZIP_1, type, 0, NO_DITHER, rows, 0});
}

static void test_integers(void **state)
{
    const int methods[] = {RICE_1, GZIP_1, GZIP_2, HCOMPRESS_1};
    const int types[] = {BYTE_IMG, SHORT_IMG, USHORT_IMG, LONG_IMG};
    (void)state;
    for (int m = 0; m < 4; m++)
        for (int t = 0; t < 4; t++)
            check(&(kind){methods[m], types[t], 0, 0, m == 3 ? 7 : 1, 0});
}

static void test_unsigned_plio_is_refused(void **state)
{
    const kind k = {PLIO_1, USHORT_IMG, 0, 0, 1, 0};
    wk_error error;
    (void)state;
    assert_int_equal(subtract(case_path("out.fits"), make_input(&k), &error), WK_HEADER);
    assert_int_equal(case_clear(), 1);
}

static void edit_key(const char *path, const char *keyword, double value)
{
    fitsfile *file;
    int status = 0;
    fits_open_diskfile(&file, path, READWRITE, &status);
    fits_movabs_hdu(file, 2, NULL, &status);
    fits_update_key(file, TDOUBLE, keyword, &value, NULL, &status);
    case_close(file, status);
}

static void test_rescaled_is_refused(void **state)
{
    const kind k = {RICE_1, FLOAT_IMG, 16, NO_DITHER, 1, 0};
    const char *in = make_input(&k);
    wk_error error;
    (void)state;
    edit_key(in, "BSCALE", 2);
    assert_int_equal(subtract(case_path("out.fits"), in, &error), WK_HEADER);
    assert_non_null(strstr(error.message, "BSCALE"));
    assert_int_equal(case_clear(), 1);
}

/* The quantised numbers themselves stay: the heap is the same, and so is the file's size. */
static void test_heap_stays(void **state)
{
    const kind k = {RICE_1, FLOAT_IMG, 16, SUBTRACTIVE_DITHER_1, 1, 0};
    const char *in = make_input(&k), *out = case_path("out.fits");
    int status = 0;
    LONGLONG start, data[2], end[2];
    size_t m, n;
    (void)state;
    assert_int_equal(subtract(out, in, NULL), WK_OK);
    fitsfile *a = case_open(in, 1), *b = case_open(out, 1);
    fits_get_hduaddrll(a, &start, &data[0], &end[0], &status);
    fits_get_hduaddrll(b, &start, &data[1], &end[1], &status);
    case_close(a, status);
    case_close(b, status);
    unsigned char *x = case_bytes(in, &m), *y = case_bytes(out, &n);
    assert_int_equal(end[0] - data[0], end[1] - data[1]);
    size_t rows = HEIGHT * (8 + 8 + 8); /* a descriptor, ZSCALE, ZZERO */
    assert_true(has_column(in, "ZZERO") && !has_column(in, "GZIP_COMPRESSED_DATA"));
    assert_memory_equal(x + data[0] + rows, y + data[1] + rows, (size_t)(end[0] - data[0]) - rows);
    assert_memory_equal(x + end[0], y + end[1], m - (size_t)end[0]);
    free(x);
    free(y);
    case_clear();
}

/* The sums of the image before it was compressed hold no longer. */
static void test_old_sums_go(void **state)
{
    const kind k = {RICE_1, SHORT_IMG, 0, 0, 1, 0};
    const char *in = make_input(&k), *out = case_path("out.fits");
    char text[80];
    int status = 0;
    (void)state;
    edit_key(in, "ZHECKSUM", 1);
    edit_key(in, "ZDATASUM", 1);
    assert_int_equal(subtract(out, in, NULL), WK_OK);
    fitsfile *file = case_open(out, 1);
    assert_int_equal(fits_read_card(file, "ZHECKSUM", text, &status), KEY_NO_EXIST);
    status = 0;
    assert_int_equal(fits_read_card(file, "ZDATASUM", text, &status), KEY_NO_EXIST);
    case_close(file, 0);
    case_clear();
}

/* A descriptor that points outside, and gzip data that is damaged. */
static void test_damaged(void **state)
{
    const kind k = {GZIP_1, FLOAT_IMG, 0, NO_DITHER, 1, 0};
    const char *in = make_input(&k), *out = case_path("out.fits");
    LONGLONG start, data, end;
    int status = 0;
    size_t size;
    wk_error error;
    (void)state;
    fitsfile *file = case_open(in, 1);
    fits_get_hduaddrll(file, &start, &data, &end, &status);
    case_close(file, status);
    unsigned char *bytes = case_bytes(in, &size);
    bytes[data + 4] = 0x7f;
    case_write(in, bytes, size);
    assert_int_equal(subtract(out, in, &error), WK_FILE);
    bytes[data + 4] = 0;
    bytes[data + HEIGHT * 8 + 40] ^= 0x55;
    case_write(in, bytes, size);
    assert_int_equal(subtract(out, in, &error), WK_FILE);
    free(bytes);
    assert_int_equal(case_clear(), 1);
}

/* A table made by hand, in ways that CFITSIO reads but no longer writes: a quantised row and one of
 * plain floats; the scale in columns or in keywords.  (With GZIP and keywords CFITSIO would take
 * the numbers for floats.) */
static const char *make_by_hand(int columns)
{
    const char *path = case_path("in.fits");
    char *names[] = {"COMPRESSED_DATA", "UNCOMPRESSED_DATA", "ZSCALE", "ZZERO"};
    char *forms[] = {"1PB", "1PE", "1D", "1D"};
    /* twice the number 4 by Rice: the first whole, then a code for no differences */
    unsigned char packed[] = {0, 0, 0, 4, 0};
    float plain[] = {1.5f, NAN};
    double scale = 0.5, zero = 100;
    int status = 0, bitpix = -32, two = 2, yes = 1, one = 1, block = 32;
    fitsfile *file = case_create(path);
    fits_create_tbl(file, BINARY_TBL, 2, columns ? 4 : 2, names, forms, NULL, NULL, &status);
    fits_write_col(file, TBYTE, 1, 1, 1, sizeof packed, packed, &status);
    fits_write_col(file, TFLOAT, 2, 2, 1, 2, plain, &status);
    for (int row = 1; columns && row <= 2; row++) {
        fits_write_col(file, TDOUBLE, 3, row, 1, 1, &scale, &status);
        fits_write_col(file, TDOUBLE, 4, row, 1, 1, &zero, &status);
    }
    if (!columns) {
        fits_write_key(file, TDOUBLE, "ZSCALE", &scale, NULL, &status);
        fits_write_key(file, TDOUBLE, "ZZERO", &zero, NULL, &status);
    }
    fits_write_key(file, TLOGICAL, "ZIMAGE", &yes, NULL, &status);
    fits_write_key(file, TINT, "ZBITPIX", &bitpix, NULL, &status);
    fits_write_key(file, TINT, "ZNAXIS", &two, NULL, &status);
    fits_write_key(file, TINT, "ZNAXIS1", &two, NULL, &status);
    fits_write_key(file, TINT, "ZNAXIS2", &two, NULL, &status);
    fits_write_key(file, TINT, "ZTILE1", &two, NULL, &status);
    fits_write_key(file, TINT, "ZTILE2", &one, NULL, &status);
    fits_write_key(file, TSTRING, "ZCMPTYPE", "RICE_1", NULL, &status);
    fits_write_key(file, TSTRING, "ZNAME1", "BLOCKSIZE", NULL, &status);
    fits_write_key(file, TINT, "ZVAL1", &block, NULL, &status);
    fits_write_key(file, TSTRING, "ZQUANTIZ", "NO_DITHER", NULL, &status);
    case_close(file, status);
    return path;
}

/* Both rows move by the level, whatever the reader makes of the scale (this CFITSIO takes numbers
 * scaled by keywords for floats). */
static void test_old_ways(void **state)
{
    (void)state;
    for (int columns = 0; columns < 2; columns++) {
        const char *in = make_by_hand(columns), *out = case_path("out.fits");
        long count;
        assert_int_equal(subtract(out, in, NULL), WK_OK);
        double *x = case_pixels(in, 1, &count), *y = case_pixels(out, 1, &count);
        assert_int_equal(count, 4);
        assert_false(columns && fabs(x[0] - 102) > 0);
        for (int i = 0; i < 2; i++)
            assert_false(fabs(x[i] - level - y[i]) > 1e-13); /* doubles near 100 */
        assert_true(y[2] == (double)(float)(1.5 - level));
        assert_true(isnan(y[3]));
        free(x);
        free(y);
        case_checksums(out, 1);
        assert_int_equal(case_clear(), 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quantised),
        cmocka_unit_test(test_quantised_with_fallback),
        cmocka_unit_test(test_lossless),
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_unsigned_plio_is_refused),
        cmocka_unit_test(test_rescaled_is_refused),
        cmocka_unit_test(test_heap_stays),
        cmocka_unit_test(test_old_sums_go),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_old_ways),
    };
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
