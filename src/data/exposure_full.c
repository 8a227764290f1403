#include "exposure.h"
#include "fits.h"
#include "status.h"

static wk_status load_rows(double *values, wk_fits_plane *plane, wk_error *error)
{
    wk_status status = WK_OK;
    for (int64_t row = 0; status == WK_OK && row < plane->height; row += plane->strip) {
        int64_t left = plane->height - row, rows = left < plane->strip ? left : plane->strip;
        status = wk_fits_read_doubles(values + row * plane->width, plane, row, rows, error);
    }
    return status;
}

static wk_status load_image(double *values, wk_fits *fits, const wk_exposure_header *header,
                            wk_error *error)
{
    wk_fits_plane plane;
    wk_status status =
        wk_fits_plane_open(&plane, fits, header->image_hdu, header->width, header->height, error);
    if (status == WK_OK)
        status = load_rows(values, &plane, error);
    wk_fits_plane_close(&plane);
    return status;
}

wk_status wk_exposure_load_full(double *values, const wk_exposure *exposure, wk_error *error)
{
    wk_fits *fits = NULL;
    wk_status status = wk_fits_open(&fits, exposure->header.file, error);
    if (status == WK_OK)
        status = load_image(values, fits, &exposure->header, error);
    wk_fits_close(fits);
    if (status != WK_OK)
        wk_error_subject(error, exposure->name);
    return status;
}
