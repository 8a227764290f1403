#include "exposure.h"

#include "fits.h"
#include "memory.h"

wk_status wk_exposure_wcs(wk_wcs **out, const wk_exposure *exposure, wk_error *error)
{
    wk_fits *fits = NULL;
    char *text = NULL;
    int64_t records = 0;
    wk_status status = wk_fits_open(&fits, exposure->header.file, error);
    if (status == WK_OK)
        status = wk_fits_select(fits, exposure->header.image_hdu, error);
    if (status == WK_OK)
        status = wk_fits_records(&text, &records, fits, error);
    wk_fits_close(fits);
    if (status == WK_OK)
        status = wk_wcs_create(out, text, records, exposure->name, error);
    wk_memory_free(text);
    return status;
}
