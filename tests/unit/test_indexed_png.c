#include "figure_case.h"

#include "indexed_png.h"

enum { WIDTH = 37, HEIGHT = 23 };

static void fill(uint8_t *row, int64_t y, const void *payload)
{
    for (int x = 0; x < WIDTH; x++)
        row[x] = (uint8_t)((x * y + *(const int *)payload) % 3);
}

static const wk_colour colours[] = {{1, 0, 0}, {0, 1, 0}, {0.2, 0.4, 0.6}};

static void test_colours(void **state)
{
    (void)state;
    static const unsigned wanted[] = {0xff0000, 0x00ff00, 0x336699};
    int shift = 1;
    wk_indexed_png image = {WIDTH, HEIGHT, colours, 3, fill, &shift};
    assert_int_equal(wk_indexed_png_write(in_folder("a.png"), &image, 0, NULL), WK_OK);
    cairo_surface_t *read = cairo_image_surface_create_from_png(in_folder("a.png"));
    assert_int_equal(cairo_surface_status(read), CAIRO_STATUS_SUCCESS);
    assert_int_equal(cairo_image_surface_get_width(read), WIDTH);
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            assert_int_equal(pixel(read, x, y), wanted[(x * y + shift) % 3]);
    cairo_surface_destroy(read);
}

static void test_greys(void **state)
{
    (void)state;
    int shift = 2;
    wk_indexed_png image = {WIDTH, HEIGHT, NULL, 0, fill, &shift};
    assert_int_equal(wk_indexed_png_write(in_folder("a.png"), &image, 0, NULL), WK_OK);
    cairo_surface_t *read = cairo_image_surface_create_from_png(in_folder("a.png"));
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++)
            assert_int_equal(pixel(read, x, y), (x * y + shift) % 3 * 0x010101);
    cairo_surface_destroy(read);
}

static void test_refusals(void **state)
{
    (void)state;
    int shift = 0;
    wk_error error = {0};
    wk_indexed_png image = {WIDTH, HEIGHT, colours, 3, fill, &shift};
    assert_int_equal(wk_indexed_png_write("/nowhere/at/all.png", &image, 0, &error), WK_FILE);
    assert_int_equal(wk_indexed_png_write(in_folder("a.png"), &image, 0, &error), WK_OK);
    assert_int_equal(wk_indexed_png_write(in_folder("a.png"), &image, 0, &error), WK_EXISTS);
    assert_int_equal(wk_indexed_png_write(in_folder("a.png"), &image, 1, &error), WK_OK);
    image.width = 0; /* libpng refuses: no file, no jump into nowhere */
    assert_true(wk_indexed_png_write(in_folder("b.png"), &image, 0, &error) < 0);
    assert_int_equal(access(in_folder("b.png"), F_OK), -1);
}

#define FIGURE_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {FIGURE_TEST(test_colours), FIGURE_TEST(test_greys),
                                       FIGURE_TEST(test_refusals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
