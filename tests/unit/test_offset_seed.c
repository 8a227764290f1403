#include "offset_case.h"

enum { REACH = 4 };

/* The notebook's value of one pixel: the nearest star of each open quadrant by inverse distance. */
static void sample(double out[2], int *alone, const field *f, double x, double y, int lose_first)
{
    double sum = 0, distance[4];
    int64_t best[4];
    *alone = 1;
    for (int k = 0; k < 4; k++) {
        best[k] = -1;
        for (int64_t i = 0; i < f->count; i++) {
            const double dx = x - f->x[i], dy = y - f->y[i], d = sqrt(dx * dx + dy * dy);
            if (dx == 0 || dy == 0 || (dx < 0) != (k & 1) || (dy < 0) != (k >> 1))
                continue;
            if (best[k] < 0 || d < distance[k]) {
                best[k] = i;
                distance[k] = d;
            }
        }
        sum += best[k] >= 0 ? 1 / distance[k] : 0;
        *alone = *alone && best[k] < 0;
    }
    out[0] = out[1] = 0;
    for (int k = 0; k < 4; k++)
        if (best[k] > 0 || (best[k] == 0 && !lose_first)) {
            out[0] += f->dx[best[k]] / distance[k] / sum;
            out[1] += f->dy[best[k]] / distance[k] / sum;
        }
}

/* All samples of an image, NaN where there is none. */
static void sample_all(double *plane[2], const field *f, int64_t width, int64_t height,
                       const wk_offset_quirks *q)
{
    for (int64_t i = 0; i < width * height; i++)
        plane[0][i] = plane[1][i] = NAN;
    for (int64_t s = 0; s < q->sections; s++)
        for (int64_t y = 0; y < height; y += q->stride)
            for (int64_t i = 0; i < width / q->sections; i += q->stride) {
                const int64_t x = s * width / q->sections + i;
                double value[2];
                int alone;
                sample(value, &alone, f, (double)x, (double)y, q->lose_first);
                for (int axis = 0; axis < 2; axis++)
                    if (q->zero_missing ? value[axis] != 0 : !alone)
                        plane[axis][y * width + x] = value[axis];
            }
}

/* One missing pixel from the 9 x 9 about it. */
static double fill(const double *plane, int64_t x, int64_t y, int64_t width, int64_t height,
                   int zero_border)
{
    double sum = 0, weight = 0;
    for (int64_t j = y - REACH; j <= y + REACH; j++)
        for (int64_t i = x - REACH; i <= x + REACH; i++) {
            const int inside = i >= 0 && j >= 0 && i < width && j < height;
            const double value = inside ? plane[j * width + i] : zero_border ? 0 : (double)NAN;
            const double part = exp(-0.5 * (double)((i - x) * (i - x) + (j - y) * (j - y)));
            if (isnan(value))
                continue;
            sum += part * value;
            weight += part;
        }
    return weight > 0 ? sum / weight : 0;
}

static void compare(const field *f, int64_t width, int64_t height, wk_offset_quirks quirks)
{
    wk_offset_options options = options_of(WK_OFFSET_SEED);
    double *plane[2];
    options.quirks = quirks;
    for (int axis = 0; axis < 2; axis++)
        plane[axis] = malloc((size_t)(width * height) * sizeof(double));
    sample_all(plane, f, width, height, &quirks);
    map m = map_fit(f, width, height, &options);
    for (int64_t i = 0; i < width * height; i++)
        for (int axis = 0; axis < 2; axis++) {
            const double wanted = isnan(plane[axis][i]) ? fill(plane[axis], i % width, i / width,
                                                               width, height, quirks.zero_border)
                                                        : plane[axis][i];
            assert_near((axis == 0 ? m.x : m.y)[i], wanted, 1e-11); /* of sums up to 440 */
        }
    assert_true(isnan(m.error_x[0]) && isnan(m.error_y[0]));
    map_free(&m);
    free(plane[0]);
    free(plane[1]);
}

static void test_each_quirk(void **state)
{
    const wk_offset_quirks all = wk_offset_options_default().quirks;
    field f = field_scatter(30, 77, 47, 5, 4), g = field_scatter(30, 64, 30, 0, 5);
    (void)state;
    field_settle(&g);
    f.dx[3] -= 441;
    g.dx[5] = g.dy[5] = 0;
    for (int k = 0; k < 7; k++) {
        wk_offset_quirks quirks = all;
        quirks.lose_first = k != 1;
        quirks.zero_missing = k != 2;
        quirks.zero_border = k != 3;
        quirks.sections = k == 4 ? 1 : k == 5 ? 5 : 8;
        quirks.stride = k == 5 ? 4 : k == 6 ? 1 : 3;
        compare(&f, 77, 47, quirks); /* 8 sections of 9 columns leave gaps */
        compare(&g, 64, 30, quirks);
    }
    compare(&f, 77, 47, (wk_offset_quirks){.sections = 1, .stride = 1});
    f.count = 2;
    compare(&f, 77, 47, all); /* whole parts without a star */
    compare(&f, 77, 47, (wk_offset_quirks){.sections = 1, .stride = 2});
}

/* A constant of 10 from stars around the image: what the border takes off. */
static void test_border(void **state)
{
    field f = {
        {-9, -5, 70, 80, -20}, {-9, 50, -5, 60, -30}, {7, 10, 10, 10, 10}, {7, 10, 10, 10, 10}, 5};
    wk_offset_options options = options_of(WK_OFFSET_SEED);
    (void)state;
    options.quirks.lose_first = 0;
    f.dx[0] = f.dy[0] = 10;
    map m = map_fit(&f, 48, 40, &options);
    const double first[] = {10, 2.84, 2.84, 10};
    for (int i = 0; i < 4; i++)
        assert_near(m.x[i + 12], first[i], 0.005); /* two decimals are known */
    assert_near(m.x[48 + 13], 5.99, 0.005);
    assert_near(m.x[2 * 48 + 13], 9.505, 0.0005);
    assert_near(m.x[20 * 48 + 20], 10, 1e-12);
    map_free(&m);
    options.quirks.zero_border = 0;
    m = map_fit(&f, 48, 40, &options);
    for (int i = 0; i < 48 * 40; i++)
        assert_near(m.x[i], 10, 1e-13);
    map_free(&m);
}

/* Too narrow for sections, or only the star that is lost: nothing but 0. */
static void test_all_zero(void **state)
{
    const field f = field_scatter(20, 7, 20, 0, 1), one = field_scatter(1, 40, 20, 0, 2);
    const wk_offset_options options = options_of(WK_OFFSET_SEED);
    (void)state;
    map a = map_fit(&f, 7, 20, &options), b = map_fit(&one, 40, 20, &options);
    for (int i = 0; i < 7 * 20; i++)
        assert_true(a.x[i] == 0 && a.y[i] == 0);
    for (int i = 0; i < 40 * 20; i++)
        assert_true(b.x[i] == 0 && b.y[i] == 0);
    map_free(&a);
    map_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_quirk),
        cmocka_unit_test(test_border),
        cmocka_unit_test(test_all_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
