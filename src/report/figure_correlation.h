/* The picture of correlations: layout. */
#ifndef WELKIN_REPORT_FIGURE_CORRELATION_H
#define WELKIN_REPORT_FIGURE_CORRELATION_H

#include "welkin/correlation.h"
#include "figure.h"

/* Everything is borrowed. */
typedef struct wk_correlation_picture {
    const wk_correlation *const *correlations; /* [count], all of one lag */
    const char *const *names;                  /* [count], each not NULL */
    size_t count;
    const wk_correlation_stack *stack; /* NULL: of the first image alone */
    const wk_correlation_power *power; /* or NULL */
} wk_correlation_picture;

/* Below this many standard deviations an image agrees with the others. */
#define WK_CORRELATION_OUTLIER 5.0

typedef enum wk_correlation_panel {
    WK_CORRELATION_MATRIX = 0,
    WK_CORRELATION_PROFILES, /* four charts */
    WK_CORRELATION_POWER,
    WK_CORRELATION_POWER_PROFILES,
    WK_CORRELATION_NEIGHBOURS,
    WK_CORRELATION_FACTS
} wk_correlation_panel;

void wk_figure_correlation_size(int *width, int *height, const wk_correlation_picture *picture);

/* Where a panel lies; empty: there is none. */
wk_box wk_figure_correlation_box(const wk_correlation_picture *picture, wk_correlation_panel panel);

/* One of the four charts of profiles: along x, y, the diagonal, the other diagonal. */
wk_box wk_figure_correlation_chart(const wk_correlation_picture *picture, int chart);

/* Draw on a canvas of that size. */
wk_status wk_figure_correlation_draw(wk_figure *figure, const wk_correlation_picture *picture,
                                     wk_error *error);

#endif
