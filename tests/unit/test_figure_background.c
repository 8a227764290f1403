#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "figure_case.h"
#include "welkin/figure.h"
#include "figure_background.h"
#include "status.h"

/* level = a + b x + c y; rms = d */
typedef struct plane {
    double a, b, c, d;
    int64_t width, height;
    int fail;
} plane;

static wk_status fill_plane(const void *model, wk_background_plane which, wk_rect rect, wk_view out,
                            wk_error *error)
{
    const plane *p = model;
    assert_true(rect.x >= 0 && rect.x + rect.width <= p->width);
    assert_true(rect.y >= 0 && rect.y + rect.height <= p->height);
    if (p->fail)
        return wk_error_set(error, WK_NO_DATA, "plane", "there is no model");
    for (int64_t y = 0; y < rect.height; y++)
        for (int64_t x = 0; x < rect.width; x++) {
            double level = p->a + p->b * (double)(rect.x + x) + p->c * (double)(rect.y + y);
            out.data[y * out.stride + x] = (float)(which == WK_BACKGROUND_RMS ? p->d : level);
        }
    return WK_OK;
}

/* An image of 4 x 2 pixels in two cells. */
typedef struct example {
    plane model;
    double x[2], y[1];
    float measured[2], error[2];
    int64_t count[2];
    wk_mesh mesh;
    wk_background_source source;
} example;

static void make_example(example *e)
{
    *e = (example){.model = {0, 1, 10, 2, 4, 2, 0},
                   .x = {0.5, 2.5},
                   .y = {0.5},
                   .measured = {6.5f, NAN},
                   .error = {0.5f, 1},
                   .count = {3, 0}};
    e->mesh = (wk_mesh){.nx = 2,
                        .ny = 1,
                        .x = e->x,
                        .y = e->y,
                        .measured = e->measured,
                        .error = e->error,
                        .count = e->count,
                        .empty = 1};
    e->source = (wk_background_source){.width = 4,
                                       .height = 2,
                                       .smooth = 1,
                                       .mesh = &e->mesh,
                                       .summary = {6.5, 6.5, 0, 13, 5, 25, 2},
                                       .fill = fill_plane,
                                       .model = &e->model};
}

static void draw_example(example *e, const char *name)
{
    assert_int_equal(
        wk_figure_background_from(in_folder(name), &e->source, "name", "unit", 1, NULL), WK_OK);
}

static void draw_by_hand(const wk_background_picture *picture)
{
    int width, height;
    wk_figure *figure;
    wk_figure_background_size(&width, &height, picture->width, picture->height);
    assert_int_equal(wk_figure_open(&figure, in_folder("b.png"), width, height, 1, NULL), WK_OK);
    assert_int_equal(wk_figure_background_draw(figure, picture, NULL), WK_OK);
    assert_int_equal(wk_figure_close(figure, NULL), WK_OK);
}

/* The centre of the first cell lies between four pixels, where the model is 0.5 + 5: (6.5 - 5.5) /
 * 0.5 = 2 errors above it; 3 of its 4 pixels are used. */
static void test_numbers(void **state)
{
    (void)state;
    example e;
    make_example(&e);
    draw_example(&e, "a.png");
    const float level[] = {0, 1, 2, 3, 10, 11, 12, 13}, rms[] = {2, 2, 2, 2, 2, 2, 2, 2};
    float residual[] = {2, NAN};
    const float used[] = {0.75f, 0};
    wk_background_picture picture = {.name = "name",
                                     .unit = "unit",
                                     .width = 4,
                                     .height = 2,
                                     .level = level,
                                     .rms = rms,
                                     .columns = 4,
                                     .rows = 2,
                                     .smooth = 1,
                                     .nx = 2,
                                     .ny = 1,
                                     .residual = residual,
                                     .in_errors = 1,
                                     .used = used,
                                     .empty = 1,
                                     .summary = e.source.summary};
    draw_by_hand(&picture);
    expect_equal_files("a.png", "b.png", 1);
    residual[0] = 3;
    draw_by_hand(&picture);
    expect_equal_files("a.png", "b.png", 0);
    residual[0] = 1; /* without errors in units of the image */
    picture.in_errors = 0;
    draw_by_hand(&picture);
    e.error[0] = NAN;
    e.error[1] = 0;
    draw_example(&e, "a.png");
    expect_equal_files("a.png", "b.png", 1);
    e.mesh.error = NULL;
    draw_example(&e, "a.png");
    expect_equal_files("a.png", "b.png", 1);
}

