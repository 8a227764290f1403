/* The noise of a pixel, whatever the sky behind it. */
#ifndef WELKIN_SKY_PIXEL_NOISE_H
#define WELKIN_SKY_PIXEL_NOISE_H

#include "welkin/image.h"
#include "welkin/statistic.h"

/* How many floats of room wk_pixel_noise needs for such an image. */
int64_t wk_pixel_noise_room(const wk_pixels *pixels);

/* From the median absolute difference of neighbours in a row, which the structure of the sky hardly
 * touches: 1 / (0.674490 sqrt 2) of it.
 *
 * Returned   noise  NaN where most neighbours are equal, or there are none
 */
wk_status wk_pixel_noise(double *noise, const wk_pixels *pixels, float *room,
                         wk_statistic_scratch *scratch, wk_error *error);

#endif
