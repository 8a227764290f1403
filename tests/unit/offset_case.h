/* What the tests of offsets share: stars with fields of offsets, and all pixels of a map. */
#ifndef WELKIN_TESTS_OFFSET_CASE_H
#define WELKIN_TESTS_OFFSET_CASE_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "offset.h"
#include "random.h"

enum { CASE_STARS = 512 };

/* cmocka's own comparison is one of floats, and lets NaN pass. */
#define assert_near(a, b, tolerance) assert_true(fabs((a) - (b)) <= (tolerance))

typedef struct field {
    double x[CASE_STARS], y[CASE_STARS], dx[CASE_STARS], dy[CASE_STARS];
    int64_t count;
} field;

static inline wk_offset_stars field_stars(const field *f)
{
    return (wk_offset_stars){f->x, f->y, f->dx, f->dy, f->count};
}

/* Stars anywhere in an image and `margin` pixels around it, offsets of some pixels. */
static inline field field_scatter(int64_t count, int64_t width, int64_t height, double margin,
                                  uint64_t seed)
{
    field f = {.count = count};
    wk_random random = wk_random_stream(seed, 1, 2, 3, 4);
    for (int64_t i = 0; i < count; i++) {
        f.x[i] = wk_random_between(&random, -margin, (double)width - 1 + margin);
        f.y[i] = wk_random_between(&random, -margin, (double)height - 1 + margin);
        f.dx[i] = wk_random_between(&random, -3, 3);
        f.dy[i] = wk_random_between(&random, -3, 3);
    }
    return f;
}

/* Move the stars to the middles of pixels, each one of its own. */
static inline void field_settle(field *f)
{
    for (int64_t i = 0; i < f->count; i++) {
        f->x[i] = rint(f->x[i]);
        f->y[i] = rint(f->y[i]);
        for (int64_t k = 0; k < i; k++)
            if (f->x[k] == f->x[i] && f->y[k] == f->y[i]) {
                f->x[i] += 1;
                k = -1;
            }
    }
}

static inline void affine(double out[2], double x, double y)
{
    out[0] = 3 + 0.01 * x - 0.02 * y;
    out[1] = -7 + 0.005 * x + 0.03 * y;
}

static inline void field_set(field *f, void (*function)(double out[2], double x, double y))
{
    for (int64_t i = 0; i < f->count; i++) {
        double value[2];
        function(value, f->x[i], f->y[i]);
        f->dx[i] = value[0];
        f->dy[i] = value[1];
    }
}

/* Add normal errors to both offsets. */
static inline void field_blur(field *f, double sigma, uint64_t seed)
{
    float error[2 * CASE_STARS];
    wk_random_gaussian(error, 2 * f->count, wk_random_stream(seed, 9, 8, 7, 6));
    for (int64_t i = 0; i < f->count; i++) {
        f->dx[i] += sigma * (double)error[2 * i];
        f->dy[i] += sigma * (double)error[2 * i + 1];
    }
}

static inline field field_without(const field *f, int64_t star)
{
    field g = *f;
    const size_t rest = (size_t)(f->count - star - 1) * sizeof(double);
    memmove(g.x + star, f->x + star + 1, rest);
    memmove(g.y + star, f->y + star + 1, rest);
    memmove(g.dx + star, f->dx + star + 1, rest);
    memmove(g.dy + star, f->dy + star + 1, rest);
    g.count--;
    return g;
}

static inline wk_offset *field_fit(const field *f, int64_t width, int64_t height,
                                   const wk_offset_options *options)
{
    wk_offset *offset;
    const wk_offset_stars stars = field_stars(f);
    assert_int_equal(wk_offset_fit(&offset, &stars, width, height, options, NULL, NULL), WK_OK);
    assert_non_null(offset);
    return offset;
}

static inline wk_offset_options options_of(wk_offset_model model)
{
    wk_offset_options options = wk_offset_options_default();
    options.model = model;
    return options;
}

/* All planes of all pixels. */
typedef struct map {
    int64_t width, height;
    double *x, *y, *error_x, *error_y, *distance;
    uint8_t *flag;
} map;

