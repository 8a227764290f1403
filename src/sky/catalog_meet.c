#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "catalog.h"
#include "memory.h"
#include "outline.h"
#include "polygon.h"
#include "status.h"

static const double radian = 0.017453292519943295769;

/* What is looked for, and the keys of what was found. */
typedef struct meeting {
    wk_catalog *catalog;
    const wk_footprint *footprint; /* NULL: a circle */
    double centre[3], radius;
    int64_t *keys;
    size_t count, room;
} meeting;

static wk_status judge(int64_t key, const double *outline, size_t count, void *payload,
                       wk_error *error)
{
    meeting *all = payload;
    wk_footprint other;
    double vectors[wk_footprint_most][3];
    if (wk_outline_read(&other, vectors, outline, count))
        return wk_error_set(error, WK_FILE, all->catalog->path, "holds a damaged footprint");
    int met = all->footprint ? wk_footprint_meet(all->footprint, &other)
                             : wk_footprint_reach(&other, all->centre, all->radius);
    if (!met)
        return WK_OK;
    if (all->count == all->room) {
        wk_status status = wk_memory_reserve((void **)&all->keys, &all->room, 2 * all->room + 64,
                                             sizeof *all->keys, error);
        if (status)
            return status;
    }
    all->keys[all->count++] = key;
    return WK_OK;
}

static int compare_keys(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

/* Several of those given may have met the same one. */
static void drop_twins(meeting *all)
{
    size_t kept = 0;
    if (all->count)
        qsort(all->keys, all->count, sizeof *all->keys, compare_keys);
    for (size_t i = 0; i < all->count; i++)
        if (i == 0 || all->keys[i] != all->keys[i - 1])
            all->keys[kept++] = all->keys[i];
    all->count = kept;
}

static wk_status hand_over(meeting *all, const char *where, wk_catalog_take take, void *payload,
                           wk_error *error)
{
    drop_twins(all);
    return wk_catalog_select_keys(all->catalog, all->keys, all->count, where, take, payload, error);
}

wk_status wk_catalog_around(wk_catalog *catalog, const double centre[2], double radius,
                            const char *where, wk_catalog_take take, void *payload, wk_error *error)
{
    meeting all = {.catalog = catalog};
    double box[6];
    if (!(fabs(centre[1]) <= 90.0) || !(fabs(centre[0]) <= 360.0))
        return wk_error_set(error, WK_ARGUMENT, "", "%g %g is no position in degrees", centre[0],
                            centre[1]);
    if (!(radius >= 0.0 && radius <= 180.0))
        return wk_error_set(error, WK_ARGUMENT, "", "a radius of %g is not within 0 to 180 degrees",
                            radius);
    wk_vector_from_sky(all.centre, centre);
    all.radius = radius * radian;
    wk_cap_box(box, all.centre, all.radius);
    wk_status status = wk_catalog_search(catalog, box, judge, &all, error);
    if (!status)
        status = hand_over(&all, where, take, payload, error);
    wk_memory_free(all.keys);
    return status;
}

static wk_status meet_one(meeting *all, const wk_exposure *exposure, wk_error *error)
{
    const wk_exposure_header *header = wk_exposure_describe(exposure);
    wk_wcs *wcs = NULL;
    wk_footprint footprint = {0};
    double box[6];
    wk_status status = wk_exposure_wcs(&wcs, exposure, error);
    if (!status)
        status = wk_footprint_create(&footprint, wcs, header->width, header->height, error);
    if (status)
        wk_error_subject(error, wk_exposure_name(exposure));
    if (!status) {
        all->footprint = &footprint;
        wk_cap_box(box, footprint.centre, footprint.radius);
        status = wk_catalog_search(all->catalog, box, judge, all, error);
    }
    wk_footprint_release(&footprint);
    wk_wcs_free(wcs);
    return status;
}

wk_status wk_catalog_meet(wk_catalog *catalog, const wk_exposure *const *exposures, size_t count,
                          const char *where, wk_catalog_take take, void *payload, wk_error *error)
{
    meeting all = {.catalog = catalog};
    wk_status status = WK_OK;
    for (size_t i = 0; i < count && !status; i++)
        status = meet_one(&all, exposures[i], error);
    if (!status)
        status = hand_over(&all, where, take, payload, error);
    wk_memory_free(all.keys);
    return status;
}
