/* Finding the pixels of sources above a background, to leave them out of it. */
#ifndef WELKIN_SKY_SOURCE_H
#define WELKIN_SKY_SOURCE_H

#include "welkin/background.h"

/* Pixels around a cell that have a say in which of its pixels are marked. */
int64_t wk_source_margin(const wk_background_options *options);

/* Working room of one worker; zeroed: empty. */
typedef struct wk_source_scratch {
    float *planes;
    size_t room;
} wk_source_scratch;

void wk_source_scratch_release(wk_source_scratch *scratch);

/* Mark the sources of a rectangle.
 *
 * Given      data, bad   float, uint8 [height][width]; bad nonzero is left out
 *            level, rms  float [height][width]: the background model and its noise
 *            options     source_sigma, source_fwhm, source_grow
 * Returned   bad         mark is set in the good pixels of sources
 * Notes      The image less the model, in units of rms, is smoothed by a Gaussian; bad pixels have
 *            no weight.  A pixel is detected where the smoothed value exceeds source_sigma of its
 * own noise, taken as white.  All pixels within source_grow of a detected one are marked.
 */
wk_status wk_source_mark(uint8_t *bad, const float *data, const float *level, const float *rms,
                         int64_t width, int64_t height, const wk_background_options *options,
                         uint8_t mark, wk_source_scratch *scratch, wk_error *error);

#endif
