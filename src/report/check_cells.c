#include "welkin/check.h"

#include <math.h>
#include <string.h>

#include "cells_offset.h"
#include "fits_table_write.h"
#include "memory.h"
#include "status.h"

enum { most_columns = 16 };

static const double arcsecond = 4.848136811095359935899e-6;

/* A table's columns with their values. */
typedef struct sheet {
    wk_table_column columns[most_columns];
    size_t count;
    int failed; /* nonzero: out of memory */
} sheet;

/* Room for a column of rows; NULL once memory was short. */
static void *add_column(sheet *to, const char *name, const char *unit, wk_table_type type,
                        int64_t repeat, size_t rows, wk_error *error)
{
    void *values = to->failed ? NULL : wk_memory_new(rows * (size_t)repeat, 8, error);
    to->failed |= values == NULL;
    to->columns[to->count++] = (wk_table_column){
        .name = name, .unit = unit, .type = type, .repeat = repeat, .values = values};
    return values;
}

static void release(sheet *own)
{
    for (size_t i = 0; i < own->count; i++)
        wk_memory_free((void *)own->columns[i].values);
}

/* The table of values while it is written. */
typedef struct writing {
    const wk_sky_cells *cells;
    const wk_sky_cell_model *model;
    double *shifts;
    wk_zone zone;
    sheet sheet;
    size_t room; /* rows that the columns hold */
    int64_t *exposure, *key, *pixels;
    double *ra, *dec, *x, *y, *value, *error, *background, *sky, *residual, *sigma, *weight;
    wk_fits_rows rows;
} writing;

static wk_status reserve(writing *all, wk_error *error)
{
    const wk_table_type whole = WK_TABLE_INTEGER, real = WK_TABLE_REAL;
    sheet *s = &all->sheet;
    size_t n = all->room;
    all->exposure = add_column(s, "EXPOSURE", NULL, whole, 1, n, error);
    all->key = add_column(s, "KEY", NULL, whole, 1, n, error);
    all->ra = add_column(s, "RA", "deg", real, 1, n, error);
    all->dec = add_column(s, "DEC", "deg", real, 1, n, error);
    all->x = add_column(s, "X", "pix", real, 1, n, error);
    all->y = add_column(s, "Y", "pix", real, 1, n, error);
    all->value = add_column(s, "VALUE", NULL, real, 1, n, error);
    all->error = add_column(s, "ERROR", NULL, real, 1, n, error);
    all->pixels = add_column(s, "PIXELS", NULL, whole, 1, n, error);
    all->background = add_column(s, "BACKGROUND", NULL, real, 1, n, error);
    all->sky = add_column(s, "SKY", NULL, real, 1, n, error);
    all->residual = add_column(s, "RESIDUAL", NULL, real, 1, n, error);
    all->sigma = add_column(s, "SIGMA", NULL, real, 1, n, error);
    all->weight = add_column(s, "WEIGHT", NULL, real, 1, n, error);
    return s->failed ? WK_MEMORY : WK_OK;
}

static void put_value(writing *all, int64_t row, const wk_sky_cell_value *value, double sky)
{
    const wk_member *member = &all->cells->overlaps->members[value->member];
    double shift = all->shifts[all->model->node[value->member]], place[2];
    double residual = wk_sky_cell_residual(all->model, value, sky);
    wk_sky_cell_pixel(place, &member->field, value);
    all->exposure[row] = member->field.reference ? -1 : (int64_t)member->input;
    all->x[row] = place[0];
    all->y[row] = place[1];
    all->value[row] = value->value;
    all->error[row] = (double)value->error;
    all->pixels[row] = value->pixels;
    all->background[row] = value->value - residual - sky + shift;
    all->sky[row] = sky - shift;
    all->residual[row] = residual;
    all->sigma[row] = wk_sky_cell_sigma(all->model, value);
    all->weight[row] = wk_sky_cell_share(all->model, value, residual);
}

static wk_status put_block(void *payload, const wk_sky_cell_block *block, wk_error *error)
{
    writing *all = payload;
    size_t held = 0;
    wk_status status = WK_OK;
    for (int64_t c = 0; c < block->count && status == WK_OK; c++) {
        double sky[2];
        wk_zone_cell(sky, &all->zone, block->key[c], all->cells->pitch * arcsecond);
        for (int32_t i = block->start[c]; i < block->start[c + 1] && status == WK_OK; i++) {
            all->key[held] = block->key[c];
            all->ra[held] = sky[0];
            all->dec[held] = sky[1];
            put_value(all, (int64_t)held++, &block->values[i], block->sky[c]);
            if (held < all->room)
                continue;
            status = wk_fits_put_table(&all->rows, (int64_t)held, error);
            held = 0;
        }
    }
    return status == WK_OK ? wk_fits_put_table(&all->rows, (int64_t)held, error) : status;
}

