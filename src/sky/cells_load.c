/* Cells from files: the same overlaps and lists as if the exposures had just been measured. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cells_table.h"
#include "memory.h"
#include "parallel.h"
#include "polygon.h"
#include "status.h"

/* One file. */
typedef struct sheet {
    const char *path;
    wk_cells_exposure *rows;
    int64_t count;
    size_t *place; /* [count] of its exposures among all */
    double pitch;
    int whole;
    wk_statistic_options statistic;
    wk_footprint *footprints; /* [count]; taken over by the overlaps */
} sheet;

typedef struct loading {
    sheet *sheets;
    wk_sky_cells *cells;
} loading;

/* An open file with its HDUs. */
typedef struct opened {
    wk_fits *fits;
    wk_fits_hdu *hdus;
    int count;
} opened;

static wk_status open_file(opened *file, const char *path, wk_error *error)
{
    memset(file, 0, sizeof *file);
    wk_status status = wk_fits_open(&file->fits, path, error);
    return status == WK_OK ? wk_fits_list(&file->hdus, &file->count, file->fits, error) : status;
}

static void close_file(opened *file)
{
    wk_fits_close(file->fits);
    wk_memory_free(file->hdus);
}

static wk_status read_head(sheet *own, opened *file, wk_error *error)
{
    double version = 0.0;
    wk_status status = wk_fits_select(file->fits, 0, error);
    if (status < 0)
        return status;
    if (!wk_fits_number(&version, file->fits, "CELLVERS"))
        return wk_error_set(error, WK_HEADER, own->path,
                            "it is no table of cells: CELLVERS is missing");
    if (version != wk_cells_version)
        return wk_error_set(error, WK_HEADER, own->path,
                            "it is of version %g of tables of cells, this program reads version %d",
                            version, wk_cells_version);
    if (!wk_fits_number(&own->pitch, file->fits, "PITCH") || !(own->pitch > 0.0) ||
        !(own->pitch < 1e5) || wk_zone_pitch(own->pitch) != own->pitch)
        return wk_error_set(error, WK_HEADER, own->path, "PITCH is not of the series 2^(k/4)");
    own->whole = wk_cells_is_true(file->fits, "WHOLE");
    return wk_cells_statistic_read(&own->statistic, file->fits, own->path, error);
}

/* What is wrong with a row of a table. */
static wk_status refuse_row(const char *path, int64_t row, const char *table, const char *fault,
                            wk_error *error)
{
    return wk_error_set(error, WK_HEADER, path, "row %lld of %s makes no sense: %s",
                        (long long)row + 1, table, fault);
}

/* Rows of the other tables follow each other as the exposures do. */
static wk_status check_rows(const sheet *own, int64_t corners, int64_t cells, wk_error *error)
{
    int64_t corner = 0, cell = 0;
    for (int64_t i = 0; i < own->count; i++) {
        const wk_cells_exposure *row = &own->rows[i];
        const char *fault = wk_cells_exposure_fault(row);
        if (!fault && (row->corner != corner || row->corners > corners - corner))
            fault = "CORNER and CORNERS are not the next rows of OUTLINES";
        if (!fault && (row->cell != cell || row->cells > cells - cell))
            fault = "CELL and CELLS are not the next rows of CELLS";
        if (fault)
            return refuse_row(own->path, i, "EXPOSURES", fault, error);
        corner += row->corners;
        cell += row->cells;
    }
    if (corner != corners || cell != cells)
        return wk_error_set(error, WK_HEADER, own->path,
                            "OUTLINES or CELLS has rows that belong to no exposure");
    return WK_OK;
}

