#include "solve_blocks.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "memory.h"
#include "solve_column.h"
#include "solve_pattern.h"
#include "solve_product.h"
#include "status.h"

static void count_neighbours(wk_blocks *blocks, const int64_t (*pairs)[2], int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        for (int k = 0; k < 2; k++)
            blocks->start[pairs[i][k] + 1]++;
    for (int64_t i = 0; i < blocks->nodes; i++)
        blocks->start[i + 1] += blocks->start[i];
}

/* With the pairs in order, a node meets its lower neighbours first and each list ascends. */
static void list_neighbours(wk_blocks *blocks, const int64_t (*pairs)[2], int64_t count,
                            int64_t *filled)
{
    memcpy(filled, blocks->start, (size_t)blocks->nodes * sizeof *filled);
    for (int64_t i = 0; i < count; i++)
        blocks->node[filled[pairs[i][1]]++] = pairs[i][0];
    for (int64_t i = 0; i < count; i++)
        blocks->node[filled[pairs[i][0]]++] = pairs[i][1];
}

wk_status wk_blocks_create(wk_blocks *blocks, int64_t nodes, int64_t size,
                           const int64_t (*pairs)[2], int64_t count, wk_error *error)
{
    size_t square = (size_t)(size * size);
    *blocks = (wk_blocks){.nodes = nodes, .size = size};
    int64_t *filled = wk_memory_raw((size_t)nodes, sizeof *filled, error);
    wk_status status = WK_MEMORY;
    if (filled &&
        (blocks->start = wk_memory_new((size_t)nodes + 1, sizeof *blocks->start, error)) &&
        (blocks->node = wk_memory_raw(2 * (size_t)count, sizeof *blocks->node, error)) &&
        (blocks->diagonal = wk_memory_new((size_t)nodes * square, sizeof(double), error)) &&
        (blocks->block = wk_memory_new(2 * (size_t)count * square, sizeof(double), error))) {
        count_neighbours(blocks, pairs, count);
        list_neighbours(blocks, pairs, count, filled);
        status = WK_OK;
    }
    wk_memory_free(filled);
    return status;
}

void wk_blocks_clear(wk_blocks *blocks)
{
    wk_memory_free(blocks->start);
    wk_memory_free(blocks->node);
    wk_memory_free(blocks->diagonal);
    wk_memory_free(blocks->block);
    memset(blocks, 0, sizeof *blocks);
}

double *wk_blocks_find(const wk_blocks *blocks, int64_t a, int64_t b)
{
    int64_t low = blocks->start[a], high = blocks->start[a + 1];
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (blocks->node[middle] < b)
            low = middle + 1;
        else
            high = middle;
    }
    int found = low < blocks->start[a + 1] && blocks->node[low] == b;
    return found ? blocks->block + low * blocks->size * blocks->size : NULL;
}

static void add_product(double *product, const double *block, const double *x, int64_t size)
{
    for (int64_t r = 0; r < size; r++)
        for (int64_t c = 0; c < size; c++)
            product[r] += block[r * size + c] * x[c];
}

void wk_blocks_multiply(double *product, const wk_blocks *blocks, const double *x)
{
    int64_t size = blocks->size, square = size * size;
    memset(product, 0, (size_t)(blocks->nodes * size) * sizeof *product);
    for (int64_t i = 0; i < blocks->nodes; i++) {
        add_product(product + i * size, blocks->diagonal + i * square, x + i * size, size);
        for (int64_t p = blocks->start[i]; p < blocks->start[i + 1]; p++)
            add_product(product + i * size, blocks->block + p * square, x + blocks->node[p] * size,
                        size);
    }
}

/* Columns that are eliminated one by one before the rest of a front hears of them; fronts with less
 * rows than in SMALL do not repay the packing of products. */
enum { STRIP = 32, SMALL = 24 };

/* What a front leaves for its parent: columns of size numbers, used from the diagonal on. */
typedef struct residue {
    double *values;
    int64_t size; /* unknowns */
    int64_t next; /* another child of the same parent; -1: none */
} residue;

