#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "dense.h"
#include "solve_factor.h"

static void assert_near(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance))
        fail_msg("found %.17g, expected %.17g, tolerance %g", found, expected, tolerance);
}

static void make(wk_network *network, wk_factor *factor, int64_t nodes, const wk_link *links,
                 int64_t count)
{
    assert_int_equal(wk_network_fill(network, nodes, links, count, NULL), WK_OK);
    assert_int_equal(wk_factor_fill(factor, network, 0, NULL), WK_OK);
}

/* One conductance of 4 to the ground: a current of 2 raises the node by 1/2. */
static void test_one_node(void **state)
{
    (void)state;
    wk_network network;
    wk_factor factor;
    wk_link link = {0, 1, 4, 0};
    double x = 2, work;
    make(&network, &factor, 1, &link, 1);
    assert_true(factor.pivot[0] == 4);
    wk_factor_solve(&x, &factor, &work);
    assert_true(x == 0.5);
    wk_factor_clear(&factor);
    wk_network_clear(&network);
}

/* Unit current into the far end of a chain: node i lies at the sum of the resistances before it.
 * Conductances run over 30 decades, where a diagonal made by subtraction has no digit left. */
static void test_chain_of_many_decades(void **state)
{
    (void)state;
    enum { N = 31 };
    wk_link links[N];
    wk_network network;
    wk_factor factor;
    double x[N] = {0}, work[N], sum = 0;
    for (int i = 0; i < N; i++)
        links[i] = (wk_link){i ? i - 1 : N, i, pow(10, (i * 7) % 31 - 15), 0};
    make(&network, &factor, N, links, N);
    x[N - 1] = 1;
    wk_factor_solve(x, &factor, work);
    for (int i = 0; i < N; i++) {
        sum += 1 / links[i].weight;
        assert_near(x[i], sum, 1e-14 * sum);
    }
    wk_factor_clear(&factor);
    wk_network_clear(&network);
}

/* The Laplacian times the solution gives the right-hand side back: random networks. */
static void test_random_networks(void **state)
{
    (void)state;
    enum { N = 80, COUNT = 240 };
    for (uint64_t seed = 0; seed < 20; seed++) {
        static wk_edge edges[COUNT];
        static wk_link links[COUNT + N];
        double right[N], x[N], work[N];
        wk_network network;
        wk_factor factor;
        random_edges(edges, COUNT, N + 1, seed, 3);
        for (int64_t i = 0; i < COUNT; i++)
            links[i] = (wk_link){edges[i].a, edges[i].b, edges[i].weight, 0};
        for (int64_t i = 0; i < N; i++)
            links[COUNT + i] = (wk_link){i, N, 0.5, 0};
        make(&network, &factor, N, links, COUNT + N);
        for (uint64_t i = 0; i < N; i++)
            x[i] = right[i] = draw(seed, 5000 + i);
        wk_factor_solve(x, &factor, work);
        for (int64_t i = 0; i < N; i++) {
            double sum = network.ground_weight[i] * x[i], size = fabs(sum);
            for (int64_t p = network.start[i]; p < network.start[i + 1]; p++) {
                sum += network.weight[p] * (x[i] - x[network.node[p]]);
                size += network.weight[p] * (x[i] + x[network.node[p]]);
            }
            assert_near(sum, right[i], 1e-14 * (size + 1));
        }
        wk_factor_clear(&factor);
        wk_network_clear(&network);
    }
}

static void test_no_way_to_the_ground(void **state)
{
    (void)state;
    wk_link links[] = {{0, 1, 1, 0}, {2, 3, 1, 0}};
    wk_network network;
    wk_factor factor;
    wk_error error = {0};
    assert_int_equal(wk_network_fill(&network, 3, links, 2, NULL), WK_OK);
    assert_int_equal(wk_factor_fill(&factor, &network, 1, &error), WK_NO_CONVERGENCE);
    assert_non_null(strstr(error.message, "which is 0"));
    wk_factor_clear(&factor);
    wk_network_clear(&network);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_node),
        cmocka_unit_test(test_chain_of_many_decades),
        cmocka_unit_test(test_random_networks),
        cmocka_unit_test(test_no_way_to_the_ground),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
