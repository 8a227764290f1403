#include "background_survey.h"

#include <math.h>
#include <string.h>

#include "fits_checksum.h"
#include "memory.h"
#include "mesh_filter.h"
#include "parallel.h"
#include "survey.h"

enum {
    STRIP = 1 << 17,  /* pixels evaluated and written at once */
    SAMPLE_ROWS = 64, /* for the guess of the median */
    SAMPLE_MOST = 1 << 16
};

/* Buffers of one worker. */
typedef struct desk {
    float *values, *one;
    void *swapped;
    double *room;
} desk;

typedef struct job {
    wk_background_pass *pass;
    const wk_cells *grid;
    wk_survey survey;
    int64_t rows, strips; /* of a strip; in the image */
    int planes[2], plane_count;
    uint32_t *sums[2]; /* of each strip */
    desk *desks;
    int workers;
} job;

static void evaluate(const job *all, desk *d, wk_background_plane plane, int64_t y, int64_t rows)
{
    const wk_background_pass *pass = all->pass;
    int64_t width = all->grid->width;
    size_t count = plane == WK_BACKGROUND_RMS ? 1 : pass->count;
    for (int64_t row = 0; row < rows; row++) {
        float *out = d->values + row * width;
        wk_surface_row(out, pass->backgrounds[0]->surfaces[plane], y + row, 0, width, d->room);
        for (size_t k = 1; k < count; k++) {
            wk_surface_row(d->one, pass->backgrounds[k]->surfaces[plane], y + row, 0, width,
                           d->room);
            for (int64_t x = 0; x < width; x++)
                out[x] += d->one[x];
        }
    }
}

/* Items alternate between the planes: two workers then write into two files. */
static wk_status carry_strip(int64_t index, int worker, void *payload, int64_t *bytes,
                             wk_error *error)
{
    job *all = payload;
    desk *d = &all->desks[worker];
    wk_background_plane plane = (wk_background_plane)all->planes[index % all->plane_count];
    int64_t strip = index / all->plane_count, y = strip * all->rows;
    int64_t left = all->grid->height - y, rows = left < all->rows ? left : all->rows;
    int64_t count = rows * all->grid->width;
    wk_fits_writer *writer = all->pass->writers[plane];
    wk_status status = WK_OK;
    evaluate(all, d, plane, y, rows);
    if (all->pass->summary && plane == WK_BACKGROUND_LEVEL)
        status = wk_survey_add(&all->survey, worker, strip, d->values, count, error);
    if (status == WK_OK && writer)
        status = wk_fits_put_rows(writer, y, rows, d->values, d->swapped, &all->sums[plane][strip],
                                  error);
    *bytes = count * (int64_t)sizeof(float);
    return status;
}

/* Once more for the median alone. */
static wk_status look_again(int64_t index, int worker, void *payload, int64_t *bytes,
                            wk_error *error)
{
    job *all = payload;
    desk *d = &all->desks[worker];
    int64_t y = index * all->rows, left = all->grid->height - y;
    int64_t rows = left < all->rows ? left : all->rows;
    (void)bytes;
    evaluate(all, d, WK_BACKGROUND_LEVEL, y, rows);
    return wk_survey_add(&all->survey, worker, index, d->values, rows * all->grid->width, error);
}

static size_t room_of(const wk_background_pass *pass)
{
    size_t most = 0;
    for (size_t k = 0; k < pass->count; k++)
        for (int plane = 0; plane < 2; plane++) {
            size_t room = wk_surface_room(pass->backgrounds[k]->surfaces[plane]);
            most = room > most ? room : most;
        }
    return most;
}

static wk_status reserve(job *all, wk_error *error)
{
    size_t width = (size_t)all->grid->width, pixels = (size_t)all->rows * width;
    size_t room = room_of(all->pass);
    all->desks = wk_memory_new((size_t)all->workers, sizeof *all->desks, error);
    wk_status status = all->desks ? WK_OK : WK_MEMORY;
    for (int i = 0; status == WK_OK && i < all->workers; i++) {
        desk *d = &all->desks[i];
        d->values = wk_memory_raw(pixels, sizeof *d->values, error);
        d->swapped = d->values ? wk_memory_raw(pixels, sizeof *d->values, error) : NULL;
        d->one = d->swapped ? wk_memory_raw(width, sizeof *d->one, error) : NULL;
        d->room = d->one ? wk_memory_raw(room, sizeof *d->room, error) : NULL;
        status = d->room ? WK_OK : WK_MEMORY;
    }
    for (int plane = 0; status == WK_OK && plane < 2; plane++) {
        all->sums[plane] = wk_memory_new((size_t)all->strips, sizeof *all->sums[plane], error);
        status = all->sums[plane] ? WK_OK : WK_MEMORY;
    }
    return status;
}

