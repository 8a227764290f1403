#include "match_case.h"

static scene four(void)
{
    scene all;
    scene_row(&all, 4, 60, 40);
    for (int i = 0; i < 4; i++)
        all.exposures[i].noise = 1.0;
    return all;
}

static wk_solution *solve(scene *all, const wk_match_options *options, wk_status expected)
{
    wk_solution *out = NULL;
    wk_error error = {WK_OK, "", ""};
    wk_status status = scene_match(&out, all, options, NULL, &error);
    if (status != expected)
        fail_msg("%s, not %s: %s: %s", wk_status_name(status), wk_status_name(expected),
                 error.subject, error.message);
    return out;
}

/* Without noise the levels are those put in. */
static void test_methods(void **state)
{
    (void)state;
    scene all;
    scene_row(&all, 4, 60, 40); /* 10, 13, 16, 19 */
    scene_open(&all);
    const double expected[][4] = {[WK_MATCH_LOCAL] = {10, 13, 16, 19},
                                  [WK_MATCH_GLOBAL] = {10, 10, 10, 10},
                                  [WK_MATCH_MATCH] = {0, 3, 6, 9},
                                  [WK_MATCH_GLOBAL_MATCH] = {10, 13, 16, 19}};
    for (int method = WK_MATCH_LOCAL; method <= WK_MATCH_GLOBAL_MATCH; method++) {
        wk_match_options options = case_options((wk_match_method)method);
        wk_solution *out = solve(&all, &options, WK_OK);
        for (int i = 0; i < 4; i++) {
            assert_true(fabs(out->levels[i].sky - expected[method][i]) < 1e-12);
            assert_true(out->levels[i].whole == 10.0 + 3.0 * i);
            assert_int_equal(out->levels[i].pixels, 2400);
            assert_true(out->levels[i].valid);
        }
        wk_solution_free(out);
    }
    wk_match_options up = case_options(WK_MATCH_MATCH);
    up.up = 1;
    wk_solution *out = solve(&all, &up, WK_OK);
    assert_true(fabs(out->levels[0].sky + 9.0) < 1e-12 && fabs(out->levels[3].sky) < 1e-12);
    wk_solution_free(out);
    scene_close(&all);
}

static void test_user_levels(void **state)
{
    (void)state;
    scene all;
    scene_row(&all, 3, 60, 40);
    scene_open(&all);
    all.fields[1].flux = 2.0;
    const double levels[] = {1.0, 2.5, (double)NAN};
    wk_match_options options = case_options(WK_MATCH_USER);
    wk_overlaps *overlaps = scene_find(&all);
    wk_solution *out = NULL;
    wk_error error = {WK_OK, "", ""};
    assert_int_equal(wk_match(&out, overlaps, &options, NULL, &error), WK_ARGUMENT);
    assert_null(out);
    options.user = levels;
    /* nothing needs to be measured */
    assert_int_equal(wk_match(&out, overlaps, &options, NULL, &error), WK_SPARSE);
    assert_true(out->levels[0].sky == 1.0 && out->levels[1].sky == 2.5);
    assert_true(out->item_levels[1] == 5.0);
    assert_true(isnan(out->levels[2].sky) && !out->levels[2].valid && out->levels[1].valid);
    assert_int_equal(out->levels[0].pixels, -1);
    assert_int_equal(all.loads[0], 0);
    wk_solution_free(out);
    wk_overlaps_free(overlaps);
    scene_close(&all);
}

static void test_residuals_and_rms(void **state)
{
    (void)state;
    scene all = four();
    scene_open(&all);
    wk_match_options options = case_options(WK_MATCH_MATCH);
    wk_solution *out = solve(&all, &options, WK_OK);
    double before = 0.0;
    double after = 0.0;
    for (size_t i = 0; i < out->overlap_count; i++) {
        const wk_overlap *edge = &out->overlaps[i];
        double difference = edge->side_a.measure.value - edge->side_b.measure.value;
        double left = difference - (out->levels[edge->a].sky - out->levels[edge->b].sky);
        assert_true(edge->used && fabs(edge->residual - left) < 1e-12);
        before += difference * difference / (double)out->overlap_count;
        after += left * left / (double)out->overlap_count;
    }
    assert_true(out->overlap_count >= 3);
    assert_true(fabs(out->rms_before - sqrt(before)) < 1e-12 * out->rms_before);
    assert_true(fabs(out->rms_after - sqrt(after)) < 1e-12);
    assert_int_equal(out->components, 1);
    assert_int_equal(out->rank, 3);
    wk_solution_free(out);
    scene_close(&all);
}

