/* Statistics across images: how finished rows are handed on. */
#ifndef WELKIN_SKY_ACROSS_H
#define WELKIN_SKY_ACROSS_H

#include "welkin/across.h"

/* What a run tells and does. */
typedef struct wk_across_sink {
    /* Before the first row; deep: planes hold float64. */
    wk_status (*begin)(void *payload, int64_t width, int64_t height, int deep, int workers,
                       wk_error *error);
    /* One row of a plane, by several workers at once; values may be changed. */
    wk_status (*put)(void *payload, int worker, wk_across_plane plane, int64_t row, double *values,
                     wk_error *error);
    void *payload;
} wk_across_sink;

wk_status wk_across_run(const wk_across_sink *sink, const wk_across_input *inputs, size_t count,
                        const wk_context *context, wk_error *error);

/* "MEAN", ... */
const char *wk_across_name(wk_across_plane plane);

#endif
