#include "surfaces.h"

#include <stdlib.h>

#include "common.h"
#include "edits.h"

enum { KEYWORDS = 3 + 5 };

/* What the edits of one file borrow while it is written. */
typedef struct writing {
    const wk_sky_surface *surfaces;
    wk_keyword (*keywords)[KEYWORDS]; /* of each exposure */
    const char *method;
    int subtract;
} writing;

static void subtract_rows(double *values, wk_rect rect, const wk_sky_surface *surface, double *row)
{
    for (int64_t y = 0; y < rect.height; y++, values += rect.width) {
        wk_sky_surface_row(row, surface, rect.x, rect.y + y, rect.width);
        for (int64_t x = 0; x < rect.width; x++)
            values[x] -= row[x];
    }
}

/* What a plane has along x is the same in every row: the same numbers, for a third of the work. */
static void subtract_plane(double *values, wk_rect rect, const wk_sky_surface *surface, double *row)
{
    wk_sky_surface along = *surface, across = *surface;
    along.coefficients[0] = along.coefficients[2] = 0;
    across.coefficients[1] = 0;
    wk_sky_surface_row(row, &along, rect.x, rect.y, rect.width);
    for (int64_t y = 0; y < rect.height; y++, values += rect.width) {
        double level;
        wk_sky_surface_row(&level, &across, rect.x, rect.y + y, 1);
        for (int64_t x = 0; x < rect.width; x++)
            values[x] -= level + row[x];
    }
}

static wk_status change_rows(void *payload, int worker, wk_rect rect, double *values,
                             wk_error *error)
{
    const wk_sky_surface *surface = payload;
    double *row = cli_new((size_t)rect.width, sizeof *row, error);
    (void)worker;
    if (!row)
        return WK_MEMORY;
    int even = surface->terms <= 3 && surface->part_count == 0;
    (even ? subtract_plane : subtract_rows)(values, rect, surface, row);
    free(row);
    return WK_OK;
}

static size_t make_keywords(wk_keyword *out, const wk_sky_surface *surface, const writing *all)
{
    static const char *const names[] = {NULL, "BKGC1", "BKGC2", "BKGC3", "BKGC4", "BKGC5"};
    static const char *const comments[] = {NULL,
                                           "times x, -1..1 from edge to edge",
                                           "times y, -1..1 from edge to edge",
                                           "times xx",
                                           "times xy",
                                           "times yy"};
    size_t count = 0;
    out[count++] =
        (wk_keyword){.name = "BKGMETH", .text = all->method, .comment = "background method"};
    out[count++] = (wk_keyword){.name = "BKGLEVEL",
                                .number = surface->coefficients[0],
                                .comment = "background level at the centre"};
    out[count++] = (wk_keyword){.name = "BKGSUB",
                                .number = all->subtract,
                                .comment = "has the background been subtracted?",
                                .logical = 1};
    for (int k = 1; k < surface->terms; k++)
        out[count++] = (wk_keyword){
            .name = names[k], .number = surface->coefficients[k], .comment = comments[k]};
    return count;
}

static void make_edit(wk_plane_edit *edit, size_t exposure, void *payload)
{
    writing *all = payload;
    const wk_sky_surface *surface = &all->surfaces[exposure];
    if (surface->terms == 0)
        return;
    edit->keywords = all->keywords[exposure];
    edit->keyword_count = make_keywords(all->keywords[exposure], surface, all);
    if (!all->subtract)
        return;
    edit->change = change_rows;
    edit->payload = (void *)surface;
}

wk_status cli_surfaces_write(cli_outputs *outputs, const cli_inputs *inputs,
                             const wk_sky_surface *surfaces, const char *method, int subtract,
                             cli_session *session, wk_error *error)
{
    writing all = {.surfaces = surfaces, .method = method, .subtract = subtract};
    all.keywords = cli_new(inputs->count, sizeof *all.keywords, error);
    if (!all.keywords)
        return WK_MEMORY;
    wk_status status = cli_edits_write_all(outputs, inputs, make_edit, &all, session, error);
    free(all.keywords);
    return status;
}
