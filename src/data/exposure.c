#include "exposure.h"

#include <stdio.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fits.h"
#include "memory.h"
#include "status.h"

wk_exposure_options wk_exposure_options_default(void)
{
    wk_exposure_options options;
    memset(&options, 0, sizeof options);
    return options;
}

void wk_exposure_free(wk_exposure *exposure)
{
    if (!exposure)
        return;
    wk_memory_free((void *)exposure->header.file);
    wk_memory_free((void *)exposure->header.mask_file);
    wk_memory_free((void *)exposure->header.noise_file);
    wk_memory_free((void *)exposure->header.detector);
    wk_memory_free((void *)exposure->header.filter);
    wk_memory_free((void *)exposure->header.visit);
    wk_memory_free((void *)exposure->header.date);
    wk_memory_free(exposure->name);
    wk_memory_free(exposure->planes);
    wk_memory_free(exposure);
}

void wk_exposures_free(wk_exposure **exposures, size_t count)
{
    for (size_t i = 0; exposures && i < count; i++)
        wk_exposure_free(exposures[i]);
    wk_memory_free(exposures);
}

const wk_exposure_header *wk_exposure_describe(const wk_exposure *exposure)
{
    return &exposure->header;
}

const char *wk_exposure_name(const wk_exposure *exposure)
{
    return exposure->name;
}

/* Look in one HDU; found says whether it was there. */
static wk_status look_up(int *found, char *value, size_t size, wk_fits *fits, int hdu,
                         const char *keyword, wk_error *error)
{
    wk_status status = wk_fits_select(fits, hdu, error);
    *found = status == WK_OK && wk_fits_text(value, size, fits, keyword);
    return status;
}

wk_status wk_exposure_keyword(char *value, size_t size, const wk_exposure *exposure,
                              const char *keyword, wk_error *error)
{
    wk_fits *fits = NULL;
    int found = 0;
    if (size == 0 || !keyword[0])
        return wk_error_set(error, WK_ARGUMENT, exposure->name, "a keyword needs a name and room");
    wk_status status = wk_fits_open(&fits, exposure->header.file, error);
    if (status != WK_OK)
        return status;
    status = look_up(&found, value, size, fits, exposure->header.image_hdu, keyword, error);
    if (status == WK_OK && !found)
        status = look_up(&found, value, size, fits, 0, keyword, error);
    wk_fits_close(fits);
    if (status == WK_OK && !found)
        status = wk_error_set(error, WK_HEADER, exposure->name, "there is no keyword %s", keyword);
    return status;
}

/* Only linear coordinates are an origin; "A" may stand for something else in other files. */
static int64_t origin_along(const wk_exposure *exposure, const char *kind, const char *value)
{
    char text[WK_FITS_VALUE];
    if (wk_exposure_keyword(text, sizeof text, exposure, kind, NULL) != WK_OK ||
        strcmp(text, "LINEAR") != 0 ||
        wk_exposure_keyword(text, sizeof text, exposure, value, NULL) != WK_OK)
        return 0;
    double origin = strtod(text, NULL);
    return fabs(origin) < 1e15 ? (int64_t)rint(origin) : 0;
}

void wk_exposure_origin(int64_t *x0, int64_t *y0, const wk_exposure *exposure)
{
    *x0 = origin_along(exposure, "CTYPE1A", "CRVAL1A");
    *y0 = origin_along(exposure, "CTYPE2A", "CRVAL2A");
}
