#include "fits_fixture.h"

#include "fits.h"
#include "memory.h"

enum { WIDTH = 70, HEIGHT = 30, PIXELS = WIDTH * HEIGHT };

/* Read the image of HDU hdu in strips; the caller frees. */
static float *read_pixels(const char *name, int hdu)
{
    wk_fits *fits = NULL;
    wk_fits_plane plane;
    float *pixels = malloc(PIXELS * sizeof *pixels);
    assert_int_equal(wk_fits_open(&fits, fixture_path(name), NULL), WK_OK);
    assert_int_equal(wk_fits_plane_open(&plane, fits, hdu, WIDTH, HEIGHT, NULL), WK_OK);
    assert_true(plane.strip >= 1 && plane.strip <= HEIGHT);
    for (int64_t row = 0; row < HEIGHT; row++) /* the smallest strip there is */
        assert_int_equal(wk_fits_read_pixels(pixels + row * WIDTH, &plane, row, 1, NULL), WK_OK);
    wk_fits_plane_close(&plane);
    wk_fits_close(fits);
    return pixels;
}

static void expect_ramp(const char *name, int hdu, float first, float tolerance)
{
    float *pixels = read_pixels(name, hdu);
    for (int i = 0; i < PIXELS; i++)
        if (!(fabsf(pixels[i] - (first + (float)i)) <= tolerance))
            fail_msg("%s: pixel %d is %g, not %g", name, i, (double)pixels[i],
                     (double)first + (double)i);
    free(pixels);
}

/* Whole numbers below 2^24 are exact in every type: no tolerance. */
static void test_types(void **state)
{
    (void)state;
    static const int types[] = {SHORT_IMG,    USHORT_IMG, LONG_IMG,  ULONG_IMG,
                                LONGLONG_IMG, FLOAT_IMG,  DOUBLE_IMG};
    fitsfile *file = fixture_create("types.fits");
    fixture_empty(file);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        fixture_ramp(file, types[i], WIDTH, HEIGHT, NULL, 0, 5);
    fixture_close(file);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        expect_ramp("types.fits", (int)i + 1, 5.0f, 0.0f);
}

/* Stored 0, 1, 2, ... times 0.5 plus 100: exact in float32. */
static void test_scaled_integers_and_blank(void **state)
{
    (void)state;
    int status = 0;
    short stored[PIXELS];
    long size[2] = {WIDTH, HEIGHT};
    for (int i = 0; i < PIXELS; i++)
        stored[i] = (short)i;
    fitsfile *file = fixture_create("scaled.fits");
    fixture_hdu(file, SHORT_IMG, 2, size, NULL, 0);
    fixture_fill(file, TSHORT, stored, PIXELS);
    fixture_number(file, "BSCALE", 0.5);
    fixture_number(file, "BZERO", 100.0);
    fits_write_record(file, "BLANK   =                    7", &status);
    assert_int_equal(status, 0);
    fixture_close(file);
    float *pixels = read_pixels("scaled.fits", 0);
    for (int i = 0; i < PIXELS; i++)
        assert_true(i == 7 ? isnan(pixels[i]) : pixels[i] == 100.0f + 0.5f * (float)i);
    free(pixels);
}

/* A factor on small integers is applied in float32, product and sum each rounded, as astropy does;
 * in double half of these pixels would differ in the last place. */
static void expect_float_scale(const char *name, int bitpix, double factor, double offset)
{
    long size[2] = {WIDTH, HEIGHT};
    int stored[PIXELS], differ = 0;
    wk_fits *fits = NULL;
    wk_fits_plane plane;
    float run[20];
    for (int i = 0; i < PIXELS; i++)
        stored[i] = bitpix == BYTE_IMG ? i % 256 : i * 31 % 65536 - 32768;
    fitsfile *file = fixture_create(name);
    fixture_hdu(file, bitpix, 2, size, NULL, 0);
    fixture_fill(file, TINT, stored, PIXELS);
    fixture_number(file, "BSCALE", factor);
    fixture_number(file, "BZERO", offset);
    fixture_close(file);
    float *pixels = read_pixels(name, 0);
    for (int i = 0; i < PIXELS; i++) {
        float product = (float)stored[i] * (float)factor;
        assert_true(pixels[i] == product + (float)offset);
        differ += pixels[i] != (float)(stored[i] * factor + offset);
    }
    assert_true(differ > 0);
    assert_int_equal(wk_fits_open(&fits, fixture_path(name), NULL), WK_OK);
    assert_int_equal(wk_fits_plane_open(&plane, fits, 0, WIDTH, HEIGHT, NULL), WK_OK);
    for (int row = 0; row < HEIGHT; row++) {
        assert_int_equal(wk_fits_read_run(run, &plane, row, 13, 20, NULL), WK_OK);
        assert_memory_equal(run, pixels + row * WIDTH + 13, sizeof run);
    }
    wk_fits_plane_close(&plane);
    wk_fits_close(fits);
    free(pixels);
}

