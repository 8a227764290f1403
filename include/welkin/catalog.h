/* A catalogue: one SQLite file that knows which exposures there are and where on the sky they lie.
 *
 * Files are added by their headers alone; exposures are then chosen by an expression, or by the sky
 * they cover.  Several programs may add to one catalogue at a time.  docs/methods/catalog.md has
 * the tables, for programs that read the file themselves.
 */
#ifndef WELKIN_CATALOG_H
#define WELKIN_CATALOG_H

#include "welkin/exposure.h"
#include "welkin/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct wk_catalog wk_catalog;

typedef enum wk_catalog_mode {
    WK_CATALOG_READ = 0, /* only what leaves it as it is */
    WK_CATALOG_WRITE,    /* it must be there */
    WK_CATALOG_CREATE    /* an empty one is made if it is not */
} wk_catalog_mode;

/* Open a catalogue.
 *
 * Given      wait   milliseconds to wait for other programs' transactions, here and later
 * Returned   out    caller frees with wk_catalog_close; belongs to one thread at a time
 * Status     WK_FILE  missing, no database, another program's database, one of another version of
 *                     the tables, damaged, locked for too long, or it cannot be made or written
 * Notes      What a program that was killed left half done is undone by the next that opens it.
 */
WK_API wk_status wk_catalog_open(wk_catalog **out, const char *path, wk_catalog_mode mode, int wait,
                                 wk_error *error);
WK_API void wk_catalog_close(wk_catalog *catalog);

/* What became of the files given to wk_catalog_add. */
typedef struct wk_catalog_report {
    int64_t added;     /* files that are new */
    int64_t replaced;  /* files whose size or time of change is another than when they were added */
    int64_t unchanged; /* files that are known as they are; they are not read */
    int64_t imageless; /* files without any image; they are no failure */
    int64_t failed;    /* files that could not be read */
    int64_t exposures; /* of the files added and replaced */
    int64_t unplaced;  /* of these, those without world coordinates */
    wk_error first;    /* why the first of the failed ones did */
} wk_catalog_report;

/* Read the headers of files and put what they say into the catalogue.
 *
 * Given      catalog   opened to WRITE or CREATE
 *            paths     [count], without brackets
 *            context   its log is told, as warnings, which exposures have no coordinates, and which
 *                      files failed but for the first; progress stage "add"
 * Status     WK_OK also when files failed: see the report; WK_ARGUMENT a path with a bracket;
 *            WK_FILE the catalogue cannot be written; WK_CANCELLED
 * Notes      1. Each 1000 files are one transaction: after a failure, a cancellation or a kill the
 *               catalogue holds the files of the transactions before.
 *            2. A file that fails leaves what is known of it as it was.
 *            3. A path is kept relative to the catalogue's folder when the file lies there or
 *               below, absolute otherwise, folders without links; the file's own name is kept.
 *            4. Memory does not grow with count.
 */
WK_API wk_status wk_catalog_add(wk_catalog_report *report, wk_catalog *catalog,
                                const char *const *paths, size_t count, const wk_context *context,
                                wk_error *error);

/* A level that a solution found for an exposure. */
typedef struct wk_catalog_level {
    int64_t run;        /* numbers the solutions, from 1 */
    const char *time;   /* when the solution's ledger was written, "2026-01-31T12:00:00Z" */
    const char *ledger; /* its path, as the catalogue keeps paths */
    const char *method;
    double sky, error; /* in the image's units; NaN if undetermined, or unknown */
    int valid;
} wk_catalog_level;

/* One exposure as the catalogue has it; borrowed during a call of wk_catalog_take. */
typedef struct wk_catalog_entry {
    const char *file; /* a path that leads there now, from where the catalogue's own path does */
    int hdu;          /* 0-based */
    int64_t siblings; /* exposures of the file, itself included */
    wk_layout layout;
    const char *detector, *filter, *visit, *date; /* "" if unknown */
    double exposure_time;                         /* seconds; NaN if unknown */
    int64_t width, height;
    double centre[2];              /* ra, dec of the image's centre, degrees; NaN without WCS */
    double pixel_scale;            /* arcsec; NaN without WCS */
    const double *border;          /* [vertices][2] ra, dec in degrees, joined by great circles */
    int64_t vertices;              /* 0: no coordinates, or a border that is not all on the sky */
    int64_t size;                  /* of the file, bytes */
    const wk_catalog_level *level; /* wk_catalog_levels only, else NULL */
} wk_catalog_entry;

