/* Which pixels of one exposure lie within another: cell by cell, then row by row. */
#include "span.h"

#include <math.h>
#include <string.h>

#include "memory.h"

/* A row of one cell never holds more than this. */
enum { most = wk_grid_largest, piece = 16 };

typedef enum decision {
    outside = 0,
    inside = 1,
    mixed = 2,  /* pixel by pixel */
    unknown = 3 /* pixel by pixel, each one exactly */
} decision;

typedef struct search {
    wk_spans *spans;
    wk_pixmap *pixmap;
    double high[2]; /* B reaches from -0.5 to here */
    wk_error *error;
} search;

/* Where values of an interpolation lie that stays between low and high. */
static decision decide_range(double low, double high, double end, double bound)
{
    if (high < -0.5 - bound || low >= end + bound)
        return outside;
    if (low >= -0.5 + bound && high < end - bound)
        return inside;
    return mixed;
}

static decision worse(decision a, decision b)
{
    if (a == outside || b == outside)
        return outside;
    return a == inside && b == inside ? inside : mixed;
}

/* Cubic interpolation between the two inner nodes of four differs from the straight line through
 * them by at most 1.25 times the largest distance of a node from that line: 1.25 is the Lebesgue
 * constant of the middle interval.  For a cell the constant is 1.25^2. */
static decision decide_line(const double nodes[4], double end, double bound)
{
    double slope = nodes[2] - nodes[1];
    double bend = fmax(fabs(nodes[0] - (nodes[1] - slope)), fabs(nodes[3] - (nodes[2] + slope)));
    double slack = 1.25 * bend;
    return decide_range(fmin(nodes[1], nodes[2]) - slack, fmax(nodes[1], nodes[2]) + slack, end,
                        bound);
}

static decision decide_nodes(const double nodes[4][4], double end, double bound)
{
    double bend = 0.0;
    for (int row = 0; row < 4; row++)
        for (int column = 0; column < 4; column++) {
            double x = column - 1.0;
            double y = row - 1.0;
            double plane = (1.0 - y) * ((1.0 - x) * nodes[1][1] + x * nodes[1][2]) +
                           y * ((1.0 - x) * nodes[2][1] + x * nodes[2][2]);
            bend = fmax(bend, fabs(nodes[row][column] - plane));
        }
    double slack = 1.5625 * bend;
    double low = fmin(fmin(nodes[1][1], nodes[1][2]), fmin(nodes[2][1], nodes[2][2]));
    double high = fmax(fmax(nodes[1][1], nodes[1][2]), fmax(nodes[2][1], nodes[2][2]));
    return decide_range(low - slack, high + slack, end, bound);
}

static wk_status decide_cell(search *all, int64_t i, int64_t j, decision *out)
{
    double nodes[2][4][4];
    double bound = all->pixmap->bound;
    wk_pixmap_nodes(nodes, all->pixmap, i, j);
    *out = unknown;
    if (!wk_pixmap_known((const double(*)[4][4])nodes))
        return WK_OK;
    *out = worse(decide_nodes((const double(*)[4])nodes[0], all->high[0], bound),
                 decide_nodes((const double(*)[4])nodes[1], all->high[1], bound));
    if (*out != mixed)
        return WK_OK;
    int good = 0;
    wk_status status = wk_pixmap_check(&good, all->pixmap, i, j, all->error);
    if (!good)
        *out = unknown;
    return status;
}

static int within(const search *all, const double place[2])
{
    return place[0] >= -0.5 && place[0] < all->high[0] && place[1] >= -0.5 &&
           place[1] < all->high[1];
}

/* Decide the marked pixels of a row by the exact coordinates. */
static wk_status decide_exactly(search *all, uint8_t *state, int64_t x, int64_t y, int64_t n)
{
    double xy[most][2];
    int64_t place[most];
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++)
        if (state[i] > inside) {
            xy[count][0] = (double)(x + i);
            xy[count][1] = (double)y;
            place[count++] = i;
        }
    if (count == 0)
        return WK_OK;
    wk_status status = wk_pixmap_exact(all->pixmap, count, &xy[0][0], &xy[0][0], all->error);
    for (int64_t i = 0; i < count && status == WK_OK; i++)
        state[place[i]] = within(all, xy[i]) ? inside : outside;
    return status;
}

/* For finite numbers; fmin would be a call. */
static double least(double a, double b)
{
    return a < b ? a : b;
}

/* The places of pixel i of a row, by interpolation along it. */
static void interpolate(double place[2], const double weights[4], const double line[2][4])
{
    for (int k = 0; k < 2; k++)
        place[k] = weights[0] * line[k][0] + weights[1] * line[k][1] + weights[2] * line[k][2] +
                   weights[3] * line[k][3];
}

/* The distance to the nearest edge of B, positive inside. */
static double depth_of(const search *all, const double place[2])
{
    double depth_x = least(place[0] + 0.5, all->high[0] - place[0]);
    double depth_y = least(place[1] + 0.5, all->high[1] - place[1]);
    return least(depth_x, depth_y);
}

static decision decide_depth(double depth, double bound)
{
    return depth > bound ? inside : depth < -bound ? outside : mixed;
}

/* How far the interpolation may leave a chord over a piece of the row: the second derivative is
 * linear between the inner nodes, with the second differences at its ends. */
