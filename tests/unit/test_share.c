#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "share.h"

enum { most_sides = 200 };

/* A member with sides and nothing else, and the image under them. */
typedef struct bench {
    wk_member member;
    wk_side sides[most_sides];
    wk_share share;
    wk_pixels pixels;
    uint8_t *bad;
} bench;

static void open_bench(bench *all, size_t sides, int64_t width, int64_t height)
{
    memset(all, 0, sizeof *all);
    all->member.sides = all->sides;
    all->member.side_count = sides;
    all->bad = calloc((size_t)(width * height), 1);
    all->pixels.width = width;
    all->pixels.height = height;
    all->pixels.bad = all->bad;
    assert_int_equal(wk_share_begin(&all->share, sides, width, height, NULL), WK_OK);
}

static void close_bench(bench *all)
{
    wk_member_forget_sets(&all->member);
    wk_share_release(&all->share);
    free(all->bad);
}

/* Mark the rectangle x0 <= x < x1, y0 <= y < y1. */
static void mark(bench *all, size_t side, int64_t x0, int64_t x1, int64_t y0, int64_t y1)
{
    wk_span span[300];
    wk_spans spans = {span, 0, 300};
    for (int64_t y = y0; y < y1; y++)
        span[spans.count++] = (wk_span){y, x0, x1};
    wk_share_mark(&all->share, side, &spans, &all->pixels);
}

static void end(bench *all)
{
    assert_int_equal(wk_share_end(&all->share, &all->member, NULL), WK_OK);
}

/* The points of the set of exactly these sides (given as a sorted list); -1 if there is none. */
static int64_t set_points(const bench *all, size_t count, const size_t *sides)
{
    for (size_t k = 0; k < all->member.set_count; k++) {
        const wk_shared_set *set = &all->member.sets[k];
        if (set->count == count && memcmp(set->sides, sides, count * sizeof *sides) == 0)
            return set->points;
    }
    return -1;
}

static void test_three_sides(void **state)
{
    (void)state;
    bench all;
    open_bench(&all, 3, 40, 30); /* below 64: every pixel is a point */
    mark(&all, 0, 0, 20, 0, 30);
    mark(&all, 1, 10, 40, 0, 30);
    mark(&all, 2, 0, 40, 25, 30);
    end(&all);
    assert_int_equal(all.sides[0].points, 20 * 30);
    assert_int_equal(all.sides[1].points, 30 * 30);
    assert_int_equal(all.sides[2].points, 40 * 5);
    assert_int_equal(all.member.set_count, 4);
    assert_int_equal(set_points(&all, 2, (size_t[]){0, 1}), 10 * 25);
    assert_int_equal(set_points(&all, 2, (size_t[]){0, 2}), 10 * 5);
    assert_int_equal(set_points(&all, 2, (size_t[]){1, 2}), 20 * 5);
    assert_int_equal(set_points(&all, 3, (size_t[]){0, 1, 2}), 10 * 5);
    close_bench(&all);
}

static void test_bad_pixels_are_not_counted(void **state)
{
    (void)state;
    bench all;
    open_bench(&all, 2, 10, 10);
    for (int i = 0; i < 10; i++)
        all.bad[10 * i + 3] = 1;
    mark(&all, 0, 0, 10, 0, 10);
    mark(&all, 1, 2, 5, 0, 10);
    end(&all);
    assert_int_equal(all.sides[0].points, 90);
    assert_int_equal(all.sides[1].points, 20);
    assert_int_equal(all.member.set_count, 1);
    assert_int_equal(set_points(&all, 2, (size_t[]){0, 1}), 20);
    close_bench(&all);
}

static void test_one_pixel(void **state)
{
    (void)state;
    bench all;
    open_bench(&all, 3, 1, 1);
    mark(&all, 0, 0, 1, 0, 1);
    mark(&all, 2, 0, 1, 0, 1);
    end(&all);
    assert_int_equal(all.sides[0].points, 1);
    assert_int_equal(all.sides[1].points, 0);
    assert_int_equal(all.member.set_count, 1);
    assert_int_equal(set_points(&all, 2, (size_t[]){0, 2}), 1);
    close_bench(&all);
}

