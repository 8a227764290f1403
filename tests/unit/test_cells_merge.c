#include "cells_case.h"

#include "memory.h"

static wk_tally_cell *list_of(const int64_t *keys, int64_t count, double value, float error)
{
    wk_tally_cell *out = wk_memory_new((size_t)count, sizeof *out, NULL);
    for (int64_t i = 0; i < count; i++)
        out[i] = (wk_tally_cell){
            .key = keys[i], .value = value + (double)i, .error = error, .pixels = 9};
    return out;
}

/* Three members: 20 and 40 are shared by two, 30 by all, the rest by none. */
static void test_by_hand(void **state)
{
    (void)state;
    const int64_t a[] = {10, 20, 30}, b[] = {20, 25, 30, 40}, c[] = {5, 30, 40, 41, 42};
    wk_member members[4] = {{.good = 1}, {.good = 1}, {.good = 1}, {.good = 1}};
    wk_overlaps overlaps = {.members = members, .count = 4};
    wk_sky_cell_list lists[4] = {{list_of(a, 3, 100, 1), 3},
                                 {list_of(b, 4, 200, 2), 4},
                                 {NULL, 0},
                                 {list_of(c, 5, 300, 0), 5}};
    wk_sky_cells cells = {.overlaps = &overlaps, .lists = lists};
    const double values[] = {101, 200, 102, 202, 301, 203, 302};
    const int32_t who[] = {0, 1, 0, 1, 3, 1, 3};
    for (int i = 0; i < 4; i++)
        members[i].field.flux = i == 1 ? 2.0 : 1.0;
    assert_int_equal(wk_sky_cells_merge(&cells, NULL), WK_OK);
    assert_int_equal(cells.count, 3);
    const int64_t start[] = {0, 2, 5, 7};
    assert_memory_equal(cells.start, start, sizeof start);
    for (int i = 0; i < 7; i++) {
        assert_true(cells.values[i].value == values[i] * (who[i] == 1 ? 2 : 1));
        assert_int_equal(cells.values[i].member, who[i]);
        /* an error that is not known is the least of the others: member 0's */
        assert_true(cells.values[i].error == (who[i] == 1 ? 4.0F : 1.0F));
        assert_null(lists[who[i]].cells);
    }
    wk_memory_free(cells.start);
    wk_memory_free(cells.values);
}

static void test_nothing_shared(void **state)
{
    (void)state;
    const int64_t a[] = {1, 3}, b[] = {2};
    wk_member members[2] = {{.good = 1}, {.good = 1}};
    wk_overlaps overlaps = {.members = members, .count = 2};
    wk_sky_cell_list lists[2] = {{list_of(a, 2, 0, 0), 2}, {list_of(b, 1, 0, 0), 1}};
    wk_sky_cells cells = {.overlaps = &overlaps, .lists = lists};
    assert_int_equal(wk_sky_cells_merge(&cells, NULL), WK_OK);
    assert_int_equal(cells.count, 0);
    assert_int_equal(cells.start[0], 0);
    wk_memory_free(cells.start);
    wk_memory_free(cells.values);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_by_hand),
                                       cmocka_unit_test(test_nothing_shared)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
