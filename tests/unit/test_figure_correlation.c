#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "figure_case.h"
#include "figure_correlation_case.h"
#include "sanitized.h"
#include "welkin/figure.h"

static const double nan_value = (double)NAN;

static wk_correlation_picture picture_of(const correlation_case *c, int power)
{
    wk_correlation_picture picture = {c->pointers, c->labels, c->count,
                                      c->count > 1 ? &c->stack : NULL, power ? &c->power : NULL};
    return picture;
}

static wk_status draw(const char *name, const correlation_case *c, int power, wk_error *error)
{
    return wk_figure_correlation(in_folder(name), c->pointers, c->labels, c->count,
                                 c->count > 1 ? &c->stack : NULL, power ? &c->power : NULL, 1,
                                 error);
}

static int inked(cairo_surface_t *image, wk_box box)
{
    int count = 0;
    for (int y = (int)box.y; y < box.y + box.height; y++)
        for (int x = (int)box.x; x < box.x + box.width; x++)
            count += pixel(image, x, y) != 0xffffff;
    return count;
}

static cairo_surface_t *picture(const correlation_case *c, int power)
{
    assert_int_equal(draw("a.png", c, power, NULL), WK_OK);
    cairo_surface_t *image = cairo_image_surface_create_from_png(in_folder("a.png"));
    assert_int_equal(cairo_surface_status(image), CAIRO_STATUS_SUCCESS);
    return image;
}

/* The colour of lag (dy, dx) near a corner of its cell, where nothing is written. */
static unsigned lag_colour(cairo_surface_t *image, wk_box box, int64_t lag, int dy, int dx)
{
    double side = box.width / (double)(2 * lag + 1);
    return pixel(image, box.x + (double)(dx + lag) * side + 4,
                 box.y + box.height - (double)(dy + lag) * side - 5);
}

/* dx to the right and dy upward: a lag of its own value is at its place and nowhere else. */
static void test_matrix(void **state)
{
    (void)state;
    correlation_case *c = case_make(1, 2, 8);
    for (int k = 0; k < 25; k++)
        c->images[0].correlation[k] = k == 12 ? 1 : 0;
    c->images[0].correlation[(1 + 2) * 5 + 2 + 2] = 0.3;
    c->images[0].correlation[(-2 + 2) * 5 + 0 + 2] = -0.3;
    c->images[0].correlation[(0 + 2) * 5 + -1 + 2] = nan_value;
    wk_correlation_picture shape = picture_of(c, 1);
    wk_box box = wk_figure_correlation_box(&shape, WK_CORRELATION_MATRIX);
    cairo_surface_t *image = picture(c, 1);
    for (int dy = -2; dy <= 2; dy++)
        for (int dx = -2; dx <= 2; dx++) {
            unsigned want = dy == 1 && dx == 2    ? 0x7d1522
                            : dy == -2 && dx == 0 ? 0x143d78
                            : dy == 0 && dx == -1 ? 0xb4b4b4
                            : dy == 0 && dx == 0  ? 0x262626
                                                  : 0xf1f1ef;
            assert_int_equal(lag_colour(image, box, 2, dy, dx), want);
        }
    cairo_surface_destroy(image);
    case_free(c);
}

/* The one value of lag 1 in each direction is the one that its chart shows: the largest stands
 * highest, and zero lies on the line that the charts share. */
