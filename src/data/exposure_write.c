#include <string.h>

#include "fits_subtract.h"
#include "memory.h"
#include "status.h"
#include "welkin/exposure.h"

wk_write_options wk_write_options_default(void)
{
    return (wk_write_options){.method = "match", .subtract = 1};
}

/* The HDUs of the exposures, which must all be of one file. */
static wk_status collect(wk_fits_edit *out, const wk_level_edit *edits, size_t count,
                         wk_error *error)
{
    const char *file = wk_exposure_describe(edits[0].exposure)->file;
    for (size_t i = 0; i < count; i++) {
        const wk_exposure_header *header = wk_exposure_describe(edits[i].exposure);
        if (strcmp(header->file, file) != 0)
            return wk_error_set(error, WK_ARGUMENT, wk_exposure_name(edits[i].exposure),
                                "the exposure is not of the file %.200s", file);
        out[i] = (wk_fits_edit){header->image_hdu, edits[i].level, edits[i].valid};
    }
    return WK_OK;
}

wk_status wk_exposures_write(const char *path, const wk_level_edit *edits, size_t count,
                             const wk_write_options *options, wk_error *error)
{
    wk_write_options defaults = wk_write_options_default();
    if (count == 0)
        return wk_error_set(error, WK_ARGUMENT, path, "no exposure was given to write");
    wk_fits_edit *hdus = wk_memory_new(count, sizeof *hdus, error);
    if (!hdus)
        return WK_MEMORY;
    wk_status status = collect(hdus, edits, count, error);
    if (status == WK_OK)
        status = wk_fits_subtract(path, wk_exposure_describe(edits[0].exposure)->file, hdus, count,
                                  options ? options : &defaults, error);
    wk_memory_free(hdus);
    return status;
}
