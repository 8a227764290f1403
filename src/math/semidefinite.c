#include "semidefinite.h"

#include <math.h>
#include <string.h>

#include "memory.h"

static void swap(double *a, double *b)
{
    double kept = *a;
    *a = *b;
    *b = kept;
}

/* Rows and columns a and b change places, in the factor's columns found so far, too. */
static void exchange(double *matrix, double *columns, int64_t found, int64_t *order, int64_t n,
                     int64_t a, int64_t b)
{
    if (a == b)
        return;
    for (int64_t k = 0; k < n; k++)
        swap(&matrix[a * n + k], &matrix[b * n + k]);
    for (int64_t k = 0; k < n; k++)
        swap(&matrix[k * n + a], &matrix[k * n + b]);
    for (int64_t k = 0; k < found; k++)
        swap(&columns[k * n + a], &columns[k * n + b]);
    int64_t kept = order[a];
    order[a] = order[b];
    order[b] = kept;
}

/* Cholesky with the largest pivot first: columns [rank][n] of L, rows in the order found. */
static int64_t factorise(double *columns, int64_t *order, double *matrix, int64_t n, double least)
{
    for (int64_t k = 0; k < n; k++) {
        int64_t best = k;
        for (int64_t i = k + 1; i < n; i++)
            if (matrix[i * n + i] > matrix[best * n + best])
                best = i;
        if (!(matrix[best * n + best] > least))
            return k;
        exchange(matrix, columns, k, order, n, k, best);
        double *column = columns + k * n, root = sqrt(matrix[k * n + k]);
        for (int64_t i = 0; i < n; i++)
            column[i] = i < k ? 0.0 : matrix[k * n + i] / root;
        for (int64_t i = k + 1; i < n; i++)
            for (int64_t j = k + 1; j < n; j++)
                matrix[i * n + j] -= column[i] * column[j];
    }
    return n;
}

/* square = L'L, and its own Cholesky factor in the lower half. */
static void factorise_square(double *square, const double *columns, int64_t rank, int64_t n)
{
    for (int64_t i = 0; i < rank; i++)
        for (int64_t j = 0; j <= i; j++) {
            double sum = 0.0;
            for (int64_t k = i; k < n; k++)
                sum += columns[i * n + k] * columns[j * n + k];
            for (int64_t k = 0; k < j; k++)
                sum -= square[i * rank + k] * square[j * rank + k];
            square[i * rank + j] = i == j ? sqrt(sum) : sum / square[j * rank + j];
        }
}

static void take(double *row, const double *other, double factor, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        row[i] -= factor * other[i];
}

static void divide(double *row, double by, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        row[i] /= by;
}

/* columns = (L'L)^-1 L', by the factor of L'L. */
static void solve_square(double *columns, const double *square, int64_t rank, int64_t n)
{
    for (int64_t i = 0; i < rank; i++) {
        for (int64_t k = 0; k < i; k++)
            take(columns + i * n, columns + k * n, square[i * rank + k], n);
        divide(columns + i * n, square[i * rank + i], n);
    }
    for (int64_t i = rank; i-- > 0;) {
        for (int64_t k = i + 1; k < rank; k++)
            take(columns + i * n, columns + k * n, square[k * rank + i], n);
        divide(columns + i * n, square[i * rank + i], n);
    }
}

wk_status wk_semidefinite_inverse(double *factor, int64_t *rank, double *matrix, int64_t n,
                                  double least, wk_error *error)
{
    int64_t *order = wk_memory_raw((size_t)n, sizeof *order, error);
    double *row = wk_memory_raw((size_t)n, sizeof *row, error);
    if (!order || !row) {
        wk_memory_free(order);
        wk_memory_free(row);
        return WK_MEMORY;
    }
    for (int64_t i = 0; i < n; i++)
        order[i] = i;
    *rank = factorise(factor, order, matrix, n, least);
    /* the matrix has served: its room takes L'L */
    factorise_square(matrix, factor, *rank, n);
    solve_square(factor, matrix, *rank, n);
    for (int64_t k = 0; k < *rank; k++) {
        for (int64_t i = 0; i < n; i++)
            row[order[i]] = factor[k * n + i];
        memcpy(factor + k * n, row, (size_t)n * sizeof *row);
    }
    wk_memory_free(order);
    wk_memory_free(row);
    return WK_OK;
}
