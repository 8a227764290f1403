/* Small dense linear algebra in long double: what the sparse code is tested against. */
#ifndef WELKIN_TEST_DENSE_H
#define WELKIN_TEST_DENSE_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "solve.h"

typedef struct wk_dense {
    int64_t n;
    long double *at; /* row by row */
} wk_dense;

static inline wk_dense dense_new(int64_t n)
{
    return (wk_dense){n, calloc((size_t)(n * n), sizeof(long double))};
}

static inline long double *dense_at(const wk_dense *matrix, int64_t i, int64_t j)
{
    return &matrix->at[i * matrix->n + j];
}

/* matrix += weight (e_a - e_b) (e_a - e_b)' */
static inline void dense_link(wk_dense *matrix, int64_t a, int64_t b, long double weight)
{
    *dense_at(matrix, a, a) += weight;
    *dense_at(matrix, b, b) += weight;
    *dense_at(matrix, a, b) -= weight;
    *dense_at(matrix, b, a) -= weight;
}

static inline wk_dense dense_product(const wk_dense *a, const wk_dense *b)
{
    wk_dense out = dense_new(a->n);
    for (int64_t i = 0; i < a->n; i++)
        for (int64_t k = 0; k < a->n; k++)
            for (int64_t j = 0; j < a->n; j++)
                *dense_at(&out, i, j) += *dense_at(a, i, k) * *dense_at(b, k, j);
    return out;
}

/* Gauss-Jordan without pivoting, in place: for positive definite matrices. */
static inline void dense_invert(wk_dense *matrix)
{
    int64_t n = matrix->n;
    for (int64_t k = 0; k < n; k++) {
        long double pivot = *dense_at(matrix, k, k);
        *dense_at(matrix, k, k) = 1;
        for (int64_t j = 0; j < n; j++)
            *dense_at(matrix, k, j) /= pivot;
        for (int64_t i = 0; i < n; i++) {
            long double factor = *dense_at(matrix, i, k);
            if (i == k)
                continue;
            *dense_at(matrix, i, k) = 0;
            for (int64_t j = 0; j < n; j++)
                *dense_at(matrix, i, j) -= factor * *dense_at(matrix, k, j);
        }
    }
}

/* matrix += value / size for the pairs within each component */
static inline void dense_shift(wk_dense *matrix, const int64_t *component, long double value)
{
    for (int64_t i = 0; i < matrix->n; i++) {
        int64_t size = 0;
        for (int64_t j = 0; j < matrix->n; j++)
            size += component[i] == component[j];
        for (int64_t j = 0; j < matrix->n; j++)
            if (component[i] == component[j])
                *dense_at(matrix, i, j) += value / (long double)size;
    }
}

/* Pseudo-inverse of a Laplacian whose graph has the given components: with a constant of the
 * matrix's size added to each component's square it is definite, and the inverse only gains the
 * inverse constant there. */
static inline void dense_pseudo_invert(wk_dense *matrix, const int64_t *component)
{
    long double size = 1e-30L;
    for (int64_t i = 0; i < matrix->n; i++)
        size = fmaxl(size, *dense_at(matrix, i, i));
    dense_shift(matrix, component, size);
    dense_invert(matrix);
    dense_shift(matrix, component, -1 / size);
}

static inline wk_dense dense_laplacian(int64_t n, const wk_edge *edges, int64_t count)
{
    wk_dense matrix = dense_new(n);
    for (int64_t e = 0; e < count; e++)
        dense_link(&matrix, edges[e].a, edges[e].b, (long double)edges[e].weight);
    return matrix;
}

/* matrix += sum over sources of g g' */
static inline void dense_sources(wk_dense *matrix, const wk_edge *edges,
                                 const wk_noise_source *sources, int64_t count)
{
    long double *g = malloc((size_t)matrix->n * sizeof *g);
    for (int64_t s = 0; s < count; s++) {
        for (int64_t i = 0; i < matrix->n; i++)
            g[i] = 0;
        for (int64_t t = 0; t < sources[s].count; t++) {
            const wk_edge *edge = &edges[sources[s].terms[t].edge];
            g[edge->a] += (long double)edge->weight * (long double)sources[s].terms[t].coefficient;
            g[edge->b] -= (long double)edge->weight * (long double)sources[s].terms[t].coefficient;
        }
        for (int64_t i = 0; i < matrix->n; i++)
            for (int64_t j = 0; j < matrix->n; j++)
                *dense_at(matrix, i, j) += g[i] * g[j];
    }
    free(g);
}

/* Levels and errors as the definition says, L+ b and sqrt diag(L+ M L+). */
static inline void dense_solve(double *levels, double *errors, const int64_t *component, int64_t n,
                               const wk_edge *edges, int64_t count, const wk_noise_source *sources,
                               int64_t source_count)
{
    wk_dense inverse = dense_laplacian(n, edges, count), noise = dense_new(n);
    dense_pseudo_invert(&inverse, component);
    for (int64_t e = 0; e < count; e++) {
        long double scatter = (long double)edges[e].weight * (long double)edges[e].error;
        dense_link(&noise, edges[e].a, edges[e].b, scatter * scatter);
    }
    dense_sources(&noise, edges, sources, source_count);
    wk_dense half = dense_product(&inverse, &noise), whole = dense_product(&half, &inverse);
    for (int64_t i = 0; i < n; i++) {
        long double level = 0;
        for (int64_t e = 0; e < count; e++)
            level += (*dense_at(&inverse, i, edges[e].a) - *dense_at(&inverse, i, edges[e].b)) *
                     (long double)edges[e].weight * (long double)edges[e].value;
        levels[i] = (double)level;
        errors[i] = (double)sqrtl(*dense_at(&whole, i, i));
    }
    free(inverse.at);
    free(noise.at);
    free(half.at);
    free(whole.at);
}

/* splitmix64: number i of a fixed stream, uniform in (0, 1) */
static inline double draw(uint64_t seed, uint64_t i)
{
    uint64_t z = (seed << 32) + (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return ((double)((z ^ (z >> 31)) >> 11) + 0.5) * 0x1p-53;
}

/* A random graph: edges may repeat, weights spread over the given decades, errors of like
 * relative spread; its components come out by chance. */
static inline void random_edges(wk_edge *edges, int64_t count, int64_t nodes, uint64_t seed,
                                double decades)
{
    for (int64_t e = 0; e < count; e++) {
        uint64_t i = 8 * (uint64_t)e;
        int64_t a = (int64_t)(draw(seed, i) * (double)nodes);
        int64_t b = (a + 1 + (int64_t)(draw(seed, i + 1) * (double)(nodes - 1))) % nodes;
        double weight = pow(10, decades * draw(seed, i + 2));
        double error = (0.3 + draw(seed, i + 4)) / sqrt(weight);
        edges[e] = (wk_edge){a, b, 200 * draw(seed, i + 3) - 100, weight, error};
    }
}

#endif
