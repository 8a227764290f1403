#include "solve_blocks.h"

#include <string.h>

#include "memory.h"
#include "solve_column.h"

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
    double *product;  /* [largest front] */
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
    int64_t rows = rows_of(work, s);
    double *values = work->windows[s].values, *product = work->product;
    const double *lower = work->factor->lower + work->factor->panel[s] + k * rows;
    wk_columns after = {values + (k + 1) * rows, rows, rows - k - 1};
    memset(product, 0, (size_t)rows * sizeof *product);
    wk_columns_add(product, &after, lower + k + 1);
    double sum = 0.0;
    for (int64_t i = k + 1; i < rows; i++) {
        double value = -product[i] / lower[k];
        values[k * rows + i] = values[i * rows + k] = value;
        sum += lower[i] * value;
    }
    values[k * rows + k] = (1.0 / lower[k] - sum) / lower[k];
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
    own->values = wk_memory_new(rows * rows, sizeof *own->values, error);
    if (!own->values)
        return WK_MEMORY;
    take_from_parent(work, s);
    for (int64_t k = columns_of(work, s); k-- > 0;)
        invert_column(work, s, k);
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
        (work.product = wk_memory_raw((size_t)factor->largest, sizeof *work.product, error)))
        status = invert(&work, error);
    wk_memory_free(work.windows);
    wk_memory_free(work.place);
    wk_memory_free(work.source);
    wk_memory_free(work.product);
    return status;
}
