/* An exposure: one detector's image with its mask, noise plane and world coordinates.
 *
 * wk_exposures_open reads headers only.  Nothing stays open: wk_exposure_load opens the file, reads
 * the planes and closes it, so any number of exposures can be held, and different threads may load
 * from the same const exposure at the same time.
 */
#ifndef WELKIN_EXPOSURE_H
#define WELKIN_EXPOSURE_H

#include "welkin/image.h"
#include "welkin/status.h"
#include "welkin/wcs.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How a file holds its planes.
 * PLAIN  the first image HDU with pixels
 * STSCI  SCI, ERR, DQ; every EXTVER is one detector
 * LSST   IMAGE, MASK, VARIANCE (EXTTYPE or EXTNAME); mask planes by name from MP_*
 * DES    SCI, MSK, WGT
 * DECAM  sibling files ..._ooi_..., ..._ood_..., ..._oow_...; every image extension is one CCD */
typedef enum wk_layout {
    WK_LAYOUT_AUTO = 0,
    WK_LAYOUT_PLAIN,
    WK_LAYOUT_STSCI,
    WK_LAYOUT_LSST,
    WK_LAYOUT_DES,
    WK_LAYOUT_DECAM
} wk_layout;

/* What the noise plane holds. */
typedef enum wk_noise {
    WK_NOISE_NONE = 0,
    WK_NOISE_VARIANCE, /* variance of each pixel */
    WK_NOISE_WEIGHT,   /* inverse variance */
    WK_NOISE_ERROR     /* standard deviation */
} wk_noise;

/* How to find the planes.  Extensions are given as "NAME", "NAME,EXTVER" or a 0-based HDU number;
 * NULL leaves it to the layout.  The strings are copied. */
typedef struct wk_exposure_options {
    wk_layout layout;         /* default AUTO */
    const char *image_ext;    /* the image; one exposure results */
    const char *mask_ext;     /* integer plane, bits are flags; also within mask_file */
    const char *variance_ext; /* at most one of variance_ext, error_ext, weight_ext */
    const char *error_ext;
    const char *weight_ext;  /* also within weight_file */
    const char *mask_file;   /* take the mask from this file */
    const char *weight_file; /* take the weights from this file */
    const char *bad_bits;    /* a number; "~N": all bits but those of N; or plane names "BAD,SAT".
                                NULL: all bits; lsst: DETECTED, DETECTED_NEGATIVE, BAD, SAT,
                                NO_DATA, INTRP as far as the file has them; TELESCOP JWST:
                                DO_NOT_USE, NON_SCIENCE */
    const char *lsst_bits;   /* stands for bad_bits, when that is NULL, in the lsst layout alone */
    int no_mask;             /* nonzero: ignore mask and noise planes; every finite pixel is good */
} wk_exposure_options;

/* One named bit of a mask. */
typedef struct wk_mask_plane {
    char name[64];
    int bit;
} wk_mask_plane;

typedef struct wk_exposure wk_exposure;

/* What the headers say; borrowed from the exposure. */
typedef struct wk_exposure_header {
    const char *file;      /* the path as given, without a bracket */
    const char *mask_file; /* where the mask is, NULL: same file; same for noise_file */
    const char *noise_file;
    wk_layout layout; /* never AUTO */
    int image_hdu;    /* 0-based; -1: none, for the other two */
    int mask_hdu;
    int noise_hdu;
    wk_noise noise;
    const char *detector; /* from CCDNUM, DETECTOR, EXTNAME or EXTVER; "" if none */
    const char *filter;   /* "" if none */
    double exposure_time; /* seconds; NaN if none */
    int64_t width, height;
    int bitpix;                  /* of the image as stored: 8, 16, 32, 64, -32, -64 */
    uint64_t bad_bits;           /* the bits that make a pixel bad */
    const wk_mask_plane *planes; /* named planes, sorted by bit */
    size_t plane_count;
    const char *visit; /* EXPID, VISIT_ID, VISIT, EXPNUM, ROOTNAME, OBS_ID or OBSID; "" if none */
    const char *date;  /* DATE-OBS, with TIME-OBS where it has no time, or DATE-BEG; "" if none */
} wk_exposure_header;

WK_API wk_exposure_options wk_exposure_options_default(void);

/* Find the exposures in one file.
 *
 * Given      path     FITS, also .fz and .gz; may end in [n], [NAME] or [NAME,EXTVER], which picks
 *                     one image HDU (n is 0-based)
 * Returned   out      array of *count exposures, in the file's order; free with wk_exposures_free
 * Status     WK_FILE    cannot be opened: missing, a directory, empty, not FITS, truncated
 *            WK_HEADER  no image with two axes, a zero-size image, a named plane is absent or has
 *                       another size than the image, an unknown name in bad_bits
 *            WK_ARGUMENT  malformed bracket or options that exclude each other
 * Notes      The file's size is held against what its headers promise, so that a truncated file
 *            fails here and not in the middle of the work.  A missing WCS is no error here.
 */
WK_API wk_status wk_exposures_open(wk_exposure ***out, size_t *count, const char *path,
                                   const wk_exposure_options *options, wk_error *error);

WK_API void wk_exposures_free(wk_exposure **exposures, size_t count);

WK_API const wk_exposure_header *wk_exposure_describe(const wk_exposure *exposure);

