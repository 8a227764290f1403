/* Simulated exposures as files, and the truth about them. */
#include "simulate.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fits_write.h"
#include "memory.h"
#include "parallel.h"
#include "status.h"
#include "welkin/ledger.h"

#define LONGEST_NAME 64
#define RECORD       80

/* Bits of the mask planes as LSST numbers them. */
enum { LSST_BAD = 1 << 0, LSST_SAT = 1 << 1, LSST_DETECTED = 1 << 5, LSST_NO_DATA = 1 << 8 };

static const char *const LSST_PLANES[] = {
    "BAD", "SAT", "INTRP", "CR", "EDGE", "DETECTED", "DETECTED_NEGATIVE", "SUSPECT", "NO_DATA",
};

typedef struct batch {
    const wk_simulation *simulation;
    const char *directory;
    int overwrite;
    wk_pixels *pixels; /* [workers] */
    uint8_t *written;  /* [exposures] */
} batch;

/* One exposure's file in the making. */
typedef struct sheet {
    wk_fits_writer *writer;
    const wk_simulation *simulation;
    wk_pixels *pixels;
    char *header;
    int64_t records;
    int version;
} sheet;

static void exposure_name(char name[LONGEST_NAME], int64_t exposure)
{
    snprintf(name, LONGEST_NAME, "exposure_%04lld.fits", (long long)exposure + 1);
}

/* directory/name; freed by the caller. */
static char *path_of(const char *directory, const char *name, wk_error *error)
{
    size_t size = strlen(directory) + strlen(name) + 2;
    char *path = wk_memory_raw(size, 1, error);
    if (path)
        snprintf(path, size, "%s/%s", directory, name);
    return path;
}

static wk_status make_directory(const char *directory, wk_error *error)
{
    if (mkdir(directory, 0777) == 0 || errno == EEXIST)
        return WK_OK;
    return wk_error_set(error, WK_FILE, directory, "cannot make the folder: %s", strerror(errno));
}

static wk_status refuse_existing(const char *directory, const char *name, wk_error *error)
{
    char *path = path_of(directory, name, error);
    if (!path)
        return WK_MEMORY;
    wk_status status = WK_OK;
    if (access(path, F_OK) == 0)
        status =
            wk_error_set(error, WK_EXISTS, path, "the output exists and may not be overwritten");
    wk_memory_free(path);
    return status;
}

/* Before hours of work, and so that an old set and a new one are never mixed. */
static wk_status refuse_existing_all(const batch *all, wk_error *error)
{
    char name[LONGEST_NAME];
    wk_status status = refuse_existing(all->directory, "truth.json", error);
    for (int64_t i = 0; i < all->simulation->options.exposures && status == WK_OK; i++) {
        exposure_name(name, i);
        status = refuse_existing(all->directory, name, error);
    }
    return status;
}

static wk_status append(sheet *page, const char *name, int bitpix, const void *data,
                        wk_error *error)
{
    return wk_fits_append_image(page->writer, page->header, page->records, name, page->version,
                                bitpix, page->pixels->width, page->pixels->height, data, error);
}

/* The flags as 32-bit integers, over the data, which are in the file already. */
static const int32_t *flags(wk_pixels *pixels, const int32_t table[16])
{
    int32_t *out = (int32_t *)(void *)pixels->data;
    for (int64_t i = 0; i < pixels->width * pixels->height; i++)
        out[i] = table[pixels->bad[i] & 15];
    return out;
}

static wk_status append_stsci(sheet *page, wk_error *error)
{
    static const int32_t quality[16] = {0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7};
    wk_pixels *pixels = page->pixels;
    wk_status status = append(page, "SCI", -32, pixels->data, error);
    if (status != WK_OK)
        return status;
    for (int64_t i = 0; i < pixels->width * pixels->height; i++)
        pixels->variance[i] = sqrtf(pixels->variance[i]);
    status = append(page, "ERR", -32, pixels->variance, error);
    if (status != WK_OK)
        return status;
    return append(page, "DQ", 32, flags(pixels, quality), error);
}

