/* One pass over the pixels: each field is loaded once, measured wherever it is needed, let go. */
#include "clip.h"
#include "cover.h"

#include <math.h>
#include <string.h>

#include "memory.h"
#include "parallel.h"
#include "pixel_noise.h"
#include "share.h"
#include "status.h"

/* What one worker reuses from field to field. */
typedef struct scratch {
    wk_pixels pixels;
    float *values;
    size_t room;
    wk_statistic_scratch statistic;
    wk_cover cover;
    wk_share share;
} scratch;

typedef struct measuring {
    wk_overlaps *all;
    wk_field_load load;
    void *payload;
    const wk_statistic_options *statistic;
    int whole;
    scratch *scratch; /* [workers] */
} measuring;

static wk_status reserve_values(scratch *own, int64_t count, wk_error *error)
{
    if ((size_t)count <= own->room)
        return WK_OK;
    wk_memory_free(own->values);
    own->room = 0;
    own->values = wk_memory_raw((size_t)count, sizeof *own->values, error);
    if (!own->values)
        return WK_MEMORY;
    own->room = (size_t)count;
    return WK_OK;
}

/* Nothing left to measure is an answer, not a failure. */
static wk_status measure_values(wk_region *region, const float *values, int64_t n,
                                const measuring *all, scratch *own, double noise, wk_error *error)
{
    wk_status status =
        wk_statistic_measure(&region->measure, values, n, all->statistic, &own->statistic, error);
    if (status == WK_NO_DATA) {
        region->measure =
            (wk_measure){(double)NAN, (double)NAN, (double)NAN, (double)NAN, (double)NAN, 0};
        status = WK_OK;
    }
    region->error = wk_statistic_error(&region->measure, all->statistic, noise);
    return status;
}

static wk_status measure_noise(wk_member *member, scratch *own, wk_error *error)
{
    wk_status status = reserve_values(own, wk_pixel_noise_room(&own->pixels), error);
    double noise = (double)NAN;
    if (status == WK_OK)
        status = wk_pixel_noise(&noise, &own->pixels, own->values, &own->statistic, error);
    /* where it is unknown the scatter will stand in */
    member->noise = noise * member->field.flux;
    return status;
}

/* Measure what the neighbours first..end-1, all of one item, cover. */
static wk_status measure_side(wk_side *side, const wk_member *member, size_t first, size_t end,
                              const measuring *all, scratch *own, wk_error *error)
{
    const wk_spans *spans = &own->cover.spans;
    wk_status status = wk_cover_item(&own->cover, first, end, error);
    if (status < 0)
        return status;
    side->region.covered = wk_spans_pixels(spans);
    if (side->region.covered == 0)
        return WK_OK;
    wk_share_mark(&own->share, (size_t)(side - member->sides), spans, &own->pixels);
    side->region.area = wk_spans_area(spans, &own->cover.grid);
    status = reserve_values(own, side->region.covered, error);
    if (status < 0)
        return status;
    int64_t n = wk_spans_gather(own->values, spans, &own->pixels, member->field.flux);
    return measure_values(&side->region, own->values, n, all, own, member->noise, error);
}

static wk_status reserve_sides(wk_member *member, const wk_overlaps *all, wk_error *error)
{
    size_t count = 0;
    for (size_t k = 0; k < member->neighbour_count; k++)
        if (k == 0 || all->members[member->neighbours[k]].item !=
                          all->members[member->neighbours[k - 1]].item)
            count++;
    wk_memory_free(member->sides);
    member->side_count = 0;
    member->sides = wk_memory_new(count, sizeof *member->sides, error);
    if (!member->sides)
        return WK_MEMORY;
    member->side_count = count;
    return WK_OK;
}

