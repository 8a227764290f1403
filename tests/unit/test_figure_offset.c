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

#include "welkin/figure.h"
#include "figure_pixels.h"
#include "figure_offset.h"

enum { WARM = 0xb5503c, COOL = 0x2a6a94, INK = 0x262626, GREY = 0xb4b4b4, BLOCKS = 8 };

/* An image of 400 x 200 pixels in 4 x 2 blocks, drawn 580 x 290; two stars. */
typedef struct example {
    float x[BLOCKS], y[BLOCKS], jump[BLOCKS];
    double star_x[2], star_y[2], residual_x[2], residual_y[2];
    wk_offset_picture picture;
} example;

static void make_example(example *e)
{
    *e = (example){.x = {40, 41, 42, 43, 44, 45, 46, 47},
                   .y = {-10, -8, -6, -1, 1, 6, 8, 10},
                   .jump = {0, 0.25f, 0.5f, 0, 0, 0, 0, 0.5f},
                   .star_x = {150, 250},
                   .star_y = {50, 50},
                   .residual_x = {0.1, -0.1},
                   .residual_y = {0, 0.1}};
    e->picture = (wk_offset_picture){.width = 400,
                                     .height = 200,
                                     .nx = 4,
                                     .ny = 2,
                                     .x = e->x,
                                     .y = e->y,
                                     .jump = e->jump,
                                     .star_x = e->star_x,
                                     .star_y = e->star_y,
                                     .residual_x = e->residual_x,
                                     .residual_y = e->residual_y,
                                     .stars = 2,
                                     .model = "affine",
                                     .name = "name",
                                     .rms_x = 0.1,
                                     .rms_y = 0.07,
                                     .largest_jump = 0.5,
                                     .jump_x = 350,
                                     .jump_y = 150};
}

static wk_figure *drawn(const wk_offset_picture *picture)
{
    int width, height;
    wk_figure_offset_size(&width, &height, picture->width, picture->height);
    wk_figure *figure = canvas(width, height);
    assert_int_equal(wk_figure_offset_draw(figure, picture, NULL), WK_OK);
    for (int x = 0; x < width; x++)
        assert_int_equal(pixel(figure, x, height - 5), 0xffffff);
    for (int y = 0; y < height; y++)
        assert_int_equal(pixel(figure, width - 5, y), 0xffffff);
    return figure;
}

/* The middle of a block in a panel; the first block is at the lower left. */
static unsigned block(wk_figure *figure, int panel, int column, int row)
{
    wk_box box = wk_figure_offset_box(400, 200, panel);
    return pixel(figure, (int)(box.x + box.width * (column + 0.5) / 4),
                 (int)(box.y + box.height * (1 - (row + 0.5) / 2)));
}

static int count_of(wk_figure *figure, unsigned colour, int panel, int from, int height)
{
    int count = 0;
    wk_box box = wk_figure_offset_box(400, 200, panel);
    for (int y = (int)box.y + from; y < (int)box.y + from + height; y++)
        for (int x = (int)box.x; x < (int)(box.x + box.width); x++)
            count += pixel(figure, x, y) == colour;
    return count;
}

/* Offsets of one sign run through all colours, those of both signs apart from grey. */
static void test_maps(void **state)
{
    (void)state;
    example e;
    make_example(&e);
    wk_figure *figure = drawn(&e.picture);
    assert_int_equal(block(figure, 0, 0, 0), 0x440154);
    assert_int_equal(block(figure, 0, 3, 1), 0xfde725);
    assert_int_equal(block(figure, 1, 0, 0), 0x143d78);
    assert_int_equal(block(figure, 1, 3, 1), 0x7d1522);
    assert_int_equal(count_of(figure, 0xffffff, 0, 2, 286) > 20, 1); /* the stars */
    assert_int_equal(count_of(figure, COOL, 2, 2, 286) > 20, 1);
    discard(figure);
    e.x[2] = NAN;
    figure = drawn(&e.picture);
    assert_int_equal(block(figure, 0, 2, 0), GREY);
    discard(figure);
}

/* The place of the largest jump is marked, and what exceeds a pixel is said in red. */
static void test_jump(void **state)
{
    (void)state;
    example e;
    make_example(&e);
    wk_figure *figure = drawn(&e.picture);
    assert_int_equal(block(figure, 3, 0, 0), 0xfdf6dc);
    assert_int_equal(block(figure, 3, 2, 0), 0x331067);
    assert_true(count_of(figure, INK, 3, 2, 140) > 20);
    assert_int_equal(count_of(figure, INK, 3, 150, 135), 0);
    assert_true(count_of(figure, INK, 3, 370, 20) > 20);
    assert_int_equal(count_of(figure, WARM, 3, 290, 110), 0);
    discard(figure);
    e.picture.largest_jump = 1.001;
    e.picture.jump_x = (double)NAN;
    figure = drawn(&e.picture);
    assert_int_equal(count_of(figure, INK, 3, 2, 286), 0);
    assert_true(count_of(figure, WARM, 3, 290, 110) > 20);
    discard(figure);
}