/* The detector's records and a few more. */
static char *longer_header(const sheet *page, int more, wk_error *error)
{
    size_t size = (size_t)(page->records + more) * RECORD;
    char *text = wk_memory_raw(size + 1, 1, error);
    if (!text)
        return NULL;
    memset(text, ' ', size);
    text[size] = '\0';
    memcpy(text, page->header, (size_t)page->records * RECORD);
    return text;
}

static void put_record(char *record, const char *format, const char *name, int number)
{
    char text[RECORD + 1];
    int length = snprintf(text, sizeof text, format, name, number);
    memcpy(record, text, (size_t)length);
}

/* One HDU of an LSST exposure: its kind is told by EXTTYPE, the mask's bits by MP_*. */
static wk_status append_lsst_plane(sheet *page, const char *kind, int bitpix, const void *data,
                                   wk_error *error)
{
    int planes = bitpix > 0 ? (int)(sizeof LSST_PLANES / sizeof *LSST_PLANES) : 0;
    char *text = longer_header(page, 1 + planes, error);
    if (!text)
        return WK_MEMORY;
    char *end = text + page->records * RECORD;
    put_record(end, "EXTTYPE = '%-8s'", kind, 0);
    for (int i = 0; i < planes; i++) {
        char keyword[32];
        snprintf(keyword, sizeof keyword, "MP_%s", LSST_PLANES[i]);
        const char *format = strlen(keyword) > 8 ? "HIERARCH %s = %d" : "%-8s= %20d";
        put_record(end + (i + 1) * RECORD, format, keyword, i);
    }
    wk_status status =
        wk_fits_append_image(page->writer, text, page->records + 1 + planes, kind, 0, bitpix,
                             page->pixels->width, page->pixels->height, data, error);
    wk_memory_free(text);
    return status;
}

static wk_status append_lsst(sheet *page, wk_error *error)
{
    int32_t table[16];
    for (int why = 0; why < 16; why++)
        table[why] = (why & WK_BLEMISH_BAD ? LSST_BAD : 0) |
                     (why & WK_BLEMISH_CORE ? LSST_SAT | LSST_DETECTED : 0) |
                     (why & WK_BLEMISH_EMPTY ? LSST_NO_DATA : 0) |
                     (why & WK_BLEMISH_DETECTED ? LSST_DETECTED : 0);
    wk_status status = append_lsst_plane(page, "IMAGE", -32, page->pixels->data, error);
    if (status == WK_OK)
        status = append_lsst_plane(page, "MASK", 32, flags(page->pixels, table), error);
    if (status == WK_OK)
        status = append_lsst_plane(page, "VARIANCE", -32, page->pixels->variance, error);
    return status;
}

static wk_status append_planes(sheet *page, wk_error *error)
{
    switch (page->simulation->options.layout) {
    case WK_LAYOUT_STSCI:
        return append_stsci(page, error);
    case WK_LAYOUT_LSST:
        return append_lsst(page, error);
    default:
        page->version = 0;
        return append(page, NULL, -32, page->pixels->data, error);
    }
}

static wk_status append_detector(sheet *page, int64_t exposure, int64_t detector, wk_error *error)
{
    const wk_simulation *simulation = page->simulation;
    int first = detector == 0 && simulation->options.layout != WK_LAYOUT_PLAIN;
    wk_status status =
        wk_simulation_header(&page->header, &page->records, simulation, exposure, detector, error);
    if (status == WK_OK && first)
        status = wk_fits_append_primary(page->writer, page->header, WK_SHARED_RECORDS, error);
    if (status == WK_OK)
        status = wk_simulation_render(page->pixels, simulation, exposure, detector, error);
    page->version = (int)detector + 1;
    if (status == WK_OK)
        status = append_planes(page, error);
    wk_simulation_header_free(page->header);
    page->header = NULL;
    return status;
}

