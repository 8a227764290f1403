/* What wk_overlaps holds; shared by finding, measuring and matching. */
#ifndef WELKIN_SKY_OVERLAP_H
#define WELKIN_SKY_OVERLAP_H

#include "footprint.h"
#include "welkin/match.h"

/* One side of an overlap: a field and the part of it that an item covers. */
typedef struct wk_side {
    size_t item; /* the other one */
    wk_region region;
    int64_t points; /* sample points that lie in it; see share.h */
} wk_side;

/* Sides that share pixels of their field. */
typedef struct wk_shared_set {
    size_t *sides;
    size_t count;
    int64_t points; /* sample points that exactly these sides hold */
} wk_shared_set;

/* A field with everything that was found out about it. */
typedef struct wk_member {
    wk_field field;
    size_t input; /* its place in the caller's array */
    size_t item;
    wk_footprint footprint;
    size_t *neighbours; /* fields that may overlap, sorted by item and number */
    size_t neighbour_count;
    size_t *companions; /* those of the same item that may overlap, sorted */
    size_t companion_count;
    wk_side *sides; /* one for each item among the neighbours, after measuring */
    size_t side_count;
    wk_shared_set *sets;
    size_t set_count;
    wk_region whole; /* measure.pixels 0: not measured or nothing there */
    int64_t good;    /* good pixels; -1: not measured */
    double noise;    /* of one pixel, compared units; NaN: unknown */
} wk_member;

/* Fields and items are numbered by the order of names inside, so that the order in which the
 * caller gives them changes no bit of the result. */
struct wk_overlaps {
    wk_member *members;
    size_t count;
    size_t *ranks; /* [count]: from the caller's order to ours */
    size_t items;
    size_t references;    /* members whose background is known; together they are one item */
    size_t *item_numbers; /* [items]: from our order to the caller's */
    wk_overlap *edges;    /* in the caller's item numbers, sorted by a and b */
    size_t edge_count;
    int measured;
    int whole; /* whole exposures were measured */
};

/* As wk_overlaps_find, for fields without coordinates whose footprints are known.
 *
 * Given      footprints  [count], in the order of the fields; taken over, all zero afterwards */
wk_status wk_overlaps_restore(wk_overlaps **out, const wk_field *fields, wk_footprint *footprints,
                              size_t count, const wk_context *context, wk_error *error);
/* How many fields and items are told of: those that are no reference. */
static inline size_t wk_overlaps_fields(const wk_overlaps *overlaps)
{
    return overlaps->count - overlaps->references;
}

static inline size_t wk_overlaps_told(const wk_overlaps *overlaps)
{
    return overlaps->items - (overlaps->references > 0);
}

/* The item of the references; SIZE_MAX: there is none. */
static inline size_t wk_overlaps_reference(const wk_overlaps *overlaps)
{
    return overlaps->references > 0 ? overlaps->members[overlaps->ranks[overlaps->count - 1]].item
                                    : SIZE_MAX;
}

/* Release the sets of shared pixels. */
void wk_member_forget_sets(wk_member *member);

/* Build the edges from the members' sides (after measuring) or neighbours (before). */
wk_status wk_overlaps_join(wk_overlaps *overlaps, wk_error *error);

/* Load a member's pixels and hold their size against what was announced.  Returned: bytes of the
 * image.  Status what load returns; WK_ARGUMENT. */
wk_status wk_member_load(wk_pixels *pixels, const wk_member *member, wk_field_load load,
                         void *payload, int64_t *bytes, wk_error *error);

#endif
