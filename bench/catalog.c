/* Times a catalogue of footprints that no file holds.
 *
 * bench_catalog DB [--visits N] [--queries N] [--radius DEGREES]
 *
 * Visits of 62 detectors of 2048 x 4096 px of 0.263 arcsec, side by side, at random over the sky;
 * 1000 exposures a transaction.  Prints one JSON line: rows a second while putting them in,
 * and what queries within the process take.  An existing DB is only asked.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "catalog.h"
#include "outline.h"

enum { DETECTORS = 62, ACROSS = 8, BATCH = 16 };

static double uniform(uint64_t i)
{
    uint64_t z = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return ((double)((z ^ (z >> 31)) >> 11) + 0.5) * 0x1p-53;
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static double number(int count, char **words, const char *name, double otherwise)
{
    for (int i = 2; i + 1 < count; i++)
        if (strcmp(words[i], name) == 0)
            return atof(words[i + 1]);
    return otherwise;
}

static void check(wk_status status, const wk_error *error)
{
    if (status >= 0)
        return;
    fprintf(stderr, "bench_catalog: %s: %s\n", error->subject, error->message);
    exit(1);
}

static void place(double sky[2], uint64_t visit)
{
    sky[0] = 360.0 * uniform(2 * visit);
    sky[1] = asin(2.0 * uniform(2 * visit + 1) - 1.0) * 57.29577951308232;
}

static void card(char *header, int *count, const char *name, const char *value)
{
    char text[120];
    snprintf(text, sizeof text, "%-8s= %-70s", name, value);
    memcpy(header + 80 * (*count)++, text, 80);
}

static wk_wcs *make_wcs(const double sky[2], int detector, wk_error *error)
{
    static const char *const names[] = {"CRVAL1", "CRVAL2", "CRPIX1", "CRPIX2", "CDELT1", "CDELT2"};
    char header[80 * 8], text[40];
    int count = 0;
    wk_wcs *wcs = NULL;
    const double values[] = {sky[0],
                             sky[1],
                             2060.0 * (detector % ACROSS - 3.5),
                             4120.0 * (detector / ACROSS - 3.5),
                             -0.263 / 3600,
                             0.263 / 3600};
    card(header, &count, "CTYPE1", "'RA---TAN'");
    card(header, &count, "CTYPE2", "'DEC--TAN'");
    for (int i = 0; i < 6; i++) {
        snprintf(text, sizeof text, "%.15g", values[i]);
        card(header, &count, names[i], text);
    }
    check(wk_wcs_create(&wcs, header, count, "", error), error);
    return wcs;
}

/* One visit's file, ready to be put in. */
typedef struct visit {
    char name[40], number[16], detectors[DETECTORS][8];
    wk_exposure_header headers[DETECTORS];
    wk_catalog_row rows[DETECTORS];
    double outlines[DETECTORS][wk_outline_most];
} visit;

static void visit_make(visit *one, uint64_t index, wk_error *error)
{
    double sky[2];
    place(sky, index);
    snprintf(one->name, sizeof one->name, "night%03d/visit%06d.fits", (int)(index / 100),
             (int)index);
    snprintf(one->number, sizeof one->number, "%d", (int)index);
    for (int i = 0; i < DETECTORS; i++) {
        wk_footprint footprint;
        wk_wcs *wcs = make_wcs(sky, i, error);
        check(wk_footprint_create(&footprint, wcs, 2048, 4096, error), error);
        snprintf(one->detectors[i], sizeof one->detectors[i], "%d", i + 1);
        one->headers[i] = (wk_exposure_header){.layout = WK_LAYOUT_DECAM,
                                               .image_hdu = i + 1,
                                               .detector = one->detectors[i],
                                               .filter = index % 2 ? "r" : "g",
                                               .exposure_time = 90,
                                               .width = 2048,
                                               .height = 4096,
                                               .visit = one->number,
                                               .date = "2026-01-31T01:02:03"};
        one->rows[i] = (wk_catalog_row){.header = &one->headers[i],
                                        .centre = {sky[0], sky[1]},
                                        .pixel_scale = 0.263,
                                        .outline = one->outlines[i]};
        one->rows[i].outline_count = wk_outline_write(one->outlines[i], &footprint);
        wk_cap_box(one->rows[i].box, footprint.centre, footprint.radius);
        wk_footprint_release(&footprint);
        wk_wcs_free(wcs);
    }
}

/* Seconds of the transactions alone. */
static double fill(wk_catalog *catalog, uint64_t visits, wk_error *error)
{
    visit *batch = malloc(BATCH * sizeof *batch);
    wk_catalog_writer writer;
    double taken = 0.0;
    if (!batch)
        exit(2);
    check(wk_catalog_writer_open(&writer, catalog, error), error);
    for (uint64_t from = 0; from < visits; from += BATCH) {
        uint64_t count = visits - from < BATCH ? visits - from : BATCH;
        for (uint64_t i = 0; i < count; i++)
            visit_make(&batch[i], from + i, error);
        double begin = seconds();
        check(wk_database_begin(catalog->database, error), error);
        for (uint64_t i = 0; i < count; i++) {
            wk_catalog_file file = {batch[i].name, 1, 1, batch[i].rows, DETECTORS};
            check(wk_catalog_put(&writer, &file, error), error);
        }
        check(wk_database_commit(catalog->database, error), error);
        taken += seconds() - begin;
    }
    wk_catalog_writer_close(&writer);
    free(batch);
    return taken;
}

static wk_status count_entry(const wk_catalog_entry *entry, void *payload, wk_error *error)
{
    (void)entry, (void)error;
    ++*(int64_t *)payload;
    return WK_OK;
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Circles about visits, so that each meets something. */
static void ask(wk_catalog *catalog, uint64_t queries, double radius, uint64_t visits,
                wk_error *error)
{
    double *taken = malloc(queries * sizeof *taken);
    int64_t found = 0;
    if (!taken)
        exit(2);
    for (uint64_t i = 0; i < queries; i++) {
        double sky[2], begin = seconds();
        place(sky, i * 7919 % visits);
        check(wk_catalog_around(catalog, sky, radius, NULL, count_entry, &found, error), error);
        taken[i] = seconds() - begin;
    }
    qsort(taken, queries, sizeof *taken, compare);
    printf("\"found\": %.1f, \"median_ms\": %.4f, \"p99_ms\": %.4f, \"worst_ms\": %.4f",
           (double)found / (double)queries, 1e3 * taken[queries / 2],
           1e3 * taken[queries * 99 / 100], 1e3 * taken[queries - 1]);
    free(taken);
}

int main(int count, char **words)
{
    wk_error error = {0};
    wk_catalog *catalog = NULL;
    struct rusage usage;
    uint64_t visits = (uint64_t)number(count, words, "--visits", 1613);
    if (count < 2)
        return 2;
    int there = access(words[1], F_OK) == 0;
    check(wk_catalog_open(&catalog, words[1], WK_CATALOG_CREATE, 60000, &error), &error);
    double taken = there ? 0.0 : fill(catalog, visits, &error);
    printf("{\"rows\": %lld, \"seconds\": %.3f, ", (long long)visits * DETECTORS, taken);
    ask(catalog, (uint64_t)number(count, words, "--queries", 1000),
        number(count, words, "--radius", 0.1), visits, &error);
    getrusage(RUSAGE_SELF, &usage);
    printf(", \"megabytes\": %.1f}\n", (double)usage.ru_maxrss / 1024.0);
    wk_catalog_close(catalog);
    return 0;
}
