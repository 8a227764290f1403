#include "histospline.h"

#include <string.h>

#include "memory.h"

/* With second derivatives M and cells of size 1 the mean over cell i is node i and
 * (M[i-1] + 14 M[i] + M[i+1]) / 384, and the nodes' second difference is
 * (M[i-1] + 4 M[i] + M[i+1]) / 6.  Both give five diagonals for M alone. */
enum { BANDS = 5, MIDDLE = 2 };

typedef struct line {
    int64_t n;
    wk_histospline_ends ends;
    double *rows;   /* [n][BANDS]; eliminated: above the diagonal, the latter's inverse in it */
    double *second; /* [n] right side, then second derivatives */
} line;

/* Which unknown stands for M[i]; -1: it is 0. */
static int64_t unknown_of(const line *all, int64_t i)
{
    if (i > 0 && i < all->n - 1)
        return i;
    if (all->ends == WK_ENDS_NATURAL)
        return -1;
    return i <= 0 ? 1 : all->n - 2;
}

static void row_add(line *all, int64_t row, int64_t i, double factor)
{
    int64_t column = unknown_of(all, i);
    if (column > 0)
        all->rows[row * BANDS + MIDDLE + column - row] += factor;
}

/* Factor times what the mean over cell i has beyond its node. */
static void row_add_excess(line *all, int64_t row, int64_t i, double factor)
{
    double part = factor / 384.0;
    if (i == 0 || i == all->n - 1) {
        row_add(all, row, i, 15.0 * part); /* half the cell lies beyond the node */
        row_add(all, row, i == 0 ? 1 : i - 1, part);
        return;
    }
    row_add(all, row, i - 1, part);
    row_add(all, row, i, 14.0 * part);
    row_add(all, row, i + 1, part);
}

static void rows_fill(line *all)
{
    memset(all->rows, 0, (size_t)(all->n * BANDS) * sizeof *all->rows);
    for (int64_t i = 1; i < all->n - 1; i++) {
        row_add(all, i, i - 1, 1.0 / 6.0);
        row_add(all, i, i, 4.0 / 6.0);
        row_add(all, i, i + 1, 1.0 / 6.0);
        row_add_excess(all, i, i - 1, 1.0);
        row_add_excess(all, i, i, -2.0);
        row_add_excess(all, i, i + 1, 1.0);
    }
}

/* The diagonal outweighs the rest of its row, so nothing is exchanged; the factors below the
 * diagonal stay in its place. */
static void rows_eliminate(line *all)
{
    for (int64_t i = 1; i < all->n - 1; i++) {
        double *pivot = all->rows + i * BANDS;
        pivot[MIDDLE] = 1.0 / pivot[MIDDLE];
        for (int64_t down = 1; down <= 2 && i + down < all->n - 1; down++) {
            double *row = all->rows + (i + down) * BANDS;
            double factor = row[MIDDLE - down] * pivot[MIDDLE];
            row[MIDDLE - down] = factor;
            for (int64_t right = 1; right <= 2; right++)
                row[MIDDLE - down + right] -= factor * pivot[MIDDLE + right];
        }
    }
}

static void line_solve(line *all, const double *values, int64_t step)
{
    int64_t n = all->n;
    double *m = all->second;
    for (int64_t i = 1; i < n - 1; i++) {
        m[i] = values[(i - 1) * step] - 2.0 * values[i * step] + values[(i + 1) * step];
        for (int64_t up = 1; up <= 2 && i - up >= 1; up++)
            m[i] -= all->rows[i * BANDS + MIDDLE - up] * m[i - up];
    }
    for (int64_t i = n - 2; i >= 1; i--) {
        for (int64_t right = 1; right <= 2 && i + right < n - 1; right++)
            m[i] -= all->rows[i * BANDS + MIDDLE + right] * m[i + right];
        m[i] *= all->rows[i * BANDS + MIDDLE];
    }
    m[0] = all->ends == WK_ENDS_NATURAL ? 0.0 : m[1];
    m[n - 1] = all->ends == WK_ENDS_NATURAL ? 0.0 : m[n - 2];
}

static void line_correct(line *all, double *values, int64_t step)
{
    int64_t n = all->n;
    const double *m = all->second;
    line_solve(all, values, step);
    values[0] -= (15.0 * m[0] + m[1]) / 384.0;
    values[(n - 1) * step] -= (15.0 * m[n - 1] + m[n - 2]) / 384.0;
    for (int64_t i = 1; i < n - 1; i++)
        values[i * step] -= (m[i - 1] + 14.0 * m[i] + m[i + 1]) / 384.0;
}

/* count lines of n nodes each; fewer than three are joined by a straight line. */
static wk_status axis_correct(double *nodes, int64_t n, int64_t step, int64_t count, int64_t stride,
                              wk_histospline_ends ends, wk_error *error)
{
    if (n < 3)
        return WK_OK;
    double *room = wk_memory_new((size_t)(n * (BANDS + 1)), sizeof *room, error);
    if (!room)
        return WK_MEMORY;
    line all = {n, ends, room, room + n * BANDS};
    rows_fill(&all);
    rows_eliminate(&all);
    for (int64_t k = 0; k < count; k++)
        line_correct(&all, nodes + k * stride, step);
    wk_memory_free(room);
    return WK_OK;
}

wk_status wk_histospline_nodes(double *nodes, int64_t nx, int64_t ny, wk_histospline_ends ends,
                               wk_error *error)
{
    wk_status status = axis_correct(nodes, nx, 1, ny, nx, ends, error);
    return status ? status : axis_correct(nodes, ny, nx, nx, 1, ends, error);
}
