#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "dense.h"
#include "graph.h"

static void assert_components(int64_t nodes, const wk_edge *edges, int64_t count,
                              const int64_t *expected, int64_t expected_count)
{
    int64_t component[16], components = -1;
    assert_int_equal(wk_graph_components(component, &components, nodes, edges, count, NULL), WK_OK);
    assert_int_equal(components, expected_count);
    for (int64_t i = 0; i < nodes; i++)
        assert_int_equal(component[i], expected[i]);
}

static void test_empty(void **state)
{
    (void)state;
    assert_components(0, NULL, 0, NULL, 0);
    assert_components(3, NULL, 0, (int64_t[]){0, 1, 2}, 3);
}

static void test_numbered_by_first_node(void **state)
{
    (void)state;
    wk_edge edges[] = {{.a = 5, .b = 3}, {.a = 4, .b = 0}, {.a = 6, .b = 5}, {.a = 3, .b = 6}};
    assert_components(7, edges, 4, (int64_t[]){0, 1, 2, 3, 0, 3, 3}, 4);
}

static void test_order_of_edges_does_not_matter(void **state)
{
    (void)state;
    wk_edge forward[] = {{.a = 0, .b = 1}, {.a = 1, .b = 2}, {.a = 2, .b = 3}, {.a = 5, .b = 6}};
    wk_edge backward[] = {{.a = 6, .b = 5}, {.a = 3, .b = 2}, {.a = 2, .b = 1}, {.a = 1, .b = 0}};
    int64_t expected[] = {0, 0, 0, 0, 1, 2, 2};
    assert_components(7, forward, 4, expected, 3);
    assert_components(7, backward, 4, expected, 3);
}

static void test_long_chain(void **state)
{
    (void)state;
    int64_t nodes = 100000, components;
    wk_edge *edges = calloc((size_t)nodes, sizeof *edges);
    int64_t *component = calloc((size_t)nodes, sizeof *component);
    for (int64_t i = 0; i + 1 < nodes; i++)
        edges[i] = (wk_edge){.a = nodes - 1 - i, .b = nodes - 2 - i};
    assert_int_equal(wk_graph_components(component, &components, nodes, edges, nodes - 1, NULL),
                     WK_OK);
    assert_int_equal(components, 1);
    assert_int_equal(component[nodes - 1], 0);
    free(edges);
    free(component);
}

static void test_out_of_range(void **state)
{
    (void)state;
    int64_t component[3], components;
    wk_error error = {0};
    wk_edge high = {.a = 0, .b = 3}, low = {.a = -1, .b = 0};
    assert_int_equal(wk_graph_components(component, &components, 3, &high, 1, &error), WK_ARGUMENT);
    assert_non_null(strstr(error.message, "nodes 0 and 3"));
    assert_int_equal(wk_graph_components(component, &components, 3, &low, 1, NULL), WK_ARGUMENT);
    assert_int_equal(wk_graph_components(component, &components, -1, NULL, 0, NULL), WK_ARGUMENT);
}

/* Reachability by repeated relaxation, the definition. */
static void reach(int64_t *label, int64_t nodes, const wk_edge *edges, int64_t count)
{
    for (int64_t i = 0; i < nodes; i++)
        label[i] = i;
    for (int64_t round = 0; round < nodes; round++) {
        for (int64_t e = 0; e < count; e++) {
            int64_t *a = &label[edges[e].a], *b = &label[edges[e].b];
            *a = *b = *a < *b ? *a : *b;
        }
    }
}

static void test_random_partition(void **state)
{
    (void)state;
    enum { NODES = 40, COUNT = 25 };
    for (uint64_t seed = 0; seed < 20; seed++) {
        wk_edge edges[COUNT];
        int64_t label[NODES];
        random_edges(edges, COUNT, NODES, seed, 1);
        reach(label, NODES, edges, COUNT);
        wk_partition partition;
        assert_int_equal(wk_partition_fill(&partition, NODES, edges, COUNT, NULL), WK_OK);
        for (int64_t i = 0; i < NODES; i++) {
            int64_t c = partition.component[i], start = partition.node_start[c];
            assert_int_equal(partition.node[start], label[i]);
            assert_int_equal(partition.node[start + partition.place[i]], i);
            assert_true(start + partition.place[i] < partition.node_start[c + 1]);
        }
        assert_int_equal(partition.node_start[partition.components], NODES);
        assert_int_equal(partition.edge_start[partition.components], COUNT);
        for (int64_t c = 0; c < partition.components; c++) {
            for (int64_t p = partition.edge_start[c]; p < partition.edge_start[c + 1]; p++) {
                assert_int_equal(partition.component[edges[partition.edge[p]].b], c);
                if (p > partition.edge_start[c])
                    assert_true(partition.edge[p] > partition.edge[p - 1]);
            }
        }
        wk_partition_clear(&partition);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_numbered_by_first_node),
        cmocka_unit_test(test_order_of_edges_does_not_matter),
        cmocka_unit_test(test_long_chain),
        cmocka_unit_test(test_out_of_range),
        cmocka_unit_test(test_random_partition),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
