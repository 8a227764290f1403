#include "mesh_filter.h"

#include "streams.h"

#include "random.h"

enum { MOST = 400 };

/* A mesh with holes. */
static void make_mesh(float *values, int64_t count, uint64_t seed, double holes)
{
    wk_random random = wk_random_stream(seed, 31, 0, 0, 0);
    for (int64_t i = 0; i < count; i++) {
        float value = (float)wk_random_between(&random, -5.0, 20.0);
        values[i] = wk_random_uniform(&random) < holes ? NAN : value;
    }
}

static double plain_median(float *values, int64_t n)
{
    if (n == 0)
        return (double)NAN;
    float *sorted = stream_sorted(values, n);
    double median = stream_quantile(sorted, n, 0.5);
    free(sorted);
    return median;
}

static void expect_cell(float got, double expected, double tolerance)
{
    if (!(isnan(expected) ? isnan(got) : fabs((double)got - expected) <= tolerance))
        fail_msg("%.9g is not %.9g", (double)got, expected);
}

static void test_median(void **state)
{
    (void)state;
    float none[2] = {NAN, INFINITY}, one[3] = {NAN, 7.0F, NAN}, even[4] = {3, 1, 2, 2},
          odd[6] = {5, NAN, 1, 9, 3, 7}, ten[10] = {9, 0, 8, 1, 7, 2, 6, 3, 5, 4};
    assert_true(isnan(wk_mesh_median(none, 0)));
    assert_true(isnan(wk_mesh_median(none, 2)));
    assert_true(wk_mesh_median(one, 3) == 7.0);
    assert_true(wk_mesh_median(even, 4) == 2.0);
    assert_true(wk_mesh_median(odd, 6) == 5.0);
    assert_true(wk_mesh_median(ten, 10) == 4.5);
    for (int64_t n = 1; n < 300; n += 7) {
        float values[MOST];
        make_mesh(values, n, (uint64_t)n, 0.0);
        double expected = plain_median(values, n);
        assert_true(wk_mesh_median(values, n) == expected);
    }
}

/* Walk to the cell that stands for i beyond the edges: back and forth, the outer one twice. */
static int64_t walk(int64_t i, int64_t size)
{
    while (i < 0 || i >= size)
        i = i < 0 ? -1 - i : 2 * size - 1 - i;
    return i;
}

/* Whether cell i + step belongs to the window of i. */
static int belongs(int64_t i, int64_t step, int64_t size, int64_t half, wk_window window)
{
    int64_t room = i < size - 1 - i ? i : size - 1 - i;
    if (window == WK_WINDOW_CENTRED)
        return llabs(step) <= (room < half ? room : half);
    return window == WK_WINDOW_MIRROR || (i + step >= 0 && i + step < size);
}

static void expect_filtered(const float *mesh, int64_t nx, int64_t ny, int64_t width,
                            int64_t height, wk_window window)
{
    float got[MOST], *held = malloc((size_t)(width * height) * sizeof *held);
    memcpy(got, mesh, (size_t)(nx * ny) * sizeof *got);
    assert_int_equal(wk_mesh_filter(got, nx, ny, width, height, window, NULL), WK_OK);
    for (int64_t at = 0; at < nx * ny; at++) {
        int64_t n = 0, i = at % nx, j = at / nx;
        for (int64_t dy = -(height / 2); dy <= height / 2; dy++)
            for (int64_t dx = -(width / 2); dx <= width / 2; dx++) {
                if (!belongs(i, dx, nx, width / 2, window) ||
                    !belongs(j, dy, ny, height / 2, window))
                    continue;
                float value = mesh[walk(j + dy, ny) * nx + walk(i + dx, nx)];
                if (isfinite(value))
                    held[n++] = value;
            }
        expect_cell(got[at], (double)(float)plain_median(held, n), 0.0);
    }
    free(held);
}

static void test_filter(void **state)
{
    (void)state;
    static const int64_t sizes[][2] = {{1, 1}, {1, 5}, {6, 1}, {2, 2}, {7, 6}, {13, 9}};
    static const int64_t windows[][2] = {{1, 1}, {3, 3}, {5, 3}, {1, 7}, {21, 5}};
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++)
        for (size_t w = 0; w < sizeof windows / sizeof windows[0]; w++)
            for (int window = WK_WINDOW_CENTRED; window <= WK_WINDOW_MIRROR; window++) {
                float mesh[MOST];
                make_mesh(mesh, sizes[s][0] * sizes[s][1], s * 10 + w, w % 2 ? 0.4 : 0.0);
                expect_filtered(mesh, sizes[s][0], sizes[s][1], windows[w][0], windows[w][1],
                                (wk_window)window);
            }
}

/* A plane whose steps are powers of two comes back to the bit where the window stays centred. */
static void test_plane(void **state)
{
    (void)state;
    float mesh[12 * 9], plane[12 * 9];
    for (int i = 0; i < 12 * 9; i++)
        mesh[i] = plane[i] = 100.0F + 0.5F * (float)(i % 12) - 2.0F * (float)(i / 12);
    assert_int_equal(wk_mesh_filter(mesh, 12, 9, 5, 3, WK_WINDOW_CENTRED, NULL), WK_OK);
    assert_memory_equal(mesh, plane, sizeof mesh);
}

