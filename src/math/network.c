#include "network.h"

#include <string.h>

#include "memory.h"

/* A link seen from one of its ends. */
typedef struct half {
    int64_t from, to, link;
} half;

static int grounded(const wk_network *network, const wk_link *link)
{
    return link->a == network->nodes || link->b == network->nodes;
}

static void add_ground(wk_network *network, const wk_link *link)
{
    int64_t node = link->a == network->nodes ? link->b : link->a;
    network->ground_weight[node] += link->weight;
    network->ground_noise[node] += link->noise;
}

static int64_t split_links(half *halves, wk_network *network, const wk_link *links, int64_t count)
{
    int64_t n = 0;
    for (int64_t i = 0; i < count; i++) {
        if (grounded(network, &links[i])) {
            add_ground(network, &links[i]);
            continue;
        }
        halves[n++] = (half){links[i].a, links[i].b, i};
        halves[n++] = (half){links[i].b, links[i].a, i};
    }
    return n;
}

static int64_t key_of(const half *item, int by_from)
{
    return by_from ? item->from : item->to;
}

/* One stable counting sort; start[nodes + 1] is left at where each key begins. */
static void sort_halves(half *sorted, const half *halves, int64_t count, int by_from,
                        int64_t *start, int64_t nodes)
{
    memset(start, 0, ((size_t)nodes + 1) * sizeof *start);
    for (int64_t i = 0; i < count; i++)
        start[key_of(&halves[i], by_from) + 1]++;
    for (int64_t k = 0; k < nodes; k++)
        start[k + 1] += start[k];
    for (int64_t i = 0; i < count; i++)
        sorted[start[key_of(&halves[i], by_from)]++] = halves[i];
    memmove(start + 1, start, (size_t)nodes * sizeof *start);
    start[0] = 0;
}

/* Stable sorting keeps repeated pairs in the order of the links, so both halves add to equal bits.
 */
static void merge_halves(wk_network *network, const half *halves, const wk_link *links)
{
    int64_t at = 0, begin = 0;
    for (int64_t k = 0; k < network->nodes; k++) {
        int64_t end = network->start[k + 1], first = at;
        for (int64_t i = begin; i < end; i++) {
            if (at == first || network->node[at - 1] != halves[i].to) {
                network->node[at] = halves[i].to;
                network->weight[at] = network->noise[at] = 0;
                at++;
            }
            network->weight[at - 1] += links[halves[i].link].weight;
            network->noise[at - 1] += links[halves[i].link].noise;
        }
        begin = end;
        network->start[k + 1] = at;
    }
}

static wk_status reserve(wk_network *network, size_t nodes, size_t halves, wk_error *error)
{
    if (!(network->start = wk_memory_new(nodes + 1, sizeof(int64_t), error)) ||
        !(network->node = wk_memory_raw(halves, sizeof(int64_t), error)) ||
        !(network->weight = wk_memory_raw(halves, sizeof(double), error)) ||
        !(network->noise = wk_memory_raw(halves, sizeof(double), error)) ||
        !(network->ground_weight = wk_memory_new(nodes, sizeof(double), error)) ||
        !(network->ground_noise = wk_memory_new(nodes, sizeof(double), error)))
        return WK_MEMORY;
    return WK_OK;
}

wk_status wk_network_fill(wk_network *network, int64_t nodes, const wk_link *links, int64_t count,
                          wk_error *error)
{
    memset(network, 0, sizeof *network);
    network->nodes = nodes;
    size_t size = 2 * (size_t)count;
    wk_status status = reserve(network, (size_t)nodes, size, error);
    half *halves = wk_memory_raw(size, sizeof *halves, error);
    half *sorted = wk_memory_raw(size, sizeof *sorted, error);
    if (status || !halves || !sorted) {
        status = WK_MEMORY;
    } else {
        int64_t n = split_links(halves, network, links, count);
        sort_halves(sorted, halves, n, 0, network->start, nodes);
        sort_halves(halves, sorted, n, 1, network->start, nodes);
        merge_halves(network, halves, links);
    }
    wk_memory_free(sorted);
    wk_memory_free(halves);
    return status;
}

void wk_network_noise(double *product, const wk_network *network, const double *x)
{
    for (int64_t i = 0; i < network->nodes; i++) {
        double sum = network->ground_noise[i] * x[i];
        for (int64_t p = network->start[i]; p < network->start[i + 1]; p++)
            sum += network->noise[p] * (x[i] - x[network->node[p]]);
        product[i] = sum;
    }
}

void wk_network_clear(wk_network *network)
{
    wk_memory_free(network->start);
    wk_memory_free(network->node);
    wk_memory_free(network->weight);
    wk_memory_free(network->noise);
    wk_memory_free(network->ground_weight);
    wk_memory_free(network->ground_noise);
    memset(network, 0, sizeof *network);
}