static wk_status append_cells(wk_fits_writer *writer, const wk_sky_cells *cells,
                              const wk_solution *solution, wk_error *error)
{
    writing all = {
        .cells = cells, .model = &cells->fit->model, .zone = {.number = -1}, .room = 4096};
    wk_status status = wk_sky_cells_shifts(&all.shifts, cells, solution, error);
    if (status == WK_OK)
        status = reserve(&all, error);
    if (status == WK_OK)
        status = wk_fits_begin_table(&all.rows, writer, "CELLS", all.sheet.columns, all.sheet.count,
                                     cells->values, error);
    if (status == WK_OK)
        status = wk_sky_cells_visit(cells, put_block, &all, 0, error);
    if (status == WK_OK)
        status = wk_fits_end_table(&all.rows, error);
    wk_fits_rows_release(&all.rows);
    release(&all.sheet);
    wk_memory_free(all.shifts);
    return status;
}

/* Columns of integers and reals of each exposure, filled one by one. */
static void fill_integers(sheet *s, const wk_solution *solution, const wk_sky_report *report,
                          wk_error *error)
{
    size_t n = solution->fields;
    int64_t *component = add_column(s, "COMPONENT", NULL, WK_TABLE_INTEGER, 1, n, error);
    int64_t *valid = add_column(s, "VALID", NULL, WK_TABLE_INTEGER, 1, n, error);
    int64_t *cells = add_column(s, "CELLS", NULL, WK_TABLE_INTEGER, 1, n, error);
    int64_t *outliers = add_column(s, "OUTLIERS", NULL, WK_TABLE_INTEGER, 1, n, error);
    for (size_t i = 0; i < n && !s->failed; i++) {
        component[i] = (int64_t)solution->levels[i].component;
        valid[i] = solution->levels[i].valid != 0;
        cells[i] = report->fits[i].cells;
        outliers[i] = report->fits[i].outliers;
    }
}

static void fill_reals(sheet *s, const wk_overlaps *overlaps, const wk_solution *solution,
                       const wk_sky_report *report, wk_error *error)
{
    size_t n = solution->fields;
    double *flux = add_column(s, "FLUX", NULL, WK_TABLE_REAL, 1, n, error);
    double *sky = add_column(s, "SKY", NULL, WK_TABLE_REAL, 1, n, error);
    double *errors = add_column(s, "ERROR", NULL, WK_TABLE_REAL, 1, n, error);
    double *chi2 = add_column(s, "CHI2", NULL, WK_TABLE_REAL, 1, n, error);
    double *expected = add_column(s, "CHI2_EXPECTED", NULL, WK_TABLE_REAL, 1, n, error);
    double *pull = add_column(s, "PULL", NULL, WK_TABLE_REAL, 1, n, error);
    for (size_t i = 0; i < n && !s->failed; i++) {
        flux[i] = overlaps->members[overlaps->ranks[i]].field.flux;
        sky[i] = solution->levels[i].sky;
        errors[i] = solution->levels[i].error;
        chi2[i] = report->fits[i].chi2;
        expected[i] = report->fits[i].expected;
        pull[i] = report->fits[i].pull;
    }
}

/* Coefficients that an exposure has not got are not a number. */
static void fill_surfaces(sheet *s, const wk_solution *solution, int64_t size, wk_error *error)
{
    size_t n = solution->fields;
    double *own = add_column(s, "COEFFICIENTS", NULL, WK_TABLE_REAL, size, n, error);
    double *spread = add_column(s, "COVARIANCE", NULL, WK_TABLE_REAL, size * size, n, error);
    double *centre = add_column(s, "CENTRE", "pix", WK_TABLE_REAL, 2, n, error);
    double *scale = add_column(s, "SCALE", "pix", WK_TABLE_REAL, 2, n, error);
    s->columns[s->count - 3].shape[0] = s->columns[s->count - 3].shape[1] = size;
    for (size_t i = 0; i < n && !s->failed; i++) {
        const wk_sky_surface *surface = &solution->surfaces[i];
        int64_t from = (int64_t)i * size;
        memcpy(centre + 2 * i, surface->centre, sizeof surface->centre);
        memcpy(scale + 2 * i, surface->scale, sizeof surface->scale);
        for (int64_t r = 0; r < size; r++) {
            own[from + r] = r < surface->terms ? surface->coefficients[r] : (double)NAN;
            for (int64_t c = 0; c < size; c++)
                spread[(from + r) * size + c] =
                    r < surface->terms && c < surface->terms
                        ? solution->covariances[i][r * surface->terms + c]
                        : (double)NAN;
        }
    }
}

