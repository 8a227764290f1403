#include "spline.h"

#include <math.h>

int64_t wk_spline_least(wk_spline_style style)
{
    switch (style) {
    case WK_SPLINE_LINEAR:
        return 2;
    case WK_SPLINE_NATURAL:
        return 3;
    case WK_SPLINE_AKIMA:
        return 5;
    case WK_SPLINE_CONSTANT:
    case WK_SPLINE_NEAREST:
    case WK_SPLINE_EXTRACTOR:
    case WK_SPLINE_MIRROR:
        break;
    }
    return 1;
}

wk_spline_style wk_spline_best(int64_t n)
{
    if (n >= 5)
        return WK_SPLINE_AKIMA;
    if (n >= 3)
        return WK_SPLINE_NATURAL;
    return n == 2 ? WK_SPLINE_LINEAR : WK_SPLINE_CONSTANT;
}

int64_t wk_spline_pieces(int64_t n)
{
    return n + 1;
}

size_t wk_spline_room(int64_t n)
{
    return 2 * (size_t)n + 4;
}

static wk_piece piece(double from, double at, double value, double slope, double square,
                      double cube)
{
    wk_piece out = {from, at, {value, slope, square, cube}};
    return out;
}

static int64_t steps(wk_piece *pieces, const double *x, const double *y, int64_t n)
{
    pieces[0] = piece(-INFINITY, x[0], y[0], 0.0, 0.0, 0.0);
    if (n == 1)
        return 1;
    for (int64_t i = 1; i < n; i++)
        pieces[i] = piece(0.5 * (x[i - 1] + x[i]), x[i], 0.5 * (y[i - 1] + y[i]), 0.0, 0.0, 0.0);
    pieces[n] = piece(0.5 * (3.0 * x[n - 1] - x[n - 2]), x[n - 1], y[n - 1], 0.0, 0.0, 0.0);
    return n + 1;
}

static int64_t nearest(wk_piece *pieces, const double *x, const double *y, int64_t n)
{
    double from = -INFINITY;
    for (int64_t i = 0; i < n; i++) {
        pieces[i] = piece(from, x[i], y[i], 0.0, 0.0, 0.0);
        from = i + 1 < n ? 0.5 * (x[i] + x[i + 1]) : from;
    }
    return n;
}

static int64_t lines(wk_piece *pieces, const double *x, const double *y, int64_t n)
{
    for (int64_t i = 0; i + 1 < n; i++) {
        double slope = (y[i + 1] - y[i]) / (x[i + 1] - x[i]);
        pieces[i] = piece(x[i], x[i], y[i], slope, 0.0, 0.0);
    }
    pieces[0].from = -INFINITY;
    return n - 1;
}

/* The second derivatives at the nodes, from continuous slopes there.  Natural: none at the ends.
 * Mirrored: the end node is repeated one spacing outside, second derivative and all; that is the
 * B-spline of the mirrored nodes, but flat nodes give no curvature at all instead of rounding.
 * carry is 1 for what solves the equations. */
static void bend(double *second, const double *x, const double *y, int64_t n, int mirrored,
                 double carry, double *above)
{
    double slope = 0.0;
    double step = n > 1 ? x[1] - x[0] : 1.0;
    for (int64_t i = 0; i < n; i++) {
        int last = i == n - 1;
        double next_step = last ? step : x[i + 1] - x[i];
        double next_slope = last ? 0.0 : (y[i + 1] - y[i]) / next_step;
        double middle = 2.0 * (step + next_step);
        double right = 6.0 * (next_slope - slope);
        double beside = next_step;
        if (i == 0 || last) {
            middle = mirrored ? middle + step : 1.0;
            right = mirrored ? right : 0.0;
            beside = mirrored ? next_step : 0.0;
        }
        double before = i == 0 || (last && !mirrored) ? 0.0 : step;
        double pivot = middle - before * (i == 0 ? 0.0 : above[i - 1]);
        above[i] = beside / pivot;
        second[i] = (right - before * (i == 0 ? 0.0 : second[i - 1])) / pivot;
        slope = next_slope;
        step = next_step;
    }
    for (int64_t i = n - 1; i-- > 0;)
        second[i] -= carry * above[i] * second[i + 1];
}

/* The cubic from node i to the next with the given second derivatives. */
static wk_piece bent(const double *x, const double *y, const double *second, int64_t i)
{
    double step = x[i + 1] - x[i];
    double slope = (y[i + 1] - y[i]) / step - step * (2.0 * second[i] + second[i + 1]) / 6.0;
    double cube = (second[i + 1] - second[i]) / (6.0 * step);
    return piece(x[i], x[i], y[i], slope, 0.5 * second[i], cube);
}

/* Value, slope and curvature of the last cubic go on from its end at x. */
static wk_piece tail(const wk_piece *last, double x, double y)
{
    double h = x - last->at;
    double slope = last->c[1] + h * (2.0 * last->c[2] + 3.0 * h * last->c[3]);
    return piece(x, x, y, slope, last->c[2] + 3.0 * h * last->c[3], 0.0);
}

/* Put pieces before and after the n - 1 of the intervals, which begin at pieces[1]. */
static int64_t extend(wk_piece *pieces, const double *x, const double *y, int64_t n)
{
    const wk_piece *first = &pieces[1];
    pieces[0] = piece(-INFINITY, x[0], y[0], first->c[1], first->c[2], 0.0);
    pieces[n] = tail(&pieces[n - 1], x[n - 1], y[n - 1]);
    return n + 1;
}

static int64_t natural(wk_piece *pieces, const double *x, const double *y, int64_t n, double *room)
{
    bend(room, x, y, n, 0, 1.0, room + n);
    for (int64_t i = 0; i + 1 < n; i++)
        pieces[i + 1] = bent(x, y, room, i);
    extend(pieces, x, y, n);
    pieces[n].c[2] = 0.0; /* but for rounding it is */
    return n + 1;
}

