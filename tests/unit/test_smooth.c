#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "random.h"
#include "smooth.h"

/* The reference: dense matrices of the same problem, written down from its definition. */
enum { MOST = 110 };

static double uniform(uint64_t *state)
{
    *state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
    return ((double)(*state >> 11) + 0.5) / 9007199254740992.0;
}

static void add_difference(double *a, int n, int at, int step, const double *d, int count,
                           double factor)
{
    for (int i = 0; i < count; i++)
        for (int j = 0; j < count; j++)
            a[(at + i * step) * n + at + j * step] += factor * d[i] * d[j];
}

/* a = diag(w) + lambda * (third differences squared + 0.03 steps squared) */
static void dense_fill(double *a, const double *w, int nx, int ny, double lambda)
{
    static const double third[] = {-1.0, 3.0, -3.0, 1.0}, step[] = {-1.0, 1.0};
    int n = nx * ny;
    memset(a, 0, (size_t)(n * n) * sizeof *a);
    for (int k = 0; k < n; k++) {
        int i = k % nx, j = k / nx;
        a[k * n + k] += w ? w[k] : 1.0;
        if (i + 3 < nx)
            add_difference(a, n, k, 1, third, 4, lambda);
        if (j + 3 < ny)
            add_difference(a, n, k, nx, third, 4, lambda);
        if (i + 1 < nx)
            add_difference(a, n, k, 1, step, 2, 0.03 * lambda);
        if (j + 1 < ny)
            add_difference(a, n, k, nx, step, 2, 0.03 * lambda);
    }
}

/* a of positive pivots becomes its inverse. */
static void dense_invert(double *a, int n)
{
    for (int p = 0; p < n; p++) {
        double pivot = 1.0 / a[p * n + p];
        a[p * n + p] = 1.0;
        for (int j = 0; j < n; j++)
            a[p * n + j] *= pivot;
        for (int i = 0; i < n; i++) {
            double factor = i == p ? 0.0 : a[i * n + p];
            if (i != p)
                a[i * n + p] = 0.0;
            for (int j = 0; j < n && factor != 0.0; j++)
                a[i * n + j] -= factor * a[p * n + j];
        }
    }
}

/* The plane of weighted least squares at each node, from its normal equations. */
static void dense_plane(double *out, const double *v, const double *w, int nx, int ny)
{
    double a[9] = {0}, b[3] = {0}, c[3] = {0};
    for (int k = 0; k < nx * ny; k++) {
        double terms[] = {1.0, k % nx, k / nx}, weight = w ? w[k] : 1.0;
        for (int i = 0; i < 3 && weight > 0.0; i++) {
            b[i] += weight * terms[i] * v[k];
            for (int j = 0; j < 3; j++)
                a[i * 3 + j] += weight * terms[i] * terms[j];
        }
    }
    dense_invert(a, 3);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            c[i] += a[i * 3 + j] * b[j];
    for (int k = 0; k < nx * ny; k++)
        out[k] = c[0] + c[1] * (k % nx) + c[2] * (double)(k / nx);
}

/* The whole solution; inverse: room for n * n, then the inverse of the equations. */
static void dense_smooth(double *out, double *inverse, const double *v, const double *weights,
                         int nx, int ny, double lambda)
{
    int n = nx * ny;
    double w[MOST] = {0}, plane[MOST], sum = 0.0, nodes = 0.0;
    for (int k = 0; k < n; k++) {
        w[k] = weights ? weights[k] : 1.0;
        sum += w[k];
        nodes += w[k] > 0.0;
    }
    for (int k = 0; k < n; k++)
        w[k] *= nodes / sum;
    dense_plane(plane, v, w, nx, ny);
    dense_fill(inverse, w, nx, ny, lambda);
    dense_invert(inverse, n);
    for (int i = 0; i < n; i++) {
        out[i] = plane[i];
        for (int k = 0; k < n; k++)
            if (w[k] > 0.0)
                out[i] += inverse[i * n + k] * w[k] * (v[k] - plane[k]);
    }
}

static void test_dense_solution(void **state)
{
    (void)state;
    double *inverse = calloc(MOST * MOST, sizeof *inverse);
    double v[MOST], w[MOST], out[MOST], expected[MOST];
    uint64_t seed = 3;
    static const int sizes[][2] = {{10, 11}, {4, 4}, {3, 2}, {2, 2}, {17, 5}, {2, 30}};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (int kind = 0; kind < 3; kind++)
            for (double lambda = 1e-3; lambda < 2e5; lambda *= 100.0) {
                int nx = sizes[s][0], ny = sizes[s][1];
                for (int k = 0; k < nx * ny; k++) {
                    v[k] = 100.0 * uniform(&seed);
                    w[k] = kind == 2 && nx * ny > 10 && uniform(&seed) < 0.4 ? 0.0
                                                                             : 0.2 + uniform(&seed);
                    if (w[k] == 0.0 && k % 2)
                        v[k] = NAN;
                }
                const double *weights = kind ? w : NULL;
                wk_smooth_report report;
                assert_int_equal(wk_smooth_with(out, v, weights, nx, ny, lambda, &report, NULL),
                                 WK_OK);
                assert_true(report.lambda == lambda && (kind || report.iterations == 0));
                dense_smooth(expected, inverse, v, weights, nx, ny, lambda);
                for (int k = 0; k < nx * ny; k++)
                    assert_true(fabs(out[k] - expected[k]) < 1e-8); /* conjugate gradients' 1e-12 */
            }
    free(inverse);
}

