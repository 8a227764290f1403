#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "thin_plate_case.h"
#include "thin_plate_degree.h"

static int degree_of(const wk_field *field, int asked, int64_t centres)
{
    wk_plate_points points = field_points(field);
    wk_plate_places places;
    int degree = 0;
    assert_int_equal(wk_plate_places_make(&places, &points, NULL), WK_OK);
    int64_t looked = places.count < WK_PLATE_LOOKED ? places.count : WK_PLATE_LOOKED;
    assert_int_equal(wk_plate_places_spread(&places, looked, NULL), WK_OK);
    assert_int_equal(wk_plate_degree_find(&degree, asked, &places, looked,
                                          centres ? centres : looked, NULL, NULL),
                     WK_OK);
    wk_plate_places_release(&places);
    return degree;
}

/* Polynomials that stand out of the noise, over seeds: never a lower degree, a higher one rarely.
 * Its probability is below 1e-3 for each of 40 fields. */
static void test_polynomials(void **state)
{
    (void)state;
    for (int degree = 1; degree <= 3; degree++) {
        int higher = 0;
        for (uint64_t seed = 1; seed <= 40; seed++) {
            wk_field noise = field_make(60, seed, 1.0);
            for (int64_t i = 0; i < noise.count; i++)
                for (int q = 0; q < 2; q++)
                    noise.values[q][i] += field_polynomial(degree, q, noise.x[i], noise.y[i]) -
                                          field_truth(seed, q, noise.x[i], noise.y[i]);
            int found = degree_of(&noise, 0, 0);
            assert_true(found >= degree);
            higher += found > degree;
            field_free(&noise);
        }
        assert_true(higher <= 1);
    }
}

/* Too few places for a degree: it needs one more than terms, a chosen one twice as many. */
static void test_few(void **state)
{
    (void)state;
    wk_field field = field_make(22, 3, 0.0);
    field_set_polynomial(&field, 3);
    const int counts[] = {4, 6, 7, 10, 11, 19, 20}, asked[] = {1, 1, 2, 2, 3, 3, 3};
    const int chosen[] = {1, 1, 1, 1, 1, 2, 3};
    for (int k = 0; k < 7; k++) {
        field.count = counts[k];
        assert_int_equal(degree_of(&field, 3, 0), asked[k]);
        assert_true(degree_of(&field, 0, 0) <= chosen[k]);
    }
    assert_int_equal(degree_of(&field, 0, 0), 3);
    assert_int_equal(degree_of(&field, 3, 10), 2);
    assert_int_equal(degree_of(&field, 0, 6), 1);
    field_free(&field);
}

/* On an ellipse there are planes only; with a few places beside it, far enough, conics. */
static void test_conic(void **state)
{
    (void)state;
    wk_field field = field_make(40, 4, 0.0);
    for (int i = 0; i < 40; i++) {
        field.x[i] = 500.0 + 400.0 * cos(i), field.y[i] = 400.0 + 300.0 * sin(i);
        field.values[0][i] = field.values[1][i] = sin(3.0 * i);
    }
    for (int asked = 0; asked <= 3; asked++)
        assert_int_equal(degree_of(&field, asked, 0), 1);
    field.x[0] = 510.0, field.y[0] = 410.0;
    assert_int_equal(degree_of(&field, 2, 0), 2);
    field_free(&field);
}

/* Many places: some of them are looked at. */
static void test_many(void **state)
{
    (void)state;
    wk_field field = field_make(1000, 5, 0.0);
    for (int degree = 1; degree <= 3; degree += 2) {
        field_set_polynomial(&field, degree);
        assert_int_equal(degree_of(&field, 0, 0), degree);
    }
    field_free(&field);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_polynomials),
        cmocka_unit_test(test_few),
        cmocka_unit_test(test_conic),
        cmocka_unit_test(test_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
