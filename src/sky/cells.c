#include "cells_table.h"

#include <math.h>
#include <string.h>

#include "memory.h"
#include "parallel.h"
#include "pixel_noise.h"
#include "span.h"
#include "status.h"

/* What one worker reuses from field to field. */
typedef struct scratch {
    wk_pixels pixels;
    float *room;
    size_t room_size;
    wk_statistic_scratch statistic;
    wk_tally tally;
} scratch;

typedef struct measuring {
    wk_sky_cells *cells;
    wk_field_load load;
    void *payload;
    const wk_statistic_options *statistic;
    int whole, alone;
    scratch *scratch; /* [workers] */
} measuring;

typedef struct measured {
    const wk_overlaps *overlaps;
    const wk_member *member;
} measured;

wk_sky_cells_options wk_sky_cells_options_default(void)
{
    return (wk_sky_cells_options){.order = 0, .cell = 8.0, .loss = WK_LOSS_HUBER, .whole = 1};
}

double wk_sky_cells_pitch(const wk_sky_cells *cells)
{
    return cells->pitch;
}

static wk_status measure_noise(wk_member *member, scratch *own, double *noise, wk_error *error)
{
    wk_status status =
        wk_memory_reserve((void **)&own->room, &own->room_size,
                          (size_t)wk_pixel_noise_room(&own->pixels), sizeof *own->room, error);
    if (status == WK_OK)
        status = wk_pixel_noise(noise, &own->pixels, own->room, &own->statistic, error);
    if (status == WK_OK)
        member->noise = *noise * member->field.flux;
    return status;
}

/* Good pixels are moved together where they lie: the image has served. */
static wk_status measure_whole(wk_member *member, const measuring *all, scratch *own,
                               wk_error *error)
{
    wk_pixels *pixels = &own->pixels;
    wk_region *whole = &member->whole;
    wk_span span = {0, 0, pixels->width * pixels->height};
    wk_spans everything = {&span, 1, 1};
    whole->covered = span.end;
    whole->area = (double)NAN;
    int64_t n = wk_spans_gather(pixels->data, &everything, pixels, member->field.flux);
    wk_status status = wk_statistic_measure(&whole->measure, pixels->data, n, all->statistic,
                                            &own->statistic, error);
    if (status == WK_NO_DATA) {
        whole->measure = (wk_measure){.value = (double)NAN};
        status = WK_OK;
    }
    whole->error = wk_statistic_error(&whole->measure, all->statistic, member->noise);
    return status;
}

static int reaches(const wk_overlaps *overlaps, const size_t *members, size_t count,
                   const double centre[3], double radius)
{
    for (size_t k = 0; k < count; k++)
        if (wk_footprint_reach(&overlaps->members[members[k]].footprint, centre, radius))
            return 1;
    return 0;
}

/* Only what another exposure may cover can be shared. */
static int may_be_shared(const void *payload, const double centre[3], double radius)
{
    const measured *own = payload;
    const wk_member *member = own->member;
    return reaches(own->overlaps, member->neighbours, member->neighbour_count, centre, radius) ||
           reaches(own->overlaps, member->companions, member->companion_count, centre, radius);
}

/* Places spread over the exposure, at the middles of 5 x 5 parts. */
static wk_status place_samples(double (*samples)[2], const wk_field *field, wk_error *error)
{
    enum { side = 5 };
    wk_wcs *wcs = NULL;
    wk_status status = wk_wcs_copy(&wcs, field->wcs, error);
    for (int i = 0; i < wk_sky_cell_samples; i++) {
        samples[i][0] = ((double)(i % side) + 0.5) / side * (double)field->width - 0.5;
        samples[i][1] = ((double)(i / side) + 0.5) / side * (double)field->height - 0.5;
    }
    if (status == WK_OK)
        status = wk_wcs_to_sky(wcs, wk_sky_cell_samples, samples[0], samples[0], error);
    wk_wcs_free(wcs);
    return status;
}

