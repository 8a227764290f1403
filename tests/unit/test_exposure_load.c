#include "fits_fixture.h"

#include "image.h"
#include "parallel.h"
#include "welkin/exposure.h"

enum { WIDTH = 8, HEIGHT = 5, PIXELS = WIDTH * HEIGHT };

static wk_exposure **exposures;
static size_t exposure_count;

static void open_path(const char *path, const wk_exposure_options *options)
{
    wk_error error;
    if (wk_exposures_open(&exposures, &exposure_count, path, options, &error) != WK_OK)
        fail_msg("%s: %s", error.subject, error.message);
}

static void release(wk_pixels *pixels)
{
    wk_exposures_free(exposures, exposure_count);
    wk_pixels_release(pixels);
}

static void load(wk_pixels *pixels, size_t index, int want_variance)
{
    wk_error error;
    if (wk_exposure_load(pixels, exposures[index], want_variance, &error) != WK_OK)
        fail_msg("%s: %s", error.subject, error.message);
}

static int64_t count_bad(const wk_pixels *pixels)
{
    int64_t bad = 0;
    for (int64_t i = 0; i < pixels->width * pixels->height; i++)
        bad += pixels->bad[i] != 0;
    assert_int_equal(pixels->good, pixels->width * pixels->height - bad);
    return bad;
}

/* SCI with NaN at 0 and inf at 1; DQ 1 at 2 and 4 at 3; noise plane of 4 with 0 at 4, -1 at 5, NaN
 * at 6, inf at 7. */
static void write_planes(const char *name, const char *mask, const char *noise, int version)
{
    fitsfile *file = fixture_create(name);
    fixture_empty(file);
    fixture_ramp(file, FLOAT_IMG, WIDTH, HEIGHT, "SCI", version, 0);
    fixture_pixel(file, 0, (double)NAN);
    fixture_pixel(file, 1, (double)INFINITY);
    fixture_flat(file, LONG_IMG, WIDTH, HEIGHT, mask, version, 0.0);
    fixture_pixel(file, 2, 1.0);
    fixture_pixel(file, 3, 4.0);
    fixture_flat(file, FLOAT_IMG, WIDTH, HEIGHT, noise, version, 4.0);
    fixture_pixel(file, 4, 0.0);
    fixture_pixel(file, 5, -1.0);
    fixture_pixel(file, 6, (double)NAN);
    fixture_pixel(file, 7, (double)INFINITY);
    fixture_close(file);
}

static void expect_bad(const wk_pixels *pixels, uint64_t pattern)
{
    for (int i = 0; i < PIXELS; i++)
        if ((pixels->bad[i] != 0) != (i < 8 && (pattern >> i & 1)))
            fail_msg("pixel %d: bad is %d", i, pixels->bad[i]);
    count_bad(pixels);
}

static void test_bad_pixels(void **state)
{
    (void)state;
    wk_pixels pixels = {0};
    write_planes("des.fits", "MSK", "WGT", 1);
    open_path(fixture_path("des.fits"), NULL);
    load(&pixels, 0, 0);
    expect_bad(&pixels, 0xff);
    assert_int_equal(pixels.good, PIXELS - 8);
    assert_null(pixels.variance);
    assert_true(pixels.data[9] == 9.0f);
    release(&pixels);
}

static void test_bad_bits(void **state)
{
    (void)state;
    wk_pixels pixels = {0};
    wk_exposure_options options = wk_exposure_options_default();
    options.bad_bits = "~4";
    open_path(fixture_path("des.fits"), &options);
    load(&pixels, 0, 0);
    expect_bad(&pixels, 0xf7);
    release(&pixels);
    options.no_mask = 1;
    open_path(fixture_path("des.fits"), &options);
    load(&pixels, 0, 1);
    expect_bad(&pixels, 0x03);
    assert_null(pixels.variance);
    release(&pixels);
}

/* The plane's value 4 is a variance of 4, a weight of 1/0.25 and an error of sqrt(16): exact. */
static void expect_variance(const wk_exposure_options *options, float expected, uint64_t bad)
{
    wk_pixels pixels = {0};
    open_path(fixture_path("des.fits"), options);
    load(&pixels, 0, 1);
    assert_non_null(pixels.variance);
    for (int i = 0; i < PIXELS; i++)
        assert_true(i >= 4 && i < 8 ? isnan(pixels.variance[i]) : pixels.variance[i] == expected);
    expect_bad(&pixels, bad);
    release(&pixels);
}

