#include "fits_fixture.h"

#include "welkin/exposure.h"

/* Of a height that no strip divides. */
enum { WIDTH = 700, HEIGHT = 203, PIXELS = WIDTH * HEIGHT };

static wk_exposure **exposures;
static size_t count;

static double *load(const char *name)
{
    wk_error error;
    double *values = malloc(PIXELS * sizeof *values);
    assert_non_null(values);
    if (wk_exposures_open(&exposures, &count, fixture_path(name), NULL, &error) != WK_OK ||
        wk_exposure_load_full(values, exposures[0], &error) != WK_OK)
        fail_msg("%s: %s", error.subject, error.message);
    return values;
}

static void release(double *values)
{
    wk_exposures_free(exposures, count);
    free(values);
}

/* What wk_exposure_load has, widened. */
static void expect_narrow(const double *values)
{
    wk_pixels pixels = {0};
    assert_int_equal(wk_exposure_load(&pixels, exposures[0], 0, NULL), WK_OK);
    for (int i = 0; i < PIXELS; i++)
        if (!(isnan(values[i]) ? isnan(pixels.data[i]) : values[i] == (double)pixels.data[i]))
            fail_msg("pixel %d: %.17g, not %.9g", i, values[i], (double)pixels.data[i]);
    wk_pixels_release(&pixels);
}

/* Bits as they were written: seventeen digits, what float32 cannot hold, NaN and infinities. */
static void test_float64(void **state)
{
    static double stored[PIXELS];
    long size[2] = {WIDTH, HEIGHT};
    (void)state;
    for (int i = 0; i < PIXELS; i++)
        stored[i] = 1e6 + i / 3.0;
    stored[0] = 1e300;
    stored[1] = -1e39;
    stored[2] = 1e-300;
    stored[3] = (double)NAN;
    stored[4] = (double)INFINITY;
    stored[PIXELS - 1] = -(double)INFINITY;
    fitsfile *file = fixture_create("float64.fits");
    fixture_hdu(file, DOUBLE_IMG, 2, size, NULL, 0);
    fixture_fill(file, TDOUBLE, stored, PIXELS);
    fixture_close(file);
    double *values = load("float64.fits");
    for (int i = 0; i < PIXELS; i++)
        assert_true(i == 3 ? isnan(values[i]) : values[i] == stored[i]);
    release(values);
}

/* Every 32-bit integer is a double; 2^24 + 1 is no float32. */
static void test_int32(void **state)
{
    static int stored[PIXELS];
    int status = 0;
    long size[2] = {WIDTH, HEIGHT};
    (void)state;
    for (int i = 0; i < PIXELS; i++)
        stored[i] = (1 << 24) + 1 + 2 * i;
    stored[0] = INT32_MAX;
    stored[1] = INT32_MIN;
    stored[2] = 7;
    fitsfile *file = fixture_create("int32.fits");
    fixture_hdu(file, LONG_IMG, 2, size, NULL, 0);
    fixture_fill(file, TINT, stored, PIXELS);
    fits_write_record(file, "BLANK   =                    7", &status);
    assert_int_equal(status, 0);
    fixture_close(file);
    double *values = load("int32.fits");
    for (int i = 0; i < PIXELS; i++)
        assert_true(i == 2 ? isnan(values[i]) : values[i] == (double)stored[i]);
    release(values);
}

/* Unsigned 32-bit integers, by BZERO, and a factor that is a power of two: exact. */
static void test_scaled_int32(void **state)
{
    static int stored[PIXELS];
    long size[2] = {WIDTH, HEIGHT};
    (void)state;
    for (int i = 0; i < PIXELS; i++)
        stored[i] = INT32_MAX - 3 * i;
    fitsfile *file = fixture_create("scaled.fits");
    fixture_hdu(file, LONG_IMG, 2, size, NULL, 0);
    fixture_fill(file, TINT, stored, PIXELS);
    fixture_number(file, "BSCALE", 0.5);
    fixture_number(file, "BZERO", 2147483648.0);
    fixture_close(file);
    double *values = load("scaled.fits");
    for (int i = 0; i < PIXELS; i++)
        assert_true(values[i] == 0.5 * stored[i] + 2147483648.0);
    release(values);
}

/* Float32 is widened; 8 and 16 bits with a factor are the float32 numbers that wk_exposure_load
 * has, which differ from products in double. */
