#include "legendre.h"

#include "offset_case.h"

static double power_of(double x, int k)
{
    double product = 1;
    for (int i = 0; i < k; i++)
        product *= x;
    return product;
}

/* x^a y^b of all degrees up to the order, of places in units of 100 pixels. */
static void full(double out[2], double x, double y, int order)
{
    out[0] = out[1] = 0;
    for (int a = 0; a <= order; a++)
        for (int b = 0; a + b <= order; b++) {
            const double term = power_of(x / 100 - 0.5, a) * power_of(y / 100 - 0.5, b);
            out[0] += (1 + a - 2 * b) * term;
            out[1] += (3 - b + 0.5 * a * b) * term;
        }
}

static wk_legendre_points points_of(const field *f, const unsigned char *used)
{
    return (wk_legendre_points){f->x, f->y, {f->dx, f->dy}, used, f->count};
}

static void test_exact(void **state)
{
    unsigned char used[CASE_STARS];
    double leverage[CASE_STARS], first[100], second[100], factor[100], room[200];
    (void)state;
    memset(used, 1, sizeof used);
    for (int order = 0; order <= WK_LEGENDRE_MOST; order++) {
        field f = field_scatter(150, 100, 100, 0, (uint64_t)order);
        wk_legendre fit;
        for (int64_t i = 0; i < f.count; i++) {
            double value[2];
            full(value, f.x[i], f.y[i], order);
            f.dx[i] = value[0];
            f.dy[i] = value[1];
        }
        const wk_legendre_points points = points_of(&f, used);
        assert_int_equal(wk_legendre_terms(order), (order + 1) * (order + 2) / 2);
        assert_int_equal(wk_legendre_fit(&fit, leverage, &points, order, NULL), WK_OK);
        double sum = 0;
        for (int64_t i = 0; i < f.count; i++) {
            assert_true(leverage[i] > 0 && leverage[i] <= 1 + 1e-12);
            sum += leverage[i];
        }
        assert_near(sum, fit.terms, 1e-10); /* the trace of a projection */
        for (int y = 0; y < 100; y += 33) {
            wk_legendre_row(first, second, factor, &fit, y, 100, room);
            for (int x = 0; x < 100; x++) {
                double wanted[2], value[2];
                full(wanted, x, y, order);
                wk_legendre_value(value, &fit, x, y);
                /* powers of order 9 have coefficients of some hundreds that cancel */
                for (int axis = 0; axis < 2; axis++)
                    assert_near(value[axis], wanted[axis], 1e-9);
                assert_near(first[x], wanted[0], 1e-9);
                assert_near(second[x], wanted[1], 1e-9);
            }
        }
    }
}

/* The factor at a star is its leverage; left out, the residual is what the header says. */
static void test_leverage(void **state)
{
    unsigned char used[CASE_STARS];
    double leverage[40], other[40], first[60], second[60], factor[60], room[120];
    field f = field_scatter(40, 60, 60, 0, 3);
    wk_legendre fit, rest;
    (void)state;
    field_settle(&f);
    memset(used, 1, sizeof used);
    used[7] = 0;
    const wk_legendre_points points = points_of(&f, used);
    assert_int_equal(wk_legendre_fit(&fit, leverage, &points, 3, NULL), WK_OK);
    for (int i = 0; i < 40; i++) {
        double whole[2], without[2];
        if (i == 7)
            continue;
        wk_legendre_row(first, second, factor, &fit, f.y[i], 60, room);
        assert_near(factor[(int)f.x[i]], leverage[i], 1e-10);
        used[i] = 0;
        assert_int_equal(wk_legendre_fit(&rest, other, &points, 3, NULL), WK_OK);
        used[i] = 1;
        wk_legendre_value(whole, &fit, f.x[i], f.y[i]);
        wk_legendre_value(without, &rest, f.x[i], f.y[i]);
        assert_near((f.dx[i] - whole[0]) / (1 - leverage[i]), f.dx[i] - without[0], 1e-9);
        assert_near((f.dy[i] - whole[1]) / (1 - leverage[i]), f.dy[i] - without[1], 1e-9);
    }
}

static void test_too_few(void **state)
{
    unsigned char used[CASE_STARS];
    double leverage[20];
    field f = field_scatter(20, 60, 60, 0, 3);
    wk_legendre fit;
    wk_error error;
    (void)state;
    memset(used, 1, sizeof used);
    wk_legendre_points points = points_of(&f, used);
    points.count = 9;
    assert_int_equal(wk_legendre_fit(&fit, leverage, &points, 3, &error), WK_NO_DATA);
    assert_non_null(strstr(error.message, "order 3 needs 10 stars, there are 9"));
    points.count = 10;
    assert_int_equal(wk_legendre_fit(&fit, leverage, &points, 3, NULL), WK_OK);
    points.count = 20;
    for (int i = 0; i < 20; i++)
        f.y[i] = 2 * f.x[i] + 1; /* on a line */
    assert_int_equal(wk_legendre_fit(&fit, leverage, &points, 1, &error), WK_NO_DATA);
    assert_non_null(strstr(error.message, "do not determine all 3 terms"));
    assert_int_equal(wk_legendre_fit(&fit, leverage, &points, 0, &error), WK_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exact),
        cmocka_unit_test(test_leverage),
        cmocka_unit_test(test_too_few),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