/* Exposures 0 and 2 meet, 1 and 4 meet, 3 is alone. */
static scene parts(void)
{
    scene all;
    scene_row(&all, 5, 60, 40);
    const double ra[] = {10.0, 50.0, 10.0, 90.0, 50.0};
    const double level[] = {30.0, 5.0, 33.0, 8.0, 6.0};
    for (int i = 0; i < 5; i++) {
        all.exposures[i].ra = ra[i] + (i == 2 || i == 4 ? 0.002 : 0.0);
        all.exposures[i].level = level[i];
    }
    return all;
}

static void test_components(void **state)
{
    (void)state;
    scene all = parts();
    for (int i = 0; i < 5; i++) /* names in another order than the caller's */
        snprintf(all.names[i], sizeof all.names[i], "%c", 'z' - i);
    scene_open(&all);
    wk_match_options options = case_options(WK_MATCH_MATCH);
    wk_solution *out = solve(&all, &options, WK_SPARSE);
    const size_t component[] = {0, 1, 0, 2, 1};
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(out->levels[i].component, component[i]);
        assert_int_equal(out->levels[i].item, i);
        assert_int_equal(out->levels[i].valid, i != 3);
    }
    assert_int_equal(out->components, 3);
    assert_int_equal(out->rank, 2);
    /* zero-mean: -1.5, -0.5, 1.5, none, 0.5 */
    const double expected[] = {0.0, 1.0, 3.0, (double)NAN, 2.0};
    for (size_t i = 0; i < 5; i++)
        assert_true(i == 3 ? isnan(out->levels[i].sky)
                           : fabs(out->levels[i].sky - expected[i]) < 1e-12);
    assert_true(case_warned(out, "w: no usable overlap", "not matched"));
    assert_true(case_warned(out, "2 unconnected parts", "around v, x"));
    wk_solution_free(out);
    scene_close(&all);
}

/* What is common is the least of own - matched, over all, the lone one included. */
static void test_parts_in_global_match(void **state)
{
    (void)state;
    scene all = parts();
    scene_open(&all);
    wk_match_options options = case_options(WK_MATCH_GLOBAL_MATCH);
    wk_solution *out = solve(&all, &options, WK_DISCONNECTED);
    /* own - matched: 30, 4, 30, 8, 4 */
    const double common[] = {4.0, 5.0, 7.0, 4.0, 6.0};
    for (size_t i = 0; i < 5; i++)
        assert_true(out->levels[i].valid && fabs(out->levels[i].sky - common[i]) < 1e-12);
    assert_true(isnan(out->levels[3].error));
    assert_true(case_warned(out, "e03: no usable overlap", "not matched"));
    wk_solution_free(out);
    options.anchor = WK_ANCHOR_MINIMUM; /* every part has its own base */
    out = solve(&all, &options, WK_DISCONNECTED);
    for (size_t i = 0; i < 5; i++)
        assert_true(fabs(out->levels[i].sky - all.exposures[i].level) < 1e-12);
    wk_solution_free(out);
    scene_close(&all);
}