static double piece_slack(const double line[2][4], double length)
{
    double bend = 0.0;
    for (int k = 0; k < 2; k++)
        for (int end = 0; end < 2; end++)
            bend = fmax(bend, fabs(line[k][end] - 2.0 * line[k][end + 1] + line[k][end + 2]));
    return bend * length * length / 8.0;
}

/* Decide n pixels of a row by interpolation along it, piece by piece; what is too close to an edge
 * is left mixed.  Along a chord the depth is a concave function: between ends that are inside it is
 * inside.  Pieces with both ends outside may still touch B, and are looked at pixel by pixel unless
 * they lie farther out than they are long. */
static void decide_pixels(const search *all, uint8_t *state, const double line[2][4], int64_t n)
{
    double bound = all->pixmap->bound;
    const double(*weights)[4] = (const double(*)[4])all->pixmap->from->weights;
    double slack = bound + piece_slack(line, (double)piece / (double)all->pixmap->from->step);
    for (int64_t first = 0; first < n; first += piece) {
        int64_t end = first + piece < n ? first + piece : n;
        double from[2], to[2];
        interpolate(from, weights[first], line);
        interpolate(to, weights[end - 1], line);
        double a = depth_of(all, from), b = depth_of(all, to);
        double length = fabs(to[0] - from[0]) + fabs(to[1] - from[1]) + slack;
        if (a > slack && b > slack) {
            memset(state + first, inside, (size_t)(end - first));
        } else if (a < -length && b < -length) {
            memset(state + first, outside, (size_t)(end - first));
        } else {
            for (int64_t i = first; i < end; i++) {
                double place[2];
                interpolate(place, weights[i], line);
                state[i] = (uint8_t)decide_depth(depth_of(all, place), bound);
            }
        }
    }
}

static wk_status add_states(search *all, const uint8_t *state, int64_t x, int64_t y, int64_t n)
{
    wk_status status = WK_OK;
    for (int64_t i = 0; i < n && status == WK_OK;) {
        int64_t end = i + 1;
        while (end < n && state[end] == state[i])
            end++;
        if (state[i] == inside)
            status = wk_spans_add(all->spans, (wk_span){y, x + i, x + end}, all->error);
        i = end;
    }
    return status;
}

/* One row of one cell that is not decided as a whole. */
static wk_status scan_row(search *all, decision cell, int64_t i, int64_t j, int64_t y)
{
    const wk_grid *grid = all->pixmap->from;
    int64_t x = i * grid->step;
    int64_t n = grid->width - x < grid->step ? grid->width - x : grid->step;
    uint8_t state[most];
    memset(state, unknown, sizeof state);
    if (cell == mixed) {
        double nodes[2][4][4];
        double line[2][4];
        const double *w = grid->weights[y - j * grid->step];
        wk_pixmap_nodes(nodes, all->pixmap, i, j);
        for (int k = 0; k < 2; k++)
            for (int c = 0; c < 4; c++)
                line[k][c] = w[0] * nodes[k][0][c] + w[1] * nodes[k][1][c] + w[2] * nodes[k][2][c] +
                             w[3] * nodes[k][3][c];
        decision row = worse(decide_line(line[0], all->high[0], all->pixmap->bound),
                             decide_line(line[1], all->high[1], all->pixmap->bound));
        if (row == outside)
            return WK_OK;
        if (row == inside)
            return wk_spans_add(all->spans, (wk_span){y, x, x + n}, all->error);
        decide_pixels(all, state, (const double(*)[4])line, n);
    }
    wk_status status = decide_exactly(all, state, x, y, n);
    return status == WK_OK ? add_states(all, state, x, y, n) : status;
}

static wk_status scan_cells(search *all, const decision *cells, int64_t j)
{
    const wk_pixmap *pixmap = all->pixmap;
    const wk_grid *grid = pixmap->from;
    int64_t end = (j + 1) * grid->step < grid->height ? (j + 1) * grid->step : grid->height;
    wk_status status = WK_OK;
    for (int64_t y = j * grid->step; y < end; y++)
        for (int64_t c = 0; c < pixmap->cells_x && status == WK_OK; c++) {
            int64_t i = pixmap->first_x + c;
            int64_t x = i * grid->step;
            int64_t stop = x + grid->step < grid->width ? x + grid->step : grid->width;
            if (cells[c] == inside)
                status = wk_spans_add(all->spans, (wk_span){y, x, stop}, all->error);
            else if (cells[c] != outside)
                status = scan_row(all, cells[c], i, j, y);
        }
    return status;
}

wk_status wk_spans_inside(wk_spans *spans, wk_pixmap *pixmap, int64_t width, int64_t height,
                          wk_error *error)
{
    search all = {spans, pixmap, {(double)width - 0.5, (double)height - 0.5}, error};
    decision *cells = wk_memory_new((size_t)pixmap->cells_x, sizeof *cells, error);
    if (!cells)
        return WK_MEMORY;
    wk_status status = WK_OK;
    for (int64_t row = 0; row < pixmap->cells_y && status == WK_OK; row++) {
        int64_t j = pixmap->first_y + row;
        for (int64_t c = 0; c < pixmap->cells_x && status == WK_OK; c++)
            status = decide_cell(&all, pixmap->first_x + c, j, &cells[c]);
        if (status == WK_OK)
            status = scan_cells(&all, cells, j);
    }
    wk_memory_free(cells);
    return status;
}
