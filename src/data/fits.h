/* FITS files: opening, the list of HDUs, keywords and rows of pixels.
 *
 * An open file belongs to one thread.  CFITSIO opens a read-only file anew each time, so that two
 * threads may hold the same file; its stack of error texts is one for the whole process, and a
 * message there may be another thread's: it is never quoted, only the fixed text of a status is.
 */
#ifndef WELKIN_DATA_FITS_H
#define WELKIN_DATA_FITS_H

#include "welkin/exposure.h"
#include "welkin/status.h"

enum { WK_FITS_VALUE = 72 }; /* room for any keyword's value within one record */

typedef struct wk_fits wk_fits;

/* What the rest of the house knows of one HDU. */
typedef struct wk_fits_hdu {
    int image;                /* nonzero: an image, tile-compressed or not */
    int version;              /* EXTVER, 1 when absent */
    int bitpix;               /* of the image as stored */
    int axes;                 /* NAXIS of the image; 0: no pixels */
    int64_t width, height;    /* of the first two axes */
    int64_t depth;            /* product of the other axes */
    char name[WK_FITS_VALUE]; /* EXTNAME, "" when absent */
    char type[WK_FITS_VALUE]; /* EXTTYPE, "" when absent */
} wk_fits_hdu;

/* Open for reading; nothing in the path but its bytes has a meaning (no URL, pipe or filter). */
wk_status wk_fits_open(wk_fits **out, const char *path, wk_error *error);

void wk_fits_close(wk_fits *fits);

/* Walk all HDUs; a file shorter than its headers promise is WK_FILE.
 * Returned   hdus   caller frees with wk_memory_free */
wk_status wk_fits_list(wk_fits_hdu **hdus, int *count, wk_fits *fits, wk_error *error);

/* Make an HDU (0-based) the one that the functions below read. */
wk_status wk_fits_select(wk_fits *fits, int hdu, wk_error *error);

/* A keyword of the selected HDU as text, without quotes and trailing blanks; 0: absent. */
int wk_fits_text(char *value, size_t size, wk_fits *fits, const char *keyword);

/* A keyword of the selected HDU as a number; 0: absent or no number. */
int wk_fits_number(double *value, wk_fits *fits, const char *keyword);

/* The records of the selected image without comments, as wk_wcs_create wants them; those of a
 * tile-compressed image are the image's, not its table's.
 * Returned   text   caller frees with wk_memory_free */
wk_status wk_fits_records(char **text, int64_t *records, wk_fits *fits, wk_error *error);

/* The mask planes that MP_* keywords of the selected HDU name, sorted by bit; none: NULL and 0. */
wk_status wk_fits_mask_planes(wk_mask_plane **planes, size_t *count, wk_fits *fits,
                              wk_error *error);

/* An image that is read in strips of whole rows. */
typedef struct wk_fits_plane {
    wk_fits *fits;
    int64_t width, height;
    int64_t strip;  /* rows to ask for at a time: aligned to compressed tiles, small enough for the
                       cache */
    int flag_bytes; /* 4 or 8: of one value of wk_fits_read_flags */
    int flag_type;  /* CFITSIO's name of that type */
    int pixel_type; /* and of the type in which pixels arrive */
    int deep;       /* nonzero: float32 may not hold all digits of a pixel */
    int blank;      /* nonzero: CFITSIO has to look for undefined values */
    int rescale;    /* nonzero: stored integers become factor * stored + offset in float32 */
    float factor, offset;
    void *scratch; /* one strip of pixels on their way to another type */
} wk_fits_plane;

/* Select an image HDU whose size must be width x height (WK_FILE: it has changed). */
wk_status wk_fits_plane_open(wk_fits_plane *plane, wk_fits *fits, int hdu, int64_t width,
                             int64_t height, wk_error *error);

void wk_fits_plane_close(wk_fits_plane *plane);

/* Rows as float32, scaled; undefined integers are NaN, too large float64 infinite.  At most
 * plane->strip rows at a time. */
wk_status wk_fits_read_pixels(float *pixels, wk_fits_plane *plane, int64_t row, int64_t rows,
                              wk_error *error);

/* Rows as doubles: float64 and integers of 32 or 64 bits as CFITSIO has them in double, undefined
 * ones NaN; all others are the numbers of wk_fits_read_pixels.  At most plane->strip rows at a
 * time.
 */
wk_status wk_fits_read_doubles(double *values, wk_fits_plane *plane, int64_t row, int64_t rows,
                               wk_error *error);

/* Count pixels of one row from column x on; at most a row. */
wk_status wk_fits_read_run(float *pixels, wk_fits_plane *plane, int64_t row, int64_t x,
                           int64_t count, wk_error *error);

wk_status wk_fits_read_double_run(double *values, wk_fits_plane *plane, int64_t row, int64_t x,
                                  int64_t count, wk_error *error);

/* Nonzero if the plane lies in compressed tiles, or in a gzipped file that CFITSIO holds whole. */
int wk_fits_plane_compressed(const wk_fits_plane *plane);
int wk_fits_packed(const wk_fits *fits);

/* Rows as uint32_t or uint64_t (flag_bytes). */
wk_status wk_fits_read_flags(void *flags, wk_fits_plane *plane, int64_t row, int64_t rows,
                             wk_error *error);

wk_status wk_fits_read_flag_run(void *flags, wk_fits_plane *plane, int64_t row, int64_t x,
                                int64_t count, wk_error *error);

#endif