wk_status wk_sky_cells_keep(wk_sky_cells *cells, int64_t member, wk_tally_cell **list,
                            int64_t count, wk_error *error)
{
    void *block = *list;
    wk_sky_cell_list *own = &cells->lists[member];
    *list = NULL;
    own->count = count;
    if (count == 0) {
        wk_memory_free(block);
        return WK_OK;
    }
    own->first = ((const wk_tally_cell *)block)->key;
    return wk_spool_give(cells->measured, &own->cells, &block,
                         (size_t)count * sizeof(wk_tally_cell), error);
}

static wk_status measure_cells(int64_t index, const measuring *all, scratch *own, double noise,
                               wk_error *error)
{
    wk_sky_cells *cells = all->cells;
    const wk_member *member = &cells->overlaps->members[index];
    measured shared = {cells->overlaps, member};
    wk_tally_cell *list = NULL;
    int64_t count = 0;
    wk_status status =
        wk_tally_measure(&list, &count, &own->tally, member->field.wcs, &own->pixels, cells->pitch,
                         noise, all->alone ? NULL : may_be_shared, &shared, error);
    return status == WK_OK ? wk_sky_cells_keep(cells, index, &list, count, error) : status;
}

static wk_status measure_loaded(int64_t index, const measuring *all, scratch *own, wk_error *error)
{
    wk_member *member = &all->cells->overlaps->members[index];
    double noise = (double)NAN;
    member->good = own->pixels.good;
    wk_status status = place_samples(all->cells->samples[index], &member->field, error);
    if (status < 0 || own->pixels.good == 0)
        return status;
    status = measure_noise(member, own, &noise, error);
    if (status == WK_OK && (member->neighbour_count + member->companion_count > 0 || all->alone))
        status = measure_cells(index, all, own, noise, error);
    if (status == WK_OK && all->whole && !member->field.reference)
        status = measure_whole(member, all, own, error);
    return status;
}

static wk_status measure_member(int64_t index, int worker, void *payload, int64_t *bytes,
                                wk_error *error)
{
    const measuring *all = payload;
    scratch *own = &all->scratch[worker];
    wk_member *member = &all->cells->overlaps->members[index];
    memset(&member->whole, 0, sizeof member->whole);
    if (member->field.reference && member->neighbour_count == 0 && !all->alone)
        return WK_OK;
    wk_status status = wk_member_load(&own->pixels, member, all->load, all->payload, bytes, error);
    if (status < 0)
        return status;
    status = measure_loaded(index, all, own, error);
    if (status < 0)
        wk_error_subject(error, member->field.name);
    return status;
}

static void release_scratch(scratch *own)
{
    wk_pixels_release(&own->pixels);
    wk_memory_free(own->room);
    wk_statistic_scratch_release(&own->statistic);
    wk_tally_release(&own->tally);
}

static wk_status measure_all(measuring *all, const wk_context *context, wk_error *error)
{
    int64_t count = (int64_t)all->cells->overlaps->count;
    int workers = wk_parallel_workers(count, context);
    all->scratch = wk_memory_new((size_t)workers, sizeof *all->scratch, error);
    if (!all->scratch)
        return WK_MEMORY;
    wk_status status = wk_parallel_for(count, "measure", measure_member, all, context, error);
    for (int i = 0; i < workers; i++)
        release_scratch(&all->scratch[i]);
    wk_memory_free(all->scratch);
    return status;
}

static const double narrowest = 0.004, widest = 3600.0; /* arcsec */

static wk_status check_options(const wk_sky_cells_options *options, wk_error *error)
{
    if (options->order < 0 || options->order > 2)
        return wk_error_set(error, WK_ARGUMENT, "order", "%d is not 0, 1 or 2", options->order);
    if (!(options->cell >= 2.0) || !(options->cell <= 1e6))
        return wk_error_set(error, WK_ARGUMENT, "cell", "%g is not from 2 to 1e6 pixels",
                            options->cell);
    if (options->pitch != 0.0 && !(options->pitch >= narrowest && options->pitch <= widest))
        return wk_error_set(error, WK_ARGUMENT, "pitch", "%g is not from %g to %g arcsec",
                            options->pitch, narrowest, widest);
    if (options->loss < WK_LOSS_HUBER || options->loss > WK_LOSS_SQUARE)
        return wk_error_set(error, WK_ARGUMENT, "loss", "%d is none of its values",
                            (int)options->loss);
    return WK_OK;
}