/* Is handed exposures one by one, in the order of files and HDUs; a negative status ends it. */
typedef wk_status (*wk_catalog_take)(const wk_catalog_entry *entry, void *payload, wk_error *error);

/* Hand over the exposures that satisfy an expression.
 *
 * Given      where   "filter = 'r' and visit in (123, 124)"; NULL: all
 * Status     WK_ARGUMENT  the expression is malformed, a column is unknown (similar ones are
 *                         named) or compared with something of another kind
 *            WK_FILE      the catalogue cannot be read
 *            what take returns
 * Notes      1. Columns: file, hdu, layout, detector, filter, visit, exposure_time, date, width,
 *               height, ra, dec, pixel_scale, size.
 *            2. =, ==, !=, <>, <, <=, >, >=, [not] in (...), [not] like '%', [not] between A and B,
 *               is [not] null, and, or, not, parentheses.  Texts stand in single quotes.
 *            3. It is no SQL that reaches the database: it is parsed here, and its values are
 * bound.
 *            4. The catalogue may not be written meanwhile; take should be quick. */
WK_API wk_status wk_catalog_select(wk_catalog *catalog, const char *where, wk_catalog_take take,
                                   void *payload, wk_error *error);

/* The same, once for each level that is recorded of an exposure, oldest first. */
WK_API wk_status wk_catalog_levels(wk_catalog *catalog, const char *where, wk_catalog_take take,
                                   void *payload, wk_error *error);

/* Hand over the exposures that meet a circle on the sky.
 *
 * Given      centre   ra, dec in degrees
 *            radius   degrees, 0 to 180
 *            where    as for wk_catalog_select
 * Status     as wk_catalog_select; WK_ARGUMENT a position or radius out of range
 * Accuracy   borders are exact to 0.1 px  [tests/unit/test_catalog_meet.c]
 * Notes      Exposures without coordinates are never among them; one whose border is not all on the
 *            sky always is. */
WK_API wk_status wk_catalog_around(wk_catalog *catalog, const double centre[2], double radius,
                                   const char *where, wk_catalog_take take, void *payload,
                                   wk_error *error);

/* Hand over the exposures that share sky with any of those given, as wk_overlaps_find would pair
 * them: never one too few, and one too many only within some pixels.  Those given are among them
 * when they are in the catalogue.  WK_WCS: one of those given has no coordinates. */
WK_API wk_status wk_catalog_meet(wk_catalog *catalog, const wk_exposure *const *exposures,
                                 size_t count, const char *where, wk_catalog_take take,
                                 void *payload, wk_error *error);

/* Take exposures out of the catalogue, with their levels; their files stay.
 * Returned   removed   how many exposures */
WK_API wk_status wk_catalog_remove(int64_t *removed, wk_catalog *catalog, const char *where,
                                   wk_error *error);

/* Take out the exposures of files that are not there any more. */
WK_API wk_status wk_catalog_forget(int64_t *removed, wk_catalog *catalog, wk_error *error);

/* Record the levels of a ledger that welkin match wrote.
 *
 * Returned   recorded  exposures that have got a level
 * Status     WK_FILE      the ledger is missing, not JSON or no solution
 *            WK_ARGUMENT  an exposure of it is not in the catalogue; nothing is recorded then
 * Notes      Files are looked for from the present folder, else from the ledger's.  Recording the
 *            same ledger again replaces what it gave before. */
WK_API wk_status wk_catalog_record(int64_t *recorded, wk_catalog *catalog, const char *ledger,
                                   wk_error *error);

#ifdef __cplusplus
}
#endif

#endif
