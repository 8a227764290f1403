#include "surface.h"

#include <math.h>

#include "chebyshev.h"
#include "memory.h"
#include "spline.h"
#include "status.h"

/* Columns that have a value, each already interpolated in y. */
struct wk_surface {
    wk_surface_style style;
    int order;
    wk_chebyshev *polynomial; /* of CHEBYSHEV, else NULL */
    wk_spline_style along;    /* in x, after columns were dropped */
    int64_t columns;
    double *x;        /* [columns] */
    int64_t *counts;  /* [columns] pieces of each */
    wk_piece *pieces; /* [columns][stride] */
    int64_t stride;
    float low, high; /* range of the nodes */
};

/* What wk_surface_create works with. */
typedef struct mesh {
    const wk_surface_nodes *nodes;
    double *x, *y;        /* places of the nodes: [nx], [ny] */
    double *at, *value;   /* [ny] nodes of one column that have a value */
    double *room;         /* for a column's spline */
    int64_t finite;       /* nodes that have a value */
    wk_spline_style down; /* in y, before nodes were dropped */
} mesh;

static const wk_spline_style spline_of[] = {
    [WK_SURFACE_CONSTANT] = WK_SPLINE_CONSTANT, [WK_SURFACE_LINEAR] = WK_SPLINE_LINEAR,
    [WK_SURFACE_NATURAL] = WK_SPLINE_NATURAL,   [WK_SURFACE_AKIMA] = WK_SPLINE_AKIMA,
    [WK_SURFACE_CELL] = WK_SPLINE_NEAREST,      [WK_SURFACE_BICUBIC] = WK_SPLINE_EXTRACTOR,
    [WK_SURFACE_ZOOM] = WK_SPLINE_MIRROR,
};

static wk_surface_style best_style(int64_t n)
{
    wk_spline_style best = wk_spline_best(n);
    wk_surface_style style = WK_SURFACE_CONSTANT;
    while (spline_of[style] != best)
        style++;
    return style;
}