/* Of 800 columns every second is taken, in the middles of pairs (the upper one of the two); the
 * last of two cells is cut off at the edge; a list of cells has no counts. */
static void test_thinned(void **state)
{
    (void)state;
    example e;
    make_example(&e);
    e.model = (plane){5, 2, 0, 1, 800, 1, 0};
    e.x[0] = 255.5;
    e.x[1] = 655.5;
    e.y[0] = 0;
    e.measured[0] = 517;
    e.measured[1] = 1315;
    e.count[0] = 0;
    e.source.width = 800;
    e.source.height = 1;
    draw_example(&e, "a.png");
    float level[400], rms[400];
    const float residual[] = {2, -1}, used[] = {NAN, NAN}; /* model: 516 and 1316 */
    const double edges_x[] = {-0.5, 511.5, 799.5};
    for (int k = 0; k < 400; k++) {
        level[k] = (float)(5 + 2 * (2 * k + 1));
        rms[k] = 1;
    }
    wk_background_picture picture = {.name = "name",
                                     .unit = "unit",
                                     .width = 800,
                                     .height = 1,
                                     .level = level,
                                     .rms = rms,
                                     .columns = 400,
                                     .rows = 1,
                                     .smooth = 1,
                                     .nx = 2,
                                     .ny = 1,
                                     .edges_x = edges_x,
                                     .residual = residual,
                                     .in_errors = 1,
                                     .used = used,
                                     .empty = 1,
                                     .summary = e.source.summary};
    draw_by_hand(&picture);
    expect_equal_files("a.png", "b.png", 1);
    picture.edges_x = NULL;
    draw_by_hand(&picture);
    expect_equal_files("a.png", "b.png", 0);
}

/* Centres that are not those of cells that fill the image: the cells are drawn equally wide. */
static void test_odd_centres(void **state)
{
    (void)state;
    example e;
    make_example(&e);
    e.model.b = e.model.c = 0;
    draw_example(&e, "a.png");
    e.x[0] = 1;
    e.x[1] = 1.2;
    draw_example(&e, "b.png");
    expect_equal_files("a.png", "b.png", 1);
}

/* The four panels where they belong, each with its own colours. */
static void test_panels(void **state)
{
    (void)state;
    example e;
    int width, height;
    make_example(&e);
    draw_example(&e, "a.png");
    cairo_surface_t *image = cairo_image_surface_create_from_png(in_folder("a.png"));
    wk_figure_background_size(&width, &height, 4, 2);
    assert_int_equal(cairo_image_surface_get_width(image), width);
    assert_int_equal(cairo_image_surface_get_height(image), height);
    wk_box box = wk_figure_background_box(4, 2, 0);
    assert_int_equal(pixel(image, box.x + 3, box.y + box.height - 3), 0x440154);
    assert_int_equal(pixel(image, box.x + box.width - 3, box.y + 3), 0xfde725);
    box = wk_figure_background_box(4, 2, 2);
    assert_int_equal(pixel(image, box.x + 3, box.y + 3), 0x7d1522);
    assert_int_equal(pixel(image, box.x + box.width - 3, box.y + 3), 0xb4b4b4);
    box = wk_figure_background_box(4, 2, 3);
    assert_int_equal(pixel(image, box.x + box.width - 3, box.y + 3), 0x000004);
    for (int x = 0; x < width; x++)
        assert_int_equal(pixel(image, x, height - 5), 0xffffff);
    for (int y = 0; y < height; y++)
        assert_int_equal(pixel(image, width - 5, y), 0xffffff);
    cairo_surface_destroy(image);
}

