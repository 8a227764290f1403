/* What was measured, pixel by pixel: for the eye. */
#include "cover.h"

#include <string.h>

#include "status.h"

enum { bits = 31 };

/* Which overlap of its own the item has with another: 0 for the first; -1 if there is none. */
static int overlap_number(const wk_overlaps *overlaps, size_t item, size_t other)
{
    size_t own = overlaps->item_numbers[item];
    size_t far = overlaps->item_numbers[other];
    int number = 0;
    for (size_t i = 0; i < overlaps->edge_count; i++) {
        const wk_overlap *edge = &overlaps->edges[i];
        if (edge->a != own && edge->b != own)
            continue;
        if (edge->a == far || edge->b == far)
            return number;
        number++;
    }
    return -1;
}

static void mark(int32_t *mask, const wk_spans *spans, const wk_pixels *pixels, int number)
{
    for (int64_t k = 0; k < spans->count; k++) {
        const wk_span *span = &spans->span[k];
        for (int64_t x = span->first; x < span->end; x++) {
            int64_t place = span->y * pixels->width + x;
            if (!pixels->bad[place])
                mask[place] |= (int32_t)1 << number;
        }
    }
}

static wk_status mark_all(int32_t *mask, const wk_overlaps *overlaps, const wk_member *member,
                          const wk_pixels *pixels, wk_error *error)
{
    wk_cover cover;
    memset(&cover, 0, sizeof cover);
    wk_status status = wk_cover_begin(&cover, overlaps, member, error);
    for (size_t k = 0; k < member->neighbour_count && status == WK_OK;) {
        size_t end = wk_cover_end(&cover, k);
        size_t other = overlaps->members[member->neighbours[k]].item;
        int number = overlap_number(overlaps, member->item, other);
        if (number >= 0 && number < bits) {
            status = wk_cover_item(&cover, k, end, error);
            if (status == WK_OK)
                mark(mask, &cover.spans, pixels, number);
        }
        k = end;
    }
    wk_cover_release(&cover);
    return status;
}

static wk_status check_size(const wk_pixels *pixels, const wk_field *field, wk_error *error)
{
    if (pixels->width == field->width && pixels->height == field->height)
        return WK_OK;
    return wk_error_set(error, WK_ARGUMENT, field->name,
                        "%lld x %lld pixels were loaded where %lld x %lld were announced",
                        (long long)pixels->width, (long long)pixels->height,
                        (long long)field->width, (long long)field->height);
}

wk_status wk_overlaps_mask(int32_t *mask, const wk_overlaps *overlaps, size_t field,
                           wk_field_load load, void *payload, wk_error *error)
{
    if (field >= overlaps->count)
        return wk_error_set(error, WK_ARGUMENT, "", "there is no exposure %zu of %zu", field,
                            overlaps->count);
    const wk_member *member = &overlaps->members[overlaps->ranks[field]];
    wk_pixels pixels;
    memset(&pixels, 0, sizeof pixels);
    wk_status status = load(payload, field, &pixels, error);
    if (status >= 0)
        status = check_size(&pixels, &member->field, error);
    if (status == WK_OK) {
        memset(mask, 0, (size_t)(pixels.width * pixels.height) * sizeof *mask);
        status = mark_all(mask, overlaps, member, &pixels, error);
    }
    wk_pixels_release(&pixels);
    return status;
}
