#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "figure_correlation_case.h"
#include "figure_fact.h"
#include "figure_pixels.h"

enum { WIDTH = 1800, HEIGHT = 500 };

static wk_correlation_picture picture_of(const correlation_case *c)
{
    wk_correlation_picture picture = {c->pointers, c->labels, c->count,
                                      c->count > 1 ? &c->stack : NULL, NULL};
    return picture;
}

static wk_figure *drawn(const wk_correlation_picture *picture)
{
    wk_figure *figure = canvas(WIDTH, HEIGHT);
    wk_box box = {picture->stack ? 130 : 1000, 40, picture->stack ? 1620 : 750,
                  wk_fact_height(picture)};
    assert_int_equal(wk_fact_draw(figure, box, picture, NULL), WK_OK);
    /* nothing stands beside the box, above or below it */
    assert_int_equal(inked(figure, 0, 0, (int)box.x, HEIGHT), 0);
    assert_int_equal(
        inked(figure, (int)(box.x + box.width), 0, WIDTH - (int)(box.x + box.width), HEIGHT), 0);
    assert_int_equal(inked(figure, 0, 0, WIDTH, 40), 0);
    assert_int_equal(
        inked(figure, 0, (int)(40 + box.height), WIDTH, HEIGHT - (int)(40 + box.height)), 0);
    return figure;
}

/* Lines that have ink at their right column of values. */
static int lines_at(wk_figure *figure, int x, int width)
{
    int lines = 0, before = 0;
    for (int y = 0; y < HEIGHT; y++) {
        int now = inked(figure, x, y, width, 1) > 0;
        lines += now && !before;
        before = now;
    }
    return lines;
}

static int pixels_differ(wk_figure *a, wk_figure *b)
{
    cairo_surface_t *x = wk_figure_image(a), *y = wk_figure_image(b);
    size_t size = (size_t)cairo_image_surface_get_stride(x) * HEIGHT;
    return memcmp(cairo_image_surface_get_data(x), cairo_image_surface_get_data(y), size) != 0;
}

static void test_single(void **state)
{
    (void)state;
    correlation_case *c = case_make(1, 1, 4);
    wk_correlation_picture picture = picture_of(c);
    char kept[64];
    wk_figure *figure = drawn(&picture);
    assert_true(lines_at(figure, 1190, 60) >= 7);
    /* each number is told */
    double *const numbers[] = {&c->images[0].variance,    &c->images[0].mean,
                               &c->images[0].chi2,        &c->images[0].p_value,
                               &c->images[0].area_factor, &c->images[0].area_error};
    for (int k = 0; k < 6; k++) {
        double value = *numbers[k];
        memcpy(kept, folder, sizeof kept);
        *numbers[k] = 1.5 * value;
        wk_figure *other = drawn(&picture);
        assert_true(pixels_differ(figure, other));
        discard(other);
        memcpy(folder, kept, sizeof kept);
        *numbers[k] = value;
    }
    discard(figure);
    case_free(c);
}

static void test_unknown(void **state)
{
    (void)state;
    correlation_case *c = case_make(1, 1, 4);
    wk_correlation_picture picture = picture_of(c);
    wk_correlation *image = &c->images[0];
    const double values[] = {(double)NAN, (double)INFINITY, 0, 1e300, -1e-300};
    for (int k = 0; k < 5; k++) {
        image->variance = image->mean = image->chi2 = image->p_value = values[k];
        image->area_factor = values[k];
        image->area_error = values[(k + 1) % 5];
        image->dof = k % 2 ? 0 : 4;
        image->good = k;
        discard(drawn(&picture));
    }
    case_free(c);
}

/* Outliers are listed in pairs, eight at most, below the three lines of all images. */
static void test_stack(void **state)
{
    (void)state;
    correlation_case *c = case_make(40, 1, 4);
    wk_correlation_picture picture = picture_of(c);
    double bare = wk_fact_height(&picture), pair = 0;
    discard(drawn(&picture));
    memset(c->names[1], 'n', 63);
    for (size_t k = 0; k < 12; k++) {
        c->stack.outlier[k] = k % 3 ? 6 + 1000.0 * (double)k : (double)INFINITY;
        double height = wk_fact_height(&picture);
        if (k == 0)
            pair = height;
        assert_true(height > bare);
        wk_figure *figure = drawn(&picture);
        assert_int_equal(wk_fact_height(&picture) == pair, k <= 1);
        discard(figure);
    }
    assert_true(fabs(wk_fact_height(&picture) - pair - 3 * 36) < 1e-9);
    case_free(c);
}

static void test_head(void **state)
{
    (void)state;
    for (size_t count = 1; count <= 3; count += 2) {
        correlation_case *c = case_make(count, 1, 4);
        wk_correlation_picture picture = picture_of(c);
        memset(c->names[0], 'w', 63);
        wk_figure *figure = canvas(WIDTH, 200);
        wk_fact_draw_head(figure, 130, 66, 700, &picture);
        assert_true(inked(figure, 130, 40, 700, 34) > 300);
        assert_true(inked(figure, 130, 80, 700, 28) > 300);
        assert_int_equal(inked(figure, 832, 0, WIDTH - 832, 200), 0); /* long names are cut */
        assert_int_equal(inked(figure, 0, 0, 128, 200), 0);
        discard(figure);
        case_free(c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_single),
        cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_stack),
        cmocka_unit_test(test_head),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
