/* What exposures measured in their cells, as a file. */
#include <math.h>
#include <string.h>

#include "cells_table.h"
#include "memory.h"
#include "status.h"

static const double half_turn = 3.14159265358979323846;

enum { stretch = 4096 }; /* cells that are held while lists go from one file to another */

typedef struct saving {
    const wk_sky_cells *cells;
    const wk_sky_cells_source *sources;
    wk_cells_exposure *rows; /* [fields], their texts borrowed */
    int64_t corners, count;  /* in all */
} saving;

static const wk_member *member_of(const saving *all, size_t index)
{
    const wk_overlaps *overlaps = all->cells->overlaps;
    return &overlaps->members[overlaps->ranks[index]];
}

static void fill_whole(wk_cells_exposure *row, const wk_region *whole)
{
    row->covered = whole->covered;
    row->pixels = whole->measure.pixels;
    row->value = whole->measure.value;
    row->mean = whole->measure.mean;
    row->stddev = whole->measure.stddev;
    row->min = whole->measure.min;
    row->max = whole->measure.max;
    row->error = whole->error;
}

static void fill_row(saving *all, size_t index)
{
    const wk_member *member = member_of(all, index);
    const wk_footprint *footprint = &member->footprint;
    size_t rank = all->cells->overlaps->ranks[index];
    wk_cells_exposure *row = &all->rows[index];
    const wk_sky_cells_source *source = all->sources ? &all->sources[index] : NULL;
    *row = (wk_cells_exposure){.name = (char *)member->field.name,
                               .file = source ? (char *)source->file : NULL,
                               .detector = source ? (char *)source->detector : NULL,
                               .group = (char *)member->field.group,
                               .hdu = source ? source->hdu : -1,
                               .width = member->field.width,
                               .height = member->field.height,
                               .flux = member->field.flux,
                               .reference = source && source->reference,
                               .good = member->good,
                               .noise = member->noise};
    fill_whole(row, &member->whole);
    memcpy(row->samples, all->cells->samples[rank], sizeof row->samples);
    memcpy(row->cap, footprint->centre, sizeof footprint->centre);
    row->cap[3] = fmin(footprint->radius, half_turn); /* margins may go all around */
    row->cap[4] = footprint->scale;
    row->cap[5] = footprint->growth;
    row->corner = all->corners;
    row->corners = footprint->count;
    row->cell = all->count;
    row->cells = all->cells->lists[rank].count;
    all->corners += row->corners;
    all->count += row->cells;
}

static wk_status set_limit(wk_cards *cards, const char *keyword, double value, const char *comment,
                           wk_error *error)
{
    return isnan(value) ? WK_OK : wk_cards_set_real(cards, keyword, value, comment, error);
}

static wk_status set_statistic(wk_cards *cards, const wk_statistic_options *s, wk_error *error)
{
    wk_status status = wk_cards_set_integer(cards, "STATKIND", (int64_t)s->statistic,
                                            "0 mean, 1 median, 2 mode, 3 midpt", error);
    if (status == WK_OK)
        status = set_limit(cards, "STATLOW", s->lower, "ignore pixels below", error);
    if (status == WK_OK)
        status = set_limit(cards, "STATHIGH", s->upper, "ignore pixels above", error);
    if (status == WK_OK)
        status = wk_cards_set_integer(cards, "STATCLIP", s->nclip, "rounds of clipping", error);
    if (status == WK_OK)
        status = wk_cards_set_real(cards, "STATLSIG", s->lsigma, "clip below, sigma", error);
    if (status == WK_OK)
        status = wk_cards_set_real(cards, "STATUSIG", s->usigma, "clip above, sigma", error);
    if (status == WK_OK)
        status = wk_cards_set_real(cards, "STATBIN", s->bin_width, "bin of mode, sigma", error);
    if (status == WK_OK)
        status = wk_cards_set_logical(cards, "STATCOMP", s->compat, "as stcal has it?", error);
    return status;
}

static wk_status put_primary(wk_fits_writer *writer, const wk_sky_cells *cells,
                             const char *const *history, wk_error *error)
{
    wk_cards cards = {0};
    wk_status status = wk_cards_set_integer(&cards, "CELLVERS", wk_cells_version,
                                            "version of this form of file", error);
    if (status == WK_OK)
        status = wk_cards_set_real(&cards, "PITCH", cells->pitch, "width of a cell, arcsec", error);
    if (status == WK_OK)
        status = wk_cards_set_logical(&cards, "WHOLE", cells->overlaps->whole,
                                      "were whole exposures measured?", error);
    if (status == WK_OK)
        status = set_statistic(&cards, &cells->statistic, error);
    if (status == WK_OK)
        status = wk_cards_histories(&cards, history, error);
    if (status == WK_OK)
        status = wk_fits_append_primary(writer, cards.text, (int64_t)cards.count, error);
    wk_cards_free(&cards);
    return status;
}

