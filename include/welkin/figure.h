/* Pictures of results: PNG, SVG or PDF by the name's ending. */
#ifndef WELKIN_FIGURE_H
#define WELKIN_FIGURE_H

#include "welkin/match.h"
#include "welkin/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Draw a solution: the footprints on the sky coloured by level before and after, and the
 * difference of each overlap before and after.
 *
 * Given      names      char*[fields], short labels; may be NULL
 *            overwrite  nonzero: an existing file may be replaced
 * Status     WK_ARGUMENT for an ending that is not .png, .svg or .pdf; WK_EXISTS; WK_FILE
 * Notes      The file appears whole or not at all.  No display is needed.
 */
WK_API wk_status wk_figure_match(const char *path, const wk_overlaps *overlaps,
                                 const wk_solution *solution, const char *const *names,
                                 int overwrite, wk_error *error);

#ifdef __cplusplus
}
#endif

#endif
