#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "memory.h"
#include "solve_noise.h"

static const wk_edge EDGES[] = {{0, 1, 0, 2, 1}, {3, 4, 0, 1, 1}, {1, 2, 0, 3, 1}};
static const wk_noise_term FIRST[] = {{2, 0.5}, {1, 0.25}};
static const wk_noise_term SECOND[] = {{0, -1}, {2, 1}};
static const wk_noise_source SOURCES[] = {{FIRST, 2}, {NULL, 0}, {SECOND, 2}};

static void test_terms_by_component(void **state)
{
    (void)state;
    wk_partition partition;
    wk_noise_table table;
    assert_int_equal(wk_partition_fill(&partition, 6, EDGES, 3, NULL), WK_OK);
    assert_int_equal(wk_noise_fill(&table, &partition, EDGES, 3, SOURCES, 3, NULL), WK_OK);
    int64_t start[] = {0, 3, 4, 4}, source[] = {0, 2, 2, 0}, edge[] = {2, 0, 2, 1};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(table.start[i], start[i]);
        assert_int_equal(table.share[i].source, source[i]);
        assert_int_equal(table.share[i].edge, edge[i]);
    }
    assert_true(table.share[1].coefficient == -1);
    wk_noise_clear(&table);
    wk_partition_clear(&partition);
}

static void test_unknown_edge(void **state)
{
    (void)state;
    wk_partition partition;
    wk_noise_table table;
    wk_error error = {0};
    assert_int_equal(wk_partition_fill(&partition, 6, EDGES, 3, NULL), WK_OK);
    assert_int_equal(wk_noise_fill(&table, &partition, EDGES, 2, SOURCES, 3, &error), WK_ARGUMENT);
    assert_non_null(strstr(error.message, "names edge 2"));
    wk_noise_clear(&table);
    wk_partition_clear(&partition);
}

/* Source 0 on edge 0-1 alone: g = (2 c, -2 c), c = 1/2.  Source 1 on 0-1 and 1-2: g = (2 a, -2 a +
 * 3 b, -3 b), a = -1, b = 1; minus the products of pairs are the links. */
static void test_links(void **state)
{
    (void)state;
    wk_noise_share shares[] = {{0, 0, 0.5}, {1, 0, -1}, {1, 2, 1}};
    wk_link_list list = {0};
    assert_int_equal(wk_noise_links(&list, EDGES, shares, 3, 5, NULL), WK_OK);
    double noise[3][3] = {{0}};
    for (int64_t i = 0; i < list.count; i++) {
        assert_true(list.links[i].weight == 0);
        noise[list.links[i].a][list.links[i].b] += list.links[i].noise;
        noise[list.links[i].b][list.links[i].a] += list.links[i].noise;
    }
    assert_true(noise[0][1] == 1 + 10);
    assert_true(noise[0][2] == -6);
    assert_true(noise[1][2] == 15);
    wk_memory_free(list.links);
}

/* Opposite shares of one edge cancel: no link is left, and none is made for no share. */
static void test_nothing_left(void **state)
{
    (void)state;
    wk_noise_share shares[] = {{4, 0, 0.5}, {4, 0, -0.5}};
    wk_link_list list = {0};
    assert_int_equal(wk_noise_links(&list, EDGES, shares, 2, 5, NULL), WK_OK);
    assert_int_equal(list.count, 0);
    assert_int_equal(wk_noise_links(&list, EDGES, NULL, 0, 5, NULL), WK_OK);
    assert_int_equal(list.count, 0);
    wk_memory_free(list.links);
}

static void test_list_grows(void **state)
{
    (void)state;
    wk_link_list list = {0};
    for (int64_t i = 0; i < 1000; i++)
        assert_int_equal(wk_link_add(&list, (wk_link){i, i + 1, 1, 2}, NULL), WK_OK);
    assert_int_equal(list.count, 1000);
    for (int64_t i = 0; i < 1000; i++)
        assert_int_equal(list.links[i].a, i);
    wk_memory_free(list.links);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_terms_by_component),
        cmocka_unit_test(test_unknown_edge),
        cmocka_unit_test(test_links),
        cmocka_unit_test(test_nothing_left),
        cmocka_unit_test(test_list_grows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
