#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "figure_case.h"
#include "welkin/figure.h"
#include "figure_match.h"
#include "figure_solution.h"

enum { FIELDS = 3, OVERLAPS = 3 };

static const double squares[FIELDS][10] = {
    {10, 0, 11, 0, 11, 1, 10, 1, 10, 0},
    {10.8, 0, 11.8, 0, 11.8, 1, 10.8, 1, 10.8, 0},
    {11.6, 0, 12.6, 0, 12.6, 1, 11.6, 1, 11.6, 0},
};

static const double *outline(const void *source, size_t field, size_t *count)
{
    const double *from = source;
    *count = 5;
    return field < FIELDS ? from + 10 * field : NULL;
}

static wk_overlap edge(size_t a, size_t b, double value_a, double value_b, double residual,
                       int64_t pixels)
{
    wk_overlap overlap = {.a = a, .b = b, .residual = residual, .used = isfinite(residual)};
    overlap.side_a.measure.value = value_a;
    overlap.side_b.measure.value = value_b;
    overlap.side_a.measure.pixels = overlap.side_b.measure.pixels = pixels;
    overlap.side_a.error = 0.3;
    overlap.side_b.error = 0.4;
    return overlap;
}

typedef struct example {
    wk_overlap overlaps[OVERLAPS];
    wk_level_result levels[FIELDS];
    wk_solution solution;
} example;

/* Fields 0 and 1 are one item (a group), field 2 is another, and a third item has no field. */
static void make_example(example *e)
{
    memset(e, 0, sizeof *e);
    e->overlaps[0] = edge(0, 1, 10, 4, 0.3, 100);
    e->overlaps[1] = edge(0, 1, 12, 5, -0.1, 300);
    e->overlaps[2] = edge(1, 2, 7, 7, (double)NAN, 0);
    for (size_t k = 0; k < FIELDS; k++)
        e->levels[k] = (wk_level_result){.sky = 3.0 * (double)k, .valid = 1, .item = k / 2};
    e->solution = (wk_solution){.levels = e->levels,
                                .fields = FIELDS,
                                .items = 3,
                                .overlaps = e->overlaps,
                                .overlap_count = OVERLAPS,
                                .components = 2,
                                .rms_before = 6.5,
                                .rms_after = 0.2};
}

static void draw_by_hand(const char *name, double remains, double third_level)
{
    wk_figure *figure;
    const double *outlines[] = {squares[0], squares[1], squares[2]};
    const size_t corners[] = {5, 5, 5};
    const double levels[] = {0, 3, third_level}, remaining[] = {remains, remains, remains};
    const double before[] = {6, 7}, after[] = {0.3, -0.1}, errors[] = {0.5, 0.5};
    wk_figure_levels picture = {.shapes = {outlines, corners, NULL, FIELDS},
                                .levels = levels,
                                .remains = remaining,
                                .before = before,
                                .after = after,
                                .errors = errors,
                                .overlaps = 2,
                                .unmeasured = 1,
                                .components = 2,
                                .rms_before = 6.5,
                                .rms_after = 0.2};
    assert_int_equal(
        wk_figure_open(&figure, in_folder(name), WK_FIGURE_WIDTH, WK_FIGURE_HEIGHT, 1, NULL),
        WK_OK);
    assert_int_equal(wk_figure_levels_draw(figure, &picture, NULL), WK_OK);
    assert_int_equal(wk_figure_close(figure, NULL), WK_OK);
}

/* The adapter's numbers by hand: remains^2 = (100 * 0.09 + 300 * 0.01) / 400 = 0.03. */
static void test_numbers(void **state)
{
    (void)state;
    example e;
    make_example(&e);
    assert_int_equal(
        wk_figure_match_from(in_folder("a.png"), outline, squares, &e.solution, NULL, 0, NULL),
        WK_OK);
    draw_by_hand("b.png", sqrt((100 * 0.3 * 0.3 + 300 * 0.1 * 0.1) / 400), 6);
    expect_equal_files("a.png", "b.png", 1);
    draw_by_hand("b.png", 0.25, 6);
    expect_equal_files("a.png", "b.png", 0);
}

static void test_invalid_level(void **state)
{
    (void)state;
    example e;
    make_example(&e);
    e.levels[2].valid = 0;
    assert_int_equal(
        wk_figure_match_from(in_folder("a.png"), outline, squares, &e.solution, NULL, 0, NULL),
        WK_OK);
    draw_by_hand("b.png", sqrt((100 * 0.3 * 0.3 + 300 * 0.1 * 0.1) / 400), (double)NAN);
    expect_equal_files("a.png", "b.png", 1);
}

static void test_names(void **state)
{
    (void)state;
    example e;
    const char *const names[] = {"a", "b\xff", "a name that is far too long for its footprint"};
    make_example(&e);
    wk_status status =
        wk_figure_match_from(in_folder("a.png"), outline, squares, &e.solution, names, 0, NULL);
    assert_int_equal(status, WK_OK);
}

/* Overlaps that were measured elsewhere have no footprints. */
static void test_public(void **state)
{
    (void)state;
    example e;
    wk_error error = {0};
    make_example(&e);
    static const char *const files[] = {"a.png", "a.svg", "a.pdf"};
    for (int k = 0; k < 3; k++) {
        const char *name = in_folder(files[k]);
        assert_int_equal(wk_figure_match(name, NULL, &e.solution, NULL, 0, &error), WK_OK);
        assert_int_equal(wk_figure_match(name, NULL, &e.solution, NULL, 0, &error), WK_EXISTS);
        assert_int_equal(wk_figure_match(name, NULL, &e.solution, NULL, 1, &error), WK_OK);
    }
    assert_int_equal(wk_figure_match(in_folder("a.gif"), NULL, &e.solution, NULL, 0, &error),
                     WK_ARGUMENT);
    assert_int_equal(access(path, F_OK), -1);
}

static void test_empty(void **state)
{
    (void)state;
    wk_solution empty = {.rms_before = (double)NAN, .rms_after = (double)NAN};
    assert_int_equal(wk_figure_match(in_folder("a.png"), NULL, &empty, NULL, 0, NULL), WK_OK);
}

#define FIGURE_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIGURE_TEST(test_numbers), FIGURE_TEST(test_invalid_level), FIGURE_TEST(test_names),
        FIGURE_TEST(test_public),  FIGURE_TEST(test_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
