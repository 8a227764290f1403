#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "dense.h"
#include "solve.h"
#include "solve_cases.h"

static void assert_near(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance))
        fail_msg("found %.17g, expected %.17g, tolerance %g", found, expected, tolerance);
}

static double largest(const double *values, int64_t count)
{
    double most = 0;
    for (int64_t i = 0; i < count; i++)
        most = fmax(most, fabs(values[i]));
    return most;
}

static void assert_levels(const double *found, const double *expected, int64_t n, double relative)
{
    double scale = largest(expected, n);
    for (int64_t i = 0; i < n; i++)
        assert_near(found[i], expected[i], relative * scale);
}

static void assert_relative(const double *found, const double *expected, int64_t n, double relative)
{
    for (int64_t i = 0; i < n; i++)
        assert_near(found[i], expected[i], relative * expected[i]);
}

static void test_two_nodes(void **state)
{
    (void)state;
    wk_edge edge = {0, 1, 3, 7, 0.5};
    double levels[2], errors[2];
    int64_t component[2], components;
    assert_int_equal(wk_solve_levels(levels, errors, component, &components, 2, &edge, 1, NULL),
                     WK_OK);
    assert_int_equal(components, 1);
    assert_near(levels[0], 1.5, 1e-15);
    assert_near(levels[1], -1.5, 1e-15);
    assert_near(errors[0], 0.25, 1e-16);
    assert_near(errors[1], 0.25, 1e-16);
}

/* Two measurements of one difference average with their weights: (1*2 + 3*6) / 4 = 5, its error
 * sqrt(1 + 9 * 4) / 4; a lone node between them has no level. */
static void test_repeated_pair_and_lone_node(void **state)
{
    (void)state;
    wk_edge edges[] = {{0, 2, 2, 1, 1}, {2, 0, -6, 3, 2}};
    double levels[3], errors[3];
    int64_t component[3], components;
    assert_int_equal(wk_solve_levels(levels, errors, component, &components, 3, edges, 2, NULL),
                     WK_OK);
    assert_int_equal(components, 2);
    assert_int_equal(component[1], 1);
    assert_int_equal(component[2], 0);
    assert_near(levels[0], 2.5, 1e-15);
    assert_near(levels[2], -2.5, 1e-15);
    assert_near(errors[0], sqrt(37.0) / 8, 1e-15);
    assert_true(isnan(levels[1]) && isnan(errors[1]));
}

/* Path of n nodes, unit errors: L+ has the diagonal (n^2 - 1) / 12 + (i - (n - 1) / 2)^2 over n. */
static void test_path(void **state)
{
    (void)state;
    enum { N = 500 };
    static wk_edge edges[N];
    static double levels[N], errors[N];
    static int64_t component[N];
    int64_t components;
    for (int64_t i = 0; i + 1 < N; i++)
        edges[i] = (wk_edge){i, i + 1, 1, 1, 1};
    assert_int_equal(wk_solve_levels(levels, errors, component, &components, N, edges, N - 1, NULL),
                     WK_OK);
    for (int i = 0; i < N; i++) {
        double off = i - (N - 1) / 2.0, n = N;
        assert_near(levels[i], -off, 1e-12 * N);
        double variance = ((n * n - 1) / 12 + off * off) / n;
        assert_near(errors[i], sqrt(variance), 1e-10 * sqrt(variance));
    }
}

/* Complete graph: L = n I - 1 1', so every error is sqrt((n - 1) / n^2). */
static void test_complete_graph(void **state)
{
    (void)state;
    enum { N = 60 };
    static wk_edge edges[N * N];
    double levels[N], errors[N];
    int64_t component[N], components, count = 0;
    for (int64_t i = 0; i < N; i++)
        for (int64_t j = 0; j < i; j++)
            edges[count++] = (wk_edge){i, j, (double)(i - j), 1, 1};
    assert_int_equal(wk_solve_levels(levels, errors, component, &components, N, edges, count, NULL),
                     WK_OK);
    for (int i = 0; i < N; i++) {
        assert_near(levels[i], i - (N - 1) / 2.0, 1e-13 * N);
        assert_near(errors[i], sqrt(N - 1.0) / N, 1e-14);
    }
}

