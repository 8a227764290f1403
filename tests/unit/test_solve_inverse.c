#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "dense.h"
#include "solve_inverse.h"

static void assert_near(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance))
        fail_msg("found %.17g, expected %.17g, tolerance %g", found, expected, tolerance);
}

/* Conductance 4 to the ground, noise 9: the inverse is 1/4 and (G M G) = 9/16. */
static void test_one_node(void **state)
{
    (void)state;
    wk_link link = {1, 0, 4, 9};
    wk_network network;
    wk_factor factor;
    double diagonal, covariance;
    assert_int_equal(wk_network_fill(&network, 1, &link, 1, NULL), WK_OK);
    assert_int_equal(wk_factor_fill(&factor, &network, 1, NULL), WK_OK);
    assert_int_equal(wk_factor_inverse(&diagonal, &covariance, &factor, NULL), WK_OK);
    assert_true(diagonal == 0.25);
    assert_true(covariance == 9.0 / 16);
    wk_factor_clear(&factor);
    wk_network_clear(&network);
}

/* A chain from the ground: resistances in series add up; with noise equal to the weights, G M G is
 * G again. */
static void test_chain(void **state)
{
    (void)state;
    enum { N = 20 };
    wk_link links[N];
    wk_network network;
    wk_factor factor;
    double diagonal[N], covariance[N], sum = 0;
    for (int i = 0; i < N; i++) {
        double weight = pow(10, (i * 3) % 7);
        links[i] = (wk_link){i ? i - 1 : N, i, weight, weight};
    }
    assert_int_equal(wk_network_fill(&network, N, links, N, NULL), WK_OK);
    assert_int_equal(wk_factor_fill(&factor, &network, 1, NULL), WK_OK);
    assert_int_equal(wk_factor_inverse(diagonal, covariance, &factor, NULL), WK_OK);
    for (int i = 0; i < N; i++) {
        sum += 1 / links[i].weight;
        assert_near(diagonal[i], sum, 1e-14 * sum);
        assert_near(covariance[i], sum, 1e-13 * sum);
    }
    wk_factor_clear(&factor);
    wk_network_clear(&network);
}

/* The grounded matrix of what is picked from the links, dense. */
static wk_dense grounded(int64_t nodes, const wk_link *links, int64_t count, int noise)
{
    wk_dense matrix = dense_new(nodes);
    for (int64_t i = 0; i < count; i++) {
        long double value = (long double)(noise ? links[i].noise : links[i].weight);
        if (links[i].a < nodes && links[i].b < nodes)
            dense_link(&matrix, links[i].a, links[i].b, value);
        else
            *dense_at(&matrix, links[i].a < nodes ? links[i].a : links[i].b,
                      links[i].a < nodes ? links[i].a : links[i].b) += value;
    }
    return matrix;
}

static void assert_inverse(int64_t nodes, const wk_link *links, int64_t count)
{
    double diagonal[64], covariance[64], alone[64];
    wk_network network;
    wk_factor factor;
    assert_int_equal(wk_network_fill(&network, nodes, links, count, NULL), WK_OK);
    assert_int_equal(wk_factor_fill(&factor, &network, 1, NULL), WK_OK);
    assert_int_equal(wk_factor_inverse(diagonal, covariance, &factor, NULL), WK_OK);
    assert_int_equal(wk_factor_inverse(alone, NULL, &factor, NULL), WK_OK);
    wk_dense inverse = grounded(nodes, links, count, 0), noise = grounded(nodes, links, count, 1);
    dense_invert(&inverse);
    wk_dense half = dense_product(&inverse, &noise), whole = dense_product(&half, &inverse);
    for (int64_t i = 0; i < nodes; i++) {
        double expected = (double)*dense_at(&inverse, i, i);
        assert_near(diagonal[i], expected, 1e-13 * expected);
        assert_true(alone[i] == diagonal[i]);
        assert_near(covariance[i], (double)*dense_at(&whole, i, i), 1e-11 * expected * expected);
    }
    free(inverse.at);
    free(noise.at);
    free(half.at);
    free(whole.at);
    wk_factor_clear(&factor);
    wk_network_clear(&network);
}

/* Noise of either sign, also on pairs without conductance. */
static void test_random_networks(void **state)
{
    (void)state;
    enum { N = 50, COUNT = 130 };
    for (uint64_t seed = 0; seed < 20; seed++) {
        static wk_edge edges[COUNT];
        static wk_link links[COUNT + N];
        random_edges(edges, COUNT, N + 1, seed, 1);
        for (int64_t i = 0; i < COUNT; i++) {
            double weight = i % 5 ? edges[i].weight : 0;
            links[i] = (wk_link){edges[i].a, edges[i].b, weight, edges[i].value / 100};
        }
        for (int64_t i = 0; i < N; i++)
            links[COUNT + i] = (wk_link){i, i + 1, 0.5, 0.1};
        assert_inverse(N, links, COUNT + N);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_node),
        cmocka_unit_test(test_chain),
        cmocka_unit_test(test_random_networks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
