#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "network.h"

static void test_pairs_are_added_and_sorted(void **state)
{
    (void)state;
    wk_link links[] = {
        {2, 0, 1.5, 0.25}, {0, 1, 2, -1}, {0, 2, 0.5, 0.5}, {1, 3, 4, 8}, {3, 1, 1, 1}};
    wk_network network;
    assert_int_equal(wk_network_fill(&network, 3, links, 5, NULL), WK_OK);
    int64_t start[] = {0, 2, 3, 4}, node[] = {1, 2, 0, 0};
    double weight[] = {2, 2, 2, 2}, noise[] = {-1, 0.75, -1, 0.75};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(network.start[i], start[i]);
        assert_int_equal(network.node[i], node[i]);
        assert_true(network.weight[i] == weight[i]);
        assert_true(network.noise[i] == noise[i]);
    }
    assert_true(network.ground_weight[1] == 5 && network.ground_noise[1] == 9);
    assert_true(network.ground_weight[0] == 0 && network.ground_weight[2] == 0);
    wk_network_clear(&network);
}

static void test_product_with_noise(void **state)
{
    (void)state;
    wk_link links[] = {{0, 1, 1, 2}, {1, 2, 1, 3}, {2, 3, 1, 5}};
    wk_network network;
    assert_int_equal(wk_network_fill(&network, 3, links, 3, NULL), WK_OK);
    double x[] = {1, 4, 2}, product[3];
    wk_network_noise(product, &network, x);
    assert_true(product[0] == 2 * (1 - 4));
    assert_true(product[1] == 2 * (4 - 1) + 3 * (4 - 2));
    assert_true(product[2] == 3 * (2 - 4) + 5 * 2);
    wk_network_clear(&network);
}

static void test_only_ground(void **state)
{
    (void)state;
    wk_link link = {1, 0, 3, 0};
    wk_network network;
    assert_int_equal(wk_network_fill(&network, 1, &link, 1, NULL), WK_OK);
    assert_int_equal(network.start[1], 0);
    assert_true(network.ground_weight[0] == 3);
    wk_network_clear(&network);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pairs_are_added_and_sorted),
        cmocka_unit_test(test_product_with_noise),
        cmocka_unit_test(test_only_ground),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
