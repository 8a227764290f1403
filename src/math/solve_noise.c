#include "solve_noise.h"

#include <inttypes.h>
#include <string.h>

#include "memory.h"
#include "status.h"

/* Shares of one source gathered on its nodes. */
typedef struct gathering {
    double *value;    /* [nodes] */
    int64_t *touched; /* [nodes] nodes in the order they were met */
    char *seen;       /* [nodes] */
    int64_t count;
} gathering;

static wk_status check_terms(const wk_noise_source *sources, int64_t source_count, int64_t count,
                             wk_error *error)
{
    for (int64_t s = 0; s < source_count; s++) {
        for (int64_t t = 0; t < sources[s].count; t++) {
            int64_t edge = sources[s].terms[t].edge;
            if (edge < 0 || edge >= count)
                return wk_error_set(error, WK_ARGUMENT, "",
                                    "noise source %" PRId64 " names edge %" PRId64
                                    ", but there are %" PRId64 " edges",
                                    s, edge, count);
        }
    }
    return WK_OK;
}

/* Called twice: to count into start[component + 1], and to place at start[component]. */
static void visit_terms(wk_noise_table *table, const wk_partition *partition, const wk_edge *edges,
                        const wk_noise_source *sources, int64_t source_count)
{
    for (int64_t s = 0; s < source_count; s++) {
        for (int64_t t = 0; t < sources[s].count; t++) {
            wk_noise_term term = sources[s].terms[t];
            int64_t group = partition->component[edges[term.edge].a];
            if (!table->share)
                table->start[group + 1]++;
            else
                table->share[table->start[group]++] =
                    (wk_noise_share){s, term.edge, term.coefficient};
        }
    }
}

wk_status wk_noise_fill(wk_noise_table *table, const wk_partition *partition, const wk_edge *edges,
                        int64_t count, const wk_noise_source *sources, int64_t source_count,
                        wk_error *error)
{
    memset(table, 0, sizeof *table);
    wk_status status = check_terms(sources, source_count, count, error);
    if (status)
        return status;
    size_t groups = (size_t)partition->components;
    if (!(table->start = wk_memory_new(groups + 1, sizeof *table->start, error)))
        return WK_MEMORY;
    visit_terms(table, partition, edges, sources, source_count);
    for (size_t k = 0; k < groups; k++)
        table->start[k + 1] += table->start[k];
    size_t terms = (size_t)table->start[groups];
    if (!(table->share = wk_memory_raw(terms, sizeof *table->share, error)))
        return WK_MEMORY;
    visit_terms(table, partition, edges, sources, source_count);
    memmove(table->start + 1, table->start, groups * sizeof *table->start);
    table->start[0] = 0;
    return WK_OK;
}

wk_status wk_link_add(wk_link_list *list, wk_link link, wk_error *error)
{
    if (list->count == list->room) {
        int64_t room = list->room ? 2 * list->room : 64;
        void *links = list->links;
        wk_status status = wk_memory_grow(&links, (size_t)room, sizeof link, error);
        if (status)
            return status;
        list->links = links;
        list->room = room;
    }
    list->links[list->count++] = link;
    return WK_OK;
}

static void gather_at(gathering *work, int64_t node, double value)
{
    if (!work->seen[node]) {
        work->seen[node] = 1;
        work->value[node] = 0;
        work->touched[work->count++] = node;
    }
    work->value[node] += value;
}

static wk_status link_touched(wk_link_list *list, gathering *work, wk_error *error)
{
    wk_status status = WK_OK;
    for (int64_t i = 0; i < work->count && !status; i++) {
        int64_t a = work->touched[i];
        work->seen[a] = 0;
        for (int64_t j = 0; j < i && !status; j++) {
            int64_t b = work->touched[j];
            double noise = -work->value[a] * work->value[b];
            if (noise != 0)
                status = wk_link_add(list, (wk_link){a, b, 0, noise}, error);
        }
    }
    work->count = 0;
    return status;
}

static wk_status link_sources(wk_link_list *list, gathering *work, const wk_edge *edges,
                              const wk_noise_share *shares, int64_t count, wk_error *error)
{
    wk_status status = WK_OK;
    for (int64_t i = 0; i < count && !status; i++) {
        const wk_edge *edge = &edges[shares[i].edge];
        double amount = edge->weight * shares[i].coefficient;
        gather_at(work, edge->a, amount);
        gather_at(work, edge->b, -amount);
        if (i + 1 == count || shares[i + 1].source != shares[i].source)
            status = link_touched(list, work, error);
    }
    return status;
}

wk_status wk_noise_links(wk_link_list *list, const wk_edge *edges, const wk_noise_share *shares,
                         int64_t count, int64_t nodes, wk_error *error)
{
    if (count == 0)
        return WK_OK;
    size_t room = (size_t)nodes;
    gathering work = {0};
    wk_status status = WK_MEMORY;
    if ((work.value = wk_memory_raw(room, sizeof *work.value, error)) &&
        (work.touched = wk_memory_raw(room, sizeof *work.touched, error)) &&
        (work.seen = wk_memory_new(room, sizeof *work.seen, error)))
        status = link_sources(list, &work, edges, shares, count, error);
    wk_memory_free(work.value);
    wk_memory_free(work.touched);
    wk_memory_free(work.seen);
    return status;
}

void wk_noise_clear(wk_noise_table *table)
{
    wk_memory_free(table->start);
    wk_memory_free(table->share);
    memset(table, 0, sizeof *table);
}