/* sky holds one corner more than the polygon has: the first one again. */
static wk_status read_footprint(wk_footprint *out, const sheet *own, const wk_cells_exposure *row,
                                wk_fits_record_reader *corners, wk_error *error)
{
    size_t count = (size_t)row->corners;
    memcpy(out->centre, row->cap, sizeof out->centre);
    out->radius = row->cap[3];
    out->scale = row->cap[4];
    out->growth = row->cap[5];
    if (count == 0)
        return WK_OK;
    out->sky = wk_memory_new(2 * (count + 1), sizeof *out->sky, error);
    out->vectors = wk_memory_new(count, sizeof *out->vectors, error);
    if (!out->sky || !out->vectors)
        return WK_MEMORY;
    out->count = row->corners;
    wk_status status = wk_fits_record_read(out->sky, corners, row->corner, row->corners, error);
    memcpy(out->sky + 2 * count, out->sky, 2 * sizeof *out->sky);
    for (size_t i = 0; i < count && status == WK_OK; i++) {
        wk_cells_corner corner = {{out->sky[2 * i], out->sky[2 * i + 1]}};
        const char *fault = wk_cells_corner_fault(&corner, row);
        if (fault)
            return refuse_row(own->path, row->corner + (int64_t)i, "OUTLINES", fault, error);
        wk_vector_from_sky(out->vectors[i], corner.sky);
    }
    return status;
}

static wk_status read_exposures(sheet *own, opened *file, wk_error *error)
{
    wk_fits_record_reader table;
    wk_status status = wk_fits_record_open(&table, file->fits, file->hdus, file->count,
                                           &wk_cells_exposure_form, error);
    if (status < 0)
        return status;
    own->rows = wk_memory_new((size_t)table.rows, sizeof *own->rows, error);
    own->footprints =
        own->rows ? wk_memory_new((size_t)table.rows, sizeof *own->footprints, error) : NULL;
    own->count = own->footprints ? table.rows : 0;
    status =
        own->footprints ? wk_fits_record_read(own->rows, &table, 0, table.rows, error) : WK_MEMORY;
    wk_fits_record_close(&table);
    return status;
}

static wk_status read_outlines(sheet *own, opened *file, int64_t cells, wk_error *error)
{
    wk_fits_record_reader table;
    wk_status status = wk_fits_record_open(&table, file->fits, file->hdus, file->count,
                                           &wk_cells_corner_form, error);
    if (status < 0)
        return status;
    status = check_rows(own, table.rows, cells, error);
    for (int64_t i = 0; i < own->count && status == WK_OK; i++)
        status = read_footprint(&own->footprints[i], own, &own->rows[i], &table, error);
    wk_fits_record_close(&table);
    return status;
}

static wk_status read_sheet(int64_t index, int worker, void *payload, int64_t *bytes,
                            wk_error *error)
{
    loading *all = payload;
    sheet *own = &all->sheets[index];
    opened file;
    wk_fits_record_reader cells = {.rows = 0};
    (void)worker;
    (void)bytes;
    wk_status status = open_file(&file, own->path, error);
    if (status == WK_OK)
        status = read_head(own, &file, error);
    if (status == WK_OK)
        status = read_exposures(own, &file, error);
    if (status == WK_OK)
        status = wk_fits_record_open(&cells, file.fits, file.hdus, file.count, &wk_cells_cell_form,
                                     error);
    wk_fits_record_close(&cells);
    if (status == WK_OK)
        status = read_outlines(own, &file, cells.rows, error);
    close_file(&file);
    return status;
}

static int same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static wk_status compare_sheets(const sheet *first, const sheet *other, wk_error *error)
{
    const wk_statistic_options *a = &first->statistic, *b = &other->statistic;
    if (first->pitch != other->pitch)
        return wk_error_set(error, WK_ARGUMENT, other->path,
                            "its cells are %g arcsec wide, those of %s %g: measure them with one "
                            "pitch",
                            other->pitch, first->path, first->pitch);
    if (first->whole != other->whole)
        return wk_error_set(error, WK_ARGUMENT, (first->whole ? other : first)->path,
                            "it was measured without whole exposures, %s with them: measure both "
                            "alike",
                            (first->whole ? first : other)->path);
    if (a->statistic != b->statistic || a->nclip != b->nclip || a->compat != b->compat ||
        !same(a->lower, b->lower) || !same(a->upper, b->upper) || a->lsigma != b->lsigma ||
        a->usigma != b->usigma || a->bin_width != b->bin_width)
        return wk_error_set(error, WK_ARGUMENT, other->path,
                            "its whole exposures were measured by another statistic than those of "
                            "%s",
                            first->path);
    return WK_OK;
}