static wk_status put_exposures(wk_fits_writer *writer, const saving *all, wk_error *error)
{
    wk_fits_record_writer table;
    int64_t rows = (int64_t)all->cells->overlaps->count;
    wk_status status = wk_fits_record_begin(&table, writer, &wk_cells_exposure_form, NULL, 0,
                                            all->rows, rows, error);
    if (status < 0)
        return status;
    status = wk_fits_record_put(&table, all->rows, rows, error);
    if (status == WK_OK)
        return wk_fits_record_end(&table, error);
    wk_fits_record_abandon(&table);
    return status;
}

static wk_status put_outlines(wk_fits_writer *writer, const saving *all, wk_error *error)
{
    wk_fits_record_writer table;
    wk_status status = wk_fits_record_begin(&table, writer, &wk_cells_corner_form, NULL, 0, NULL,
                                            all->corners, error);
    if (status < 0)
        return status;
    for (size_t i = 0; i < all->cells->overlaps->count && status == WK_OK; i++) {
        const wk_footprint *footprint = &member_of(all, i)->footprint;
        status = wk_fits_record_put(&table, footprint->sky, footprint->count, error);
    }
    if (status == WK_OK)
        return wk_fits_record_end(&table, error);
    wk_fits_record_abandon(&table);
    return status;
}

static wk_status put_list(wk_fits_record_writer *table, const saving *all, size_t index,
                          wk_tally_cell *buffer, wk_error *error)
{
    const wk_sky_cells *cells = all->cells;
    const wk_sky_cell_list *list = &cells->lists[cells->overlaps->ranks[index]];
    wk_status status = WK_OK;
    for (int64_t done = 0; done < list->count && status == WK_OK; done += stretch) {
        int64_t count = list->count - done < stretch ? list->count - done : stretch;
        status = wk_spool_read(buffer, cells->measured, &list->cells, (size_t)done * sizeof *buffer,
                               (size_t)count * sizeof *buffer, error);
        if (status == WK_OK)
            status = wk_fits_record_put(table, buffer, count, error);
    }
    return status;
}

static wk_status put_cells(wk_fits_writer *writer, const saving *all, wk_error *error)
{
    wk_fits_record_writer table;
    wk_tally_cell *buffer = wk_memory_raw(stretch, sizeof *buffer, error);
    if (!buffer)
        return WK_MEMORY;
    wk_status status =
        wk_fits_record_begin(&table, writer, &wk_cells_cell_form, NULL, 0, NULL, all->count, error);
    if (status == WK_OK) {
        for (size_t i = 0; i < all->cells->overlaps->count && status == WK_OK; i++)
            status = put_list(&table, all, i, buffer, error);
        if (status == WK_OK)
            status = wk_fits_record_end(&table, error);
        else
            wk_fits_record_abandon(&table);
    }
    wk_memory_free(buffer);
    return status;
}

wk_status wk_sky_cells_save(const wk_sky_cells *cells, const wk_sky_cells_source *sources,
                            const char *path, const char *const *history, int overwrite,
                            int durable, wk_error *error)
{
    saving all = {.cells = cells, .sources = sources};
    wk_fits_writer *writer = NULL;
    size_t count = cells->overlaps->count;
    if (cells->merged || cells->broken)
        return wk_error_set(error, WK_ARGUMENT, path, "cells that have been matched are gone");
    all.rows = wk_memory_new(count, sizeof *all.rows, error);
    if (!all.rows)
        return WK_MEMORY;
    for (size_t i = 0; i < count; i++)
        fill_row(&all, i);
    wk_status status = wk_fits_create(&writer, path, overwrite, durable, error);
    if (status == WK_OK)
        status = put_primary(writer, cells, history, error);
    if (status == WK_OK)
        status = put_exposures(writer, &all, error);
    if (status == WK_OK)
        status = put_outlines(writer, &all, error);
    if (status == WK_OK)
        status = put_cells(writer, &all, error);
    wk_memory_free(all.rows);
    if (status == WK_OK)
        return wk_fits_finish(writer, error);
    wk_fits_abandon(writer);
    return status;
}
