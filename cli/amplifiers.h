/* Where the amplifiers of an exposure are. */
#ifndef WELKIN_CLI_AMPLIFIERS_H
#define WELKIN_CLI_AMPLIFIERS_H

#include "option.h"
#include "welkin/exposure.h"

/* nx x ny parts of nearly equal size, row by row; the list grows.  WK_ARGUMENT: there are more
 * parts than pixels. */
wk_status cli_image_divide(wk_rect **list, size_t *count, const wk_exposure_header *header,
                           int64_t nx, int64_t ny, wk_error *error);

/* The amplifiers as the option amplifiers says, else as DATASECA, DATASECB, ... of the header say.
 *
 * Returned   list   from A on; parts that are not in this image have no width.  The caller frees it
 * Status     WK_HEADER  neither says anything, or a section is none
 */
wk_status cli_amplifiers_find(wk_rect **list, size_t *count, const wk_exposure *exposure,
                              const cli_options *options, wk_error *error);

#endif
