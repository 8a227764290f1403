/* Making room for pixels. */
#ifndef WELKIN_DATA_IMAGE_H
#define WELKIN_DATA_IMAGE_H

#include "welkin/image.h"
#include "welkin/status.h"

/* Room for width * height pixels in all planes wanted; what was there is lost.  A size whose
 * product overflows is WK_MEMORY. */
wk_status wk_pixels_reserve(wk_pixels *pixels, int64_t width, int64_t height, int want_variance,
                            wk_error *error);

#endif
