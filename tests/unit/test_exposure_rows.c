#include "fits_fixture.h"

#include "image.h"
#include "parallel.h"
#include "random.h"
#include "status.h"
#include "welkin/rows.h"

/* More rows than are read at once, in tiles of 7 rows. */
enum { WIDTH = 300, HEIGHT = 500, PIXELS = WIDTH * HEIGHT, TILE = 7 };

/* An exposure, what loading it whole gives, and its rows. */
typedef struct held {
    wk_exposure **exposures;
    size_t count;
    wk_pixels pixels;
    wk_exposure_rows *opened;
    wk_rows rows;
    float *data, *variance;
    uint8_t *bad;
} held;

static void hold(held *h, const char *name, const wk_exposure_options *options, int workers,
                 size_t keep, int judge_noise)
{
    wk_error error;
    *h = (held){0};
    if (wk_exposures_open(&h->exposures, &h->count, fixture_path(name), options, &error) != WK_OK)
        fail_msg("%s: %s", error.subject, error.message);
    assert_int_equal(wk_exposure_load(&h->pixels, h->exposures[0], 1, &error), WK_OK);
    if (wk_exposure_rows_open(&h->opened, h->exposures[0], workers, keep, judge_noise, &error) !=
        WK_OK)
        fail_msg("%s: %s", error.subject, error.message);
    h->rows = wk_exposure_rows_get(h->opened);
    assert_int_equal(h->rows.width, h->pixels.width);
    assert_int_equal(h->rows.height, h->pixels.height);
    assert_int_equal(h->rows.has_variance, h->pixels.variance != NULL);
    size_t n = (size_t)(h->rows.width * h->rows.height);
    h->data = malloc(n * sizeof(float));
    h->variance = malloc(n * sizeof(float));
    h->bad = malloc(n);
    assert_true(h->data && h->variance && h->bad);
}

static void drop(held *h)
{
    wk_exposure_rows_close(h->opened);
    wk_exposures_free(h->exposures, h->count);
    wk_pixels_release(&h->pixels);
    free(h->data);
    free(h->variance);
    free(h->bad);
}

static int same_bits(const float *a, const float *b, int64_t count)
{
    return memcmp(a, b, (size_t)count * sizeof *a) == 0;
}

/* A rectangle is the same piece of what was loaded whole; want: bit 0 data, 1 bad, 2 variance.  The
 * whole load judges the noise always, so bad is compared when the rows do. */
static wk_status compare(const held *h, int worker, wk_rect rect, int want, wk_error *error)
{
    size_t n = (size_t)(rect.width * rect.height);
    float *data = malloc(n * sizeof *data), *variance = malloc(n * sizeof *variance);
    uint8_t *bad = malloc(n);
    int with = (want & 4) && h->rows.has_variance;
    wk_status status = h->rows.read(h->rows.payload, worker, rect, want & 1 ? data : NULL,
                                    want & 2 ? bad : NULL, with ? variance : NULL, error);
    for (int64_t y = 0; status == WK_OK && y < rect.height; y++) {
        int64_t at = (rect.y + y) * h->rows.width + rect.x, to = y * rect.width;
        int same = !(want & 1) || same_bits(data + to, h->pixels.data + at, rect.width);
        same = same && (!with || same_bits(variance + to, h->pixels.variance + at, rect.width));
        for (int64_t x = 0; (want & 2) && x < rect.width; x++)
            same = same && (bad[to + x] != 0) == (h->pixels.bad[at + x] != 0);
        if (!same)
            status = wk_error_set(error, WK_HEADER, "", "row %d of %dx%d+%d+%d differs", (int)y,
                                  (int)rect.width, (int)rect.height, (int)rect.x, (int)rect.y);
    }
    free(data);
    free(variance);
    free(bad);
    return status;
}

static void expect_same(const held *h, wk_rect rect, int want)
{
    wk_error error;
    if (compare(h, 0, rect, want, &error) != WK_OK)
        fail_msg("want %d: %s", want, error.message);
}

/* Any rectangle, often whole rows. */
static wk_rect random_rect(const held *h, uint64_t seed)
{
    wk_random random = wk_random_stream(seed, 8, 0, 0, 0);
    int64_t x = wk_random_index(&random, h->rows.width);
    int64_t y = wk_random_index(&random, h->rows.height);
    wk_rect rect = {x, y, 1 + wk_random_index(&random, h->rows.width - x),
                    1 + wk_random_index(&random, h->rows.height - y)};
    if (seed % 3 == 0) {
        rect.x = 0;
        rect.width = h->rows.width;
    }
    return rect;
}

