#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "random.h"
#include "star_pair.h"

enum { few = 400, many = 9000 };

static wk_star_transform moved(double dx, double dy)
{
    double from[2] = {0.0, 0.0}, to[2] = {dx, dy};
    return wk_star_transform_similarity(1.0, 0.0, from, to);
}

static void find(int64_t *partner, const wk_star_places *current, const wk_star_places *reference,
                 double radius, int threads)
{
    wk_bucket *bucket = NULL;
    wk_star_transform shift = moved(100.0, -50.0);
    wk_context context = {.threads = threads};
    assert_int_equal(wk_bucket_create(&bucket, current->x, current->y, current->count, NULL),
                     WK_OK);
    assert_int_equal(
        wk_star_pair_find(partner, bucket, current, reference, &shift, radius, &context, NULL),
        WK_OK);
    wk_bucket_free(bucket);
}

static void fill(double *x, double *y, int64_t n, uint64_t seed, double dx, double dy)
{
    wk_random random = wk_random_stream(seed, 0, 0, 0, 0);
    for (int64_t i = 0; i < n; i++) {
        x[i] = dx + wk_random_between(&random, 0.0, 100.0);
        y[i] = dy + wk_random_between(&random, 0.0, 100.0);
    }
}

static int64_t nearest(const wk_star_places *in, double x, double y, double limit)
{
    int64_t best = -1;
    double least = limit * limit;
    for (int64_t i = 0; i < in->count; i++) {
        double dx = in->x[i] - x, dy = in->y[i] - y;
        if (dx * dx + dy * dy < least || (best < 0 && dx * dx + dy * dy <= least)) {
            least = dx * dx + dy * dy;
            best = i;
        }
    }
    return best;
}

static void test_mutual(void **state)
{
    (void)state;
    static double cx[few], cy[few], rx[few], ry[few], tx[few], ty[few];
    static int64_t partner[few];
    fill(cx, cy, few, 1, 100.0, -50.0);
    fill(rx, ry, few, 2, 0.0, 0.0);
    for (int64_t i = 0; i < few; i++)
        tx[i] = rx[i] + 100.0, ty[i] = ry[i] - 50.0;
    wk_star_places current = {cx, cy, few}, reference = {rx, ry, few}, carried = {tx, ty, few};
    find(partner, &current, &reference, 3.0, 1);
    int64_t pairs_found = 0;
    for (int64_t i = 0; i < few; i++) {
        int64_t there = nearest(&current, tx[i], ty[i], 3.0);
        int64_t back = there < 0 ? -1 : nearest(&carried, cx[there], cy[there], 3.0);
        assert_int_equal(partner[i], back == i ? there : -1);
        pairs_found += partner[i] >= 0;
    }
    assert_in_range(pairs_found, few / 4, few - 1);
    wk_star_pairs pairs;
    assert_int_equal(wk_star_pairs_make(&pairs, few, NULL), WK_OK);
    wk_star_pair_gather(&pairs, partner, &current, &reference);
    assert_int_equal(pairs.count, pairs_found);
    for (int64_t i = 0, at = 0; i < few; i++) {
        if (partner[i] < 0)
            continue;
        assert_true(pairs.from[0][at] == rx[i] && pairs.from[1][at] == ry[i]);
        assert_true(pairs.to[0][at] == cx[partner[i]] && pairs.to[1][at] == cy[partner[i]]);
        assert_int_equal(pairs.used[at++], 1);
    }
    wk_star_pairs_release(&pairs);
}

/* Of stars in one place the first, which is the brightest, is paired: each once. */
static void test_duplicates(void **state)
{
    (void)state;
    double cx[] = {100.0, 100.0, 101.0}, cy[] = {-50.0, -50.0, -50.0};
    double rx[] = {0.0, 0.0}, ry[] = {0.0, 0.0};
    wk_star_places current = {cx, cy, 3}, reference = {rx, ry, 2}, none = {rx, ry, 0};
    int64_t partner[2];
    find(partner, &current, &reference, 2.0, 1);
    assert_int_equal(partner[0], 0);
    assert_int_equal(partner[1], -1);
    find(partner, &none, &reference, 2.0, 1);
    assert_int_equal(partner[0], -1);
    find(partner, &current, &none, 2.0, 1);
}

static void test_threads(void **state)
{
    (void)state;
    static double cx[many], cy[many], rx[many], ry[many];
    static int64_t one[many], three[many];
    fill(cx, cy, many, 1, 100.0, -50.0);
    fill(rx, ry, many, 2, 0.0, 0.0);
    wk_star_places current = {cx, cy, many}, reference = {rx, ry, many};
    find(one, &current, &reference, 1.0, 1);
    find(three, &current, &reference, 1.0, 3);
    assert_memory_equal(one, three, sizeof one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mutual),
        cmocka_unit_test(test_duplicates),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
