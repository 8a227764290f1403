#include "scene.h"

#include "span.h"

/* The pixels of a that lie within b by the exact coordinates, one by one. */
static uint8_t *exact_mask(wk_wcs *a, wk_wcs *b, const scene_exposure *ea, const scene_exposure *eb)
{
    size_t n = (size_t)(ea->width * ea->height);
    double *xy = malloc(2 * n * sizeof *xy);
    uint8_t *mask = calloc(n, 1);
    for (size_t i = 0; i < n; i++) {
        xy[2 * i] = (double)((int64_t)i % ea->width);
        xy[2 * i + 1] = (double)((int64_t)i / ea->width);
    }
    assert_int_equal(wk_wcs_to_sky(a, (int64_t)n, xy, xy, NULL), WK_OK);
    assert_int_equal(wk_wcs_to_pixel(b, (int64_t)n, xy, xy, NULL), WK_OK);
    for (size_t i = 0; i < n; i++)
        mask[i] = xy[2 * i] >= -0.5 && xy[2 * i] < (double)eb->width - 0.5 &&
                  xy[2 * i + 1] >= -0.5 && xy[2 * i + 1] < (double)eb->height - 0.5;
    free(xy);
    return mask;
}

static uint8_t *span_mask(wk_wcs *a, wk_wcs *b, const scene_exposure *ea, const scene_exposure *eb)
{
    wk_grid grid;
    wk_pixmap pixmap;
    wk_spans spans;
    wk_footprint footprint;
    memset(&grid, 0, sizeof grid);
    memset(&pixmap, 0, sizeof pixmap);
    memset(&spans, 0, sizeof spans);
    int coarse = 1;
    int64_t step = wk_grid_step(ea->width, ea->height);
    assert_int_equal(wk_footprint_create(&footprint, b, eb->width, eb->height, NULL), WK_OK);
    for (; coarse; step /= 2) {
        assert_int_equal(wk_grid_lay(&grid, a, ea->width, ea->height, step, NULL), WK_OK);
        assert_int_equal(wk_pixmap_lay(&pixmap, &coarse, &grid, b, &footprint, 1e-3, NULL), WK_OK);
    }
    if (pixmap.cells_x > 0 && pixmap.cells_y > 0)
        assert_int_equal(wk_spans_inside(&spans, &pixmap, eb->width, eb->height, NULL), WK_OK);
    uint8_t *mask = calloc((size_t)(ea->width * ea->height), 1);
    int64_t last = -1;
    for (int64_t k = 0; k < spans.count; k++) {
        wk_span s = spans.span[k];
        assert_true(s.first < s.end && s.end <= ea->width);
        assert_true(s.y * ea->width + s.first > last); /* in order, apart */
        last = s.y * ea->width + s.end - 1;
        memset(mask + s.y * ea->width + s.first, 1, (size_t)(s.end - s.first));
    }
    wk_footprint_release(&footprint);
    wk_spans_release(&spans);
    wk_pixmap_release(&pixmap);
    wk_grid_release(&grid);
    return mask;
}

/* Equal masks in both directions; returns how many pixels of a lie in b. */
static int64_t check_pair(const scene_exposure *ea, const scene_exposure *eb)
{
    wk_wcs *a = scene_make_wcs(ea);
    wk_wcs *b = scene_make_wcs(eb);
    int64_t inside = 0;
    for (int turn = 0; turn < 2; turn++) {
        size_t n = (size_t)(ea->width * ea->height);
        uint8_t *exact = exact_mask(a, b, ea, eb);
        uint8_t *spans = span_mask(a, b, ea, eb);
        assert_memory_equal(exact, spans, n);
        for (size_t i = 0; i < n && turn == 0; i++)
            inside += exact[i];
        free(exact);
        free(spans);
        const scene_exposure *swap = ea;
        ea = eb;
        eb = swap;
        wk_wcs *other = a;
        a = b;
        b = other;
    }
    wk_wcs_free(a);
    wk_wcs_free(b);
    return inside;
}

