#include "solve_column.h"

/* Four columns a pass quarter the traffic of the target; the order of the sum is fixed. */
static void add_four(double *restrict target, const double *restrict first, int64_t stride,
                     const double factors[4], int64_t from, int64_t to)
{
    const double *restrict a = first, *restrict b = first + stride;
    const double *restrict c = b + stride, *restrict d = c + stride;
    double fa = factors[0], fb = factors[1], fc = factors[2], fd = factors[3];
    for (int64_t i = from; i < to; i++)
        target[i] += (a[i] * fa + b[i] * fb) + (c[i] * fc + d[i] * fd);
}

static void add_one(double *restrict target, const double *restrict column, double factor,
                    int64_t from, int64_t to)
{
    for (int64_t i = from; i < to; i++)
        target[i] += column[i] * factor;
}

void wk_columns_take(double *target, const wk_columns *columns, int64_t row, int64_t from,
                     int64_t to)
{
    const double *values = columns->values;
    int64_t rows = columns->rows, k = 0;
    for (; k + 4 <= columns->count; k += 4) {
        double factors[4];
        for (int i = 0; i < 4; i++)
            factors[i] = -values[(k + i) * rows + row];
        add_four(target, values + k * rows, rows, factors, from, to);
    }
    for (; k < columns->count; k++)
        add_one(target, values + k * rows, -values[k * rows + row], from, to);
}

void wk_columns_subtract(double *target, const wk_columns *columns, const double *factors,
                         int64_t to)
{
    int64_t rows = columns->rows, k = 0;
    for (; k + 4 <= columns->count; k += 4) {
        const double less[4] = {-factors[k], -factors[k + 1], -factors[k + 2], -factors[k + 3]};
        add_four(target, columns->values + k * rows, rows, less, 0, to);
    }
    for (; k < columns->count; k++)
        add_one(target, columns->values + k * rows, -factors[k], 0, to);
}
