#include "tree.h"

#include <math.h>
#include <stdlib.h>

#include "memory.h"

enum { leaf_size = 8 };

typedef struct box {
    double low[3], high[3];
} box;

typedef struct entry {
    uint64_t key;
    int64_t index;
    wk_ball ball;
} entry;

/* A complete binary tree: node k has the children 2k and 2k+1, the root is 1; the leaves hold runs
 * of leaf_size entries. */
struct wk_tree {
    int64_t count;
    int64_t leaves; /* a power of two */
    entry *entries;
    box *boxes; /* [2 * leaves] */
};

/* Spread 21 bits so that two zeros follow each. */
static uint64_t spread(uint64_t bits)
{
    bits = (bits | bits << 32) & 0x1f00000000ffffU;
    bits = (bits | bits << 16) & 0x1f0000ff0000ffU;
    bits = (bits | bits << 8) & 0x100f00f00f00f00fU;
    bits = (bits | bits << 4) & 0x10c30c30c30c30c3U;
    return (bits | bits << 2) & 0x1249249249249249U;
}

static uint64_t curve_key(const double centre[3])
{
    uint64_t key = 0;
    for (int k = 0; k < 3; k++) {
        double scaled = (fmin(fmax(centre[k], -1.0), 1.0) + 1.0) * 0.5 * 2097151.0;
        key |= spread((uint64_t)scaled) << k;
    }
    return key;
}

static int compare_entries(const void *left, const void *right)
{
    const entry *a = left;
    const entry *b = right;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return (a->index > b->index) - (a->index < b->index);
}

static void box_add(box *all, const double low[3], const double high[3])
{
    for (int k = 0; k < 3; k++) {
        all->low[k] = fmin(all->low[k], low[k]);
        all->high[k] = fmax(all->high[k], high[k]);
    }
}

static box empty_box(void)
{
    return (box){{(double)INFINITY, (double)INFINITY, (double)INFINITY},
                 {-(double)INFINITY, -(double)INFINITY, -(double)INFINITY}};
}

static box ball_box(const wk_ball *ball)
{
    box around;
    for (int k = 0; k < 3; k++) {
        around.low[k] = ball->centre[k] - ball->radius;
        around.high[k] = ball->centre[k] + ball->radius;
    }
    return around;
}

static void fill_boxes(wk_tree *tree)
{
    for (int64_t k = 2 * tree->leaves - 1; k >= 1; k--)
        tree->boxes[k] = empty_box();
    for (int64_t i = 0; i < tree->count; i++) {
        box around = ball_box(&tree->entries[i].ball);
        box_add(&tree->boxes[tree->leaves + i / leaf_size], around.low, around.high);
    }
    for (int64_t k = tree->leaves - 1; k >= 1; k--) {
        box_add(&tree->boxes[k], tree->boxes[2 * k].low, tree->boxes[2 * k].high);
        box_add(&tree->boxes[k], tree->boxes[2 * k + 1].low, tree->boxes[2 * k + 1].high);
    }
}

wk_status wk_tree_create(wk_tree **out, const wk_ball *balls, int64_t count, wk_error *error)
{
    *out = NULL;
    wk_tree *tree = wk_memory_new(1, sizeof *tree, error);
    if (!tree)
        return WK_MEMORY;
    tree->count = count;
    tree->leaves = 1;
    while (tree->leaves * leaf_size < count)
        tree->leaves *= 2;
    tree->entries = wk_memory_new((size_t)count, sizeof *tree->entries, error);
    if (tree->entries)
        tree->boxes = wk_memory_new((size_t)(2 * tree->leaves), sizeof *tree->boxes, error);
    if (!tree->boxes) {
        wk_tree_free(tree);
        return WK_MEMORY;
    }
    for (int64_t i = 0; i < count; i++)
        tree->entries[i] = (entry){curve_key(balls[i].centre), i, balls[i]};
    qsort(tree->entries, (size_t)count, sizeof *tree->entries, compare_entries);
    fill_boxes(tree);
    *out = tree;
    return WK_OK;
}

static int boxes_meet(const box *a, const box *b)
{
    for (int k = 0; k < 3; k++)
        if (a->low[k] > b->high[k] || b->low[k] > a->high[k])
            return 0;
    return 1;
}

static int balls_meet(const wk_ball *a, const wk_ball *b)
{
    double square = 0.0;
    for (int k = 0; k < 3; k++)
        square += (a->centre[k] - b->centre[k]) * (a->centre[k] - b->centre[k]);
    double reach = a->radius + b->radius;
    return square <= reach * reach;
}

static int search_leaf(const wk_tree *tree, int64_t leaf, const wk_ball *ball,
                       int (*visit)(int64_t, void *), void *payload)
{
    int64_t end = (leaf + 1) * leaf_size < tree->count ? (leaf + 1) * leaf_size : tree->count;
    for (int64_t i = leaf * leaf_size; i < end; i++) {
        if (!balls_meet(ball, &tree->entries[i].ball))
            continue;
        int answer = visit(tree->entries[i].index, payload);
        if (answer != 0)
            return answer;
    }
    return 0;
}

int wk_tree_search(const wk_tree *tree, const wk_ball *ball, int (*visit)(int64_t index, void *),
                   void *payload)
{
    int64_t pending[130]; /* depth-first: at most one sibling a level waits */
    int depth = 0;
    box around = ball_box(ball);
    pending[depth++] = 1;
    while (depth > 0) {
        int64_t node = pending[--depth];
        if (!boxes_meet(&tree->boxes[node], &around))
            continue;
        if (node < tree->leaves) {
            pending[depth++] = 2 * node + 1;
            pending[depth++] = 2 * node;
            continue;
        }
        int answer = search_leaf(tree, node - tree->leaves, ball, visit, payload);
        if (answer != 0)
            return answer;
    }
    return 0;
}

void wk_tree_free(wk_tree *tree)
{
    if (!tree)
        return;
    wk_memory_free(tree->entries);
    wk_memory_free(tree->boxes);
    wk_memory_free(tree);
}
