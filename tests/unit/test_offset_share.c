#include "offset_nearest.h"

#include "offset_case.h"

static void test_list(void **state)
{
    wk_share_list list;
    int64_t star[300];
    double weight[300];
    (void)state;
    for (int i = 0; i < 300; i++) {
        star[i] = 7 * i;
        weight[i] = 0.5 * i;
    }
    assert_int_equal(wk_share_list_make(&list, 4, NULL), WK_OK);
    assert_int_equal(wk_share_list_put(&list, 0, star, weight, 3, NULL), WK_OK);
    assert_int_equal(wk_share_list_put(&list, 1, NULL, NULL, 0, NULL), WK_OK);
    assert_int_equal(wk_share_list_put(&list, 2, star, weight, 300, NULL), WK_OK);
    assert_int_equal(wk_share_list_put(&list, 3, star + 5, weight + 5, 1, NULL), WK_OK);
    const int64_t starts[] = {0, 3, 3, 303, 304};
    assert_memory_equal(list.starts, starts, sizeof starts);
    assert_memory_equal(list.star, star, 3 * sizeof *star);
    assert_memory_equal(list.star + 3, star, sizeof star);
    assert_memory_equal(list.weight + 3, weight, sizeof weight);
    assert_int_equal(list.star[303], 35);
    wk_share_list_release(&list);
    assert_null(list.star);
}

static void test_judge(void **state)
{
    const field f = {{1, 5, 9}, {2, 6, 1}, {1, 2, 4}, {10, 20, 40}, 3};
    const int64_t star[] = {1, 2};
    const double weight[] = {0.25, 0.75}, one = 1;
    wk_offset_noise noise[2];
    wk_share_list list;
    (void)state;
    wk_offset *offset = field_fit(&f, 10, 10, NULL);
    assert_int_equal(wk_share_list_make(&list, 3, NULL), WK_OK);
    assert_int_equal(wk_share_list_put(&list, 0, star, weight, 2, NULL), WK_OK);
    assert_int_equal(wk_share_list_put(&list, 1, NULL, NULL, 0, NULL), WK_OK);
    assert_int_equal(wk_share_list_put(&list, 2, star, &one, 1, NULL), WK_OK);
    assert_int_equal(wk_share_list_judge(noise, offset, &list, NULL), WK_OK);
    assert_true(offset->residual[0][0] == 1 - 3.5 && offset->residual[1][0] == 10 - 35);
    assert_true(isnan(offset->residual[0][1]) && isnan(offset->residual[1][1]));
    assert_true(offset->residual[0][2] == 2 && offset->residual[1][2] == 20);
    assert_true(isnan(offset->facts.noise[0])); /* three stars tell nothing of it */
    assert_true(offset->facts.parameters == 3);
    wk_share_list_release(&list);
    wk_offset_free(offset);
}

/* Stars on pixels of a row, of two at one place the first. */
static void test_put_stars(void **state)
{
    const field f = {{3, 3, 6, 7.5}, {2, 2, 5, 2}, {1, 2, 4, 8}, {10, 20, 40, 80}, 4};
    const wk_offset_noise noise[2] = {{4, 1, 2}, {9, 1, 2}};
    double x[10] = {0}, y[10] = {0}, ex[10] = {0}, ey[10] = {0};
    const wk_offset_planes planes = {.x = x, .y = y, .error_x = ex, .error_y = ey};
    (void)state;
    wk_offset *offset = field_fit(&f, 10, 10, NULL);
    wk_offset_put_stars(&planes, offset, noise, 2);
    for (int i = 0; i < 10; i++) {
        assert_true(x[i] == (i == 3 ? 1 : 0) && y[i] == (i == 3 ? 10 : 0));
        assert_true(ex[i] == (i == 3 ? 2 : 0) && ey[i] == (i == 3 ? 3 : 0));
    }
    wk_offset_free(offset);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_judge),
        cmocka_unit_test(test_put_stars),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