/* Keys ascend, or members could not be merged. */
static wk_status check_list(const wk_tally_cell *list, const sheet *own,
                            const wk_cells_exposure *row, wk_error *error)
{
    const double last[2] = {359.9, 89.9};
    int64_t zones = wk_zone_number(last) + 1;
    for (int64_t i = 0; i < row->cells; i++) {
        const char *fault = wk_cells_cell_fault(&list[i], row, zones);
        if (!fault && i > 0 && list[i].key <= list[i - 1].key)
            fault = "KEY does not ascend";
        if (fault)
            return refuse_row(own->path, row->cell + i, "CELLS", fault, error);
    }
    return WK_OK;
}

static wk_status read_list(const loading *all, const sheet *own, int64_t index,
                           wk_fits_record_reader *table, wk_error *error)
{
    const wk_cells_exposure *row = &own->rows[index];
    wk_sky_cells *cells = all->cells;
    size_t rank = cells->overlaps->ranks[own->place[index]];
    if (row->cells == 0)
        return WK_OK;
    wk_tally_cell *list = wk_memory_raw((size_t)row->cells, sizeof *list, error);
    if (!list)
        return WK_MEMORY;
    wk_status status = wk_fits_record_read(list, table, row->cell, row->cells, error);
    if (status == WK_OK)
        status = check_list(list, own, row, error);
    if (status < 0) {
        wk_memory_free(list);
        return status;
    }
    return wk_sky_cells_keep(cells, (int64_t)rank, &list, row->cells, error);
}

static wk_status read_cells(int64_t index, int worker, void *payload, int64_t *bytes,
                            wk_error *error)
{
    const loading *all = payload;
    const sheet *own = &all->sheets[index];
    opened file;
    wk_fits_record_reader table = {.rows = 0};
    (void)worker;
    wk_status status = open_file(&file, own->path, error);
    if (status == WK_OK)
        status = wk_fits_record_open(&table, file.fits, file.hdus, file.count, &wk_cells_cell_form,
                                     error);
    for (int64_t i = 0; i < own->count && status == WK_OK; i++) {
        status = read_list(all, own, i, &table, error);
        *bytes += own->rows[i].cells * (int64_t)sizeof(wk_tally_cell);
    }
    wk_fits_record_close(&table);
    close_file(&file);
    return status;
}

static void fill_member(wk_sky_cells *cells, const wk_cells_exposure *row, size_t index)
{
    size_t rank = cells->overlaps->ranks[index];
    wk_member *member = &cells->overlaps->members[rank];
    member->good = row->good;
    member->noise = row->noise;
    member->whole = (wk_region){.measure = {.value = row->value,
                                            .mean = row->mean,
                                            .stddev = row->stddev,
                                            .min = row->min,
                                            .max = row->max,
                                            .pixels = row->pixels},
                                .error = row->error,
                                .area = (double)NAN,
                                .covered = row->covered};
    memcpy(cells->samples[rank], row->samples, sizeof row->samples);
}

/* References stand behind all others, each part in the order of files and rows. */
static wk_status number_exposures(size_t *total, sheet *sheets, size_t count, wk_error *error)
{
    *total = 0;
    for (size_t k = 0; k < count; k++) {
        sheets[k].place = wk_memory_new((size_t)sheets[k].count, sizeof *sheets[k].place, error);
        if (!sheets[k].place)
            return WK_MEMORY;
    }
    for (int reference = 0; reference < 2; reference++)
        for (size_t k = 0; k < count; k++)
            for (int64_t i = 0; i < sheets[k].count; i++)
                if ((sheets[k].rows[i].reference != 0) == reference)
                    sheets[k].place[i] = (*total)++;
    return WK_OK;
}