static void test_anchors(void **state)
{
    (void)state;
    scene all = parts();
    scene_open(&all);
    wk_match_options options = case_options(WK_MATCH_MATCH);
    const double expected[][5] = {[WK_ANCHOR_MINIMUM] = {0.0, 0.0, 3.0, (double)NAN, 1.0},
                                  [WK_ANCHOR_MAXIMUM] = {-3.0, -1.0, 0.0, (double)NAN, 0.0},
                                  [WK_ANCHOR_MEAN] = {-1.5, -0.5, 1.5, (double)NAN, 0.5},
                                  [WK_ANCHOR_EXPOSURE] = {-3.0, 0.0, 0.0, (double)NAN, 1.0}};
    options.anchor_name = "e02";
    for (int anchor = WK_ANCHOR_MINIMUM; anchor <= WK_ANCHOR_EXPOSURE; anchor++) {
        options.anchor = (wk_anchor)anchor;
        wk_solution *out = solve(&all, &options, WK_SPARSE);
        for (size_t i = 0; i < 5; i++)
            if (i != 3)
                assert_true(fabs(out->levels[i].sky - expected[anchor][i]) < 1e-12);
        wk_solution_free(out);
    }
    wk_solution *out = NULL;
    wk_error error = {WK_OK, "", ""};
    options.anchor_name = "e03";
    assert_int_equal(scene_match(&out, &all, &options, NULL, &error), WK_NO_OVERLAP);
    assert_string_equal(error.subject, "e03");
    options.anchor_name = "nobody";
    assert_int_equal(scene_match(&out, &all, &options, NULL, &error), WK_ARGUMENT);
    assert_string_equal(error.subject, "nobody");
    options.anchor_name = NULL;
    assert_int_equal(scene_match(&out, &all, &options, NULL, &error), WK_ARGUMENT);
    assert_null(out);
    scene_close(&all);
}

static void test_empty_exposure(void **state)
{
    (void)state;
    for (size_t empty = 0; empty < 4; empty++)
        for (int method = WK_MATCH_LOCAL; method <= WK_MATCH_GLOBAL_MATCH; method++) {
            scene all = four();
            all.exposures[empty].all_bad = 1;
            scene_open(&all);
            wk_match_options options = case_options((wk_match_method)method);
            wk_solution *out = solve(&all, &options, WK_SPARSE);
            for (size_t i = 0; i < 4; i++)
                assert_int_equal(out->levels[i].valid, i != empty && isfinite(out->levels[i].sky));
            assert_false(out->levels[empty].valid);
            assert_true(isnan(out->levels[empty].sky) && isnan(out->levels[empty].whole));
            assert_int_equal(out->levels[empty].pixels, 0);
            assert_true(case_warned(out, all.names[empty], "no good pixel"));
            wk_solution_free(out);
            scene_close(&all);
        }
}

static void test_no_overlap_and_no_data(void **state)
{
    (void)state;
    scene all;
    wk_solution *out = NULL;
    wk_error error = {WK_OK, "", ""};
    scene_row(&all, 3, 30, 30);
    for (int i = 0; i < 3; i++)
        all.exposures[i].ra = 40.0 * i;
    scene_open(&all);
    wk_match_options options = case_options(WK_MATCH_MATCH);
    assert_int_equal(scene_match(&out, &all, &options, NULL, &error), WK_NO_OVERLAP);
    assert_string_equal(error.subject, "e00");
    assert_null(out);
    all.exposures[1].all_bad = 1;
    assert_int_equal(scene_match(&out, &all, &options, NULL, &error), WK_NO_DATA);
    assert_string_equal(error.subject, "e01");
    all.exposures[0].all_bad = all.exposures[2].all_bad = 1;
    options.method = WK_MATCH_LOCAL;
    assert_int_equal(scene_match(&out, &all, &options, NULL, &error), WK_NO_DATA);
    assert_string_equal(error.subject, "e00");
    options.method = WK_MATCH_GLOBAL;
    assert_int_equal(scene_match(&out, &all, &options, NULL, &error), WK_NO_DATA);
    assert_null(out);
    scene_close(&all);
}

/* Data are multiplied by the factor to compare; levels come in the image's own units. */
static void test_flux(void **state)
{
    (void)state;
    const double expected[][3] = {[WK_MATCH_LOCAL] = {10, 13, 16},
                                  [WK_MATCH_GLOBAL] = {10, 5, 40},
                                  [WK_MATCH_MATCH] = {6, 11, 0},
                                  [WK_MATCH_GLOBAL_MATCH] = {10, 13, 16}};
    scene all;
    scene_row(&all, 3, 60, 40); /* compared: 10, 26, 4 */
    scene_open(&all);
    all.fields[1].flux = 2.0;
    all.fields[2].flux = 0.25;
    for (int method = WK_MATCH_LOCAL; method <= WK_MATCH_GLOBAL_MATCH; method++) {
        wk_match_options options = case_options((wk_match_method)method);
        wk_solution *out = solve(&all, &options, WK_OK);
        for (int i = 0; i < 3; i++) {
            double sky = method == WK_MATCH_GLOBAL ? 4.0 / all.fields[i].flux : expected[method][i];
            assert_true(fabs(out->levels[i].sky - sky) < 1e-12);
            assert_true(out->levels[i].whole == 10.0 + 3.0 * i);
            assert_true(fabs(out->item_levels[i] - sky * all.fields[i].flux) < 1e-12);
        }
        wk_solution_free(out);
    }
    scene_close(&all);
}

