#include "chebyshev.h"

#include <math.h>

#include "memory.h"
#include "status.h"

enum { BLOCK = 64, STRIP = 128 };

static const double least_length = 1e-8;
/* A block that spans fewer dimensions than there are terms is rounding of rounding at last, down to
 * where squares underflow.  Terms are at most 1, so that this is far below any that counts. */
static const double least_square = 1e-60;

/* The equations met so far, as an upper triangle with their right-hand side in the last column, and
 * a block of new ones. */
typedef struct equations {
    int terms, rows;  /* rows of the block in use */
    double *triangle; /* [terms][terms + 1] */
    double *block;    /* [BLOCK][terms + 1] */
    double *sums;     /* [terms + 1] */
} equations;

int wk_chebyshev_terms(int order)
{
    return (order + 1) * (order + 2) / 2;
}

static void polynomials(double *t, double x, int order)
{
    t[0] = 1.0;
    if (order > 0)
        t[1] = x;
    for (int k = 2; k <= order; k++)
        t[k] = 2.0 * x * t[k - 1] - t[k - 2];
}

/* Where a pixel lies between the image's edges; scale is 1 / size. */
static inline double place(double x, double scale)
{
    return (2.0 * x + 1.0) * scale - 1.0;
}

/* Reflect column k of triangle and block so that the block's part of it vanishes. */
static void reflect(equations *e, int k)
{
    int width = e->terms + 1;
    double *top = e->triangle + (int64_t)k * width;
    double square = 0.0;
    for (int r = 0; r < e->rows; r++)
        square += e->block[r * width + k] * e->block[r * width + k];
    if (square < least_square)
        return;
    double length = sqrt(top[k] * top[k] + square);
    double diagonal = top[k] > 0.0 ? -length : length;
    double head = top[k] - diagonal;
    double scale = 2.0 / (head * head + square);
    for (int j = k + 1; j < width; j++)
        e->sums[j] = head * top[j];
    for (int r = 0; r < e->rows; r++) {
        const double *row = e->block + r * width;
        for (int j = k + 1; j < width; j++)
            e->sums[j] += row[k] * row[j];
    }
    top[k] = diagonal;
    for (int j = k + 1; j < width; j++)
        top[j] -= scale * head * e->sums[j];
    for (int r = 0; r < e->rows; r++) {
        double *row = e->block + r * width;
        double factor = scale * row[k];
        for (int j = k + 1; j < width; j++)
            row[j] -= factor * e->sums[j];
    }
}

static void fold(equations *e)
{
    for (int k = 0; k < e->terms; k++)
        reflect(e, k);
    e->rows = 0;
}

static void add_point(equations *e, const wk_chebyshev *fit, double x, double y, double value,
                      double root)
{
    double tx[WK_CHEBYSHEV_MOST + 1];
    double ty[WK_CHEBYSHEV_MOST + 1];
    polynomials(tx, place(x, 1.0 / fit->width), fit->order);
    polynomials(ty, place(y, 1.0 / fit->height), fit->order);
    double *row = e->block + e->rows * (e->terms + 1);
    int k = 0;
    for (int degree = 0; degree <= fit->order; degree++)
        for (int b = 0; b <= degree; b++)
            row[k++] = root * tx[degree - b] * ty[b];
    row[k] = root * value;
    if (++e->rows == BLOCK)
        fold(e);
}

/* Whether point i is used, and its weight. */
static int usable(const wk_chebyshev_points *points, int64_t i, double *weight)
{
    *weight = points->weight ? points->weight[i] : 1.0;
    return isfinite(points->value[i]) && isfinite(*weight) && *weight > 0.0;
}

/* Add all usable points and count them; weights are relative to the largest, lest squares
 * overflow. */
static int64_t add_points(equations *e, const wk_chebyshev *fit, const wk_chebyshev_points *points)
{
    double largest = 0.0;
    double weight;
    for (int64_t i = 0; i < points->n; i++)
        if (usable(points, i, &weight))
            largest = fmax(largest, weight);
    int64_t used = 0;
    for (int64_t i = 0; i < points->n; i++)
        if (usable(points, i, &weight)) {
            add_point(e, fit, points->x[i], points->y[i], points->value[i], sqrt(weight / largest));
            used++;
        }
    fold(e);
    return used;
}

/* Solve the triangle from below; the first term that does not stand out of those before it is
 * returned, or -1. */