typedef struct elimination {
    wk_blocks_factor *factor;
    const wk_blocks *blocks;
    residue *remainders; /* [fronts] */
    int64_t *child;      /* [fronts] first child whose residue waits; -1: none */
    int64_t *place;      /* [nodes] place of a step among the rows of the front at hand */
    int64_t *target;     /* [largest] where the unknowns of a child are in the front at hand */
    double *packed;      /* for products */
} elimination;

/* A front: own columns, then the residue's, in unknowns. */
typedef struct front {
    double *panel, *rest;
    int64_t columns, rows;
} front;

static front open_front(const elimination *work, int64_t s)
{
    const wk_factor *pattern = &work->factor->pattern;
    int64_t size = work->factor->size;
    return (front){work->factor->lower + work->factor->panel[s], work->remainders[s].values,
                   size * wk_factor_columns(pattern, s), size * wk_factor_rows(pattern, s)};
}

/* Where column j keeps its row 0, of which rows above j may not be touched. */
static double *column_of(const front *all, int64_t j)
{
    if (j < all->columns)
        return all->panel + j * all->rows;
    int64_t size = all->rows - all->columns;
    return all->rest + (j - all->columns) * size - all->columns;
}

static void add_block(const front *all, const double *block, int64_t row, int64_t column,
                      int64_t size)
{
    for (int64_t c = 0; c < size; c++)
        for (int64_t r = 0; r < size; r++)
            column_of(all, column * size + c)[row * size + r] += block[c * size + r];
}

static void add_own(const elimination *work, int64_t s, const front *all)
{
    const wk_factor *pattern = &work->factor->pattern;
    const wk_blocks *blocks = work->blocks;
    int64_t size = blocks->size, square = size * size;
    for (int64_t j = 0; j < wk_factor_columns(pattern, s); j++) {
        int64_t step = pattern->first[s] + j, node = pattern->order[step];
        add_block(all, blocks->diagonal + node * square, j, j, size);
        for (int64_t p = blocks->start[node]; p < blocks->start[node + 1]; p++) {
            int64_t other = pattern->step[blocks->node[p]];
            if (other > step)
                add_block(all, blocks->block + p * square, work->place[other], j, size);
        }
    }
}

static void add_remainder(const elimination *work, const front *all, int64_t child)
{
    const wk_factor *pattern = &work->factor->pattern;
    const int64_t *rows = pattern->row + pattern->begin[child] + wk_factor_columns(pattern, child);
    int64_t size = work->factor->size, count = work->remainders[child].size;
    const double *values = work->remainders[child].values;
    for (int64_t a = 0; a < count; a++)
        work->target[a] = work->place[rows[a / size]] * size + a % size;
    for (int64_t b = 0; b < count; b++, values += count) {
        double *column = column_of(all, work->target[b]);
        for (int64_t a = b; a < count; a++)
            column[work->target[a]] += values[a];
    }
}

static void assemble(elimination *work, int64_t s, const front *all)
{
    const wk_factor *pattern = &work->factor->pattern;
    const int64_t *rows = pattern->row + pattern->begin[s];
    for (int64_t a = 0; a < wk_factor_rows(pattern, s); a++)
        work->place[rows[a]] = a;
    add_own(work, s, all);
    for (int64_t c = work->child[s]; c >= 0; c = work->remainders[c].next) {
        add_remainder(work, all, c);
        wk_memory_free(work->remainders[c].values);
        work->remainders[c].values = NULL;
    }
}

/* Columns first to last - 1, after those before first have been taken off. */
static wk_status eliminate_strip(const elimination *work, int64_t s, const front *all,
                                 int64_t first, int64_t last, wk_error *error)
{
    for (int64_t k = first; k < last; k++) {
        double *column = column_of(all, k);
        wk_columns earlier = {all->panel + first * all->rows, all->rows, k - first};
        wk_columns_take(column, &earlier, k, k, all->rows);
        if (!(column[k] > 0.0) || !isfinite(column[k]))
            return wk_error_set(error, WK_NO_CONVERGENCE, "",
                                "the factorisation failed at step %" PRId64 " of %" PRId64
                                ": the pivot is %g",
                                work->factor->pattern.first[s], work->blocks->nodes, column[k]);
        double root = sqrt(column[k]);
        for (int64_t i = k; i < all->rows; i++)
            column[i] /= root;
    }
    return WK_OK;
}

