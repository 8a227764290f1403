#include "fits_fixture.h"

#include "welkin/exposure.h"

enum { WIDTH = 12, HEIGHT = 9 };

static wk_exposure **exposures;
static size_t exposure_count;

static wk_status open_path(const char *path, const wk_exposure_options *options, wk_error *error)
{
    exposures = NULL;
    exposure_count = 0;
    memset(error, 0, sizeof *error);
    return wk_exposures_open(&exposures, &exposure_count, path, options, error);
}

static void open_name(const char *name, const wk_exposure_options *options, size_t expected)
{
    wk_error error;
    if (open_path(fixture_path(name), options, &error) != WK_OK)
        fail_msg("%s: %s", error.subject, error.message);
    assert_int_equal(exposure_count, expected);
}

static void release(void)
{
    wk_exposures_free(exposures, exposure_count);
    exposures = NULL;
}

/* The failure must have the status, name the file, and say the word. */
static void expect_failure(const char *name, const wk_exposure_options *options, wk_status expected,
                           const char *word)
{
    wk_error error;
    wk_status status = open_path(fixture_path(name), options, &error);
    assert_int_equal(status, expected);
    assert_int_equal(error.code, expected);
    assert_null(exposures);
    if (!strstr(error.subject, fixture_folder) || !strstr(error.message, word))
        fail_msg("%s: \"%s: %s\" does not say \"%s\"", name, error.subject, error.message, word);
}

static void expect_hdus(size_t index, int image, int mask, int noise, wk_noise kind)
{
    const wk_exposure_header *header = wk_exposure_describe(exposures[index]);
    assert_int_equal(header->image_hdu, image);
    assert_int_equal(header->mask_hdu, mask);
    assert_int_equal(header->noise_hdu, noise);
    assert_int_equal(header->noise, kind);
}

static void write_stsci(const char *name)
{
    fitsfile *file = fixture_create(name);
    fixture_empty(file);
    fixture_key(file, "FILTER1", "CLEAR1L");
    fixture_key(file, "FILTER2", "F814W");
    fixture_key(file, "DETECTOR", "WFC");
    fixture_number(file, "EXPTIME", 500.0);
    for (int version = 1; version <= 2; version++) {
        fixture_ramp(file, FLOAT_IMG, WIDTH, HEIGHT, "SCI", version, version);
        fixture_ramp(file, FLOAT_IMG, WIDTH, HEIGHT, "ERR", version, 1);
        fixture_ramp(file, SHORT_IMG, WIDTH, HEIGHT, "DQ", version, 0);
    }
    fixture_close(file);
}

static void test_plain(void **state)
{
    (void)state;
    fitsfile *file = fixture_create("plain.fits");
    fixture_empty(file);
    fixture_table(file);
    fixture_ramp(file, SHORT_IMG, WIDTH, HEIGHT, NULL, 0, 0);
    fixture_ramp(file, SHORT_IMG, WIDTH, HEIGHT, NULL, 0, 0);
    fixture_close(file);
    open_name("plain.fits", NULL, 1);
    const wk_exposure_header *header = wk_exposure_describe(exposures[0]);
    expect_hdus(0, 2, -1, -1, WK_NOISE_NONE);
    assert_int_equal(header->layout, WK_LAYOUT_PLAIN);
    assert_int_equal(header->width, WIDTH);
    assert_int_equal(header->height, HEIGHT);
    assert_int_equal(header->bitpix, 16);
    assert_string_equal(header->detector, "");
    assert_string_equal(header->filter, "");
    assert_true(isnan(header->exposure_time));
    assert_string_equal(header->file, fixture_path("plain.fits"));
    assert_null(header->mask_file);
    release();
}

