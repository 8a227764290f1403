/* Undoing a distortion: from intermediate world coordinates to pixels. */
#ifndef WELKIN_DATA_WCS_DISTORTION_H
#define WELKIN_DATA_WCS_DISTORTION_H

#include <wcslib/lin.h>

/* Check pixels that an inverse has found, and find anew those that do not map back.
 *
 * Given      lin    set, of two axes, with a distortion
 *            n      how many
 *            image  double[n][2]: intermediate world coordinates
 *            stat   int[n]: nonzero where image is not valid
 *            room   double[n][2] of scratch
 * Returned   pixel  double[n][2], 1-based; given as found, whatever it holds
 *            stat   set to 1 where no pixel maps to image
 * Accuracy   1e-8 px
 * Notes      A pixel that is given back does map to image: a polynomial that folds far outside of
 *            the image cannot bring a false pixel into it.  Of several true pixels the one that
 *            the iteration reaches from the undistorted place is given. */
void wk_wcs_distortion_invert(struct linprm *lin, int n, const double *image, double *pixel,
                              int *stat, double *room);

#endif