/* All exposures of all files; texts and footprints change hands. */
static wk_status join(wk_cells_exposure **rows, wk_footprint **footprints, size_t *total,
                      sheet *sheets, size_t count, wk_error *error)
{
    wk_status status = number_exposures(total, sheets, count, error);
    if (status < 0)
        return status;
    *rows = wk_memory_new(*total, sizeof **rows, error);
    *footprints = wk_memory_new(*total, sizeof **footprints, error);
    if (!*rows || !*footprints)
        return WK_MEMORY;
    for (size_t k = 0; k < count; k++)
        for (int64_t i = 0; i < sheets[k].count; i++) {
            wk_cells_exposure *from = &sheets[k].rows[i];
            (*rows)[sheets[k].place[i]] = *from;
            from->name = from->file = from->detector = from->group = NULL;
            (*footprints)[sheets[k].place[i]] = sheets[k].footprints[i];
            memset(&sheets[k].footprints[i], 0, sizeof *sheets[k].footprints);
        }
    return WK_OK;
}

static wk_status make_fields(wk_field **out, const wk_cells_exposure *rows, size_t count,
                             wk_error *error)
{
    *out = wk_memory_new(count, sizeof **out, error);
    if (!*out)
        return WK_MEMORY;
    for (size_t i = 0; i < count; i++)
        (*out)[i] = (wk_field){.name = rows[i].name,
                               .group = rows[i].group[0] ? rows[i].group : NULL,
                               .detector = rows[i].detector[0] ? rows[i].detector : NULL,
                               .width = rows[i].width,
                               .height = rows[i].height,
                               .flux = rows[i].flux,
                               .reference = rows[i].reference != 0};
    return WK_OK;
}

/* An exposure and the file that holds it. */
typedef struct holding {
    const char *name;
    const sheet *sheet;
} holding;

static int compare_holdings(const void *a, const void *b)
{
    const holding *one = a, *two = b;
    int order = strcmp(one->name, two->name);
    return order != 0 ? order : (one->sheet > two->sheet) - (one->sheet < two->sheet);
}

/* The overlaps would refuse it without knowing files. */
static wk_status refuse_twice(const sheet *sheets, size_t count, wk_error *error)
{
    size_t total = 0, filled = 0;
    wk_status status = WK_OK;
    for (size_t k = 0; k < count; k++)
        total += (size_t)sheets[k].count;
    holding *all = wk_memory_new(total, sizeof *all, error);
    if (!all)
        return WK_MEMORY;
    for (size_t k = 0; k < count; k++)
        for (int64_t i = 0; i < sheets[k].count; i++)
            all[filled++] = (holding){sheets[k].rows[i].name, &sheets[k]};
    qsort(all, total, sizeof *all, compare_holdings);
    for (size_t i = 1; i < total && status == WK_OK; i++)
        if (strcmp(all[i - 1].name, all[i].name) == 0)
            status = wk_error_set(error, WK_ARGUMENT, all[i].sheet->path,
                                  "the exposure %.300s is given twice, %s %.300s", all[i].name,
                                  all[i].sheet == all[i - 1].sheet ? "both times in" : "also in",
                                  all[i - 1].sheet->path);
    wk_memory_free(all);
    return status;
}