static void test_groups_share_a_level(void **state)
{
    (void)state;
    scene all;
    scene_row(&all, 5, 60, 40);
    all.exposures[1].group = all.exposures[3].group = "g";
    all.exposures[3].level = 13.0;
    scene_open(&all);
    wk_match_options options = case_options(WK_MATCH_GLOBAL_MATCH);
    wk_solution *out = solve(&all, &options, WK_OK);
    assert_int_equal(out->items, 4);
    const size_t item[] = {0, 1, 2, 1, 3};
    const double level[] = {10.0, 13.0, 16.0, 13.0, 22.0};
    for (int i = 0; i < 5; i++) {
        assert_int_equal(out->levels[i].item, item[i]);
        assert_true(fabs(out->levels[i].sky - level[i]) < 1e-12);
        assert_true(fabs(out->item_levels[item[i]] - level[i]) < 1e-12);
    }
    wk_solution_free(out);
    options.method = WK_MATCH_LOCAL; /* the least of the members' */
    all.exposures[3].level = 2.0;
    out = solve(&all, &options, WK_OK);
    assert_true(out->levels[1].sky == 2.0 && out->levels[3].sky == 2.0);
    assert_true(out->levels[1].whole == 13.0);
    wk_solution_free(out);
    scene_close(&all);
}

/* Two groups, a lone exposure apart, slopes and noise: every sum could come out in another order.
 */
static scene tangle(const size_t *order)
{
    static const char *const groups[] = {NULL, "b", NULL, "a", "b", NULL, "a", NULL, NULL};
    scene all;
    scene_row(&all, 9, 50, 40);
    scene plain = all;
    for (size_t k = 0; k < 9; k++) {
        size_t i = order[k];
        scene_exposure *e = &all.exposures[k];
        *e = plain.exposures[i];
        e->noise = 1.0 + 0.1 * (double)i;
        e->slope = 0.01 * (double)i;
        e->rotation = 17.0 * (double)i;
        e->ra += i == 8 ? 1.0 : 0.0;
        e->group = groups[i];
        snprintf(all.names[k], sizeof all.names[k], "n%zu", (5 * i) % 9);
    }
    return all;
}

/* Which field of the caller's is exposure i. */
static size_t place_of(const size_t *order, size_t i)
{
    size_t k = 0;
    while (order[k] != i)
        k++;
    return k;
}

static void check_same(const wk_solution *first, const wk_solution *other, const size_t *order)
{
    for (size_t i = 0; i < 9; i++) {
        const wk_level_result *a = &first->levels[i];
        const wk_level_result *b = &other->levels[place_of(order, i)];
        assert_memory_equal(&a->sky, &b->sky, sizeof a->sky);
        assert_memory_equal(&a->error, &b->error, sizeof a->error);
        assert_memory_equal(&a->whole, &b->whole, sizeof a->whole);
    }
    assert_memory_equal(&first->rms_before, &other->rms_before, sizeof(double));
    assert_memory_equal(&first->rms_after, &other->rms_after, sizeof(double));
    assert_int_equal(first->overlap_count, other->overlap_count);
    assert_int_equal(other->levels[0].component, 0);
}

static void shuffle(size_t *order, size_t count, wk_random *random)
{
    for (size_t i = count; i > 1; i--) {
        size_t k = (size_t)wk_random_index(random, (int64_t)i);
        size_t held = order[i - 1];
        order[i - 1] = order[k];
        order[k] = held;
    }
}