static void test_directions(void **state)
{
    (void)state;
    static const int cells[4] = {5, 7, 8, 2}; /* of 3 x 3: (0, 1), (1, 0), (1, 1), (-1, 1) */
    for (int chart = 0; chart < 4; chart++) {
        correlation_case *c = case_make(1, 1, 4);
        for (int k = 0; k < 9; k++) {
            c->images[0].correlation[k] = k == cells[chart] ? 0.5 : 0;
            c->images[0].jackknife[k] = 1e-6;
        }
        wk_correlation_picture shape = picture_of(c, 0);
        cairo_surface_t *image = picture(c, 0);
        for (int other = 0; other < 4; other++) {
            wk_box box = wk_figure_correlation_chart(&shape, other);
            /* the range 0..0.5 has 0.08 of room at both ends: 0.5 stands 1 / 14.5 from the top */
            double y = box.y + box.height * 0.08 / 1.16;
            unsigned top = pixel(image, box.x + box.width / 2, y);
            assert_int_equal(top != 0xffffff, other == chart);
        }
        cairo_surface_destroy(image);
        case_free(c);
    }
}

/* Panels do not touch, and margins stay white. */
static void test_layout(void **state)
{
    (void)state;
    const size_t counts[] = {1, 2, 60};
    for (int k = 0; k < 6; k++) {
        correlation_case *c = case_make(counts[k % 3], k < 3 ? 1 : 6, 16);
        c->stack.outlier[0] = 9;
        wk_correlation_picture shape = picture_of(c, k % 2);
        int width, height;
        wk_figure_correlation_size(&width, &height, &shape);
        cairo_surface_t *image = picture(c, k % 2);
        assert_int_equal(cairo_image_surface_get_width(image), width);
        assert_int_equal(cairo_image_surface_get_height(image), height);
        const wk_box edges[] = {{0, 0, width, 20},
                                {0, height - 12, width, 12},
                                {0, 0, 12, height},
                                {width - 12, 0, 12, height}};
        for (int e = 0; e < 4; e++)
            assert_int_equal(inked(image, edges[e]), 0);
        for (wk_correlation_panel panel = 0; panel <= WK_CORRELATION_FACTS; panel++) {
            wk_box box = wk_figure_correlation_box(&shape, panel);
            int absent = !shape.power &&
                         (panel == WK_CORRELATION_POWER || panel == WK_CORRELATION_POWER_PROFILES);
            assert_int_equal(box.width == 0, absent);
            assert_int_equal(inked(image, box) > 100, !absent);
        }
        cairo_surface_destroy(image);
        case_free(c);
    }
}

/* An outlier's column is tinted where the others are white. */
static void test_outlier(void **state)
{
    (void)state;
    correlation_case *c = case_make(5, 1, 4);
    c->stack.outlier[2] = 5.5;
    c->stack.outlier[3] = 4.5;
    wk_correlation_picture shape = picture_of(c, 0);
    wk_box box = wk_figure_correlation_box(&shape, WK_CORRELATION_NEIGHBOURS);
    cairo_surface_t *image = picture(c, 0);
    for (int k = 0; k < 5; k++) {
        unsigned tint = pixel(image, box.x + (k + 0.5) * box.width / 5 + 12, box.y + 3);
        assert_int_equal(tint != 0xffffff, k == 2);
    }
    cairo_surface_destroy(image);
    case_free(c);
}

/* A spectrum from 1 to 1000 is drawn by its logarithm: 10^1.5 gets the middle of the colours. With
 * one value below 0 it is not: there 31.6 of 1000 is near the low end. */
static void test_power(void **state)
{
    (void)state;
    correlation_case *c = case_make(1, 1, 4);
    for (int negative = 0; negative < 2; negative++) {
        for (int k = 0; k < 16; k++)
            c->power.power[k] = k < 4 ? 1 : k < 12 ? pow(10, 1.5) : 1000;
        c->power.power[0] = negative ? -1 : 1;
        c->power.negative = negative;
        wk_correlation_picture shape = picture_of(c, 1);
        wk_box box = wk_figure_correlation_box(&shape, WK_CORRELATION_POWER);
        cairo_surface_t *image = picture(c, 1);
        unsigned middle = pixel(image, box.x + box.width / 2, box.y + box.height / 2);
        assert_int_equal(middle == 0x21918c, !negative);
        assert_int_equal(pixel(image, box.x + box.width / 2, box.y + 20), 0xfde725);
        cairo_surface_destroy(image);
    }
    case_free(c);
}

