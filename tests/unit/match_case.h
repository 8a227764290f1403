/* Small problems of matching, made by hand or at random, for the tests. */
#ifndef WELKIN_TESTS_MATCH_CASE_H
#define WELKIN_TESTS_MATCH_CASE_H

#include "scene.h"

#include "overlap.h"
#include "random.h"

/* One side of an overlap that was measured elsewhere. */
static inline wk_region case_region(double value, double error, int64_t pixels)
{
    return (wk_region){
        .measure = {value, value, 1.0, value, value, pixels}, .error = error, .covered = pixels};
}

static inline wk_overlap case_edge(size_t a, size_t b, double value_a, double value_b,
                                   int64_t pixels_a, int64_t pixels_b)
{
    return (wk_overlap){.a = a,
                        .b = b,
                        .side_a = case_region(value_a, 0.01, pixels_a),
                        .side_b = case_region(value_b, 0.01, pixels_b)};
}

/* Solve overlaps made by hand. */
static inline wk_status case_match(wk_solution **out, size_t items, const wk_overlap *edges,
                                   size_t count, const wk_match_options *options, wk_error *error)
{
    wk_overlaps *overlaps = NULL;
    assert_int_equal(wk_overlaps_create(&overlaps, items, edges, count, error), WK_OK);
    wk_status status = wk_match(out, overlaps, options, NULL, error);
    wk_overlaps_free(overlaps);
    return status;
}

static inline wk_match_options case_options(wk_match_method method)
{
    wk_match_options options = wk_match_options_default();
    options.method = method;
    return options;
}

static inline wk_overlaps *scene_find(scene *all)
{
    wk_overlaps *out = NULL;
    wk_error error = {WK_OK, "", ""};
    if (wk_overlaps_find(&out, all->fields, all->count, NULL, &error) != WK_OK)
        fail_msg("%s: %s", error.subject, error.message);
    return out;
}

/* Find, measure and match the exposures of a scene that is open. */
static inline wk_status scene_match(wk_solution **out, scene *all, const wk_match_options *options,
                                    const wk_context *context, wk_error *error)
{
    wk_overlaps *overlaps = scene_find(all);
    wk_status status =
        wk_overlaps_measure(overlaps, scene_load, all, &options->statistic, 1, context, error);
    assert_int_equal(status, WK_OK);
    status = wk_match(out, overlaps, options, context, error);
    wk_overlaps_free(overlaps);
    return status;
}

/* Whether a warning holds both texts. */
static inline int case_warned(const wk_solution *solution, const char *one, const char *two)
{
    for (size_t i = 0; i < solution->warning_count; i++)
        if (strstr(solution->warnings[i], one) && strstr(solution->warnings[i], two))
            return 1;
    return 0;
}

#endif