static void test_order_changes_no_bit(void **state)
{
    (void)state;
    size_t order[9] = {0, 1, 2, 3, 4, 5, 6, 7, 8};
    wk_random random = wk_random_stream(3, 0, 0, 0, 0);
    for (int k = 0; k < 3; k++) {
        wk_solution *first = NULL;
        wk_match_options options = case_options(k ? WK_MATCH_MATCH : WK_MATCH_GLOBAL_MATCH);
        options.weights = k == 2 ? WK_WEIGHTS_VARIANCE : WK_WEIGHTS_PIXELS;
        for (int trial = 0; trial < 12; trial++) {
            for (size_t i = 0; i < 9; i++)
                order[i] = i;
            if (trial > 0)
                shuffle(order, 9, &random);
            scene all = tangle(order);
            scene_open(&all);
            wk_solution *out = solve(&all, &options, k ? WK_SPARSE : WK_DISCONNECTED);
            if (trial == 0)
                first = out;
            check_same(first, out, order);
            if (trial > 0)
                wk_solution_free(out);
            scene_close(&all);
        }
        wk_solution_free(first);
    }
}

typedef struct heard {
    char text[8192];
} heard;

static void hear(wk_level level, const char *message, void *payload)
{
    heard *all = payload;
    size_t length = strlen(all->text);
    snprintf(all->text + length, sizeof all->text - length, "%d:%s\n", (int)level, message);
}

static void test_log(void **state)
{
    (void)state;
    scene all;
    static heard lines;
    scene_row(&all, 3, 60, 40);
    all.exposures[1].all_bad = 1;
    all.exposures[2].ra = all.exposures[0].ra;
    scene_open(&all);
    wk_context context = {.threads = 1, .log = hear, .payload = &lines};
    wk_match_options options = case_options(WK_MATCH_GLOBAL_MATCH);
    wk_solution *out = NULL;
    assert_int_equal(scene_match(&out, &all, &options, &context, NULL), WK_SPARSE);
    assert_string_equal(lines.text, "1:Sky computation method: 'global+match'\n"
                                    "1:Sky matching direction: DOWN\n"
                                    "1: * Image ID=e00. Sky background: 10\n"
                                    "1: * Image ID=e01: Unable to compute sky value\n"
                                    "1: * Image ID=e02. Sky background: 16\n");
    wk_solution_free(out);
    scene_close(&all);
}

static void test_refusals(void **state)
{
    (void)state;
    scene all = four();
    scene_open(&all);
    wk_overlaps *overlaps = scene_find(&all);
    wk_solution *out = NULL;
    wk_error error = {WK_OK, "", ""};
    assert_int_equal(wk_match(&out, overlaps, NULL, NULL, &error), WK_ARGUMENT);
    assert_int_equal(wk_overlaps_measure(overlaps, scene_load, &all, NULL, 0, NULL, NULL), WK_OK);
    assert_int_equal(wk_match(&out, overlaps, NULL, NULL, &error), WK_ARGUMENT);
    wk_match_options options = case_options(WK_MATCH_MATCH);
    assert_int_equal(wk_match(&out, overlaps, &options, NULL, &error), WK_OK);
    assert_true(isnan(out->levels[0].whole));
    wk_solution_free(out);
    for (int k = 0; k < 3; k++) {
        wk_match_options bad = options;
        if (k == 0)
            bad.method = (wk_match_method)9;
        else if (k == 1)
            bad.weights = (wk_match_weights)9;
        else
            bad.anchor = (wk_anchor)9;
        assert_int_equal(wk_match(&out, overlaps, &bad, NULL, &error), WK_ARGUMENT);
        assert_non_null(strstr(error.message, "9"));
        assert_null(out);
    }
    wk_overlaps_free(overlaps);
    wk_solution_free(NULL);
    scene_close(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_methods),
        cmocka_unit_test(test_user_levels),
        cmocka_unit_test(test_residuals_and_rms),
        cmocka_unit_test(test_components),
        cmocka_unit_test(test_parts_in_global_match),
        cmocka_unit_test(test_anchors),
        cmocka_unit_test(test_empty_exposure),
        cmocka_unit_test(test_no_overlap_and_no_data),
        cmocka_unit_test(test_flux),
        cmocka_unit_test(test_groups_share_a_level),
        cmocka_unit_test(test_order_changes_no_bit),
        cmocka_unit_test(test_log),
        cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
