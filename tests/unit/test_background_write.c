#include "fits_case.h"

#include "background_case.h"

enum { WIDTH = 210, HEIGHT = 130, PIXELS = WIDTH * HEIGHT };

static double slope(double x, double y)
{
    return 100.0 + 0.5 * x - 0.25 * y;
}

static wk_background *model_of(uint64_t seed)
{
    picture one;
    sky_picture(&one, WIDTH, HEIGHT, slope);
    wk_random random = wk_random_stream(seed, 71, 0, 0, 0);
    for (int i = 0; i < PIXELS; i++)
        one.data[i] += (float)wk_random_between(&random, -2.0, 2.0);
    for (int i = 0; i < 40; i++) /* an empty cell */
        memset(one.mask + i * WIDTH, 1, 40);
    wk_background_options options = wk_background_options_preset(WK_PRESET_LSST);
    options.box[0] = options.box[1] = 35;
    wk_background *background = sky_fit(&one, &options);
    picture_free(&one);
    return background;
}

static void expect_plane(const char *path, int hdu, const wk_background *background,
                         wk_background_plane plane)
{
    long count;
    double *got = case_pixels(path, hdu, &count);
    float *expected = sky_model(background, plane);
    assert_int_equal(count, PIXELS);
    for (int i = 0; i < PIXELS; i++)
        assert_true((float)got[i] == expected[i]);
    free(expected);
    free(got);
}

static void expect_text(const char *path, int hdu, const char *keyword, const char *expected)
{
    char value[80] = "";
    int status = 0;
    fitsfile *file = case_open(path, hdu);
    fits_read_key(file, TSTRING, keyword, value, NULL, &status);
    case_close(file, status);
    assert_string_equal(value, expected);
}

static void expect_history(const char *path, const char *line)
{
    char card[81] = "";
    int status = 0;
    fitsfile *file = case_open(path, 0);
    fits_read_card(file, "HISTORY", card, &status);
    case_close(file, status);
    assert_non_null(strstr(card, line));
}

static void expect_number(const char *path, int hdu, const char *keyword, long expected)
{
    long value = 0;
    int status = 0;
    fitsfile *file = case_open(path, hdu);
    fits_read_key(file, TLONG, keyword, &value, NULL, &status);
    case_close(file, status);
    assert_int_equal(value, expected);
}

static int hdus_of(const char *path)
{
    int count = 0, status = 0;
    fitsfile *file = case_open(path, 0);
    fits_get_num_hdus(file, &count, &status);
    case_close(file, status);
    return count;
}

/* One image of the mesh, of floats or counts. */
static void expect_cells(const char *path, int hdu, const char *name, const float *values,
                         const int64_t *counts, int64_t n)
{
    long count;
    double *got = case_pixels(path, hdu, &count);
    assert_int_equal(count, n);
    for (int64_t i = 0; i < n; i++) {
        double expected = values ? (double)values[i] : (double)counts[i];
        assert_true(isnan(expected) ? isnan(got[i]) : got[i] == expected);
    }
    free(got);
    expect_text(path, hdu, "EXTNAME", name);
}

static void expect_mesh(const char *path, int first, const wk_background *background, long version)
{
    const wk_mesh *mesh = wk_background_mesh(background);
    int64_t n = mesh->nx * mesh->ny;
    expect_cells(path, first, "LEVEL", mesh->level, NULL, n);
    expect_cells(path, first + 1, "ERROR", mesh->error, NULL, n);
    expect_cells(path, first + 2, "COUNT", NULL, mesh->count, n);
    expect_cells(path, first + 3, "RMS", mesh->rms, NULL, n);
    expect_cells(path, first + 4, "MEASURED", mesh->measured, NULL, n);
    expect_cells(path, first + 5, "MEASRMS", mesh->measured_rms, NULL, n);
    for (int hdu = first; hdu < first + 6; hdu++) {
        expect_number(path, hdu, "EXTVER", version);
        expect_number(path, hdu, "IMWIDTH", WIDTH);
        expect_number(path, hdu, "IMHEIGHT", HEIGHT);
        expect_number(path, hdu, "NAXIS1", (long)mesh->nx);
    }
}

static wk_status write_all(const wk_background_files *files, wk_background *const *models,
                           size_t count, wk_background_summary *summaries, wk_error *error)
{
    wk_background_entry entries[2] = {{models[0], NULL}, {count > 1 ? models[1] : NULL, NULL}};
    wk_context context = {.threads = 3};
    return wk_backgrounds_write(files, entries, count, summaries, &context, error);
}

