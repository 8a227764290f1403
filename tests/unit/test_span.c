#include "scene.h"

#include "span.h"

static void add(wk_spans *spans, int64_t y, int64_t first, int64_t end)
{
    assert_int_equal(wk_spans_add(spans, (wk_span){y, first, end}, NULL), WK_OK);
}

static void test_joins_what_touches(void **state)
{
    (void)state;
    wk_spans spans = {NULL, 0, 0};
    add(&spans, 3, 0, 5);
    add(&spans, 3, 5, 9);
    add(&spans, 4, 9, 10);
    add(&spans, 4, 12, 13);
    assert_int_equal(spans.count, 3);
    assert_int_equal(wk_spans_pixels(&spans), 11);
    wk_spans_release(&spans);
}

static void test_unite(void **state)
{
    (void)state;
    wk_spans spans = {NULL, 0, 0};
    add(&spans, 5, 0, 4);
    add(&spans, 7, 0, 2);
    add(&spans, 5, 2, 8);
    add(&spans, 5, 20, 21);
    add(&spans, 7, 2, 3);
    add(&spans, 5, 1, 3);
    wk_spans_unite(&spans);
    assert_int_equal(spans.count, 3);
    assert_int_equal(wk_spans_pixels(&spans), 8 + 1 + 3);
    assert_int_equal(spans.span[0].end, 8);
    assert_int_equal(spans.span[2].y, 7);
    wk_spans_release(&spans);
    wk_spans_unite(&spans);
}

static void test_many(void **state)
{
    (void)state;
    wk_spans spans = {NULL, 0, 0};
    for (int64_t y = 999; y >= 0; y--)
        add(&spans, y, y % 7, y % 7 + 3);
    wk_spans_unite(&spans);
    assert_int_equal(spans.count, 1000);
    for (int64_t y = 0; y < 1000; y++)
        assert_int_equal(spans.span[y].y, y);
    wk_spans_release(&spans);
}

static void test_gather(void **state)
{
    (void)state;
    float data[40];
    uint8_t bad[40] = {0};
    float values[40];
    for (int i = 0; i < 40; i++)
        data[i] = (float)i;
    bad[3] = bad[12] = bad[22] = 1;
    wk_pixels pixels = {.width = 20, .height = 2, .data = data, .bad = bad};
    wk_span list[2] = {{0, 2, 14}, {1, 0, 3}};
    wk_spans spans = {list, 2, 2};
    assert_int_equal(wk_spans_gather(values, &spans, &pixels, 0.5), 12);
    const float expected[12] = {1, 2, 2.5F, 3, 3.5F, 4, 4.5F, 5, 5.5F, 6.5F, 10, 10.5F};
    assert_memory_equal(values, expected, sizeof expected);
}

static void test_gather_in_place(void **state)
{
    (void)state;
    enum { n = 1000 };
    float data[n];
    uint8_t bad[n];
    for (int i = 0; i < n; i++) {
        data[i] = (float)i;
        bad[i] = (uint8_t)(i % 3 == 0 && i % 50 < 30);
    }
    wk_pixels pixels = {.width = n, .height = 1, .data = data, .bad = bad};
    wk_span all = {0, 0, n};
    wk_spans spans = {&all, 1, 1};
    int64_t kept = wk_spans_gather(data, &spans, &pixels, 1.0);
    int64_t next = 0;
    for (int i = 0; i < n; i++)
        if (!bad[i])
            assert_true(data[next++] == (float)i);
    assert_int_equal(kept, next);
}

static void test_area(void **state)
{
    (void)state;
    scene_exposure e;
    memset(&e, 0, sizeof e);
    e.width = 300;
    e.height = 200;
    e.ra = 10.0;
    e.dec = 40.0;
    e.scale = 1.0 / 3600.0;
    wk_wcs *wcs = scene_make_wcs(&e);
    wk_grid grid;
    memset(&grid, 0, sizeof grid);
    assert_int_equal(wk_grid_lay(&grid, wcs, e.width, e.height, 32, NULL), WK_OK);
    wk_span list[2] = {{0, 0, 300}, {199, 31, 34}};
    wk_spans spans = {list, 2, 2};
    /* pixels of 1 arcsec^2; a tangent plane shrinks them by (1 + r^2)^-3/2, r < 180 arcsec: 1e-6 */
    assert_true(fabs(wk_spans_area(&spans, &grid) - 303.0) < 303.0 * 2e-6);
    wk_grid_release(&grid);
    wk_wcs_free(wcs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_joins_what_touches),
        cmocka_unit_test(test_unite),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_gather),
        cmocka_unit_test(test_gather_in_place),
        cmocka_unit_test(test_area),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
