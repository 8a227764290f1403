/* Connected components of a graph whose edges are measured differences. */
#ifndef WELKIN_MATH_GRAPH_H
#define WELKIN_MATH_GRAPH_H

#include "welkin/status.h"

/* value = x[a] - x[b], measured with the given weight and error. */
typedef struct wk_edge {
    int64_t a, b;
    double value;
    double weight; /* of the squared residual in the sum that is minimised; > 0 */
    double error;  /* standard error of value, for the errors of the levels; NaN: unknown */
} wk_edge;

/* Nodes and edges grouped by component; lists are ascending. */
typedef struct wk_partition {
    int64_t components;
    int64_t *component;  /* [nodes] numbered by the first node of each */
    int64_t *place;      /* [nodes] rank of a node among its component's nodes */
    int64_t *node_start; /* [components + 1] into node */
    int64_t *node;       /* [nodes] */
    int64_t *edge_start; /* [components + 1] into edge */
    int64_t *edge;       /* [count] indices of edges */
} wk_partition;

/* Number the connected components by their first node; lone nodes have their own.
 *
 * Given      nodes, edges; only a and b are read, both in 0..nodes-1
 * Returned   component   int64[nodes]
 *            components  their number
 * Status     WK_ARGUMENT  an index is out of range; WK_MEMORY
 * Notes      Independent of the order of the edges; almost linear in nodes + count.
 */
wk_status wk_graph_components(int64_t *component, int64_t *components, int64_t nodes,
                              const wk_edge *edges, int64_t count, wk_error *error);

/* The same, with the members of every component; free with wk_partition_clear, also after a
 * failure. */
wk_status wk_partition_fill(wk_partition *partition, int64_t nodes, const wk_edge *edges,
                            int64_t count, wk_error *error);

void wk_partition_clear(wk_partition *partition);

#endif
