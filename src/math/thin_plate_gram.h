/* The sums of products of the kernels' functions over all places. */
#ifndef WELKIN_MATH_THIN_PLATE_GRAM_H
#define WELKIN_MATH_THIN_PLATE_GRAM_H

#include "thin_plate_model.h"

/* out [width][width], width = terms + m + 2, its upper triangle: sums over the places of products
 * of the terms of the drift, the m functions Q_2' k - slant q, and both values, all times the
 * place's share.
 *
 * Given      plate     with drift and slant as wk_plate_kernel_reduce leaves them
 *            value     [2][places] values less their drifts
 * Notes      Functions are made in blocks of places, so that memory does not grow with them.
 */
wk_status wk_plate_gram(double *out, const wk_plate *plate, const wk_plate_places *places,
                        const double *const value[2], const wk_context *context, wk_error *error);

#endif
