#include "correlation.h"

#include <math.h>

#include "memory.h"
#include "status.h"

wk_correlation_options wk_correlation_options_default(void)
{
    wk_correlation_options options = {1, WK_CORRELATION_AUTO, 0, {8, 4}};
    return options;
}

wk_status wk_correlation_check(const wk_correlation_options *options, wk_error *error)
{
    if (!options)
        return WK_OK;
    if (options->lag < 0 || options->lag > WK_CORRELATION_LAG_MAX)
        return wk_error_set(error, WK_ARGUMENT, "lag", "lag is %lld; it must be in 0..%d",
                            (long long)options->lag, WK_CORRELATION_LAG_MAX);
    if (options->way < WK_CORRELATION_AUTO || options->way > WK_CORRELATION_FOURIER)
        return wk_error_set(error, WK_ARGUMENT, "way", "way %d is not known", (int)options->way);
    for (int i = 0; i < 2; i++)
        if (options->blocks[i] < 0 || options->blocks[i] > WK_CORRELATION_BLOCKS_MAX)
            return wk_error_set(error, WK_ARGUMENT, "blocks",
                                "%lld blocks in %c; it must be 0 (none) to %d",
                                (long long)options->blocks[i], "xy"[i], WK_CORRELATION_BLOCKS_MAX);
    return WK_OK;
}

static wk_status check_samples(const wk_samples *samples, wk_error *error)
{
    const int64_t most = INT64_C(1) << 31;
    if (!samples || !samples->single == !samples->full)
        return wk_error_set(error, WK_ARGUMENT, "samples",
                            "values must be given either in float32 or in float64");
    if (samples->width < 1 || samples->height < 1 || samples->width > most ||
        samples->height > most)
        return wk_error_set(error, WK_ARGUMENT, "samples", "an image of %lld x %lld pixels",
                            (long long)samples->width, (long long)samples->height);
    return WK_OK;
}

wk_status wk_correlation_sums_make(wk_correlation_sums *sums, const wk_samples *samples,
                                   const wk_correlation_options *options, wk_error *error)
{
    int64_t lag = options->lag, lengths[2] = {samples->width, samples->height};
    wk_correlation_sums made = {.lag = lag, .half = 2 * lag * (lag + 1) + 1, .blocks = {1, 1}};
    if (lag <= WK_CORRELATION_JACKKNIFE && options->blocks[0] > 0 && options->blocks[1] > 0)
        for (int i = 0; i < 2; i++)
            made.blocks[i] = options->blocks[i] < lengths[i] ? options->blocks[i] : lengths[i];
    size_t count = (size_t)(made.blocks[0] * made.blocks[1] * made.half);
    made.product = wk_memory_new(count, sizeof *made.product, error);
    made.pairs = wk_memory_new(count, sizeof *made.pairs, error);
    *sums = made;
    if (made.product && made.pairs)
        return WK_OK;
    wk_correlation_sums_release(sums);
    return WK_MEMORY;
}

void wk_correlation_sums_release(wk_correlation_sums *sums)
{
    wk_memory_free(sums->product);
    wk_memory_free(sums->pairs);
    sums->product = NULL;
    sums->pairs = NULL;
}

void wk_correlation_free(wk_correlation *correlation)
{
    if (!correlation)
        return;
    wk_memory_free(correlation->pairs);
    wk_memory_free(correlation->covariance);
    wk_memory_free(correlation->correlation);
    wk_memory_free(correlation->white);
    wk_memory_free(correlation->bartlett);
    wk_memory_free(correlation->jackknife);
    wk_memory_free(correlation);
}

static wk_correlation *create(int64_t lag, wk_error *error)
{
    wk_correlation *made = wk_memory_new(1, sizeof *made, error);
    if (!made)
        return NULL;
    made->lag = lag;
    made->size = 2 * lag + 1;
    size_t count = (size_t)(made->size * made->size);
    made->pairs = wk_memory_new(count, sizeof *made->pairs, error);
    made->covariance = wk_memory_new(count, sizeof(double), error);
    made->correlation = wk_memory_new(count, sizeof(double), error);
    made->white = wk_memory_new(count, sizeof(double), error);
    made->bartlett = wk_memory_new(count, sizeof(double), error);
    made->jackknife = wk_memory_new(count, sizeof(double), error);
    if (made->pairs && made->covariance && made->correlation && made->white && made->bartlett &&
        made->jackknife)
        return made;
    wk_correlation_free(made);
    return NULL;
}

