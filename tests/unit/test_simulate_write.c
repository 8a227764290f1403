#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <fitsio.h>

#include "simulate.h"
#include "welkin/ledger.h"

enum { EXPOSURES = 3 };

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/welkin_simulate_XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    char path[128];
    for (int i = 1; i <= EXPOSURES; i++) {
        snprintf(path, sizeof path, "%s/exposure_%04d.fits", folder, i);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/truth.json", folder);
    unlink(path);
    return rmdir(folder);
}

static wk_simulation_options small(wk_layout layout)
{
    wk_simulation_options options = wk_simulation_options_default();
    options.exposures = EXPOSURES;
    options.width = 120;
    options.height = 90;
    options.stars = 10;
    options.galaxies = 2;
    options.layout = layout;
    options.gradient = 3;
    return options;
}

static wk_simulation *created(const wk_simulation_options *options)
{
    wk_simulation *simulation;
    wk_error error = {0};
    assert_int_equal(wk_simulation_create(&simulation, options, &error), WK_OK);
    return simulation;
}

static wk_simulation *written(const wk_simulation_options *options, int threads)
{
    wk_simulation *simulation = created(options);
    wk_context context = {.threads = threads};
    wk_error error = {0};
    wk_status status = wk_simulation_write(simulation, folder, 1, &context, &error);
    if (status != WK_OK)
        print_message("%s: %s\n", error.subject, error.message);
    assert_int_equal(status, WK_OK);
    return simulation;
}

static int is_there(const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return access(path, F_OK) == 0;
}

static fitsfile *opened(int exposure)
{
    char path[128];
    fitsfile *file = NULL;
    int status = 0;
    snprintf(path, sizeof path, "%s/exposure_%04d.fits", folder, exposure);
    fits_open_file(&file, path, READONLY, &status);
    assert_int_equal(status, 0);
    return file;
}

static void closed(fitsfile *file)
{
    int status = 0;
    fits_close_file(file, &status);
    assert_int_equal(status, 0);
}

/* Read HDU number hdu, from 1, of which name and type are given. */
static void read_plane(void *out, fitsfile *file, int hdu, const char *name, int bitpix)
{
    int status = 0, type = 0, is = 0, any = 0;
    char text[FLEN_VALUE] = "";
    fits_movabs_hdu(file, hdu, &type, &status);
    fits_get_img_type(file, &is, &status);
    assert_int_equal(status, 0);
    assert_int_equal(is, bitpix);
    if (name) {
        fits_read_key(file, TSTRING, "EXTNAME", text, NULL, &status);
        assert_string_equal(text, name);
    }
    fits_read_img(file, bitpix > 0 ? TINT : TFLOAT, 1, 120 * 90, NULL, out, &any, &status);
    assert_int_equal(status, 0);
}

static void rendered(wk_pixels *pixels, const wk_simulation *simulation, int exposure, int detector)
{
    assert_int_equal(wk_simulation_render(pixels, simulation, exposure, detector, NULL), WK_OK);
}

static void stsci_planes(void **state)
{
    (void)state;
    static float data[120 * 90], noise[120 * 90];
    static int quality[120 * 90];
    wk_simulation_options options = small(WK_LAYOUT_STSCI);
    options.detectors = 2;
    options.noise = 3;
    wk_simulation *simulation = written(&options, 2);
    wk_pixels pixels = {0};
    for (int i = 0; i < EXPOSURES; i++) {
        fitsfile *file = opened(i + 1);
        int hdus = 0, status = 0;
        fits_get_num_hdus(file, &hdus, &status);
        assert_int_equal(hdus, 7);
        for (int d = 0; d < 2; d++) {
            rendered(&pixels, simulation, i, d);
            read_plane(data, file, 2 + 3 * d, "SCI", -32);
            assert_memory_equal(data, pixels.data, sizeof data);
            read_plane(noise, file, 3 + 3 * d, "ERR", -32);
            read_plane(quality, file, 4 + 3 * d, "DQ", 32);
            for (int k = 0; k < 120 * 90; k++) {
                assert_true(noise[k] == 3.0F);
                assert_int_equal(quality[k], pixels.bad[k] & 7);
            }
            int version = 0;
            fits_read_key(file, TINT, "EXTVER", &version, NULL, &status);
            assert_int_equal(version, d + 1);
        }
        closed(file);
    }
    wk_pixels_release(&pixels);
    wk_simulation_free(simulation);
}