/* Source Extractor divides by 6 what it carries from node to node as well as the result. */
static int64_t extractor(wk_piece *pieces, const double *x, const double *y, int64_t n,
                         double *room)
{
    if (n == 1)
        return nearest(pieces, x, y, n);
    bend(room, x, y, n, 0, 1.0 / 6.0, room + n);
    for (int64_t i = 0; i + 1 < n; i++)
        pieces[i] = bent(x, y, room, i);
    pieces[0].from = -INFINITY;
    return n - 1;
}

/* Outside a mirrored end the same value and second derivative stand one spacing off. */
static int64_t mirror(wk_piece *pieces, const double *x, const double *y, int64_t n, double *room)
{
    if (n == 1)
        return nearest(pieces, x, y, n);
    bend(room, x, y, n, 1, 1.0, room + n);
    double half = 0.5 * room[0];
    pieces[0] = piece(-INFINITY, x[0], y[0], half * (x[1] - x[0]), half, 0.0);
    for (int64_t i = 0; i + 1 < n; i++)
        pieces[i + 1] = bent(x, y, room, i);
    half = 0.5 * room[n - 1];
    pieces[n] = piece(x[n - 1], x[n - 1], y[n - 1], -half * (x[n - 1] - x[n - 2]), half, 0.0);
    return n + 1;
}

/* The slope at a node from the slopes m of the two intervals to each side, m[0] the one after it;
 * *flat is set when both pairs are equal and any mean would do. */
static double akima_slope(const double *m, int *flat)
{
    double after = fabs(m[1] - m[0]);
    double before = fabs(m[-1] - m[-2]);
    double all = after + before;
    *flat = all == 0.0;
    if (*flat)
        return m[-1];
    double share = before / all;
    return (1.0 - share) * m[-1] + share * m[0];
}

static int64_t akima(wk_piece *pieces, const double *x, const double *y, int64_t n, double *room)
{
    double *m = room + 2;
    for (int64_t i = 0; i + 1 < n; i++)
        m[i] = (y[i + 1] - y[i]) / (x[i + 1] - x[i]);
    m[-1] = 2.0 * m[0] - m[1];
    m[-2] = 3.0 * m[0] - 2.0 * m[1];
    m[n - 1] = 2.0 * m[n - 2] - m[n - 3];
    m[n] = 3.0 * m[n - 2] - 2.0 * m[n - 3];
    int flat;
    double slope = akima_slope(m, &flat);
    for (int64_t i = 0; i + 1 < n; i++) {
        int next_flat;
        double next = akima_slope(m + i + 1, &next_flat);
        double step = x[i + 1] - x[i];
        if (flat)
            pieces[i + 1] = piece(x[i], x[i], y[i], m[i], 0.0, 0.0);
        else
            pieces[i + 1] = piece(x[i], x[i], y[i], slope, (3.0 * m[i] - 2.0 * slope - next) / step,
                                  (slope + next - 2.0 * m[i]) / (step * step));
        slope = next;
        flat = next_flat;
    }
    return extend(pieces, x, y, n);
}

int64_t wk_spline_make(wk_piece *pieces, const double *x, const double *y, int64_t n,
                       wk_spline_style style, double *room)
{
    switch (style) {
    case WK_SPLINE_LINEAR:
        return lines(pieces, x, y, n);
    case WK_SPLINE_NATURAL:
        return natural(pieces, x, y, n, room);
    case WK_SPLINE_AKIMA:
        return akima(pieces, x, y, n, room);
    case WK_SPLINE_NEAREST:
        return nearest(pieces, x, y, n);
    case WK_SPLINE_EXTRACTOR:
        return extractor(pieces, x, y, n, room);
    case WK_SPLINE_MIRROR:
        return mirror(pieces, x, y, n, room);
    case WK_SPLINE_CONSTANT:
        break;
    }
    return steps(pieces, x, y, n);
}

int64_t wk_spline_find(const wk_piece *pieces, int64_t count, double x, int64_t hint)
{
    if (hint < count && x >= pieces[hint].from && (hint + 1 == count || x < pieces[hint + 1].from))
        return hint;
    int64_t low = 0;
    int64_t high = count;
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (x >= pieces[middle].from)
            low = middle;
        else
            high = middle;
    }
    return low;
}

double wk_piece_value(const wk_piece *p, double x)
{
    double h = x - p->at;
    return p->c[0] + h * (p->c[1] + h * (p->c[2] + h * p->c[3]));
}

/* The sum of whole numbers is exact, so that a pixel's h does not depend on where x is. */
static void run_piece(float *restrict out, const wk_piece *p, double x, int32_t n)
{
    double at = p->at, c0 = p->c[0], c1 = p->c[1], c2 = p->c[2], c3 = p->c[3];
    for (int32_t j = 0; j < n; j++) {
        double h = (x + (double)j) - at;
        out[j] = (float)(c0 + h * (c1 + h * (c2 + h * c3)));
    }
}

void wk_spline_run(float *out, const wk_piece *pieces, int64_t count, int64_t x, int64_t n)
{
    const int64_t longest = 1 << 30;
    int64_t end = x + n;
    int64_t k = wk_spline_find(pieces, count, (double)x, 0);
    while (x < end) {
        int64_t stop = end - x > longest ? x + longest : end;
        int next = k + 1 < count && pieces[k + 1].from <= (double)stop;
        if (next)
            stop = (int64_t)ceil(pieces[k + 1].from);
        run_piece(out, &pieces[k], (double)x, (int32_t)(stop - x));
        out += stop - x;
        x = stop;
        k += next;
    }
}
