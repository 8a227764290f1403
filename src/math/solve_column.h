/* Sums of dense columns, the inner loop of factors and inverses. */
#ifndef WELKIN_MATH_SOLVE_COLUMN_H
#define WELKIN_MATH_SOLVE_COLUMN_H

#include <stdint.h>

/* Columns beside each other in memory. */
typedef struct wk_columns {
    const double *values;
    int64_t rows; /* from one column to the next */
    int64_t count;
} wk_columns;

/* target -= sum over columns of column times its entry in the row given, rows from..to-1. */
void wk_columns_take(double *target, const wk_columns *columns, int64_t row, int64_t from,
                     int64_t to);

/* target -= sum over columns of column times factors[column], rows 0..to-1. */
void wk_columns_subtract(double *target, const wk_columns *columns, const double *factors,
                         int64_t to);

#endif
