#include "mesh_filter.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bracket.h"
#include "memory.h"

enum { NEIGHBOURS = 10 };

double wk_mesh_median(float *values, int64_t count)
{
    int64_t n = 0;
    for (int64_t i = 0; i < count; i++)
        if (isfinite(values[i]))
            values[n++] = values[i];
    if (n == 0)
        return (double)NAN;
    wk_bracket_place(values, n, n / 2);
    double high = (double)values[n / 2];
    if (n % 2 == 1)
        return high;
    float low = values[0];
    for (int64_t i = 1; i < n / 2; i++)
        low = values[i] > low ? values[i] : low;
    return 0.5 * ((double)low + high);
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Cell i of size, or the one that stands for it beyond the edge. */
static int64_t mirrored(int64_t i, int64_t size)
{
    int64_t period = 2 * size, at = (i % period + period) % period;
    return at < size ? at : period - 1 - at;
}

/* First and last cell of a window around i. */
static void reach(int64_t *first, int64_t *last, int64_t i, int64_t size, int64_t half,
                  wk_window window)
{
    int64_t before = half, after = half;
    if (window != WK_WINDOW_MIRROR) {
        before = least(half, i);
        after = least(half, size - 1 - i);
    }
    if (window == WK_WINDOW_CENTRED)
        before = after = least(before, after);
    *first = i - before;
    *last = i + after;
}

wk_status wk_mesh_filter(float *values, int64_t nx, int64_t ny, int64_t width, int64_t height,
                         wk_window window, wk_error *error)
{
    size_t cells = (size_t)(nx * ny);
    float *copy = wk_memory_raw(cells, sizeof *copy, error);
    float *held = copy ? wk_memory_raw((size_t)(width * height), sizeof *held, error) : NULL;
    for (int64_t at = 0; held && at < nx * ny; at++) {
        int64_t x0, x1, y0, y1, n = 0;
        if (at == 0)
            memcpy(copy, values, cells * sizeof *copy);
        reach(&x0, &x1, at % nx, nx, width / 2, window);
        reach(&y0, &y1, at / nx, ny, height / 2, window);
        for (int64_t y = y0; y <= y1; y++)
            for (int64_t x = x0; x <= x1; x++)
                held[n++] = copy[mirrored(y, ny) * nx + mirrored(x, nx)];
        values[at] = (float)wk_mesh_median(held, n);
    }
    wk_memory_free(copy);
    int failed = held == NULL;
    wk_memory_free(held);
    return failed ? WK_MEMORY : WK_OK;
}

/* A full cell as seen from an empty one. */
typedef struct neighbour {
    int64_t distance, at; /* squared */
} neighbour;

static int nearer(const void *left, const void *right)
{
    const neighbour *a = left, *b = right;
    if (a->distance != b->distance)
        return a->distance < b->distance ? -1 : 1;
    return (a->at > b->at) - (a->at < b->at);
}

/* The full cells on the square ring of a radius; how many there are. */
static int64_t take_ring(neighbour *found, const float *values, int64_t nx, int64_t ny, int64_t at,
                         int64_t radius)
{
    int64_t cx = at % nx, cy = at / nx, count = 0;
    for (int64_t y = cy - radius; y <= cy + radius; y++) {
        int edge = y == cy - radius || y == cy + radius;
        if (y < 0 || y >= ny)
            continue;
        for (int64_t x = cx - radius; x <= cx + radius; x += edge ? 1 : 2 * radius) {
            if (x < 0 || x >= nx || !isfinite(values[y * nx + x]))
                continue;
            found[count++] = (neighbour){(x - cx) * (x - cx) + (y - cy) * (y - cy), y * nx + x};
        }
    }
    return count;
}

/* All full cells that may be among the wanted nearest ones, in order.  Cells on a ring are at least
 * its radius away: the search ends when that many are nearer than the next ring. */
static int64_t search(neighbour *found, const float *values, int64_t nx, int64_t ny, int64_t at,
                      int64_t wanted)
{
    int64_t count = 0, most = nx > ny ? nx : ny;
    for (int64_t radius = 1; radius <= most; radius++) {
        if (count >= wanted && found[wanted - 1].distance < radius * radius)
            break;
        int64_t more = take_ring(found + count, values, nx, ny, at, radius);
        count += more;
        if (more > 0)
            qsort(found, (size_t)count, sizeof *found, nearer);
    }
    return count;
}

static double nearest_mean(const neighbour *found, int64_t count, const float *values)
{
    double sum = 0.0;
    int64_t n = 0;
    for (; n < count && found[n].distance == found[0].distance; n++)
        sum += (double)values[found[n].at];
    return n > 0 ? sum / (double)n : (double)NAN;
}

/* Cells at the tenth's distance share what the nearer ones leave of ten. */
static double inverse_mean(const neighbour *found, int64_t count, const float *values)
{
    double sum = 0.0, weights = 0.0;
    for (int64_t i = 0, end; i < count && i < NEIGHBOURS; i = end) {
        double here = 0.0;
        for (end = i; end < count && found[end].distance == found[i].distance; end++)
            here += (double)values[found[end].at];
        double taken = (double)(least(end, NEIGHBOURS) - i);
        double weight = taken / sqrt((double)found[i].distance);
        sum += weight * here / (double)(end - i);
        weights += weight;
    }
    return weights > 0.0 ? sum / weights : (double)NAN;
}

static wk_status fill(float *values, int64_t nx, int64_t ny, int64_t wanted,
                      double (*mean)(const neighbour *, int64_t, const float *), wk_error *error)
{
    size_t cells = (size_t)(nx * ny);
    float *full = wk_memory_raw(cells, sizeof *full, error);
    neighbour *found = full ? wk_memory_raw(cells, sizeof *found, error) : NULL;
    if (found)
        memcpy(full, values, cells * sizeof *full);
    for (int64_t at = 0; found && at < nx * ny; at++)
        if (!isfinite(full[at]))
            values[at] = (float)mean(found, search(found, full, nx, ny, at, wanted), full);
    wk_memory_free(full);
    int failed = found == NULL;
    wk_memory_free(found);
    return failed ? WK_MEMORY : WK_OK;
}

wk_status wk_mesh_fill_nearest(float *values, int64_t nx, int64_t ny, wk_error *error)
{
    return fill(values, nx, ny, 1, nearest_mean, error);
}

wk_status wk_mesh_fill_inverse(float *values, int64_t nx, int64_t ny, wk_error *error)
{
    return fill(values, nx, ny, NEIGHBOURS, inverse_mean, error);
}

wk_status wk_mesh_fill_median(float *values, int64_t nx, int64_t ny, wk_error *error)
{
    size_t cells = (size_t)(nx * ny);
    float *copy = wk_memory_raw(cells, sizeof *copy, error);
    if (!copy)
        return WK_MEMORY;
    memcpy(copy, values, cells * sizeof *copy);
    float median = (float)wk_mesh_median(copy, nx * ny);
    for (size_t i = 0; i < cells; i++)
        if (!isfinite(values[i]))
            values[i] = median;
    wk_memory_free(copy);
    return WK_OK;
}
