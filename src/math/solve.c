#include "solve.h"

#include <inttypes.h>
#include <math.h>

#include "memory.h"
#include "solve_component.h"
#include "solve_noise.h"
#include "status.h"

/* Scratch that serves one component after the other. */
typedef struct solving {
    double *levels, *errors; /* of all nodes; errors may be NULL */
    const wk_edge *edges;
    wk_partition partition;
    wk_noise_table noise;
    double *reach;                   /* [nodes] sum of a node's weights */
    int64_t *local;                  /* [count] rank of an edge in its component */
    wk_edge *own_edges;              /* [count] */
    double *own_levels, *own_errors; /* [nodes] */
} solving;

static wk_status check_edge(const wk_edge *edge, int64_t index, wk_error *error)
{
    if (edge->a == edge->b)
        return wk_error_set(error, WK_ARGUMENT, "",
                            "edge %" PRId64 " joins node %" PRId64 " with itself", index, edge->a);
    if (!isfinite(edge->value))
        return wk_error_set(error, WK_ARGUMENT, "", "edge %" PRId64 " has the value %g", index,
                            edge->value);
    if (!isfinite(edge->weight) || edge->weight <= 0)
        return wk_error_set(error, WK_ARGUMENT, "",
                            "edge %" PRId64 " has the weight %g, which must be positive", index,
                            edge->weight);
    if (edge->error < 0)
        return wk_error_set(error, WK_ARGUMENT, "",
                            "edge %" PRId64 " has the error %g, which must not be negative", index,
                            edge->error);
    return WK_OK;
}

/* The best connected node is grounded: the inverse is then small and its hub costs no fill. */
static int64_t choose_ground(const solving *work, int64_t c)
{
    const wk_partition *partition = &work->partition;
    int64_t first = partition->node_start[c], last = partition->node_start[c + 1], best = first;
    for (int64_t i = first + 1; i < last; i++) {
        if (work->reach[partition->node[i]] > work->reach[partition->node[best]])
            best = i;
    }
    return best - first;
}

/* The ground goes last, those after it move up. */
static int64_t renumber(int64_t place, int64_t ground, int64_t nodes)
{
    return place == ground ? nodes - 1 : place - (place > ground);
}

static void localise(const solving *work, int64_t c, int64_t ground, int64_t nodes)
{
    const wk_partition *partition = &work->partition;
    int64_t first = partition->edge_start[c];
    for (int64_t i = first; i < partition->edge_start[c + 1]; i++) {
        wk_edge edge = work->edges[partition->edge[i]];
        edge.a = renumber(partition->place[edge.a], ground, nodes);
        edge.b = renumber(partition->place[edge.b], ground, nodes);
        work->own_edges[i - first] = edge;
        work->local[partition->edge[i]] = i - first;
    }
    for (int64_t i = work->noise.start[c]; i < work->noise.start[c + 1]; i++)
        work->noise.share[i].edge = work->local[work->noise.share[i].edge];
}

static void spread(const solving *work, int64_t c, int64_t ground, int64_t nodes)
{
    const int64_t *node = work->partition.node + work->partition.node_start[c];
    for (int64_t i = 0; i < nodes; i++) {
        int64_t own = renumber(i, ground, nodes);
        work->levels[node[i]] = work->own_levels[own];
        if (work->errors)
            work->errors[node[i]] = work->own_errors[own];
    }
}

static void mark_lone(const solving *work, int64_t c)
{
    int64_t node = work->partition.node[work->partition.node_start[c]];
    work->levels[node] = (double)NAN;
    if (work->errors)
        work->errors[node] = (double)NAN;
}

static wk_status solve_component(const solving *work, int64_t c, wk_error *error)
{
    const wk_partition *partition = &work->partition;
    int64_t nodes = partition->node_start[c + 1] - partition->node_start[c];
    if (nodes == 1) {
        mark_lone(work, c);
        return WK_OK;
    }
    int64_t ground = choose_ground(work, c);
    localise(work, c, ground, nodes);
    wk_component component = {
        .nodes = nodes,
        .edges = work->own_edges,
        .count = partition->edge_start[c + 1] - partition->edge_start[c],
        .shares = work->noise.share + work->noise.start[c],
        .share_count = work->noise.start[c + 1] - work->noise.start[c],
    };
    wk_status status = wk_component_solve(work->own_levels, work->errors ? work->own_errors : NULL,
                                          &component, error);
    if (!status)
        spread(work, c, ground, nodes);
    return status;
}

static wk_status reserve(solving *work, size_t nodes, size_t count, wk_error *error)
{
    if (!(work->reach = wk_memory_new(nodes, sizeof *work->reach, error)) ||
        !(work->local = wk_memory_raw(count, sizeof *work->local, error)) ||
        !(work->own_edges = wk_memory_raw(count, sizeof *work->own_edges, error)) ||
        !(work->own_levels = wk_memory_raw(nodes, sizeof *work->own_levels, error)) ||
        !(work->own_errors = wk_memory_raw(nodes, sizeof *work->own_errors, error)))
        return WK_MEMORY;
    return WK_OK;
}

static wk_status solve_all(solving *work, int64_t count, wk_error *error)
{
    for (int64_t e = 0; e < count; e++) {
        wk_status status = check_edge(&work->edges[e], e, error);
        if (status)
            return status;
        work->reach[work->edges[e].a] += work->edges[e].weight;
        work->reach[work->edges[e].b] += work->edges[e].weight;
    }
    wk_status status = WK_OK;
    for (int64_t c = 0; c < work->partition.components && !status; c++)
        status = solve_component(work, c, error);
    return status;
}

wk_status wk_solve_levels_shared(double *levels, double *errors, int64_t *component,
                                 int64_t *components, int64_t nodes, const wk_edge *edges,
                                 int64_t count, const wk_noise_source *sources,
                                 int64_t source_count, wk_error *error)
{
    solving work = {.levels = levels, .errors = errors, .edges = edges};
    wk_status status = wk_partition_fill(&work.partition, nodes, edges, count, error);
    if (!status)
        status =
            wk_noise_fill(&work.noise, &work.partition, edges, count, sources, source_count, error);
    if (!status)
        status = reserve(&work, (size_t)nodes, (size_t)count, error);
    if (!status)
        status = solve_all(&work, count, error);
    *components = work.partition.components;
    for (int64_t i = 0; i < nodes && !status; i++)
        component[i] = work.partition.component[i];
    wk_memory_free(work.reach);
    wk_memory_free(work.local);
    wk_memory_free(work.own_edges);
    wk_memory_free(work.own_levels);
    wk_memory_free(work.own_errors);
    wk_noise_clear(&work.noise);
    wk_partition_clear(&work.partition);
    return status;
}

wk_status wk_solve_levels(double *levels, double *errors, int64_t *component, int64_t *components,
                          int64_t nodes, const wk_edge *edges, int64_t count, wk_error *error)
{
    return wk_solve_levels_shared(levels, errors, component, components, nodes, edges, count, NULL,
                                  0, error);
}
