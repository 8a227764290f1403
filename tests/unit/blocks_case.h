/* Random matrices of blocks, positive definite, and the same dense. */
#ifndef WELKIN_TESTS_BLOCKS_CASE_H
#define WELKIN_TESTS_BLOCKS_CASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "dense.h"
#include "solve_blocks.h"

enum { blocks_most = 40 };

static inline double blocks_number(uint64_t seed, uint64_t i)
{
    uint64_t z = (seed * 1000003 + i + 1) * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-52 - 1.0;
}

/* A chain with some longer links; sums of squares of differences, and a little on the diagonal. */
static inline void blocks_make(wk_blocks *blocks, int64_t nodes, int64_t size, uint64_t seed)
{
    int64_t pairs[blocks_most * blocks_most][2], count = 0;
    for (int64_t i = 0; i < nodes; i++)
        for (int64_t k = i + 1; k < nodes; k++)
            if (k == i + 1 || blocks_number(seed, (uint64_t)(i * nodes + k)) > 0.8) {
                pairs[count][0] = i;
                pairs[count++][1] = k;
            }
    assert_int_equal(wk_blocks_create(blocks, nodes, size, (const int64_t(*)[2])pairs, count, NULL),
                     WK_OK);
    for (int64_t p = 0; p < count; p++) {
        double a[6], b[6];
        for (int64_t k = 0; k < size; k++) {
            a[k] = blocks_number(seed + 1, (uint64_t)(12 * p + k));
            b[k] = blocks_number(seed + 1, (uint64_t)(12 * p + 6 + k));
        }
        double *there = wk_blocks_find(blocks, pairs[p][0], pairs[p][1]);
        double *back = wk_blocks_find(blocks, pairs[p][1], pairs[p][0]);
        for (int64_t r = 0; r < size; r++)
            for (int64_t c = 0; c < size; c++) {
                blocks->diagonal[(pairs[p][0] * size + r) * size + c] += a[r] * a[c];
                blocks->diagonal[(pairs[p][1] * size + r) * size + c] += b[r] * b[c];
                there[r * size + c] -= a[r] * b[c];
                back[c * size + r] -= a[r] * b[c];
            }
    }
    for (int64_t i = 0; i < nodes; i++)
        for (int64_t k = 0; k < size; k++)
            blocks->diagonal[(i * size + k) * size + k] += 0.1;
}

static inline wk_dense blocks_dense(const wk_blocks *blocks)
{
    int64_t size = blocks->size;
    wk_dense out = dense_new(blocks->nodes * size);
    for (int64_t i = 0; i < blocks->nodes; i++)
        for (int64_t r = 0; r < size; r++)
            for (int64_t c = 0; c < size; c++) {
                *dense_at(&out, i * size + r, i * size + c) =
                    blocks->diagonal[(i * size + r) * size + c];
                for (int64_t p = blocks->start[i]; p < blocks->start[i + 1]; p++)
                    *dense_at(&out, i * size + r, blocks->node[p] * size + c) =
                        blocks->block[(p * size + r) * size + c];
            }
    return out;
}

#endif
