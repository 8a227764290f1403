/* The noise of the right-hand side of a component's equations, as links of its network. */
#ifndef WELKIN_MATH_SOLVE_NOISE_H
#define WELKIN_MATH_SOLVE_NOISE_H

#include "network.h"
#include "solve.h"

/* A term of a source beside the source it came from. */
typedef struct wk_noise_share {
    int64_t source;
    int64_t edge;
    double coefficient;
} wk_noise_share;

/* The terms of all sources, grouped by the component of their edge, in the order of the sources. */
typedef struct wk_noise_table {
    int64_t *start; /* [components + 1] */
    wk_noise_share *share;
} wk_noise_table;

/* Group the terms; free with wk_noise_clear, also after a failure.
 * Status  WK_ARGUMENT: a term names an edge outside 0..count-1; WK_MEMORY */
wk_status wk_noise_fill(wk_noise_table *table, const wk_partition *partition, const wk_edge *edges,
                        int64_t count, const wk_noise_source *sources, int64_t source_count,
                        wk_error *error);

/* Links of a list that grows; free links with wk_memory_free. */
typedef struct wk_link_list {
    wk_link *links;
    int64_t count, room;
} wk_link_list;

wk_status wk_link_add(wk_link_list *list, wk_link link, wk_error *error);

/* Add the links of M = sum g g', g = sum over a source's edges of weight coefficient (e_a - e_b).
 *
 * Given      shares  terms of one component, those of a source beside each other; their edges are
 *                    indices into edges, whose a and b are the network's nodes
 *            nodes   of the network, the ground counted
 * Status     WK_MEMORY
 */
wk_status wk_noise_links(wk_link_list *list, const wk_edge *edges, const wk_noise_share *shares,
                         int64_t count, int64_t nodes, wk_error *error);

void wk_noise_clear(wk_noise_table *table);

#endif
