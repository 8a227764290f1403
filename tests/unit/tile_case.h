/* A small tile on the disk: a coadd, one image and an info file, in the folder of fits_fixture.h.
 *
 * Both are TAN about the same point with one scale, so that pixel (x, y) of the image is pixel
 * (x + 10, y + 8) of the coadd, which has 40 x 30 pixels; the image has 20 x 12. */
#ifndef WELKIN_TEST_TILE_CASE_H
#define WELKIN_TEST_TILE_CASE_H

#include "fits_fixture.h"

#include "welkin/tile.h"

#define TILE_COADD                                                                                 \
    "image_path: coadd.fits\nimage_ext: sci\nweight_path: coadd.fits\nweight_ext: wgt\n"           \
    "bmask_path: coadd.fits\nbmask_ext: msk\nseg_path: seg.fits\nseg_ext: sci\n"
#define TILE_SOURCE                                                                                \
    "- image_path: se.fits\n  image_ext: sci\n  weight_path: se.fits\n  weight_ext: wgt\n"         \
    "  bmask_path: se.fits\n  bmask_ext: msk\n  bkg_path: bkg.fits\n  bkg_ext: sci\n"              \
    "  scale: 0.5\n"
#define TILE_INFO TILE_COADD "src_info:\n" TILE_SOURCE

enum { TILE_WIDTH = 40, TILE_HEIGHT = 30, SE_WIDTH = 20, SE_HEIGHT = 12 };

FIXTURE void tile_wcs(fitsfile *file, double crpix1, double crpix2, double ra)
{
    fixture_key(file, "CTYPE1", "RA---TAN");
    fixture_key(file, "CTYPE2", "DEC--TAN");
    fixture_number(file, "CRVAL1", ra);
    fixture_number(file, "CRVAL2", -33.0);
    fixture_number(file, "CRPIX1", crpix1);
    fixture_number(file, "CRPIX2", crpix2);
    fixture_number(file, "CD1_1", -1e-4);
    fixture_number(file, "CD1_2", 0.0);
    fixture_number(file, "CD2_1", 0.0);
    fixture_number(file, "CD2_2", 1e-4);
}

/* SCI counts from 100 on, MSK is 0, WGT is 1. */
FIXTURE void tile_planes(const char *name, long width, long height, double crpix1, double crpix2,
                         double ra)
{
    fitsfile *file = fixture_create(name);
    fixture_empty(file);
    fixture_ramp(file, FLOAT_IMG, width, height, "SCI", 0, 100);
    tile_wcs(file, crpix1, crpix2, ra);
    fixture_flat(file, LONG_IMG, width, height, "MSK", 0, 0.0);
    fixture_flat(file, FLOAT_IMG, width, height, "WGT", 0, 1.0);
    fixture_close(file);
}

/* One plane of one value. */
FIXTURE void tile_plane(const char *name, int bitpix, long width, long height, double value)
{
    fitsfile *file = fixture_create(name);
    fixture_empty(file);
    fixture_flat(file, bitpix, width, height, "SCI", 0, value);
    fixture_close(file);
}

/* Change a pixel of a file. */
FIXTURE void tile_set(const char *name, int hdu, long index, double value)
{
    fitsfile *file = NULL;
    int status = 0;
    fits_open_diskfile(&file, fixture_path(name), READWRITE, &status);
    fits_movabs_hdu(file, hdu + 1, NULL, &status);
    assert_int_equal(status, 0);
    fixture_pixel(file, index, value);
    fixture_close(file);
}

FIXTURE void tile_write(void)
{
    tile_planes("coadd.fits", TILE_WIDTH, TILE_HEIGHT, 21.0, 16.0, 21.0);
    tile_plane("seg.fits", LONG_IMG, TILE_WIDTH, TILE_HEIGHT, 0.0);
    tile_planes("se.fits", SE_WIDTH, SE_HEIGHT, 11.0, 8.0, 21.0);
    tile_plane("bkg.fits", FLOAT_IMG, SE_WIDTH, SE_HEIGHT, 40.0);
}

FIXTURE const char *tile_text(const char *text)
{
    fixture_bytes("info.yaml", text, strlen(text));
    return fixture_path("info.yaml");
}

/* Knows one variable. */
FIXTURE const char *tile_variable(const char *name, void *payload)
{
    return strcmp(name, "MEDS_DIR") == 0 ? payload : NULL;
}

FIXTURE wk_tile *tile_read(const char *text)
{
    wk_tile *tile = NULL;
    wk_error error = {WK_OK, "", ""};
    char variable[] = "/meds";
    if (wk_tile_read(&tile, tile_text(text), tile_variable, variable, &error) != WK_OK)
        fail_msg("%s", error.message);
    return tile;
}

/* A text that is refused with these words. */
FIXTURE void tile_refused(const char *text, wk_status expected, const char *words)
{
    wk_tile *tile = (wk_tile *)1;
    wk_error error = {WK_OK, "", ""};
    char variable[] = "/meds";
    assert_int_equal(wk_tile_read(&tile, tile_text(text), tile_variable, variable, &error),
                     expected);
    assert_null(tile);
    if (!strstr(error.message, words))
        fail_msg("'%s' does not say '%s'", error.message, words);
    assert_non_null(strstr(error.subject, "info.yaml"));
}

#endif
