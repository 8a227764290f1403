#include "preview_limits.h"

#include <math.h>

#include "memory.h"
#include "parallel.h"
#include "quantile.h"
#include "sample.h"
#include "zscale.h"

/* BAND: pixels that a worker reads at once.  GUESS: of these a percentile is guessed from; about
 * 1 / sqrt(GUESS) of all pixels are then gathered, within GATHER. */
enum { BAND = 1 << 18, GUESS = 20000, GATHER = 1 << 22 };

int wk_limits_judge(const wk_preview_options *options)
{
    return options->limits == WK_PREVIEW_MINMAX || options->limits == WK_PREVIEW_PERCENTILE;
}

static wk_status find_zscale(double limits[2], const wk_preview_image *images,
                             const wk_thumbnail *thumbnails, size_t count,
                             wk_preview_limits limit_rule, wk_error *error)
{
    static const wk_zscale_rule rules[] = {WK_ZSCALE_LSST, WK_ZSCALE_AFW, WK_ZSCALE_IRAF};
    wk_zscale_rule rule = rules[limit_rule];
    wk_sample sample = {0};
    wk_status status = WK_OK;
    for (size_t k = 0; status == WK_OK && k < count; k++) {
        if (thumbnails[k].finite == 0)
            continue;
        status = rule == WK_ZSCALE_IRAF
                     ? wk_sample_every(&sample, &images[k].rows, thumbnails[k].finite_of,
                                       WK_ZSCALE_SAMPLE, error)
                     : wk_sample_lattice(&sample, &images[k].rows, WK_ZSCALE_SAMPLE, error);
    }
    if (status == WK_OK && sample.count > 0)
        status = wk_zscale(limits, sample.values, (int64_t)sample.count, rule, error);
    wk_sample_release(&sample);
    return status;
}

static void find_minmax(double limits[2], const wk_thumbnail *thumbnails, size_t count, int good)
{
    for (size_t k = 0; k < count; k++) {
        limits[0] = fmin(limits[0], good ? thumbnails[k].good_min : thumbnails[k].min);
        limits[1] = fmax(limits[1], good ? thumbnails[k].good_max : thumbnails[k].max);
    }
}

typedef struct gathering {
    wk_quantile_set *set;
    const wk_rows *rows;
    int64_t deep; /* rows in a band */
    float **data; /* [workers] */
    uint8_t **bad;
    int good; /* nonzero: good pixels only */
} gathering;

static wk_status gather_band(int64_t index, int worker, void *payload, int64_t *bytes,
                             wk_error *error)
{
    gathering *all = payload;
    int64_t y = index * all->deep, left = all->rows->height - y;
    wk_rect rect = {0, y, all->rows->width, left < all->deep ? left : all->deep};
    int64_t count = rect.width * rect.height;
    float *data = all->data[worker];
    wk_status status =
        all->rows->read(all->rows->payload, worker, rect, data, all->bad[worker], NULL, error);
    for (int64_t i = 0; status == WK_OK && i < count; i++)
        if (all->good ? all->bad[worker][i] != 0 : !isfinite(data[i]))
            data[i] = NAN;
    *bytes = 4 * count;
    return status == WK_OK ? wk_quantile_add(all->set, worker, data, count, error) : status;
}

static wk_status gather_image(gathering *all, const wk_rows *rows, int workers,
                              const wk_context *context, wk_error *error)
{
    wk_context own = context ? *context : (wk_context){0};
    wk_status status = WK_OK;
    all->rows = rows;
    all->deep = BAND / rows->width > 1 ? BAND / rows->width : 1;
    own.threads = workers < rows->workers ? workers : rows->workers;
    for (int worker = 0; status == WK_OK && worker < own.threads; worker++) {
        size_t room = (size_t)(all->deep * rows->width);
        all->data[worker] = wk_memory_raw(room, sizeof **all->data, error);
        all->bad[worker] = all->data[worker] ? wk_memory_raw(room, 1, error) : NULL;
        status = all->bad[worker] ? WK_OK : WK_MEMORY;
    }
    if (status == WK_OK)
        status = wk_parallel_for((rows->height + all->deep - 1) / all->deep, "read", gather_band,
                                 all, &own, error);
    for (int worker = 0; worker < own.threads; worker++) {
        wk_memory_free(all->data[worker]);
        wk_memory_free(all->bad[worker]);
        all->data[worker] = NULL;
        all->bad[worker] = NULL;
    }
    return status;
}

static wk_status guess(wk_quantile_set *set, const wk_preview_image *images, size_t count,
                       wk_error *error)
{
    wk_sample sample = {0};
    wk_status status = WK_OK;
    for (size_t k = 0; status == WK_OK && k < count; k++)
        status = wk_sample_lattice(&sample, &images[k].rows, GUESS, error);
    if (status == WK_OK && sample.count > 0)
        wk_quantile_guess(set, sample.values, (int64_t)sample.count);
    wk_sample_release(&sample);
    return status;
}

static wk_status pass_all(gathering *all, const wk_preview_image *images, size_t count, int workers,
                          const wk_context *context, wk_error *error)
{
    wk_status status = WK_OK;
    for (int more = 1; status == WK_OK && more;) {
        for (size_t k = 0; status == WK_OK && k < count; k++)
            status = gather_image(all, &images[k].rows, workers, context, error);
        if (status == WK_OK)
            status = wk_quantile_next(all->set, &more, error);
    }
    return status;
}

static wk_status find_percentile(double limits[2], const wk_preview_image *images, size_t count,
                                 const wk_preview_options *options, int good,
                                 const wk_context *context, wk_error *error)
{
    const double fractions[2] = {options->low / 100, options->high / 100};
    int workers = wk_context_workers(context);
    gathering all = {.good = good};
    wk_status status = wk_quantile_create(&all.set, fractions, 2, workers, GATHER, error);
    all.data = wk_memory_new((size_t)workers, sizeof *all.data, error);
    all.bad = all.data ? wk_memory_new((size_t)workers, sizeof *all.bad, error) : NULL;
    if (status == WK_OK)
        status = all.bad ? guess(all.set, images, count, error) : WK_MEMORY;
    if (status == WK_OK)
        status = pass_all(&all, images, count, workers, context, error);
    for (int k = 0; status == WK_OK && k < 2; k++)
        limits[k] = wk_quantile_get(all.set, k);
    wk_quantile_free(all.set);
    wk_memory_free(all.data);
    wk_memory_free(all.bad);
    return status;
}

static void make_symmetric(double limits[2])
{
    double most = fmax(fabs(limits[0]), fabs(limits[1]));
    limits[0] = -most;
    limits[1] = most;
}

wk_status wk_limits_find(double limits[2], const wk_preview_image *images,
                         const wk_thumbnail *thumbnails, size_t count,
                         const wk_preview_options *options, const wk_context *context,
                         wk_error *error)
{
    int64_t good = 0;
    wk_status status = WK_OK;
    for (size_t k = 0; k < count; k++)
        good += thumbnails[k].good;
    limits[0] = limits[1] = NAN;
    switch (options->limits) {
    case WK_PREVIEW_GIVEN:
        limits[0] = options->low;
        limits[1] = options->high;
        return WK_OK;
    case WK_PREVIEW_MINMAX:
        find_minmax(limits, thumbnails, count, good > 0);
        break;
    case WK_PREVIEW_PERCENTILE:
        status = find_percentile(limits, images, count, options, good > 0, context, error);
        break;
    default:
        status = find_zscale(limits, images, thumbnails, count, options->limits, error);
    }
    if (status == WK_OK && options->about_zero)
        make_symmetric(limits);
    return status;
}
