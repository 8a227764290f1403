#include "blocks_case.h"

/* The matrix times the solution gives the right-hand side back. */
static void test_solves(void **state)
{
    (void)state;
    static const int64_t sizes[] = {1, 3, 6};
    for (uint64_t seed = 0; seed < 30; seed++) {
        int64_t nodes = 1 + (int64_t)(seed * 7 % blocks_most), size = sizes[seed % 3];
        double x[6 * blocks_most], right[6 * blocks_most], work[12 * blocks_most];
        wk_blocks blocks;
        wk_blocks_factor factor;
        blocks_make(&blocks, nodes, size, seed);
        for (int64_t i = 0; i < nodes * size; i++)
            x[i] = right[i] = blocks_number(77, (uint64_t)i);
        assert_int_equal(wk_blocks_factor_fill(&factor, &blocks, NULL), WK_OK);
        wk_blocks_factor_solve(x, &factor, work);
        wk_blocks_multiply(work, &blocks, x);
        /* condition numbers are some thousands */
        for (int64_t i = 0; i < nodes * size; i++)
            assert_true(fabs(work[i] - right[i]) < 1e-11);
        wk_blocks_factor_clear(&factor);
        wk_blocks_clear(&blocks);
    }
}

/* Multiplying, against the dense matrix. */
static void test_multiplies(void **state)
{
    (void)state;
    wk_blocks blocks;
    double x[36], product[36];
    blocks_make(&blocks, 12, 3, 5);
    wk_dense dense = blocks_dense(&blocks);
    for (int64_t i = 0; i < 36; i++)
        x[i] = blocks_number(3, (uint64_t)i);
    wk_blocks_multiply(product, &blocks, x);
    for (int64_t i = 0; i < 36; i++) {
        long double sum = 0;
        for (int64_t k = 0; k < 36; k++)
            sum += *dense_at(&dense, i, k) * (long double)x[k];
        assert_true(fabs(product[i] - (double)sum) < 1e-13);
    }
    free(dense.at);
    wk_blocks_clear(&blocks);
}

static void test_finds_pairs(void **state)
{
    (void)state;
    const int64_t pairs[][2] = {{0, 2}, {1, 2}, {2, 4}};
    wk_blocks blocks;
    assert_int_equal(wk_blocks_create(&blocks, 5, 3, pairs, 3, NULL), WK_OK);
    assert_non_null(wk_blocks_find(&blocks, 0, 2));
    assert_ptr_equal(wk_blocks_find(&blocks, 2, 4), wk_blocks_find(&blocks, 2, 1) + 9);
    assert_null(wk_blocks_find(&blocks, 0, 1));
    assert_null(wk_blocks_find(&blocks, 3, 3));
    assert_null(wk_blocks_find(&blocks, 3, 0));
    wk_blocks_clear(&blocks);
}

/* A matrix that is not positive definite is refused. */
static void test_refuses(void **state)
{
    (void)state;
    wk_blocks blocks;
    wk_blocks_factor factor;
    wk_error error = {WK_OK, "", ""};
    blocks_make(&blocks, 8, 3, 1);
    blocks.diagonal[5 * 9 + 4] = -1.0;
    assert_int_equal(wk_blocks_factor_fill(&factor, &blocks, &error), WK_NO_CONVERGENCE);
    assert_non_null(strstr(error.message, "factorisation failed"));
    wk_blocks_factor_clear(&factor);
    wk_blocks_clear(&blocks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_solves), cmocka_unit_test(test_multiplies),
        cmocka_unit_test(test_finds_pairs), cmocka_unit_test(test_refuses)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