static void expect_rectangles(const held *h)
{
    int64_t w = h->rows.width, y = h->rows.height;
    const wk_rect edges[] = {{0, 0, w, y},         {0, 0, 1, 1},        {w - 1, y - 1, 1, 1},
                             {w - 1, 0, 1, y},     {0, y - 1, w, 1},    {0, 0, 0, 0},
                             {w / 2, y / 2, 1, 1}, {0, 0, w - 1, y - 1}};
    for (size_t i = 0; i < sizeof edges / sizeof edges[0]; i++)
        for (int want = 0; want < 8; want++)
            expect_same(h, edges[i], want);
    for (uint64_t i = 0; i < 24; i++)
        expect_same(h, random_rect(h, i), (int)(i % 7) + 1);
}

/* An image, a mask and a noise plane with every kind of bad pixel, near the begin and the end. */
static void write_planes(const char *name, int bitpix, const char *mask, const char *noise)
{
    int status = 0, first = bitpix == SHORT_IMG ? -32000 : 0;
    long tile[2] = {WIDTH, TILE};
    fitsfile *file = fixture_create(name);
    fixture_empty(file);
    if (strstr(name, ".fz")) {
        fits_set_compression_type(file, RICE_1, &status);
        fits_set_tile_dim(file, 2, tile, &status);
    }
    fixture_ramp(file, bitpix, WIDTH, HEIGHT, "SCI", 1, first);
    for (int i = 0; bitpix < 0 && i < 2; i++) {
        fixture_pixel(file, i ? PIXELS - 1 : 0, (double)NAN);
        fixture_pixel(file, i ? PIXELS - 2 : 3, (double)INFINITY);
    }
    fixture_flat(file, LONG_IMG, WIDTH, HEIGHT, mask, 1, 0.0);
    for (int i = 0; i < 40; i++)
        fixture_pixel(file, i * 3701, 1 + i % 7);
    fits_set_compression_type(file, 0, &status);
    fixture_flat(file, FLOAT_IMG, WIDTH, HEIGHT, noise, 1, 4.0);
    fixture_pixel(file, 0, 0.0);
    fixture_pixel(file, 4, -1.0);
    fixture_pixel(file, 5, (double)NAN);
    fixture_pixel(file, PIXELS - 3, (double)INFINITY);
    fixture_close(file);
    assert_int_equal(status, 0);
}

/* However the pixels are stored. */
static void test_as_loaded(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int bitpix;
        const char *mask, *noise;
    } kinds[] = {{"f.fits", FLOAT_IMG, "MSK", "WGT"},
                 {"d.fits", DOUBLE_IMG, "MSK", "WGT"},
                 {"i.fits", LONG_IMG, "DQ", "ERR"},
                 {"f.fits.gz", FLOAT_IMG, "MSK", "WGT"},
                 {"i.fits.fz", LONG_IMG, "MSK", "WGT"}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        write_planes(kinds[i].name, kinds[i].bitpix, kinds[i].mask, kinds[i].noise);
        for (int keep = 0; keep < 2; keep++) {
            held h;
            hold(&h, kinds[i].name, NULL, 1, keep ? (size_t)5 * PIXELS : 0, 1);
            assert_non_null(h.pixels.variance);
            expect_rectangles(&h);
            expect_rectangles(&h); /* from what was kept, if anything was */
            drop(&h);
        }
    }
}

/* In double, as the whole is read without loss; float32 has no such way. */
static void test_wide(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int bitpix;
    } kinds[] = {{"wd.fits", DOUBLE_IMG},
                 {"wi.fits", LONG_IMG},
                 {"wi.fits.gz", LONG_IMG},
                 {"wi.fits.fz", LONG_IMG}};
    static double whole[PIXELS], part[PIXELS];
    const wk_rect rects[] = {
        {0, 0, WIDTH, HEIGHT}, {17, 30, 200, 311}, {WIDTH - 1, HEIGHT - 1, 1, 1}};
    held h;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        write_planes(kinds[i].name, kinds[i].bitpix, "MSK", "WGT");
        hold(&h, kinds[i].name, NULL, 1, (size_t)5 * PIXELS, 1);
        assert_int_equal(wk_exposure_load_full(whole, h.exposures[0], NULL), WK_OK);
        for (int r = 0; r < 3; r++) {
            wk_rect rect = rects[r];
            assert_non_null(h.rows.read_wide);
            assert_int_equal(h.rows.read_wide(h.rows.payload, 0, rect, part, h.bad, NULL), WK_OK);
            for (int64_t k = 0; k < rect.width * rect.height; k++) {
                int64_t at = (rect.y + k / rect.width) * WIDTH + rect.x + k % rect.width;
                assert_true(part[k] == whole[at] || (isnan(part[k]) && isnan(whole[at])));
                assert_int_equal(h.bad[k] != 0, h.pixels.bad[at] != 0);
            }
        }
        drop(&h);
    }
    write_planes("wf.fits", FLOAT_IMG, "MSK", "WGT");
    hold(&h, "wf.fits", NULL, 1, 0, 1);
    assert_null(h.rows.read_wide);
    drop(&h);
}

