/* Undoing a distortion: from intermediate world coordinates to pixels. */
#ifndef WELKIN_DATA_WCS_DISTORTION_H
#define WELKIN_DATA_WCS_DISTORTION_H

#include <wcslib/lin.h>

/* Find the pixels that map to intermediate world coordinates, by Newton's iteration from the
 * undistorted place.
 *
 * Given      lin    set, of two axes, with a distortion
 *            n      how many
 *            image  double[n][2]: intermediate world coordinates
 *            stat   int[n]: nonzero where image is not valid
 * Returned   pixel  double[n][2], 1-based
 *            stat   set to 1 where no pixel was found
 * Accuracy   1e-8 px, or 1e-14 of the pixel's number where that is more
 * Notes      A pixel that is given does map to image: a polynomial that folds far outside of the
 *            image cannot bring a false pixel into it.  Of several pixels the one that is reached
 *            first is given; where the map has turned over, none. */
void wk_wcs_distortion_invert(struct linprm *lin, int n, const double *image, double *pixel,
                              int *stat);

#endif