static void lsst_planes(void **state)
{
    (void)state;
    static float data[120 * 90];
    static int mask[120 * 90];
    wk_simulation_options options = small(WK_LAYOUT_LSST);
    wk_simulation *simulation = written(&options, 2);
    wk_pixels pixels = {0};
    fitsfile *file = opened(2);
    rendered(&pixels, simulation, 1, 0);
    read_plane(data, file, 2, "IMAGE", -32);
    assert_memory_equal(data, pixels.data, sizeof data);
    read_plane(mask, file, 3, "MASK", 32);
    int bit = -1, status = 0;
    fits_read_key(file, TINT, "MP_DETECTED", &bit, NULL, &status);
    assert_int_equal(bit, 5);
    fits_read_key(file, TINT, "MP_DETECTED_NEGATIVE", &bit, NULL, &status);
    assert_int_equal(bit, 6);
    fits_read_key(file, TINT, "MP_NO_DATA", &bit, NULL, &status);
    assert_int_equal(bit, 8);
    assert_int_equal(status, 0);
    for (int k = 0; k < 120 * 90; k++) {
        assert_int_equal(mask[k] != 0, pixels.bad[k] != 0);
        assert_int_equal((mask[k] & 1) != 0, (pixels.bad[k] & WK_BLEMISH_BAD) != 0);
        assert_int_equal((mask[k] & 2) != 0, (pixels.bad[k] & WK_BLEMISH_CORE) != 0);
        assert_int_equal((mask[k] & 256) != 0, (pixels.bad[k] & WK_BLEMISH_EMPTY) != 0);
    }
    read_plane(data, file, 4, "VARIANCE", -32);
    assert_true(data[0] == 1.0F);
    closed(file);
    wk_pixels_release(&pixels);
    wk_simulation_free(simulation);
}

static void plain_plane(void **state)
{
    (void)state;
    static float data[120 * 90];
    wk_simulation_options options = small(WK_LAYOUT_PLAIN);
    wk_simulation *simulation = written(&options, 1);
    wk_pixels pixels = {0};
    fitsfile *file = opened(3);
    int hdus = 0, status = 0;
    fits_get_num_hdus(file, &hdus, &status);
    assert_int_equal(hdus, 1);
    rendered(&pixels, simulation, 2, 0);
    read_plane(data, file, 1, NULL, -32);
    for (int k = 0; k < 120 * 90; k++)
        assert_true(pixels.bad[k] ? isnan(data[k]) : data[k] == pixels.data[k]);
    closed(file);
    wk_pixels_release(&pixels);
    wk_simulation_free(simulation);
}

/* What is read back is what the simulation says, to the bit. */
static void truth(void **state)
{
    (void)state;
    wk_simulation_options options = small(WK_LAYOUT_STSCI);
    options.seed = 77;
    wk_simulation *simulation = written(&options, 2);
    char path[128];
    wk_ledger *ledger;
    size_t count;
    const wk_simulated_source *sources = wk_simulation_sources(simulation, &count);
    const wk_simulated_exposure *second = wk_simulation_exposure(simulation, 1);
    snprintf(path, sizeof path, "%s/truth.json", folder);
    assert_int_equal(wk_ledger_read(&ledger, path, NULL), WK_OK);
    assert_true(wk_ledger_get_number(ledger, "seed", NULL) == 77);
    assert_true(wk_ledger_get_number(ledger, "options/width", NULL) == 120);
    assert_string_equal(wk_ledger_get_text(ledger, "options/layout"), "stsci");
    assert_int_equal(wk_ledger_length(ledger, "exposures"), EXPOSURES);
    assert_string_equal(wk_ledger_get_text(ledger, "exposures/1/file"), "exposure_0002.fits");
    assert_string_equal(wk_ledger_get_text(ledger, "exposures/1/group"), "2");
    assert_true(wk_ledger_get_number(ledger, "exposures/1/sky", NULL) == second->sky);
    assert_true(wk_ledger_get_number(ledger, "exposures/1/ra", NULL) == second->ra);
    assert_true(wk_ledger_get_number(ledger, "exposures/1/rotation", NULL) == second->rotation);
    assert_true(wk_ledger_get_number(ledger, "exposures/1/gradient/1", NULL) ==
                second->gradient[1]);
    assert_int_equal(wk_ledger_length(ledger, "sources"), count);
    assert_true(wk_ledger_get_number(ledger, "sources/0/flux", NULL) == sources[0].flux);
    wk_ledger_free(ledger);
    wk_simulation_free(simulation);
}

