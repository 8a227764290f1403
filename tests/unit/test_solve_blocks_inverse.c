#include "blocks_case.h"

/* Diagonal blocks against the dense inverse in long double; the unknowns of the largest front. */
static int64_t check(int64_t nodes, int64_t size, uint64_t seed)
{
    double diagonal[blocks_most * 36];
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
    int64_t largest = factor.largest;
    free(dense.at);
    wk_blocks_factor_clear(&factor);
    wk_blocks_clear(&blocks);
    return largest;
}

static void test_against_dense(void **state)
{
    (void)state;
    static const int64_t sizes[] = {1, 3, 6};
    for (uint64_t seed = 0; seed < 15; seed++)
        check(1 + (int64_t)(seed * 5 % 24), sizes[seed % 3], seed);
}

/* Fronts of several strips of columns. */
static void test_large_fronts(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 3; seed++)
        assert_true(check(blocks_most, wk_blocks_largest, 20 + seed) > 80);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_against_dense),
                                       cmocka_unit_test(test_large_fronts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
