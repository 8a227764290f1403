#include "solve_inverse.h"

#include <string.h>

#include "memory.h"

/* The inverse between all rows of one block, rows x rows, both triangles. */
typedef struct wk_window {
    double *inverse, *covariance; /* covariance NULL if not wanted */
    int64_t rows;
    int64_t waiting; /* children that still have to take their part */
} wk_window;

typedef struct selection {
    const wk_factor *factor;
    wk_window *windows; /* [blocks] */
    int64_t *place;     /* [nodes] places of the rows of a block in its parent's wk_window */
    double *column;     /* [2 nodes] the new columns of inverse and covariance */
    double *diagonal, *covariance;
} selection;

static void drop_window(wk_window *window)
{
    wk_memory_free(window->inverse);
    wk_memory_free(window->covariance);
    window->inverse = window->covariance = NULL;
}

static wk_status make_window(wk_window *window, int64_t rows, int covariance, wk_error *error)
{
    size_t room = (size_t)(rows * rows);
    window->rows = rows;
    if (!(window->inverse = wk_memory_raw(room, sizeof(double), error)) ||
        (covariance && !(window->covariance = wk_memory_raw(room, sizeof(double), error))))
        return WK_MEMORY;
    return WK_OK;
}

/* Rows below the own columns are rows of the parent: find each of them there. */
static void find_places(int64_t *place, const wk_factor *factor, int64_t s)
{
    const int64_t *row = factor->row + factor->begin[s];
    const int64_t *other = factor->row + factor->begin[factor->parent[s]];
    int64_t at = 0, rows = wk_factor_rows(factor, s);
    for (int64_t a = wk_factor_columns(factor, s); a < rows; a++) {
        while (other[at] != row[a])
            at++;
        place[a] = at;
    }
}

static void take_part(double *target, int64_t rows, int64_t columns, const double *source,
                      int64_t source_rows, const int64_t *place)
{
    for (int64_t b = columns; b < rows; b++) {
        const double *from = source + place[b] * source_rows;
        for (int64_t a = columns; a < rows; a++)
            target[b * rows + a] = from[place[a]];
    }
}

static void take_from_parent(selection *work, int64_t s)
{
    int64_t parent = work->factor->parent[s];
    if (parent < 0)
        return;
    wk_window *own = &work->windows[s], *from = &work->windows[parent];
    int64_t columns = wk_factor_columns(work->factor, s);
    find_places(work->place, work->factor, s);
    take_part(own->inverse, own->rows, columns, from->inverse, from->rows, work->place);
    if (own->covariance)
        take_part(own->covariance, own->rows, columns, from->covariance, from->rows, work->place);
    if (--from->waiting == 0)
        drop_window(from);
}

/* out = matrix(k+1.., k+1..) times vector; columns are added so that the inner loop runs along
 * memory and the sum's order is fixed */
static void multiply(double *restrict out, const double *restrict matrix,
                     const double *restrict vector, int64_t k, int64_t rows)
{
    memset(out + k + 1, 0, (size_t)(rows - k - 1) * sizeof *out);
    for (int64_t b = k + 1; b < rows; b++) {
        const double *column = matrix + b * rows;
        double scale = vector[b];
        for (int64_t a = k + 1; a < rows; a++)
            out[a] += column[a] * scale;
    }
}

/* out = covariance share - inverse change, below k */
static void multiply_both(double *restrict out, const wk_window *window,
                          const double *restrict share, const double *restrict change, int64_t k)
{
    int64_t rows = window->rows;
    memset(out + k + 1, 0, (size_t)(rows - k - 1) * sizeof *out);
    for (int64_t b = k + 1; b < rows; b++) {
        const double *restrict c = window->covariance + b * rows;
        const double *restrict g = window->inverse + b * rows;
        double u = share[b], v = change[b];
        for (int64_t a = k + 1; a < rows; a++)
            out[a] += c[a] * u - g[a] * v;
    }
}

static double dot(const double *a, const double *b, int64_t k, int64_t rows)
{
    double sum = 0;
    for (int64_t i = k + 1; i < rows; i++)
        sum += a[i] * b[i];
    return sum;
}

static void put_column(double *matrix, const double *column, double diagonal, int64_t k,
                       int64_t rows)
{
    matrix[k * rows + k] = diagonal;
    for (int64_t a = k + 1; a < rows; a++)
        matrix[k * rows + a] = matrix[a * rows + k] = column[a];
}

static void invert_column(selection *work, int64_t s, int64_t k)
{
    const wk_factor *factor = work->factor;
    wk_window *window = &work->windows[s];
    int64_t rows = window->rows, step = factor->first[s] + k, node = factor->order[step];
    int64_t at = factor->panel[s] + k * (rows + 1);
    const double *share = factor->share + at;
    double pivot = factor->pivot[step], *column = work->column;
    multiply(column, window->inverse, share, k, rows);
    double diagonal = 1 / pivot + dot(share, column, k, rows);
    work->diagonal[node] = diagonal;
    if (window->covariance) {
        const double *change = factor->change + at;
        double *second = column + factor->nodes;
        multiply_both(second, window, share, change, k);
        double variance = factor->pivot_noise[step] / pivot / pivot +
                          (dot(share, second, k, rows) - dot(change, column, k, rows));
        work->covariance[node] = variance;
        put_column(window->covariance, second, variance, k, rows);
    }
    put_column(window->inverse, column, diagonal, k, rows);
}

static wk_status invert_block(selection *work, int64_t s, wk_error *error)
{
    wk_window *window = &work->windows[s];
    wk_status status =
        make_window(window, wk_factor_rows(work->factor, s), work->covariance != NULL, error);
    if (status)
        return status;
    take_from_parent(work, s);
    for (int64_t k = wk_factor_columns(work->factor, s) - 1; k >= 0; k--)
        invert_column(work, s, k);
    if (window->waiting == 0)
        drop_window(window);
    return WK_OK;
}

static wk_status invert(selection *work, wk_error *error)
{
    const wk_factor *factor = work->factor;
    wk_status status = WK_OK;
    for (int64_t s = 0; s < factor->blocks; s++) {
        if (factor->parent[s] >= 0)
            work->windows[factor->parent[s]].waiting++;
    }
    for (int64_t s = factor->blocks - 1; s >= 0 && !status; s--)
        status = invert_block(work, s, error);
    for (int64_t s = 0; s < factor->blocks; s++)
        drop_window(&work->windows[s]);
    return status;
}

wk_status wk_factor_inverse(double *diagonal, double *covariance, const wk_factor *factor,
                            wk_error *error)
{
    size_t nodes = (size_t)factor->nodes, blocks = (size_t)factor->blocks;
    selection work = {.factor = factor, .diagonal = diagonal, .covariance = covariance};
    wk_status status = WK_MEMORY;
    if ((work.windows = wk_memory_new(blocks, sizeof *work.windows, error)) &&
        (work.place = wk_memory_raw(nodes, sizeof *work.place, error)) &&
        (work.column = wk_memory_raw(2 * nodes, sizeof *work.column, error)))
        status = invert(&work, error);
    wk_memory_free(work.windows);
    wk_memory_free(work.place);
    wk_memory_free(work.column);
    return status;
}