static void test_scale_in_float(void **state)
{
    (void)state;
    expect_float_scale("short.fits", SHORT_IMG, 0.1, 3276.7);
    expect_float_scale("byte.fits", BYTE_IMG, 0.0123, -7.3);
}

static void test_nan_passes(void **state)
{
    (void)state;
    fitsfile *file = fixture_create("nan.fits");
    fixture_ramp(file, FLOAT_IMG, WIDTH, HEIGHT, NULL, 0, 0);
    fixture_pixel(file, 3, (double)NAN);
    fixture_close(file);
    float *pixels = read_pixels("nan.fits", 0);
    assert_true(isnan(pixels[3]));
    assert_true(pixels[4] == 4.0f);
    free(pixels);
}

/* float64 beyond float32's range is infinite, not cut off; within it the nearest float32. */
static void test_float64_narrows(void **state)
{
    (void)state;
    fitsfile *file = fixture_create("wide.fits");
    fixture_ramp(file, DOUBLE_IMG, WIDTH, HEIGHT, NULL, 0, 0);
    fixture_pixel(file, 0, 1e300);
    fixture_pixel(file, 1, -1e39);
    fixture_pixel(file, 2, 0.1);
    fixture_pixel(file, 3, (double)NAN);
    fixture_pixel(file, 4, (double)INFINITY);
    fixture_close(file);
    float *pixels = read_pixels("wide.fits", 0);
    assert_true(isinf(pixels[0]) && pixels[0] > 0.0f);
    assert_true(isinf(pixels[1]) && pixels[1] < 0.0f);
    assert_true(pixels[2] == 0.1f);
    assert_true(isnan(pixels[3]));
    assert_true(isinf(pixels[4]));
    assert_true(pixels[5] == 5.0f);
    free(pixels);
}

/* Row by row as doubles, between readings as float32 by the same plane: integers beyond 2^24 and
 * float64 keep their digits, scaled small integers are float32's numbers. */
static void expect_doubles(const char *name, int type, double scale, int deep)
{
    double values[WIDTH], stored[PIXELS];
    float pixels[WIDTH];
    long size[2] = {WIDTH, HEIGHT};
    wk_fits *fits = NULL;
    wk_fits_plane plane;
    for (int i = 0; i < PIXELS; i++)
        stored[i] = type == SHORT_IMG ? i : (1 << 26) + 1 + 2 * i;
    fitsfile *file = fixture_create(name);
    fixture_hdu(file, type, 2, size, NULL, 0);
    fixture_fill(file, TDOUBLE, stored, PIXELS);
    fixture_number(file, "BSCALE", scale);
    fixture_number(file, "BZERO", 0.0);
    fixture_close(file);
    assert_int_equal(wk_fits_open(&fits, fixture_path(name), NULL), WK_OK);
    assert_int_equal(wk_fits_plane_open(&plane, fits, 0, WIDTH, HEIGHT, NULL), WK_OK);
    for (int row = 0; row < HEIGHT; row++) {
        assert_int_equal(wk_fits_read_doubles(values, &plane, row, 1, NULL), WK_OK);
        assert_int_equal(wk_fits_read_pixels(pixels, &plane, row, 1, NULL), WK_OK);
        for (int x = 0; x < WIDTH; x++) {
            double wanted = deep ? stored[row * WIDTH + x] * scale : (double)pixels[x];
            assert_true(values[x] == wanted);
            assert_true(pixels[x] == (float)wanted);
        }
    }
    wk_fits_plane_close(&plane);
    wk_fits_close(fits);
}

static void test_doubles(void **state)
{
    (void)state;
    expect_doubles("double.fits", DOUBLE_IMG, 1.0, 1);
    expect_doubles("long.fits", LONG_IMG, 0.5, 1);
    expect_doubles("longlong.fits", LONGLONG_IMG, 1.0, 1);
    expect_doubles("short.fits", SHORT_IMG, 0.1, 0);
    expect_doubles("float.fits", FLOAT_IMG, 0.1, 0);
}

