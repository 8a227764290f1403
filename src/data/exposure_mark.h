/* Loops that judge pixels while they lie in the cache. */
#ifndef WELKIN_DATA_EXPOSURE_MARK_H
#define WELKIN_DATA_EXPOSURE_MARK_H

#include "welkin/exposure.h"

/* bad[i] = 1 (WK_BAD_VALUE) where the pixel is not finite, else 0. */
void wk_mark_nonfinite(uint8_t *bad, const float *pixels, int64_t count);

/* Set code in bad[i] where any of the bits is set in flags[i], a number of 4 or 8 bytes. */
void wk_mark_flags(uint8_t *bad, const void *flags, int bytes, uint64_t bits, uint8_t code,
                   int64_t count);

/* Set code in bad[i] where the noise is not positive and finite. */
void wk_mark_nonpositive(uint8_t *bad, const float *noise, uint8_t code, int64_t count);

/* Turn weights or errors into variances, NaN where that has no meaning. */
void wk_mark_variance(float *variance, wk_noise noise, int64_t count);

/* How many of bad are 0, when all are 0 or 1. */
int64_t wk_mark_good(const uint8_t *bad, int64_t count);

#endif