static int solve(double *c, const equations *e)
{
    int width = e->terms + 1;
    for (int k = 0; k < e->terms; k++) {
        double square = 0.0;
        for (int i = 0; i <= k; i++)
            square += e->triangle[i * width + k] * e->triangle[i * width + k];
        if (!(fabs(e->triangle[k * width + k]) > least_length * sqrt(square)))
            return k;
    }
    for (int k = e->terms - 1; k >= 0; k--) {
        const double *row = e->triangle + k * width;
        double sum = row[e->terms];
        for (int j = k + 1; j < e->terms; j++)
            sum -= row[j] * c[j];
        c[k] = sum / row[k];
    }
    return -1;
}

static wk_status fit_points(wk_chebyshev *fit, equations *e, const wk_chebyshev_points *points,
                            wk_error *error)
{
    int64_t used = add_points(e, fit, points);
    if (used == 0)
        return wk_error_set(error, WK_NO_DATA, NULL,
                            "none of %lld nodes has a finite value and a positive weight",
                            (long long)points->n);
    if (used < e->terms || solve(fit->c, e) >= 0)
        return wk_error_set(error, WK_NO_DATA, NULL,
                            "%lld usable nodes do not determine the %d terms of order %d",
                            (long long)used, e->terms, fit->order);
    return WK_OK;
}

wk_status wk_chebyshev_fit(wk_chebyshev *out, const wk_chebyshev_points *points, int64_t width,
                           int64_t height, int order, wk_error *error)
{
    if (order < 0 || order > WK_CHEBYSHEV_MOST)
        return wk_error_set(error, WK_ARGUMENT, NULL, "order %d is outside 0..%d", order,
                            WK_CHEBYSHEV_MOST);
    if (width < 1 || height < 1)
        return wk_error_set(error, WK_ARGUMENT, NULL, "an image of %lld x %lld pixels is empty",
                            (long long)width, (long long)height);
    out->order = order;
    out->width = (double)width;
    out->height = (double)height;
    int terms = wk_chebyshev_terms(order);
    size_t line = (size_t)terms + 1;
    double *room = wk_memory_new(line * ((size_t)terms + BLOCK + 1), sizeof *room, error);
    if (!room)
        return WK_MEMORY;
    equations e = {terms, 0, room, room + line * (size_t)terms,
                   room + line * ((size_t)terms + BLOCK)};
    wk_status status = fit_points(out, &e, points, error);
    wk_memory_free(room);
    return status;
}

/* The coefficients of T_a(x') on row y. */
static void row_terms(double *d, const wk_chebyshev *fit, int64_t y)
{
    double ty[WK_CHEBYSHEV_MOST + 1];
    polynomials(ty, place((double)y, 1.0 / fit->height), fit->order);
    for (int a = 0; a <= fit->order; a++)
        d[a] = 0.0;
    int k = 0;
    for (int degree = 0; degree <= fit->order; degree++)
        for (int b = 0; b <= degree; b++)
            d[degree - b] += fit->c[k++] * ty[b];
}

/* Clenshaw's sum for n <= STRIP pixels beside each other, two terms at a time so that nothing is
 * copied; `terms` is even, the last of them may be 0. */
static void clenshaw(float *restrict out, const double *d, int terms, double x, double scale, int n)
{
    double twice[STRIP], one[STRIP], two[STRIP];
    for (int j = 0; j < n; j++) {
        twice[j] = 2.0 * place(x + (double)j, scale);
        one[j] = two[j] = 0.0;
    }
    for (int a = terms; a > 0; a -= 2)
        for (int j = 0; j < n; j++) {
            double next = (d[a] + twice[j] * one[j]) - two[j];
            one[j] = (d[a - 1] + twice[j] * next) - one[j];
            two[j] = next;
        }
    for (int j = 0; j < n; j++)
        out[j] = (float)((d[0] + 0.5 * twice[j] * one[j]) - two[j]);
}

void wk_chebyshev_run(float *out, const wk_chebyshev *fit, int64_t y, int64_t x, int64_t n)
{
    double d[WK_CHEBYSHEV_MOST + 2];
    row_terms(d, fit, y);
    int terms = fit->order + fit->order % 2;
    if (terms > fit->order)
        d[terms] = 0.0;
    for (int64_t i = 0; i < n; i += STRIP) {
        int here = n - i < STRIP ? (int)(n - i) : STRIP;
        clenshaw(out + i, d, terms, (double)(x + i), 1.0 / fit->width, here);
    }
}
