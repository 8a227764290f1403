#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "summary_pass.h"

enum { N = 70000 };

typedef struct seen {
    double good, masked;
    int64_t goods, masks, blocks;
} seen;

static wk_status add(void *payload, const wk_summary_block *block, wk_error *error)
{
    seen *all = (seen *)payload + block->worker;
    (void)error;
    assert_true(block->good_count + block->masked_count <= WK_SUMMARY_BLOCK);
    for (int i = 0; i < block->good_count; i++)
        all->good += block->good[i];
    for (int i = 0; i < block->masked_count; i++)
        all->masked += block->masked[i];
    all->goods += block->good_count;
    all->masks += block->masked_count;
    all->blocks++;
    return WK_OK;
}

/* Masks part the pixels; what is bad for its value alone stays. */
static void test_masked(void **state)
{
    (void)state;
    static float data[N];
    static uint8_t bad[N];
    for (int i = 0; i < N; i++) {
        data[i] = (float)i;
        bad[i] = (uint8_t)(i % 7 == 0 ? 2 : i % 5 == 0 ? 1 : 0);
    }
    wk_summary_image image = {.data = data, .bad = bad, .n = N};
    wk_summary_source source = wk_summary_source_of(&image);
    seen all[1] = {{0}};
    wk_context context = {.threads = 1};
    assert_int_equal(wk_summary_pass(&source, 1, add, all, &context, NULL), WK_OK);
    const double total = (double)N * (N - 1) / 2, seventh = 7.0 * 9999 * 10000 / 2;
    assert_true(all->masks == 10000 && all->masked == seventh);
    assert_true(all->goods == N - 10000 && all->good == total - seventh);
    all[0] = (seen){0};
    assert_int_equal(wk_summary_pass(&source, 0, add, all, &context, NULL), WK_OK);
    assert_true(all->goods == N && all->good == total && all->masks == 0);
}

static void test_fetch(void **state)
{
    (void)state;
    const float data[] = {1, 2, 3}, minus[] = {0.5F, 2, 4};
    double room[WK_SUMMARY_BLOCK];
    wk_summary_image image = {.data = data, .minus = minus, .n = 3};
    int n;
    const double *values = wk_summary_fetch(&image, 0, &n, room);
    assert_true(n == 3 && values[0] == 0.5 && values[1] == 0 && values[2] == -1);
}

static wk_status refuse(void *payload, const wk_summary_block *block, wk_error *error)
{
    (void)payload;
    (void)block;
    (void)error;
    return WK_MEMORY;
}

static void test_failure(void **state)
{
    (void)state;
    const float one = 1;
    wk_summary_image image = {.data = &one, .n = 1};
    wk_summary_source source = wk_summary_source_of(&image);
    assert_int_equal(wk_summary_pass(&source, 1, refuse, NULL, NULL, NULL), WK_MEMORY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_masked),
        cmocka_unit_test(test_fetch),
        cmocka_unit_test(test_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
