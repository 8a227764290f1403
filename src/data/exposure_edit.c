#include <string.h>

#include "exposure_edit.h"
#include "fits_edit.h"
#include "memory.h"
#include "status.h"
#include "welkin/edit.h"

/* Where a plane is; NULL: nowhere. */
static const char *find_plane(int *hdu, const wk_exposure_header *header, wk_plane plane)
{
    *hdu = plane == WK_PLANE_NOISE ? header->noise_hdu : header->image_hdu;
    if (*hdu < 0)
        return NULL;
    return plane == WK_PLANE_NOISE && header->noise_file ? header->noise_file : header->file;
}

/* The HDUs of the planes, which must all be in one file. */
static wk_status collect(const char **file, wk_fits_plane_edit *out, const wk_plane_edit *edits,
                         size_t count, int worker, wk_error *error)
{
    *file = NULL;
    for (size_t i = 0; i < count; i++) {
        const wk_exposure_header *header = wk_exposure_describe(edits[i].exposure);
        const char *name = wk_exposure_name(edits[i].exposure);
        int hdu = -1;
        if (edits[i].plane != WK_PLANE_IMAGE && edits[i].plane != WK_PLANE_NOISE)
            return wk_error_set(error, WK_ARGUMENT, name, "there is no kind %d of planes",
                                (int)edits[i].plane);
        const char *path = find_plane(&hdu, header, edits[i].plane);
        if (!path)
            return wk_error_set(error, WK_HEADER, name, "the exposure has no noise plane");
        if (*file && strcmp(path, *file) != 0)
            return wk_error_set(error, WK_ARGUMENT, name, "the plane is not in the file %.200s",
                                *file);
        *file = path;
        out[i] = (wk_fits_plane_edit){.hdu = hdu,
                                      .width = header->width,
                                      .height = header->height,
                                      .change = edits[i].change,
                                      .payload = edits[i].payload,
                                      .keywords = edits[i].keywords,
                                      .keyword_count = edits[i].keyword_count,
                                      .worker = worker};
    }
    return WK_OK;
}

wk_status wk_exposure_edit_file(const wk_edit_job *job, int worker, const wk_write_options *options,
                                const wk_context *context, wk_error *error)
{
    const char *file;
    if (job->count == 0)
        return wk_error_set(error, WK_ARGUMENT, job->path, "no plane was given to edit");
    wk_fits_plane_edit *planes = wk_memory_new(job->count, sizeof *planes, error);
    if (!planes)
        return WK_MEMORY;
    wk_status status = collect(&file, planes, job->edits, job->count, worker, error);
    if (status == WK_OK)
        status = wk_fits_edit_planes(job->path, file, planes, job->count, options, context, error);
    wk_memory_free(planes);
    return status;
}

wk_status wk_exposures_edit(const char *path, const wk_plane_edit *edits, size_t count,
                            const wk_write_options *options, const wk_context *context,
                            wk_error *error)
{
    wk_write_options defaults = wk_write_options_default();
    const wk_edit_job job = {path, edits, count};
    return wk_exposure_edit_file(&job, 0, options ? options : &defaults, context, error);
}