static inline map map_make(const wk_offset *offset, int threads)
{
    const wk_context context = {.threads = threads};
    const wk_offset_facts *facts = wk_offset_describe(offset);
    const size_t n = (size_t)(facts->width * facts->height);
    map m = {facts->width, facts->height, NULL, NULL, NULL, NULL, NULL, NULL};
    double **const planes[] = {&m.x, &m.y, &m.error_x, &m.error_y, &m.distance};
    for (int i = 0; i < 5; i++)
        *planes[i] = malloc(n * sizeof(double));
    m.flag = malloc(n);
    wk_offset_planes all = {m.x, m.y, m.error_x, m.error_y, m.distance, m.flag};
    assert_int_equal(wk_offset_fill(&all, offset, 0, facts->height, &context, NULL), WK_OK);
    return m;
}

static inline void map_free(map *m)
{
    free(m->x);
    free(m->y);
    free(m->error_x);
    free(m->error_y);
    free(m->distance);
    free(m->flag);
}

/* The map of stars at once; the offset is gone. */
static inline map map_fit(const field *f, int64_t width, int64_t height,
                          const wk_offset_options *options)
{
    wk_offset *offset = field_fit(f, width, height, options);
    map m = map_make(offset, 2);
    wk_offset_free(offset);
    return m;
}

static inline void map_near(const map *m, void (*function)(double out[2], double x, double y),
                            double tolerance)
{
    for (int64_t i = 0; i < m->width * m->height; i++) {
        double value[2];
        function(value, (double)(i % m->width), (double)(i / m->width));
        assert_near(m->x[i], value[0], tolerance);
        assert_near(m->y[i], value[1], tolerance);
    }
}

/* Equal, or both not a number. */
static inline void same_numbers(const double *a, const double *b, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        assert_true(a[i] == b[i] || (isnan(a[i]) && isnan(b[i])));
}

/* A star's residual is its offset less what the map without it has at its pixel. */
static inline void check_left_out(const field *f, int64_t width, int64_t height,
                                  const wk_offset_options *options, double tolerance)
{
    wk_offset *offset = field_fit(f, width, height, options);
    double rx[CASE_STARS], ry[CASE_STARS], sum = 0;
    unsigned char used[CASE_STARS];
    wk_offset_residuals(rx, ry, used, offset);
    for (int64_t i = 0; i < f->count; i++) {
        const field rest = field_without(f, i);
        map m = map_fit(&rest, width, height, options);
        const int64_t at = (int64_t)f->y[i] * width + (int64_t)f->x[i];
        assert_near(rx[i], f->dx[i] - m.x[at], tolerance);
        assert_near(ry[i], f->dy[i] - m.y[at], tolerance);
        assert_int_equal(used[i], 1);
        sum += rx[i] * rx[i];
        map_free(&m);
    }
    assert_near(wk_offset_describe(offset)->left_out[0], sqrt(sum / (double)f->count),
                1e-12 * sqrt(sum));
    wk_offset_free(offset);
}

/* Fields of a normal error of 0.1 pixels: mean square of (map - truth) / error over some pixels of
 * many fields, between low and high. */
static inline void check_pulls(void (*truth)(double out[2], double x, double y), int64_t stars,
                               int64_t size, int fields, const wk_offset_options *options,
                               double low, double high)
{
    double sum = 0;
    int64_t count = 0;
    for (int k = 0; k < fields; k++) {
        field f = field_scatter(stars, size, size, 0, 1000 + (uint64_t)k);
        field_set(&f, truth);
        field_blur(&f, 0.1, (uint64_t)k);
        map m = map_fit(&f, size, size, options);
        for (int place = 0; place < 4; place++) {
            const int64_t x = size / 4 + size / 2 * (place % 2),
                          y = size / 4 + size / 2 * (place / 2);
            const int64_t i = y * size + x;
            double value[2];
            truth(value, (double)x, (double)y);
            const double px = (m.x[i] - value[0]) / m.error_x[i];
            const double py = (m.y[i] - value[1]) / m.error_y[i];
            sum += px * px + py * py;
            count += 2;
        }
        map_free(&m);
    }
    assert_in_range((uint64_t)(1e6 * sum / (double)count), (uint64_t)(1e6 * low),
                    (uint64_t)(1e6 * high));
}

#endif
