#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "parallel.h"
#include "status.h"

enum { most = 5000, crowd = 8 };

typedef struct work {
    _Atomic int runs[most];
    _Atomic int busy[crowd]; /* somebody works under this number */
    _Atomic int wrong;
    int workers;
    int64_t fails[3];               /* indices that fail */
    int64_t warns;                  /* every index below it answers with a positive status */
    int64_t told, last_bytes, stop; /* what progress heard, and where it cancels */
} work;

static work fresh(int threads, int64_t count)
{
    work all;
    memset(&all, 0, sizeof all);
    wk_context context = {.threads = threads};
    all.workers = wk_parallel_workers(count, &context);
    all.fails[0] = all.fails[1] = all.fails[2] = -1;
    all.stop = INT64_MAX;
    return all;
}

static wk_status body(int64_t index, int worker, void *payload, int64_t *bytes, wk_error *error)
{
    work *all = payload;
    if (worker < 0 || worker >= all->workers || atomic_fetch_add(&all->busy[worker], 1) != 0)
        atomic_store(&all->wrong, 1);
    atomic_fetch_add(&all->runs[index], 1);
    volatile double spin = 0.0; /* takes some time */
    for (int64_t i = 0; i < 40 * (index % 7); i++)
        spin = spin + 1.0;
    *bytes = 10;
    wk_status status = index < all->warns ? WK_SPARSE : WK_OK;
    for (int i = 0; i < 3; i++)
        if (index == all->fails[i])
            status = wk_error_set(error, i == 0 ? WK_FILE : WK_HEADER, "it", "item %d", (int)index);
    if (worker >= 0 && worker < crowd)
        atomic_fetch_sub(&all->busy[worker], 1);
    return status;
}

static int tell(const wk_progress *progress, void *payload)
{
    work *all = payload;
    if (progress->done != all->told + 1 || progress->bytes != all->last_bytes + 10 ||
        strcmp(progress->stage, "count") != 0)
        atomic_store(&all->wrong, 1);
    all->told = progress->done;
    all->last_bytes = progress->bytes;
    return progress->done >= all->stop;
}

static wk_status run(work *all, int64_t count, int threads, wk_error *error)
{
    wk_context context = {.threads = threads, .progress = tell, .payload = all};
    wk_status status = wk_parallel_for(count, "count", body, all, &context, error);
    assert_int_equal(all->wrong, 0);
    return status;
}

static void test_every_index_once(void **state)
{
    (void)state;
    const int64_t counts[] = {0, 1, 2, 7, 8, 9, 1000, most};
    for (int threads = 1; threads <= crowd; threads++)
        for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
            work all = fresh(threads, counts[k]);
            assert_int_equal(run(&all, counts[k], threads, NULL), WK_OK);
            assert_int_equal(all.told, counts[k]);
            for (int64_t i = 0; i < most; i++)
                assert_int_equal(all.runs[i], i < counts[k]);
        }
}

static void test_lowest_failure_wins(void **state)
{
    (void)state;
    for (int threads = 1; threads <= crowd; threads++)
        for (int64_t first = 0; first < 600; first += 59) {
            work all = fresh(threads, most);
            wk_error error = {WK_OK, "", ""};
            all.fails[0] = first;
            all.fails[1] = first + 1;
            all.fails[2] = first + 3;
            assert_int_equal(run(&all, most, threads, &error), WK_FILE);
            assert_int_equal(error.code, WK_FILE);
            char expected[32];
            snprintf(expected, sizeof expected, "item %d", (int)first);
            assert_string_equal(error.message, expected);
            for (int64_t i = 0; i <= first; i++)
                assert_int_equal(all.runs[i], 1);
            int after = 0;
            for (int64_t i = first + 1; i < most; i++)
                after += all.runs[i];
            if (threads == 1)
                assert_int_equal(after, 0);
        }
}

static void test_failure_without_words(void **state)
{
    (void)state;
    work all = fresh(2, 10);
    all.fails[0] = 9;
    assert_int_equal(run(&all, 10, 2, NULL), WK_FILE);
    assert_int_equal(all.told, 9);
}

static void test_cancellation(void **state)
{
    (void)state;
    for (int threads = 1; threads <= crowd; threads++) {
        work all = fresh(threads, most);
        wk_error error = {WK_OK, "", ""};
        all.stop = 40;
        assert_int_equal(run(&all, most, threads, &error), WK_CANCELLED);
        assert_int_equal(error.code, WK_CANCELLED);
        int runs = 0;
        for (int64_t i = 0; i < most; i++)
            runs += all.runs[i];
        assert_in_range(runs, 40, threads == 1 ? 40 : most - 1);
        /* when all is done there is nothing left to cancel */
        work late = fresh(threads, 50);
        late.stop = 50;
        assert_int_equal(run(&late, 50, threads, &error), WK_OK);
    }
}

static void test_warnings_are_no_failures(void **state)
{
    (void)state;
    work all = fresh(3, 100);
    all.warns = 100;
    assert_int_equal(run(&all, 100, 3, NULL), WK_OK);
    assert_int_equal(all.told, 100);
}

static void test_no_callback(void **state)
{
    (void)state;
    work all = fresh(2, 100);
    wk_context context = {.threads = 2};
    assert_int_equal(wk_parallel_for(100, "count", body, &all, &context, NULL), WK_OK);
    context.progress = tell;
    context.payload = &all;
    assert_int_equal(wk_parallel_for(100, NULL, body, &all, &context, NULL), WK_OK);
    assert_int_equal(all.told, 0);
    for (int64_t i = 0; i < 100; i++)
        assert_int_equal(all.runs[i], 2);
}

static void test_workers(void **state)
{
    (void)state;
    wk_context context = {.threads = 5};
    assert_int_equal(wk_parallel_workers(100, &context), 5);
    assert_int_equal(wk_parallel_workers(3, &context), 3);
    assert_int_equal(wk_parallel_workers(0, &context), 1);
    assert_true(wk_parallel_workers(1000, NULL) >= 1);
    context.threads = 0;
    assert_int_equal(wk_parallel_workers(1000, &context), wk_parallel_workers(1000, NULL));
    assert_int_equal(wk_parallel_workers(1, NULL), 1);
    assert_int_equal(wk_parallel_for(0, "count", body, NULL, NULL, NULL), WK_OK);
}

/* A counter without a lock of its own: none of the additions is lost. */
static void add_one(void *payload)
{
    volatile int64_t *sum = payload;
    *sum = *sum + 1;
}

static wk_status add_alone(int64_t index, int worker, void *payload, int64_t *bytes,
                           wk_error *error)
{
    (void)index;
    (void)worker;
    (void)bytes;
    (void)error;
    wk_parallel_alone(add_one, payload);
    return WK_OK;
}

static void test_alone(void **state)
{
    (void)state;
    int64_t sum = 0;
    wk_context context = {.threads = 8};
    assert_int_equal(wk_parallel_for(20000, NULL, add_alone, &sum, &context, NULL), WK_OK);
    assert_int_equal(sum, 20000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_index_once),    cmocka_unit_test(test_alone),
        cmocka_unit_test(test_lowest_failure_wins), cmocka_unit_test(test_failure_without_words),
        cmocka_unit_test(test_cancellation),        cmocka_unit_test(test_warnings_are_no_failures),
        cmocka_unit_test(test_no_callback),         cmocka_unit_test(test_workers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
