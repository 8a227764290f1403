#include "solve_pattern.h"

#include <inttypes.h>

#include <amd.h>
#include <ldl.h>

#include "memory.h"
#include "status.h"

/* What the symbolic analysis says of each step. */
typedef struct wk_tree {
    int64_t *parent; /* -1: none */
    int64_t *below;  /* entries of the column below its diagonal */
    int64_t *block;  /* block of the step; before that scratch */
    int64_t *sum;    /* [nodes + 1] scratch */
} wk_tree;

_Static_assert(sizeof(SuiteSparse_long) == sizeof(int64_t), "indices are 64 bits wide");

static SuiteSparse_long *index_of(int64_t *array)
{
    return (SuiteSparse_long *)array;
}

static wk_status order_nodes(wk_factor *factor, const wk_network *network, wk_error *error)
{
    int64_t n = network->nodes;
    SuiteSparse_long answer = amd_l_order(n, index_of(network->start), index_of(network->node),
                                          index_of(factor->order), NULL, NULL);
    if (answer == AMD_OUT_OF_MEMORY)
        return wk_error_set(error, WK_MEMORY, "",
                            "no memory to order %" PRId64 " nodes for elimination", n);
    if (answer != AMD_OK)
        return wk_error_set(error, WK_NO_CONVERGENCE, "",
                            "the %" PRId64 " nodes could not be ordered for elimination", n);
    return WK_OK;
}

/* Columns that follow each other in the tree and lose just one row can share a block. */
static void find_blocks(wk_factor *factor, wk_tree *tree)
{
    int64_t blocks = 0;
    for (int64_t k = 0; k < factor->nodes; k++) {
        int joins = k > 0 && tree->parent[k - 1] == k && tree->below[k - 1] == tree->below[k] + 1;
        if (!joins)
            factor->first[blocks++] = k;
        tree->block[k] = blocks - 1;
    }
    factor->first[blocks] = factor->nodes;
    factor->blocks = blocks;
}

static void size_blocks(wk_factor *factor, const wk_tree *tree)
{
    for (int64_t s = 0; s < factor->blocks; s++) {
        int64_t last = factor->first[s + 1] - 1;
        int64_t columns = wk_factor_columns(factor, s);
        int64_t rows = columns + tree->below[last];
        factor->parent[s] = tree->parent[last] < 0 ? -1 : tree->block[tree->parent[last]];
        factor->begin[s + 1] = factor->begin[s] + rows;
        factor->panel[s + 1] = factor->panel[s] + columns * (rows + 1);
    }
}

/* Row i belongs to every block on the way up from its earlier neighbours: taking rows in turn makes
 * each block's list ascend. */
static void list_rows(wk_factor *factor, const wk_network *network, const wk_tree *tree,
                      int64_t *filled, int64_t *seen)
{
    for (int64_t s = 0; s < factor->blocks; s++) {
        filled[s] = factor->begin[s];
        seen[s] = -1;
    }
    for (int64_t i = 0; i < factor->nodes; i++) {
        int64_t own = tree->block[i], node = factor->order[i];
        seen[own] = i;
        factor->row[filled[own]++] = i;
        for (int64_t p = network->start[node]; p < network->start[node + 1]; p++) {
            int64_t k = factor->step[network->node[p]];
            if (k > i)
                continue;
            for (int64_t s = tree->block[k]; seen[s] != i; s = factor->parent[s]) {
                seen[s] = i;
                factor->row[filled[s]++] = i;
            }
        }
    }
}

static wk_status analyse(wk_factor *factor, const wk_network *network, wk_tree *tree,
                         wk_error *error)
{
    wk_status status = order_nodes(factor, network, error);
    if (status)
        return status;
    ldl_l_symbolic(network->nodes, index_of(network->start), index_of(network->node),
                   index_of(tree->sum), index_of(tree->parent), index_of(tree->below),
                   index_of(tree->block), index_of(factor->order), index_of(factor->step));
    find_blocks(factor, tree);
    size_blocks(factor, tree);
    size_t rows = (size_t)factor->begin[factor->blocks];
    if (!(factor->row = wk_memory_raw(rows, sizeof(int64_t), error)))
        return WK_MEMORY;
    int64_t *seen = wk_memory_raw((size_t)factor->blocks, sizeof *seen, error);
    if (!seen)
        return WK_MEMORY;
    list_rows(factor, network, tree, tree->sum, seen);
    wk_memory_free(seen);
    return WK_OK;
}

wk_status wk_factor_analyse(wk_factor *factor, const wk_network *network, wk_error *error)
{
    size_t n = (size_t)network->nodes, size = sizeof(int64_t);
    wk_tree tree = {0};
    wk_status status = WK_MEMORY;
    factor->nodes = network->nodes;
    if ((factor->order = wk_memory_new(n, size, error)) &&
        (factor->step = wk_memory_new(n, size, error)) &&
        (factor->first = wk_memory_new(n + 1, size, error)) &&
        (factor->parent = wk_memory_new(n, size, error)) &&
        (factor->begin = wk_memory_new(n + 1, size, error)) &&
        (factor->panel = wk_memory_new(n + 1, size, error)) &&
        (tree.parent = wk_memory_new(n, size, error)) &&
        (tree.below = wk_memory_new(n, size, error)) &&
        (tree.block = wk_memory_new(n, size, error)) &&
        (tree.sum = wk_memory_new(n + 1, size, error)))
        status = analyse(factor, network, &tree, error);
    wk_memory_free(tree.parent);
    wk_memory_free(tree.below);
    wk_memory_free(tree.block);
    wk_memory_free(tree.sum);
    return status;
}
