/* Points of a field and what the tests of the thin plate do with them. */
#ifndef WELKIN_TESTS_THIN_PLATE_CASE_H
#define WELKIN_TESTS_THIN_PLATE_CASE_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"
#include "thin_plate.h"

typedef struct wk_field {
    double *x, *y, *values[2];
    int64_t count;
} wk_field;

static inline wk_field field_new(int64_t count)
{
    double *all = calloc((size_t)(4 * count) + 1, sizeof *all);
    return (wk_field){all, all + count, {all + 2 * count, all + 3 * count}, count};
}

static inline void field_free(wk_field *field)
{
    free(field->x);
}

static inline wk_plate_points field_points(const wk_field *field)
{
    return (wk_plate_points){
        field->x, field->y, {field->values[0], field->values[1]}, field->count};
}

/* A smooth truth over 0..1000 x 0..800: some waves of random direction and phase. */
static inline double field_truth(uint64_t seed, int q, double x, double y)
{
    double sum = 0.0;
    wk_random random = wk_random_stream(seed, 7, (uint64_t)q, 0, 0);
    for (int k = 0; k < 4; k++) {
        double a = wk_random_between(&random, -8e-3, 8e-3);
        double b = wk_random_between(&random, -8e-3, 8e-3);
        sum += 2.0 * sin(a * x + b * y + wk_random_between(&random, 0.0, 6.28));
    }
    return sum;
}

/* Places scattered evenly; values truth + noise. */
static inline wk_field field_make(int64_t count, uint64_t seed, double noise)
{
    wk_field field = field_new(count);
    wk_random random = wk_random_stream(seed, 1, 0, 0, 0);
    float *draws = calloc((size_t)(2 * count) + 2, sizeof *draws);
    wk_random_gaussian(draws, 2 * count, wk_random_stream(seed, 2, 0, 0, 0));
    for (int64_t i = 0; i < count; i++) {
        field.x[i] = wk_random_between(&random, 0.0, 1000.0);
        field.y[i] = wk_random_between(&random, 0.0, 800.0);
        for (int q = 0; q < 2; q++)
            field.values[q][i] =
                field_truth(seed, q, field.x[i], field.y[i]) + noise * (double)draws[2 * i + q];
    }
    free(draws);
    return field;
}

static inline wk_plate *field_fit_drift(const wk_field *field, double smooth, int64_t dense,
                                        int64_t knots, int drift, int threads)
{
    wk_plate_points points = field_points(field);
    wk_plate_options options = {smooth, dense, knots, drift};
    wk_context context = {.threads = threads};
    wk_error error = {0};
    wk_plate *plate = NULL;
    wk_status status = wk_plate_create(&plate, &points, &options, &context, &error);
    if (status != WK_OK)
        print_message("# %s\n", error.message);
    assert_int_equal(status, WK_OK);
    return plate;
}

/* With planes for a drift. */
static inline wk_plate *field_fit(const wk_field *field, double smooth, int64_t dense,
                                  int64_t knots, int threads)
{
    return field_fit_drift(field, smooth, dense, knots, 1, threads);
}

/* A polynomial of a degree, up to 3, some 1e4 large. */
static inline double field_polynomial(int degree, int q, double x, double y)
{
    double s = x / 500.0 - 1.0, t = y / 400.0 - 1.0, sum = 1e4 + 3e3 * s - 2e3 * t * (1.0 + q);
    if (degree > 1)
        sum += 500.0 * s * s - 700.0 * s * t + 300.0 * t * t * (1.0 + q);
    if (degree > 2)
        sum += 90.0 * s * s * s + 40.0 * s * s * t - 80.0 * s * t * t + 70.0 * t * t * t;
    return sum;
}

static inline void field_set_polynomial(wk_field *field, int degree)
{
    for (int64_t i = 0; i < field->count; i++)
        for (int q = 0; q < 2; q++)
            field->values[q][i] = field_polynomial(degree, q, field->x[i], field->y[i]);
}

static inline double field_polynomial_off(const wk_plate *plate, int degree)
{
    double most = 0.0;
    for (double x = -200.0; x < 1200.0; x += 130.0) {
        double value[2], y = 700.0 - 0.4 * x;
        wk_plate_value(value, NULL, plate, x, y, NULL);
        for (int q = 0; q < 2; q++)
            most = fmax(most, fabs(value[q] - field_polynomial(degree, q, x, y)));
    }
    return most;
}

#endif
