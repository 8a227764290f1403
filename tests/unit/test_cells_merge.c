#include "cells_case.h"

#include "memory.h"

static void put_list(wk_sky_cells *cells, int64_t member, const int64_t *keys, int64_t count,
                     double value, float error)
{
    wk_tally_cell *list = wk_memory_new((size_t)count, sizeof *list, NULL);
    void *block = list;
    for (int64_t i = 0; i < count; i++)
        list[i] = (wk_tally_cell){
            .key = keys[i], .value = value + (double)i, .error = error, .pixels = 9};
    cells->lists[member].count = count;
    cells->lists[member].first = keys[0];
    assert_int_equal(wk_spool_give(cells->measured, &cells->lists[member].cells, &block,
                                   (size_t)count * sizeof *list, NULL),
                     WK_OK);
}

/* memory 8: whatever is put aside goes to the file. */
static wk_sky_cells *begin(wk_overlaps *overlaps, size_t memory)
{
    wk_sky_cells *cells = NULL;
    wk_context context = {.memory = memory};
    assert_int_equal(wk_sky_cells_create(&cells, overlaps, NULL, &context, NULL), WK_OK);
    for (size_t i = 0; i < overlaps->count; i++)
        overlaps->members[i] = (wk_member){.good = 1, .field = {.flux = i == 1 ? 2.0 : 1.0}};
    return cells;
}

/* Values of a cell, added up with a weight that tells their order. */
typedef struct seen {
    int64_t cells, values;
    double sum;
    const double *want;
    const int32_t *who;
} seen;

static wk_status look(void *payload, const wk_sky_cell_block *block, wk_error *error)
{
    seen *all = payload;
    (void)error;
    for (int32_t i = 0; i < block->start[block->count]; i++, all->values++) {
        const wk_sky_cell_value *value = &block->values[i];
        int second = all->who[all->values] == 1;
        assert_int_equal(value->member, all->who[all->values]);
        assert_true(value->value == all->want[all->values] * (second ? 2 : 1));
        /* an error that is not known is the least of the others: member 0's */
        assert_true(value->error == (second ? 4.0F : 1.0F));
    }
    for (int64_t c = 0; c < block->count; c++)
        assert_int_equal(block->key[c], 20 + 10 * all->cells++);
    return WK_OK;
}

/* Three members: 20 and 40 are shared by two, 30 by all, the rest by none. */
static void test_by_hand(void **state)
{
    (void)state;
    for (size_t memory = 8; memory <= 1 << 20; memory <<= 17) {
        const int64_t a[] = {10, 20, 30}, b[] = {20, 25, 30, 40}, c[] = {5, 30, 40, 41, 42};
        const double values[] = {101, 200, 102, 202, 301, 203, 302};
        const int32_t who[] = {0, 1, 0, 1, 3, 1, 3};
        wk_member members[4];
        wk_overlaps overlaps = {.members = members, .count = 4};
        wk_sky_cells *cells = begin(&overlaps, memory);
        seen all = {.want = values, .who = who};
        put_list(cells, 0, a, 3, 100, 1);
        put_list(cells, 1, b, 4, 200, 2);
        put_list(cells, 3, c, 5, 300, 0);
        assert_int_equal(wk_sky_cells_merge(cells, NULL), WK_OK);
        assert_int_equal(cells->count, 3);
        assert_int_equal(cells->values, 7);
        assert_int_equal(cells->most, 3);
        assert_int_equal(wk_sky_cells_visit(cells, look, &all, 0, NULL), WK_OK);
        assert_int_equal(all.cells, 3);
        assert_int_equal(all.values, 7);
        wk_sky_cells_free(cells);
    }
}

static wk_status add_up(void *payload, const wk_sky_cell_block *block, wk_error *error)
{
    seen *all = payload;
    (void)error;
    for (int64_t c = 0; c < block->count; c++)
        for (int32_t i = block->start[c]; i < block->start[c + 1]; i++)
            all->sum += block->values[i].value * sin((double)(all->values++) + (double)all->cells);
    all->cells += block->count;
    return WK_OK;
}

