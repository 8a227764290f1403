#include "match_case.h"

#include "dense.h"

enum { items_most = 8, edges_most = 28 };

/* The weight that the solution must have used. */
static double weight_of(const wk_overlap *edge, wk_match_weights weights)
{
    double n = 0.5 * (double)(edge->side_a.measure.pixels + edge->side_b.measure.pixels);
    double variance = edge->side_a.error * edge->side_a.error;
    variance += edge->side_b.error * edge->side_b.error;
    return weights == WK_WEIGHTS_PIXELS ? n * n : 1.0 / variance;
}

static size_t random_overlaps(wk_overlap *edges, size_t items, wk_random *random)
{
    size_t count = 0;
    for (size_t a = 0; a < items; a++)
        for (size_t b = a + 1; b < items; b++) {
            if (wk_random_uniform(random) < 0.4)
                continue;
            wk_overlap *edge = &edges[count++];
            *edge = case_edge(a, b, wk_random_between(random, -50.0, 50.0),
                              wk_random_between(random, -50.0, 50.0),
                              1 + wk_random_index(random, 5000), 1 + wk_random_index(random, 5000));
            edge->side_a.error = wk_random_between(random, 0.01, 1.0);
            edge->side_b.error = wk_random_between(random, 0.01, 1.0);
        }
    return count;
}

/* Zero-mean levels and errors as the equations say, by dense normal equations in long double. */
static void expect(double *levels, double *errors, int64_t *components, size_t items,
                   const wk_overlap *overlaps, size_t count, wk_match_weights weights)
{
    wk_edge edges[edges_most];
    for (size_t i = 0; i < count; i++) {
        const wk_overlap *o = &overlaps[i];
        edges[i] = (wk_edge){(int64_t)o->a, (int64_t)o->b,
                             o->side_a.measure.value - o->side_b.measure.value,
                             weight_of(o, weights), hypot(o->side_a.error, o->side_b.error)};
    }
    for (size_t i = 0; i < items; i++)
        components[i] = (int64_t)i;
    for (size_t pass = 0; pass < items; pass++)
        for (size_t i = 0; i < count; i++) {
            int64_t *a = &components[edges[i].a];
            int64_t *b = &components[edges[i].b];
            *a = *b = *a < *b ? *a : *b;
        }
    dense_solve(levels, errors, components, (int64_t)items, edges, (int64_t)count, NULL, 0);
}

static int is_lone(const int64_t *components, size_t items, size_t item)
{
    for (size_t i = 0; i < items; i++)
        if (i != item && components[i] == components[item])
            return 0;
    return 1;
}

/* The least or greatest level of the items of a component, or of all with component -1. */
static double extreme(const double *levels, const int64_t *components, size_t items,
                      int64_t component, int up)
{
    double found = (double)NAN;
    for (size_t i = 0; i < items; i++)
        if (!is_lone(components, items, i) && (component < 0 || components[i] == component))
            found = up ? fmax(found, levels[i]) : fmin(found, levels[i]);
    return found;
}

static double shift_of(const wk_match_options *options, const double *levels,
                       const int64_t *components, size_t items, size_t item)
{
    if (options->anchor == WK_ANCHOR_SHIFT)
        return extreme(levels, components, items, -1, options->up);
    if (options->anchor == WK_ANCHOR_MEAN)
        return 0.0;
    return extreme(levels, components, items, components[item],
                   options->anchor == WK_ANCHOR_MAXIMUM);
}

static void compare(const wk_overlap *edges, size_t count, size_t items,
                    const wk_match_options *options)
{
    double levels[items_most];
    double errors[items_most];
    int64_t components[items_most];
    expect(levels, errors, components, items, edges, count, options->weights);
    wk_solution *out = NULL;
    assert_true(case_match(&out, items, edges, count, options, NULL) >= 0);
    for (size_t i = 0; i < items; i++) {
        double expected = levels[i] - shift_of(options, levels, components, items, i);
        if (is_lone(components, items, i)) {
            assert_true(isnan(out->item_levels[i]) && isnan(out->item_errors[i]));
            continue;
        }
        /* levels of some 100, 1e-12 of the largest as wk_solve_levels says */
        assert_true(fabs(out->item_levels[i] - expected) < 3e-10);
        assert_true(fabs(out->item_errors[i] - errors[i]) < 1e-9 * errors[i]);
    }
    wk_solution_free(out);
}

