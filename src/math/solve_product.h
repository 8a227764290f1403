/* Products of dense matrices, for the fronts of sparse equations. */
#ifndef WELKIN_MATH_SOLVE_PRODUCT_H
#define WELKIN_MATH_SOLVE_PRODUCT_H

#include <stdint.h>

/* A matrix: entry (i, j) is values[i * down + j * across]. */
typedef struct wk_operand {
    const double *values;
    int64_t down, across;
} wk_operand;

/* target -= left times right.
 *
 * Given      target   columns beside each other, stride from one to the next
 *            rows, inner, columns   left is [rows][inner], right is [inner][columns]
 *            lower    nonzero: entries (i, j) with i < j stay as they are
 *            work     double[wk_product_work()]
 * Notes      The order of every entry's sum depends on inner alone; wide registers give the same
 *            bits as narrow ones.
 */
void wk_product_subtract(double *target, int64_t stride, const wk_operand *left,
                         const wk_operand *right, int64_t rows, int64_t inner, int64_t columns,
                         int lower, double *work);

int64_t wk_product_work(void);

#endif
