/* The two factors between the noise of an image and what its variances promise. */
#ifndef WELKIN_SKY_VARIANCE_FACTOR_H
#define WELKIN_SKY_VARIANCE_FACTOR_H

#include "variance_stream.h"
#include "welkin/variance.h"

/* Given      exact    nonzero: the constant that is right for Gaussian noise, not LSST's
 *            context  its memory bounds what is gathered; or NULL
 * Returned   out      pixel, image, agreement, good, masked; factor and error are NaN
 * Status     WK_MEMORY; what the stream returns
 */
wk_status wk_variance_factors(wk_variance_result *out, wk_variance_stream *stream, int exact,
                              const wk_context *context, wk_error *error);

#endif
