#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "dense.h"
#include "solve_pattern.h"

enum { NODES = 25, LINKS = 50 };

/* A random connected network: a chain, then links anywhere, the ground included. */
static void random_network(wk_network *network, uint64_t seed)
{
    wk_edge edges[LINKS];
    wk_link links[LINKS + NODES];
    random_edges(edges, LINKS, NODES + 1, seed, 2);
    for (int64_t i = 0; i < LINKS; i++)
        links[i] = (wk_link){edges[i].a, edges[i].b, edges[i].weight, 0};
    for (int64_t i = 0; i < NODES; i++)
        links[LINKS + i] = (wk_link){i, i + 1, 1, 0};
    assert_int_equal(wk_network_fill(network, NODES, links, LINKS + NODES, NULL), WK_OK);
}

/* Which entries an elimination in this order fills, by the definition. */
static void fill_in(char filled[NODES][NODES], const wk_factor *factor, const wk_network *network)
{
    memset(filled, 0, NODES * NODES);
    for (int64_t i = 0; i < NODES; i++)
        for (int64_t p = network->start[i]; p < network->start[i + 1]; p++)
            filled[factor->step[i]][factor->step[network->node[p]]] = 1;
    for (int64_t k = 0; k < NODES; k++)
        for (int64_t i = k + 1; i < NODES; i++)
            for (int64_t j = k + 1; j < NODES; j++)
                if (filled[i][k] && filled[k][j])
                    filled[i][j] = 1;
}

static void assert_rows(const wk_factor *factor, int64_t s, char filled[NODES][NODES])
{
    const int64_t *row = factor->row + factor->begin[s];
    int64_t rows = wk_factor_rows(factor, s), columns = wk_factor_columns(factor, s);
    for (int64_t c = 0; c < columns; c++) {
        int64_t k = factor->first[s] + c, at = c + 1;
        assert_int_equal(row[c], k);
        for (int64_t i = k + 1; i < NODES; i++)
            if (filled[i][k]) {
                assert_true(at < rows);
                assert_int_equal(row[at++], i);
            }
        assert_int_equal(at, rows);
    }
}

static void test_rows_are_the_fill(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 30; seed++) {
        wk_network network;
        wk_factor factor = {0};
        char filled[NODES][NODES];
        random_network(&network, seed);
        assert_int_equal(wk_factor_analyse(&factor, &network, NULL), WK_OK);
        for (int64_t i = 0; i < NODES; i++)
            assert_int_equal(factor.order[factor.step[i]], i);
        fill_in(filled, &factor, &network);
        for (int64_t s = 0; s < factor.blocks; s++) {
            assert_rows(&factor, s, filled);
            int64_t columns = wk_factor_columns(&factor, s), rows = wk_factor_rows(&factor, s);
            int64_t up = factor.parent[s];
            assert_int_equal(up >= 0, rows > columns);
            if (up >= 0) {
                int64_t below = factor.row[factor.begin[s] + columns];
                assert_true(factor.first[up] <= below && below < factor.first[up + 1]);
            }
            assert_int_equal(factor.panel[s + 1] - factor.panel[s], columns * (rows + 1));
        }
        wk_factor_clear(&factor);
        wk_network_clear(&network);
    }
}

/* All pairs linked: one block holds everything. */
static void test_complete_network_is_one_block(void **state)
{
    (void)state;
    wk_link links[NODES * NODES];
    wk_network network;
    wk_factor factor = {0};
    int64_t count = 0;
    for (int64_t i = 0; i <= NODES; i++)
        for (int64_t j = 0; j < i; j++)
            links[count++] = (wk_link){i, j, 1, 0};
    assert_int_equal(wk_network_fill(&network, NODES, links, count, NULL), WK_OK);
    assert_int_equal(wk_factor_analyse(&factor, &network, NULL), WK_OK);
    assert_int_equal(factor.blocks, 1);
    assert_int_equal(factor.parent[0], -1);
    wk_factor_clear(&factor);
    wk_network_clear(&network);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_are_the_fill),
        cmocka_unit_test(test_complete_network_is_one_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