static wk_status append_exposures(wk_fits_writer *writer, const wk_sky_cells *cells,
                                  const wk_solution *solution, const wk_sky_report *report,
                                  const char *const *names, wk_error *error)
{
    sheet s = {.count = 0};
    const char **name = add_column(&s, "NAME", NULL, WK_TABLE_TEXT, 1, solution->fields, error);
    for (size_t i = 0; i < solution->fields && name; i++)
        name[i] = names[i];
    fill_integers(&s, solution, report, error);
    fill_reals(&s, cells->overlaps, solution, report, error);
    fill_surfaces(&s, solution, cells->fit->model.size, error);
    wk_status status = s.failed ? WK_MEMORY
                                : wk_fits_append_table(writer, NULL, 0, "EXPOSURES", s.columns,
                                                       s.count, (int64_t)solution->fields, error);
    release(&s);
    return status;
}

static wk_status append_overlaps(wk_fits_writer *writer, const wk_solution *solution,
                                 const wk_sky_report *report, wk_error *error)
{
    sheet s = {.count = 0};
    size_t n = solution->overlap_count;
    int64_t *a = add_column(&s, "A", NULL, WK_TABLE_INTEGER, 1, n, error);
    int64_t *b = add_column(&s, "B", NULL, WK_TABLE_INTEGER, 1, n, error);
    int64_t *cells = add_column(&s, "CELLS", NULL, WK_TABLE_INTEGER, 1, n, error);
    double *residual = add_column(&s, "RESIDUAL", NULL, WK_TABLE_REAL, 1, n, error);
    double *pull = add_column(&s, "PULL", NULL, WK_TABLE_REAL, 1, n, error);
    double *chi2 = add_column(&s, "CHI2", NULL, WK_TABLE_REAL, 1, n, error);
    for (size_t i = 0; i < n && !s.failed; i++) {
        a[i] = (int64_t)solution->overlaps[i].a;
        b[i] = (int64_t)solution->overlaps[i].b;
        cells[i] = solution->overlaps[i].cells;
        residual[i] = solution->overlaps[i].residual;
        pull[i] = report->pulls[i];
        chi2[i] = solution->overlaps[i].chi2;
    }
    wk_status status = s.failed ? WK_MEMORY
                                : wk_fits_append_table(writer, NULL, 0, "OVERLAPS", s.columns,
                                                       s.count, (int64_t)n, error);
    release(&s);
    return status;
}

static wk_status append_primary(wk_fits_writer *writer, const wk_sky_cells *cells, int order,
                                const wk_sky_report *report, wk_error *error)
{
    wk_cards cards = {0};
    wk_status status = wk_cards_set_real(&cards, "PITCH", cells->pitch, "of cells, arcsec", error);
    if (status == WK_OK)
        status = wk_cards_set_integer(&cards, "ORDER", order, "of the backgrounds", error);
    if (status == WK_OK)
        status = wk_cards_set_real(&cards, "SCALE", report->scale, "of residuals, nominal errors",
                                   error);
    if (status == WK_OK)
        status = wk_fits_append_primary(writer, cards.text, (int64_t)cards.count, error);
    wk_cards_free(&cards);
    return status;
}

wk_status wk_check_cells(const char *path, const wk_sky_cells *cells, const wk_solution *solution,
                         const wk_sky_report *report, const char *const *names, int overwrite,
                         wk_error *error)
{
    wk_fits_writer *writer = NULL;
    if (!cells->fit || solution->fields != wk_overlaps_fields(cells->overlaps))
        return wk_error_set(error, WK_ARGUMENT, "", "the cells have not been matched");
    wk_status status = wk_fits_create(&writer, path, overwrite, 0, error);
    if (status < 0)
        return status;
    status = append_primary(writer, cells, solution->order, report, error);
    if (status == WK_OK)
        status = append_cells(writer, cells, solution, error);
    if (status == WK_OK)
        status = append_exposures(writer, cells, solution, report, names, error);
    if (status == WK_OK)
        status = append_overlaps(writer, solution, report, error);
    if (status < 0) {
        wk_fits_abandon(writer);
        return status;
    }
    return wk_fits_finish(writer, error);
}