/* Against L+ in long double; over 6 decades its own error is below 1e-13. */
static void test_random_graphs(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 40; seed++) {
        int64_t nodes = 5 + (int64_t)(55 * draw(seed, 999)), components;
        int64_t count = nodes / 2 + (int64_t)(2 * (double)nodes * draw(seed, 998));
        wk_edge edges[200];
        double levels[60], errors[60], expected[60], expected_errors[60];
        int64_t component[60];
        random_edges(edges, count, nodes, seed, 6);
        assert_int_equal(
            wk_solve_levels(levels, errors, component, &components, nodes, edges, count, NULL),
            WK_OK);
        dense_solve(expected, expected_errors, component, nodes, edges, count, NULL, 0);
        for (int64_t i = 0; i < nodes; i++) {
            if (isnan(levels[i])) {
                assert_true(expected_errors[i] < 1e-9);
                levels[i] = 0;
                errors[i] = expected_errors[i];
            }
        }
        assert_levels(levels, expected, nodes, 1e-12);
        assert_relative(errors, expected_errors, nodes, 1e-9);
    }
}

static void solve_case(const wk_edge *edges, int64_t count, int64_t n, const double *levels,
                       const double *errors, double error_tolerance)
{
    double found[16], found_errors[16];
    int64_t component[16], components;
    assert_int_equal(
        wk_solve_levels(found, found_errors, component, &components, n, edges, count, NULL), WK_OK);
    assert_levels(found, levels, n, 1e-12);
    assert_relative(found_errors, errors, n, error_tolerance);
}

#define COUNT(array) ((int64_t)(sizeof(array) / sizeof *(array)))

/* Weights that differ by 1e14 against exact arithmetic; the tolerances are what solve.h states. */
static void test_weights_of_many_decades(void **state)
{
    (void)state;
    solve_case(CLUSTERS_EDGES, COUNT(CLUSTERS_EDGES), COUNT(CLUSTERS_LEVELS), CLUSTERS_LEVELS,
               CLUSTERS_ERRORS, 1e-6);
    solve_case(WIDE_EDGES, COUNT(WIDE_EDGES), COUNT(WIDE_LEVELS), WIDE_LEVELS, WIDE_ERRORS, 1e-6);
}

static const wk_noise_term TERMS_0[] = {{0, 0.5}, {1, -0.25}};
static const wk_noise_term TERMS_1[] = {{3, 1.0}, {4, 0.5}, {6, -2.0}};
static const wk_noise_term TERMS_2[] = {{5, 0.125}};
static const wk_noise_source SHARED_SOURCES[] = {{TERMS_0, 2}, {TERMS_1, 3}, {TERMS_2, 1}};

static void test_shared_noise(void **state)
{
    (void)state;
    double levels[6], errors[6];
    int64_t component[6], components;
    assert_int_equal(wk_solve_levels_shared(levels, errors, component, &components, 6, SHARED_EDGES,
                                            COUNT(SHARED_EDGES), SHARED_SOURCES, 3, NULL),
                     WK_OK);
    assert_levels(levels, SHARED_LEVELS, 6, 1e-14);
    assert_relative(errors, SHARED_ERRORS, 6, 1e-13);
}