static void release(job *all)
{
    for (int i = 0; all->desks && i < all->workers; i++) {
        wk_memory_free(all->desks[i].values);
        wk_memory_free(all->desks[i].swapped);
        wk_memory_free(all->desks[i].one);
        wk_memory_free(all->desks[i].room);
    }
    wk_memory_free(all->desks);
    wk_memory_free(all->sums[0]);
    wk_memory_free(all->sums[1]);
    wk_survey_end(&all->survey);
}

/* Some rows spread over the image, thinned. */
static wk_status begin_survey(job *all, wk_error *error)
{
    int64_t width = all->grid->width, height = all->grid->height;
    int64_t rows = height < SAMPLE_ROWS ? height : SAMPLE_ROWS;
    int64_t step = rows * width / SAMPLE_MOST + 1, size = 0;
    float *sample = wk_memory_raw((size_t)(rows * (width / step + 1)), sizeof *sample, error);
    if (!sample)
        return WK_MEMORY;
    for (int64_t i = 0; i < rows; i++) {
        evaluate(all, &all->desks[0], WK_BACKGROUND_LEVEL, (2 * i + 1) * height / (2 * rows), 1);
        for (int64_t x = i % step; x < width; x += step)
            sample[size++] = all->desks[0].values[x];
    }
    wk_status status = wk_survey_begin(&all->survey, all->strips, all->workers, sample, size,
                                       width * height / 16 + 4096, error);
    wk_memory_free(sample);
    return status;
}

static wk_status median_rms(double *out, const wk_background *b, wk_error *error)
{
    size_t cells = (size_t)(b->grid.nx * b->grid.ny);
    float *copy = wk_memory_raw(cells, sizeof *copy, error);
    if (!copy)
        return WK_MEMORY;
    memcpy(copy, b->rms, cells * sizeof *copy);
    *out = wk_mesh_median(copy, (int64_t)cells);
    wk_memory_free(copy);
    return WK_OK;
}

static wk_status summarise(job *all, const wk_context *context, wk_error *error)
{
    int more = 0;
    wk_background_summary *out = all->pass->summary;
    wk_status status = wk_survey_next(&all->survey, &more, error);
    while (status == WK_OK && more) {
        status = wk_parallel_for(all->strips, NULL, look_again, all, context, error);
        if (status == WK_OK)
            status = wk_survey_next(&all->survey, &more, error);
    }
    if (status != WK_OK)
        return status;
    wk_survey_result level = wk_survey_end(&all->survey);
    double n = (double)level.count;
    *out = (wk_background_summary){.mean = level.mean,
                                   .median = level.median,
                                   .min = level.min,
                                   .max = level.max,
                                   .std = sqrt(level.variance),
                                   .variance = level.variance * n / (n - 1.0)};
    return median_rms(&out->rms, all->pass->backgrounds[0], error);
}

/* Checksums are joined in the order of the strips. */
static void join_sums(job *all)
{
    for (int plane = 0; plane < 2; plane++) {
        all->pass->sums[plane] = 0;
        for (int64_t i = 0; i < all->strips; i++)
            all->pass->sums[plane] = wk_checksum_words(all->pass->sums[plane], all->sums[plane][i]);
    }
}

static void choose_planes(job *all)
{
    const wk_background_pass *pass = all->pass;
    if (pass->summary || pass->writers[WK_BACKGROUND_LEVEL])
        all->planes[all->plane_count++] = WK_BACKGROUND_LEVEL;
    if (pass->writers[WK_BACKGROUND_RMS])
        all->planes[all->plane_count++] = WK_BACKGROUND_RMS;
}

wk_status wk_background_pass_run(wk_background_pass *pass, const wk_context *context,
                                 wk_error *error)
{
    job all = {.pass = pass, .grid = &pass->backgrounds[0]->grid};
    all.rows = STRIP / all.grid->width > 0 ? STRIP / all.grid->width : 1;
    all.rows = all.rows < all.grid->height ? all.rows : all.grid->height;
    all.strips = (all.grid->height + all.rows - 1) / all.rows;
    choose_planes(&all);
    int64_t items = all.strips * all.plane_count;
    all.workers = wk_parallel_workers(items, context);
    wk_status status = reserve(&all, error);
    if (status == WK_OK && pass->summary)
        status = begin_survey(&all, error);
    if (status == WK_OK)
        status = wk_parallel_for(items, "evaluate", carry_strip, &all, context, error);
    if (status == WK_OK)
        join_sums(&all);
    if (status == WK_OK && pass->summary)
        status = summarise(&all, context, error);
    release(&all);
    return status;
}

wk_status wk_background_summarise(wk_background_summary *out,
                                  const wk_background *const *backgrounds, size_t count,
                                  const wk_context *context, wk_error *error)
{
    wk_background_pass pass = {.backgrounds = backgrounds, .count = count, .summary = out};
    return wk_background_pass_run(&pass, context, error);
}
