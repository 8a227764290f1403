/* The part of one field that an item covers. */
#ifndef WELKIN_SKY_COVER_H
#define WELKIN_SKY_COVER_H

#include "overlap.h"
#include "span.h"

/* Reused from field to field; start from all zero bytes. */
typedef struct wk_cover {
    const wk_overlaps *overlaps;
    const wk_member *member;
    wk_wcs *wcs; /* the member's, a copy of our own */
    wk_grid grid;
    wk_pixmap pixmap;
    wk_spans spans; /* the answer of wk_cover_item */
} wk_cover;

/* Begin with a field. */
wk_status wk_cover_begin(wk_cover *cover, const wk_overlaps *overlaps, const wk_member *member,
                         wk_error *error);

/* The neighbours from first on that are of one item end here. */
size_t wk_cover_end(const wk_cover *cover, size_t first);

/* Find the pixels that the neighbours first..end-1 cover, each pixel once. */
wk_status wk_cover_item(wk_cover *cover, size_t first, size_t end, wk_error *error);

void wk_cover_release(wk_cover *cover);

#endif