/* A ramp; of floats pixel 9 is NaN. */
static void write_compressed(const char *name, int type, int bitpix, long *tile, float level)
{
    int status = 0;
    long size[2] = {WIDTH, HEIGHT};
    float values[PIXELS], undefined = -999.0f;
    for (int i = 0; i < PIXELS; i++)
        values[i] = i == 9 ? undefined : (float)i;
    fitsfile *file = fixture_create(name);
    fixture_empty(file);
    fits_set_compression_type(file, type, &status);
    fits_set_tile_dim(file, 2, tile, &status);
    if (bitpix > 0) {
        fixture_ramp(file, bitpix, WIDTH, HEIGHT, "SCI", 0, 0);
    } else {
        fits_set_quantize_level(file, level, &status);
        fixture_hdu(file, bitpix, 2, size, "SCI", 0);
        fits_write_imgnull(file, TFLOAT, 1, PIXELS, values, &undefined, &status);
    }
    assert_int_equal(status, 0);
    fixture_close(file);
}

static void test_compressed_integers(void **state)
{
    (void)state;
    long row[2] = {WIDTH, 1}, block[2] = {32, 8}, whole[2] = {WIDTH, HEIGHT};
    write_compressed("row.fits.fz", RICE_1, SHORT_IMG, row, 0.0f);
    write_compressed("block.fits.fz", GZIP_1, LONG_IMG, block, 0.0f);
    write_compressed("whole.fits.fz", HCOMPRESS_1, SHORT_IMG, whole, 0.0f);
    expect_ramp("row.fits.fz", 1, 0.0f, 0.0f);
    expect_ramp("block.fits.fz", 1, 0.0f, 0.0f);
    expect_ramp("whole.fits.fz", 1, 0.0f, 0.0f);
}

/* Quantised with steps of 0.5 (a negative level is absolute): off by at most half a step and the
 * dither's half; NaN comes back as NaN. */
static void test_compressed_floats(void **state)
{
    (void)state;
    long row[2] = {WIDTH, 1};
    write_compressed("lossless.fits.fz", GZIP_2, FLOAT_IMG, row, 0.0f);
    write_compressed("lossy.fits.fz", RICE_1, FLOAT_IMG, row, -0.5f);
    float *exact = read_pixels("lossless.fits.fz", 1), *near = read_pixels("lossy.fits.fz", 1);
    for (int i = 0; i < PIXELS; i++) {
        assert_true(i == 9 ? isnan(exact[i]) : exact[i] == (float)i);
        if (!(i == 9 ? isnan(near[i]) : fabsf(near[i] - (float)i) <= 0.5f))
            fail_msg("pixel %d is %g", i, (double)near[i]);
    }
    free(exact);
    free(near);
}

/* Undefined pixels of compressed integers, whether the image says BLANK or the table ZBLANK. */
static void test_compressed_blank(void **state)
{
    (void)state;
    int status = 0, undefined = -7, values[PIXELS];
    long size[2] = {WIDTH, HEIGHT};
    for (int i = 0; i < PIXELS; i++)
        values[i] = i == 9 ? undefined : i;
    fitsfile *file = fixture_create("blank.fits.fz");
    fixture_empty(file);
    fits_set_compression_type(file, RICE_1, &status);
    fixture_hdu(file, LONG_IMG, 2, size, "SCI", 0);
    fits_update_key(file, TINT, "BLANK", &undefined, NULL, &status);
    fits_set_hdustruc(file, &status);
    assert_int_equal(status, 0);
    fixture_fill(file, TINT, values, PIXELS);
    fixture_close(file);
    float *pixels = read_pixels("blank.fits.fz", 1);
    for (int i = 0; i < PIXELS; i++)
        assert_true(i == 9 ? isnan(pixels[i]) : pixels[i] == (float)i);
    free(pixels);
}

/* Where the data of the last HDU begin. */
static size_t find_data(const char *bytes, size_t size)
{
    size_t end = 0;
    for (size_t at = 0; at + 80 <= size; at += 80)
        if (memcmp(bytes + at, "END     ", 8) == 0)
            end = at;
    return (end / 2880 + 1) * 2880;
}

/* A tile that is not there is an error of the file, not pixels of no meaning. */
static void test_missing_tile(void **state)
{
    (void)state;
    size_t size = 0;
    wk_fits *fits = NULL;
    wk_fits_plane plane;
    wk_error error = {0};
    float pixels[PIXELS];
    long row[2] = {WIDTH, 1};
    write_compressed("sound.fits.fz", GZIP_1, FLOAT_IMG, row, 0.0f);
    char *bytes = fixture_read("sound.fits.fz", &size);
    memset(bytes + find_data(bytes, size), 0, 16);
    fixture_bytes("hurt.fits.fz", bytes, size);
    free(bytes);
    assert_int_equal(wk_fits_open(&fits, fixture_path("hurt.fits.fz"), &error), WK_OK);
    assert_int_equal(wk_fits_plane_open(&plane, fits, 1, WIDTH, HEIGHT, &error), WK_OK);
    assert_int_equal(wk_fits_read_pixels(pixels, &plane, 0, HEIGHT, &error), WK_FILE);
    assert_non_null(strstr(error.subject, "hurt.fits.fz[1]"));
    wk_fits_plane_close(&plane);
    wk_fits_close(fits);
}