/* 16-bit integers with a scale, without planes. */
static void test_scaled(void **state)
{
    (void)state;
    held h;
    fitsfile *file = fixture_create("scaled.fits");
    short *stored = malloc(PIXELS * sizeof *stored);
    long size[2] = {WIDTH, HEIGHT};
    for (int i = 0; i < PIXELS; i++)
        stored[i] = (short)(i % 60000 - 30000);
    fixture_hdu(file, SHORT_IMG, 2, size, NULL, 0);
    fixture_fill(file, TSHORT, stored, PIXELS);
    fixture_number(file, "BSCALE", 0.1);
    fixture_number(file, "BZERO", 3276.7);
    fixture_close(file);
    hold(&h, "scaled.fits", NULL, 1, 0, 1);
    expect_rectangles(&h);
    assert_false(h.rows.has_variance);
    assert_int_equal(
        h.rows.read(h.rows.payload, 0, (wk_rect){7, 3, 90, 400}, h.data, h.bad, NULL, NULL), WK_OK);
    for (int y = 0; y < 400; y++)
        for (int x = 0; x < 90; x++) {
            float scaled = (float)stored[(y + 3) * WIDTH + x + 7] * 0.1F;
            assert_true(h.data[y * 90 + x] == scaled + 3276.7F);
        }
    free(stored);
    drop(&h);
}

/* NaN at 0 and inf at 3; flags at 0, 3701, ...; weights of no use at 0, 4, 5 and the third from the
 * end. */
static void expect_codes(const held *h, int noise, int with_variance)
{
    wk_rect all = {0, 0, WIDTH, HEIGHT};
    assert_int_equal(h->rows.read(h->rows.payload, 0, all, h->data, h->bad,
                                  with_variance ? h->variance : NULL, NULL),
                     WK_OK);
    for (int i = 0; i < PIXELS; i++) {
        int code = i == 0 || i == 3 || i >= PIXELS - 2 ? WK_BAD_VALUE : 0;
        code |= i % 3701 == 0 && i / 3701 < 40 ? WK_BAD_FLAG : 0;
        code |= noise && (i == 0 || i == 4 || i == 5 || i == PIXELS - 3) ? WK_BAD_NOISE : 0;
        if (h->bad[i] != code)
            fail_msg("pixel %d has code %d, not %d", i, h->bad[i], code);
    }
}

static void test_codes(void **state)
{
    (void)state;
    held h;
    wk_exposure_options errors = wk_exposure_options_default();
    errors.error_ext = "WGT";
    write_planes("codes.fits", FLOAT_IMG, "MSK", "WGT");
    hold(&h, "codes.fits", NULL, 1, 0, 1);
    expect_codes(&h, 1, 0);
    expect_codes(&h, 1, 1);
    drop(&h);
    hold(&h, "codes.fits", NULL, 1, 0, 0);
    expect_codes(&h, 0, 0);
    expect_codes(&h, 1, 1);
    assert_true(isnan(h.variance[4]) && isnan(h.variance[5]) && h.variance[1] == 0.25F);
    drop(&h);
    hold(&h, "codes.fits", &errors, 1, 0, 1); /* errors are not judged */
    expect_codes(&h, 0, 0);
    expect_codes(&h, 0, 1);
    assert_true(isnan(h.variance[4]) && isnan(h.variance[5]) && h.variance[1] == 16.0F);
    drop(&h);
}

/* What is kept of compressed rows is without the noise's say: it is asked for or not each time. */
static void test_kept_rows_are_judged_anew(void **state)
{
    (void)state;
    held h;
    wk_rect row = {0, 0, WIDTH, 1};
    write_planes("kept.fits.fz", LONG_IMG, "MSK", "WGT");
    hold(&h, "kept.fits.fz", NULL, 1, (size_t)5 * PIXELS, 0);
    for (int with = 1; with >= 0; with--) {
        assert_int_equal(
            h.rows.read(h.rows.payload, 0, row, h.data, h.bad, with ? h.variance : NULL, NULL),
            WK_OK);
        assert_int_equal(h.bad[4], with ? WK_BAD_NOISE : 0);
        assert_int_equal(h.bad[0], with ? WK_BAD_FLAG | WK_BAD_NOISE : WK_BAD_FLAG);
    }
    drop(&h);
}