static double square(double x)
{
    return x * x;
}

/* Every lambda of the search by dense matrices. */
static double brute_lambda(double *freedom, double *matrix, const double *v, int nx, int ny)
{
    int n = nx * ny;
    double plane[MOST], least = INFINITY, best = 0.0;
    dense_plane(plane, v, NULL, nx, ny);
    for (int step = 0; step < 45; step++) {
        double lambda = 1e-3 * pow(10.0, 0.25 * step), trace = 0.0, both = 0.0, rest = 0.0;
        dense_fill(matrix, NULL, nx, ny, lambda);
        dense_invert(matrix, n);
        for (int i = 0; i < n; i++) {
            double smooth = 0.0;
            for (int k = 0; k < n; k++) {
                smooth += matrix[i * n + k] * (v[k] - plane[k]);
                both += square(matrix[i * n + k]); /* trace of its square: it is symmetric */
            }
            trace += matrix[i * n + i];
            rest += square(v[i] - plane[i] - smooth);
        }
        double score = rest / n / square(1.0 - trace / n) * (0.3 + 0.7 * both / n);
        if (score < least) {
            least = score;
            best = lambda;
            *freedom = trace;
        }
    }
    return best;
}

static void test_cross_validation_by_brute_force(void **state)
{
    (void)state;
    enum { NX = 9, NY = 8 };
    double *matrix = calloc(MOST * MOST, sizeof *matrix);
    double v[NX * NY], out[NX * NY], freedom = 0.0;
    uint64_t seed = 17;
    for (int draw = 0; draw < 6; draw++) {
        for (int k = 0; k < NX * NY; k++)
            v[k] =
                (double)draw * sin(0.9 * (k % NX)) * cos(0.7 * (double)(k / NX)) + uniform(&seed);
        wk_smooth_report report;
        assert_int_equal(wk_smooth_fit(out, v, NULL, NX, NY, &report, NULL), WK_OK);
        double lambda = brute_lambda(&freedom, matrix, v, NX, NY);
        /* the same point of the grid; a dense matrix of lambda 1e8 has lost ten digits */
        assert_true(fabs(report.lambda / lambda - 1.0) < 1e-9);
        assert_true(fabs(report.freedom - freedom) < 1e-5 * freedom);
    }
    free(matrix);
}

static double plane(int64_t k, int64_t nx)
{
    return 5.0 - 0.7 * (double)(k % nx) + 1.3 * (double)(k / nx);
}

/* kind 0: all; 1: a checkerboard; 2: half; 3: a hole; 4: an edge and a corner; 5: one in three */
static int is_empty(int kind, int64_t i, int64_t j, int64_t nx, int64_t ny)
{
    switch (kind) {
    case 1:
        return (i + j) % 2 != 0;
    case 2:
        return i < nx / 2;
    case 3:
        return i > nx / 4 && i < 3 * nx / 4 && j > ny / 4 && j < 3 * ny / 4;
    case 4:
        return j == 0 || (i < nx / 2 && j < ny / 2);
    case 5:
        return (i * 7 + j * 5) % 3 != 0;
    default:
        return 0;
    }
}

static void test_planes_come_back(void **state)
{
    (void)state;
    static const int64_t sizes[][2] = {{16, 16}, {64, 40}, {1, 1}, {2, 2}, {3, 1}, {4, 4}, {5, 9}};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++)
        for (int kind = 0; kind < 6; kind++) {
            int64_t nx = sizes[s][0], ny = sizes[s][1], n = nx * ny;
            if (kind && n < 16)
                continue;
            double *v = calloc((size_t)n, sizeof *v), *out = calloc((size_t)n, sizeof *out);
            for (int64_t k = 0; k < n; k++)
                v[k] = is_empty(kind, k % nx, k / nx, nx, ny) ? (double)NAN : plane(k, nx);
            assert_int_equal(wk_smooth_fit(out, v, NULL, nx, ny, NULL, NULL), WK_OK);
            for (int64_t k = 0; k < n; k++)
                assert_true(fabs(out[k] - plane(k, nx)) < 1e-10);
            free(v);
            free(out);
        }
}