static void test_variance(void **state)
{
    (void)state;
    wk_exposure_options options = wk_exposure_options_default();
    expect_variance(&options, 0.25f, 0xff);
    options.variance_ext = "WGT";
    expect_variance(&options, 4.0f, 0xff);
    options.variance_ext = NULL;
    options.error_ext = "WGT"; /* errors are not judged */
    expect_variance(&options, 16.0f, 0x0f);
}

static void test_high_bits(void **state)
{
    (void)state;
    wk_pixels pixels = {0};
    LONGLONG flag = (LONGLONG)1 << 40;
    int status = 0;
    fitsfile *file = fixture_create("high.fits");
    fixture_empty(file);
    fixture_ramp(file, FLOAT_IMG, WIDTH, HEIGHT, "SCI", 1, 0);
    fixture_flat(file, LONGLONG_IMG, WIDTH, HEIGHT, "DQ", 1, 0.0);
    fits_write_img(file, TLONGLONG, 4, 1, &flag, &status);
    assert_int_equal(status, 0);
    fixture_close(file);
    wk_exposure_options options = wk_exposure_options_default();
    open_path(fixture_path("high.fits"), NULL);
    load(&pixels, 0, 0);
    expect_bad(&pixels, 0x08);
    release(&pixels);
    options.bad_bits = "~1099511627776";
    open_path(fixture_path("high.fits"), &options);
    load(&pixels, 0, 0);
    expect_bad(&pixels, 0);
    release(&pixels);
}

static void test_one_pixel_and_reuse(void **state)
{
    (void)state;
    wk_pixels pixels = {0};
    fitsfile *file = fixture_create("one.fits");
    fixture_ramp(file, DOUBLE_IMG, 1, 1, NULL, 0, 42);
    fixture_close(file);
    open_path(fixture_path("des.fits"), NULL);
    load(&pixels, 0, 1);
    float *buffer = pixels.data;
    wk_exposures_free(exposures, exposure_count);
    open_path(fixture_path("one.fits"), NULL);
    load(&pixels, 0, 1);
    assert_ptr_equal(pixels.data, buffer);
    assert_int_equal(pixels.good, 1);
    assert_true(pixels.data[0] == 42.0f);
    assert_null(pixels.variance);
    release(&pixels);
}

/* Gzipped, tile-compressed and plain files of one image give the same pixels. */
static void test_storage_does_not_matter(void **state)
{
    (void)state;
    static const char *const names[] = {"p.fits", "p.fits.gz", "p.fits.fz"};
    for (int i = 0; i < 3; i++) {
        wk_pixels pixels = {0};
        int status = 0;
        fitsfile *file = fixture_create(names[i]);
        fixture_empty(file);
        if (i == 2)
            fits_set_compression_type(file, RICE_1, &status);
        fixture_ramp(file, LONG_IMG, 300, 500, "SCI", 0, -1000); /* more than one strip */
        fixture_close(file);
        open_path(fixture_path(names[i]), NULL);
        load(&pixels, 0, 0);
        assert_int_equal(count_bad(&pixels), 0);
        for (int k = 0; k < 300 * 500; k++)
            assert_true(pixels.data[k] == (float)(k - 1000));
        release(&pixels);
    }
}

static void test_file_changed_after_opening(void **state)
{
    (void)state;
    wk_pixels pixels = {0};
    wk_error error;
    write_planes("gone.fits", "MSK", "WGT", 1);
    open_path(fixture_path("gone.fits"), NULL);
    fixture_cut("gone.fits", "gone.fits", 6000);
    assert_int_equal(wk_exposure_load(&pixels, exposures[0], 0, &error), WK_FILE);
    assert_non_null(strstr(error.subject, "gone.fits"));
    remove(fixture_path("gone.fits"));
    assert_int_equal(wk_exposure_load(&pixels, exposures[0], 0, &error), WK_FILE);
    assert_non_null(strstr(error.subject, "gone.fits"));
    release(&pixels);
}

/* Eight threads load different detectors of one file, and all of them the same one, again and
 * again: every pixel must be that detector's. */
enum { DETECTORS = 8, ROUNDS = 200, SIDE = 200 };

static wk_status load_and_compare(int64_t index, int worker, void *payload, int64_t *bytes,
                                  wk_error *error)
{
    wk_pixels *pixels = (wk_pixels *)payload + worker;
    size_t detector = (size_t)(index / 2 * (index & 1)) % DETECTORS;
    wk_status status = wk_exposure_load(pixels, exposures[detector], 1, error);
    *bytes = 0;
    for (int i = 0; status == WK_OK && i < SIDE * SIDE; i++)
        if (pixels->data[i] != (float)((int)detector * 100000 + i))
            status = WK_HEADER;
    if (status == WK_OK && pixels->good != SIDE * SIDE - 1 - (int64_t)detector)
        status = WK_NO_DATA;
    return status;
}

