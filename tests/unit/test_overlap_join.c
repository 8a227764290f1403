#include "match_case.h"

#include "memory.h"

enum { fields = 5 };

/* Members without pixels: only what joining reads. */
typedef struct bench {
    wk_overlaps all;
    wk_member members[fields];
    wk_side sides[fields][4];
    size_t neighbours[fields][4];
    size_t numbers[fields];
} bench;

static void open_bench(bench *work, size_t items)
{
    memset(work, 0, sizeof *work);
    work->all.members = work->members;
    work->all.count = fields;
    work->all.items = items;
    work->all.item_numbers = work->numbers;
    for (size_t i = 0; i < fields; i++) {
        work->numbers[i] = i;
        work->members[i].item = i;
        work->members[i].sides = work->sides[i];
        work->members[i].neighbours = work->neighbours[i];
    }
}

static void see(bench *work, size_t field, size_t item, wk_region region)
{
    wk_member *member = &work->members[field];
    member->neighbours[member->neighbour_count++] = item; /* its first field, here */
    member->sides[member->side_count++] = (wk_side){item, region, 0};
    work->all.measured = 1;
}

static void join(bench *work)
{
    assert_int_equal(wk_overlaps_join(&work->all, NULL), WK_OK);
}

static wk_region region_of(double value, double error, int64_t pixels, double area)
{
    wk_region region = case_region(value, error, pixels);
    region.area = area;
    return region;
}

static void test_sides_find_their_places(void **state)
{
    (void)state;
    bench work;
    open_bench(&work, fields);
    work.numbers[0] = 1; /* the caller has them the other way round */
    work.numbers[1] = 0;
    see(&work, 0, 1, case_region(10.0, 0.1, 5));
    see(&work, 1, 0, case_region(20.0, 0.2, 6));
    see(&work, 3, 1, case_region(40.0, 0.4, 8));
    see(&work, 1, 3, case_region(30.0, 0.3, 7));
    join(&work);
    assert_int_equal(work.all.edge_count, 2);
    const wk_overlap *edge = work.all.edges;
    assert_int_equal(edge[0].a, 0);
    assert_int_equal(edge[0].b, 1);
    assert_true(edge[0].side_a.measure.value == 20.0 && edge[0].side_b.measure.value == 10.0);
    assert_int_equal(edge[1].a, 0);
    assert_int_equal(edge[1].b, 3);
    assert_true(edge[1].side_a.measure.value == 30.0 && edge[1].side_b.measure.value == 40.0);
    assert_true(edge[0].used && edge[1].used && isnan(edge[1].residual));
    wk_memory_free(work.all.edges);
}

/* Two fields of one group: values weighted by pixels, independent errors. */
static void test_group_side_is_the_weighted_mean(void **state)
{
    (void)state;
    bench work;
    open_bench(&work, 4);
    work.members[1].item = 0;
    see(&work, 0, 2, region_of(10.0, 0.3, 100, 7.0));
    see(&work, 1, 2, region_of(14.0, 0.4, 300, 21.0));
    see(&work, 2, 0, region_of(5.0, 0.1, 400, 28.0));
    join(&work);
    assert_int_equal(work.all.edge_count, 1);
    const wk_region *side = &work.all.edges[0].side_a;
    assert_true(fabs(side->measure.value - 13.0) < 1e-14);
    assert_true(fabs(side->measure.mean - 13.0) < 1e-14);
    assert_true(side->measure.min == 10.0 && side->measure.max == 14.0);
    assert_int_equal(side->measure.pixels, 400);
    assert_int_equal(side->covered, 400);
    assert_true(side->area == 28.0);
    assert_true(fabs(side->error - hypot(0.3 * 0.25, 0.4 * 0.75)) < 1e-15);
    wk_memory_free(work.all.edges);
}

/* A field without good pixels adds its area and nothing else, first or last. */
static void test_empty_part_of_a_group(void **state)
{
    (void)state;
    for (size_t empty = 0; empty < 2; empty++) {
        bench work;
        open_bench(&work, 4);
        work.members[1].item = 0;
        wk_region none = {{(double)NAN, (double)NAN, (double)NAN, (double)NAN, (double)NAN, 0},
                          (double)NAN,
                          3.0,
                          50};
        see(&work, empty, 2, none);
        see(&work, 1 - empty, 2, region_of(9.0, 0.2, 60, 4.0));
        see(&work, 2, 0, case_region(5.0, 0.1, 400));
        join(&work);
        const wk_region *side = &work.all.edges[0].side_a;
        assert_true(side->measure.value == 9.0 && side->error == 0.2);
        assert_int_equal(side->measure.pixels, 60);
        assert_int_equal(side->covered, 110);
        assert_true(side->area == 7.0);
        assert_true(work.all.edges[0].used);
        wk_memory_free(work.all.edges);
    }
}

static void test_one_side_is_not_enough(void **state)
{
    (void)state;
    bench work;
    open_bench(&work, fields);
    see(&work, 0, 1, case_region(10.0, 0.1, 5));
    see(&work, 1, 0,
        (wk_region){{(double)NAN, (double)NAN, (double)NAN, (double)NAN, (double)NAN, 0},
                    (double)NAN,
                    1.0,
                    5});
    see(&work, 2, 3, case_region(1.0, 0.1, 5)); /* the other saw nothing of it at all */
    see(&work, 3, 2,
        (wk_region){{(double)NAN, (double)NAN, (double)NAN, (double)NAN, (double)NAN, 0},
                    (double)NAN,
                    0.0,
                    0});
    join(&work);
    assert_int_equal(work.all.edge_count, 2);
    assert_false(work.all.edges[0].used || work.all.edges[1].used);
    assert_int_equal(work.all.edges[1].side_b.covered, 0);
    assert_true(isnan(work.all.edges[1].side_b.measure.value));
    wk_memory_free(work.all.edges);
}

static void test_before_measuring(void **state)
{
    (void)state;
    bench work;
    open_bench(&work, 4);
    work.members[1].item = 0;
    for (size_t i = 0; i < 2; i++)
        see(&work, i, 2, case_region(1.0, 1.0, 1));
    see(&work, 2, 0, case_region(1.0, 1.0, 1));
    work.all.measured = 0;
    join(&work);
    assert_int_equal(work.all.edge_count, 1);
    assert_false(work.all.edges[0].used);
    assert_int_equal(work.all.edges[0].side_a.measure.pixels, 0);
    join(&work); /* the old edges are let go */
    wk_memory_free(work.all.edges);
    work.all.count = 0;
    work.all.edges = NULL;
    join(&work);
    assert_int_equal(work.all.edge_count, 0);
    wk_memory_free(work.all.edges);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sides_find_their_places),
        cmocka_unit_test(test_group_side_is_the_weighted_mean),
        cmocka_unit_test(test_empty_part_of_a_group),
        cmocka_unit_test(test_one_side_is_not_enough),
        cmocka_unit_test(test_before_measuring),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
