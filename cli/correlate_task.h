/* One run of welkin correlate. */
#ifndef WELKIN_CLI_CORRELATE_TASK_H
#define WELKIN_CLI_CORRELATE_TASK_H

#include "inputs.h"
#include "outputs.h"
#include "welkin/correlation.h"
#include "welkin/ledger.h"
#include "welkin/tile.h"

/* What was found of one image. */
typedef struct correlate_image {
    char *file;
    int64_t index;          /* among the files or in src_info */
    int64_t expnum, ccdnum; /* -1: unknown */
    char band[16];
    wk_correlation *whole; /* NULL: skipped */
    wk_rect *rects;        /* of the regions */
    wk_correlation **regions;
    size_t region_count;
    double residual, floor; /* rms of what varies over the sky in noise sigmas, and its square; NaN:
                               unknown */
    char reason[600];       /* why it was skipped */
} correlate_image;

/* The images of one group together. */
typedef struct correlate_group {
    char key[32];
    size_t count;
    wk_correlation_stack *stack; /* NULL: fewer than two */
} correlate_group;

typedef struct correlate_task {
    cli_session *session;
    wk_correlation_options options;
    cli_inputs inputs;
    cli_outputs outputs; /* only what was written beside is noted there */
    wk_tile *tile;
    correlate_image *images;
    size_t count;
    wk_correlation_stack *stack;
    correlate_group *groups;
    size_t group_count;
} correlate_task;

/* Values of one image, in buffers that are reused. */
typedef struct correlate_values {
    float *single, *variance;
    uint8_t *bad;
    size_t room, variance_room; /* pixels */
    wk_tile_pixels tile;
    double *full;
    size_t full_room;
    wk_samples samples;
} correlate_values;

/* Everything that can be refused is refused before pixels are read. */
wk_status correlate_prepare(correlate_task *task, wk_error *error);

/* --check-tile: print what is wrong, as text or JSON; WK_HEADER if anything is. */
wk_status correlate_check_tile(const correlate_task *task, wk_error *error);

/* Measure all images, then join them. */
wk_status correlate_measure_all(correlate_task *task, wk_error *error);
wk_status correlate_stack_all(correlate_task *task, wk_error *error);

/* Load the samples of an image: of a file, or of the tile. */
wk_status correlate_load(correlate_values *values, correlate_task *task, size_t index,
                         const wk_tile_sky *sky, wk_error *error);
void correlate_values_release(correlate_values *values);

/* What varies over the image and is no noise: fills residual and floor; takes the background off
 * when the user wants that. */
wk_status correlate_flatten(correlate_values *values, const correlate_task *task, wk_error *error);
wk_status correlate_judge_sky(correlate_image *image, const correlate_values *values,
                              const correlate_task *task, wk_error *error);

/* Measure image and regions. */
wk_status correlate_measure(correlate_image *image, const correlate_values *values,
                            const correlate_task *task, wk_error *error);

/* The correlations that there are; caller frees the array. */
wk_status correlate_collect(const wk_correlation ***out, size_t *count, const correlate_task *task,
                            const char *group, wk_error *error);

/* The blocks' errors where there are any, else Bartlett's; borrowed. */
const double *correlate_errors(const wk_correlation *correlation);

/* The group's key of an image; "" where it is not known. */
void correlate_key(char *key, size_t size, const correlate_image *image, int kind);

wk_status correlate_ledger(wk_ledger **out, const correlate_task *task, wk_error *error);
wk_status correlate_print_table(const correlate_task *task, wk_error *error);
wk_status correlate_write_table(const char *path, const correlate_task *task, wk_error *error);
wk_status correlate_write_cube(const char *path, const correlate_task *task, wk_error *error);

#endif