/* Side k reaches from column k to the end: every column has a set of its own. */
static void test_more_than_64_sides(void **state)
{
    (void)state;
    static bench all;
    open_bench(&all, most_sides, 64, 2);
    for (size_t k = 0; k < most_sides; k++)
        mark(&all, k, (int64_t)(k % 64), 64, 0, 2);
    end(&all);
    for (size_t k = 0; k < most_sides; k++)
        assert_int_equal(all.sides[k].points, 2 * (64 - (int64_t)(k % 64)));
    assert_int_equal(all.member.set_count, 64);
    for (size_t k = 0; k < 64; k++) {
        const wk_shared_set *set = &all.member.sets[k];
        assert_int_equal(set->points, 2);
        for (size_t i = 1; i < set->count; i++)
            assert_true(set->sides[i - 1] < set->sides[i]);
    }
    size_t every[most_sides];
    for (size_t k = 0; k < most_sides; k++)
        every[k] = k;
    assert_int_equal(set_points(&all, most_sides, every), 2); /* the last column */
    close_bench(&all);
}

/* In a large image the points are a sample: 64 a side, each the middle of its stripe, so that a
 * rectangle's share is that of its area to a stripe. */
static void test_a_large_image_is_sampled(void **state)
{
    (void)state;
    bench all;
    const int64_t sizes[][2] = {{65, 64}, {127, 300}, {300, 65}, {256, 256}};
    for (int s = 0; s < 4; s++) {
        int64_t width = sizes[s][0];
        int64_t height = sizes[s][1];
        open_bench(&all, 3, width, height);
        mark(&all, 0, 0, width, 0, height);
        mark(&all, 1, 0, width / 2, 0, height);
        mark(&all, 2, width / 2, width, 0, height);
        end(&all);
        assert_int_equal(all.sides[0].points, 64 * 64);
        assert_in_range(all.sides[1].points, 31 * 64, 33 * 64);
        /* no point is lost where two sides meet, and none is in both */
        assert_int_equal(all.sides[1].points + all.sides[2].points, 64 * 64);
        assert_int_equal(all.member.set_count, 2);
        close_bench(&all);
    }
}

/* Spans of one row that break between points lose none. */
static void test_broken_spans(void **state)
{
    (void)state;
    bench all;
    open_bench(&all, 2, 150, 1);
    for (int64_t x = 0; x < 150; x++)
        mark(&all, 0, x, x + 1, 0, 1);
    end(&all);
    assert_int_equal(all.sides[0].points, 64);
    assert_int_equal(all.member.set_count, 0);
    close_bench(&all);
}

static void test_the_next_field_begins_anew(void **state)
{
    (void)state;
    bench all;
    open_bench(&all, 4, 64, 64);
    mark(&all, 1, 0, 64, 0, 64);
    mark(&all, 3, 0, 64, 0, 64);
    end(&all);
    assert_int_equal(all.member.set_count, 1);
    assert_int_equal(wk_share_begin(&all.share, 4, 20, 10, NULL), WK_OK);
    all.pixels.width = 20;
    all.pixels.height = 10;
    mark(&all, 0, 0, 20, 0, 10);
    end(&all);
    assert_int_equal(all.member.set_count, 0);
    assert_int_equal(all.sides[0].points, 200);
    assert_int_equal(all.sides[1].points, 0);
    close_bench(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_three_sides),
        cmocka_unit_test(test_bad_pixels_are_not_counted),
        cmocka_unit_test(test_one_pixel),
        cmocka_unit_test(test_more_than_64_sides),
        cmocka_unit_test(test_a_large_image_is_sampled),
        cmocka_unit_test(test_broken_spans),
        cmocka_unit_test(test_the_next_field_begins_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
