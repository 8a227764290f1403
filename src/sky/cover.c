#include "cover.h"

#include <string.h>

static const double bound = 1e-3; /* pixels; see wk_spans_inside */

wk_status wk_cover_begin(wk_cover *cover, const wk_overlaps *overlaps, const wk_member *member,
                         wk_error *error)
{
    const wk_field *field = &member->field;
    cover->overlaps = overlaps;
    cover->member = member;
    wk_wcs_free(cover->wcs);
    cover->wcs = NULL;
    wk_status status = wk_wcs_copy(&cover->wcs, field->wcs, error);
    if (status == WK_OK)
        status = wk_grid_lay(&cover->grid, cover->wcs, field->width, field->height,
                             wk_grid_step(field->width, field->height), error);
    return status;
}

size_t wk_cover_end(const wk_cover *cover, size_t first)
{
    const wk_member *members = cover->overlaps->members;
    const wk_member *member = cover->member;
    size_t end = first + 1;
    while (end < member->neighbour_count &&
           members[member->neighbours[end]].item == members[member->neighbours[first]].item)
        end++;
    return end;
}

/* Map to one neighbour, with a finer grid if the maps bend too much for this one. */
static wk_status map_neighbour(wk_cover *cover, const wk_member *other, wk_wcs *to, wk_error *error)
{
    const wk_field *field = &cover->member->field;
    int coarse = 0;
    wk_status status =
        wk_pixmap_lay(&cover->pixmap, &coarse, &cover->grid, to, &other->footprint, bound, error);
    while (status == WK_OK && coarse) {
        status = wk_grid_lay(&cover->grid, cover->wcs, field->width, field->height,
                             cover->grid.step / 2, error);
        if (status == WK_OK)
            status = wk_pixmap_lay(&cover->pixmap, &coarse, &cover->grid, to, &other->footprint,
                                   bound, error);
    }
    return status;
}

static wk_status add_neighbour(wk_cover *cover, const wk_member *other, wk_error *error)
{
    const wk_pixmap *pixmap = &cover->pixmap;
    wk_wcs *to = NULL;
    wk_status status = wk_wcs_copy(&to, other->field.wcs, error);
    if (status == WK_OK)
        status = map_neighbour(cover, other, to, error);
    if (status == WK_OK && pixmap->cells_x > 0 && pixmap->cells_y > 0)
        status = wk_spans_inside(&cover->spans, &cover->pixmap, other->field.width,
                                 other->field.height, error);
    wk_wcs_free(to);
    return status;
}

wk_status wk_cover_item(wk_cover *cover, size_t first, size_t end, wk_error *error)
{
    cover->spans.count = 0;
    for (size_t k = first; k < end; k++) {
        const wk_member *other = &cover->overlaps->members[cover->member->neighbours[k]];
        wk_status status = add_neighbour(cover, other, error);
        if (status < 0)
            return status;
    }
    if (end - first > 1)
        wk_spans_unite(&cover->spans);
    return WK_OK;
}

void wk_cover_release(wk_cover *cover)
{
    wk_wcs_free(cover->wcs);
    wk_grid_release(&cover->grid);
    wk_pixmap_release(&cover->pixmap);
    wk_spans_release(&cover->spans);
    memset(cover, 0, sizeof *cover);
}
