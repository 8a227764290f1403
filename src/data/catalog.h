/* The inside of a catalogue: its file, and what goes in and comes out of it.
 *
 * The exact question whether a footprint meets something is not asked here but in sky; this layer
 * keeps outlines as rows of numbers that it does not look into, and boxes around them. */
#ifndef WELKIN_DATA_CATALOG_H
#define WELKIN_DATA_CATALOG_H

#include "database.h"
#include "welkin/catalog.h"

struct wk_catalog {
    wk_database *database;
    char *path;   /* as given */
    char *folder; /* of the file itself, as a path from here; "" for the present one */
    char *real;   /* the same without links, ends in a slash */
};

/* One exposure to be put in. */
typedef struct wk_catalog_row {
    const wk_exposure_header *header;
    double centre[2], pixel_scale; /* NaN: unknown */
    const double *outline;         /* [outline_count]; the last 2 * vertices are the border */
    size_t outline_count;          /* 0: no place on the sky */
    double box[6];                 /* unit vectors: least and greatest x, y, z */
} wk_catalog_row;

/* One file to be put in. */
typedef struct wk_catalog_file {
    char *stored; /* the path as the catalogue keeps it */
    int64_t size, changed;
    const wk_catalog_row *rows;
    size_t count;
} wk_catalog_file;

enum { wk_catalog_outline_head = 6 }; /* numbers of an outline before its border */

typedef enum wk_catalog_state {
    WK_CATALOG_NEW,
    WK_CATALOG_CHANGED,
    WK_CATALOG_SAME
} wk_catalog_state;

/* The path as the catalogue keeps it (caller frees), and the facts by which a change is known. */
wk_status wk_catalog_locate(wk_catalog_file *file, const wk_catalog *catalog, const char *path,
                            wk_error *error);

/* A stored path as one that leads there from here; caller frees. */
char *wk_catalog_reach(const wk_catalog *catalog, const char *stored, wk_error *error);

/* Statements made ready for many files. */
typedef struct wk_catalog_writer {
    wk_catalog *catalog;
    wk_query *find, *drop, *file, *exposure, *footprint;
} wk_catalog_writer;

wk_status wk_catalog_writer_open(wk_catalog_writer *writer, wk_catalog *catalog, wk_error *error);
void wk_catalog_writer_close(wk_catalog_writer *writer);

/* What is known of a file whose size and time of change are given. */
wk_status wk_catalog_look(wk_catalog_state *state, wk_catalog_writer *writer,
                          const wk_catalog_file *file, wk_error *error);

/* Put a file in, in the place of what is known of it; within a transaction. */
wk_status wk_catalog_put(wk_catalog_writer *writer, const wk_catalog_file *file, wk_error *error);

/* Is handed the key and the outline of an exposure. */
typedef wk_status (*wk_catalog_near)(int64_t key, const double *outline, size_t count,
                                     void *payload, wk_error *error);

/* The exposures whose boxes meet a box. */
wk_status wk_catalog_search(wk_catalog *catalog, const double box[6], wk_catalog_near near,
                            void *payload, wk_error *error);

/* Of the exposures with these keys, hand over those that satisfy an expression. */
wk_status wk_catalog_select_keys(wk_catalog *catalog, const int64_t *keys, size_t count,
                                 const char *where, wk_catalog_take take, void *payload,
                                 wk_error *error);

/* Name the catalogue's application and version of tables in a new file, or hold them against what
 * a file has. */
wk_status wk_catalog_prepare(wk_catalog *catalog, int create, wk_error *error);

#endif
