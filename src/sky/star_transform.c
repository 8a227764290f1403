#include "star_transform.h"

#include <math.h>
#include <string.h>

#include "memory.h"
#include "select.h"

/* What must stand out of each term over those before it, of a mean square of 1: stars within a
 * thousandth of a line do not tell what is across it. */
static const double PIVOT_LEAST = 1e-6;

/* Distances of two normal coordinates of deviation 1 have this median: sqrt(2 ln 2). */
static const double MEDIAN_DISTANCE = 1.1774100225154747;
static const double CLIP = 5.0;

enum { clip_rounds = 8 };

wk_status wk_star_pairs_make(wk_star_pairs *pairs, int64_t most, wk_error *error)
{
    size_t n = (size_t)most;
    *pairs = (wk_star_pairs){0};
    double *places = wk_memory_raw(4 * n, sizeof *places, error);
    pairs->from[0] = places;
    if (places)
        pairs->used = wk_memory_raw(n, sizeof *pairs->used, error);
    if (pairs->used)
        pairs->residual = wk_memory_raw(n, sizeof *pairs->residual, error);
    if (pairs->residual)
        pairs->room = wk_memory_raw(wk_select_room(most, 2), 1, error);
    if (!pairs->room) {
        wk_star_pairs_release(pairs);
        return WK_MEMORY;
    }
    pairs->from[1] = places + n;
    pairs->to[0] = places + 2 * n;
    pairs->to[1] = places + 3 * n;
    return WK_OK;
}

void wk_star_pairs_release(wk_star_pairs *pairs)
{
    wk_memory_free(pairs->from[0]);
    wk_memory_free(pairs->used);
    wk_memory_free(pairs->residual);
    wk_memory_free(pairs->room);
    *pairs = (wk_star_pairs){0};
}

wk_star_transform wk_star_transform_similarity(double scale, double rotation, const double from[2],
                                               const double to[2])
{
    wk_star_transform made = {.centre = {from[0], from[1]}, .unit = 1.0, .origin = {to[0], to[1]}};
    made.c[0][0] = scale * cos(rotation);
    made.c[0][1] = scale * sin(rotation);
    return made;
}

static int terms_of(int order)
{
    return (order + 1) * (order + 2) / 2;
}

static void basis(double *out, int order, double u, double v)
{
    double tu[WK_STAR_ORDER_MOST + 1] = {1.0, u}, tv[WK_STAR_ORDER_MOST + 1] = {1.0, v};
    for (int k = 2; k <= order; k++) {
        tu[k] = 2.0 * u * tu[k - 1] - tu[k - 2];
        tv[k] = 2.0 * v * tv[k - 1] - tv[k - 2];
    }
    for (int degree = 0, at = 0; degree <= order; degree++)
        for (int k = 0; k <= degree; k++)
            out[at++] = tu[degree - k] * tv[k];
}

/* Means of both sides, and the reach of the first about its own; returns how many are used. */
static int64_t frame(wk_star_transform *out, const wk_star_pairs *pairs)
{
    int64_t used = 0;
    double sums[4] = {0};
    for (int64_t i = 0; i < pairs->count; i++) {
        if (!pairs->used[i])
            continue;
        used++;
        for (int k = 0; k < 2; k++)
            sums[k] += pairs->from[k][i], sums[2 + k] += pairs->to[k][i];
    }
    *out = (wk_star_transform){.unit = 0.0};
    for (int k = 0; k < 2; k++) {
        out->centre[k] = sums[k] / (double)used;
        out->origin[k] = sums[2 + k] / (double)used;
    }
    for (int64_t i = 0; i < pairs->count; i++)
        for (int k = 0; k < 2 && pairs->used[i]; k++)
            out->unit = fmax(out->unit, fabs(pairs->from[k][i] - out->centre[k]));
    return used;
}

/* In pixels: of equal lists the sums across are differences of equal products, so that they get
 * rotation 0 and scale 1 to the bit. */
static int fit_similarity(wk_star_transform *out, const wk_star_pairs *pairs)
{
    double length = 0.0, along = 0.0, across = 0.0;
    for (int64_t i = 0; i < pairs->count; i++) {
        if (!pairs->used[i])
            continue;
        double u = pairs->from[0][i] - out->centre[0], v = pairs->from[1][i] - out->centre[1];
        double x = pairs->to[0][i] - out->origin[0], y = pairs->to[1][i] - out->origin[1];
        length += u * u + v * v;
        along += u * x + v * y;
        across += u * y - v * x;
    }
    out->order = 0;
    out->unit = 1.0;
    out->c[0][0] = along / length;
    out->c[0][1] = across / length;
    return !(length > 0.0) || !isfinite(along) || !isfinite(across);
}

typedef struct equations {
    int terms;
    double matrix[WK_STAR_TERMS][WK_STAR_TERMS]; /* lower triangle */
    double right[2][WK_STAR_TERMS];
} equations;