/* A lag and its opposite are the same number, to the bit. */
static void spread(wk_correlation *out, const wk_correlation_sums *sums, int64_t dy, int64_t dx)
{
    int64_t lag = out->lag, at = wk_correlation_index(lag, dy, dx), pairs = 0;
    double product = 0.0;
    for (int64_t k = 0; k < sums->blocks[0] * sums->blocks[1]; k++) {
        product += sums->product[k * sums->half + at];
        pairs += sums->pairs[k * sums->half + at];
    }
    int64_t place = (lag + dy) * out->size + lag + dx;
    int64_t opposite = (lag - dy) * out->size + lag - dx;
    out->pairs[place] = out->pairs[opposite] = pairs;
    out->covariance[place] = out->covariance[opposite] =
        pairs > 0 ? product / (double)pairs : (double)NAN;
}

/* The variance of the mean of N pixels is sum n(D) C(D) / N^2; no variance is negative. */
static void correct_mean(wk_correlation *out)
{
    double sum = 0.0, good = (double)out->good;
    for (int64_t i = 0; i < out->size * out->size; i++)
        sum += out->pairs[i] > 0 ? (double)out->pairs[i] * out->covariance[i] : 0.0;
    for (int64_t i = 0; i < out->size * out->size; i++)
        out->covariance[i] += fmax(sum, 0.0) / (good * good);
}

static void assemble(wk_correlation *out, const wk_correlation_sums *sums,
                     const wk_correlation_field *field, const wk_correlation_options *options)
{
    out->good = field->good;
    out->nonfinite = field->nonfinite;
    out->mean = field->mean;
    for (int64_t dy = 0; dy <= out->lag; dy++)
        for (int64_t dx = dy == 0 ? 0 : -out->lag; dx <= out->lag; dx++)
            spread(out, sums, dy, dx);
    if (options->correct_mean)
        correct_mean(out);
    out->variance = out->covariance[out->lag * out->size + out->lag];
    for (int64_t i = 0; i < out->size * out->size; i++)
        out->correlation[i] =
            out->variance > 0.0 ? out->covariance[i] / out->variance : (double)NAN;
}

static wk_status add_pairs(wk_correlation_sums *sums, const wk_correlation_field *field,
                           wk_correlation_way way, const wk_context *context, wk_error *error)
{
    if (way == WK_CORRELATION_AUTO) {
        double direct = wk_correlation_direct_cost(sums, field->samples);
        double fourier = wk_correlation_fourier_cost(sums, field->samples);
        way = fourier < direct ? WK_CORRELATION_FOURIER : WK_CORRELATION_DIRECT;
    }
    if (way == WK_CORRELATION_FOURIER)
        return wk_correlation_fourier(sums, field, context, error);
    return wk_correlation_direct(sums, field, context, error);
}

wk_status wk_correlation_measure(wk_correlation **out, const wk_samples *samples,
                                 const wk_correlation_options *options, const wk_context *context,
                                 wk_error *error)
{
    wk_correlation_options own = options ? *options : wk_correlation_options_default();
    wk_correlation_field field = {0};
    wk_correlation_sums sums = {0};
    *out = NULL;
    wk_status status = wk_correlation_check(&own, error);
    if (status == WK_OK)
        status = check_samples(samples, error);
    if (status == WK_OK)
        status = wk_correlation_field_make(&field, samples, context, error);
    if (status == WK_OK)
        status = wk_correlation_sums_make(&sums, samples, &own, error);
    if (status == WK_OK)
        status = add_pairs(&sums, &field, own.way, context, error);
    wk_correlation *made = status == WK_OK ? create(own.lag, error) : NULL;
    if (status == WK_OK && !made)
        status = WK_MEMORY;
    if (status == WK_OK) {
        assemble(made, &sums, &field, &own);
        status = wk_correlation_errors(made, &sums, own.correct_mean, error);
    }
    wk_correlation_sums_release(&sums);
    if (status == WK_OK)
        *out = made;
    else
        wk_correlation_free(made);
    return status;
}