static wk_status compare_one(int64_t index, int worker, void *payload, int64_t *bytes,
                             wk_error *error)
{
    const held *h = payload;
    *bytes = 0;
    return compare(h, worker, random_rect(h, (uint64_t)index), (int)(index % 7) + 1, error);
}

/* Seven readers at once, with and without keeping what they read. */
static void test_workers(void **state)
{
    (void)state;
    static const char *const names[] = {"many.fits", "many.fits.fz", "many.fits.gz"};
    for (size_t i = 0; i < 6; i++) {
        held h;
        wk_error error;
        write_planes(names[i / 2], LONG_IMG, "MSK", "WGT");
        hold(&h, names[i / 2], NULL, 7, i % 2 ? (size_t)5 * PIXELS : 0, 1);
        assert_int_equal(h.rows.workers, i / 2 == 2 ? 1 : 7);
        wk_context context = {.threads = h.rows.workers};
        if (wk_parallel_for(60, NULL, compare_one, &h, &context, &error) != WK_OK)
            fail_msg("%s: %s", names[i / 2], error.message);
        drop(&h);
    }
}

static void test_one_pixel(void **state)
{
    (void)state;
    held h;
    fitsfile *file = fixture_create("one.fits");
    fixture_ramp(file, DOUBLE_IMG, 1, 1, NULL, 0, 42);
    fixture_close(file);
    hold(&h, "one.fits", NULL, 3, 1000, 1);
    for (int want = 0; want < 4; want++)
        expect_same(&h, (wk_rect){0, 0, 1, 1}, want);
    drop(&h);
}

/* A file that is cut, replaced or gone after it was looked at. */
static void expect_file_error(const wk_exposure *exposure)
{
    wk_exposure_rows *opened = NULL;
    wk_error error = {0};
    float *data = malloc(PIXELS * sizeof *data);
    uint8_t *bad = malloc(PIXELS);
    wk_status status = wk_exposure_rows_open(&opened, exposure, 2, 0, 1, &error);
    if (status == WK_OK) {
        wk_rows rows = wk_exposure_rows_get(opened);
        status =
            rows.read(rows.payload, 1, (wk_rect){0, 0, WIDTH, HEIGHT}, data, bad, NULL, &error);
        wk_exposure_rows_close(opened);
    } else {
        assert_null(opened);
    }
    assert_int_equal(status, WK_FILE);
    assert_non_null(strstr(error.subject, "lost.fits"));
    assert_true(error.message[0] != '\0');
    free(data);
    free(bad);
}

static long file_size(const char *name)
{
    size_t size;
    free(fixture_read(name, &size));
    return (long)size;
}

static void test_changed_files(void **state)
{
    (void)state;
    wk_exposure **exposures;
    size_t count;
    const long cuts[] = {10, 6000, 500000, 700000, 1300000}; /* also within mask and weights */
    write_planes("whole.fits", FLOAT_IMG, "MSK", "WGT");
    fixture_cut("whole.fits", "lost.fits", file_size("whole.fits"));
    assert_int_equal(wk_exposures_open(&exposures, &count, fixture_path("lost.fits"), NULL, NULL),
                     WK_OK);
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
        fixture_cut("whole.fits", "lost.fits", cuts[i]);
        expect_file_error(exposures[0]);
    }
    fitsfile *file = fixture_create("lost.fits");
    fixture_empty(file);
    fixture_ramp(file, FLOAT_IMG, WIDTH + 1, HEIGHT, "SCI", 1, 0);
    fixture_close(file);
    expect_file_error(exposures[0]);
    remove(fixture_path("lost.fits"));
    expect_file_error(exposures[0]);
    wk_exposures_free(exposures, count);
}

static void test_arguments(void **state)
{
    (void)state;
    held h;
    wk_error error;
    wk_exposure_rows *opened = NULL;
    write_planes("argument.fits", FLOAT_IMG, "MSK", "WGT");
    hold(&h, "argument.fits", NULL, 1, 0, 1);
    assert_int_equal(wk_exposure_rows_open(&opened, h.exposures[0], 0, 0, 1, &error), WK_ARGUMENT);
    assert_null(opened);
    wk_exposure_rows_close(NULL);
    drop(&h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_loaded),
        cmocka_unit_test(test_wide),
        cmocka_unit_test(test_scaled),
        cmocka_unit_test(test_codes),
        cmocka_unit_test(test_kept_rows_are_judged_anew),
        cmocka_unit_test(test_workers),
        cmocka_unit_test(test_one_pixel),
        cmocka_unit_test(test_changed_files),
        cmocka_unit_test(test_arguments),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