/* "file[hdu]", how messages name the exposure; borrowed. */
WK_API const char *wk_exposure_name(const wk_exposure *exposure);

/* The exposure's world coordinates: caller frees with wk_wcs_free.  WK_WCS if it has none. */
WK_API wk_status wk_exposure_wcs(wk_wcs **out, const wk_exposure *exposure, wk_error *error);

/* A keyword's value as text without quotes, from the image's header, else from the primary's.
 * WK_HEADER if neither has it. */
WK_API wk_status wk_exposure_keyword(char *value, size_t size, const wk_exposure *exposure,
                                     const char *keyword, wk_error *error);

/* Parent coordinates of the first pixel, as LSST's "A" coordinates have them (CRVAL1A, CRVAL2A); 0,
 * 0 where there are none. */
WK_API void wk_exposure_origin(int64_t *x0, int64_t *y0, const wk_exposure *exposure);

/* Read the pixels and the bad-pixel mask, and the variance when want_variance is nonzero.
 *
 * Returned   pixels   its buffers are grown as needed and reused
 * Status     WK_FILE    the data cannot be read
 * Notes      1. bad is nonzero where the pixel is not finite (BLANK included), where a bad bit is
 *               set, or where the variance or weight is not finite or <= 0 (ERR planes are not
 *               judged).
 *            2. A noise plane is turned into a variance in the image's units squared: weight to
 *               1/weight, error to its square; NaN where that has no meaning.  pixels->variance is
 *               NULL if there is no noise plane.
 *            3. Memory beyond the result: some hundred rows.
 */
WK_API wk_status wk_exposure_load(wk_pixels *pixels, const wk_exposure *exposure, int want_variance,
                                  wk_error *error);

/* Read the pixels of the image alone, without loss.
 *
 * Returned   values   [height][width]: float64 and 32-bit integers as they are in the file, scaled
 *                     in double; 64-bit integers rounded to 53 bits; all others are the numbers
 *                     that wk_exposure_load gives.  Undefined integers are NaN.  Unset on failure
 * Status     WK_FILE    the data cannot be read
 * Notes      No mask is looked at.  Memory beyond the result: some hundred rows.
 */
WK_API wk_status wk_exposure_load_full(double *values, const wk_exposure *exposure,
                                       wk_error *error);

/* What is to be taken off one exposure. */
typedef struct wk_level_edit {
    const wk_exposure *exposure; /* all edits of one call: of one file */
    double level;                /* in the image's units; subtracted from every pixel */
    int valid;                   /* zero: the exposure is copied unchanged, without keywords */
} wk_level_edit;

typedef struct wk_write_options {
    const char *method;       /* for BKGMETH: "match", "global+match", ...; at most 60 characters */
    int subtract;             /* nonzero: change the pixels; zero: write the keywords only */
    int overwrite;            /* nonzero: an existing output may be replaced */
    int durable;              /* nonzero: fsync file and folder before it appears */
    const char *const *cards; /* HISTORY lines to add, NULL-terminated; may be NULL */
} wk_write_options;

WK_API wk_write_options wk_write_options_default(void);

/* Copy a file, taking a level off some of its images.
 *
 * Given      path     the output; it appears when it is whole, or not at all
 *            edits    one for each exposure of the file that is touched
 * Status     WK_EXISTS, WK_FILE (with the cause: no space, read-only, ...)
 *            WK_HEADER    the level cannot be taken off such an image: unsigned 64-bit integers,
 *                         unsigned integers packed by PLIO_1, quantised floats with BSCALE
 *            WK_ARGUMENT  a level that is not finite, a method that is no header text
 * Notes      1. Touched image HDUs get BKGMETH, BKGLEVEL (the level), BKGSUB (T or F), HISTORY,
 *               CHECKSUM and DATASUM.  Everything else is kept bit for bit, other HDUs whole.
 *            2. float32 pixels: the difference in double, rounded once; float64 likewise.
 *               Integers keep their stored numbers, BZERO moves: no digit is lost.
 *               Tile-compressed files stay compressed with the same algorithm and tiles; quantised
 *               floats keep their stored numbers too, ZZERO moves (pixels that
 *               SUBTRACTIVE_DITHER_2 marks as exactly zero stay zero).
 *            3. Memory: a strip.  A gzipped input is unpacked into a nameless file in the output's
 *               folder; the output is gzipped when its name ends in ".gz".
 */
WK_API wk_status wk_exposures_write(const char *path, const wk_level_edit *edits, size_t count,
                                    const wk_write_options *options, wk_error *error);

/* One output of several. */
typedef struct wk_output_job {
    const char *path;           /* of the output; no two jobs have the same */
    const wk_level_edit *edits; /* as for wk_exposures_write */
    size_t count;
} wk_output_job;

/* Write several files at once, each as wk_exposures_write does; progress stage "write".
 *
 * Status     as wk_exposures_write; WK_CANCELLED
 * Notes      After a failure or a cancellation no new file is begun, and the new files of this
 *            call are removed.  One that replaced an older file stays: it is whole.
 */
WK_API wk_status wk_exposures_write_all(const wk_output_job *jobs, size_t count,
                                        const wk_write_options *options, const wk_context *context,
                                        wk_error *error);

#ifdef __cplusplus
}
#endif

#endif
