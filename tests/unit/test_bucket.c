#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "bucket.h"
#include "random.h"

enum { most = 700 };

typedef struct found {
    int64_t index;
    double distance;
} found;

static int compare(const void *left, const void *right)
{
    const found *a = left, *b = right;
    if (a->distance != b->distance)
        return a->distance < b->distance ? -1 : 1;
    return (a->index > b->index) - (a->index < b->index);
}

/* All points by distance, then index. */
static int64_t try_all(found *all, const double *x, const double *y, int64_t n, double px,
                       double py)
{
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++) {
        if (!isfinite(x[i]) || !isfinite(y[i]))
            continue;
        double dx = x[i] - px, dy = y[i] - py;
        all[count++] = (found){i, sqrt(dx * dx + dy * dy)};
    }
    qsort(all, (size_t)count, sizeof *all, compare);
    return count;
}

typedef struct seen {
    char *marks;
    int64_t count;
} seen;

static int mark(int64_t index, double distance, void *payload)
{
    seen *s = payload;
    assert_true(distance >= 0.0);
    s->marks[index]++;
    s->count++;
    return 0;
}

static void check_place(const wk_bucket *bucket, const double *x, const double *y, int64_t n,
                        double px, double py)
{
    static found all[most];
    static int64_t indices[most];
    static double distances[most];
    int64_t count = try_all(all, x, y, n, px, py);
    double distance = 0.0;
    int64_t nearest = wk_bucket_nearest(bucket, px, py, &distance);
    assert_int_equal(nearest, count > 0 ? all[0].index : -1);
    assert_true(count == 0 ? isnan(distance) : distance == all[0].distance);
    for (int64_t k = 1; k <= count + 1; k = 3 * k) {
        int64_t got = wk_bucket_near(bucket, px, py, k, indices, distances);
        assert_int_equal(got, k < count ? k : count);
        for (int64_t i = 0; i < got; i++) {
            assert_int_equal(indices[i], all[i].index);
            assert_true(distances[i] == all[i].distance);
        }
    }
    if (count == 0)
        return;
    double radius = all[count / 3].distance;
    static char marks[most];
    for (int64_t i = 0; i < n; i++)
        marks[i] = 0;
    seen s = {marks, 0};
    /* a little beyond, for the square of a root may round down */
    assert_int_equal(wk_bucket_within(bucket, px, py, radius * (1.0 + 1e-15), mark, &s), 0);
    assert_true(s.count > count / 3);
    for (int64_t i = 0; i < count; i++)
        assert_int_equal(marks[all[i].index], i < s.count);
}

static void check_points(const double *x, const double *y, int64_t n)
{
    wk_bucket *bucket = NULL;
    assert_int_equal(wk_bucket_create(&bucket, x, y, n, NULL), WK_OK);
    wk_random random = wk_random_stream(2, (uint64_t)n, 0, 0, 0);
    for (int k = 0; k < 20; k++)
        check_place(bucket, x, y, n, wk_random_between(&random, -3.0, 13.0),
                    wk_random_between(&random, -3.0, 13.0));
    for (int64_t i = 0; i < n; i += 1 + n / 20)
        if (isfinite(x[i]) && isfinite(y[i]))
            check_place(bucket, x, y, n, x[i], y[i]);
    wk_bucket_free(bucket);
}

static void fill(double *x, double *y, int64_t n, double width, double height)
{
    wk_random random = wk_random_stream(1, (uint64_t)n, 0, 0, 0);
    for (int64_t i = 0; i < n; i++) {
        x[i] = wk_random_between(&random, 0.0, width);
        y[i] = wk_random_between(&random, 0.0, height);
    }
}

static void test_any_number(void **state)
{
    (void)state;
    static double x[most], y[most];
    for (int64_t n = 0; n < 40; n++) {
        fill(x, y, n, 10.0, 10.0);
        check_points(x, y, n);
    }
    fill(x, y, most, 10.0, 10.0);
    check_points(x, y, most);
}

/* One place, a line, a lattice full of ties, outliers, places that are not there. */
static void test_any_distribution(void **state)
{
    (void)state;
    static double x[most], y[most];
    fill(x, y, most, 0.0, 0.0);
    check_points(x, y, most);
    fill(x, y, most, 10.0, 0.0);
    check_points(x, y, most);
    fill(x, y, most, 0.0, 10.0);
    check_points(x, y, most);
    for (int64_t i = 0; i < most; i++) {
        x[i] = (double)(i * 7 % 11);
        y[i] = (double)(i * 5 % 13);
    }
    check_points(x, y, most);
    fill(x, y, most, 10.0, 10.0);
    x[3] = 1e9, y[17] = -1e9, x[101] = -1e300, y[101] = 1e300;
    x[5] = (double)NAN, y[6] = (double)INFINITY, x[most - 1] = -(double)INFINITY;
    check_points(x, y, most);
    wk_bucket *bucket = NULL;
    assert_int_equal(wk_bucket_create(&bucket, x, y, most, NULL), WK_OK);
    assert_int_equal(wk_bucket_count(bucket), most - 3);
    wk_bucket_free(bucket);
}

static int stop(int64_t index, double distance, void *payload)
{
    (void)distance;
    *(int *)payload += 1;
    return index >= 0 ? 7 : 0;
}

static void test_edges(void **state)
{
    (void)state;
    double x[] = {0.0, 3.0, 3.0}, y[] = {0.0, 4.0, 4.0}, distance = 0.0;
    wk_bucket *bucket = NULL;
    assert_int_equal(wk_bucket_create(&bucket, x, y, 3, NULL), WK_OK);
    assert_int_equal(wk_bucket_nearest_within(bucket, 6.0, 8.0, 5.0, &distance), 1);
    assert_true(distance == 5.0);
    assert_int_equal(wk_bucket_nearest_within(bucket, 6.0, 8.0, 4.999, &distance), -1);
    assert_true(isnan(distance));
    assert_int_equal(wk_bucket_nearest_within(bucket, 3.0, 4.0, 0.0, NULL), 1);
    assert_int_equal(wk_bucket_nearest(bucket, (double)NAN, 0.0, &distance), -1);
    assert_int_equal(wk_bucket_near(bucket, 0.0, 0.0, 0, NULL, NULL), 0);
    int calls = 0;
    assert_int_equal(wk_bucket_within(bucket, 0.0, 0.0, 9.0, stop, &calls), 7);
    assert_int_equal(calls, 1);
    assert_int_equal(wk_bucket_within(bucket, 0.0, 0.0, -1.0, stop, &calls), 0);
    wk_bucket_free(bucket);
    wk_bucket_free(NULL);
}

/* Equal places must not make a search try all: 2e5 x 2e5 of them would take minutes. */
static void test_many_in_one_place(void **state)
{
    (void)state;
    const int64_t n = 200000;
    double *x = calloc((size_t)n, sizeof *x);
    wk_bucket *bucket = NULL;
    assert_int_equal(wk_bucket_create(&bucket, x, x, n, NULL), WK_OK);
    int64_t indices[4];
    double distances[4];
    for (int64_t i = 0; i < n; i++)
        assert_int_equal(wk_bucket_near(bucket, 1.0, (double)i, 4, indices, distances), 4);
    assert_int_equal(indices[0], 0);
    assert_int_equal(indices[3], 3);
    wk_bucket_free(bucket);
    free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_number),
        cmocka_unit_test(test_any_distribution),
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_many_in_one_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