static void test_stsci(void **state)
{
    (void)state;
    write_stsci("stsci.fits");
    open_name("stsci.fits", NULL, 2);
    const wk_exposure_header *header = wk_exposure_describe(exposures[1]);
    expect_hdus(0, 1, 3, 2, WK_NOISE_ERROR);
    expect_hdus(1, 4, 6, 5, WK_NOISE_ERROR);
    assert_int_equal(header->layout, WK_LAYOUT_STSCI);
    assert_string_equal(header->detector, "2");
    assert_string_equal(header->filter, "F814W");
    assert_true(header->exposure_time == 500.0);
    assert_true(header->bad_bits == UINT64_MAX);
    assert_int_equal(header->plane_count, 0);
    release();
}

static void test_jwst(void **state)
{
    (void)state;
    fitsfile *file = fixture_create("jwst.fits");
    fixture_empty(file);
    fixture_key(file, "TELESCOP", "JWST");
    fixture_key(file, "DETECTOR", "NRCA1");
    fixture_ramp(file, FLOAT_IMG, WIDTH, HEIGHT, "SCI", 1, 0);
    fixture_ramp(file, ULONG_IMG, WIDTH, HEIGHT, "DQ", 1, 0);
    fixture_close(file);
    wk_exposure_options options = wk_exposure_options_default();
    open_name("jwst.fits", NULL, 1);
    const wk_exposure_header *header = wk_exposure_describe(exposures[0]);
    assert_true(header->bad_bits == 513);
    assert_int_equal(header->plane_count, 32);
    assert_string_equal(header->detector, "NRCA1");
    release();
    options.bad_bits = "SATURATED";
    open_name("jwst.fits", &options, 1);
    assert_true(wk_exposure_describe(exposures[0])->bad_bits == 2);
    release();
    options.bad_bits = "SATURATION";
    expect_failure("jwst.fits", &options, WK_HEADER, "SATURATED");
}

static void test_lsst(void **state)
{
    (void)state;
    static const char *const names[] = {"IMAGE", "MASK", "VARIANCE"};
    int status = 0;
    fitsfile *file = fixture_create("lsst.fits");
    fixture_empty(file);
    for (int i = 0; i < 3; i++) {
        fixture_ramp(file, i == 1 ? USHORT_IMG : FLOAT_IMG, WIDTH, HEIGHT, NULL, 0, 0);
        fixture_key(file, "EXTTYPE", names[i]);
        if (i == 1) {
            fits_write_record(file, "MP_EDGE =                    4", &status);
            fits_write_record(file, "MP_NO_DATA =                 9", &status);
            fits_write_record(file, "MP_BAD  =                    0", &status);
        }
    }
    fixture_close(file);
    open_name("lsst.fits", NULL, 1);
    const wk_exposure_header *header = wk_exposure_describe(exposures[0]);
    expect_hdus(0, 1, 2, 3, WK_NOISE_VARIANCE);
    assert_int_equal(header->layout, WK_LAYOUT_LSST);
    assert_int_equal(header->plane_count, 3);
    assert_string_equal(header->planes[2].name, "NO_DATA");
    assert_true(header->bad_bits == 1 + 512);
    release();
}

static void test_des_compressed(void **state)
{
    (void)state;
    static const char *const names[] = {"SCI", "MSK", "WGT"};
    int status = 0;
    fitsfile *file = fixture_create("des.fits.fz");
    fixture_empty(file);
    fits_set_compression_type(file, RICE_1, &status);
    for (int i = 0; i < 3; i++) {
        fixture_ramp(file, LONG_IMG, 40, 30, names[i], 0, 0);
        if (i == 0)
            fixture_number(file, "CCDNUM", 31);
    }
    fixture_close(file);
    open_name("des.fits.fz", NULL, 1);
    expect_hdus(0, 1, 2, 3, WK_NOISE_WEIGHT);
    assert_int_equal(wk_exposure_describe(exposures[0])->layout, WK_LAYOUT_DES);
    assert_int_equal(wk_exposure_describe(exposures[0])->width, 40);
    release();
}

