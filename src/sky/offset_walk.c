#include <math.h>
#include <string.h>

#include "memory.h"
#include "offset.h"
#include "parallel.h"
#include "status.h"

struct wk_offset_walk {
    const wk_offset *offset;
    void *model;
    wk_quadrant_walk *around; /* made when distances or flags are first wanted */
};

size_t wk_offset_walk_bytes(const wk_offset *offset)
{
    size_t bytes = sizeof(wk_offset_walk);
    if (offset->kind->bytes)
        bytes += offset->kind->bytes(offset);
    return offset->around ? bytes + wk_quadrant_walk_bytes(offset->around) : bytes;
}

wk_status wk_offset_walk_open(wk_offset_walk **out, const wk_offset *offset, wk_error *error)
{
    *out = NULL;
    wk_offset_walk *walk = wk_memory_new(1, sizeof *walk, error);
    if (!walk)
        return WK_MEMORY;
    walk->offset = offset;
    wk_status status = offset->kind->open ? offset->kind->open(&walk->model, offset, error) : WK_OK;
    if (status == WK_OK)
        *out = walk;
    else
        wk_memory_free(walk);
    return status;
}

void wk_offset_walk_close(wk_offset_walk *walk)
{
    if (!walk)
        return;
    if (walk->offset->kind->close)
        walk->offset->kind->close(walk->model);
    wk_quadrant_walk_free(walk->around);
    wk_memory_free(walk);
}

/* The nearest star of all is the nearest of some quadrant; a star on the pixel is in none, and is
 * put in after. */
static void measure_runs(const wk_offset_planes *planes, const wk_offset *offset,
                         const wk_quadrant_run *runs, int64_t count, int64_t row)
{
    const double *x = offset->points.x, *y = offset->points.y;
    int64_t column = 0;
    for (int64_t r = 0; r < count; r++) {
        int alone = 0;
        for (int k = 0; k < 4; k++)
            alone |= runs[r].point[k] < 0;
        for (; column < runs[r].end; column++) {
            double least = INFINITY;
            for (int k = 0; k < 4; k++) {
                int64_t star = runs[r].point[k];
                if (star >= 0)
                    least = fmin(least, hypot((double)column - x[star], (double)row - y[star]));
            }
            if (planes->distance)
                planes->distance[column] = least;
            if (planes->flag)
                planes->flag[column] = alone ? WK_OFFSET_ONE_SIDE : 0;
        }
    }
}

static void mark_stars(const wk_offset_planes *planes, const wk_offset *offset, int64_t row)
{
    const wk_offset_points *p = &offset->points;
    for (int64_t k = 0; k < p->touching_count; k++) {
        const int64_t star = p->touching[k], column = llrint(p->x[star]);
        if (llrint(p->y[star]) != row)
            continue;
        if (planes->distance)
            planes->distance[column] = 0;
        if (planes->flag)
            planes->flag[column] &= (uint8_t)~WK_OFFSET_ONE_SIDE;
    }
}

static void mark_outside(const wk_offset_planes *planes, const wk_offset *offset, int64_t row)
{
    double span[2];
    int inside = wk_hull_span(&offset->hull, (double)row, span);
    for (int64_t i = 0; i < offset->facts.width; i++) {
        if (!inside || (double)i < span[0] || (double)i > span[1])
            planes->flag[i] |= WK_OFFSET_OUTSIDE;
        if (isnan(planes->x[i]) || isnan(planes->y[i]))
            planes->flag[i] |= WK_OFFSET_UNKNOWN;
    }
}

static wk_status look_around(const wk_offset_planes *planes, wk_offset_walk *walk, int64_t row,
                             wk_error *error)
{
    const wk_offset *offset = walk->offset;
    const size_t width = (size_t)offset->facts.width;
    int64_t count;
    if (!offset->around) {
        if (planes->flag)
            memset(planes->flag, 0, width);
        for (size_t i = 0; planes->distance && i < width; i++)
            planes->distance[i] = NAN;
        for (size_t i = 0; planes->flag && i < width; i++)
            if (isnan(planes->x[i]) || isnan(planes->y[i]))
                planes->flag[i] = WK_OFFSET_UNKNOWN;
        return WK_OK;
    }
    if (!walk->around) {
        wk_status status = wk_quadrant_walk_create(&walk->around, offset->around, error);
        if (status != WK_OK)
            return status;
    }
    const wk_quadrant_run *runs = wk_quadrant_row(&count, walk->around, row);
    measure_runs(planes, offset, runs, count, row);
    mark_stars(planes, offset, row);
    if (planes->flag)
        mark_outside(planes, offset, row);
    return WK_OK;
}

wk_status wk_offset_walk_row(const wk_offset_planes *planes, wk_offset_walk *walk, int64_t row,
                             wk_error *error)
{
    const wk_offset *offset = walk->offset;
    wk_status status = offset->kind->row(planes, walk->model, offset, row, error);
    if (status == WK_OK && (planes->distance || planes->flag))
        status = look_around(planes, walk, row, error);
    return status;
}

/* Rows of one call of wk_offset_fill. */
typedef struct filling {
    const wk_offset_planes *planes;
    const wk_offset *offset;
    int64_t row, rows;
    wk_offset_walk **walks;
} filling;

enum { PIECE = 64 }; /* rows that a worker takes at a time */

static wk_offset_planes from_row(const wk_offset_planes *planes, int64_t skip)
{
    return (wk_offset_planes){
        planes->x ? planes->x + skip : NULL,
        planes->y ? planes->y + skip : NULL,
        planes->error_x ? planes->error_x + skip : NULL,
        planes->error_y ? planes->error_y + skip : NULL,
        planes->distance ? planes->distance + skip : NULL,
        planes->flag ? planes->flag + skip : NULL,
    };
}

static wk_status fill_piece(int64_t index, int worker, void *payload, int64_t *bytes,
                            wk_error *error)
{
    filling *f = payload;
    const int64_t width = f->offset->facts.width;
    int64_t last = (index + 1) * PIECE < f->rows ? (index + 1) * PIECE : f->rows;
    wk_status status =
        f->walks[worker] ? WK_OK : wk_offset_walk_open(&f->walks[worker], f->offset, error);
    for (int64_t i = index * PIECE; status == WK_OK && i < last; i++) {
        wk_offset_planes planes = from_row(f->planes, i * width);
        status = wk_offset_walk_row(&planes, f->walks[worker], f->row + i, error);
        *bytes += width * (int64_t)sizeof(double);
    }
    return status;
}

wk_status wk_offset_fill(const wk_offset_planes *planes, const wk_offset *offset, int64_t row,
                         int64_t rows, const wk_context *context, wk_error *error)
{
    filling f = {planes, offset, row, rows, NULL};
    if (row < 0 || rows < 0 || row > offset->facts.height - rows || !planes->x || !planes->y ||
        !planes->error_x != !planes->error_y)
        return wk_error_set(error, WK_ARGUMENT, "",
                            "%lld rows from %lld on of %lld, or planes that miss x and y",
                            (long long)rows, (long long)row, (long long)offset->facts.height);
    const int64_t pieces = (rows + PIECE - 1) / PIECE;
    int workers = wk_parallel_workers(pieces, context);
    f.walks = wk_memory_new((size_t)workers + 1, sizeof *f.walks, error);
    if (!f.walks)
        return WK_MEMORY;
    wk_status status = wk_parallel_for(pieces, "evaluate", fill_piece, &f, context, error);
    for (int i = 0; i < workers; i++)
        wk_offset_walk_close(f.walks[i]);
    wk_memory_free(f.walks);
    return status;
}