static void judge(const char *path)
{
    case_checksums(path, -1);
    case_verify(path);
}

/* One model is the primary array. */
static void test_single(void **state)
{
    (void)state;
    const char *const cards[] = {"made for a test", NULL};
    const char *model = case_path("m.fits"), *rms = case_path("r.fits"),
               *mesh = case_path("c.fits");
    wk_background_files files = {.model = model, .rms = rms, .mesh = mesh, .cards = cards};
    wk_background *background = model_of(1);
    wk_background_summary written, plain;
    const wk_background *borrowed = background;
    assert_int_equal(write_all(&files, &background, 1, &written, NULL), WK_OK);
    expect_plane(model, 0, background, WK_BACKGROUND_LEVEL);
    expect_plane(rms, 0, background, WK_BACKGROUND_RMS);
    assert_true(hdus_of(model) == 1 && hdus_of(rms) == 1 && hdus_of(mesh) == 7);
    expect_mesh(mesh, 1, background, 1);
    expect_history(model, "made for a test");
    judge(model);
    judge(rms);
    judge(mesh);
    assert_int_equal(wk_background_summarise(&plain, &borrowed, 1, NULL, NULL), WK_OK);
    assert_memory_equal(&written, &plain, sizeof plain);
    assert_int_equal(case_clear(), 3);
    wk_background_free(background);
}

/* Several are extensions behind an empty primary. */
static void test_several(void **state)
{
    (void)state;
    const char *model = case_path("m.fits"), *rms = case_path("r.fits"),
               *mesh = case_path("c.fits");
    wk_background_files files = {.model = model, .rms = rms, .mesh = mesh};
    wk_background *models[2] = {model_of(1), model_of(2)};
    wk_background_summary written[2], plain;
    assert_int_equal(write_all(&files, models, 2, written, NULL), WK_OK);
    assert_true(hdus_of(model) == 3 && hdus_of(rms) == 3 && hdus_of(mesh) == 13);
    expect_number(model, 0, "NAXIS", 0);
    for (int i = 0; i < 2; i++) {
        const wk_background *borrowed = models[i];
        expect_plane(model, i + 1, models[i], WK_BACKGROUND_LEVEL);
        expect_plane(rms, i + 1, models[i], WK_BACKGROUND_RMS);
        expect_text(model, i + 1, "EXTNAME", "MODEL");
        expect_text(rms, i + 1, "EXTNAME", "RMS");
        expect_number(model, i + 1, "EXTVER", i + 1);
        expect_mesh(mesh, 1 + 6 * i, models[i], i + 1);
        assert_int_equal(wk_background_summarise(&plain, &borrowed, 1, NULL, NULL), WK_OK);
        assert_memory_equal(&written[i], &plain, sizeof plain);
    }
    judge(model);
    judge(rms);
    judge(mesh);
    assert_int_equal(case_clear(), 3);
    wk_background_free(models[0]);
    wk_background_free(models[1]);
}

/* Any of the files, or none, with the same bytes. */
static void test_some_files(void **state)
{
    (void)state;
    wk_background *background = model_of(1);
    wk_background_summary summary;
    const char *all[3] = {case_path("m.fits"), case_path("r.fits"), case_path("c.fits")};
    const char *some[3] = {case_path("m2.fits"), case_path("r2.fits"), case_path("c2.fits")};
    wk_background_files files = {.model = all[0], .rms = all[1], .mesh = all[2]};
    assert_int_equal(write_all(&files, &background, 1, NULL, NULL), WK_OK);
    for (int which = 1; which < 8; which++) {
        wk_background_files part = {.model = which & 1 ? some[0] : NULL,
                                    .rms = which & 2 ? some[1] : NULL,
                                    .mesh = which & 4 ? some[2] : NULL};
        assert_int_equal(write_all(&part, &background, 1, NULL, NULL), WK_OK);
        for (int i = 0; i < 3; i++) {
            assert_int_equal(access(some[i], F_OK) == 0, which >> i & 1);
            if (which >> i & 1)
                case_same(some[i], all[i]);
            unlink(some[i]);
        }
    }
    assert_int_equal(write_all(NULL, &background, 1, &summary, NULL), WK_OK);
    assert_true(isfinite(summary.mean));
    assert_int_equal(write_all(NULL, &background, 1, NULL, NULL), WK_OK);
    assert_int_equal(case_clear(), 3);
    wk_background_free(background);
}

