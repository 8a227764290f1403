#include "variance_factor.h"

#include <math.h>

#include "quantile.h"

/* The quartiles of a Gaussian are 1.3489795 standard deviations apart. */
#define WIDTH_LSST  0.74
#define WIDTH_EXACT 0.741301109252802

/* Up to so many pixels all are gathered; of more, one in SAMPLE_ONE_IN is in the sample. */
enum { GATHER_ALL = 1 << 16, SAMPLE_ONE_IN = 512, SAMPLE_LEAST = 4096, SAMPLE_MOST = 1 << 16 };

enum { SNR, RESIDUAL, NOISE, SETS, BRACKETS = 5 };

static const double quartiles[2] = {0.25, 0.75}, half[1] = {0.5};

typedef struct measuring {
    wk_variance_stream *stream;
    wk_quantile_set *sets[SETS];
} measuring;

/* A quarter of the memory is for what the quantiles gather. */
static int64_t most_gathered(const wk_context *context)
{
    size_t memory = context && context->memory ? context->memory : (size_t)1 << 30;
    return (int64_t)(memory / (4 * BRACKETS * sizeof(float)));
}

static wk_status make_sets(measuring *all, const wk_context *context, wk_error *error)
{
    int workers = wk_variance_stream_workers(all->stream);
    int64_t most = most_gathered(context);
    wk_status status = wk_quantile_create(&all->sets[SNR], quartiles, 2, workers, most, error);
    if (status == WK_OK)
        status = wk_quantile_create(&all->sets[RESIDUAL], quartiles, 2, workers, most, error);
    if (status == WK_OK)
        status = wk_quantile_create(&all->sets[NOISE], half, 1, workers, most, error);
    return status;
}

static wk_status guess(const measuring *all, wk_error *error)
{
    int64_t pixels = wk_variance_stream_pixels(all->stream);
    if (pixels <= GATHER_ALL)
        return WK_OK;
    int64_t size = pixels / SAMPLE_ONE_IN;
    size = size < SAMPLE_LEAST ? SAMPLE_LEAST : size > SAMPLE_MOST ? SAMPLE_MOST : size;
    wk_variance_sample sample;
    wk_status status = wk_variance_stream_sample(&sample, all->stream, size, error);
    if (status != WK_OK)
        return status;
    wk_quantile_guess(all->sets[SNR], sample.snr, sample.size);
    wk_quantile_guess(all->sets[RESIDUAL], sample.residual, sample.size);
    wk_quantile_guess(all->sets[NOISE], sample.variance, sample.size);
    wk_variance_sample_release(&sample);
    return WK_OK;
}

static wk_status take(void *payload, int worker, const wk_variance_block *block, wk_error *error)
{
    const measuring *all = payload;
    wk_status status = wk_quantile_add(all->sets[SNR], worker, block->snr, block->n, error);
    if (status == WK_OK)
        status = wk_quantile_add(all->sets[RESIDUAL], worker, block->residual, block->n, error);
    if (status == WK_OK)
        status = wk_quantile_add(all->sets[NOISE], worker, block->variance, block->n, error);
    return status;
}

static wk_status find_quantiles(measuring *all, wk_error *error)
{
    int more = 1;
    wk_status status = guess(all, error);
    while (more && status == WK_OK) {
        more = 0;
        status = wk_variance_stream_run(all->stream, take, all, error);
        for (int i = 0; i < SETS && status == WK_OK; i++) {
            int again = 0;
            status = wk_quantile_next(all->sets[i], &again, error);
            more |= again;
        }
    }
    return status;
}

/* (width of the quartiles / noise)^2 */
static double factor_of(const wk_quantile_set *set, double width, double noise)
{
    double ratio = width * (wk_quantile_get(set, 1) - wk_quantile_get(set, 0)) / noise;
    return ratio * ratio;
}

static void set_factors(wk_variance_result *out, const measuring *all, int exact)
{
    double width = exact ? WIDTH_EXACT : WIDTH_LSST;
    int64_t good = wk_quantile_total(all->sets[SNR]);
    wk_variance_result result = {.pixel = 1.0, .image = 1.0, .good = good};
    result.factor = result.error = (double)NAN;
    result.masked = wk_variance_stream_pixels(all->stream) - good;
    if (good >= 2) {
        double noise = sqrt(wk_quantile_get(all->sets[NOISE], 0));
        result.pixel = factor_of(all->sets[SNR], width, 1.0);
        result.image = factor_of(all->sets[RESIDUAL], width, noise);
    }
    result.agreement = result.pixel / result.image - 1.0;
    *out = result;
}

wk_status wk_variance_factors(wk_variance_result *out, wk_variance_stream *stream, int exact,
                              const wk_context *context, wk_error *error)
{
    measuring all = {stream, {NULL}};
    wk_status status = make_sets(&all, context, error);
    if (status == WK_OK)
        status = find_quantiles(&all, error);
    if (status == WK_OK)
        set_factors(out, &all, exact);
    for (int i = 0; i < SETS; i++)
        wk_quantile_free(all.sets[i]);
    return status;
}
