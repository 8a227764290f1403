#include "scene.h"

#include "overlap.h"

static wk_overlaps *find(scene *all)
{
    wk_overlaps *out = NULL;
    wk_error error = {WK_OK, "", ""};
    scene_open(all);
    if (wk_overlaps_find(&out, all->fields, all->count, NULL, &error) != WK_OK)
        fail_msg("%s: %s", error.subject, error.message);
    return out;
}

static void check_edge(const wk_overlaps *overlaps, size_t index, size_t a, size_t b)
{
    const wk_overlap *edge = wk_overlaps_get(overlaps, index);
    assert_non_null(edge);
    assert_int_equal(edge->a, a);
    assert_int_equal(edge->b, b);
}

static void test_row(void **state)
{
    (void)state;
    scene all;
    scene_row(&all, 5, 100, 80);
    for (size_t i = 0; i < 5; i++)
        all.exposures[i].ra += 0.0001 * (double)i; /* half a width apart, a bit less */
    wk_overlaps *overlaps = find(&all);
    assert_int_equal(wk_overlaps_count(overlaps), 4 + 3);
    check_edge(overlaps, 0, 0, 1);
    check_edge(overlaps, 1, 0, 2);
    check_edge(overlaps, 6, 3, 4);
    assert_null(wk_overlaps_get(overlaps, 7));
    wk_overlaps_free(overlaps);
    scene_close(&all);
}

static void test_groups_are_one_item(void **state)
{
    (void)state;
    scene all;
    scene_row(&all, 4, 100, 80);
    all.exposures[1].group = "g";
    all.exposures[2].group = "g";
    for (size_t i = 0; i < 4; i++)
        all.exposures[i].ra -= 0.002 * (double)i; /* neighbours only */
    wk_overlaps *overlaps = find(&all);
    assert_int_equal(overlaps->items, 3);
    assert_int_equal(wk_overlaps_count(overlaps), 2);
    check_edge(overlaps, 0, 0, 1);
    check_edge(overlaps, 1, 1, 2);
    wk_overlaps_free(overlaps);
    scene_close(&all);
}

static void test_items_keep_the_callers_order(void **state)
{
    (void)state;
    scene all;
    scene_row(&all, 3, 100, 80);
    all.exposures[0].group = "g";
    all.exposures[2].group = "g";
    all.exposures[2].ra = 200.0;
    snprintf(all.names[0], sizeof all.names[0], "z");
    snprintf(all.names[1], sizeof all.names[1], "a");
    snprintf(all.names[2], sizeof all.names[2], "m");
    wk_overlaps *overlaps = find(&all);
    check_edge(overlaps, 0, 0, 1); /* the group came first, though "a" sorts before */
    size_t count = 0;
    const double *footprint = wk_overlaps_footprint(overlaps, 2, &count);
    assert_int_equal(count, 5);
    assert_true(fabs(footprint[0] - 200.0) < 0.01);
    wk_overlaps_free(overlaps);
    scene_close(&all);
}

static wk_status find_status(scene *all, wk_error *error)
{
    wk_overlaps *out = NULL;
    wk_status status = wk_overlaps_find(&out, all->fields, all->count, NULL, error);
    if (status < 0)
        assert_null(out);
    wk_overlaps_free(out);
    return status;
}

static void test_bad_fields(void **state)
{
    (void)state;
    scene all;
    wk_error error = {WK_OK, "", ""};
    scene_row(&all, 2, 10, 10);
    scene_open(&all);
    all.fields[1].name = all.fields[0].name;
    assert_int_equal(find_status(&all, &error), WK_ARGUMENT);
    assert_string_equal(error.subject, "e00");
    assert_non_null(strstr(error.message, "twice"));
    all.fields[1].name = "other";
    all.fields[1].flux = NAN;
    assert_int_equal(find_status(&all, &error), WK_ARGUMENT);
    all.fields[1].flux = 1.0;
    all.fields[1].width = 0;
    assert_int_equal(find_status(&all, &error), WK_ARGUMENT);
    all.fields[1].width = 10;
    all.fields[1].wcs = NULL;
    assert_int_equal(find_status(&all, &error), WK_WCS);
    assert_string_equal(error.subject, "other");
    scene_close(&all);
}

static void test_none_and_one(void **state)
{
    (void)state;
    wk_overlaps *out = NULL;
    assert_int_equal(wk_overlaps_find(&out, NULL, 0, NULL, NULL), WK_OK);
    assert_int_equal(wk_overlaps_count(out), 0);
    wk_overlaps_free(out);
    scene all;
    scene_row(&all, 1, 10, 10);
    out = find(&all);
    assert_int_equal(wk_overlaps_count(out), 0);
    wk_overlaps_free(out);
    scene_close(&all);
}

static void test_create(void **state)
{
    (void)state;
    wk_overlap edges[2];
    memset(edges, 0, sizeof edges);
    edges[0].b = 1;
    edges[0].side_a.measure.pixels = edges[0].side_b.measure.pixels = 5;
    edges[1].a = 1;
    edges[1].b = 2;
    wk_overlaps *out = NULL;
    assert_int_equal(wk_overlaps_create(&out, 3, edges, 2, NULL), WK_OK);
    assert_int_equal(wk_overlaps_get(out, 0)->used, 1);
    assert_int_equal(wk_overlaps_get(out, 1)->used, 0);
    wk_overlaps_free(out);
    wk_error error = {WK_OK, "", ""};
    assert_int_equal(wk_overlaps_create(&out, 2, edges, 2, &error), WK_ARGUMENT);
    assert_null(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_row),
        cmocka_unit_test(test_groups_are_one_item),
        cmocka_unit_test(test_items_keep_the_callers_order),
        cmocka_unit_test(test_bad_fields),
        cmocka_unit_test(test_none_and_one),
        cmocka_unit_test(test_create),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