static int has_boxes(wk_surface_style style)
{
    return style == WK_SURFACE_BICUBIC || style == WK_SURFACE_ZOOM;
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int ascending(const double *x, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (!isfinite(x[i]) || (i > 0 && x[i] <= x[i - 1]))
            return 0;
    return 1;
}

static wk_status check(const wk_surface_nodes *nodes, wk_surface_style style, wk_error *error)
{
    if (nodes->width < 1 || nodes->height < 1)
        return wk_error_set(error, WK_ARGUMENT, NULL, "an image of %lld x %lld pixels is empty",
                            (long long)nodes->width, (long long)nodes->height);
    if (nodes->nx < 1 || nodes->ny < 1)
        return wk_error_set(error, WK_ARGUMENT, NULL, "a mesh of %lld x %lld nodes is empty",
                            (long long)nodes->nx, (long long)nodes->ny);
    if (has_boxes(style)) {
        if (nodes->box[0] < 1 || nodes->box[1] < 1)
            return wk_error_set(error, WK_ARGUMENT, NULL, "a cell of %lld x %lld pixels is empty",
                                (long long)nodes->box[0], (long long)nodes->box[1]);
    } else if (!ascending(nodes->x, nodes->nx) || !ascending(nodes->y, nodes->ny)) {
        return wk_error_set(error, WK_ARGUMENT, NULL,
                            "the centres of %lld x %lld nodes do not ascend", (long long)nodes->nx,
                            (long long)nodes->ny);
    }
    if (style == WK_SURFACE_CHEBYSHEV && (nodes->order < 0 || nodes->order > WK_CHEBYSHEV_MOST))
        return wk_error_set(error, WK_ARGUMENT, NULL, "order %d is outside 0..%d", nodes->order,
                            WK_CHEBYSHEV_MOST);
    return WK_OK;
}

static wk_status too_few(const wk_surface_nodes *nodes, wk_error *error)
{
    return wk_error_set(error, WK_NO_DATA, NULL,
                        "a mesh of %lld x %lld nodes has too few with a value for this surface",
                        (long long)nodes->nx, (long long)nodes->ny);
}

/* The order in force, and the polynomial. */
static wk_status fit_polynomial(wk_surface *surface, const wk_surface_nodes *nodes,
                                const wk_chebyshev_points *points, wk_error *error)
{
    int64_t fewest = smaller(nodes->nx, nodes->ny);
    surface->order = nodes->order;
    if (nodes->order >= fewest) {
        if (nodes->fail)
            return wk_error_set(error, WK_NO_DATA, NULL,
                                "order %d wants more than %lld nodes to a side", nodes->order,
                                (long long)fewest);
        surface->order = (int)fewest - 1;
    }
    surface->polynomial = wk_memory_new(1, sizeof *surface->polynomial, error);
    if (!surface->polynomial)
        return WK_MEMORY;
    return wk_chebyshev_fit(surface->polynomial, points, nodes->width, nodes->height,
                            surface->order, error);
}

static wk_status make_polynomial(wk_surface *surface, const wk_surface_nodes *nodes,
                                 wk_error *error)
{
    size_t n = (size_t)nodes->nx * (size_t)nodes->ny;
    double *room = wk_memory_raw(n, 3 * sizeof *room, error);
    if (!room)
        return WK_MEMORY;
    double *x = room, *y = x + n, *value = y + n;
    for (size_t i = 0; i < n; i++) {
        x[i] = nodes->x[i % (size_t)nodes->nx];
        y[i] = nodes->y[i / (size_t)nodes->nx];
        value[i] = (double)nodes->values[i];
    }
    wk_chebyshev_points points = {(int64_t)n, x, y, value, nodes->weights};
    wk_status status = fit_polynomial(surface, nodes, &points, error);
    wk_memory_free(room);
    return status;
}

/* Pixels at which the nodes are.  Source Extractor counts rows of the image from 0 at the edge of
 * the first and columns from 0 at its centre. */
static void place_nodes(mesh *m, wk_surface_style style)
{
    const wk_surface_nodes *nodes = m->nodes;
    double lift = style == WK_SURFACE_BICUBIC ? 0.0 : 0.5;
    for (int64_t i = 0; i < nodes->nx; i++)
        m->x[i] = has_boxes(style) ? ((double)i + 0.5) * (double)nodes->box[0] - 0.5 : nodes->x[i];
    for (int64_t i = 0; i < nodes->ny; i++)
        m->y[i] = has_boxes(style) ? ((double)i + 0.5) * (double)nodes->box[1] - lift : nodes->y[i];
}

static void count_values(wk_surface *surface, mesh *m)
{
    int64_t n = m->nodes->nx * m->nodes->ny;
    surface->low = INFINITY;
    surface->high = -INFINITY;
    for (int64_t i = 0; i < n; i++) {
        float value = m->nodes->values[i];
        if (!isfinite(value))
            continue;
        m->finite++;
        surface->low = value < surface->low ? value : surface->low;
        surface->high = value > surface->high ? value : surface->high;
    }
}

/* The nodes of column i that have a value; CELL keeps its holes. */
static int64_t gather(mesh *m, int64_t i)
{
    const wk_surface_nodes *nodes = m->nodes;
    int64_t n = 0;
    for (int64_t k = 0; k < nodes->ny; k++) {
        float value = nodes->values[k * nodes->nx + i];
        int finite = isfinite(value);
        if (!finite && m->down != WK_SPLINE_NEAREST)
            continue;
        m->at[n] = m->y[k];
        m->value[n++] = finite ? (double)value : (double)NAN;
    }
    return n;
}

static wk_status add_column(wk_surface *surface, mesh *m, int64_t i, wk_error *error)
{
    int64_t n = gather(m, i);
    wk_spline_style style = m->down;
    if (n < wk_spline_least(style)) {
        if (m->nodes->fail)
            return too_few(m->nodes, error);
        style = wk_spline_best(n);
    }
    if (n == 0)
        return WK_OK;
    int64_t column = surface->columns++;
    surface->x[column] = m->x[i];
    surface->counts[column] = wk_spline_make(surface->pieces + column * surface->stride, m->at,
                                             m->value, n, style, m->room);
    return WK_OK;
}

static wk_status add_columns(wk_surface *surface, mesh *m, wk_error *error)
{
    const wk_surface_nodes *nodes = m->nodes;
    count_values(surface, m);
    if (m->finite == 0)
        return nodes->fail ? too_few(nodes, error) : WK_OK;
    if (has_boxes(surface->style) && m->finite < nodes->nx * nodes->ny)
        return wk_error_set(error, WK_ARGUMENT, NULL,
                            "only %lld of %lld x %lld nodes have a value, and this surface wants "
                            "all",
                            (long long)m->finite, (long long)nodes->nx, (long long)nodes->ny);
    place_nodes(m, surface->style);
    for (int64_t i = 0; i < nodes->nx; i++) {
        wk_status status = add_column(surface, m, i, error);
        if (status != WK_OK)
            return status;
    }
    surface->along = m->down;
    if (surface->style == WK_SURFACE_BICUBIC && nodes->ny == 1 && nodes->nx > 1)
        surface->along = WK_SPLINE_LINEAR; /* as Source Extractor does */
    if (surface->columns < wk_spline_least(m->down))
        surface->along = wk_spline_best(surface->columns);
    return WK_OK;
}

static wk_status lower_style(wk_surface *surface, const wk_surface_nodes *nodes, wk_error *error)
{
    int64_t fewest = smaller(nodes->nx, nodes->ny);
    if (fewest >= wk_spline_least(spline_of[surface->style]))
        return WK_OK;
    if (nodes->fail)
        return wk_error_set(error, WK_NO_DATA, NULL,
                            "%lld x %lld nodes are too few; this surface wants %lld to a side",
                            (long long)nodes->nx, (long long)nodes->ny,
                            (long long)wk_spline_least(spline_of[surface->style]));
    surface->style = best_style(fewest);
    return WK_OK;
}

static wk_status make_columns(wk_surface *surface, const wk_surface_nodes *nodes, wk_error *error)
{
    wk_status status = lower_style(surface, nodes, error);
    if (status != WK_OK)
        return status;
    size_t nx = (size_t)nodes->nx, ny = (size_t)nodes->ny;
    surface->stride = wk_spline_pieces(nodes->ny);
    surface->x = wk_memory_raw(nx, sizeof *surface->x, error);
    surface->counts = wk_memory_raw(nx, sizeof *surface->counts, error);
    surface->pieces = wk_memory_raw(nx, (size_t)surface->stride * sizeof *surface->pieces, error);
    double *room = wk_memory_raw(nx + 3 * ny + wk_spline_room(nodes->ny), sizeof *room, error);
    if (!surface->x || !surface->counts || !surface->pieces || !room) {
        wk_memory_free(room);
        return WK_MEMORY;
    }
    mesh m = {.nodes = nodes, .x = room, .down = spline_of[surface->style]};
    m.y = m.x + nx;
    m.at = m.y + ny;
    m.value = m.at + ny;
    m.room = m.value + ny;
    status = add_columns(surface, &m, error);
    wk_memory_free(room);
    return status;
}

wk_status wk_surface_create(wk_surface **out, const wk_surface_nodes *nodes, wk_surface_style style,
                            wk_error *error)
{
    *out = NULL;
    wk_status status = check(nodes, style, error);
    if (status != WK_OK)
        return status;
    wk_surface *surface = wk_memory_new(1, sizeof *surface, error);
    if (!surface)
        return WK_MEMORY;
    surface->style = style;
    status = style == WK_SURFACE_CHEBYSHEV ? make_polynomial(surface, nodes, error)
                                           : make_columns(surface, nodes, error);
    if (status != WK_OK)
        wk_surface_free(surface);
    else
        *out = surface;
    return status;
}

void wk_surface_free(wk_surface *surface)
{
    if (!surface)
        return;
    wk_memory_free(surface->polynomial);
    wk_memory_free(surface->x);
    wk_memory_free(surface->counts);
    wk_memory_free(surface->pieces);
    wk_memory_free(surface);
}

wk_surface_style wk_surface_used(const wk_surface *surface, int *order)
{
    if (order)
        *order = surface->order;
    return surface->style;
}

size_t wk_surface_room(const wk_surface *surface)
{
    int64_t n = surface->columns;
    size_t pieces = (size_t)wk_spline_pieces(n) * (sizeof(wk_piece) / sizeof(double));
    return pieces + (size_t)n + wk_spline_room(n);
}

/* The mesh's columns at row y.  Neighbours mostly have the row in the same piece. */
static void cross_columns(double *values, const wk_surface *surface, double y)
{
    int64_t k = 0;
    for (int64_t i = 0; i < surface->columns; i++) {
        const wk_piece *pieces = surface->pieces + i * surface->stride;
        k = wk_spline_find(pieces, surface->counts[i], y, k);
        values[i] = wk_piece_value(&pieces[k], y);
    }
}

static void hold(float *restrict out, int64_t count, float low, float high)
{
    for (int64_t i = 0; i < count; i++) {
        float value = out[i] > low ? out[i] : low;
        out[i] = value < high ? value : high;
    }
}

void wk_surface_row(float *out, const wk_surface *surface, int64_t y, int64_t x, int64_t count,
                    double *room)
{
    if (count <= 0)
        return;
    if (surface->polynomial) {
        wk_chebyshev_run(out, surface->polynomial, y, x, count);
        return;
    }
    int64_t n = surface->columns;
    if (n == 0) {
        for (int64_t i = 0; i < count; i++)
            out[i] = NAN;
        return;
    }
    wk_piece *pieces = (wk_piece *)room;
    double *values = (double *)(pieces + wk_spline_pieces(n));
    cross_columns(values, surface, (double)y);
    n = wk_spline_make(pieces, surface->x, values, n, surface->along, values + n);
    wk_spline_run(out, pieces, n, x, count);
    if (surface->style == WK_SURFACE_ZOOM)
        hold(out, count, surface->low, surface->high);
}