static void write_decam(const char *name, int bitpix, int missing)
{
    static const char *const ccds[] = {"S29", "S31", "N1"};
    fitsfile *file = fixture_create(name);
    fixture_empty(file);
    for (int i = 0; i < 3; i++)
        if (i != missing)
            fixture_ramp(file, bitpix, WIDTH, HEIGHT, ccds[i], 0, 0);
    fixture_close(file);
}

static void test_decam_siblings(void **state)
{
    (void)state;
    write_decam("c4d_ooi_g_ooi_v1.fits", FLOAT_IMG, -1);
    write_decam("c4d_ood_g_ooi_v1.fits.gz", SHORT_IMG, 0);
    open_name("c4d_ooi_g_ooi_v1.fits", NULL, 3);
    const wk_exposure_header *header = wk_exposure_describe(exposures[1]);
    assert_int_equal(header->layout, WK_LAYOUT_DECAM);
    assert_string_equal(header->mask_file, fixture_path("c4d_ood_g_ooi_v1.fits.gz"));
    assert_string_equal(header->detector, "S31");
    expect_hdus(0, 1, -1, -1, WK_NOISE_NONE); /* the mask file lacks S29 */
    expect_hdus(1, 2, 1, -1, WK_NOISE_NONE);
    expect_hdus(2, 3, 2, -1, WK_NOISE_NONE);
    release();
    write_decam("c4d_oow_g_ooi_v1.fits", FLOAT_IMG, -1);
    open_name("c4d_ooi_g_ooi_v1.fits[N1]", NULL, 1);
    expect_hdus(0, 3, 2, 3, WK_NOISE_WEIGHT);
    release();
    fixture_cut("c4d_oow_g_ooi_v1.fits", "c4d_oow_g_ooi_v1.fits", 6000);
    expect_failure("c4d_ooi_g_ooi_v1.fits", NULL, WK_FILE, "truncated");
}

static void test_brackets(void **state)
{
    (void)state;
    write_stsci("stsci.fits");
    open_name("stsci.fits[SCI,2]", NULL, 1);
    expect_hdus(0, 4, 6, 5, WK_NOISE_ERROR);
    assert_string_equal(wk_exposure_describe(exposures[0])->file, fixture_path("stsci.fits"));
    assert_non_null(strstr(wk_exposure_name(exposures[0]), "stsci.fits[4]"));
    assert_string_equal(wk_exposure_describe(exposures[0])->detector, "2");
    release();
    open_name("stsci.fits[4]", NULL, 1);
    expect_hdus(0, 4, 6, 5, WK_NOISE_ERROR);
    release();
    open_name("stsci.fits[sci]", NULL, 1);
    expect_hdus(0, 1, 3, 2, WK_NOISE_ERROR);
    release();
    open_name("stsci.fits[ERR,2]", NULL, 1);
    expect_hdus(0, 5, 6, -1, WK_NOISE_NONE);
    release();
    expect_failure("stsci.fits[SCI,3]", NULL, WK_HEADER, "SCI,3");
    expect_failure("stsci.fits[7]", NULL, WK_HEADER, "no HDU 7");
    expect_failure("stsci.fits[0]", NULL, WK_HEADER, "no pixels");
    expect_failure("stsci.fits[1:5,1:5]", NULL, WK_ARGUMENT, "1:5");
    expect_failure("stsci.fits[1][2]", NULL, WK_ARGUMENT, "bracket");
    expect_failure("stsci.fits[]", NULL, WK_ARGUMENT, "extension");
}