static void test_one_and_none(void **state)
{
    (void)state;
    double v[30], out[30];
    for (int k = 0; k < 30; k++)
        v[k] = NAN;
    wk_smooth_report report;
    assert_int_equal(wk_smooth_fit(out, v, NULL, 6, 5, &report, NULL), WK_OK);
    for (int k = 0; k < 30; k++)
        assert_true(isnan(out[k]));
    assert_true(report.nodes == 0 && report.lambda == 0.0);
    v[13] = 42.0;
    assert_int_equal(wk_smooth_fit(out, v, NULL, 6, 5, &report, NULL), WK_OK);
    for (int k = 0; k < 30; k++)
        assert_true(out[k] == 42.0);
    assert_int_equal(report.nodes, 1);
    double w[30] = {0};
    w[2] = -1.0, w[3] = NAN, w[13] = INFINITY; /* none of these is a weight */
    assert_int_equal(wk_smooth_fit(out, v, w, 6, 5, &report, NULL), WK_OK);
    assert_true(report.nodes == 0 && isnan(out[13]));
}

/* With lambda fixed the mesh is a linear function of the values, out = H noise: the sum of squares
 * has the mean tr H'H and the variance 2 tr (H'H)^2, H from the dense matrices. */
static void test_noise_goes_down_as_theory_says(void **state)
{
    (void)state;
    enum { NX = 10, NY = 9, N = NX * NY, DRAWS = 200 };
    double *inverse = calloc(MOST * MOST, sizeof *inverse), *h = calloc(N * N, sizeof *h);
    double v[N], out[N], mean = 0.0, variance = 0.0, sum = 0.0;
    for (int k = 0; k < N; k++) {
        memset(v, 0, sizeof v);
        v[k] = 1.0;
        dense_smooth(h + k * N, inverse, v, NULL, NX, NY, 3.0);
    }
    for (int a = 0; a < N; a++)
        for (int b = 0; b < N; b++) {
            double dot = 0.0;
            for (int i = 0; i < N; i++)
                dot += h[a * N + i] * h[b * N + i];
            mean += a == b ? dot : 0.0;
            variance += 2.0 * dot * dot;
        }
    assert_true(mean < 0.35 * N);
    for (int draw = 0; draw < DRAWS; draw++) {
        float noise[N];
        wk_random_gaussian(noise, N, wk_random_stream(77, 1, (uint64_t)draw, 0, 0));
        for (int k = 0; k < N; k++)
            v[k] = (double)noise[k] + 100.0 + plane(k, NX);
        assert_int_equal(wk_smooth_with(out, v, NULL, NX, NY, 3.0, NULL, NULL), WK_OK);
        for (int k = 0; k < N; k++)
            sum += square(out[k] - 100.0 - plane(k, NX));
    }
    assert_true(fabs(sum / DRAWS - mean) < 5.0 * sqrt(variance / DRAWS));
    free(inverse);
    free(h);
}

static void test_transposed(void **state)
{
    (void)state;
    enum { NX = 13, NY = 8, N = NX * NY };
    double v[N], w[N], turned[N], turned_weight[N], out[N], other[N];
    uint64_t seed = 23;
    for (int k = 0; k < N; k++) {
        v[k] = sin(0.4 * (k % NX)) + 0.1 * (double)(k / NX) + 0.1 * uniform(&seed);
        w[k] = uniform(&seed) < 0.2 ? 0.0 : 1.0 + uniform(&seed);
        turned[k % NX * NY + k / NX] = v[k];
        turned_weight[k % NX * NY + k / NX] = w[k];
    }
    wk_smooth_report one, two;
    assert_int_equal(wk_smooth_fit(out, v, w, NX, NY, &one, NULL), WK_OK);
    assert_int_equal(wk_smooth_fit(other, turned, turned_weight, NY, NX, &two, NULL), WK_OK);
    assert_true(one.lambda == two.lambda);
    for (int k = 0; k < N; k++)
        assert_true(fabs(out[k] - other[k % NX * NY + k / NX]) < 1e-10);
}

/* What is made up where nothing was seen stays within reach of what was seen. */
static void test_gaps_do_not_flare(void **state)
{
    (void)state;
    enum { NX = 40, NY = 32, N = NX * NY };
    double *v = calloc(N, sizeof *v), *out = calloc(N, sizeof *out);
    for (int kind = 1; kind < 6; kind++) {
        uint64_t seed = 31;
        for (int k = 0; k < N; k++) {
            v[k] = 50.0 * sin(0.3 * (k % NX)) * cos(0.25 * (double)(k / NX)) + uniform(&seed);
            if (is_empty(kind, k % NX, k / NX, NX, NY))
                v[k] = NAN;
        }
        assert_int_equal(wk_smooth_fit(out, v, NULL, NX, NY, NULL, NULL), WK_OK);
        for (int k = 0; k < N; k++) {
            assert_true(fabs(out[k]) < 100.0); /* twice the waves' height */
            if (isfinite(v[k]))
                assert_true(fabs(out[k] - v[k]) < 5.0);
        }
    }
    free(v);
    free(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dense_solution),
        cmocka_unit_test(test_cross_validation_by_brute_force),
        cmocka_unit_test(test_planes_come_back),
        cmocka_unit_test(test_one_and_none),
        cmocka_unit_test(test_noise_goes_down_as_theory_says),
        cmocka_unit_test(test_transposed),
        cmocka_unit_test(test_gaps_do_not_flare),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
