/* Balls in space, kept so that those which meet a given one are found without trying all. */
#ifndef WELKIN_MATH_TREE_H
#define WELKIN_MATH_TREE_H

#include "welkin/status.h"

typedef struct wk_ball {
    double centre[3];
    double radius;
} wk_ball;

typedef struct wk_tree wk_tree;

/* Build a tree over count balls, which are copied; their order in space is kept by a curve that
 * fills it, so that any order of the input gives the same tree. */
wk_status wk_tree_create(wk_tree **out, const wk_ball *balls, int64_t count, wk_error *error);

/* Call visit for every ball that meets the given one (touching counts), in no stated order.
 * A nonzero answer ends the search and is returned. */
int wk_tree_search(const wk_tree *tree, const wk_ball *ball, int (*visit)(int64_t index, void *),
                   void *payload);

void wk_tree_free(wk_tree *tree);

#endif