static wk_status write_to(const batch *all, const char *path, int64_t exposure, wk_pixels *pixels,
                          wk_error *error)
{
    sheet page = {.simulation = all->simulation, .pixels = pixels};
    wk_status status = wk_fits_create(&page.writer, path, all->overwrite, 0, error);
    for (int64_t d = 0; d < all->simulation->options.detectors && status == WK_OK; d++)
        status = append_detector(&page, exposure, d, error);
    if (status == WK_OK)
        return wk_fits_finish(page.writer, error);
    wk_fits_abandon(page.writer);
    return status;
}

static wk_status write_exposure(int64_t index, int worker, void *payload, int64_t *bytes,
                                wk_error *error)
{
    batch *all = payload;
    const wk_simulation_options *options = &all->simulation->options;
    char name[LONGEST_NAME];
    exposure_name(name, index);
    char *path = path_of(all->directory, name, error);
    if (!path)
        return WK_MEMORY;
    wk_status status = write_to(all, path, index, &all->pixels[worker], error);
    wk_error_subject(error, path);
    wk_memory_free(path);
    all->written[index] = status == WK_OK;
    *bytes = options->detectors * options->width * options->height * (int64_t)sizeof(float);
    return status;
}

static void remove_file(const char *directory, const char *name)
{
    char *path = path_of(directory, name, NULL);
    if (path)
        unlink(path);
    wk_memory_free(path);
}

/* Half a set would be mistaken for a whole one. */
static void remove_written(const batch *all)
{
    char name[LONGEST_NAME];
    for (int64_t i = 0; i < all->simulation->options.exposures; i++) {
        exposure_name(name, i);
        if (all->written[i])
            remove_file(all->directory, name);
    }
}

static void put_options(wk_ledger *ledger, const wk_simulation_options *options)
{
    static const char *const distortions[] = {"none", "sip", "tpv"};
    const char *layout = options->layout == WK_LAYOUT_STSCI  ? "stsci"
                         : options->layout == WK_LAYOUT_LSST ? "lsst"
                                                             : "plain";
    wk_ledger_open_object(ledger, "options");
    wk_ledger_integer(ledger, "exposures", options->exposures);
    wk_ledger_integer(ledger, "width", options->width);
    wk_ledger_integer(ledger, "height", options->height);
    wk_ledger_integer(ledger, "detectors", options->detectors);
    wk_ledger_number(ledger, "overlap", options->overlap);
    wk_ledger_boolean(ledger, "dither", options->dither);
    wk_ledger_number(ledger, "rotation", options->rotation);
    wk_ledger_text(ledger, "distortion", distortions[options->distortion]);
    wk_ledger_number(ledger, "sky_low", options->sky_low);
    wk_ledger_number(ledger, "sky_high", options->sky_high);
    wk_ledger_number(ledger, "gradient", options->gradient);
    wk_ledger_integer(ledger, "stars", options->stars);
    wk_ledger_integer(ledger, "galaxies", options->galaxies);
    wk_ledger_number(ledger, "nebula", options->nebula);
    wk_ledger_number(ledger, "noise", options->noise);
    wk_ledger_boolean(ledger, "mask", options->mask);
    wk_ledger_number(ledger, "ra", options->ra);
    wk_ledger_number(ledger, "dec", options->dec);
    wk_ledger_number(ledger, "pixel_scale", options->pixel_scale);
    wk_ledger_text(ledger, "layout", layout);
    wk_ledger_close(ledger);
}

