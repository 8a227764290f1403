#include <float.h>
#include <math.h>

#include "status.h"
#include "tridiagonal.h"

enum { ROUNDS_MOST = 60 };

static void rows_rotate(double *upper, double *lower, int64_t n, double c, double s)
{
    for (int64_t j = 0; j < n; j++) {
        double a = upper[j], b = lower[j];
        lower[j] = s * a + c * b;
        upper[j] = c * a - s * b;
    }
}

/* One implicit QL step on the unreduced block first..last. */
static void step(double *d, double *e, double *rows, int64_t width, int64_t first, int64_t last)
{
    double half = (d[first + 1] - d[first]) / (2.0 * e[first]);
    double root = hypot(half, 1.0);
    double g = d[last] - d[first] + e[first] / (half + copysign(root, half));
    double s = 1.0, c = 1.0, p = 0.0;
    for (int64_t i = last - 1; i >= first; i--) {
        double f = s * e[i], b = c * e[i];
        double r = hypot(f, g);
        e[i + 1] = r;
        if (r == 0.0) {
            d[i + 1] -= p;
            e[last] = 0.0;
            return;
        }
        s = f / r;
        c = g / r;
        g = d[i + 1] - p;
        r = (d[i] - g) * s + 2.0 * c * b;
        p = s * r;
        d[i + 1] = g + p;
        g = c * r - b;
        rows_rotate(rows + i * width, rows + (i + 1) * width, width, c, s);
    }
    d[first] -= p;
    e[first] = g;
    e[last] = 0.0;
}

/* The end of the block that begins at first and is not yet split. */
static int64_t block_end(const double *d, const double *e, int64_t first, int64_t n)
{
    int64_t last = first;
    while (last + 1 < n) {
        double sum = fabs(d[last]) + fabs(d[last + 1]);
        if (fabs(e[last]) + sum == sum)
            break;
        last++;
    }
    return last;
}

wk_status wk_tridiagonal_diagonalise(double *diagonal, double *side, double *rows, int64_t n,
                                     int64_t width, wk_error *error)
{
    for (int64_t first = 0; first < n; first++) {
        int rounds = 0;
        for (int64_t last; (last = block_end(diagonal, side, first, n)) > first; rounds++) {
            if (rounds == ROUNDS_MOST)
                return wk_error_set(error, WK_NO_CONVERGENCE, "",
                                    "eigenvalue %lld of a matrix of %lld rows was not found",
                                    (long long)first, (long long)n);
            step(diagonal, side, rows, width, first, last);
        }
    }
    return WK_OK;
}

void wk_tridiagonal_factor(double *pivot, double *ratio, const wk_tridiagonal *tridiagonal,
                           double shift)
{
    double largest = 0.0;
    for (int64_t k = 0; k < tridiagonal->n; k++)
        largest = fmax(largest, fabs(tridiagonal->diagonal[k]) + fabs(tridiagonal->side[k]));
    double least = fmax(DBL_MIN, DBL_EPSILON * (largest + shift));
    for (int64_t k = 0; k < tridiagonal->n; k++) {
        pivot[k] = tridiagonal->diagonal[k] + shift;
        if (k > 0) {
            ratio[k - 1] = tridiagonal->side[k - 1] / pivot[k - 1];
            pivot[k] -= ratio[k - 1] * tridiagonal->side[k - 1];
        }
        if (!(pivot[k] > least))
            pivot[k] = least;
    }
}

void wk_tridiagonal_solve(double *x, const double *pivot, const double *ratio, int64_t n)
{
    for (int64_t k = 1; k < n; k++)
        x[k] -= ratio[k - 1] * x[k - 1];
    for (int64_t k = n - 1; k >= 0; k--)
        x[k] = x[k] / pivot[k] - (k + 1 < n ? ratio[k] * x[k + 1] : 0.0);
}

double wk_tridiagonal_square(const double *x, const double *pivot, const double *ratio, int64_t n)
{
    double sum = 0.0, y = 0.0;
    for (int64_t k = 0; k < n; k++) {
        y = x[k] - (k > 0 ? ratio[k - 1] * y : 0.0);
        sum += y * y / pivot[k];
    }
    return sum;
}