static void test_strips_follow_tiles(void **state)
{
    (void)state;
    int status = 0;
    long tile[2] = {100, 24};
    wk_fits *fits = NULL;
    wk_fits_plane plane;
    fitsfile *file = fixture_create("tall.fits.fz");
    fixture_empty(file);
    fits_set_compression_type(file, RICE_1, &status);
    fits_set_tile_dim(file, 2, tile, &status);
    fixture_ramp(file, SHORT_IMG, 1000, 3000, NULL, 0, 0);
    fixture_close(file);
    assert_int_equal(wk_fits_open(&fits, fixture_path("tall.fits.fz"), NULL), WK_OK);
    assert_int_equal(wk_fits_plane_open(&plane, fits, 1, 1000, 3000, NULL), WK_OK);
    assert_int_equal(plane.strip % 24, 0);
    wk_fits_close(fits);
}

static uint64_t *read_flags(const char *name, int hdu)
{
    wk_fits *fits = NULL;
    wk_fits_plane plane;
    uint64_t *flags = malloc(PIXELS * sizeof *flags);
    uint32_t *narrow = malloc(PIXELS * sizeof *narrow);
    assert_int_equal(wk_fits_open(&fits, fixture_path(name), NULL), WK_OK);
    assert_int_equal(wk_fits_plane_open(&plane, fits, hdu, WIDTH, HEIGHT, NULL), WK_OK);
    void *out = plane.flag_bytes == 8 ? (void *)flags : (void *)narrow;
    assert_int_equal(wk_fits_read_flags(out, &plane, 0, HEIGHT, NULL), WK_OK);
    for (int i = 0; plane.flag_bytes == 4 && i < PIXELS; i++)
        flags[i] = narrow[i];
    free(narrow);
    wk_fits_plane_close(&plane);
    wk_fits_close(fits);
    return flags;
}

static void expect_flag(int bitpix, int type, const void *value, uint64_t expected)
{
    long size[2] = {WIDTH, HEIGHT};
    int status = 0;
    fitsfile *file = fixture_create("flags.fits");
    fixture_hdu(file, bitpix, 2, size, NULL, 0);
    fits_write_img(file, type, 5, 1, (void *)(uintptr_t)value, &status);
    assert_int_equal(status, 0);
    fixture_close(file);
    uint64_t *flags = read_flags("flags.fits", 0);
    assert_true(flags[4] == expected);
    free(flags);
}

static void test_flags_of_every_type(void **state)
{
    (void)state;
    unsigned char byte = 0x81;
    unsigned short word = 0x8001;
    unsigned int wide = 0x80000001u;
    int minus = -2147483647; /* the same bits as wide */
    LONGLONG high = (LONGLONG)1 << 40;
    ULONGLONG top = (ULONGLONG)1 << 63;
    expect_flag(BYTE_IMG, TBYTE, &byte, byte);
    expect_flag(USHORT_IMG, TUSHORT, &word, word);
    expect_flag(ULONG_IMG, TUINT, &wide, wide);
    expect_flag(LONG_IMG, TINT, &minus, wide);
    expect_flag(LONGLONG_IMG, TLONGLONG, &high, (uint64_t)high);
    expect_flag(ULONGLONG_IMG, TULONGLONG, &top, top);
}

static void test_changed_size(void **state)
{
    (void)state;
    wk_fits *fits = NULL;
    wk_fits_plane plane;
    wk_error error;
    assert_int_equal(wk_fits_open(&fits, fixture_path("nan.fits"), NULL), WK_OK);
    assert_int_equal(wk_fits_plane_open(&plane, fits, 0, WIDTH + 1, HEIGHT, &error), WK_FILE);
    assert_non_null(strstr(error.message, "changed"));
    wk_fits_close(fits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_scaled_integers_and_blank),
        cmocka_unit_test(test_scale_in_float),
        cmocka_unit_test(test_nan_passes),
        cmocka_unit_test(test_float64_narrows),
        cmocka_unit_test(test_doubles),
        cmocka_unit_test(test_compressed_integers),
        cmocka_unit_test(test_compressed_floats),
        cmocka_unit_test(test_compressed_blank),
        cmocka_unit_test(test_missing_tile),
        cmocka_unit_test(test_strips_follow_tiles),
        cmocka_unit_test(test_flags_of_every_type),
        cmocka_unit_test(test_changed_size),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
