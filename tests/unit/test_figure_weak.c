#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "figure_cells.h"
#include "figure_pixels.h"

enum { FIELDS = 4 };

static const wk_box box = {150, 60, 400, 200};

/* Three exposures side by side and one apart, a degree wide each. */
static const double squares[FIELDS][10] = {
    {10, 0, 11, 0, 11, 1, 10, 1, 10, 0},
    {11, 0, 12, 0, 12, 1, 11, 1, 11, 0},
    {12, 0, 13, 0, 13, 1, 12, 1, 12, 0},
    {14, 0, 15, 0, 15, 1, 14, 1, 14, 0},
};

typedef struct example {
    const double *outlines[FIELDS];
    size_t corners[FIELDS];
    wk_level_result levels[FIELDS];
    size_t first[3], second[1];
    wk_sky_component components[2];
    double patterns[2][3];
    wk_sky_weak_mode modes[2];
    wk_sky_outlier outlier;
    wk_solution solution;
    wk_sky_report report;
    wk_sky_cells cells;
    wk_cells_picture picture;
} example;

static void make_example(example *e)
{
    *e = (example){.first = {0, 1, 2}, .second = {3}};
    e->patterns[0][0] = 1.2;
    e->patterns[0][2] = -1.2;
    e->patterns[1][1] = 1.0;
    for (int i = 0; i < FIELDS; i++) {
        e->outlines[i] = squares[i];
        e->corners[i] = 5;
        e->levels[i].error = i < 3 ? 0.5 : (double)NAN;
    }
    e->components[0] = (wk_sky_component){.fields = e->first, .count = 3};
    e->components[1] = (wk_sky_component){.fields = e->second, .count = 1};
    for (int k = 0; k < 2; k++)
        e->modes[k] = (wk_sky_weak_mode){
            .error = 2.0 - k, .plane = 0.99, .quadratic = 1.0, .pattern = e->patterns[k]};
    e->outlier = (wk_sky_outlier){.residual = 3, .sigma = 0.5, .sky = {10, -1}};
    e->solution = (wk_solution){.levels = e->levels, .fields = FIELDS, .dof = 10};
    e->report = (wk_sky_report){.fields = FIELDS,
                                .components = e->components,
                                .component_count = 2,
                                .weak_modes = e->modes,
                                .weak_mode_count = 2,
                                .outliers = &e->outlier,
                                .outlier_count = 1,
                                .weak_known = 1};
    e->picture = (wk_cells_picture){
        {e->outlines, e->corners, NULL, FIELDS}, &e->cells, &e->solution, &e->report};
}

static wk_figure *draw(const example *e)
{
    wk_sky_view view;
    wk_figure *figure = canvas(800, 400);
    assert_int_equal(wk_sky_view_fit(&view, &e->picture.shapes, NULL), WK_OK);
    assert_int_equal(wk_cells_weak_draw(figure, box, &view, &e->picture, NULL), WK_OK);
    return figure;
}

/* Five degrees on 0.92 * 400 units; a place off the middle of an exposure, where its number is. */
static unsigned colour_of(wk_figure *figure, int field)
{
    double ra = field < 3 ? 10.5 + field : 14.5;
    return pixel(figure, (int)(350 - (ra - 12.5) * 73.6) + 20, 160 + 20);
}

/* The first mode of the component: red, nearly white, blue; the one apart is hatched. */
static void test_modes(void **state)
{
    example e;
    (void)state;
    make_example(&e);
    wk_figure *figure = draw(&e);
    unsigned red = colour_of(figure, 0), white = colour_of(figure, 1), blue = colour_of(figure, 2);
    assert_true((red >> 16) > (red & 255) + 30);
    assert_true((blue & 255) > (blue >> 16) + 30);
    assert_true((white >> 16) > 240 && (white & 255) > 240);
    assert_true(inked(figure, 300, 330, 260, 40) > 100); /* what is hatched */
    discard(figure);
}

/* Without a mode the errors stand for them. */
static void test_errors(void **state)
{
    example e;
    (void)state;
    make_example(&e);
    e.report.weak_mode_count = 0;
    wk_figure *figure = draw(&e);
    assert_int_equal(colour_of(figure, 0), colour_of(figure, 2));
    assert_int_not_equal(colour_of(figure, 0), 0xffffff);
    discard(figure);
}

static int words(const example *e)
{
    wk_figure *figure = canvas(800, 400);
    const wk_box room = {50, 20, 700, 360};
    wk_cells_facts_draw(figure, room, &e->picture);
    int count = inked(figure, 0, 0, 800, 400);
    discard(figure);
    return count;
}

/* Each fact adds a line. */
static void test_facts(void **state)
{
    example e;
    (void)state;
    make_example(&e);
    int all = words(&e);
    e.report.outlier_count = 0;
    int fewer = words(&e);
    assert_true(fewer > 500 && all > fewer + 200);
    e.report.weak_mode_count = 0;
    assert_int_not_equal(words(&e), fewer);
    e.report.weak_known = 0;
    e.solution.dof = 0;
    assert_true(words(&e) > 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_modes), cmocka_unit_test(test_errors),
                                       cmocka_unit_test(test_facts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
