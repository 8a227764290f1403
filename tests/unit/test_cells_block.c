#include "cells_case.h"

#include "memory.h"

static void put_block(wk_sky_cells *cells, int64_t count, double first)
{
    wk_sky_cell_block block;
    size_t size = wk_sky_cell_block_size(count, 2 * count);
    void *bytes = wk_memory_new(size, 1, NULL);
    wk_sky_cell_block_lay(&block, bytes, count, 2 * count);
    for (int64_t c = 0; c <= count; c++)
        ((int32_t *)block.start)[c] = (int32_t)(2 * c);
    for (int64_t c = 0; c < count; c++)
        ((int64_t *)block.key)[c] = (int64_t)first + 2 * c;
    for (int64_t i = 0; i < 2 * count; i++)
        block.values[i].value = first + (double)i;
    /* the last place lies within the block */
    assert_true((char *)(block.start + count + 1) <= (char *)bytes + size);
    assert_int_equal(
        wk_spool_give(cells->shared, &cells->blocks[cells->block_count++], &bytes, size, NULL),
        WK_OK);
}

static wk_status change(void *payload, const wk_sky_cell_block *block, wk_error *error)
{
    int64_t *seen = payload;
    (void)error;
    for (int64_t c = 0; c < block->count; c++) {
        assert_true(block->sky[c] == (double)seen[1]);
        assert_int_equal(block->key[c], 2 * seen[0]);
        assert_true(block->values[block->start[c]].value == (double)(2 * seen[0]++));
        block->sky[c] += 1.0;
        block->shift[c] -= 1.0;
    }
    return WK_OK;
}

static wk_status refuse(void *payload, const wk_sky_cell_block *block, wk_error *error)
{
    (void)payload;
    (void)block;
    (void)error;
    return WK_CANCELLED;
}

/* In memory and in the file: blocks come in their order, what is changed stays if it shall. */
static void test_visits(void **state)
{
    (void)state;
    for (int file = 0; file < 2; file++) {
        wk_overlaps overlaps = {.count = 0};
        wk_sky_cells *cells = NULL;
        wk_context context = {.memory = file ? 8 : 0};
        assert_int_equal(wk_sky_cells_create(&cells, &overlaps, NULL, &context, NULL), WK_OK);
        cells->blocks = wk_memory_new(3, sizeof *cells->blocks, NULL);
        for (int64_t k = 0; k < 3; k++)
            put_block(cells, 5, 10.0 * (double)k);
        int64_t seen[2] = {0, 0};
        assert_int_equal(wk_sky_cells_visit(cells, change, seen, 1, NULL), WK_OK);
        assert_int_equal(seen[0], 15);
        seen[0] = 0;
        seen[1] = 1;
        assert_int_equal(wk_sky_cells_visit(cells, change, seen, 0, NULL), WK_OK);
        seen[0] = 0;
        seen[1] = file ? 1 : 2; /* a look into the file is forgotten */
        assert_int_equal(wk_sky_cells_visit(cells, change, seen, 0, NULL), WK_OK);
        assert_int_equal(wk_sky_cells_visit(cells, refuse, NULL, 1, NULL), WK_CANCELLED);
        wk_sky_cells_free(cells);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_visits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
