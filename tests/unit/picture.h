/* An image in memory with variances and a mask, read as rows. */
#ifndef WELKIN_TESTS_PICTURE_H
#define WELKIN_TESTS_PICTURE_H

#include "streams.h"

#include "random.h"
#include "welkin/rows.h"

typedef struct picture {
    int64_t width, height;
    float *data, *variance;
    uint8_t *mask;
    wk_rows_view view;
    wk_rows rows;
} picture;

/* Noise of standard deviation 1, variance 1, nothing masked. */
static inline void picture_make(picture *out, int64_t width, int64_t height, uint64_t seed)
{
    size_t n = (size_t)(width * height);
    out->width = width;
    out->height = height;
    out->data = malloc(n * sizeof(float));
    out->variance = malloc(n * sizeof(float));
    out->mask = calloc(n, 1);
    assert_non_null(out->data);
    assert_non_null(out->variance);
    assert_non_null(out->mask);
    wk_random_gaussian(out->data, (int64_t)n, wk_random_stream(seed, 1, 2, 3, 4));
    for (size_t i = 0; i < n; i++)
        out->variance[i] = 1.0F;
    out->view = (wk_rows_view){{out->data, width, height, width}, out->mask, out->variance};
    out->rows = wk_rows_of_view(&out->view);
}

static inline void picture_free(picture *one)
{
    free(one->data);
    free(one->variance);
    free(one->mask);
}

/* Some pixels spoiled in every way there is, and variances that differ from pixel to pixel. */
static inline void picture_spoil(picture *one)
{
    const float wrong[] = {NAN, INFINITY, -INFINITY}, useless[] = {NAN, INFINITY, 0.0F, -1.0F};
    for (int64_t i = 0; i < one->width * one->height; i++) {
        one->variance[i] = 1.0F + 0.01F * (float)(i % 97);
        if (i % 11 == 3)
            one->mask[i] = (uint8_t)(1 + i % 255);
        if (i % 101 == 50)
            one->data[i] = wrong[i % 3];
        if (i % 103 == 7)
            one->variance[i] = useless[i % 4];
    }
}

static inline int picture_good(const picture *one, int64_t i)
{
    return one->mask[i] == 0 && isfinite(one->data[i]) && isfinite(one->variance[i]) &&
           one->variance[i] > 0.0F;
}

#endif