static void write_detectors(const char *name)
{
    fitsfile *file = fixture_create(name);
    fixture_empty(file);
    for (int detector = 0; detector < DETECTORS; detector++) {
        fixture_ramp(file, LONG_IMG, SIDE, SIDE, "SCI", detector + 1, detector * 100000);
        fixture_flat(file, SHORT_IMG, SIDE, SIDE, "DQ", detector + 1, 0.0);
        for (int i = 0; i <= detector; i++)
            fixture_pixel(file, 7 * i, 2.0);
    }
    fixture_close(file);
}

static void test_threads_share_a_file(void **state)
{
    (void)state;
    static const char *const names[] = {"threads.fits", "threads.fits.gz"};
    for (size_t i = 0; i < 2; i++) {
        wk_pixels pixels[DETECTORS] = {{0}};
        wk_context context = {.threads = DETECTORS};
        wk_error error;
        write_detectors(names[i]);
        open_path(fixture_path(names[i]), NULL);
        assert_int_equal(exposure_count, DETECTORS);
        assert_int_equal(
            wk_parallel_for(i ? 40 : ROUNDS, NULL, load_and_compare, pixels, &context, &error),
            WK_OK);
        for (int worker = 0; worker < DETECTORS; worker++)
            wk_pixels_release(&pixels[worker]);
        wk_exposures_free(exposures, exposure_count);
    }
}

static void expect_shared(const char *name, const char *bits, int64_t bad)
{
    wk_pixels pixels = {0};
    wk_exposure_options options = wk_exposure_options_default();
    const char *path = fixture_shared(name);
    if (!path)
        return;
    options.bad_bits = bits;
    open_path(path, &options);
    load(&pixels, 0, 0);
    assert_int_equal(count_bad(&pixels), bad);
    release(&pixels);
}

/* Counts by astropy and numpy: (mask & bits) != 0, or not finite, or not variance > 0. */
static void test_lsst_files(void **state)
{
    (void)state;
    expect_shared("data/lsst/HSC-0908120-056-small.fits", NULL, 5390);
    expect_shared("data/lsst/HSC-0908120-056-small.fits", "~0", 5404);
    expect_shared("data/lsst/calexp.fits", NULL, 576);
    expect_shared("data/lsst/calexp.fits", "~0", 990);
    expect_shared("data/lsst/coadd_with_inputs.fits", NULL, 100);
    expect_shared("data/lsst/scienceMI.fits", NULL, 0);
}

/* Sums by astropy and numpy in float64; the tolerance is the rounding of 1/weight to float32. */
static void test_decam_file(void **state)
{
    (void)state;
    wk_pixels pixels = {0};
    double sum = 0.0, variance = 0.0;
    const char *path = fixture_shared("data/decam/c4d_180908_000426_ooi_g_ls9.N10.fits");
    if (!path)
        return;
    open_path(path, NULL);
    const wk_exposure_header *header = wk_exposure_describe(exposures[0]);
    assert_int_equal(header->layout, WK_LAYOUT_DECAM);
    assert_string_equal(header->detector, "41");
    assert_string_equal(header->filter, "g DECam SDSS c0001 4720.0 1520.0");
    assert_true(header->exposure_time == 100.0);
    assert_non_null(strstr(header->mask_file, "_ood_"));
    assert_non_null(strstr(header->noise_file, "_oow_"));
    load(&pixels, 0, 1);
    assert_int_equal(count_bad(&pixels), 0);
    for (int64_t i = 0; i < pixels.width * pixels.height; i++) {
        sum += (double)pixels.data[i];
        variance += (double)pixels.variance[i];
    }
    assert_true(fabs(sum - 266770.9893875122) < 1e-6);
    assert_true(fabs(variance - 75290.90096034957) < 75290.0 * 6e-8);
    release(&pixels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad_pixels),
        cmocka_unit_test(test_bad_bits),
        cmocka_unit_test(test_variance),
        cmocka_unit_test(test_high_bits),
        cmocka_unit_test(test_one_pixel_and_reuse),
        cmocka_unit_test(test_storage_does_not_matter),
        cmocka_unit_test(test_file_changed_after_opening),
        cmocka_unit_test(test_threads_share_a_file),
        cmocka_unit_test(test_lsst_files),
        cmocka_unit_test(test_decam_file),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
