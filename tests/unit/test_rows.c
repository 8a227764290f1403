#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "welkin/rows.h"

enum { WIDTH = 37, HEIGHT = 5, STRIDE = 40 };

typedef struct arrays {
    float data[HEIGHT][STRIDE], variance[HEIGHT][WIDTH];
    uint8_t mask[HEIGHT][WIDTH];
} arrays;

static void fill(arrays *all)
{
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < STRIDE; x++)
            all->data[y][x] = x < WIDTH ? (float)(100 * y + x) : -1.0F;
    for (int y = 0; y < HEIGHT; y++)
        for (int x = 0; x < WIDTH; x++) {
            all->variance[y][x] = (float)(1 + x);
            all->mask[y][x] = 0;
        }
}

static wk_rows_view view_of(arrays *all)
{
    wk_rows_view view = {
        {&all->data[0][0], WIDTH, HEIGHT, STRIDE}, &all->mask[0][0], &all->variance[0][0]};
    return view;
}

static void test_facts(void **state)
{
    (void)state;
    arrays all;
    fill(&all);
    wk_rows_view view = view_of(&all);
    wk_rows rows = wk_rows_of_view(&view);
    assert_int_equal(rows.width, WIDTH);
    assert_int_equal(rows.height, HEIGHT);
    assert_true(rows.has_variance);
    assert_true(rows.workers >= 1024);
    view.variance = NULL;
    assert_false(wk_rows_of_view(&view).has_variance);
}

static void check_rect(const arrays *all, const wk_rows *rows, wk_rect rect)
{
    float data[HEIGHT * WIDTH], variance[HEIGHT * WIDTH];
    uint8_t bad[HEIGHT * WIDTH];
    memset(bad, 77, sizeof bad);
    assert_int_equal(rows->read(rows->payload, 900, rect, data, bad, variance, NULL), WK_OK);
    for (int64_t i = 0; i < rect.width * rect.height; i++) {
        int64_t y = rect.y + i / rect.width, x = rect.x + i % rect.width;
        assert_true(data[i] == all->data[y][x]);
        assert_true(variance[i] == all->variance[y][x]);
        assert_int_equal(bad[i], 0);
    }
    if (rect.width * rect.height < HEIGHT * WIDTH)
        assert_int_equal(bad[rect.width * rect.height], 77);
}

static void test_rectangles(void **state)
{
    (void)state;
    arrays all, copy;
    fill(&all);
    fill(&copy);
    wk_rows_view view = view_of(&all);
    wk_rows rows = wk_rows_of_view(&view);
    check_rect(&all, &rows, (wk_rect){0, 0, WIDTH, HEIGHT});
    check_rect(&all, &rows, (wk_rect){3, 1, 20, 2});
    check_rect(&all, &rows, (wk_rect){WIDTH - 1, HEIGHT - 1, 1, 1});
    check_rect(&all, &rows, (wk_rect){2, 2, 0, 0});
    assert_memory_equal(all.data, copy.data, sizeof all.data);
}

static void test_outside(void **state)
{
    (void)state;
    arrays all;
    fill(&all);
    wk_rows_view view = view_of(&all);
    wk_rows rows = wk_rows_of_view(&view);
    const wk_rect outside[] = {{-1, 0, 1, 1},
                               {0, -1, 1, 1},
                               {0, 0, WIDTH + 1, 1},
                               {0, HEIGHT, 1, 1},
                               {INT64_MAX, 0, 2, 1}};
    float data[WIDTH];
    wk_error error;
    for (size_t i = 0; i < sizeof outside / sizeof *outside; i++)
        assert_int_equal(rows.read(rows.payload, 0, outside[i], data, NULL, NULL, &error),
                         WK_ARGUMENT);
    assert_non_null(strstr(error.message, "37 x 5"));
}

