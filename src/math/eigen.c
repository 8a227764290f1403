#include "eigen.h"

#include <math.h>
#include <string.h>

#include "memory.h"
#include "status.h"
#include "tridiagonal.h"

/* The matrix while it is reduced: A = Q T Q', T of three diagonals. */
typedef struct reduction {
    int64_t n;
    double *a;         /* [n][n]; row k holds Householder vector k in columns k + 1 and on */
    double *diagonal;  /* [n] */
    double *side;      /* [n]; side[k] couples k and k + 1 */
    double *scale;     /* [n]; reflection k is 1 - scale[k] v v' */
    double *product;   /* [n] working room */
    double *transform; /* [n][n]; rows become the eigenvectors */
} reduction;

/* A <- H A H for the trailing block, H = 1 - scale v v', both triangles kept. */
static void reflection_apply_both(reduction *all, int64_t k)
{
    int64_t n = all->n, from = k + 1;
    const double *v = all->a + k * n;
    double scale = all->scale[k], along = 0.0;
    double *p = all->product;
    for (int64_t i = from; i < n; i++) {
        double sum = 0.0;
        for (int64_t j = from; j < n; j++)
            sum += all->a[i * n + j] * v[j];
        p[i] = scale * sum;
        along += p[i] * v[i];
    }
    for (int64_t i = from; i < n; i++)
        p[i] -= 0.5 * scale * along * v[i];
    for (int64_t i = from; i < n; i++)
        for (int64_t j = from; j < n; j++)
            all->a[i * n + j] -= v[i] * p[j] + p[i] * v[j];
}

static void reduce(reduction *all)
{
    int64_t n = all->n;
    for (int64_t k = 0; k < n; k++) {
        double *row = all->a + k * n;
        all->diagonal[k] = row[k];
        all->side[k] = wk_tridiagonal_reflection(all->scale + k, row + k + 1, n - k - 1);
        if (all->scale[k] != 0.0)
            reflection_apply_both(all, k);
    }
}

/* transform = Q', the reflections from the last to the first. */
static void accumulate(reduction *all)
{
    int64_t n = all->n;
    double *t = all->transform;
    memset(t, 0, (size_t)(n * n) * sizeof *t);
    for (int64_t i = 0; i < n; i++)
        t[i * n + i] = 1.0;
    for (int64_t k = n - 2; k >= 0; k--) {
        const double *v = all->a + k * n;
        double scale = all->scale[k];
        if (scale == 0.0)
            continue;
        for (int64_t i = k + 1; i < n; i++) {
            double sum = 0.0;
            for (int64_t j = k + 1; j < n; j++)
                sum += t[i * n + j] * v[j];
            for (int64_t j = k + 1; j < n; j++)
                t[i * n + j] -= scale * sum * v[j];
        }
    }
}

/* Largest component, of equal ones the first, positive. */
static void sign_fix(double *vector, int64_t n)
{
    int64_t largest = 0;
    for (int64_t i = 1; i < n; i++)
        if (fabs(vector[i]) > fabs(vector[largest]) * (1.0 + 1e-9))
            largest = i;
    if (vector[largest] < 0.0)
        for (int64_t i = 0; i < n; i++)
            vector[i] = -vector[i];
}

/* Copy in ascending order. */
static void sort_out(double *values, double *vectors, reduction *all)
{
    int64_t n = all->n;
    for (int64_t k = 0; k < n; k++) {
        int64_t least = 0;
        for (int64_t i = 1; i < n; i++)
            if (all->diagonal[i] < all->diagonal[least])
                least = i;
        values[k] = all->diagonal[least];
        all->diagonal[least] = INFINITY;
        memcpy(vectors + k * n, all->transform + least * n, (size_t)n * sizeof *vectors);
        sign_fix(vectors + k * n, n);
    }
}

static wk_status decompose(double *values, double *vectors, reduction *all, wk_error *error)
{
    reduce(all);
    accumulate(all);
    wk_status status =
        wk_tridiagonal_diagonalise(all->diagonal, all->side, all->transform, all->n, all->n, error);
    if (status == WK_OK)
        sort_out(values, vectors, all);
    return status;
}

wk_status wk_eigen_symmetric(double *values, double *vectors, const double *matrix, int64_t n,
                             wk_error *error)
{
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j <= i; j++)
            if (!isfinite(matrix[i * n + j]))
                return wk_error_set(error, WK_NO_CONVERGENCE, "",
                                    "element %lld, %lld of a matrix is %g", (long long)i,
                                    (long long)j, matrix[i * n + j]);
    double *room = wk_memory_new((size_t)(n * (2 * n + 4)), sizeof *room, error);
    if (!room)
        return WK_MEMORY;
    reduction all = {n, room, NULL, NULL, NULL, NULL, NULL};
    all.transform = all.a + n * n;
    all.diagonal = all.transform + n * n;
    all.side = all.diagonal + n;
    all.scale = all.side + n;
    all.product = all.scale + n;
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j <= i; j++)
            all.a[i * n + j] = all.a[j * n + i] = matrix[i * n + j];
    wk_status status = decompose(values, vectors, &all, error);
    wk_memory_free(room);
    return status;
}
