/* The limits between which images are shown. */
#ifndef WELKIN_SKY_PREVIEW_LIMITS_H
#define WELKIN_SKY_PREVIEW_LIMITS_H

#include "thumbnail.h"

/* Nonzero if the rule needs masks. */
int wk_limits_judge(const wk_preview_options *options);

/* Find the limits of all images together.
 *
 * Given      thumbnails  [count], made with judge where the rule needs it
 * Returned   limits      NaN when no pixel is finite, except those that are given
 * Status     what reading returns; WK_MEMORY, WK_CANCELLED
 */
wk_status wk_limits_find(double limits[2], const wk_preview_image *images,
                         const wk_thumbnail *thumbnails, size_t count,
                         const wk_preview_options *options, const wk_context *context,
                         wk_error *error);

#endif
