/* Which HDU of a file holds which plane.  Works on lists of HDUs, not on files. */
#ifndef WELKIN_DATA_EXPOSURE_LAYOUT_H
#define WELKIN_DATA_EXPOSURE_LAYOUT_H

#include "fits.h"
#include "welkin/exposure.h"

/* The HDUs of one file. */
typedef struct wk_hdu_list {
    const wk_fits_hdu *hdus;
    int count;
} wk_hdu_list;

/* "NAME", "NAME,EXTVER" or a 0-based number. */
typedef struct wk_extension {
    int number;  /* -1: by name */
    int version; /* 0: any */
    char name[WK_FITS_VALUE];
} wk_extension;

typedef enum wk_role { WK_ROLE_IMAGE = 0, WK_ROLE_MASK, WK_ROLE_NOISE } wk_role;

/* Read an extension; WK_ARGUMENT names the text and the subject it came from. */
wk_status wk_extension_read(wk_extension *out, const char *text, size_t length, const char *subject,
                            wk_error *error);

/* The HDU meant, or -1. */
int wk_extension_find(const wk_extension *extension, wk_hdu_list list);

/* WK_HEADER: a file of count HDUs has no such one. */
wk_status wk_extension_absent(const wk_extension *extension, const char *path, int count,
                              wk_error *error);

/* Split "file[extension]"; bracketed is 0 when there is no bracket.
 * Returned   file   caller frees with wk_memory_free */
wk_status wk_path_split(char **file, wk_extension *extension, int *bracketed, const char *path,
                        wk_error *error);

/* The path with "_ooi_" in its last part replaced by "_oo<letter>_" (the first one only); NULL in
 * *out when there is none.  Caller frees. */
wk_status wk_path_sibling(char **out, const char *path, char letter, wk_error *error);

/* The layout of a file by its extensions and its name; never AUTO. */
wk_layout wk_layout_detect(const char *path, wk_hdu_list list);

/* Nonzero: an image of two axes with pixels; further axes have length 1. */
int wk_hdu_is_plane(const wk_fits_hdu *hdu);

/* Nonzero: this layout takes this HDU for an exposure's image. */
int wk_layout_is_image(wk_layout layout, const wk_fits_hdu *hdu);

/* The mask or noise HDU that goes with an image, or -1.
 * Given   list    the file to look in
 *         image   the image's HDU, perhaps of another file
 *         own     nonzero: list is the image's own file */
int wk_layout_companion(wk_layout layout, wk_role role, wk_hdu_list list, const wk_fits_hdu *image,
                        int own);

/* What a layout's noise plane holds. */
wk_noise wk_layout_noise(wk_layout layout);

#endif