static wk_status choose_pitch(wk_sky_cells *cells, const wk_sky_cells_options *options,
                              wk_error *error)
{
    double wanted = 0.0;
    if (cells->overlaps->count == 0)
        return WK_OK;
    wk_status status = wk_sky_cells_width(&wanted, cells, options, error);
    if (status < 0)
        return status;
    cells->pitch = wk_zone_pitch(wanted);
    /* the ends themselves are rounded, too */
    if (!(cells->pitch >= wk_zone_pitch(narrowest)) || !(cells->pitch <= wk_zone_pitch(widest)))
        return wk_error_set(error, WK_ARGUMENT, "cell", "cells of %g arcsec are not from %g to %g",
                            cells->pitch, narrowest, widest);
    return WK_OK;
}

/* Of the memory to work in, lists of cells and shared cells get an eighth each. */
wk_status wk_sky_cells_create(wk_sky_cells **out, wk_overlaps *overlaps, const char *folder,
                              const wk_context *context, wk_error *error)
{
    size_t memory = (context && context->memory ? context->memory : (size_t)1 << 30) / 8;
    *out = NULL;
    if (!folder)
        folder = "/var/tmp";
    wk_sky_cells *cells = wk_memory_new(1, sizeof *cells, error);
    if (!cells)
        return WK_MEMORY;
    cells->overlaps = overlaps;
    cells->structure = 1.0;
    cells->lists = wk_memory_new(overlaps->count, sizeof *cells->lists, error);
    cells->samples = wk_memory_new(overlaps->count, sizeof *cells->samples, error);
    wk_status status = cells->lists && cells->samples ? WK_OK : WK_MEMORY;
    if (status == WK_OK)
        status = wk_spool_create(&cells->measured, memory, folder, error);
    if (status == WK_OK)
        status = wk_spool_create(&cells->shared, memory, folder, error);
    if (status == WK_OK)
        *out = cells;
    else
        wk_sky_cells_free(cells);
    return status;
}

wk_status wk_sky_cells_measure(wk_sky_cells **out, wk_overlaps *overlaps, wk_field_load load,
                               void *payload, const wk_sky_cells_options *options,
                               const wk_context *context, wk_error *error)
{
    wk_sky_cells_options defaults = wk_sky_cells_options_default();
    wk_statistic_options median = wk_statistic_options_default();
    wk_sky_cells *cells = NULL;
    *out = NULL;
    if (!options)
        options = &defaults;
    const wk_statistic_options *statistic = options->statistic ? options->statistic : &median;
    wk_status status = check_options(options, error);
    if (status == WK_OK)
        status = wk_statistic_check(statistic, error);
    if (status == WK_OK)
        status = wk_sky_cells_check_reference(overlaps, error);
    if (status == WK_OK)
        status = wk_sky_cells_create(&cells, overlaps, options->folder, context, error);
    if (status == WK_OK)
        status = choose_pitch(cells, options, error);
    measuring all = {cells, load, payload, statistic, options->whole, options->alone, NULL};
    if (status == WK_OK)
        cells->statistic = *statistic;
    if (status == WK_OK)
        status = measure_all(&all, context, error);
    overlaps->whole = options->whole && status == WK_OK;
    if (status == WK_OK)
        *out = cells;
    else
        wk_sky_cells_free(cells);
    return status;
}

void wk_sky_cells_free(wk_sky_cells *cells)
{
    if (!cells)
        return;
    for (size_t i = 0; cells->lists && i < cells->overlaps->count; i++)
        wk_spool_forget(cells->measured, &cells->lists[i].cells);
    for (int64_t i = 0; i < cells->block_count; i++)
        wk_spool_forget(cells->shared, &cells->blocks[i]);
    wk_sky_cells_forget_fit(cells);
    wk_spool_free(cells->measured);
    wk_spool_free(cells->shared);
    for (size_t i = 0; i < cells->exposure_count; i++)
        wk_cells_exposure_release(&cells->exposures[i]);
    wk_memory_free(cells->exposures);
    wk_memory_free(cells->lists);
    wk_memory_free(cells->samples);
    wk_memory_free(cells->blocks);
    wk_memory_free(cells);
}