/* By symmetric padding: numpy.median of [[1,1,2],[1,1,2],[3,3,4]] is 2, and so on. */
static void test_mirror_by_hand(void **state)
{
    (void)state;
    float mesh[4] = {1, 2, 3, 4};
    const float expected[4] = {2, 2, 3, 3};
    assert_int_equal(wk_mesh_filter(mesh, 2, 2, 3, 3, WK_WINDOW_MIRROR, NULL), WK_OK);
    assert_memory_equal(mesh, expected, sizeof mesh);
}

static int64_t distance(int64_t a, int64_t b, int64_t nx)
{
    int64_t x = a % nx - b % nx, y = a / nx - b / nx;
    return x * x + y * y;
}

/* The mean of all at the least distance. */
static double nearest(const float *mesh, int64_t nx, int64_t ny, int64_t at)
{
    int64_t least = INT64_MAX, n = 0;
    double sum = 0.0;
    for (int64_t i = 0; i < nx * ny; i++)
        if (isfinite(mesh[i]) && distance(at, i, nx) < least)
            least = distance(at, i, nx);
    for (int64_t i = 0; i < nx * ny; i++)
        if (isfinite(mesh[i]) && distance(at, i, nx) == least) {
            sum += (double)mesh[i];
            n++;
        }
    return n > 0 ? sum / (double)n : (double)NAN;
}

/* Ten places go to the nearest, distance by distance; those that want the last ones share them. */
static double inverse(const float *mesh, int64_t nx, int64_t ny, int64_t at)
{
    double sum = 0.0, weights = 0.0, left = 10.0;
    for (int64_t d = 1; d <= nx * nx + ny * ny && left > 0.0; d++) {
        double n = 0.0, here = 0.0;
        for (int64_t i = 0; i < nx * ny; i++)
            if (isfinite(mesh[i]) && distance(at, i, nx) == d) {
                here += (double)mesh[i];
                n += 1.0;
            }
        if (n > 0.0) {
            double share = n < left ? 1.0 : left / n;
            sum += share * here / sqrt((double)d);
            weights += share * n / sqrt((double)d);
            left -= share * n;
        }
    }
    return weights > 0.0 ? sum / weights : (double)NAN;
}

/* Values up to 20 in float32: 1e-6 is half a unit of their last place. */
static void expect_filled(const float *mesh, int64_t nx, int64_t ny)
{
    float near[MOST], inverted[MOST], middle[MOST], copy[MOST];
    size_t bytes = (size_t)(nx * ny) * sizeof(float);
    memcpy(near, mesh, bytes);
    memcpy(inverted, mesh, bytes);
    memcpy(middle, mesh, bytes);
    memcpy(copy, mesh, bytes);
    assert_int_equal(wk_mesh_fill_nearest(near, nx, ny, NULL), WK_OK);
    assert_int_equal(wk_mesh_fill_inverse(inverted, nx, ny, NULL), WK_OK);
    assert_int_equal(wk_mesh_fill_median(middle, nx, ny, NULL), WK_OK);
    double median = wk_mesh_median(copy, nx * ny);
    for (int64_t i = 0; i < nx * ny; i++) {
        int full = isfinite(mesh[i]);
        expect_cell(near[i], full ? (double)mesh[i] : nearest(mesh, nx, ny, i), full ? 0.0 : 1e-6);
        expect_cell(inverted[i], full ? (double)mesh[i] : inverse(mesh, nx, ny, i),
                    full ? 0.0 : 1e-6);
        expect_cell(middle[i], full ? (double)mesh[i] : (double)(float)median, 0.0);
    }
}

static void test_fill(void **state)
{
    (void)state;
    static const int64_t sizes[][2] = {{1, 1}, {1, 9}, {12, 1}, {3, 3}, {15, 11}, {20, 20}};
    static const double holes[] = {0.0, 0.2, 0.7, 0.97, 1.0};
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++)
        for (size_t h = 0; h < sizeof holes / sizeof holes[0]; h++) {
            float mesh[MOST];
            make_mesh(mesh, sizes[s][0] * sizes[s][1], s + 50 * h, holes[h]);
            expect_filled(mesh, sizes[s][0], sizes[s][1]);
        }
}

/* One hole within a ring of eight: the mean of the four at distance 1; all eight and, to make ten,
 * half of four more at distance 2. */
static void test_fill_by_hand(void **state)
{
    (void)state;
    float mesh[25];
    for (int i = 0; i < 25; i++)
        mesh[i] = i == 12                   ? NAN
                  : distance(12, i, 5) == 1 ? 8.0F
                  : distance(12, i, 5) == 2 ? 4.0F
                  : distance(12, i, 5) == 4 ? 2.0F
                                            : 100.0F;
    float near[25];
    memcpy(near, mesh, sizeof mesh);
    assert_int_equal(wk_mesh_fill_nearest(near, 5, 5, NULL), WK_OK);
    assert_true(near[12] == 8.0F);
    assert_int_equal(wk_mesh_fill_inverse(mesh, 5, 5, NULL), WK_OK);
    double weights = 4.0 + 4.0 / sqrt(2.0) + 2.0 / 2.0;
    expect_cell(mesh[12], (32.0 + 16.0 / sqrt(2.0) + 2.0) / weights, 1e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_median), cmocka_unit_test(test_filter),
        cmocka_unit_test(test_plane),  cmocka_unit_test(test_mirror_by_hand),
        cmocka_unit_test(test_fill),   cmocka_unit_test(test_fill_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
