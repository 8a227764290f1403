#include "spool.h"

#include "parallel.h"
#include "memory.h"
#include "fits_case.h"

enum { blocks = 40, words = 500 };

static void *make_block(int64_t index)
{
    int64_t *block = wk_memory_raw(words, sizeof *block, NULL);
    for (int64_t i = 0; i < words; i++)
        block[i] = 1000 * index + i;
    return block;
}

typedef struct giving {
    wk_spool *spool;
    wk_spool_entry entries[blocks];
} giving;

static wk_status give(int64_t index, int worker, void *payload, int64_t *bytes, wk_error *error)
{
    giving *all = payload;
    void *block = make_block(index);
    (void)worker;
    (void)bytes;
    wk_status status =
        wk_spool_give(all->spool, &all->entries[index], &block, words * sizeof(int64_t), error);
    assert_null(block);
    return status;
}

/* A third fits into memory; what is read back is what was put aside, by any number of threads. */
static void test_memory_and_file(void **state)
{
    (void)state;
    giving all;
    wk_context context = {.threads = 4};
    int in_memory = 0;
    assert_int_equal(
        wk_spool_create(&all.spool, blocks / 3 * words * sizeof(int64_t), case_folder, NULL),
        WK_OK);
    assert_int_equal(wk_parallel_for(blocks, NULL, give, &all, &context, NULL), WK_OK);
    for (int64_t k = 0; k < blocks; k++) {
        int64_t back[words];
        in_memory += all.entries[k].memory != NULL;
        assert_int_equal(
            wk_spool_read(back, all.spool, &all.entries[k], 16, sizeof back - 16, NULL), WK_OK);
        for (int64_t i = 0; i + 2 < words; i++)
            assert_int_equal(back[i], 1000 * k + i + 2);
    }
    assert_true(in_memory > 0 && in_memory <= blocks / 3);
    for (int64_t k = 0; k < blocks; k++)
        wk_spool_forget(all.spool, &all.entries[k]);
    wk_spool_free(all.spool);
    assert_int_equal(case_clear(), 0); /* the file never had a name that stays */
}

static void test_replace(void **state)
{
    (void)state;
    wk_spool *spool = NULL;
    wk_spool_entry entry;
    void *block = make_block(1), *other = make_block(7);
    int64_t back[words];
    assert_int_equal(wk_spool_create(&spool, 0, case_folder, NULL), WK_OK);
    assert_int_equal(wk_spool_give(spool, &entry, &block, sizeof back, NULL), WK_OK);
    assert_null(entry.memory);
    assert_int_equal(wk_spool_replace(spool, &entry, other, NULL), WK_OK);
    assert_int_equal(wk_spool_read(back, spool, &entry, 0, sizeof back, NULL), WK_OK);
    assert_memory_equal(back, other, sizeof back);
    wk_memory_free(other);
    wk_spool_forget(spool, &entry);
    wk_spool_free(spool);
    wk_spool_free(NULL);
}

/* A folder that is not there is named when it is needed, not before. */
static void test_no_folder(void **state)
{
    (void)state;
    wk_spool *spool = NULL;
    wk_spool_entry entry;
    wk_error error = {WK_OK, "", ""};
    void *block = make_block(1);
    assert_int_equal(wk_spool_create(&spool, 0, "/nowhere/at/all", NULL), WK_OK);
    assert_int_equal(wk_spool_give(spool, &entry, &block, 8, &error), WK_FILE);
    assert_non_null(strstr(error.subject, "/nowhere/at/all"));
    assert_null(block);
    wk_spool_free(spool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_memory_and_file),
                                       cmocka_unit_test(test_replace),
                                       cmocka_unit_test(test_no_folder)};
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
