#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "memory.h"
#include "thin_plate_case.h"
#include "thin_plate_gram.h"

/* Sums of products of a plate over places whose functions are made here one by one: all the
 * kernels' functions vanish on the drift, so that sums for values that are kernels are known. */
static void sums_check(int degree)
{
    enum { N = 600, KNOTS = 14, SIDE = KNOTS + 2 };
    wk_field field = field_make(N, 41, 0.1);
    wk_plate_points points = field_points(&field);
    wk_plate_places places;
    assert_int_equal(wk_plate_places_make(&places, &points, NULL), WK_OK);
    wk_plate plate = {.centres = KNOTS, .u = places.u, .v = places.v, .scale = 1.0};
    double *inner, gram[SIDE * SIDE], again[SIDE * SIDE];
    assert_int_equal(wk_plate_kernel_reduce(&plate, &inner, degree, places.half, NULL, NULL),
                     WK_OK);
    const double *const value[2] = {places.value[0], places.u};
    for (int threads = 1; threads <= 3; threads++) {
        wk_context context = {.threads = threads};
        assert_int_equal(
            wk_plate_gram(threads == 1 ? gram : again, &plate, &places, value, &context, NULL),
            WK_OK);
        if (threads > 1)
            assert_memory_equal(gram, again, sizeof gram);
    }
    double uv = 0.0, squares = 0.0, products = 0.0;
    for (int i = 0; i < N; i++) {
        uv += places.u[i] * places.v[i] / places.half[0] / places.half[1];
        squares += places.value[0][i] * places.value[0][i];
        products += places.value[0][i] * places.v[i] / places.half[1];
    }
    assert_true(fabs(gram[0] - N) < 1e-10 && fabs(gram[SIDE + 2] - uv) < 1e-10);
    assert_true(fabs(gram[(SIDE - 2) * SIDE + SIDE - 2] - squares) < 1e-9);
    assert_true(fabs(gram[2 * SIDE + SIDE - 2] - products) < 1e-10);
    /* the second value is u: its products are those of the second term */
    for (int k = plate.drift.terms; k < KNOTS; k++)
        assert_true(fabs(gram[k * SIDE + SIDE - 1] - places.half[0] * gram[SIDE + k]) < 1e-10);
    wk_memory_free(inner);
    wk_plate_drift_release(&plate.drift);
    wk_memory_free(plate.columns);
    wk_memory_free(plate.slant);
    wk_plate_places_release(&places);
    field_free(&field);
}

static void test_sums(void **state)
{
    (void)state;
    for (int degree = 1; degree <= 3; degree++)
        sums_check(degree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sums)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
