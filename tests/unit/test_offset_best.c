#include "offset_case.h"

enum { WIDTH = 60, HEIGHT = 50 };

static void cubic(double out[2], double x, double y)
{
    const double u = x / 30 - 1, v = y / 25 - 1;
    out[0] = 2 + u - 3 * v + 4 * u * u * u + 3 * v * v * u;
    out[1] = -40 + 2 * u * u + 5 * v * v * v;
}

static wk_offset *best_of(const field *f)
{
    const wk_offset_options options = options_of(WK_OFFSET_AUTO);
    return field_fit(f, WIDTH, HEIGHT, &options);
}

static void is_polynomial(const field *f, int order)
{
    wk_offset *offset = best_of(f);
    const wk_offset_facts *facts = wk_offset_describe(offset);
    assert_int_equal(facts->model, WK_OFFSET_POLYNOMIAL);
    assert_int_equal(facts->order, order);
    wk_offset_free(offset);
}

static void test_polynomials(void **state)
{
    field f = field_scatter(90, WIDTH, HEIGHT, 0, 1);
    (void)state;
    field_set(&f, cubic);
    field_blur(&f, 0.05, 2);
    is_polynomial(&f, 3);
    field_set(&f, affine);
    field_blur(&f, 0.05, 2);
    is_polynomial(&f, 1); /* not a higher one that happens to be a little better */
}

/* As many stars as a polynomial has terms: it predicts none, and the others are still compared. */
static void test_few(void **state)
{
    static const int64_t counts[] = {6, 10, 15, 21};
    (void)state;
    for (int i = 0; i < 4; i++) {
        field f = field_scatter(counts[i], WIDTH, HEIGHT, 0, (uint64_t)i);
        field_set(&f, affine);
        is_polynomial(&f, 1);
    }
}

static void test_two(void **state)
{
    (void)state;
    for (int64_t count = 1; count <= 3; count++) {
        const field f = field_scatter(count, WIDTH, HEIGHT, 0, 1);
        wk_offset *offset = best_of(&f);
        assert_int_equal(wk_offset_describe(offset)->model, WK_OFFSET_NEAREST);
        wk_offset_free(offset);
    }
}

/* The chosen one is first, the others follow by how well they predict; then what has no fit. */
static void test_trials(void **state)
{
    field f = field_scatter(18, WIDTH, HEIGHT, 0, 7);
    (void)state;
    field_set(&f, affine);
    field_blur(&f, 0.1, 3);
    wk_offset *offset = best_of(&f);
    const wk_offset_facts *facts = wk_offset_describe(offset);
    assert_int_equal(facts->trial_count, 8);
    assert_int_equal(facts->trials[0].model, facts->model);
    assert_int_equal(facts->trials[0].order, facts->order);
    double before = 0;
    int fitted = 0;
    for (size_t i = 1; i < 8; i++) {
        const wk_offset_trial *t = &facts->trials[i];
        const double total = t->left_out[0] * t->left_out[0] + t->left_out[1] * t->left_out[1];
        fitted += t->fitted;
        if (t->fitted) {
            assert_true(total >= before);
            before = total;
        } else
            assert_true(isnan(total) && t->order == 5); /* 21 terms */
    }
    assert_int_equal(fitted, 6);
    assert_int_equal(facts->trials[7].fitted, 0);
    wk_offset_free(offset);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_polynomials),
        cmocka_unit_test(test_few),
        cmocka_unit_test(test_two),
        cmocka_unit_test(test_trials),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
