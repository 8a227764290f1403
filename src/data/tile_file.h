/* The planes that a tile's info file names, opened. */
#ifndef WELKIN_DATA_TILE_FILE_H
#define WELKIN_DATA_TILE_FILE_H

#include "fits.h"
#include "tile.h"
#include "welkin/wcs.h"

/* An open plane; zeroed: none. */
typedef struct wk_tile_file {
    wk_fits *fits;
    wk_fits_plane plane;
    int64_t width, height;
    int single;  /* nonzero: stored as float32 */
    float *room; /* for one strip of such */
    char name[256];
} wk_tile_file;

/* Open a plane of the coadd (index -1) or of src_info.
 *
 * Given      key        "image", "weight", "bmask", "seg" or "bkg", for messages
 *            like       NULL, or an open plane whose size it must have
 * Status     WK_HEADER  the info file does not name one, no such extension, no image, another size
 * Notes      The extension is the first image of that EXTNAME, upper or lower case; else, if it is
 *            a number, that HDU.  Where none is given it is the first image. */
wk_status wk_tile_file_open(wk_tile_file *file, const wk_tile *tile, int64_t index, const char *key,
                            const wk_tile_file *like, wk_error *error);
void wk_tile_file_close(wk_tile_file *file);

/* How many rows to read next from row on. */
int64_t wk_tile_file_rows(const wk_tile_file *file, int64_t row);

/* Rows as double: float32 images as float32, widened; others with all their digits.  What is
 * undefined is NaN. */
wk_status wk_tile_file_read(double *values, wk_tile_file *file, int64_t row, int64_t rows,
                            wk_error *error);

wk_status wk_tile_file_wcs(wk_wcs **out, wk_tile_file *file, wk_error *error);

#endif