static void test_narrow_types(void **state)
{
    static const int types[] = {FLOAT_IMG, SHORT_IMG, USHORT_IMG, BYTE_IMG};
    static int stored[PIXELS];
    long size[2] = {WIDTH, HEIGHT};
    (void)state;
    for (int i = 0; i < PIXELS; i++)
        stored[i] = i % 251;
    for (size_t t = 0; t < sizeof types / sizeof *types; t++) {
        int differ = 0, factor = types[t] == SHORT_IMG || types[t] == BYTE_IMG;
        fitsfile *file = fixture_create("narrow.fits");
        fixture_hdu(file, types[t], 2, size, NULL, 0);
        fixture_fill(file, TINT, stored, PIXELS);
        if (types[t] == FLOAT_IMG)
            fixture_pixel(file, 1, (double)NAN);
        if (factor)
            fixture_number(file, "BSCALE", 0.1);
        if (factor)
            fixture_number(file, "BZERO", 3276.7);
        fixture_close(file);
        double *values = load("narrow.fits");
        expect_narrow(values);
        for (int i = 0; i < PIXELS; i++)
            differ += factor ? values[i] != 0.1 * stored[i] + 3276.7 : values[i] != stored[i];
        assert_true(factor ? differ > 0 : differ == (types[t] == FLOAT_IMG));
        release(values);
    }
}

/* Tiles by a method without loss, which no strip divides. */
static void expect_tiles(int method, int bitpix, int type, const void *stored, const double *wanted)
{
    int status = 0;
    long tile[2] = {64, 48}, size[2] = {WIDTH, HEIGHT};
    fitsfile *file = fixture_create("tiles.fits.fz");
    fixture_empty(file);
    fits_set_compression_type(file, method, &status);
    fits_set_tile_dim(file, 2, tile, &status);
    fits_set_quantize_level(file, 0.0f, &status);
    assert_int_equal(status, 0);
    fixture_hdu(file, bitpix, 2, size, "SCI", 0);
    fixture_fill(file, type, stored, PIXELS);
    fixture_close(file);
    double *values = load("tiles.fits.fz");
    for (int i = 0; i < PIXELS; i++)
        assert_true(values[i] == wanted[i]);
    release(values);
}

static void test_compressed(void **state)
{
    static int whole[PIXELS];
    static float narrow[PIXELS];
    static double wanted[PIXELS];
    (void)state;
    for (int i = 0; i < PIXELS; i++)
        wanted[i] = whole[i] = (1 << 25) + i;
    expect_tiles(RICE_1, LONG_IMG, TINT, whole, wanted);
    for (int i = 0; i < PIXELS; i++)
        wanted[i] = (double)(narrow[i] = 0.1f * (float)i);
    expect_tiles(GZIP_2, FLOAT_IMG, TFLOAT, narrow, wanted);
    for (int i = 0; i < PIXELS; i++)
        wanted[i] = 1e6 + i / 3.0;
    wanted[0] = 1e300;
    expect_tiles(GZIP_2, DOUBLE_IMG, TDOUBLE, wanted, wanted);
}

static void test_one_pixel(void **state)
{
    double value = 0;
    (void)state;
    fitsfile *file = fixture_create("one.fits");
    fixture_flat(file, DOUBLE_IMG, 1, 1, NULL, 0, 0.1);
    fixture_close(file);
    assert_int_equal(wk_exposures_open(&exposures, &count, fixture_path("one.fits"), NULL, NULL),
                     WK_OK);
    assert_int_equal(wk_exposure_load_full(&value, exposures[0], NULL), WK_OK);
    assert_true(value == 0.1);
    wk_exposures_free(exposures, count);
}

/* A file that is gone, or has another size, since it was opened. */
static void test_changed(void **state)
{
    double value[2];
    wk_error error;
    (void)state;
    fitsfile *file = fixture_create("gone.fits");
    fixture_flat(file, DOUBLE_IMG, 1, 1, NULL, 0, 0.1);
    fixture_close(file);
    assert_int_equal(wk_exposures_open(&exposures, &count, fixture_path("gone.fits"), NULL, NULL),
                     WK_OK);
    file = fixture_create("gone.fits");
    fixture_flat(file, DOUBLE_IMG, 2, 1, NULL, 0, 0.1);
    fixture_close(file);
    assert_int_equal(wk_exposure_load_full(value, exposures[0], &error), WK_FILE);
    assert_non_null(strstr(error.message, "has changed"));
    remove(fixture_path("gone.fits"));
    assert_int_equal(wk_exposure_load_full(value, exposures[0], &error), WK_FILE);
    assert_non_null(strstr(error.subject, "gone.fits"));
    wk_exposures_free(exposures, count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_float64),      cmocka_unit_test(test_int32),
        cmocka_unit_test(test_scaled_int32), cmocka_unit_test(test_narrow_types),
        cmocka_unit_test(test_compressed),   cmocka_unit_test(test_one_pixel),
        cmocka_unit_test(test_changed),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