/* From what the files say of exposures to cells that wait for their lists. */
static wk_status restore(wk_sky_cells **out, wk_overlaps **overlaps, sheet *sheets, size_t count,
                         const char *folder, const wk_context *context, wk_error *error)
{
    wk_cells_exposure *rows = NULL;
    wk_footprint *footprints = NULL;
    wk_field *fields = NULL;
    size_t total = 0;
    wk_status status = join(&rows, &footprints, &total, sheets, count, error);
    if (status == WK_OK)
        status = make_fields(&fields, rows, total, error);
    if (status == WK_OK)
        status = wk_overlaps_restore(overlaps, fields, footprints, total, context, error);
    for (size_t i = 0; i < total && footprints; i++)
        wk_footprint_release(&footprints[i]);
    wk_memory_free(footprints);
    wk_memory_free(fields);
    if (status == WK_OK)
        status = wk_sky_cells_create(out, *overlaps, folder, context, error);
    if (status < 0) {
        for (size_t i = 0; i < total && rows; i++)
            wk_cells_exposure_release(&rows[i]);
        wk_memory_free(rows);
        return status;
    }
    (*out)->exposures = rows;
    (*out)->exposure_count = total;
    (*out)->pitch = sheets[0].pitch;
    (*out)->statistic = sheets[0].statistic;
    (*overlaps)->whole = sheets[0].whole;
    for (size_t i = 0; i < total; i++)
        fill_member(*out, &rows[i], i);
    return WK_OK;
}

static void release_sheets(sheet *sheets, size_t count)
{
    for (size_t k = 0; sheets && k < count; k++) {
        for (int64_t i = 0; i < sheets[k].count; i++) {
            wk_cells_exposure_release(&sheets[k].rows[i]);
            wk_footprint_release(&sheets[k].footprints[i]);
        }
        wk_memory_free(sheets[k].rows);
        wk_memory_free(sheets[k].footprints);
        wk_memory_free(sheets[k].place);
    }
    wk_memory_free(sheets);
}

wk_status wk_sky_cells_load(wk_sky_cells **out, wk_overlaps **overlaps, const char *const *paths,
                            size_t count, const char *folder, const wk_context *context,
                            wk_error *error)
{
    loading all = {.cells = NULL};
    *out = NULL;
    *overlaps = NULL;
    if (count == 0)
        return wk_error_set(error, WK_ARGUMENT, "", "no table of cells is given");
    all.sheets = wk_memory_new(count, sizeof *all.sheets, error);
    if (!all.sheets)
        return WK_MEMORY;
    for (size_t k = 0; k < count; k++)
        all.sheets[k].path = paths[k];
    wk_status status = wk_parallel_for((int64_t)count, NULL, read_sheet, &all, context, error);
    for (size_t k = 1; k < count && status == WK_OK; k++)
        status = compare_sheets(&all.sheets[0], &all.sheets[k], error);
    if (status == WK_OK)
        status = refuse_twice(all.sheets, count, error);
    if (status == WK_OK)
        status = restore(&all.cells, overlaps, all.sheets, count, folder, context, error);
    if (status == WK_OK)
        status = wk_parallel_for((int64_t)count, "read", read_cells, &all, context, error);
    release_sheets(all.sheets, count);
    if (status == WK_OK) {
        *out = all.cells;
        return WK_OK;
    }
    wk_sky_cells_free(all.cells);
    wk_overlaps_free(*overlaps);
    *overlaps = NULL;
    return status;
}

size_t wk_sky_cells_exposures(const wk_sky_cells *cells)
{
    return cells->overlaps->count;
}

const char *wk_sky_cells_name(const wk_sky_cells *cells, size_t index)
{
    const wk_overlaps *overlaps = cells->overlaps;
    return index < overlaps->count ? overlaps->members[overlaps->ranks[index]].field.name : NULL;
}

int64_t wk_sky_cells_kept(const wk_sky_cells *cells, size_t index)
{
    return index < cells->overlaps->count ? cells->lists[cells->overlaps->ranks[index]].count : -1;
}

wk_sky_cells_source wk_sky_cells_source_of(const wk_sky_cells *cells, size_t index)
{
    wk_sky_cells_source out = {.hdu = -1};
    if (index >= cells->exposure_count)
        return out;
    const wk_cells_exposure *row = &cells->exposures[index];
    out.file = row->file;
    out.detector = row->detector;
    out.group = row->group[0] ? row->group : NULL;
    out.hdu = (int)row->hdu;
    out.reference = row->reference != 0;
    return out;
}

wk_statistic_options wk_sky_cells_statistic(const wk_sky_cells *cells)
{
    return cells->statistic;
}
