#include "smooth_basis.h"

#include <math.h>
#include <string.h>

#include "eigen.h"
#include "memory.h"
#include "moment.h"

enum { REACH = 3, BANDS = WK_BASIS_BANDS };

static const double TENSION = 0.03;

/* Add factor * d' d for every place of the difference d of count coefficients. */
static void difference_add(wk_smooth_basis *basis, const double *d, int64_t count, double factor)
{
    for (int64_t at = 0; at + count <= basis->n; at++)
        for (int64_t i = 0; i < count; i++)
            for (int64_t j = 0; j < count; j++)
                basis->bands[(at + i) * BANDS + REACH + j - i] += factor * d[i] * d[j];
}

static wk_status decompose(wk_smooth_basis *basis, wk_error *error)
{
    int64_t n = basis->n;
    /* the transposed vectors' place holds the matrix until they are known */
    double *matrix = basis->columns;
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = i - REACH < 0 ? 0 : i - REACH; j <= i; j++)
            matrix[i * n + j] = basis->bands[i * BANDS + REACH + j - i];
    wk_status status = wk_eigen_symmetric(basis->values, basis->rows, matrix, n, error);
    if (status)
        return status;
    for (int64_t i = 0; i < n; i++) {
        basis->values[i] = fmax(basis->values[i], 0.0);
        for (int64_t j = 0; j < n; j++)
            basis->columns[j * n + i] = basis->rows[i * n + j];
    }
    basis->values[0] = 0.0; /* a constant costs nothing */
    return WK_OK;
}

wk_status wk_smooth_basis_make(wk_smooth_basis *basis, int64_t n, wk_error *error)
{
    static const double third[] = {-1.0, 3.0, -3.0, 1.0}, step[] = {-1.0, 1.0};
    memset(basis, 0, sizeof *basis);
    basis->bands = wk_memory_new((size_t)(n * (2 * n + BANDS + 1)), sizeof *basis->bands, error);
    if (!basis->bands)
        return WK_MEMORY;
    basis->n = n;
    basis->values = basis->bands + n * BANDS;
    basis->rows = basis->values + n;
    basis->columns = basis->rows + n * n;
    difference_add(basis, third, 4, 1.0);
    difference_add(basis, step, 2, TENSION);
    return decompose(basis, error);
}

void wk_smooth_basis_release(wk_smooth_basis *basis)
{
    wk_memory_free(basis->bands);
    memset(basis, 0, sizeof *basis);
}

/* out[m][p] = a[m][k] b[k][p]; the terms of each sum are added in the order of k. */
WK_INLINE void multiply(double *restrict out, const double *restrict a, const double *restrict b,
                        int64_t m, int64_t k, int64_t p)
{
    for (int64_t i = 0; i < m; i++) {
        double *row = out + i * p;
        memset(row, 0, (size_t)p * sizeof *row);
        int64_t l = 0;
        for (; l + 4 <= k; l += 4) {
            const double *f = a + i * k + l, *one = b + l * p;
            const double *two = one + p, *three = two + p, *four = three + p;
            for (int64_t j = 0; j < p; j++)
                row[j] =
                    (((row[j] + f[0] * one[j]) + f[1] * two[j]) + f[2] * three[j]) + f[3] * four[j];
        }
        for (; l < k; l++)
            for (int64_t j = 0; j < p; j++)
                row[j] += a[i * k + l] * b[l * p + j];
    }
}

WK_WIDE static void multiply_wide(double *restrict out, const double *restrict a,
                                  const double *restrict b, int64_t m, int64_t k, int64_t p)
{
    multiply(out, a, b, m, k, p);
}

static void product(double *out, const double *a, const double *b, int64_t m, int64_t k, int64_t p)
{
    if (wk_wide_usable())
        multiply_wide(out, a, b, m, k, p);
    else
        multiply(out, a, b, m, k, p);
}

void wk_smooth_transform(double *out, const double *in, const wk_smooth_basis *x,
                         const wk_smooth_basis *y, double *room)
{
    product(room, y->rows, in, y->n, y->n, x->n);
    product(out, room, x->columns, y->n, x->n, x->n);
}

void wk_smooth_restore(double *out, const double *in, const wk_smooth_basis *x,
                       const wk_smooth_basis *y, double *room)
{
    product(room, y->columns, in, y->n, y->n, x->n);
    product(out, room, x->rows, y->n, x->n, x->n);
}

static int64_t lesser(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

void wk_smooth_penalty(double *out, const double *in, const wk_smooth_basis *x,
                       const wk_smooth_basis *y)
{
    int64_t nx = x->n, ny = y->n;
    for (int64_t j = 0; j < ny; j++) {
        const double *row = in + j * nx;
        double *to = out + j * nx;
        for (int64_t i = 0; i < nx; i++) {
            const double *band = x->bands + i * BANDS + REACH;
            double sum = 0.0;
            for (int64_t d = -lesser(REACH, i); d <= lesser(REACH, nx - 1 - i); d++)
                sum += band[d] * row[i + d];
            to[i] = sum;
        }
        for (int64_t d = -lesser(REACH, j); d <= lesser(REACH, ny - 1 - j); d++) {
            double factor = y->bands[j * BANDS + REACH + d];
            for (int64_t i = 0; i < nx; i++)
                to[i] += factor * row[d * nx + i];
        }
    }
}