/* Take columns 0 to count - 1 off the lower half of a square, or of its first columns, whose
 * diagonal starts at row. */
static void take_off(const elimination *work, const front *all, double *target, int64_t stride,
                     int64_t row, int64_t columns, int64_t count)
{
    const wk_operand left = {all->panel + row, 1, all->rows};
    const wk_operand right = {all->panel + row, all->rows, 1};
    wk_product_subtract(target, stride, &left, &right, all->rows - row, count, columns, 1,
                        work->packed);
}

static wk_status eliminate_panel(const elimination *work, int64_t s, const front *all,
                                 wk_error *error)
{
    int64_t strip = all->rows < SMALL ? all->columns : STRIP;
    wk_status status = WK_OK;
    for (int64_t k = 0; k < all->columns && status == WK_OK; k += strip) {
        int64_t last = all->columns - k < strip ? all->columns : k + strip;
        if (k > 0)
            take_off(work, all, all->panel + k * all->rows + k, all->rows, k, last - k, k);
        status = eliminate_strip(work, s, all, k, last, error);
    }
    return status;
}

static void eliminate_rest(const elimination *work, const front *all)
{
    wk_columns panel = {all->panel, all->rows, all->columns};
    int64_t size = all->rows - all->columns;
    if (all->rows >= SMALL)
        take_off(work, all, all->rest, size, all->columns, size, all->columns);
    for (int64_t j = all->columns; j < all->rows && all->rows < SMALL; j++)
        wk_columns_take(column_of(all, j), &panel, j, j, all->rows);
}

static wk_status make_remainder(elimination *work, int64_t s, wk_error *error)
{
    const wk_factor *pattern = &work->factor->pattern;
    residue *rest = &work->remainders[s];
    rest->size = work->factor->size * (wk_factor_rows(pattern, s) - wk_factor_columns(pattern, s));
    if (rest->size == 0)
        return WK_OK;
    rest->values = wk_memory_new((size_t)(rest->size * rest->size), sizeof(double), error);
    if (!rest->values)
        return WK_MEMORY;
    rest->next = work->child[pattern->parent[s]];
    work->child[pattern->parent[s]] = s;
    return WK_OK;
}

static wk_status eliminate_front(elimination *work, int64_t s, wk_error *error)
{
    wk_status status = make_remainder(work, s, error);
    if (status < 0)
        return status;
    front all = open_front(work, s);
    assemble(work, s, &all);
    status = eliminate_panel(work, s, &all, error);
    if (status == WK_OK && all.rest)
        eliminate_rest(work, &all);
    return status;
}

static wk_status eliminate(elimination *work, wk_error *error)
{
    wk_status status = WK_OK;
    int64_t fronts = work->factor->pattern.blocks;
    for (int64_t s = 0; s < fronts; s++)
        work->child[s] = -1;
    for (int64_t s = 0; s < fronts && status == WK_OK; s++)
        status = eliminate_front(work, s, error);
    for (int64_t s = 0; s < fronts; s++)
        wk_memory_free(work->remainders[s].values);
    return status;
}

static wk_status reserve(wk_blocks_factor *factor, wk_error *error)
{
    const wk_factor *pattern = &factor->pattern;
    int64_t size = factor->size;
    factor->panel = wk_memory_new((size_t)pattern->blocks + 1, sizeof *factor->panel, error);
    if (!factor->panel)
        return WK_MEMORY;
    for (int64_t s = 0; s < pattern->blocks; s++) {
        int64_t rows = size * wk_factor_rows(pattern, s);
        factor->panel[s + 1] = factor->panel[s] + rows * size * wk_factor_columns(pattern, s);
        if (rows > factor->largest)
            factor->largest = rows;
    }
    factor->lower =
        wk_memory_new((size_t)factor->panel[pattern->blocks], sizeof *factor->lower, error);
    return factor->lower ? WK_OK : WK_MEMORY;
}

