#include "thin_plate_grid.h"

#include <string.h>

#include "memory.h"

/* Cells that are interpolated at once. */
enum { CELLS = 64 };

static void weights_fill(double *weights, int64_t step, int linear)
{
    for (int64_t i = 0; i < step; i++) {
        double t = (double)i / (double)step;
        double *w[4];
        for (int k = 0; k < 4; k++)
            w[k] = weights + k * step + i;
        if (linear) {
            *w[0] = *w[3] = 0.0;
            *w[1] = 1.0 - t;
            *w[2] = t;
        } else {
            *w[0] = -t * (t - 1.0) * (t - 2.0) / 6.0;
            *w[1] = (t + 1.0) * (t - 1.0) * (t - 2.0) / 2.0;
            *w[2] = -(t + 1.0) * t * (t - 2.0) / 2.0;
            *w[3] = (t + 1.0) * t * (t - 1.0) / 6.0;
        }
    }
}

wk_status wk_plate_grid_make(wk_plate_grid *grid, int64_t width, int64_t height, int64_t step,
                             int linear, wk_error *error)
{
    memset(grid, 0, sizeof *grid);
    grid->step = step;
    grid->columns = (width - 1) / step + 4;
    grid->rows = (height - 1) / step + 4;
    size_t count = (size_t)(grid->columns * grid->rows);
    grid->nodes[0] = wk_memory_raw(2 * count + 4 * (size_t)step, sizeof *grid->nodes[0], error);
    if (!grid->nodes[0])
        return WK_MEMORY;
    grid->nodes[1] = grid->nodes[0] + count;
    grid->weights = grid->nodes[1] + count;
    weights_fill(grid->weights, step, linear);
    return WK_OK;
}

void wk_plate_grid_release(wk_plate_grid *grid)
{
    wk_memory_free(grid->nodes[0]);
    memset(grid, 0, sizeof *grid);
}

/* Four rows of nodes, weighted. */
static void line_fill(double *line, const double *nodes, int64_t columns, const double w[4],
                      int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        line[i] = (w[0] * nodes[i] + w[1] * nodes[columns + i]) +
                  (w[2] * nodes[2 * columns + i] + w[3] * nodes[3 * columns + i]);
}

/* Pixels from..to-1 of the cell whose first node is line[0]. */
static void cell_fill(double *restrict out, const double *restrict weights, int64_t step,
                      const double *line, int64_t from, int64_t to)
{
    double a = line[0], b = line[1], c = line[2], d = line[3];
    const double *p = weights + from, *q = p + step, *r = q + step, *s = r + step;
    for (int64_t i = 0; i < to - from; i++)
        out[i] = (a * p[i] + b * q[i]) + (c * r[i] + d * s[i]);
}

static void piece_fill(double *out, const wk_plate_grid *grid, const double *line, int64_t cell,
                       int64_t first, int64_t count)
{
    for (int64_t done = 0; done < count; cell++, line++) {
        int64_t from = first + done - cell * grid->step;
        int64_t to = grid->step - from < count - done ? grid->step : from + count - done;
        cell_fill(out + done, grid->weights, grid->step, line, from, to);
        done += to - from;
    }
}

void wk_plate_grid_row(double *const out[2], const wk_plate_grid *grid, int64_t row, int64_t first,
                       int64_t count)
{
    double line[CELLS + 3], w[4];
    int64_t below = row / grid->step, columns = grid->columns, piece;
    for (int k = 0; k < 4; k++)
        w[k] = grid->weights[k * grid->step + row % grid->step];
    for (int64_t done = 0; done < count; done += piece) {
        int64_t cell = (first + done) / grid->step, end = (cell + CELLS) * grid->step;
        int64_t nodes = columns - cell < CELLS + 3 ? columns - cell : CELLS + 3;
        piece = end - first - done < count - done ? end - first - done : count - done;
        for (int q = 0; q < 2; q++) {
            line_fill(line, grid->nodes[q] + below * columns + cell, columns, w, nodes);
            piece_fill(out[q] + done, grid, line, cell, first + done, piece);
        }
    }
}
