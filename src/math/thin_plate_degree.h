/* The degree of the drift that the places determine and the values ask for. */
#ifndef WELKIN_MATH_THIN_PLATE_DEGREE_H
#define WELKIN_MATH_THIN_PLATE_DEGREE_H

#include "thin_plate_model.h"

/* So many places, spread evenly, are looked at for the choice. */
enum { WK_PLATE_LOOKED = 400 };

/* Find the degree.
 *
 * Given      asked     1..3, or 0: to be chosen
 *            places    with the first looked, or centres if that is more, spread
 *            looked    for the choice
 *            centres   kernels that there will be
 * Returned   degree    1..3
 * Status     WK_MEMORY, WK_NO_CONVERGENCE
 * Notes      A degree that was asked for is lowered to one that places and centres determine: more
 *            of each than terms, and not all on a curve of this degree.  A chosen one needs twice
 *            as many places as terms, and these clearly off such a curve.
 */
wk_status wk_plate_degree_find(int *degree, int asked, const wk_plate_places *places,
                               int64_t looked, int64_t centres, const wk_context *context,
                               wk_error *error);

#endif
