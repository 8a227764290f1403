#include "welkin/variance.h"

#include <math.h>
#include <string.h>

#include "memory.h"
#include "status.h"
#include "variance_stream.h"

/* Every worker counts into bins of its own; the two behind the last are below and above. */
typedef struct counting {
    int bins;
    double low, scale;
    int64_t *counts; /* [workers][bins + 2] */
} counting;

static wk_status check(int bins, double low, double high, wk_error *error)
{
    if (bins < 1)
        return wk_error_set(error, WK_ARGUMENT, "bins", "%d bins; there must be one at least",
                            bins);
    if (!(low < high && isfinite(high - low)))
        return wk_error_set(error, WK_ARGUMENT, "range", "no range from %g to %g", low, high);
    return WK_OK;
}

static wk_status take(void *payload, int worker, const wk_variance_block *block, wk_error *error)
{
    const counting *all = payload;
    int64_t *counts = all->counts + (int64_t)worker * (all->bins + 2);
    double bins = all->bins;
    (void)error;
    for (int64_t i = 0; i < block->n; i++) {
        double place = ((double)block->snr[i] - all->low) * all->scale;
        if (place >= 0.0 && place < bins)
            counts[(int)place]++;
        else if (place < 0.0)
            counts[all->bins]++;
        else
            counts[all->bins + 1] += place >= bins; /* NaN is not */
    }
    return WK_OK;
}

static void add_workers(int64_t *counts, int64_t *below, int64_t *above, const counting *all,
                        int workers)
{
    memset(counts, 0, (size_t)all->bins * sizeof *counts);
    *below = *above = 0;
    for (int worker = 0; worker < workers; worker++) {
        const int64_t *own = all->counts + (int64_t)worker * (all->bins + 2);
        for (int i = 0; i < all->bins; i++)
            counts[i] += own[i];
        *below += own[all->bins];
        *above += own[all->bins + 1];
    }
}

wk_status wk_variance_histogram(int64_t *counts, int bins, double low, double high, int64_t *below,
                                int64_t *above, const wk_rows *rows,
                                const wk_background *background, const wk_rect *region,
                                const wk_context *context, wk_error *error)
{
    wk_variance_stream *stream;
    wk_status status = check(bins, low, high, error);
    if (status == WK_OK)
        status = wk_variance_stream_create(&stream, rows, background, region, context, error);
    if (status != WK_OK)
        return status;
    int workers = wk_variance_stream_workers(stream);
    counting all = {bins, low, bins / (high - low), NULL};
    all.counts = wk_memory_new((size_t)workers * ((size_t)bins + 2), sizeof *all.counts, error);
    status = all.counts ? wk_variance_stream_run(stream, take, &all, error) : WK_MEMORY;
    if (status == WK_OK)
        add_workers(counts, below, above, &all, workers);
    wk_memory_free(all.counts);
    wk_variance_stream_free(stream);
    return status;
}
