#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "show_task.h"

enum { BITS = 64 };

/* DECam's masks hold codes, not bits: each becomes the bit of its number. */
static wk_status read_codes(void *payload, int worker, int64_t y, int64_t rows, uint64_t *flags,
                            wk_error *error)
{
    const show_source *source = payload;
    const wk_flag_rows *from = &source->flag_rows;
    wk_status status = from->read(from->payload, worker, y, rows, flags, error);
    for (int64_t i = 0; i < rows * from->width && !status; i++)
        if (flags[i])
            flags[i] = (uint64_t)1 << (flags[i] < BITS ? flags[i] : BITS - 1);
    return status;
}

/* A name for each bit: the header's, else its number. */
static void name_plane(wk_mask_plane *plane, const wk_exposure_header *header, int bit)
{
    plane->bit = bit;
    snprintf(plane->name, sizeof plane->name,
             header->layout == WK_LAYOUT_DECAM ? "code %d" : "bit %d", bit);
    for (size_t k = 0; k < header->plane_count; k++)
        if (header->planes[k].bit == bit)
            snprintf(plane->name, sizeof plane->name, "%s", header->planes[k].name);
}

/* Whether a list of names with commas has this one. */
static int is_listed(const char *list, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = list; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
        if (!strncmp(at, name, length) && (at[length] == ',' || at[length] == '\0'))
            return 1;
    return 0;
}

/* All planes the header names, or all bits if it names none; of these those the user lists. */
static void choose_planes(show_source *source, const char *list)
{
    const wk_exposure_header *header = wk_exposure_describe(source->exposure);
    for (int bit = 0; bit < BITS; bit++) {
        wk_mask_plane plane;
        name_plane(&plane, header, bit);
        if (!list || is_listed(list, plane.name))
            source->planes[source->plane_count++] = plane;
    }
}

/* Every name of the list must be a plane, so that a slip of the pen is no empty picture. */
static wk_status check_names(const show_source *source, const char *list, wk_error *error)
{
    for (const char *at = list, *end; at; at = *end ? end + 1 : NULL) {
        size_t found = 0;
        end = at + strcspn(at, ",");
        for (size_t k = 0; k < source->plane_count; k++)
            found += strlen(source->planes[k].name) == (size_t)(end - at) &&
                     !strncmp(source->planes[k].name, at, (size_t)(end - at));
        if (!found)
            return cli_fail(error, WK_ARGUMENT, wk_exposure_name(source->exposure),
                            "its mask has no plane \"%.*s\"", (int)(end - at), at);
    }
    return WK_OK;
}

wk_status show_open_mask(show_source *source, const show_task *task, int workers, wk_error *error)
{
    const wk_exposure_header *header = wk_exposure_describe(source->exposure);
    const char *list = cli_get_text(&task->session->options, "planes");
    wk_status status = wk_exposure_flags_open(&source->flags, source->exposure, workers, error);
    if (status)
        return status;
    source->planes = cli_new(BITS, sizeof *source->planes, error);
    if (!source->planes)
        return WK_MEMORY;
    source->flag_rows = source->coded = wk_exposure_flags_get(source->flags);
    if (header->layout == WK_LAYOUT_DECAM) {
        source->coded.read = read_codes;
        source->coded.payload = source;
    }
    choose_planes(source, list);
    return check_names(source, list, error);
}