/* One row of what can be wrong, at every place of a vector. */
static void test_bad_pixels(void **state)
{
    (void)state;
    const float wrong[] = {NAN, INFINITY, -INFINITY};
    const float useless[] = {NAN, INFINITY, 0.0F, -0.0F, -1.0F, -INFINITY};
    for (int x = 0; x < WIDTH; x++) {
        arrays all;
        fill(&all);
        for (int k = 0; k < 3; k++)
            all.data[k][x] = wrong[k];
        all.mask[3][x] = 1;
        all.mask[2][x] = 255;
        for (int k = 0; k < 6; k++)
            all.variance[4][(x + k) % WIDTH] = useless[k];
        all.variance[3][x] = 1e-45F; /* the least there is, and the greatest, are numbers */
        all.variance[3][(x + 1) % WIDTH] = FLT_MAX;
        all.variance[1][x] = NAN;
        wk_rows_view view = view_of(&all);
        wk_rows rows = wk_rows_of_view(&view);
        uint8_t bad[HEIGHT][WIDTH], expected[HEIGHT][WIDTH] = {{0}};
        expected[0][x] = WK_BAD_VALUE;
        expected[1][x] = WK_BAD_VALUE | WK_BAD_NOISE;
        expected[2][x] = WK_BAD_VALUE | WK_BAD_FLAG;
        expected[3][x] = WK_BAD_FLAG;
        for (int k = 0; k < 6; k++)
            expected[4][(x + k) % WIDTH] = WK_BAD_NOISE;
        wk_rect whole = {0, 0, WIDTH, HEIGHT};
        assert_int_equal(rows.read(rows.payload, 0, whole, NULL, &bad[0][0], NULL, NULL), WK_OK);
        assert_memory_equal(bad, expected, sizeof bad);
    }
}

static void test_without_mask_and_variance(void **state)
{
    (void)state;
    arrays all;
    fill(&all);
    all.data[2][2] = NAN;
    wk_rows_view view = {{&all.data[0][0], WIDTH, HEIGHT, STRIDE}, NULL, NULL};
    wk_rows rows = wk_rows_of_view(&view);
    float variance[WIDTH];
    uint8_t bad[WIDTH];
    wk_rect one = {0, 2, WIDTH, 1};
    assert_int_equal(rows.read(rows.payload, 0, one, NULL, bad, variance, NULL), WK_OK);
    for (int x = 0; x < WIDTH; x++) {
        assert_int_equal(bad[x], x == 2 ? WK_BAD_VALUE : 0);
        assert_true(isnan(variance[x]));
    }
}

/* What is loaded by several workers is what one reads. */
/* Tall enough for several pieces, the last one shorter; no two pixels of a column are equal. */
static void test_load(void **state)
{
    (void)state;
    enum { width = 1500, height = 1003, count = width * height };
    float *whole = test_malloc(count * sizeof *whole),
          *loaded = test_malloc(count * sizeof *loaded);
    uint8_t *judged = test_malloc(count), *bad = test_malloc(count);
    for (int i = 0; i < count; i++)
        whole[i] = i % 11 ? (float)i : NAN;
    wk_rows_view view = {{whole, width, height, width}, NULL, NULL};
    wk_rows rows = wk_rows_of_view(&view);
    wk_rect rect = {0, 0, width, height};
    assert_int_equal(rows.read(rows.payload, 0, rect, loaded, judged, NULL, NULL), WK_OK);
    for (int threads = 1; threads <= 7; threads += 3) {
        wk_context context = {.threads = threads};
        memset(loaded, 0, count * sizeof *loaded);
        memset(bad, 77, count);
        assert_int_equal(wk_rows_load(loaded, bad, NULL, &rows, &context, NULL), WK_OK);
        assert_memory_equal(loaded, whole, count * sizeof *loaded);
        assert_memory_equal(bad, judged, count);
        memset(bad, 77, count);
        assert_int_equal(wk_rows_load(NULL, bad, NULL, &rows, &context, NULL), WK_OK);
        assert_memory_equal(bad, judged, count);
    }
    test_free(whole);
    test_free(loaded);
    test_free(judged);
    test_free(bad);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_facts),
        cmocka_unit_test(test_rectangles),
        cmocka_unit_test(test_outside),
        cmocka_unit_test(test_bad_pixels),
        cmocka_unit_test(test_without_mask_and_variance),
        cmocka_unit_test(test_load),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
