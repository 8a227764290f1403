/* New FITS files: primary and image HDUs from cards and arrays, with checksums.  The bytes depend
 * on the arguments alone. */
#ifndef WELKIN_DATA_FITS_WRITE_H
#define WELKIN_DATA_FITS_WRITE_H

#include "welkin/status.h"

typedef struct wk_fits_writer wk_fits_writer;

/* Begin a file that appears when it is finished.  Statuses as wk_output_begin. */
wk_status wk_fits_create(wk_fits_writer **out, const char *path, int overwrite, int durable,
                         wk_error *error);

/* A primary HDU without data: count records of 80 characters each follow the mandatory keywords.
 * It must be the first HDU. */
wk_status wk_fits_append_primary(wk_fits_writer *writer, const char *records, int64_t count,
                                 wk_error *error);

/* An image: the primary array if it is the first HDU, else an extension.
 * Given      records  count records of 80 characters each, without the mandatory keywords, EXTNAME,
 *                     EXTVER and END
 *            extname  NULL or "": none
 *            extver   0: none
 *            bitpix   8, 16, 32, 64, -32 or -64; data are of that type in this machine's order */
wk_status wk_fits_append_image(wk_fits_writer *writer, const char *records, int64_t count,
                               const char *extname, int extver, int bitpix, int64_t width,
                               int64_t height, const void *data, wk_error *error);

/* Give the file its name.  The writer is freed, whatever the status. */
wk_status wk_fits_finish(wk_fits_writer *writer, wk_error *error);

/* Remove what was written and free the writer; NULL is allowed. */
void wk_fits_abandon(wk_fits_writer *writer);

#endif
