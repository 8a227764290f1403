/* Lines of equal right ascension and declination over an image. */
#ifndef WELKIN_REPORT_PREVIEW_GRID_H
#define WELKIN_REPORT_PREVIEW_GRID_H

#include "figure.h"
#include "welkin/wcs.h"

/* Draw the lines within a box, and angles below and left of it.
 *
 * Given      wcs            of the image that fills the box
 *            width, height  of the image, pixels
 * Status     WK_MEMORY
 * Notes      Lines are followed through a net of places; what cannot be mapped is left out.  Each
 *            side bears the angles of the coordinate that cuts it more often.
 */
wk_status wk_preview_grid(wk_figure *figure, wk_box box, const wk_wcs *wcs, double width,
                          double height, wk_error *error);

#endif