static void test_overrides(void **state)
{
    (void)state;
    wk_exposure_options options = wk_exposure_options_default();
    write_stsci("stsci.fits");
    options.image_ext = "SCI,2";
    options.mask_ext = "DQ";
    options.variance_ext = "2";
    options.bad_bits = "~4";
    open_name("stsci.fits", &options, 1);
    expect_hdus(0, 4, 6, 2, WK_NOISE_VARIANCE);
    assert_true(wk_exposure_describe(exposures[0])->bad_bits == ~(uint64_t)4);
    release();
    options.no_mask = 1;
    open_name("stsci.fits", &options, 1);
    expect_hdus(0, 4, -1, -1, WK_NOISE_NONE);
    release();
    options = wk_exposure_options_default();
    options.layout = WK_LAYOUT_PLAIN;
    open_name("stsci.fits", &options, 1);
    expect_hdus(0, 1, -1, -1, WK_NOISE_NONE);
    release();
}

static void test_planes_of_other_files(void **state)
{
    (void)state;
    char mask[400], weight[400];
    fitsfile *file = fixture_create("weight.fits");
    fixture_ramp(file, FLOAT_IMG, WIDTH, HEIGHT, NULL, 0, 0);
    fixture_close(file);
    write_stsci("stsci.fits");
    snprintf(mask, sizeof mask, "%s", fixture_path("stsci.fits"));
    snprintf(weight, sizeof weight, "%s", fixture_path("weight.fits"));
    wk_exposure_options options = wk_exposure_options_default();
    options.mask_file = mask;
    options.mask_ext = "DQ,2";
    options.weight_file = weight;
    open_name("plain.fits", &options, 1);
    const wk_exposure_header *header = wk_exposure_describe(exposures[0]);
    expect_hdus(0, 2, 6, 0, WK_NOISE_WEIGHT);
    assert_string_equal(header->mask_file, mask);
    assert_string_equal(header->noise_file, weight);
    release();
    options.mask_file = "/nowhere/mask.fits";
    wk_error error;
    assert_int_equal(open_path(fixture_path("plain.fits"), &options, &error), WK_FILE);
    assert_string_equal(error.subject, "/nowhere/mask.fits");
}

static void test_options_that_exclude_each_other(void **state)
{
    (void)state;
    wk_error error;
    wk_exposure_options options = wk_exposure_options_default();
    options.variance_ext = "2";
    options.error_ext = "2";
    assert_int_equal(open_path(fixture_path("stsci.fits"), &options, &error), WK_ARGUMENT);
    options.variance_ext = NULL;
    options.weight_file = "w.fits";
    assert_int_equal(open_path(fixture_path("stsci.fits"), &options, &error), WK_ARGUMENT);
    options = wk_exposure_options_default();
    options.image_ext = "1";
    assert_int_equal(open_path(fixture_path("stsci.fits[1]"), &options, &error), WK_ARGUMENT);
    options.image_ext = "SCI,";
    assert_int_equal(open_path(fixture_path("stsci.fits"), &options, &error), WK_ARGUMENT);
    options.image_ext = "NONE";
    expect_failure("stsci.fits", &options, WK_HEADER, "NONE");
    options.image_ext = NULL;
    options.mask_ext = "NONE";
    expect_failure("stsci.fits", &options, WK_HEADER, "NONE");
    options.mask_ext = NULL;
    options.layout = WK_LAYOUT_LSST;
    expect_failure("stsci.fits", &options, WK_HEADER, "layout");
    options.layout = (wk_layout)17;
    assert_int_equal(open_path(fixture_path("stsci.fits"), &options, &error), WK_ARGUMENT);
}

static void write_shape(const char *name, int axes, long *size, int table)
{
    fitsfile *file = fixture_create(name);
    fixture_hdu(file, FLOAT_IMG, axes, size, NULL, 0);
    if (table)
        fixture_table(file);
    fixture_close(file);
}

