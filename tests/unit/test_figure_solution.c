#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "figure_case.h"
#include "figure_solution.h"

/* A square grid of unit footprints that overlap by a fifth, and the differences along its rows. */
typedef struct grid {
    double (*corners)[10];
    const double **outlines;
    size_t *counts;
    double *levels, *remains, *before, *after, *errors;
    wk_figure_levels picture;
} grid;

static void fill_square(double *corners, double ra, double dec, double half)
{
    static const double at[5][2] = {{-1, -1}, {1, -1}, {1, 1}, {-1, 1}, {-1, -1}};
    for (int k = 0; k < 5; k++) {
        corners[2 * k] = fmod(ra + half * at[k][0] / cos(dec / 57.3) + 360, 360);
        corners[2 * k + 1] = dec + half * at[k][1];
    }
}

static void reserve(grid *g, size_t count)
{
    g->corners = calloc(count, sizeof *g->corners);
    g->outlines = calloc(count, sizeof *g->outlines);
    g->counts = calloc(count, sizeof *g->counts);
    g->levels = calloc(count, sizeof(double));
    g->remains = calloc(count, sizeof(double));
    g->before = calloc(count, sizeof(double));
    g->after = calloc(count, sizeof(double));
    g->errors = calloc(count, sizeof(double));
}

static grid make_grid(int side, double ra, double dec, double half)
{
    grid g;
    size_t count = (size_t)side * (size_t)side;
    reserve(&g, count);
    for (size_t k = 0; k < count; k++) {
        double x = (double)((int)k % side) - side / 2.0, y = (double)((int)k / side) - side / 2.0;
        fill_square(g.corners[k], ra + 1.6 * half * x / cos(dec / 57.3), dec + 1.6 * half * y,
                    half);
        g.outlines[k] = g.corners[k];
        g.counts[k] = 5;
        g.levels[k] = 100 + 50 * sin((double)k);
        g.remains[k] = 0.1 + 0.05 * cos((double)k);
        g.before[k] = 70 * sin(3 * (double)k);
        g.after[k] = 0.1 * cos(7 * (double)k);
        g.errors[k] = 0.05;
    }
    g.picture = (wk_figure_levels){.shapes = {g.outlines, g.counts, NULL, count},
                                   .levels = g.levels,
                                   .remains = g.remains,
                                   .before = g.before,
                                   .after = g.after,
                                   .errors = g.errors,
                                   .overlaps = count - 1,
                                   .components = 1,
                                   .rms_before = 50,
                                   .rms_after = 0.07};
    return g;
}

static void free_grid(grid *g)
{
    free(g->corners);
    free(g->outlines);
    free(g->counts);
    free(g->levels);
    free(g->remains);
    free(g->before);
    free(g->after);
    free(g->errors);
}

/* Draw into a file and read it back. */
static cairo_surface_t *drawn(const wk_figure_levels *picture)
{
    wk_figure *figure;
    wk_error error = {0};
    assert_int_equal(
        wk_figure_open(&figure, in_folder("a.png"), WK_FIGURE_WIDTH, WK_FIGURE_HEIGHT, 1, &error),
        WK_OK);
    assert_int_equal(wk_figure_levels_draw(figure, picture, &error), WK_OK);
    assert_int_equal(wk_figure_close(figure, &error), WK_OK);
    cairo_surface_t *image = cairo_image_surface_create_from_png(path);
    assert_int_equal(cairo_image_surface_get_width(image), WK_FIGURE_WIDTH);
    assert_int_equal(cairo_image_surface_get_height(image), WK_FIGURE_HEIGHT);
    return image;
}

/* The share of a box that is not white. */
static double share(cairo_surface_t *image, wk_box box)
{
    int inked = 0;
    for (int y = (int)box.y + 3; y < box.y + box.height - 3; y++) {
        const unsigned char *row = cairo_image_surface_get_data(image);
        row += y * cairo_image_surface_get_stride(image);
        for (int x = (int)box.x + 3; x < box.x + box.width - 3; x++)
            inked += row[4 * x] < 255 || row[4 * x + 1] < 255 || row[4 * x + 2] < 255;
    }
    return inked / ((box.width - 6) * (box.height - 6));
}

static void expect_maps(const wk_figure_levels *picture, double least, double most)
{
    cairo_surface_t *image = drawn(picture);
    for (int after = 0; after < 2; after++) {
        double found = share(image, wk_figure_map_box(after));
        assert_true(found >= least && found <= most);
        assert_true(share(image, wk_figure_chart_box(after)) > 0.001);
    }
    wk_box margin = {0, 0, 120, 120};
    assert_true(share(image, margin) == 0);
    cairo_surface_destroy(image);
}