/* The header of the exposure goes along, but not what describes its pixels. */
static void test_exposure_header(void **state)
{
    (void)state;
    const char *image = case_path("image.fits"), *model = case_path("m.fits"),
               *mesh = case_path("c.fits");
    long size[2] = {WIDTH, HEIGHT};
    int status = 0;
    fitsfile *file = case_create(image);
    fits_create_img(file, SHORT_IMG, 2, size, &status);
    fits_write_record(file, "OBJECT  = 'NGC 1   '", &status);
    fits_write_record(file, "CCDNUM  =                   17", &status);
    fits_write_record(file, "BSCALE  =                  2.0", &status);
    case_close(file, status);
    wk_exposure **exposures;
    size_t count;
    assert_int_equal(wk_exposures_open(&exposures, &count, image, NULL, NULL), WK_OK);
    wk_background_entry entry = {model_of(1), exposures[0]};
    wk_background_files files = {.model = model, .mesh = mesh};
    assert_int_equal(wk_backgrounds_write(&files, &entry, 1, NULL, NULL, NULL), WK_OK);
    expect_text(model, 0, "OBJECT", "NGC 1");
    expect_number(model, 0, "BITPIX", -32);
    expect_plane(model, 0, entry.background, WK_BACKGROUND_LEVEL); /* not twice of it */
    expect_text(mesh, 1, "DETECTOR", "17");
    wk_background *own = NULL;
    memcpy(&own, &entry.background, sizeof own);
    wk_background_free(own);
    wk_exposures_free(exposures, count);
    case_clear();
}

static void put(const char *path, const char *text)
{
    case_write(path, text, strlen(text));
}

/* An output that exists stays, and no other appears; with overwrite it is replaced. */
static void test_existing(void **state)
{
    (void)state;
    wk_background *background = model_of(1);
    const char *paths[3] = {case_path("m.fits"), case_path("r.fits"), case_path("c.fits")};
    for (int i = 0; i < 3; i++) {
        wk_background_files files = {.model = paths[0], .rms = paths[1], .mesh = paths[2]};
        wk_error error = {0};
        put(paths[i], "mine");
        assert_int_equal(write_all(&files, &background, 1, NULL, &error), WK_EXISTS);
        assert_string_equal(error.subject, paths[i]);
        files.overwrite = 1;
        size_t size;
        free(case_bytes(paths[i], &size));
        assert_int_equal(size, 4);
        assert_int_equal(case_clear(), 1);
        put(paths[i], "mine");
        assert_int_equal(write_all(&files, &background, 1, NULL, &error), WK_OK);
        assert_int_equal(case_clear(), 3);
    }
    wk_background_free(background);
}

/* A folder that is not there; and two files of one name, of which the second cannot appear. */
static void test_failures(void **state)
{
    (void)state;
    wk_background *background = model_of(1);
    wk_error error = {0};
    wk_background_files files = {.model = case_path("m.fits"), .rms = case_path("no/r.fits")};
    assert_int_equal(write_all(&files, &background, 1, NULL, &error), WK_FILE);
    assert_non_null(strstr(error.subject, "no/r.fits"));
    assert_int_equal(case_clear(), 0);
    files.rms = files.model;
    assert_int_equal(write_all(&files, &background, 1, NULL, &error), WK_EXISTS);
    assert_int_equal(case_clear(), 0);
    wk_background_free(background);
}

static int cancel(const wk_progress *progress, void *payload)
{
    (void)payload;
    return progress->done < progress->total;
}

static void test_cancelled(void **state)
{
    (void)state;
    wk_background_entry entry = {model_of(1), NULL};
    wk_background_files files = {.model = case_path("m.fits"), .rms = case_path("r.fits")};
    wk_context context = {.threads = 1, .progress = cancel};
    assert_int_equal(wk_backgrounds_write(&files, &entry, 1, NULL, &context, NULL), WK_CANCELLED);
    assert_int_equal(case_clear(), 0);
    wk_background *own = NULL;
    memcpy(&own, &entry.background, sizeof own);
    wk_background_free(own);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_single),     cmocka_unit_test(test_several),
        cmocka_unit_test(test_some_files), cmocka_unit_test(test_exposure_header),
        cmocka_unit_test(test_existing),   cmocka_unit_test(test_failures),
        cmocka_unit_test(test_cancelled),
    };
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
