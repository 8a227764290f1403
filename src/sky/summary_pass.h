/* Passes over the pixels of a summary, strip by strip and block by block. */
#ifndef WELKIN_SKY_SUMMARY_PASS_H
#define WELKIN_SKY_SUMMARY_PASS_H

#include "welkin/rows.h"
#include "welkin/summary.h"

enum { WK_SUMMARY_BLOCK = 1 << 11 }; /* values that lie in the nearest cache */

/* Where pixels come from: arrays, or rows that are read anew for each pass. */
typedef struct wk_summary_source {
    int64_t n;      /* pixels */
    int64_t unit;   /* what is read begins and ends at multiples of it, or ends at n */
    int64_t strip;  /* pixels of an item of work, a multiple of unit */
    int64_t strips; /* items */
    int workers;    /* may read at once */
    int masked;     /* nonzero: pixels may be bad that are finite */
    /* Lend count pixels from first on, until the worker's next call.  judge zero: image.bad may be
     * NULL where pixels are masked. */
    wk_status (*read)(void *payload, int worker, int64_t first, int64_t count, int judge,
                      wk_summary_image *image, wk_error *error);
    void *payload;
} wk_summary_source;

/* Borrowed arrays as a source; image is kept. */
wk_summary_source wk_summary_source_of(const wk_summary_image *image);

/* Rows, less those of minus if it is not NULL.  A pixel that is bad in either is not good. */
typedef struct wk_summary_reader wk_summary_reader;
wk_status wk_summary_reader_open(wk_summary_reader **out, const wk_rows *rows, const wk_rows *minus,
                                 int masked, const wk_context *context, wk_error *error);
wk_summary_source wk_summary_reader_source(wk_summary_reader *reader);
void wk_summary_reader_close(wk_summary_reader *reader);

/* What is done with a block: good values and masked ones, among either NaN and infinite ones.
 * Blocks of one strip come in order, by one worker. */
typedef struct wk_summary_block {
    int worker;
    int64_t strip;
    const double *good, *masked;
    int good_count, masked_count;
} wk_summary_block;
typedef wk_status (*wk_summary_body)(void *payload, const wk_summary_block *block, wk_error *error);

/* How many workers a pass has. */
int wk_summary_pass_workers(const wk_summary_source *source, const wk_context *context);

/* Hand over all pixels.  judge zero: masks are not looked at, all values are good ones. */
wk_status wk_summary_pass(const wk_summary_source *source, int judge, wk_summary_body body,
                          void *payload, const wk_context *context, wk_error *error);

/* Values of a block as doubles: in room[WK_SUMMARY_BLOCK], or where they are already. */
const double *wk_summary_fetch(const wk_summary_image *image, int64_t block, int *n, double *room);

#endif
