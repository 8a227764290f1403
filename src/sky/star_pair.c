#include "star_pair.h"

#include "memory.h"
#include "parallel.h"

enum { block = 4096 };

typedef struct search {
    int64_t *partner;
    const wk_bucket *current, *reference;
    const wk_star_places *places;
    const double *x, *y; /* of the reference, carried */
    int64_t count;
    double radius;
} search;

static wk_status search_block(int64_t index, int worker, void *payload, int64_t *bytes,
                              wk_error *error)
{
    (void)worker, (void)bytes, (void)error;
    search *s = payload;
    int64_t end = (index + 1) * block < s->count ? (index + 1) * block : s->count;
    for (int64_t i = index * block; i < end; i++) {
        int64_t j = wk_bucket_nearest_within(s->current, s->x[i], s->y[i], s->radius, NULL);
        int64_t back = j < 0 ? -1
                             : wk_bucket_nearest_within(s->reference, s->places->x[j],
                                                        s->places->y[j], s->radius, NULL);
        s->partner[i] = back == i ? j : -1;
    }
    return WK_OK;
}

wk_status wk_star_pair_find(int64_t *partner, const wk_bucket *bucket,
                            const wk_star_places *current, const wk_star_places *reference,
                            const wk_star_transform *transform, double radius,
                            const wk_context *context, wk_error *error)
{
    int64_t n = reference->count;
    double *x = wk_memory_raw(2 * (size_t)n, sizeof *x, error);
    if (!x)
        return WK_MEMORY;
    for (int64_t i = 0; i < n; i++) {
        double to[2];
        wk_star_transform_apply(transform, reference->x[i], reference->y[i], to);
        x[i] = to[0];
        x[n + i] = to[1];
    }
    wk_bucket *carried = NULL;
    wk_status status = wk_bucket_create(&carried, x, x + n, n, error);
    search s = {partner, bucket, carried, current, x, x + n, n, radius};
    if (status == WK_OK)
        status = wk_parallel_for((n + block - 1) / block, NULL, search_block, &s, context, error);
    wk_bucket_free(carried);
    wk_memory_free(x);
    return status;
}

void wk_star_pair_gather(wk_star_pairs *pairs, const int64_t *partner,
                         const wk_star_places *current, const wk_star_places *reference)
{
    pairs->count = 0;
    for (int64_t i = 0; i < reference->count; i++) {
        int64_t j = partner[i], at = pairs->count;
        if (j < 0)
            continue;
        pairs->from[0][at] = reference->x[i];
        pairs->from[1][at] = reference->y[i];
        pairs->to[0][at] = current->x[j];
        pairs->to[1][at] = current->y[j];
        pairs->used[at] = 1;
        pairs->count++;
    }
}
