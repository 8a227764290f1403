#include "scene.h"

#include "pixmap.h"

static scene_exposure plain(void)
{
    scene_exposure e;
    memset(&e, 0, sizeof e);
    e.width = 500;
    e.height = 400;
    e.ra = 150.0;
    e.dec = 2.0;
    e.scale = 1e-4;
    return e;
}

/* Largest difference of interpolated from exact places over the covered cells of a pair. */
static double worst_error(const scene_exposure *ea, const scene_exposure *eb, int64_t step,
                          int *coarse)
{
    wk_wcs *a = scene_make_wcs(ea);
    wk_wcs *b = scene_make_wcs(eb);
    wk_grid grid;
    wk_pixmap pixmap;
    wk_footprint footprint;
    memset(&grid, 0, sizeof grid);
    memset(&pixmap, 0, sizeof pixmap);
    assert_int_equal(wk_footprint_create(&footprint, b, eb->width, eb->height, NULL), WK_OK);
    assert_int_equal(wk_grid_lay(&grid, a, ea->width, ea->height, step, NULL), WK_OK);
    assert_int_equal(wk_pixmap_lay(&pixmap, coarse, &grid, b, &footprint, 1e-3, NULL), WK_OK);
    assert_true(pixmap.cells_x > 0 && pixmap.cells_y > 0);
    double worst = 0.0;
    for (int64_t y = 0; y < ea->height; y += 7)
        for (int64_t x = 0; x < ea->width; x += 7) {
            int64_t i = x / step;
            int64_t j = y / step;
            if (i < pixmap.first_x || i >= pixmap.first_x + pixmap.cells_x || j < pixmap.first_y ||
                j >= pixmap.first_y + pixmap.cells_y)
                continue;
            double nodes[2][4][4];
            double exact[2] = {(double)x, (double)y};
            wk_pixmap_nodes(nodes, &pixmap, i, j);
            assert_int_equal(wk_pixmap_exact(&pixmap, 1, exact, exact, NULL), WK_OK);
            const double *wx = grid.weights[x - i * step];
            const double *wy = grid.weights[y - j * step];
            for (int k = 0; k < 2; k++) {
                double sum = 0.0;
                for (int r = 0; r < 4; r++)
                    for (int c = 0; c < 4; c++)
                        sum += wy[r] * wx[c] * nodes[k][r][c];
                worst = fmax(worst, fabs(sum - exact[k]));
            }
        }
    wk_footprint_release(&footprint);
    wk_pixmap_release(&pixmap);
    wk_grid_release(&grid);
    wk_wcs_free(a);
    wk_wcs_free(b);
    return worst;
}

static void test_plain_maps_are_smooth(void **state)
{
    (void)state;
    scene_exposure a = plain();
    scene_exposure b = plain();
    b.ra += 0.01;
    b.rotation = 30.0;
    int coarse = 1;
    /* two tangent planes 0.01 deg apart: the fourth derivative is some 1e-20 a pixel^4 */
    assert_true(worst_error(&a, &b, 128, &coarse) < 1e-9);
    assert_int_equal(coarse, 0);
}

static void test_distorted_maps_keep_the_bound(void **state)
{
    (void)state;
    scene_exposure a = plain();
    scene_exposure b = plain();
    a.sip = b.sip = 1;
    b.ra += 0.005;
    b.rotation = 10.0;
    int coarse = 1;
    int64_t step = wk_grid_step(a.width, a.height);
    double worst = worst_error(&a, &b, step, &coarse);
    while (coarse) {
        step /= 2;
        worst = worst_error(&a, &b, step, &coarse);
    }
    assert_true(step >= wk_grid_smallest);
    assert_true(worst < 1e-3);
}

static void test_steps(void **state)
{
    (void)state;
    assert_int_equal(wk_grid_step(4096, 2048), 128);
    assert_int_equal(wk_grid_step(41, 51), 8);
    assert_int_equal(wk_grid_step(1, 1), 8);
    assert_int_equal(wk_grid_step(256, 10), 64);
}

static void test_pixel_area(void **state)
{
    (void)state;
    scene_exposure e = plain();
    e.scale = 0.5 / 3600.0;
    wk_wcs *wcs = scene_make_wcs(&e);
    wk_grid grid;
    memset(&grid, 0, sizeof grid);
    assert_int_equal(wk_grid_lay(&grid, wcs, e.width, e.height, 64, NULL), WK_OK);
    /* 0.25 arcsec^2 at the tangent point, less by 3/2 r^2 within 160 arcsec of it: 1e-6 */
    for (int64_t j = 0; j < grid.cells_y; j++)
        for (int64_t i = 0; i < grid.cells_x; i++)
            assert_true(fabs(grid.areas[j * grid.cells_x + i] - 0.25) < 1e-6);
    wk_grid_release(&grid);
    wk_wcs_free(wcs);
}

static void test_nothing_to_share(void **state)
{
    (void)state;
    scene_exposure a = plain();
    scene_exposure b = plain();
    b.ra += 0.2;
    wk_wcs *wa = scene_make_wcs(&a);
    wk_wcs *wb = scene_make_wcs(&b);
    wk_grid grid;
    wk_pixmap pixmap;
    wk_footprint footprint;
    memset(&grid, 0, sizeof grid);
    memset(&pixmap, 0, sizeof pixmap);
    int coarse = 1;
    assert_int_equal(wk_footprint_create(&footprint, wb, b.width, b.height, NULL), WK_OK);
    assert_int_equal(wk_grid_lay(&grid, wa, a.width, a.height, 128, NULL), WK_OK);
    assert_int_equal(wk_pixmap_lay(&pixmap, &coarse, &grid, wb, &footprint, 1e-3, NULL), WK_OK);
    assert_int_equal(pixmap.cells_x * pixmap.cells_y, 0);
    assert_int_equal(coarse, 0);
    wk_footprint_release(&footprint);
    wk_pixmap_release(&pixmap);
    wk_grid_release(&grid);
    wk_wcs_free(wa);
    wk_wcs_free(wb);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_maps_are_smooth),
        cmocka_unit_test(test_distorted_maps_keep_the_bound),
        cmocka_unit_test(test_steps),
        cmocka_unit_test(test_pixel_area),
        cmocka_unit_test(test_nothing_to_share),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