static void gather(equations *e, const wk_star_transform *frame, const wk_star_pairs *pairs,
                   int order)
{
    double f[WK_STAR_TERMS];
    memset(e, 0, sizeof *e);
    e->terms = terms_of(order);
    for (int64_t i = 0; i < pairs->count; i++) {
        if (!pairs->used[i])
            continue;
        basis(f, order, (pairs->from[0][i] - frame->centre[0]) / frame->unit,
              (pairs->from[1][i] - frame->centre[1]) / frame->unit);
        double x = pairs->to[0][i] - frame->origin[0], y = pairs->to[1][i] - frame->origin[1];
        for (int k = 0; k < e->terms; k++) {
            for (int l = 0; l <= k; l++)
                e->matrix[k][l] += f[k] * f[l];
            e->right[0][k] += f[k] * x;
            e->right[1][k] += f[k] * y;
        }
    }
}

/* Cholesky's factor in place; nonzero if a term is not determined. */
static int factor(equations *e, double least)
{
    for (int k = 0; k < e->terms; k++) {
        for (int l = 0; l <= k; l++) {
            double sum = e->matrix[k][l];
            for (int i = 0; i < l; i++)
                sum -= e->matrix[k][i] * e->matrix[l][i];
            if (l < k)
                e->matrix[k][l] = sum / e->matrix[l][l];
            else if (sum > least)
                e->matrix[k][k] = sqrt(sum);
            else
                return 1;
        }
    }
    return 0;
}

static void solve(double *c, const equations *e, const double *right)
{
    for (int k = 0; k < e->terms; k++) {
        double sum = right[k];
        for (int i = 0; i < k; i++)
            sum -= e->matrix[k][i] * c[i];
        c[k] = sum / e->matrix[k][k];
    }
    for (int k = e->terms - 1; k >= 0; k--) {
        double sum = c[k];
        for (int i = k + 1; i < e->terms; i++)
            sum -= e->matrix[i][k] * c[i];
        c[k] = sum / e->matrix[k][k];
    }
}

int wk_star_transform_fit(wk_star_transform *out, const wk_star_pairs *pairs, int order)
{
    int64_t used = frame(out, pairs);
    if (used < 2 || !(out->unit > 0.0) || !isfinite(out->unit))
        return 1;
    while (order > 0 && used < 3 * terms_of(order))
        order--;
    for (; order > 0; order--) {
        equations e;
        gather(&e, out, pairs, order);
        if (factor(&e, PIVOT_LEAST * (double)used))
            continue;
        out->order = order;
        for (int k = 0; k < 2; k++)
            solve(out->c[k], &e, e.right[k]);
        return 0;
    }
    return fit_similarity(out, pairs);
}

static double distance(const wk_star_transform *transform, const wk_star_pairs *pairs, int64_t i)
{
    double to[2];
    wk_star_transform_apply(transform, pairs->from[0][i], pairs->from[1][i], to);
    double dx = pairs->to[0][i] - to[0], dy = pairs->to[1][i] - to[1];
    return sqrt(dx * dx + dy * dy);
}

/* Mark what lies within the cut; returns whether a mark changed. */
static int mark(wk_star_pairs *pairs, const wk_star_transform *transform, double floor)
{
    int changed = 0;
    for (int64_t i = 0; i < pairs->count; i++)
        pairs->residual[i] = (float)distance(transform, pairs, i);
    wk_selection all = {pairs->residual, pairs->count, 0.0F, INFINITY, pairs->count};
    double scatter = wk_select_median(&all, pairs->room) / MEDIAN_DISTANCE;
    double cut = fmax(CLIP * scatter, floor);
    for (int64_t i = 0; i < pairs->count; i++) {
        uint8_t used = (double)pairs->residual[i] <= cut;
        changed |= used != pairs->used[i];
        pairs->used[i] = used;
    }
    return changed;
}

int wk_star_transform_clip(wk_star_transform *out, wk_star_pairs *pairs, int order, double floor)
{
    for (int64_t i = 0; i < pairs->count; i++)
        pairs->used[i] = 1;
    for (int round = 0; round < clip_rounds; round++) {
        if (wk_star_transform_fit(out, pairs, order))
            return 1;
        if (!mark(pairs, out, floor))
            return 0;
    }
    return wk_star_transform_fit(out, pairs, order);
}

double wk_star_transform_rms(const wk_star_transform *transform, const wk_star_pairs *pairs)
{
    double sum = 0.0;
    for (int64_t i = 0; i < pairs->count; i++) {
        double d = distance(transform, pairs, i);
        sum += d * d;
    }
    return sqrt(sum / (double)pairs->count);
}

void wk_star_transform_apply(const wk_star_transform *transform, double x, double y, double to[2])
{
    double u = (x - transform->centre[0]) / transform->unit;
    double v = (y - transform->centre[1]) / transform->unit;
    double f[WK_STAR_TERMS];
    to[0] = transform->origin[0];
    to[1] = transform->origin[1];
    if (transform->order == 0) {
        double a = transform->c[0][0], b = transform->c[0][1];
        to[0] += a * u - b * v;
        to[1] += b * u + a * v;
        return;
    }
    basis(f, transform->order, u, v);
    for (int k = 0; k < terms_of(transform->order); k++) {
        to[0] += transform->c[0][k] * f[k];
        to[1] += transform->c[1][k] * f[k];
    }
}