/* Seven powers of ten are seven equal steps of colour. */
static void test_logarithmic(void **state)
{
    (void)state;
    example e;
    make_example(&e);
    for (int k = 0; k < BLOCKS; k++)
        e.jump[k] = (float)pow(10, k - 4);
    e.picture.largest_jump = (double)NAN;
    wk_figure *figure = drawn(&e.picture);
    for (int k = 0; k < BLOCKS; k++) {
        wk_colour want = wk_colour_at(WK_COLOUR_EMBER, k / 7.0);
        unsigned got = block(figure, 3, k % 4, k / 4);
        /* a tone is a 1024th of the map, less than 1 of 255 */
        assert_true(fabs(255 * want.red - (got >> 16)) < 2);
        assert_true(fabs(255 * want.green - (got >> 8 & 255)) < 2);
        assert_true(fabs(255 * want.blue - (got & 255)) < 2);
    }
    discard(figure);
}

/* One colour, which the note explains, whatever the value; rounding is no structure. */
static void test_constant(void **state)
{
    (void)state;
    example e;
    make_example(&e);
    for (int k = 0; k < BLOCKS; k++) {
        e.x[k] = 40;
        e.y[k] = 0;
        e.jump[k] = 0.01f * (1 + 1e-3f * (float)k);
    }
    wk_figure *figure = drawn(&e.picture);
    for (int panel = 0; panel < 2; panel++)
        assert_int_equal(block(figure, panel, 0, 0), block(figure, panel, 3, 1));
    for (int k = 1; k < 7; k++) {
        unsigned difference = block(figure, 3, k % 4, k / 4) ^ block(figure, 3, 0, 0);
        assert_true((difference >> 16) < 4); /* red is near 255 in the pale half of the map */
    }
    assert_true(count_of(figure, INK, 0, 370, 20) > 20);
    discard(figure);
    for (int k = 0; k < BLOCKS; k++)
        e.jump[k] = 0;
    figure = drawn(&e.picture);
    assert_int_equal(block(figure, 3, 1, 1), 0xfdf6dc);
    discard(figure);
}

/* Nothing known, no stars, and texts that are missing. */
static void test_nothing(void **state)
{
    (void)state;
    example e;
    make_example(&e);
    for (int k = 0; k < BLOCKS; k++)
        e.x[k] = e.y[k] = e.jump[k] = k % 2 ? NAN : INFINITY;
    e.picture.residual_x = e.picture.residual_y = NULL;
    e.picture.model = e.picture.name = NULL;
    e.picture.rms_x = e.picture.rms_y = e.picture.largest_jump = (double)NAN;
    wk_figure *figure = drawn(&e.picture);
    assert_int_equal(block(figure, 0, 3, 1), GREY);
    assert_int_equal(block(figure, 3, 3, 1), GREY);
    discard(figure);
    e.picture.stars = 0;
    e.picture.star_x = e.picture.star_y = NULL;
    figure = drawn(&e.picture);
    assert_true(count_of(figure, INK, 2, 130, 30) > 20); /* no stars */
    discard(figure);
}

static void test_shapes(void **state)
{
    (void)state;
    static const int64_t sizes[][2] = {{1, 1}, {1, 100000}, {100000, 1}, {7, 3}};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        example e;
        make_example(&e);
        char text[3000];
        memset(text, 'm', sizeof text - 1);
        text[sizeof text - 1] = '\0';
        e.picture.name = e.picture.model = text;
        e.picture.width = sizes[k][0];
        e.picture.height = sizes[k][1];
        e.picture.nx = e.picture.ny = 1;
        e.star_x[0] = e.star_y[0] = e.picture.jump_x = e.picture.jump_y = 0;
        discard(drawn(&e.picture));
    }
}

static void test_statuses(void **state)
{
    (void)state;
    example e;
    char path[80], name[] = "/tmp/welkin-offset-XXXXXX";
    static const char *const endings[] = {"png", "svg", "pdf"};
    make_example(&e);
    assert_non_null(mkdtemp(name));
    for (int k = 0; k < 3; k++) {
        snprintf(path, sizeof path, "%s/a.%s", name, endings[k]);
        assert_int_equal(wk_figure_offset(path, &e.picture, 0, NULL), WK_OK);
        assert_int_equal(wk_figure_offset(path, &e.picture, 0, NULL), WK_EXISTS);
        if (k > 0) /* compressing a PNG takes most of the time */
            assert_int_equal(wk_figure_offset(path, &e.picture, 1, NULL), WK_OK);
        assert_int_equal(remove(path), 0);
    }
    assert_int_equal(wk_figure_offset("a.gif", &e.picture, 1, NULL), WK_ARGUMENT);
    e.picture.stars = -1;
    assert_int_equal(wk_figure_offset(path, &e.picture, 0, NULL), WK_ARGUMENT);
    e.picture.ny = 0;
    assert_int_equal(wk_figure_offset(path, &e.picture, 0, NULL), WK_ARGUMENT);
    e.picture.width = 0;
    assert_int_equal(wk_figure_offset(path, &e.picture, 0, NULL), WK_ARGUMENT);
    assert_int_equal(rmdir(name), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_maps),        cmocka_unit_test(test_jump),
        cmocka_unit_test(test_logarithmic), cmocka_unit_test(test_constant),
        cmocka_unit_test(test_nothing),     cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_statuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