static void expect_refused(const correlation_case *c, const wk_correlation *const *pointers,
                           size_t count, const wk_correlation_stack *stack)
{
    wk_error error = {0};
    assert_int_equal(wk_figure_correlation(in_folder("b.png"), pointers, c->labels, count, stack,
                                           NULL, 0, &error),
                     WK_ARGUMENT);
    assert_true(strlen(error.message) > 10);
    assert_int_equal(access(path, F_OK), -1);
}

static void test_statuses(void **state)
{
    (void)state;
    wk_error error = {0};
    correlation_case *c = case_make(3, 1, 8), *wider = case_make(1, 2, 8);
    static const char *const files[] = {"a.png", "a.svg", "a.pdf"};
    for (int k = 0; k < 3; k++) {
        const char *name = in_folder(files[k]);
        for (int again = 0; again < 2; again++)
            assert_int_equal(
                wk_figure_correlation(name, c->pointers, NULL, 3, &c->stack, &c->power, 0, &error),
                again ? WK_EXISTS : WK_OK);
        assert_int_equal(draw(files[k], c, 1, &error), WK_OK);
    }
    assert_int_equal(draw("a.gif", c, 1, &error), WK_ARGUMENT);
    const wk_correlation *const mixed[] = {c->pointers[0], wider->pointers[0]};
    expect_refused(c, NULL, 3, &c->stack);
    expect_refused(c, c->pointers, 0, NULL);
    expect_refused(c, c->pointers, 3, NULL);
    expect_refused(c, c->pointers, 2, &c->stack);
    expect_refused(c, c->pointers, 3, &wider->stack);
    expect_refused(c, mixed, 2, &c->stack);
    case_free(c);
    case_free(wider);
}

static void test_same_bytes(void **state)
{
    (void)state;
    correlation_case *c = case_make(4, 2, 16);
    assert_int_equal(draw("a.png", c, 1, NULL), WK_OK);
    assert_int_equal(draw("b.png", c, 1, NULL), WK_OK);
    expect_equal_files("a.png", "b.png", 1);
    case_free(c);
}

/* What a measurement gives for one pixel, lags without pairs, and values far out. */
static void test_degenerate(void **state)
{
    (void)state;
    const double values[] = {nan_value, 0, 1e300, -1e-300, (double)INFINITY};
    for (int k = 0; k < 20; k += SANITIZED ? 3 : 1) {
        correlation_case *c = case_make(k % 2 ? 1 : 3, k % 4, 4);
        int64_t cells = c->images[0].size * c->images[0].size;
        for (int64_t cell = 0; cell < cells; cell += 1 + k % 3) {
            c->images[0].correlation[cell] = c->stack.weighted[cell] = values[k % 5];
            c->images[0].jackknife[cell] = c->images[0].white[cell] = values[(k + 1) % 5];
            c->images[0].bartlett[cell] = c->stack.weighted_error[cell] = values[(k + 2) % 5];
        }
        for (int p = 0; p < 16; p++)
            c->power.power[p] = values[(p / 4 + k) % 5];
        for (int p = 0; p < 3; p++)
            c->power.along_x[p] = c->power.radial[p] = values[(p + k) % 5];
        c->images[0].good = 0;
        c->images[0].variance = values[k % 5];
        cairo_surface_t *image = picture(c, 1);
        assert_true(cairo_image_surface_get_height(image) > 1000);
        cairo_surface_destroy(image);
        case_free(c);
    }
}

#define FIGURE_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIGURE_TEST(test_matrix),     FIGURE_TEST(test_directions), FIGURE_TEST(test_layout),
        FIGURE_TEST(test_outlier),    FIGURE_TEST(test_power),      FIGURE_TEST(test_statuses),
        FIGURE_TEST(test_same_bytes), FIGURE_TEST(test_degenerate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