/* A square mosaic fills 0.92 of the smaller side: 0.79 of the box at most, half of it at least. */
static void expect_mosaic(int side, double ra, double dec, double half)
{
    grid g = make_grid(side, ra, dec, half);
    expect_maps(&g.picture, 0.5, 0.87);
    free_grid(&g);
}

static void test_mosaics(void **state)
{
    (void)state;
    expect_mosaic(3, 150, 2, 0.03);
    expect_mosaic(5, 0.01, -12, 0.5);
    expect_mosaic(5, 359.9, 60, 0.5);
    expect_mosaic(4, 77, 0, 1e-4);
    expect_mosaic(30, 10, 5, 0.05);
}

static void test_many(void **state)
{
    (void)state;
    expect_mosaic(150, 200, 30, 0.01);
}

/* Footprints around a pole, each a sector of the cap. */
static void test_pole(void **state)
{
    (void)state;
    grid g = make_grid(3, 0, 0, 1);
    for (size_t k = 0; k < 9; k++) {
        double ra = 40 * (double)k;
        const double sector[10] = {
            ra, 89, fmod(ra + 42, 360), 89, fmod(ra + 42, 360), 89.95, ra, 89.95, ra, 89};
        memcpy(g.corners[k], sector, sizeof sector);
    }
    expect_maps(&g.picture, 0.5, 0.87);
    free_grid(&g);
}

static void expect_drawn(const wk_figure_levels *picture)
{
    cairo_surface_t *image = drawn(picture);
    for (int after = 0; after < 2; after++)
        assert_true(share(image, wk_figure_map_box(after)) > 0.001);
    wk_box charts = wk_figure_chart_box(0);
    charts.height = 350;
    assert_true(share(image, charts) > 0.001);
    cairo_surface_destroy(image);
}

static void test_nothing(void **state)
{
    (void)state;
    wk_figure_levels empty = {.rms_before = (double)NAN, .rms_after = (double)NAN};
    expect_drawn(&empty);
}

static void test_single(void **state)
{
    (void)state;
    grid g = make_grid(1, 12, 12, 0.1);
    g.remains[0] = (double)NAN;
    g.picture.overlaps = 0;
    expect_drawn(&g.picture);
    free_grid(&g);
}

static void test_no_footprints(void **state)
{
    (void)state;
    grid g = make_grid(3, 12, 12, 0.1);
    memset(g.outlines, 0, 9 * sizeof *g.outlines);
    expect_drawn(&g.picture);
    free_grid(&g);
}

static void test_all_unknown(void **state)
{
    (void)state;
    grid g = make_grid(3, 12, 12, 0.1);
    for (int k = 0; k < 9; k++)
        g.levels[k] = g.remains[k] = g.before[k] = g.after[k] = g.errors[k] = (double)NAN;
    g.picture.rms_before = g.picture.rms_after = (double)NAN;
    expect_drawn(&g.picture);
    free_grid(&g);
}

static void test_constant(void **state)
{
    (void)state;
    grid g = make_grid(25, 12, 12, 0.1);
    for (int k = 0; k < 625; k++) {
        g.levels[k] = 5;
        g.remains[k] = g.before[k] = g.after[k] = g.errors[k] = 0;
    }
    g.picture.unmeasured = 3;
    expect_drawn(&g.picture);
    g.picture.overlaps = 30;
    expect_drawn(&g.picture);
    free_grid(&g);
}

static void expect_spread(const double *values, size_t count, double median, double spread)
{
    double got_median, got_spread;
    assert_int_equal(wk_figure_spread(&got_median, &got_spread, values, count, NULL), WK_OK);
    assert_true(fabs(got_median - median) < 1e-12 && fabs(got_spread - spread) < 1e-12);
}

static void test_spread(void **state)
{
    (void)state;
    const double odd[] = {1, 9, 2}, even[] = {4, (double)NAN, 1, 2, 3, (double)INFINITY},
                 none[] = {(double)NAN};
    double many[1001];
    expect_spread(odd, 3, 2, 7);
    expect_spread(even, 6, 2.5, 1.5);
    expect_spread(none, 1, 0, 0);
    expect_spread(NULL, 0, 0, 0);
    for (int k = 0; k < 1001; k++)
        many[k] = k - 500;
    many[1000] = 1e9;
    expect_spread(many, 1001, 0, 495); /* 99th percentile of |k| */
}

#define FIGURE_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIGURE_TEST(test_mosaics),       FIGURE_TEST(test_many),     FIGURE_TEST(test_pole),
        FIGURE_TEST(test_nothing),       FIGURE_TEST(test_single),   FIGURE_TEST(test_all_unknown),
        FIGURE_TEST(test_no_footprints), FIGURE_TEST(test_constant), cmocka_unit_test(test_spread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
