#include "graph.h"

#include <inttypes.h>
#include <string.h>

#include "memory.h"
#include "status.h"

/* Halving the path keeps the trees flat without a second walk. */
static int64_t root_of(int64_t *parent, int64_t node)
{
    while (parent[node] != node) {
        parent[node] = parent[parent[node]];
        node = parent[node];
    }
    return node;
}

/* The lower root stays, so that a component's root is its first node. */
static void join(int64_t *parent, int64_t a, int64_t b)
{
    a = root_of(parent, a);
    b = root_of(parent, b);
    if (a < b)
        parent[b] = a;
    else
        parent[a] = b;
}

static wk_status check_range(int64_t nodes, const wk_edge *edges, int64_t count, wk_error *error)
{
    if (nodes < 0 || count < 0)
        return wk_error_set(error, WK_ARGUMENT, "",
                            "a graph of %" PRId64 " nodes and %" PRId64 " edges cannot be", nodes,
                            count);
    for (int64_t e = 0; e < count; e++) {
        int64_t a = edges[e].a, b = edges[e].b;
        if (a < 0 || b < 0 || a >= nodes || b >= nodes)
            return wk_error_set(error, WK_ARGUMENT, "",
                                "edge %" PRId64 " joins nodes %" PRId64 " and %" PRId64
                                ", but there are %" PRId64 " nodes",
                                e, a, b, nodes);
    }
    return WK_OK;
}

wk_status wk_graph_components(int64_t *component, int64_t *components, int64_t nodes,
                              const wk_edge *edges, int64_t count, wk_error *error)
{
    *components = 0;
    wk_status status = check_range(nodes, edges, count, error);
    if (status)
        return status;
    int64_t *parent = wk_memory_raw((size_t)nodes, sizeof *parent, error);
    if (!parent)
        return WK_MEMORY;
    for (int64_t i = 0; i < nodes; i++)
        parent[i] = i;
    for (int64_t e = 0; e < count; e++)
        join(parent, edges[e].a, edges[e].b);
    for (int64_t i = 0; i < nodes; i++) {
        int64_t root = root_of(parent, i);
        component[i] = root == i ? (*components)++ : component[root];
    }
    wk_memory_free(parent);
    return WK_OK;
}

/* start[k] holds how many members group k - 1 has; turn that into where each group starts. */
static void accumulate(int64_t *start, int64_t groups)
{
    for (int64_t k = 0; k < groups; k++)
        start[k + 1] += start[k];
}

static void group_nodes(wk_partition *partition, int64_t nodes)
{
    int64_t *start = partition->node_start;
    for (int64_t i = 0; i < nodes; i++)
        partition->place[i] = start[partition->component[i] + 1]++;
    accumulate(start, partition->components);
    for (int64_t i = 0; i < nodes; i++)
        partition->node[start[partition->component[i]] + partition->place[i]] = i;
}

/* Filling moves each start to its end, which is the next one's start: shift them back after. */
static void group_edges(wk_partition *partition, const wk_edge *edges, int64_t count)
{
    int64_t *start = partition->edge_start;
    for (int64_t e = 0; e < count; e++)
        start[partition->component[edges[e].a] + 1]++;
    accumulate(start, partition->components);
    for (int64_t e = 0; e < count; e++)
        partition->edge[start[partition->component[edges[e].a]]++] = e;
    memmove(start + 1, start, (size_t)partition->components * sizeof *start);
    start[0] = 0;
}

wk_status wk_partition_fill(wk_partition *partition, int64_t nodes, const wk_edge *edges,
                            int64_t count, wk_error *error)
{
    memset(partition, 0, sizeof *partition);
    wk_status status = check_range(nodes, edges, count, error);
    if (status)
        return status;
    size_t size = sizeof(int64_t);
    if (!(partition->component = wk_memory_raw((size_t)nodes, size, error)))
        return WK_MEMORY;
    status = wk_graph_components(partition->component, &partition->components, nodes, edges, count,
                                 error);
    if (status)
        return status;
    size_t groups = (size_t)partition->components + 1;
    if (!(partition->place = wk_memory_raw((size_t)nodes, size, error)) ||
        !(partition->node = wk_memory_raw((size_t)nodes, size, error)) ||
        !(partition->edge = wk_memory_raw((size_t)count, size, error)) ||
        !(partition->node_start = wk_memory_new(groups, size, error)) ||
        !(partition->edge_start = wk_memory_new(groups, size, error)))
        return WK_MEMORY;
    group_nodes(partition, nodes);
    group_edges(partition, edges, count);
    return WK_OK;
}

void wk_partition_clear(wk_partition *partition)
{
    wk_memory_free(partition->component);
    wk_memory_free(partition->place);
    wk_memory_free(partition->node_start);
    wk_memory_free(partition->node);
    wk_memory_free(partition->edge_start);
    wk_memory_free(partition->edge);
    memset(partition, 0, sizeof *partition);
}
