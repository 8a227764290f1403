#include "welkin/coadd.h"

#include <math.h>
#include <string.h>

#include "fits_archive.h"
#include "memory.h"
#include "status.h"

void wk_coadd_inputs_release(wk_coadd_inputs *inputs)
{
    wk_memory_free(inputs->visits);
    wk_memory_free(inputs->detectors);
    memset(inputs, 0, sizeof *inputs);
}

/* Where in an input a column's integers belong. */
typedef struct target {
    const char *column;
    size_t offset;
    int needed;
} target;

static wk_status take_integers(wk_coadd_input *list, wk_fits *fits, const wk_archive_part *part,
                               const target *to, int64_t *room, wk_error *error)
{
    int found = 0;
    wk_status status = wk_fits_archive_integers(room, &found, fits, part, to->column, error);
    if (!status && !found && to->needed)
        return wk_error_set(error, WK_HEADER, "", "the table in HDU %d has no column %s", part->hdu,
                            to->column);
    for (int64_t i = 0; i < part->rows && !status && found; i++)
        memcpy((char *)&list[i] + to->offset, &room[i], sizeof *room);
    return status;
}

static wk_status take_weights(wk_coadd_input *list, int *found, wk_fits *fits,
                              const wk_archive_part *part, wk_error *error)
{
    double *room = wk_memory_new((size_t)part->rows, sizeof *room, error);
    wk_status status =
        room ? wk_fits_archive_reals(room, found, fits, part, "weight", error) : WK_MEMORY;
    for (int64_t i = 0; i < part->rows && !status; i++)
        list[i].weight = *found ? room[i] : (double)NAN;
    wk_memory_free(room);
    return status;
}

static wk_status take_filters(wk_coadd_input *list, int *found, wk_fits *fits,
                              const wk_archive_part *part, wk_error *error)
{
    enum { WIDTH = sizeof list->filter };
    char *room = wk_memory_new((size_t)part->rows, WIDTH, error);
    wk_status status =
        room ? wk_fits_archive_texts(room, WIDTH, found, fits, part, "filter", error) : WK_MEMORY;
    for (int64_t i = 0; i < part->rows && !status; i++)
        memcpy(list[i].filter, room + i * WIDTH, WIDTH);
    wk_memory_free(room);
    return status;
}

static wk_status take_table(wk_coadd_input **out, size_t *count, int *weight, int *filter,
                            wk_fits *fits, const wk_archive_part *part, int detectors,
                            wk_error *error)
{
    const target targets[] = {
        {"id", offsetof(wk_coadd_input, id), 1},
        {detectors ? "visit" : "id", offsetof(wk_coadd_input, visit), 1},
        {"ccd", offsetof(wk_coadd_input, detector), 0},
    };
    wk_coadd_input *list = wk_memory_new((size_t)part->rows, sizeof *list, error);
    int64_t *room = wk_memory_new((size_t)part->rows, sizeof *room, error);
    wk_status status = list && room ? WK_OK : WK_MEMORY;
    for (int64_t i = 0; i < part->rows && !status; i++)
        list[i].detector = -1;
    for (int i = 0; i < (detectors ? 3 : 2) && !status && part->rows; i++)
        status = take_integers(list, fits, part, &targets[i], room, error);
    if (!status)
        status = take_weights(list, weight, fits, part, error);
    if (!status)
        status = take_filters(list, filter, fits, part, error);
    wk_memory_free(room);
    *out = list;
    *count = status ? 0 : (size_t)part->rows;
    return status;
}

static wk_status read_parts(wk_coadd_inputs *out, wk_fits *fits, const wk_archive_part *parts,
                            size_t count, wk_error *error)
{
    int weight, filter;
    if (count != 2)
        return wk_error_set(error, WK_HEADER, "",
                            "CoaddInputs has %zu tables instead of two (visits and detectors)",
                            count);
    wk_status status = take_table(&out->visits, &out->visit_count, &out->has_weight,
                                  &out->has_filter, fits, &parts[0], 0, error);
    if (!status)
        status = take_table(&out->detectors, &out->detector_count, &weight, &filter, fits,
                            &parts[1], 1, error);
    return status;
}

wk_status wk_coadd_inputs_read(wk_coadd_inputs *out, const char *path, wk_error *error)
{
    wk_fits *fits = NULL;
    wk_archive_part *parts = NULL;
    size_t count = 0;
    memset(out, 0, sizeof *out);
    wk_status status = wk_fits_open(&fits, path, error);
    if (!status)
        status = wk_fits_archive_find(&parts, &count, fits, "COADD_INPUTS", error);
    if (!status)
        status = read_parts(out, fits, parts, count, error);
    wk_memory_free(parts);
    wk_fits_close(fits);
    if (status) {
        wk_error_subject(error, path);
        wk_coadd_inputs_release(out);
    }
    return status;
}