/* An edge's error as a source of its own is the same noise. */
static void test_error_as_source(void **state)
{
    (void)state;
    enum { NODES = 30, MANY = 70 };
    wk_edge edges[MANY], bare[MANY];
    wk_noise_term terms[MANY];
    wk_noise_source sources[MANY];
    double levels[NODES], errors[NODES], other[NODES];
    int64_t component[NODES], components;
    random_edges(edges, MANY, NODES, 3, 4);
    for (int64_t e = 0; e < MANY; e++) {
        bare[e] = edges[e];
        bare[e].error = 0;
        terms[e] = (wk_noise_term){e, edges[e].error};
        sources[e] = (wk_noise_source){&terms[e], 1};
    }
    assert_int_equal(
        wk_solve_levels(levels, errors, component, &components, NODES, edges, MANY, NULL), WK_OK);
    assert_int_equal(wk_solve_levels_shared(levels, other, component, &components, NODES, bare,
                                            MANY, sources, MANY, NULL),
                     WK_OK);
    for (int i = 0; i < NODES; i++)
        if (!isnan(errors[i]))
            assert_near(other[i], errors[i], 1e-12 * errors[i]);
}

/* Long sources tie nodes that no edge joins; some reach into several components. */
static void test_random_sources(void **state)
{
    (void)state;
    enum { NODES = 30, MANY = 40, SOURCES = 12, TERMS = 6 };
    for (uint64_t seed = 50; seed < 70; seed++) {
        wk_edge edges[MANY];
        wk_noise_term terms[SOURCES * TERMS];
        wk_noise_source sources[SOURCES];
        double levels[NODES], errors[NODES], expected[NODES], expected_errors[NODES];
        int64_t component[NODES], components;
        random_edges(edges, MANY, NODES, seed, 2);
        for (uint64_t t = 0; t < SOURCES * TERMS; t++)
            terms[t] =
                (wk_noise_term){(int64_t)(MANY * draw(seed, 1000 + t)), draw(seed, 2000 + t) - 0.5};
        for (int s = 0; s < SOURCES; s++)
            sources[s] = (wk_noise_source){terms + (ptrdiff_t)s * TERMS, TERMS};
        assert_int_equal(wk_solve_levels_shared(levels, errors, component, &components, NODES,
                                                edges, MANY, sources, SOURCES, NULL),
                         WK_OK);
        dense_solve(expected, expected_errors, component, NODES, edges, MANY, sources, SOURCES);
        for (int i = 0; i < NODES; i++) {
            if (isnan(errors[i]))
                continue;
            assert_near(levels[i], expected[i], 1e-11 * largest(expected, NODES));
            assert_near(errors[i], expected_errors[i], 1e-10 * expected_errors[i]);
        }
    }
}

/* 16 x 16 exposures with 8 neighbours, side overlaps of ten times the corners' pixels, weights
 * npix^2 and errors sqrt(2 / npix): the noise is not proportional to the inverse weights. */
static void test_grid(void **state)
{
    (void)state;
    enum { SIDE = 16, N = SIDE * SIDE };
    static wk_edge edges[4 * N];
    static double levels[N], errors[N], expected[N], expected_errors[N];
    static int64_t component[N];
    const int64_t dx[] = {1, 0, 1, -1}, dy[] = {0, 1, 1, 1};
    int64_t count = 0, components;
    for (int64_t i = 0; i < N; i++) {
        for (int d = 0; d < 4; d++) {
            int64_t x = i % SIDE + dx[d], y = i / SIDE + dy[d];
            double pixels = d < 2 ? 200000 : 20000;
            double value = draw(7, (uint64_t)(4 * i + d));
            if (x >= 0 && x < SIDE && y < SIDE)
                edges[count++] =
                    (wk_edge){i, y * SIDE + x, value, pixels * pixels, sqrt(2 / pixels)};
        }
    }
    assert_int_equal(wk_solve_levels(levels, errors, component, &components, N, edges, count, NULL),
                     WK_OK);
    dense_solve(expected, expected_errors, component, N, edges, count, NULL, 0);
    assert_levels(levels, expected, N, 1e-13);
    assert_relative(errors, expected_errors, N, 1e-12);
}

