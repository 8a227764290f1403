#include "welkin/frame.h"

#include <stdio.h>

#include "exposure_layout.h"
#include "fits.h"
#include "input.h"
#include "memory.h"
#include "raw.h"
#include "status.h"

static int is_frame(const wk_fits_hdu *hdu)
{
    return hdu->image && hdu->axes >= 2 && hdu->width > 0 && hdu->height > 0 && hdu->depth > 0;
}

/* The HDU meant. */
static wk_status pick(int *index, wk_hdu_list list, const char *path, const wk_extension *extension,
                      wk_error *error)
{
    char subject[sizeof error->subject];
    *index = extension ? wk_extension_find(extension, list) : 0;
    while (!extension && *index < list.count && !is_frame(&list.hdus[*index]))
        ++*index;
    if (*index == list.count)
        return wk_error_set(error, WK_HEADER, path, "there is no image in the file");
    if (*index < 0)
        return wk_extension_absent(extension, path, list.count, error);
    if (is_frame(&list.hdus[*index]))
        return WK_OK;
    snprintf(subject, sizeof subject, "%s[%d]", path, *index);
    if (!list.hdus[*index].image)
        return wk_error_set(error, WK_HEADER, subject, "is a table, not an image");
    return wk_error_set(error, WK_HEADER, subject, "is no image of two axes with pixels in it");
}

static wk_status read_fits(int64_t size[2], const char *path, const wk_extension *extension,
                           wk_error *error)
{
    wk_fits *fits = NULL;
    wk_hdu_list list = {NULL, 0};
    wk_fits_hdu *hdus = NULL;
    int index;
    wk_status status = wk_fits_open(&fits, path, error);
    if (status == WK_OK)
        status = wk_fits_list(&hdus, &list.count, fits, error);
    list.hdus = hdus;
    if (status == WK_OK)
        status = pick(&index, list, path, extension, error);
    if (status == WK_OK) {
        size[0] = hdus[index].width;
        size[1] = hdus[index].height;
    }
    wk_memory_free(hdus);
    wk_fits_close(fits);
    return status;
}

wk_status wk_frame_size(int64_t size[2], const char *path, wk_error *error)
{
    wk_extension extension;
    wk_input_kind kind;
    int bracketed = 0;
    char *file = NULL;
    wk_status status = wk_path_split(&file, &extension, &bracketed, path, error);
    if (status == WK_OK)
        status = wk_input_look(&kind, file, "an image", error);
    if (status != WK_OK)
        ; /* said already */
    else if (kind != WK_INPUT_OTHER)
        status = read_fits(size, file, bracketed ? &extension : NULL, error);
    else if (bracketed)
        status = wk_error_set(error, WK_ARGUMENT, path,
                              "the bracket names an extension, but the file is not FITS");
    else
        status = wk_raw_size(size, file, error);
    wk_memory_free(file);
    return status;
}
