#include "offset_nearest.h"

#include "offset_case.h"

static void test_lists(void **state)
{
    wk_share_list list;
    (void)state;
    assert_int_equal(wk_share_list_make(&list, 100, NULL), WK_OK);
    for (int64_t i = 0; i < 100; i++) {
        int64_t star[7];
        double weight[7];
        for (int64_t k = 0; k < i % 7; k++) {
            star[k] = 10 * i + k;
            weight[k] = (double)(i + k);
        }
        assert_int_equal(wk_share_list_put(&list, i, star, weight, i % 7, NULL), WK_OK);
    }
    for (int64_t i = 0; i < 100; i++) {
        assert_int_equal(list.starts[i + 1] - list.starts[i], i % 7);
        for (int64_t k = 0; k < i % 7; k++) {
            assert_int_equal(list.star[list.starts[i] + k], 10 * i + k);
            assert_true(list.weight[list.starts[i] + k] == (double)(i + k));
        }
    }
    wk_share_list_release(&list);
    assert_null(list.starts);
}

/* Residuals are offsets less the weighted mean; NaN where nothing predicts. */
static void test_judge(void **state)
{
    field f = field_scatter(3, 20, 20, 0, 1);
    wk_offset *offset = field_fit(&f, 20, 20, NULL);
    wk_share_list list;
    wk_offset_noise noise[2];
    const int64_t both[] = {1, 2}, one[] = {0};
    const double half[] = {0.25, 0.75}, whole[] = {1};
    (void)state;
    assert_int_equal(wk_share_list_make(&list, 3, NULL), WK_OK);
    assert_int_equal(wk_share_list_put(&list, 0, both, half, 2, NULL), WK_OK);
    assert_int_equal(wk_share_list_put(&list, 1, one, whole, 1, NULL), WK_OK);
    assert_int_equal(wk_share_list_put(&list, 2, NULL, NULL, 0, NULL), WK_OK);
    assert_int_equal(wk_share_list_judge(noise, offset, &list, NULL), WK_OK);
    assert_near(offset->residual[0][0], f.dx[0] - 0.25 * f.dx[1] - 0.75 * f.dx[2], 1e-14);
    assert_near(offset->residual[1][1], f.dy[1] - f.dy[0], 1e-14);
    assert_true(isnan(offset->residual[0][2]) && isnan(noise[0].star));
    wk_share_list_release(&list);
    wk_offset_free(offset);
}

/* The first of stars at one pixel gives its offsets. */
static void test_put(void **state)
{
    field f = field_scatter(4, 8, 8, 0, 2);
    const double x[] = {3, 3, 5.2, 6}, y[] = {4, 4, 4, 2};
    double px[8], py[8], ex[8], ey[8];
    const wk_offset_noise noise[2] = {{0.04, 0, 0, 2}, {0.09, 0, 0, 2}};
    wk_offset_planes planes = {.x = px, .y = py, .error_x = ex, .error_y = ey};
    (void)state;
    memcpy(f.x, x, sizeof x);
    memcpy(f.y, y, sizeof y);
    wk_offset *offset = field_fit(&f, 8, 8, NULL);
    for (int i = 0; i < 8; i++)
        px[i] = py[i] = ex[i] = ey[i] = -99;
    wk_offset_put_stars(&planes, offset, noise, 4);
    for (int i = 0; i < 8; i++) {
        assert_true(px[i] == (i == 3 ? f.dx[0] : -99) && py[i] == (i == 3 ? f.dy[0] : -99));
        assert_near(ex[i], i == 3 ? 0.2 : -99, 1e-15);
        assert_near(ey[i], i == 3 ? 0.3 : -99, 1e-15);
    }
    wk_offset_free(offset);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lists), cmocka_unit_test(test_judge),
                                       cmocka_unit_test(test_put)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