static void test_unknown_errors(void **state)
{
    (void)state;
    wk_edge edges[] = {
        {0, 1, 1, 1, (double)NAN}, {1, 2, 1, 1, 1}, {3, 4, 2, 1, 1}, {5, 6, 2, 1, 1}};
    wk_noise_term term = {3, (double)INFINITY};
    wk_noise_source source = {&term, 1};
    double levels[7], errors[7];
    int64_t component[7], components;
    assert_int_equal(wk_solve_levels_shared(levels, errors, component, &components, 7, edges, 4,
                                            &source, 1, NULL),
                     WK_OK);
    for (int i = 0; i < 7; i++) {
        assert_true(isfinite(levels[i]));
        assert_int_equal(isnan(errors[i]) != 0, i != 3 && i != 4);
    }
    assert_near(errors[3], 0.5, 1e-15);
}

static void assert_refused(wk_edge edge, const char *words)
{
    double levels[3], errors[3];
    int64_t component[3], components;
    wk_error error = {0};
    wk_edge edges[] = {{0, 1, 1, 1, 1}, edge};
    assert_int_equal(wk_solve_levels(levels, errors, component, &components, 3, edges, 2, &error),
                     WK_ARGUMENT);
    assert_int_equal(error.code, WK_ARGUMENT);
    if (!strstr(error.message, words))
        fail_msg("\"%s\" does not say \"%s\"", error.message, words);
}

static void test_refusals(void **state)
{
    (void)state;
    assert_refused((wk_edge){0, 3, 1, 1, 1}, "edge 1 joins nodes 0 and 3");
    assert_refused((wk_edge){-1, 2, 1, 1, 1}, "edge 1 joins nodes -1 and 2");
    assert_refused((wk_edge){2, 2, 1, 1, 1}, "edge 1 joins node 2 with itself");
    assert_refused((wk_edge){0, 2, (double)NAN, 1, 1}, "edge 1 has the value nan");
    assert_refused((wk_edge){0, 2, (double)INFINITY, 1, 1}, "edge 1 has the value inf");
    assert_refused((wk_edge){0, 2, 1, 0, 1}, "edge 1 has the weight 0");
    assert_refused((wk_edge){0, 2, 1, -1, 1}, "edge 1 has the weight -1");
    assert_refused((wk_edge){0, 2, 1, (double)NAN, 1}, "edge 1 has the weight nan");
    assert_refused((wk_edge){0, 2, 1, 1, -2}, "edge 1 has the error -2");
}

static void test_bad_source(void **state)
{
    (void)state;
    wk_edge edge = {0, 1, 1, 1, 1};
    wk_noise_term term = {1, 0.5};
    wk_noise_source source = {&term, 1};
    double levels[2], errors[2];
    int64_t component[2], components;
    wk_error error = {0};
    assert_int_equal(wk_solve_levels_shared(levels, errors, component, &components, 2, &edge, 1,
                                            &source, 1, &error),
                     WK_ARGUMENT);
    assert_non_null(strstr(error.message, "names edge 1"));
}

static void test_nothing(void **state)
{
    (void)state;
    double level = 0;
    int64_t component, components = -1;
    assert_int_equal(wk_solve_levels(NULL, NULL, NULL, &components, 0, NULL, 0, NULL), WK_OK);
    assert_int_equal(components, 0);
    assert_int_equal(wk_solve_levels(&level, NULL, &component, &components, 1, NULL, 0, NULL),
                     WK_OK);
    assert_int_equal(components, 1);
    assert_true(isnan(level));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_nodes),      cmocka_unit_test(test_repeated_pair_and_lone_node),
        cmocka_unit_test(test_path),           cmocka_unit_test(test_complete_graph),
        cmocka_unit_test(test_random_graphs),  cmocka_unit_test(test_weights_of_many_decades),
        cmocka_unit_test(test_shared_noise),   cmocka_unit_test(test_error_as_source),
        cmocka_unit_test(test_random_sources), cmocka_unit_test(test_grid),
        cmocka_unit_test(test_unknown_errors), cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_bad_source),     cmocka_unit_test(test_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