/* Long lists, from memory and from the file: the same cells in the same order. */
static void test_long_lists(void **state)
{
    (void)state;
    double sums[2];
    int64_t cells_found[2], blocks = 0;
    for (int file = 0; file < 2; file++) {
        enum { members_count = 9, length = 5000 };
        static int64_t keys[length];
        wk_member members[members_count];
        wk_overlaps overlaps = {.members = members, .count = members_count};
        wk_sky_cells *cells = begin(&overlaps, file ? 8 : (size_t)1 << 30);
        seen all = {.cells = 0};
        for (int64_t m = 0; m < members_count; m++) {
            for (int64_t i = 0; i < length; i++)
                keys[i] = 3000 * m + i * (1 + m % 3);
            put_list(cells, m, keys, length, 10.0 * (double)m, 1);
        }
        assert_int_equal(wk_sky_cells_merge(cells, NULL), WK_OK);
        assert_int_equal(wk_sky_cells_merge(cells, NULL), WK_OK); /* once only */
        assert_int_equal(wk_sky_cells_visit(cells, add_up, &all, 0, NULL), WK_OK);
        sums[file] = all.sum;
        cells_found[file] = all.cells;
        blocks = cells->block_count;
        assert_true((cells->blocks[0].memory == NULL) == file);
        wk_sky_cells_free(cells);
    }
    assert_true(blocks > 1);
    assert_int_equal(cells_found[0], cells_found[1]);
    assert_true(sums[0] == sums[1]);
}

static void test_nothing_shared(void **state)
{
    (void)state;
    const int64_t a[] = {1, 3}, b[] = {2};
    wk_member members[2];
    wk_overlaps overlaps = {.members = members, .count = 2};
    wk_sky_cells *cells = begin(&overlaps, 0);
    put_list(cells, 0, a, 2, 0, 0);
    put_list(cells, 1, b, 1, 0, 0);
    assert_int_equal(wk_sky_cells_merge(cells, NULL), WK_OK);
    assert_int_equal(cells->count, 0);
    wk_sky_cells_free(cells);
}

/* Values, errors and weights that are not finite once the flux is taken: left out, others stay. */
static void test_not_finite(void **state)
{
    (void)state;
    const int64_t keys[] = {20, 30};
    const double values[] = {200, 200, 1e308, 1e200, 200};
    const float errors[] = {1.0F, 3e38F, 1.0F, 1.0F, 1e-40F};
    for (int k = 0; k < 5; k++) {
        wk_member members[3];
        wk_overlaps overlaps = {.members = members, .count = 3};
        wk_sky_cells *cells = begin(&overlaps, 1 << 20);
        put_list(cells, 0, keys, 2, 100, 1);
        put_list(cells, 1, keys, 2, values[k], errors[k]);
        put_list(cells, 2, keys, 1, 300, 1);
        assert_int_equal(wk_sky_cells_merge(cells, NULL), WK_OK);
        /* 30 has two values, one when the second is left out */
        assert_int_equal(cells->count, k == 0 ? 2 : 1);
        assert_int_equal(cells->values, k == 0 ? 5 : 2);
        wk_sky_cells_free(cells);
    }
}

/* After a merge that failed lists are gone: a second match must not read where they were. */
static void test_failure(void **state)
{
    (void)state;
    cells_case all;
    wk_sky_cells *cells = NULL;
    wk_solution *solution = NULL;
    wk_error error = {WK_OK, "", ""};
    wk_context context = {.memory = 8};
    wk_sky_cells_options options = cells_options(0);
    wk_match_options levels = wk_match_options_default();
    cells_row(&all, 3, 100, 80);
    wk_overlaps *overlaps = cells_find(&all);
    assert_int_equal(
        wk_sky_cells_measure(&cells, overlaps, cells_load, &all, &options, &context, NULL), WK_OK);
    assert_true(cells->lists[2].cells.memory == NULL);
    cells->lists[2].cells.place += (int64_t)1 << 40; /* as if the file had been cut */
    assert_int_equal(wk_sky_cells_match(&solution, cells, &options, &levels, NULL, &error),
                     WK_FILE);
    assert_int_equal(wk_sky_cells_match(&solution, cells, &options, &levels, NULL, &error),
                     WK_ARGUMENT);
    assert_non_null(strstr(error.message, "measure them again"));
    assert_null(solution);
    assert_int_equal(wk_sky_cells_save(cells, NULL, "none.fits", NULL, 0, 0, NULL), WK_ARGUMENT);
    wk_sky_cells_free(cells);
    wk_overlaps_free(overlaps);
    scene_close(&all.scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand), cmocka_unit_test(test_long_lists),
        cmocka_unit_test(test_nothing_shared), cmocka_unit_test(test_not_finite),
        cmocka_unit_test(test_failure)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