static void test_shapes(void **state)
{
    (void)state;
    write_shape("cube1.fits", 4, (long[]){WIDTH, HEIGHT, 1, 1}, 0);
    open_name("cube1.fits", NULL, 1);
    expect_hdus(0, 0, -1, -1, WK_NOISE_NONE);
    release();
    write_shape("cube.fits", 3, (long[]){WIDTH, HEIGHT, 5}, 0);
    write_shape("line.fits", 1, (long[]){WIDTH}, 0);
    write_shape("zero.fits", 2, (long[]){0, HEIGHT}, 0);
    write_shape("table.fits", 0, NULL, 1);
    write_shape("nothing.fits", 0, NULL, 0);
    expect_failure("cube.fits", NULL, WK_HEADER, "5 planes");
    expect_failure("line.fits", NULL, WK_HEADER, "one axis");
    expect_failure("zero.fits", NULL, WK_HEADER, "empty");
    expect_failure("table.fits", NULL, WK_HEADER, "no image");
    expect_failure("table.fits[1]", NULL, WK_HEADER, "table");
    expect_failure("nothing.fits", NULL, WK_HEADER, "no image");
}

static void test_planes_of_another_size(void **state)
{
    (void)state;
    fitsfile *file = fixture_create("sizes.fits");
    fixture_empty(file);
    fixture_ramp(file, FLOAT_IMG, WIDTH, HEIGHT, "SCI", 1, 0);
    fixture_ramp(file, SHORT_IMG, WIDTH + 1, HEIGHT, "DQ", 1, 0);
    fixture_ramp(file, FLOAT_IMG, HEIGHT, WIDTH, "ERR", 1, 0);
    fixture_close(file);
    expect_failure("sizes.fits", NULL, WK_HEADER, "mask is 13 x 9");
    wk_exposure_options options = wk_exposure_options_default();
    options.mask_ext = "ERR";
    expect_failure("sizes.fits", &options, WK_HEADER, "9 x 12");
    options.mask_ext = "SCI";
    expect_failure("sizes.fits", &options, WK_HEADER, "floating");
    options.mask_ext = "0";
    expect_failure("sizes.fits", &options, WK_HEADER, "two axes");
}

static void test_damaged_files(void **state)
{
    (void)state;
    write_stsci("stsci.fits");
    fixture_bytes("empty.fits", "", 0);
    fixture_bytes("text.fits", "hello\n", 6);
    fixture_cut("stsci.fits", "header.fits", 1000);
    fixture_cut("stsci.fits", "data.fits", -200);
    fixture_patch("stsci.fits", "huge.fits", "NAXIS1  =  9000000000000000000");
    expect_failure("missing.fits", NULL, WK_FILE, "no such file");
    expect_failure("", NULL, WK_FILE, "directory");
    expect_failure("empty.fits", NULL, WK_FILE, "empty");
    expect_failure("text.fits", NULL, WK_FILE, "not FITS");
    expect_failure("header.fits", NULL, WK_FILE, "header");
    expect_failure("data.fits", NULL, WK_FILE, "truncated");
    expect_failure("huge.fits", NULL, WK_FILE, "truncated");
}

/* Nothing stays open, whether opening succeeds or fails. */
static void test_no_file_stays_open(void **state)
{
    (void)state;
    wk_error error;
    int before = dup(0);
    close(before);
    for (int i = 0; i < 20; i++) {
        open_name("stsci.fits", NULL, 2);
        release();
        open_path(fixture_path("sizes.fits"), NULL, &error);
        open_path(fixture_path("data.fits"), NULL, &error);
    }
    int after = dup(0);
    close(after);
    assert_int_equal(before, after);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),
        cmocka_unit_test(test_stsci),
        cmocka_unit_test(test_jwst),
        cmocka_unit_test(test_lsst),
        cmocka_unit_test(test_des_compressed),
        cmocka_unit_test(test_decam_siblings),
        cmocka_unit_test(test_brackets),
        cmocka_unit_test(test_overrides),
        cmocka_unit_test(test_planes_of_other_files),
        cmocka_unit_test(test_options_that_exclude_each_other),
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_planes_of_another_size),
        cmocka_unit_test(test_damaged_files),
        cmocka_unit_test(test_no_file_stays_open),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
