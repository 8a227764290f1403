#include "smooth.h"

#include <math.h>
#include <string.h>

#include "memory.h"
#include "smooth_basis.h"
#include "trend.h"

/* lambda is looked for in steps of a quarter of a decade.  Below the least one nothing is smoothed
 * that a mesh of good cells would show; the largest leaves a plane of the largest meshes. */
enum { LAMBDAS = 45, ROUNDS = 3 };
static const double LAMBDA_LEAST = 1e-3, LAMBDA_STEP = 1.7782794100389228;
static const double ROBUST = 0.3, PRECISION = 1e-12, WORK = 5e8;

typedef struct mesh {
    int64_t nx, ny, n;
    int64_t nodes; /* with a value */
    int equal;     /* every node has a value, all of the same weight */
    wk_smooth_basis x, y;
    double *weight;                    /* of mean 1 over the nodes with a value; 0: none */
    double *value;                     /* the plane taken off; 0 where there is none */
    double *smooth;                    /* the solution */
    double *whole;                     /* the values, the solution where there is none */
    double *coefficient;               /* of whole */
    double *rest, *way, *image, *room; /* of conjugate gradients */
    wk_trend trend;
    wk_smooth_report report;
} mesh;

static double dot(const double *a, const double *b, int64_t n)
{
    double sum = 0.0;
    for (int64_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

static wk_status mesh_make(mesh *all, int64_t nx, int64_t ny, wk_error *error)
{
    memset(all, 0, sizeof *all);
    all->nx = nx, all->ny = ny, all->n = nx * ny;
    all->weight = wk_memory_new((size_t)all->n * 9, sizeof *all->weight, error);
    if (!all->weight)
        return WK_MEMORY;
    double **parts[] = {&all->value, &all->smooth, &all->whole, &all->coefficient,
                        &all->rest,  &all->way,    &all->image, &all->room};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        *parts[i] = all->weight + (int64_t)(i + 1) * all->n;
    wk_status status = wk_smooth_basis_make(&all->x, nx, error);
    return status ? status : wk_smooth_basis_make(&all->y, ny, error);
}

static void mesh_release(mesh *all)
{
    wk_smooth_basis_release(&all->x);
    wk_smooth_basis_release(&all->y);
    wk_memory_free(all->weight);
}

static void mesh_fill(mesh *all, const double *values, const double *weights)
{
    double sum = 0.0, first = 0.0;
    for (int64_t k = 0; k < all->n; k++) {
        double w = weights ? weights[k] : 1.0;
        all->weight[k] = isfinite(values[k]) && isfinite(w) && w > 0.0 ? w : 0.0;
        sum += all->weight[k];
        all->nodes += all->weight[k] > 0.0;
    }
    all->report.nodes = all->nodes;
    all->equal = all->nodes == all->n;
    if (!all->nodes)
        return;
    first = all->weight[0];
    for (int64_t k = 0; k < all->n; k++) {
        all->equal = all->equal && all->weight[k] == first;
        all->weight[k] *= (double)all->nodes / sum;
    }
    all->trend = wk_trend_fit(values, all->weight, all->nx, all->ny);
    for (int64_t k = 0; k < all->n; k++)
        if (all->weight[k] > 0.0)
            all->value[k] = values[k] - wk_trend_at(&all->trend, k % all->nx, k / all->nx);
}

/* Means of the nodes with a value in blocks of 2 x 2, as far as there are any. */
static void coarsen(double *to, double *to_weight, const double *from, const double *weight,
                    int64_t nx, int64_t ny)
{
    int64_t width = (nx + 1) / 2;
    memset(to, 0, (size_t)(width * ((ny + 1) / 2)) * sizeof *to);
    memset(to_weight, 0, (size_t)(width * ((ny + 1) / 2)) * sizeof *to_weight);
    for (int64_t j = 0; j < ny; j++)
        for (int64_t i = 0; i < nx; i++) {
            double w = fmin(weight[j * nx + i], 1.0);
            to[j / 2 * width + i / 2] += w * from[j * nx + i];
            to_weight[j / 2 * width + i / 2] += w;
        }
    for (int64_t k = 0; k < width * ((ny + 1) / 2); k++)
        to[k] = to_weight[k] > 0.0 ? to[k] / to_weight[k] : 0.0;
}

/* Linear between the centres of the blocks. */
static double refined(const double *coarse, int64_t width, int64_t height, int64_t i, int64_t j)
{
    int64_t near_x = i / 2, near_y = j / 2;
    int64_t far_x = near_x + (i % 2 ? 1 : -1), far_y = near_y + (j % 2 ? 1 : -1);
    far_x = far_x < 0 || far_x >= width ? near_x : far_x;
    far_y = far_y < 0 || far_y >= height ? near_y : far_y;
    const double *near_row = coarse + near_y * width, *far_row = coarse + far_y * width;
    return 0.75 * (0.75 * near_row[near_x] + 0.25 * near_row[far_x]) +
           0.25 * (0.75 * far_row[near_x] + 0.25 * far_row[far_x]);
}

/* Fill the nodes without a value from ever coarser means.  room: as many doubles as there are
 * nodes, and a few for each level. */
static void gaps_fill(double *values, const double *weight, int64_t nx, int64_t ny, double *room)
{
    int64_t width = (nx + 1) / 2, height = (ny + 1) / 2, empty = 0;
    for (int64_t k = 0; k < nx * ny; k++)
        empty += !(weight[k] > 0.0);
    if (!empty || nx * ny == 1)
        return;
    double *coarse = room, *coarse_weight = room + width * height;
    coarsen(coarse, coarse_weight, values, weight, nx, ny);
    gaps_fill(coarse, coarse_weight, width, height, coarse_weight + width * height);
    for (int64_t k = 0; k < nx * ny; k++)
        if (!(weight[k] > 0.0))
            values[k] = refined(coarse, width, height, k % nx, k / nx);
}

/* The solution for equal weights, in place of the right side. */
static void solve_equal(mesh *all, double *values, double lambda)
{
    wk_smooth_transform(all->coefficient, values, &all->x, &all->y, all->room);
    for (int64_t j = 0; j < all->ny; j++)
        for (int64_t i = 0; i < all->nx; i++)
            all->coefficient[j * all->nx + i] /=
                1.0 + lambda * (all->x.values[i] + all->y.values[j]);
    wk_smooth_restore(values, all->coefficient, &all->x, &all->y, all->room);
}

/* out = (weights + lambda penalty) in */
static void equations_apply(const mesh *all, double *out, const double *in, double lambda)
{
    wk_smooth_penalty(out, in, &all->x, &all->y);
    for (int64_t k = 0; k < all->n; k++)
        out[k] = all->weight[k] * in[k] + lambda * out[k];
}

/* Rounds of conjugate gradients that a mesh of this size may cost. */
static int64_t rounds_most(const mesh *all)
{
    double one = 4.0 * (double)all->n * (double)(all->nx + all->ny);
    return (int64_t)fmax(8.0, fmin(1000.0, WORK / one));
}

/* Preconditioned conjugate gradients from the solution so far. */
static void solve(mesh *all, double lambda)
{
    int64_t n = all->n;
    double *better = all->whole; /* its values have done their duty */
    equations_apply(all, all->rest, all->smooth, lambda);
    for (int64_t k = 0; k < n; k++)
        all->rest[k] = all->weight[k] * all->value[k] - all->rest[k];
    memcpy(better, all->rest, (size_t)n * sizeof *better);
    solve_equal(all, better, lambda);
    memcpy(all->way, better, (size_t)n * sizeof *better);
    double square = dot(all->rest, better, n);
    double enough = PRECISION * PRECISION * dot(all->value, all->value, n);
    for (int64_t round = rounds_most(all); round > 0 && square > enough; round--) {
        equations_apply(all, all->image, all->way, lambda);
        double factor = square / dot(all->way, all->image, n), last = square;
        for (int64_t k = 0; k < n; k++) {
            all->smooth[k] += factor * all->way[k];
            all->rest[k] -= factor * all->image[k];
        }
        memcpy(better, all->rest, (size_t)n * sizeof *better);
        solve_equal(all, better, lambda);
        square = dot(all->rest, better, n);
        for (int64_t k = 0; k < n; k++)
            all->way[k] = better[k] + square / last * all->way[k];
        all->report.iterations++;
    }
}

/* Robust cross validation of one lambda from the coefficients of the whole mesh. */
static double validate(const mesh *all, double lambda, double *freedom)
{
    double rest = 0.0, trace = 0.0, square = 0.0, nodes = (double)all->nodes;
    for (int64_t j = 0; j < all->ny; j++)
        for (int64_t i = 0; i < all->nx; i++) {
            double kept = 1.0 / (1.0 + lambda * (all->x.values[i] + all->y.values[j]));
            double lost = (1.0 - kept) * all->coefficient[j * all->nx + i];
            rest += lost * lost;
            trace += kept;
            square += kept * kept;
        }
    /* of nodes without a value nothing was learnt */
    double share = nodes / (double)all->n;
    *freedom = share * trace;
    double left = 1.0 - *freedom / nodes;
    return rest / nodes / (left * left) * (ROBUST + (1.0 - ROBUST) * share * square / nodes);
}

/* The whole mesh as it would be if each node had the mean weight: where a value weighs less, the
 * solution stands for the rest. */
static void whole_make(mesh *all)
{
    for (int64_t k = 0; k < all->n; k++)
        all->whole[k] = all->weight[k] * all->value[k] + (1.0 - all->weight[k]) * all->smooth[k];
    wk_smooth_transform(all->coefficient, all->whole, &all->x, &all->y, all->room);
}

static double lambda_choose(mesh *all)
{
    double lambda = LAMBDA_LEAST, best = 0.0, least = INFINITY, freedom;
    whole_make(all);
    for (int i = 0; i < LAMBDAS; i++, lambda *= LAMBDA_STEP) {
        double score = validate(all, lambda, &freedom);
        if (score < least) {
            least = score;
            best = lambda;
        }
    }
    return best;
}

static void solve_with(mesh *all, double lambda)
{
    if (all->equal) {
        memcpy(all->smooth, all->value, (size_t)all->n * sizeof *all->smooth);
        solve_equal(all, all->smooth, lambda);
    } else {
        solve(all, lambda);
    }
    all->report.lambda = lambda;
    validate(all, lambda, &all->report.freedom);
}

/* lambda depends on how gaps are filled and the filling on lambda; both settle at once. */
static void solve_best(mesh *all)
{
    for (int round = 0; round < ROUNDS; round++) {
        double lambda = lambda_choose(all);
        if (lambda == all->report.lambda)
            return;
        solve_with(all, lambda);
        if (all->equal)
            return;
    }
}

/* A first guess: the values, and in gaps what surrounds them. */
static void guess(mesh *all)
{
    memcpy(all->smooth, all->value, (size_t)all->n * sizeof *all->smooth);
    if (!all->equal)
        gaps_fill(all->smooth, all->weight, all->nx, all->ny, all->rest);
}

static wk_status smooth(double *out, const double *values, const double *weights, double lambda,
                        mesh *all)
{
    mesh_fill(all, values, weights);
    if (!all->nodes) {
        for (int64_t k = 0; k < all->n; k++)
            out[k] = (double)NAN;
        return WK_OK;
    }
    if (dot(all->value, all->value, all->n) > 0.0 && (all->nodes > 3 || lambda > 0.0)) {
        guess(all);
        if (lambda > 0.0)
            solve_with(all, lambda);
        else
            solve_best(all);
    }
    for (int64_t k = 0; k < all->n; k++)
        out[k] = all->smooth[k] + wk_trend_at(&all->trend, k % all->nx, k / all->nx);
    return WK_OK;
}

static wk_status run(double *out, const double *values, const double *weights, int64_t nx,
                     int64_t ny, double lambda, wk_smooth_report *report, wk_error *error)
{
    mesh all;
    wk_status status = mesh_make(&all, nx, ny, error);
    if (status == WK_OK)
        status = smooth(out, values, weights, lambda, &all);
    if (status == WK_OK && report)
        *report = all.report;
    mesh_release(&all);
    return status;
}

wk_status wk_smooth_fit(double *out, const double *values, const double *weights, int64_t nx,
                        int64_t ny, wk_smooth_report *report, wk_error *error)
{
    return run(out, values, weights, nx, ny, 0.0, report, error);
}

wk_status wk_smooth_with(double *out, const double *values, const double *weights, int64_t nx,
                         int64_t ny, double lambda, wk_smooth_report *report, wk_error *error)
{
    return run(out, values, weights, nx, ny, lambda, report, error);
}
