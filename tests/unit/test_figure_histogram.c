#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "figure_case.h"
#include "welkin/figure.h"
#include "figure_histogram.h"

static int64_t counts[4] = {1, 5, 3, 1};
static double edges[5] = {0, 1, 2, 3, 4};

static wk_summary summary_of(int bins)
{
    return (wk_summary){.pixels = 12,
                        .nonfinite = 2,
                        .finite = {10, 0, 4, 2.25, 2, 0.8},
                        .bins = bins,
                        .edges = edges,
                        .counts = counts};
}

/* The line at the mean stands where its value does. */
static void test_place(void **state)
{
    (void)state;
    wk_summary summary = summary_of(4);
    wk_box box = wk_figure_histogram_box(0);
    assert_true(fabs(wk_figure_histogram_place(box, &summary, 2) - box.x - box.width / 2) < 1e-9);
    wk_figure *figure;
    assert_int_equal(wk_figure_open(&figure, in_folder("b.png"), WK_FIGURE_HISTOGRAM_WIDTH,
                                    WK_FIGURE_HISTOGRAM_HEIGHT, 1, NULL),
                     WK_OK);
    wk_figure_histogram_draw(figure, &summary, "a", "adu");
    cairo_surface_t *image = wk_figure_image(figure);
    cairo_surface_flush(image);
    int x = (int)wk_figure_histogram_place(box, &summary, summary.finite.mean);
    const unsigned char *row =
        cairo_image_surface_get_data(image) +
        (size_t)(box.y + 240) * (size_t)cairo_image_surface_get_stride(image);
    unsigned value;
    memcpy(&value, row + (size_t)x * 4, sizeof value);
    assert_true((value >> 16 & 255) > (value & 255) + 40);
    wk_figure_abandon(figure);
}

static void test_statuses(void **state)
{
    (void)state;
    wk_summary summary = summary_of(4), none = {.pixels = 3, .nonfinite = 3};
    const char *const names[] = {"a.png", "a.svg", "a.pdf"};
    for (int i = 0; i < 3; i++)
        assert_int_equal(wk_figure_histogram(in_folder(names[i]), &summary, NULL, NULL, 0, NULL),
                         WK_OK);
    assert_int_equal(wk_figure_histogram(in_folder("a.png"), &summary, NULL, NULL, 0, NULL),
                     WK_EXISTS);
    assert_int_equal(wk_figure_histogram(in_folder("a.txt"), &summary, NULL, NULL, 0, NULL),
                     WK_ARGUMENT);
    assert_int_equal(wk_figure_histogram(in_folder("a.png"), &none, "n", "adu", 1, NULL), WK_OK);
}

#define FIGURE_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {FIGURE_TEST(test_place), FIGURE_TEST(test_statuses)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
