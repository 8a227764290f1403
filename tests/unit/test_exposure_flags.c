#include "fits_fixture.h"

#include "welkin/rows.h"

enum { WIDTH = 90, HEIGHT = 70, PIXELS = WIDTH * HEIGHT };

static int32_t flags[PIXELS];

/* SCI and DQ; kind of file by its name. */
static void make(const char *name, int bitpix)
{
    long size[2] = {WIDTH, HEIGHT};
    fitsfile *file = fixture_create(name);
    for (int i = 0; i < PIXELS; i++)
        flags[i] = i % 11 == 3 ? 1 << (i % 15) : 0;
    flags[PIXELS - 1] = bitpix == LONG_IMG ? INT32_MIN : 16384;
    fixture_empty(file);
    fixture_flat(file, FLOAT_IMG, WIDTH, HEIGHT, "SCI", 1, 5);
    fixture_hdu(file, bitpix, 2, size, "DQ", 1);
    fixture_fill(file, TINT, flags, PIXELS);
    fixture_close(file);
}

static void expect(const char *name)
{
    wk_exposure **exposures;
    size_t count;
    wk_exposure_flags *open;
    uint64_t *found = calloc(PIXELS, sizeof *found);
    wk_error error = {0};
    assert_int_equal(wk_exposures_open(&exposures, &count, fixture_path(name), NULL, &error),
                     WK_OK);
    assert_int_equal(wk_exposure_flags_open(&open, exposures[0], 3, &error), WK_OK);
    wk_flag_rows rows = wk_exposure_flags_get(open);
    assert_int_equal(rows.width, WIDTH);
    assert_int_equal(rows.height, HEIGHT);
    for (int64_t y = 0; y < HEIGHT; y += 13) {
        int64_t part = HEIGHT - y < 13 ? HEIGHT - y : 13;
        assert_int_equal(rows.read(rows.payload, (int)(y / 13) % rows.workers, y, part,
                                   found + y * WIDTH, &error),
                         WK_OK);
    }
    for (int i = 0; i < PIXELS; i++)
        assert_true(found[i] == (uint32_t)flags[i]);
    wk_exposure_flags_close(open);
    wk_exposures_free(exposures, count);
    free(found);
}

static void test_bits_come_as_they_are(void **state)
{
    (void)state;
    make("long.fits", LONG_IMG);
    expect("long.fits");
    make("short.fits", SHORT_IMG);
    expect("short.fits");
    make("long.fits.gz", LONG_IMG);
    expect("long.fits.gz");
}

static void test_refusals(void **state)
{
    (void)state;
    wk_exposure **exposures;
    size_t count;
    wk_exposure_flags *open;
    wk_error error = {0};
    fitsfile *file = fixture_create("plain.fits");
    fixture_flat(file, FLOAT_IMG, 8, 8, NULL, 0, 1);
    fixture_close(file);
    assert_int_equal(wk_exposures_open(&exposures, &count, fixture_path("plain.fits"), NULL, NULL),
                     WK_OK);
    assert_int_equal(wk_exposure_flags_open(&open, exposures[0], 1, &error), WK_HEADER);
    assert_string_equal(error.message, "has no mask");
    assert_int_equal(wk_exposure_flags_open(&open, exposures[0], 0, &error), WK_ARGUMENT);
    wk_exposures_free(exposures, count);
    wk_exposure_flags_close(NULL);
    make("gone.fits", LONG_IMG);
    assert_int_equal(wk_exposures_open(&exposures, &count, fixture_path("gone.fits"), NULL, NULL),
                     WK_OK);
    remove(fixture_path("gone.fits"));
    assert_int_equal(wk_exposure_flags_open(&open, exposures[0], 1, &error), WK_FILE);
    wk_exposures_free(exposures, count);
}

#define FITS_TEST(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {FITS_TEST(test_bits_come_as_they_are),
                                       FITS_TEST(test_refusals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
