#include "linear.h"

#include <float.h>
#include <math.h>
#include <string.h>

static void swap_rows(double *matrix, int64_t width, int64_t a, int64_t b)
{
    for (int64_t k = 0; k < width && a != b; k++) {
        double value = matrix[a * width + k];
        matrix[a * width + k] = matrix[b * width + k];
        matrix[b * width + k] = value;
    }
}

static void take_row(double *matrix, int64_t width, int64_t from, int64_t to, double factor)
{
    for (int64_t k = 0; k < width; k++)
        matrix[to * width + k] -= factor * matrix[from * width + k];
}

static int64_t find_pivot(const double *matrix, int64_t n, int64_t column)
{
    int64_t best = column;
    for (int64_t i = column + 1; i < n; i++)
        if (fabs(matrix[i * n + column]) > fabs(matrix[best * n + column]))
            best = i;
    return best;
}

static double largest(const double *matrix, int64_t n)
{
    double most = 0.0;
    for (int64_t i = 0; i < n * n; i++)
        most = fmax(most, fabs(matrix[i]));
    return most;
}

int wk_linear_solve(double *right, int64_t columns, double *matrix, int64_t n)
{
    double least = largest(matrix, n) * DBL_EPSILON * 1e-4;
    for (int64_t k = 0; k < n; k++) {
        int64_t row = find_pivot(matrix, n, k);
        swap_rows(matrix, n, k, row);
        swap_rows(right, columns, k, row);
        double pivot = matrix[k * n + k];
        if (!(fabs(pivot) > least))
            return 0;
        for (int64_t i = 0; i < n; i++) {
            double factor = matrix[i * n + k] / pivot;
            if (i == k || factor == 0.0)
                continue;
            take_row(matrix, n, k, i, factor);
            take_row(right, columns, k, i, factor);
        }
    }
    for (int64_t k = 0; k < n; k++)
        for (int64_t c = 0; c < columns; c++)
            right[k * columns + c] /= matrix[k * n + k];
    return 1;
}

int wk_linear_invert(double *matrix, int64_t n)
{
    double unit[wk_linear_most * wk_linear_most] = {0.0};
    for (int64_t k = 0; k < n; k++)
        unit[k * n + k] = 1.0;
    if (!wk_linear_solve(unit, n, matrix, n))
        return 0;
    memcpy(matrix, unit, (size_t)(n * n) * sizeof *matrix);
    return 1;
}