static scene_exposure plain(double ra, double dec)
{
    scene_exposure e;
    memset(&e, 0, sizeof e);
    e.width = 230;
    e.height = 170;
    e.ra = ra;
    e.dec = dec;
    e.scale = 1e-4;
    return e;
}

static void test_whole_pixels(void **state)
{
    (void)state;
    scene_exposure a = plain(150.0, 2.0);
    scene_exposure b = a;
    b.shift[0] = 100.0;
    b.shift[1] = -20.0;
    /* one grid, shifted by whole pixels: exactly (230 - 100) x (170 - 20) */
    assert_int_equal(check_pair(&a, &b), 130 * 150);
}

static void test_half_pixels(void **state)
{
    (void)state;
    scene_exposure a = plain(150.0, 2.0);
    scene_exposure b = a;
    b.shift[0] = 100.25;
    b.shift[1] = 30.5; /* every centre of a border row falls on an edge: decided exactly */
    check_pair(&a, &b);
}

static void test_rotated(void **state)
{
    (void)state;
    scene_exposure a = plain(150.0, 2.0);
    for (int i = 0; i < 12; i++) {
        scene_exposure b = plain(150.005, 2.004);
        b.rotation = 7.0 + 33.0 * i;
        assert_true(check_pair(&a, &b) > 0);
    }
}

static void test_distorted(void **state)
{
    (void)state;
    for (int i = 0; i < 6; i++) {
        scene_exposure a = plain(150.0, 2.0);
        scene_exposure b = plain(150.003 + 0.002 * i, 2.002);
        a.sip = 1;
        b.sip = i % 2;
        b.rotation = 5.0 * i;
        assert_true(check_pair(&a, &b) > 0);
    }
}

static void test_other_scales(void **state)
{
    (void)state;
    scene_exposure a = plain(150.0, 2.0);
    scene_exposure fine = plain(150.002, 2.001);
    scene_exposure rough = plain(149.99, 2.0);
    fine.scale = 1.3e-5; /* lies within some tens of pixels of a */
    rough.scale = 1.1e-3;
    assert_true(check_pair(&a, &fine) > 500);
    assert_int_equal(check_pair(&a, &rough), 230 * 170);
}

static void test_poles_and_wrap(void **state)
{
    (void)state;
    scene_exposure a = plain(0.001, -89.999);
    scene_exposure b = plain(200.0, -89.995);
    assert_true(check_pair(&a, &b) > 0);
    scene_exposure c = plain(359.999, 10.0);
    scene_exposure d = plain(0.004, 10.002);
    assert_true(check_pair(&c, &d) > 0);
}

static void test_small_images(void **state)
{
    (void)state;
    const int64_t sizes[][2] = {{1, 1}, {3, 2}, {1, 300}, {300, 1}, {129, 129}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        scene_exposure a = plain(150.0, 2.0);
        scene_exposure b = plain(150.0001, 2.0001);
        b.width = sizes[i][0];
        b.height = sizes[i][1];
        b.rotation = 20.0;
        /* a turned square of one pixel may hold no pixel centre at all */
        int64_t least = sizes[i][0] * sizes[i][1] > 4 ? 1 : 0;
        assert_true(check_pair(&a, &b) >= least);
    }
}

static void test_apart(void **state)
{
    (void)state;
    scene_exposure a = plain(150.0, 2.0);
    scene_exposure beside = plain(150.03, 2.0);
    scene_exposure behind = plain(330.0, -2.0);
    assert_int_equal(check_pair(&a, &beside), 0);
    assert_int_equal(check_pair(&a, &behind), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_pixels), cmocka_unit_test(test_half_pixels),
        cmocka_unit_test(test_rotated),      cmocka_unit_test(test_distorted),
        cmocka_unit_test(test_other_scales), cmocka_unit_test(test_poles_and_wrap),
        cmocka_unit_test(test_small_images), cmocka_unit_test(test_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
