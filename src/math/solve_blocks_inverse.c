#include "solve_blocks.h"

#include <string.h>

#include "memory.h"
#include "solve_column.h"
#include "solve_product.h"

/* Columns that are found together; fronts with fewer, or few rows, do not repay the packing of
 * products. */
enum { STRIP = 48, FEW = 5, SMALL = 24 };

/* The inverse at the rows of one front: a full symmetric square. */
typedef struct window {
    double *values;
    int64_t waiting; /* children that still need it */
} window;

typedef struct selection {
    const wk_blocks_factor *factor;
    window *windows;  /* [fronts] */
    int64_t *place;   /* [nodes] place of a step in the parent's window */
    int64_t *source;  /* [largest front] where a front's unknowns are in the parent's window */
    double *packed;   /* for products */
    double *diagonal; /* the answer */
} selection;

static int64_t rows_of(const selection *work, int64_t s)
{
    return work->factor->size * wk_factor_rows(&work->factor->pattern, s);
}

static int64_t columns_of(const selection *work, int64_t s)
{
    return work->factor->size * wk_factor_columns(&work->factor->pattern, s);
}

/* The part below the own columns lies in the parent's window. */
static void take_from_parent(selection *work, int64_t s)
{
    const wk_factor *pattern = &work->factor->pattern;
    int64_t parent = pattern->parent[s], size = work->factor->size;
    if (parent < 0)
        return;
    window *from = &work->windows[parent];
    const int64_t *theirs = pattern->row + pattern->begin[parent];
    const int64_t *ours = pattern->row + pattern->begin[s];
    for (int64_t i = 0; i < wk_factor_rows(pattern, parent); i++)
        work->place[theirs[i]] = i;
    int64_t rows = rows_of(work, s), above = rows_of(work, parent), first = columns_of(work, s);
    for (int64_t a = first; a < rows; a++)
        work->source[a] = work->place[ours[a / size]] * size + a % size;
    for (int64_t b = first; b < rows; b++) {
        const double *column = from->values + work->source[b] * above;
        double *own = work->windows[s].values + b * rows;
        for (int64_t a = first; a < rows; a++)
            own[a] = column[work->source[a]];
    }
    if (--from->waiting == 0) {
        wk_memory_free(from->values);
        from->values = NULL;
    }
}

/* Column k from the columns after it: Z(after, k) = - Z(after, after) L(after, k) / L(k, k). */
static void invert_column(selection *work, int64_t s, int64_t k)
{
    int64_t rows = rows_of(work, s), count = rows - k - 1;
    double *values = work->windows[s].values, *column = values + k * rows;
    const double *lower = work->factor->lower + work->factor->panel[s] + k * rows;
    wk_columns after = {values + (k + 1) * rows + k + 1, rows, count};
    memset(column + k + 1, 0, (size_t)count * sizeof *column);
    wk_columns_subtract(column + k + 1, &after, lower + k + 1, count);
    double sum = 0.0;
    for (int64_t i = k + 1; i < rows; i++) {
        column[i] /= lower[k];
        values[i * rows + k] = column[i];
        sum += lower[i] * column[i];
    }
    column[k] = (1.0 / lower[k] - sum) / lower[k];
}

/* Z(after, strip) = - Z(after, after) L(after, strip) / L(strip, strip), columns first to last - 1.
 */
static void invert_below(selection *work, int64_t s, int64_t first, int64_t last)
{
    int64_t rows = rows_of(work, s), after = rows - last;
    const double *lower = work->factor->lower + work->factor->panel[s];
    double *values = work->windows[s].values, *below = values + first * rows + last;
    const wk_operand square = {values + last * rows + last, 1, rows};
    const wk_operand strip = {lower + first * rows + last, 1, rows};
    for (int64_t j = first; j < last; j++)
        memset(values + j * rows + last, 0, (size_t)after * sizeof *values);
    wk_product_subtract(below, rows, &square, &strip, after, after, last - first, 0, work->packed);
    for (int64_t j = last; j-- > first;) {
        double *column = values + j * rows + last, pivot = lower[j * rows + j];
        wk_columns later = {column + rows, rows, last - j - 1};
        wk_columns_subtract(column, &later, lower + j * rows + j + 1, after);
        for (int64_t i = 0; i < after; i++)
            column[i] /= pivot;
    }
    for (int64_t i = last; i < rows; i++)
        for (int64_t j = first; j < last; j++)
            values[i * rows + j] = values[j * rows + i];
}