wk_status wk_blocks_factor_fill(wk_blocks_factor *factor, const wk_blocks *blocks, wk_error *error)
{
    wk_network network = {.nodes = blocks->nodes, .start = blocks->start, .node = blocks->node};
    memset(factor, 0, sizeof *factor);
    factor->size = blocks->size;
    wk_status status = wk_factor_analyse(&factor->pattern, &network, error);
    if (status == WK_OK)
        status = reserve(factor, error);
    if (status < 0)
        return status;
    size_t fronts = (size_t)factor->pattern.blocks;
    elimination work = {.factor = factor, .blocks = blocks};
    status = WK_MEMORY;
    if ((work.remainders = wk_memory_new(fronts, sizeof *work.remainders, error)) &&
        (work.child = wk_memory_raw(fronts, sizeof *work.child, error)) &&
        (work.place = wk_memory_raw((size_t)blocks->nodes, sizeof *work.place, error)) &&
        (work.target = wk_memory_raw((size_t)factor->largest, sizeof *work.target, error)) &&
        (work.packed = wk_memory_raw((size_t)wk_product_work(), sizeof *work.packed, error)))
        status = eliminate(&work, error);
    wk_memory_free(work.remainders);
    wk_memory_free(work.child);
    wk_memory_free(work.place);
    wk_memory_free(work.target);
    wk_memory_free(work.packed);
    return status;
}

void wk_blocks_factor_clear(wk_blocks_factor *factor)
{
    wk_factor_clear(&factor->pattern);
    wk_memory_free(factor->panel);
    wk_memory_free(factor->lower);
    memset(factor, 0, sizeof *factor);
}

/* Copy a front's unknowns together, or back. */
static void gather(double *values, const double *x, const wk_blocks_factor *factor, int64_t s)
{
    const int64_t *rows = factor->pattern.row + factor->pattern.begin[s];
    size_t bytes = (size_t)factor->size * sizeof *x;
    for (int64_t i = 0; i < wk_factor_rows(&factor->pattern, s); i++)
        memcpy(values + i * factor->size, x + rows[i] * factor->size, bytes);
}

static void scatter(double *x, const double *values, const wk_blocks_factor *factor, int64_t s)
{
    const int64_t *rows = factor->pattern.row + factor->pattern.begin[s];
    size_t bytes = (size_t)factor->size * sizeof *x;
    for (int64_t i = 0; i < wk_factor_rows(&factor->pattern, s); i++)
        memcpy(x + rows[i] * factor->size, values + i * factor->size, bytes);
}

static void solve_forward(double *x, const wk_blocks_factor *factor, int64_t s, double *values)
{
    int64_t rows = factor->size * wk_factor_rows(&factor->pattern, s);
    int64_t columns = factor->size * wk_factor_columns(&factor->pattern, s);
    const double *column = factor->lower + factor->panel[s];
    gather(values, x, factor, s);
    for (int64_t k = 0; k < columns; k++, column += rows) {
        double value = values[k] /= column[k];
        for (int64_t i = k + 1; i < rows; i++)
            values[i] -= column[i] * value;
    }
    scatter(x, values, factor, s);
}

static void solve_backward(double *x, const wk_blocks_factor *factor, int64_t s, double *values)
{
    int64_t rows = factor->size * wk_factor_rows(&factor->pattern, s);
    int64_t columns = factor->size * wk_factor_columns(&factor->pattern, s);
    gather(values, x, factor, s);
    for (int64_t k = columns - 1; k >= 0; k--) {
        const double *column = factor->lower + factor->panel[s] + k * rows;
        double value = values[k];
        for (int64_t i = k + 1; i < rows; i++)
            value -= column[i] * values[i];
        values[k] = value / column[k];
    }
    scatter(x, values, factor, s);
}

void wk_blocks_factor_solve(double *x, const wk_blocks_factor *factor, double *work)
{
    const wk_factor *pattern = &factor->pattern;
    size_t bytes = (size_t)factor->size * sizeof *x;
    double *values = work + pattern->nodes * factor->size;
    for (int64_t i = 0; i < pattern->nodes; i++)
        memcpy(work + i * factor->size, x + pattern->order[i] * factor->size, bytes);
    for (int64_t s = 0; s < pattern->blocks; s++)
        solve_forward(work, factor, s, values);
    for (int64_t s = pattern->blocks - 1; s >= 0; s--)
        solve_backward(work, factor, s, values);
    for (int64_t i = 0; i < pattern->nodes; i++)
        memcpy(x + pattern->order[i] * factor->size, work + i * factor->size, bytes);
}
