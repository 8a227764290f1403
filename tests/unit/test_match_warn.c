#include "match_case.h"

#include "match.h"

static wk_solution *solve(scene *all, wk_match_method method)
{
    wk_solution *out = NULL;
    wk_match_options options = case_options(method);
    assert_true(scene_match(&out, all, &options, NULL, NULL) >= 0);
    return out;
}

/* n exposures of which the first two meet and the others are alone. */
static void scatter(scene *all, size_t n)
{
    scene_row(all, n, 30, 30);
    for (size_t i = 2; i < n; i++)
        all->exposures[i].ra = 160.0 + 2.0 * (double)i;
}

static void test_nothing_to_say(void **state)
{
    (void)state;
    scene all;
    scene_row(&all, 3, 30, 30);
    scene_open(&all);
    wk_solution *out = solve(&all, WK_MATCH_GLOBAL_MATCH);
    assert_int_equal(out->warning_count, 0);
    wk_solution_free(out);
    scene_close(&all);
}

static void test_alone_is_said_for_matching_only(void **state)
{
    (void)state;
    scene all;
    scatter(&all, 4);
    all.exposures[3].group = "pair";
    scene_open(&all);
    wk_solution *out = solve(&all, WK_MATCH_GLOBAL_MATCH);
    assert_int_equal(out->warning_count, 1);
    assert_string_equal(out->warnings[0],
                        "e02, pair: no usable overlap with another exposure, not matched");
    wk_solution_free(out);
    out = solve(&all, WK_MATCH_LOCAL);
    assert_int_equal(out->warning_count, 0);
    wk_solution_free(out);
    scene_close(&all);
}

static void test_many_names_are_counted(void **state)
{
    (void)state;
    scene all;
    scatter(&all, 12);
    scene_open(&all);
    wk_solution *out = solve(&all, WK_MATCH_GLOBAL_MATCH);
    assert_string_equal(out->warnings[0], "e02, e03, e04, e05, e06 and 5 more: no usable overlap "
                                          "with another exposure, not matched");
    wk_solution_free(out);
    for (size_t i = 2; i < 12; i++)
        all.exposures[i].all_bad = 1;
    out = solve(&all, WK_MATCH_GLOBAL_MATCH);
    assert_int_equal(out->warning_count, 1); /* an empty one is not called alone, too */
    assert_string_equal(out->warnings[0],
                        "e02, e03, e04, e05, e06 and 5 more: no good pixel, skipped");
    wk_solution_free(out);
    scene_close(&all);
}

static void test_parts(void **state)
{
    (void)state;
    scene all;
    scene_row(&all, 6, 30, 30);
    for (size_t i = 0; i < 6; i++)
        all.exposures[i].ra = 20.0 * (double)(i / 2) + 0.001 * (double)(i % 2);
    scene_open(&all);
    wk_solution *out = solve(&all, WK_MATCH_MATCH);
    assert_int_equal(out->warning_count, 1);
    assert_string_equal(out->warnings[0],
                        "the exposures fall into 3 unconnected parts, matched only within each: "
                        "around e00, e02, e04");
    wk_solution_free(out);
    scene_close(&all);
}

/* Long names take no room from what the sentence has to say. */
static void test_long_names(void **state)
{
    (void)state;
    static char names[8][400];
    scene all;
    scatter(&all, 8);
    scene_open(&all);
    for (size_t i = 0; i < 8; i++) {
        memset(names[i], 'a' + (int)i, sizeof names[i] - 1);
        all.fields[i].name = names[i];
    }
    wk_solution *out = solve(&all, WK_MATCH_GLOBAL_MATCH);
    assert_int_equal(out->warning_count, 1);
    assert_non_null(strstr(out->warnings[0], " and 1 more: no usable overlap"));
    for (size_t i = 2; i < 7; i++)
        assert_non_null(strstr(out->warnings[0], names[i]));
    wk_solution_free(out);
    scene_close(&all);
}

static void test_items_without_fields(void **state)
{
    (void)state;
    const wk_overlap edge = case_edge(0, 2, 1.0, 0.0, 5, 5);
    wk_match_options options = case_options(WK_MATCH_MATCH);
    wk_solution *out = NULL;
    assert_int_equal(case_match(&out, 3, &edge, 1, &options, NULL), WK_DISCONNECTED);
    assert_string_equal(out->warnings[0],
                        "item 1: no usable overlap with another exposure, not matched");
    assert_int_equal(out->fields, 0);
    assert_true(isnan(out->item_levels[1]));
    wk_solution_free(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_to_say),
        cmocka_unit_test(test_alone_is_said_for_matching_only),
        cmocka_unit_test(test_many_names_are_counted),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_long_names),
        cmocka_unit_test(test_items_without_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