static char *bytes_of(const char *name, size_t *size)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    char *bytes = malloc(*size);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, *size, file), *size);
    fclose(file);
    return bytes;
}

static void same_bytes_with_any_threads(void **state)
{
    (void)state;
    static const char *const names[] = {"exposure_0001.fits", "exposure_0003.fits", "truth.json"};
    wk_simulation_options options = small(WK_LAYOUT_LSST);
    options.distortion = WK_DISTORTION_TPV;
    char *before[3];
    size_t sizes[3], size;
    wk_simulation_free(written(&options, 1));
    for (int i = 0; i < 3; i++)
        before[i] = bytes_of(names[i], &sizes[i]);
    wk_simulation_free(written(&options, 3));
    for (int i = 0; i < 3; i++) {
        char *after = bytes_of(names[i], &size);
        assert_int_equal(size, sizes[i]);
        assert_memory_equal(before[i], after, size);
        free(after);
        free(before[i]);
    }
}

static void existing_output(void **state)
{
    (void)state;
    wk_simulation_options options = small(WK_LAYOUT_PLAIN);
    wk_simulation *simulation = written(&options, 1);
    char path[128];
    wk_error error = {0};
    assert_int_equal(wk_simulation_write(simulation, folder, 0, NULL, &error), WK_EXISTS);
    assert_non_null(strstr(error.subject, "truth.json"));
    snprintf(path, sizeof path, "%s/truth.json", folder);
    unlink(path);
    snprintf(path, sizeof path, "%s/exposure_0001.fits", folder);
    unlink(path);
    assert_int_equal(wk_simulation_write(simulation, folder, 0, NULL, &error), WK_EXISTS);
    assert_non_null(strstr(error.subject, "exposure_0002.fits"));
    assert_false(is_there("exposure_0001.fits") || is_there("truth.json"));
    wk_simulation_free(simulation);
}

static int stop_at_second(const wk_progress *progress, void *payload)
{
    (void)payload;
    assert_string_equal(progress->stage, "simulate");
    return progress->done == 2;
}

/* A set that was not finished is taken away. */
static void cancelled(void **state)
{
    (void)state;
    remove_folder(NULL);
    wk_simulation_options options = small(WK_LAYOUT_PLAIN);
    wk_simulation *simulation = created(&options);
    wk_context context = {.threads = 1, .progress = stop_at_second};
    wk_error error = {0};
    assert_int_equal(wk_simulation_write(simulation, folder, 0, &context, &error), WK_CANCELLED);
    assert_int_equal(rmdir(folder), 0);
    assert_int_equal(wk_simulation_write(simulation, folder, 0, NULL, &error), WK_OK);
    assert_true(is_there("truth.json") && is_there("exposure_0003.fits"));
    assert_int_equal(wk_simulation_write(simulation, folder, 1, &context, &error), WK_CANCELLED);
    assert_false(is_there("truth.json") || is_there("exposure_0001.fits"));
    wk_simulation_free(simulation);
}

static void impossible_folder(void **state)
{
    (void)state;
    wk_simulation *simulation = created(NULL);
    wk_error error = {0};
    assert_int_equal(wk_simulation_write(simulation, "/nowhere/at/all", 0, NULL, &error), WK_FILE);
    assert_string_equal(error.subject, "/nowhere/at/all");
    wk_simulation_free(simulation);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stsci_planes),
        cmocka_unit_test(lsst_planes),
        cmocka_unit_test(plain_plane),
        cmocka_unit_test(truth),
        cmocka_unit_test(same_bytes_with_any_threads),
        cmocka_unit_test(existing_output),
        cmocka_unit_test(cancelled),
        cmocka_unit_test(impossible_folder),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
