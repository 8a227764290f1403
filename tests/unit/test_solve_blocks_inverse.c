#include "blocks_case.h"

/* Diagonal blocks against the dense inverse in long double. */
static void test_against_dense(void **state)
{
    (void)state;
    static const int64_t sizes[] = {1, 3, 6};
    for (uint64_t seed = 0; seed < 15; seed++) {
        int64_t nodes = 1 + (int64_t)(seed * 5 % 24), size = sizes[seed % 3];
        double diagonal[24 * 36];
        wk_blocks blocks;
        wk_blocks_factor factor;
        blocks_make(&blocks, nodes, size, seed);
        wk_dense dense = blocks_dense(&blocks);
        dense_invert(&dense);
        assert_int_equal(wk_blocks_factor_fill(&factor, &blocks, NULL), WK_OK);
        assert_int_equal(wk_blocks_factor_inverse(diagonal, &factor, NULL), WK_OK);
        for (int64_t i = 0; i < nodes; i++)
            for (int64_t r = 0; r < size; r++)
                for (int64_t c = 0; c < size; c++) {
                    double want = (double)*dense_at(&dense, i * size + r, i * size + c);
                    double found = diagonal[(i * size + r) * size + c];
                    assert_true(fabs(found - want) < 1e-10); /* entries are at most 10 */
                }
        free(dense.at);
        wk_blocks_factor_clear(&factor);
        wk_blocks_clear(&blocks);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_against_dense)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