static void put_exposure(wk_ledger *ledger, const wk_simulation *simulation, int64_t index)
{
    const wk_simulated_exposure *truth = wk_simulation_exposure(simulation, index);
    char text[LONGEST_NAME];
    wk_ledger_open_object(ledger, NULL);
    exposure_name(text, index);
    wk_ledger_text(ledger, "file", text);
    wk_ledger_number(ledger, "sky", truth->sky);
    wk_ledger_open_array(ledger, "gradient");
    wk_ledger_number(ledger, NULL, truth->gradient[0]);
    wk_ledger_number(ledger, NULL, truth->gradient[1]);
    wk_ledger_close(ledger);
    wk_ledger_number(ledger, "ra", truth->ra);
    wk_ledger_number(ledger, "dec", truth->dec);
    wk_ledger_number(ledger, "rotation", truth->rotation);
    snprintf(text, sizeof text, "%lld", (long long)index + 1);
    wk_ledger_text(ledger, "group", text);
    wk_ledger_close(ledger);
}

static void put_sources(wk_ledger *ledger, const wk_simulation *simulation)
{
    size_t count;
    const wk_simulated_source *sources = wk_simulation_sources(simulation, &count);
    wk_ledger_open_array(ledger, "sources");
    for (size_t i = 0; i < count; i++) {
        wk_ledger_open_object(ledger, NULL);
        wk_ledger_number(ledger, "ra", sources[i].ra);
        wk_ledger_number(ledger, "dec", sources[i].dec);
        wk_ledger_number(ledger, "flux", sources[i].flux);
        wk_ledger_number(ledger, "radius", sources[i].radius);
        wk_ledger_close(ledger);
    }
    wk_ledger_close(ledger);
}

/* A seed beyond the largest signed number is told as text, which loses no digit. */
static void put_seed(wk_ledger *ledger, uint64_t seed)
{
    char text[LONGEST_NAME];
    snprintf(text, sizeof text, "%" PRIu64, seed);
    if (seed <= INT64_MAX)
        wk_ledger_integer(ledger, "seed", (int64_t)seed);
    else
        wk_ledger_text(ledger, "seed", text);
}

static wk_status write_truth(const batch *all, wk_error *error)
{
    const wk_simulation *simulation = all->simulation;
    wk_ledger *ledger;
    wk_status status = wk_ledger_create(&ledger, error);
    if (status != WK_OK)
        return status;
    put_seed(ledger, simulation->options.seed);
    put_options(ledger, &simulation->options);
    wk_ledger_open_array(ledger, "exposures");
    for (int64_t i = 0; i < simulation->options.exposures; i++)
        put_exposure(ledger, simulation, i);
    wk_ledger_close(ledger);
    put_sources(ledger, simulation);
    char *path = path_of(all->directory, "truth.json", error);
    status = path ? wk_ledger_save(ledger, path, all->overwrite, 0, error) : WK_MEMORY;
    wk_memory_free(path);
    wk_ledger_free(ledger);
    return status;
}

/* The truth comes last and an old one goes first: where it is, the set is whole. */
static wk_status write_all(batch *all, const wk_context *context, wk_error *error)
{
    wk_status status = make_directory(all->directory, error);
    if (status == WK_OK && !all->overwrite)
        status = refuse_existing_all(all, error);
    if (status != WK_OK)
        return status;
    remove_file(all->directory, "truth.json");
    status = wk_parallel_for(all->simulation->options.exposures, "simulate", write_exposure, all,
                             context, error);
    if (status == WK_OK)
        status = write_truth(all, error);
    if (status != WK_OK)
        remove_written(all);
    return status;
}

wk_status wk_simulation_write(const wk_simulation *simulation, const char *directory, int overwrite,
                              const wk_context *context, wk_error *error)
{
    int64_t exposures = simulation->options.exposures;
    int workers = wk_parallel_workers(exposures, context);
    batch all = {.simulation = simulation, .directory = directory, .overwrite = overwrite};
    wk_status status = WK_MEMORY;
    all.pixels = wk_memory_new((size_t)workers, sizeof *all.pixels, error);
    all.written = wk_memory_new((size_t)exposures, sizeof *all.written, error);
    if (all.pixels && all.written)
        status = write_all(&all, context, error);
    for (int i = 0; all.pixels && i < workers; i++)
        wk_pixels_release(&all.pixels[i]);
    wk_memory_free(all.pixels);
    wk_memory_free(all.written);
    return status;
}
