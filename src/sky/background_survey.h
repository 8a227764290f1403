/* Evaluating models strip by strip: into files, a summary, or both at once. */
#ifndef WELKIN_SKY_BACKGROUND_SURVEY_H
#define WELKIN_SKY_BACKGROUND_SURVEY_H

#include "background.h"
#include "fits_write.h"

/* What becomes of the pixels. */
typedef struct wk_background_pass {
    const wk_background *const *backgrounds; /* of one size; their levels add up in float32 */
    size_t count;
    wk_fits_writer *writers[2];     /* by wk_background_plane, each with an image begun; NULL: not
                                       wanted.  The rms is that of the first model */
    uint32_t sums[2];               /* returned: of each image, for wk_fits_end_image */
    wk_background_summary *summary; /* NULL: not wanted */
} wk_background_pass;

wk_status wk_background_pass_run(wk_background_pass *pass, const wk_context *context,
                                 wk_error *error);

#endif
