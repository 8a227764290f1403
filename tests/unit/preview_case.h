/* Images in memory for the tests of previews. */
#ifndef WELKIN_TESTS_PREVIEW_CASE_H
#define WELKIN_TESTS_PREVIEW_CASE_H

#include <math.h>

#include "figure_case.h"
#include "preview_panel.h"
#include "welkin/rows.h"

enum { CASE_WIDTH = 60, CASE_HEIGHT = 40 };

static float case_pixels[CASE_HEIGHT][CASE_WIDTH];
static uint64_t case_flags[CASE_HEIGHT][CASE_WIDTH];
static wk_rows_view case_view;

static inline wk_status case_read_flags(void *payload, int worker, int64_t y, int64_t rows,
                                        uint64_t *out, wk_error *error)
{
    (void)payload;
    (void)worker;
    (void)error;
    memcpy(out, case_flags[y], (size_t)(rows * CASE_WIDTH) * sizeof *out);
    return WK_OK;
}

static const wk_flag_rows case_flag_rows = {CASE_WIDTH, CASE_HEIGHT, 1, case_read_flags, NULL};
static const wk_mask_plane case_planes[] = {{"BAD", 0}, {"EDGE", 4}, {"NEVER", 5}};

/* A ramp from 0 at the left to 59 at the right, the lowest row one more. */
static inline wk_preview_image case_image(void)
{
    for (int y = 0; y < CASE_HEIGHT; y++)
        for (int x = 0; x < CASE_WIDTH; x++) {
            case_pixels[y][x] = (float)(x + (y == 0));
            case_flags[y][x] = 0;
        }
    case_view = (wk_rows_view){{case_pixels[0], CASE_WIDTH, CASE_HEIGHT, CASE_WIDTH}, NULL, NULL};
    return (wk_preview_image){.rows = wk_rows_of_view(&case_view), .name = "ramp", .unit = "adu"};
}

static inline wk_preview *case_preview(const wk_preview_image *images, size_t count,
                                       const wk_preview_options *options)
{
    wk_preview *preview = NULL;
    wk_error error = {0};
    if (wk_preview_create(&preview, images, count, options, NULL, &error) != WK_OK)
        fail_msg("%s: %s", error.subject, error.message);
    return preview;
}

/* The image alone, a canvas pixel each. */
static inline wk_preview_options case_options(void)
{
    wk_preview_options options = wk_preview_options_default();
    options.limits = WK_PREVIEW_GIVEN;
    options.low = 0;
    options.high = 60;
    options.axes = WK_PREVIEW_AXES_NONE;
    options.width = CASE_WIDTH;
    options.height = CASE_HEIGHT;
    return options;
}

#endif