/* Z(strip, strip) = (1 / L(strip, strip)' - Z(strip, after) L(after, strip)) / L(strip, strip),
 * whose lower half does without the inverse of L but for its diagonal. */
static void invert_beside(selection *work, int64_t s, int64_t first, int64_t last)
{
    int64_t rows = rows_of(work, s), size = last - first;
    const double *lower = work->factor->lower + work->factor->panel[s];
    double *values = work->windows[s].values;
    const wk_operand left = {values + last * rows + first, 1, rows};
    const wk_operand right = {lower + first * rows + last, 1, rows};
    for (int64_t j = first; j < last; j++)
        memset(values + j * rows + first, 0, (size_t)size * sizeof *values);
    wk_product_subtract(values + first * rows + first, rows, &left, &right, size, rows - last, size,
                        1, work->packed);
    for (int64_t j = last; j-- > first;) {
        const double *factors = lower + j * rows;
        double *column = values + j * rows;
        wk_columns later = {values + (j + 1) * rows + j + 1, rows, last - j - 1};
        wk_columns_subtract(column + j + 1, &later, factors + j + 1, last - j - 1);
        column[j] += 1.0 / factors[j];
        for (int64_t i = j + 1; i < last; i++) {
            column[i] /= factors[j];
            column[j] -= column[i] * factors[i];
            values[i * rows + j] = column[i];
        }
        column[j] /= factors[j];
    }
}

static void invert_columns(selection *work, int64_t s)
{
    int64_t first = columns_of(work, s);
    if (first < FEW || rows_of(work, s) < SMALL)
        while (first-- > 0)
            invert_column(work, s, first);
    for (int64_t last = first; last > 0; last = first) {
        first = last > STRIP ? last - STRIP : 0;
        invert_below(work, s, first, last);
        invert_beside(work, s, first, last);
    }
}

static void keep_diagonal(selection *work, int64_t s)
{
    const wk_factor *pattern = &work->factor->pattern;
    int64_t size = work->factor->size, rows = rows_of(work, s);
    for (int64_t j = 0; j < wk_factor_columns(pattern, s); j++) {
        double *out = work->diagonal + pattern->order[pattern->first[s] + j] * size * size;
        for (int64_t a = 0; a < size; a++)
            for (int64_t b = 0; b < size; b++)
                out[a * size + b] = work->windows[s].values[(j * size + a) * rows + j * size + b];
    }
}

static wk_status invert_front(selection *work, int64_t s, wk_error *error)
{
    size_t rows = (size_t)rows_of(work, s);
    window *own = &work->windows[s];
    own->values = wk_memory_raw(rows * rows, sizeof *own->values, error);
    if (!own->values)
        return WK_MEMORY;
    take_from_parent(work, s);
    invert_columns(work, s);
    keep_diagonal(work, s);
    if (own->waiting == 0) {
        wk_memory_free(own->values);
        own->values = NULL;
    }
    return WK_OK;
}

static wk_status invert(selection *work, wk_error *error)
{
    const wk_factor *pattern = &work->factor->pattern;
    wk_status status = WK_OK;
    for (int64_t s = 0; s < pattern->blocks; s++)
        if (pattern->parent[s] >= 0)
            work->windows[pattern->parent[s]].waiting++;
    for (int64_t s = pattern->blocks - 1; s >= 0 && status == WK_OK; s--)
        status = invert_front(work, s, error);
    for (int64_t s = 0; s < pattern->blocks; s++)
        wk_memory_free(work->windows[s].values);
    return status;
}

wk_status wk_blocks_factor_inverse(double *diagonal, const wk_blocks_factor *factor,
                                   wk_error *error)
{
    const wk_factor *pattern = &factor->pattern;
    selection work = {.factor = factor, .diagonal = diagonal};
    wk_status status = WK_MEMORY;
    if ((work.windows = wk_memory_new((size_t)pattern->blocks, sizeof *work.windows, error)) &&
        (work.place = wk_memory_raw((size_t)pattern->nodes, sizeof *work.place, error)) &&
        (work.source = wk_memory_raw((size_t)factor->largest, sizeof *work.source, error)) &&
        (work.packed = wk_memory_raw((size_t)wk_product_work(), sizeof *work.packed, error)))
        status = invert(&work, error);
    wk_memory_free(work.windows);
    wk_memory_free(work.place);
    wk_memory_free(work.source);
    wk_memory_free(work.packed);
    return status;
}