static void test_against_normal_equations(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 120; seed++) {
        wk_overlap edges[edges_most];
        wk_random random = wk_random_stream(7, seed, 0, 0, 0);
        size_t items = 3 + (size_t)(seed % 6);
        size_t count = random_overlaps(edges, items, &random);
        wk_match_options options = case_options(WK_MATCH_MATCH);
        for (int anchor = 0; anchor < 4 && count > 0; anchor++)
            for (int k = 0; k < 4; k++) {
                options.anchor = (wk_anchor)anchor;
                options.up = k & 1;
                options.weights = (wk_match_weights)(k >> 1);
                compare(edges, count, items, &options);
            }
    }
}

/* One shift over both parts: the least of all is 0, the other part's least is not. */
static void test_two_parts_have_one_shift(void **state)
{
    (void)state;
    const wk_overlap edges[] = {case_edge(0, 2, 10.0, 4.0, 100, 100),
                                case_edge(1, 3, 1.0, 3.0, 50, 70)};
    wk_match_options options = case_options(WK_MATCH_MATCH);
    wk_solution *out = NULL;
    assert_int_equal(case_match(&out, 4, edges, 2, &options, NULL), WK_DISCONNECTED);
    /* zero-mean: 3, -1, -3, 1 */
    const double down[] = {6.0, 2.0, 0.0, 4.0};
    for (int i = 0; i < 4; i++)
        assert_true(fabs(out->item_levels[i] - down[i]) < 1e-12);
    assert_int_equal(out->components, 2);
    assert_int_equal(out->rank, 2);
    wk_solution_free(out);
    options.up = 1;
    assert_int_equal(case_match(&out, 4, edges, 2, &options, NULL), WK_DISCONNECTED);
    for (int i = 0; i < 4; i++)
        assert_true(fabs(out->item_levels[i] - (down[i] - 6.0)) < 1e-12);
    wk_solution_free(out);
}

/* An overlap whose error is not known must not outweigh the others: pixels squared are another
 * unit than inverse variances. */
static void test_unknown_error_among_variances(void **state)
{
    (void)state;
    wk_overlap edges[] = {case_edge(0, 1, 1.0, 0.0, 1000, 1000),
                          case_edge(1, 2, 1.0, 0.0, 1000, 1000),
                          case_edge(0, 2, 5.0, 0.0, 1000, 1000)};
    for (int i = 0; i < 2; i++)
        edges[i].side_a.error = edges[i].side_b.error = 0.5;
    edges[2].side_a.error = (double)NAN;
    wk_match_options options = case_options(WK_MATCH_MATCH);
    options.weights = WK_WEIGHTS_VARIANCE;
    wk_solution *out = NULL;
    assert_int_equal(case_match(&out, 3, edges, 3, &options, NULL), WK_OK);
    /* the loop misses by 3; with the weight of the others the edge takes a third of it */
    assert_true(fabs(fabs(out->overlaps[2].residual) - 1.0) < 1e-9);
    wk_solution_free(out);
}

/* No error at all: pixels decide. */
static void test_exact_differences(void **state)
{
    (void)state;
    wk_overlap edges[] = {case_edge(0, 1, 1.0, 0.0, 10, 10), case_edge(1, 2, 1.0, 0.0, 10, 10),
                          case_edge(0, 2, 5.0, 0.0, 20, 20)};
    for (int i = 0; i < 3; i++)
        edges[i].side_a.error = edges[i].side_b.error = 0.0;
    wk_match_options options = case_options(WK_MATCH_MATCH);
    options.weights = WK_WEIGHTS_VARIANCE;
    wk_solution *out = NULL;
    assert_int_equal(case_match(&out, 3, edges, 3, &options, NULL), WK_OK);
    /* 3 spread over the loop by 1 / weight: 1 : 1 : 1/4 */
    assert_true(fabs(fabs(out->overlaps[2].residual) - 3.0 / 9.0) < 1e-12);
    assert_true(fabs(out->item_errors[1]) < 1e-12);
    wk_solution_free(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_normal_equations),
        cmocka_unit_test(test_two_parts_have_one_shift),
        cmocka_unit_test(test_unknown_error_among_variances),
        cmocka_unit_test(test_exact_differences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
