/* One run of welkin variance. */
#ifndef WELKIN_CLI_VARIANCE_TASK_H
#define WELKIN_CLI_VARIANCE_TASK_H

#include "edits.h"
#include "welkin/background.h"
#include "welkin/variance.h"

/* The factor of one part of an image. */
typedef struct variance_region {
    wk_rect rect;
    wk_variance_result result;
    int usable; /* zero: no factor could be found, that of the image stands in */
} variance_region;

/* What was found of one exposure. */
typedef struct variance_image {
    wk_mesh mesh; /* numbers only */
    wk_background_summary background;
    wk_variance_result result;
    variance_region *regions;
    size_t region_count;
    wk_background *map;                    /* of --per box: factors joined linearly */
    double least, most;                    /* factors of the map */
    double correlation, correlation_error; /* sum of the correlations, by which the factors are
                                              multiplied, too; NaN: not asked for */
} variance_image;

typedef struct variance_task {
    cli_session *session;
    wk_variance_options options;
    cli_inputs inputs;
    cli_outputs outputs;
    variance_image *images;
} variance_task;

/* Where the regions of --per are; count 0: the image as a whole. */
wk_status variance_find_regions(variance_image *image, const wk_exposure *exposure,
                                const cli_options *options, wk_error *error);

/* Measure them, and make the map. */
wk_status variance_measure_regions(variance_image *image, const wk_exposure *exposure,
                                   const wk_rows *rows, const wk_background *background,
                                   const variance_task *task, wk_error *error);

/* --correlated: what the correlation of pixels adds to the variance of an area. */
wk_status variance_correlate(variance_image *image, const wk_rows *rows,
                             const wk_background *background, const variance_task *task,
                             wk_error *error);

/* The factor of an image or a region with that. */
double variance_total(const variance_image *image, double factor);
double variance_total_error(const variance_image *image, const wk_variance_result *result);

/* wk_plane_edit's change: multiply a noise plane; the payload is a variance_change. */
typedef struct variance_change {
    const variance_image *image;
    wk_noise noise;
} variance_change;
wk_status variance_change_rows(void *payload, int worker, wk_rect rect, double *values,
                               wk_error *error);

/* Copies of the files whose noise planes are rescaled. */
wk_status variance_write_copies(variance_task *task, wk_error *error);

wk_status variance_print(const variance_task *task, wk_error *error);

#endif