static wk_status measure_sides(wk_member *member, const measuring *all, scratch *own,
                               wk_error *error)
{
    wk_status status = wk_cover_begin(&own->cover, all->all, member, error);
    if (status == WK_OK)
        status = wk_share_begin(&own->share, member->side_count, member->field.width,
                                member->field.height, error);
    size_t side = 0;
    for (size_t k = 0; k < member->neighbour_count && status == WK_OK; side++) {
        size_t end = wk_cover_end(&own->cover, k);
        member->sides[side].item = all->all->members[member->neighbours[k]].item;
        status = measure_side(&member->sides[side], member, k, end, all, own, error);
        k = end;
    }
    return status == WK_OK ? wk_share_end(&own->share, member, error) : status;
}

/* The whole field comes last: its good pixels are moved together where they lie, which saves a
 * copy of the image. */
static wk_status measure_whole(wk_member *member, const measuring *all, scratch *own,
                               wk_error *error)
{
    wk_pixels *pixels = &own->pixels;
    wk_region *whole = &member->whole;
    whole->covered = pixels->width * pixels->height;
    whole->area = (double)NAN;
    wk_span span = {0, 0, whole->covered};
    wk_spans everything = {&span, 1, 1};
    int64_t n = pixels->good;
    if (pixels->good < whole->covered || member->field.flux != 1.0)
        n = wk_spans_gather(pixels->data, &everything, pixels, member->field.flux);
    return measure_values(whole, pixels->data, n, all, own, member->noise, error);
}

static wk_status measure_loaded(wk_member *member, const measuring *all, scratch *own,
                                wk_error *error)
{
    member->good = own->pixels.good;
    if (own->pixels.good == 0)
        return WK_OK;
    wk_status status = measure_noise(member, own, error);
    if (status == WK_OK && member->neighbour_count > 0)
        status = measure_sides(member, all, own, error);
    if (status == WK_OK && all->whole)
        status = measure_whole(member, all, own, error);
    return status;
}

/* What an earlier pass found must not outlive its pixels. */
static void forget(wk_member *member)
{
    memset(&member->whole, 0, sizeof member->whole);
    member->good = -1;
    member->noise = (double)NAN;
    wk_member_forget_sets(member);
}

static wk_status measure_member(int64_t index, int worker, void *payload, int64_t *bytes,
                                wk_error *error)
{
    const measuring *all = payload;
    scratch *own = &all->scratch[worker];
    wk_member *member = &all->all->members[index];
    forget(member);
    wk_status status = reserve_sides(member, all->all, error);
    if (status == WK_OK)
        status = wk_member_load(&own->pixels, member, all->load, all->payload, bytes, error);
    if (status < 0)
        return status;
    status = measure_loaded(member, all, own, error);
    if (status < 0)
        wk_error_subject(error, member->field.name);
    return status;
}

static void release_scratch(scratch *own)
{
    wk_pixels_release(&own->pixels);
    wk_memory_free(own->values);
    wk_statistic_scratch_release(&own->statistic);
    wk_cover_release(&own->cover);
    wk_share_release(&own->share);
}

wk_status wk_overlaps_measure(wk_overlaps *overlaps, wk_field_load load, void *payload,
                              const wk_statistic_options *statistic, int whole,
                              const wk_context *context, wk_error *error)
{
    wk_statistic_options defaults = wk_statistic_options_default();
    if (!statistic)
        statistic = &defaults;
    wk_status status = wk_statistic_check(statistic, error);
    if (status == WK_OK && overlaps->references > 0)
        status = wk_error_set(error, WK_ARGUMENT, "reference",
                              "whole overlaps cannot be compared with a reference, cells can");
    if (status < 0)
        return status;
    int workers = wk_parallel_workers((int64_t)overlaps->count, context);
    measuring all = {overlaps, load, payload, statistic, whole, NULL};
    all.scratch = wk_memory_new((size_t)workers, sizeof *all.scratch, error);
    if (!all.scratch)
        return WK_MEMORY;
    status =
        wk_parallel_for((int64_t)overlaps->count, "measure", measure_member, &all, context, error);
    for (int i = 0; i < workers; i++)
        release_scratch(&all.scratch[i]);
    wk_memory_free(all.scratch);
    overlaps->measured = status == WK_OK;
    overlaps->whole = whole && status == WK_OK;
    if (status == WK_OK)
        status = wk_overlaps_join(overlaps, error);
    return status;
}