static void test_shapes(void **state)
{
    (void)state;
    static const int64_t sizes[][2] = {{1, 1},      {4096, 4096}, {2000, 4000}, {1, 100000},
                                       {100000, 1}, {4176, 2048}, {7, 3}};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        int width, height;
        wk_figure_background_size(&width, &height, sizes[k][0], sizes[k][1]);
        assert_in_range(width, 1400, 2000);
        assert_in_range(height, 900, 2000);
        wk_box first = wk_figure_background_box(sizes[k][0], sizes[k][1], 0);
        wk_box last = wk_figure_background_box(sizes[k][0], sizes[k][1], 3);
        assert_true(last.x > first.x + first.width + 250 && last.x + last.width + 180 < width);
        assert_true(last.y > first.y + first.height + 150 && last.y + last.height + 110 < height);
    }
}

static void test_statuses(void **state)
{
    (void)state;
    example e;
    wk_error error = {0};
    make_example(&e);
    static const char *const files[] = {"a.png", "a.svg", "a.pdf"};
    for (int k = 0; k < 3; k++) {
        const char *name = in_folder(files[k]);
        assert_int_equal(wk_figure_background_from(name, &e.source, NULL, NULL, 0, &error), WK_OK);
        assert_int_equal(wk_figure_background_from(name, &e.source, NULL, NULL, 0, &error),
                         WK_EXISTS);
        assert_int_equal(wk_figure_background_from(name, &e.source, NULL, NULL, 1, &error), WK_OK);
    }
    assert_int_equal(
        wk_figure_background_from(in_folder("a.gif"), &e.source, NULL, NULL, 0, &error),
        WK_ARGUMENT);
    e.model.fail = 1;
    assert_int_equal(
        wk_figure_background_from(in_folder("b.png"), &e.source, NULL, NULL, 0, &error),
        WK_NO_DATA);
    assert_int_equal(access(path, F_OK), -1);
}

static void test_texts(void **state)
{
    (void)state;
    example e;
    char text[3000];
    make_example(&e);
    memset(text, 'm', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    memcpy(text + 1000, "\xff\xe2\x88", 3);
    assert_int_equal(wk_figure_background_from(in_folder("a.png"), &e.source, text, text, 0, NULL),
                     WK_OK);
    e.source.summary = (wk_background_summary){(double)NAN, (double)NAN, (double)NAN, (double)NAN,
                                               (double)NAN, (double)NAN, (double)NAN};
    assert_int_equal(wk_figure_background_from(in_folder("a.png"), &e.source, "", "", 1, NULL),
                     WK_OK);
}

/* A background from the library itself; its numbers are tested where it is. */
static void test_public(void **state)
{
    (void)state;
    float level[16];
    wk_error error = {0};
    wk_background *background;
    for (int k = 0; k < 16; k++)
        level[k] = 5;
    wk_background_options options = wk_background_options_default();
    options.interpolation = WK_INTERPOLATE_LINEAR;
    assert_int_equal(wk_background_create(&background, 64, 64, 4, 4, level, NULL, &options, &error),
                     WK_OK);
    assert_int_equal(wk_figure_background(in_folder("a.png"), background, "name", NULL, 0, &error),
                     WK_OK);
    assert_int_equal(wk_figure_background(in_folder("a.png"), background, "name", NULL, 0, &error),
                     WK_EXISTS);
    assert_int_equal(wk_figure_background(in_folder("b.png"), background, "name", NULL, 0, &error),
                     WK_OK);
    expect_equal_files("a.png", "b.png", 1);
    assert_int_equal(wk_figure_background(in_folder("a"), background, "name", NULL, 0, &error),
                     WK_ARGUMENT);
    wk_background_free(background);
}

#define FIGURE_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIGURE_TEST(test_numbers), FIGURE_TEST(test_thinned), FIGURE_TEST(test_odd_centres),
        FIGURE_TEST(test_panels),  FIGURE_TEST(test_shapes),  FIGURE_TEST(test_statuses),
        FIGURE_TEST(test_texts),   FIGURE_TEST(test_public),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
