#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "memory.h"

/* The compiler must not see sizes that it would warn of. */
static volatile size_t huge = SIZE_MAX;
static volatile size_t half = SIZE_MAX / 2 + 1;

static void check_refused(void *block, const wk_error *error, const char *size)
{
    assert_null(block);
    assert_int_equal(error->code, WK_MEMORY);
    assert_non_null(strstr(error->message, size));
}

static void test_products_that_overflow(void **state)
{
    (void)state;
    wk_error error = {WK_OK, "", ""};
    /* 2^63 items of 2 bytes are 0 bytes modulo 2^64 */
    check_refused(wk_memory_new(half, 2, &error), &error, "2 bytes");
    check_refused(wk_memory_raw(half, 2, &error), &error, "2 bytes");
    check_refused(wk_memory_new(half / 4, 8, &error), &error, "8 bytes");
    check_refused(wk_memory_raw(huge, huge, &error), &error, "items");
    check_refused(wk_memory_raw(huge, 1, &error), &error, "1 bytes");
    assert_null(wk_memory_new(huge, 3, NULL));
}

static void test_zero_sizes_give_room_to_free(void **state)
{
    (void)state;
    const size_t sizes[][2] = {{0, 8}, {8, 0}, {0, 0}};
    for (size_t i = 0; i < 3; i++) {
        void *zeroed = wk_memory_new(sizes[i][0], sizes[i][1], NULL);
        void *raw = wk_memory_raw(sizes[i][0], sizes[i][1], NULL);
        assert_non_null(zeroed);
        assert_non_null(raw);
        wk_memory_free(zeroed);
        wk_memory_free(raw);
    }
}

static void test_new_is_zeroed(void **state)
{
    (void)state;
    double *block = wk_memory_new(1000, sizeof *block, NULL);
    for (int i = 0; i < 1000; i++)
        assert_true(block[i] == 0.0);
    wk_memory_free(block);
    wk_memory_free(NULL);
}

static void test_grow_keeps_what_it_holds(void **state)
{
    (void)state;
    int *block = NULL;
    for (size_t count = 1; count <= 4096; count *= 2) {
        assert_int_equal(wk_memory_grow((void **)&block, count, sizeof *block, NULL), WK_OK);
        for (size_t i = count / 2; i < count; i++)
            block[i] = (int)i;
    }
    for (int i = 0; i < 4096; i++)
        assert_int_equal(block[i], i);
    int *before = block;
    wk_error error = {WK_OK, "", ""};
    assert_int_equal(wk_memory_grow((void **)&block, half, 2, &error), WK_MEMORY);
    assert_int_equal(wk_memory_grow((void **)&block, huge / 4, 3, &error), WK_MEMORY);
    assert_ptr_equal(block, before);
    assert_int_equal(block[4095], 4095);
    assert_int_equal(wk_memory_grow((void **)&block, 0, sizeof *block, NULL), WK_OK);
    assert_non_null(block);
    wk_memory_free(block);
}

static void test_text(void **state)
{
    (void)state;
    const char *texts[] = {"", "a", "two words"};
    for (size_t i = 0; i < 3; i++) {
        char *copy = wk_memory_text(texts[i], NULL);
        assert_string_equal(copy, texts[i]);
        assert_ptr_not_equal(copy, texts[i]);
        wk_memory_free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_products_that_overflow),
        cmocka_unit_test(test_zero_sizes_give_room_to_free),
        cmocka_unit_test(test_new_is_zeroed),
        cmocka_unit_test(test_grow_keeps_what_it_holds),
        cmocka_unit_test(test_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
