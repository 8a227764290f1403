#include "solve_factor.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "memory.h"
#include "solve_pattern.h"
#include "status.h"

/* What a block leaves for its parent: conductances between its rows below and to the ground, as
 * columns of size + 1 numbers of which those below the diagonal are used.  As many unused numbers
 * as the block has own columns stand before, so that a row has one number in panel and rest. */
typedef struct wk_rest {
    double *weight, *noise; /* noise NULL without noise */
    int64_t size;
    int64_t next; /* another child of the same parent; -1: none */
} wk_rest;

typedef struct elimination {
    wk_factor *factor;
    const wk_network *network;
    wk_rest *remainders; /* [blocks] */
    int64_t *child;      /* [blocks] first child whose remainder waits; -1: none */
    int64_t *place;      /* [nodes] place of a step among the rows of the block at hand */
} elimination;

/* The front of one block: panel columns, then the remainder's. */
typedef struct wk_front {
    double *panel, *rest;
    int64_t columns, rows;
} wk_front;

int64_t wk_factor_columns(const wk_factor *factor, int64_t block)
{
    return factor->first[block + 1] - factor->first[block];
}

int64_t wk_factor_rows(const wk_factor *factor, int64_t block)
{
    return factor->begin[block + 1] - factor->begin[block];
}

/* Where column j keeps its row 0; rows above j are never touched. */
static double *column_of(const wk_front *front, int64_t j)
{
    if (j < front->columns)
        return front->panel + j * (front->rows + 1);
    int64_t size = front->rows - front->columns;
    return front->rest + (j - front->columns) * (size + 1);
}

static wk_front weight_front(const elimination *work, int64_t s)
{
    const wk_factor *factor = work->factor;
    return (wk_front){factor->share + factor->panel[s], work->remainders[s].weight,
                      wk_factor_columns(factor, s), wk_factor_rows(factor, s)};
}

static wk_front noise_front(const elimination *work, int64_t s)
{
    wk_front front = weight_front(work, s);
    front.panel = work->factor->change + work->factor->panel[s];
    front.rest = work->remainders[s].noise;
    return front;
}

static void add_links(const elimination *work, int64_t s, const wk_front *front,
                      const double *values, const double *ground)
{
    const wk_factor *factor = work->factor;
    const wk_network *network = work->network;
    for (int64_t j = 0; j < front->columns; j++) {
        int64_t step = factor->first[s] + j, node = factor->order[step];
        double *column = column_of(front, j);
        column[front->rows] += ground[node];
        for (int64_t p = network->start[node]; p < network->start[node + 1]; p++) {
            int64_t other = factor->step[network->node[p]];
            if (other > step)
                column[work->place[other]] += values[p];
        }
    }
}

static void add_remainder(const elimination *work, const wk_front *front, int64_t child,
                          const double *values)
{
    const wk_factor *factor = work->factor;
    const int64_t *rows = factor->row + factor->begin[child] + wk_factor_columns(factor, child);
    int64_t size = work->remainders[child].size;
    values += wk_factor_columns(factor, child);
    for (int64_t b = 0; b < size; b++, values += size + 1) {
        double *column = column_of(front, work->place[rows[b]]);
        for (int64_t a = b + 1; a < size; a++)
            column[work->place[rows[a]]] += values[a];
        column[front->rows] += values[size];
    }
}

static void drop_remainder(wk_rest *rest)
{
    wk_memory_free(rest->weight);
    wk_memory_free(rest->noise);
    rest->weight = rest->noise = NULL;
}

static void assemble(elimination *work, int64_t s, const wk_front *weight, const wk_front *noise)
{
    const wk_factor *factor = work->factor;
    const int64_t *rows = factor->row + factor->begin[s];
    for (int64_t a = 0; a < weight->rows; a++)
        work->place[rows[a]] = a;
    add_links(work, s, weight, work->network->weight, work->network->ground_weight);
    if (noise)
        add_links(work, s, noise, work->network->noise, work->network->ground_noise);
    for (int64_t c = work->child[s]; c >= 0; c = work->remainders[c].next) {
        add_remainder(work, weight, c, work->remainders[c].weight);
        if (noise)
            add_remainder(work, noise, c, work->remainders[c].noise);
        drop_remainder(&work->remainders[c]);
    }
}

static double sum_below(const double *column, int64_t k, int64_t rows)
{
    double sum = 0;
    for (int64_t i = k + 1; i <= rows; i++)
        sum += column[i];
    return sum;
}

/* target += u * a + v * b below its diagonal */
static void add_two(double *restrict target, const double *restrict u, double a,
                    const double *restrict v, double b, int64_t from, int64_t to)
{
    for (int64_t i = from; i <= to; i++)
        target[i] += u[i] * a + v[i] * b;
}

/* Turn column k's conductances into shares of their sum, and its noise m into m - e share / 2, e
 * the sum of the noise: with that, the mesh changes by share p' + p share'. */
static wk_status divide_column(wk_factor *factor, int64_t step, double *weight, double *noise,
                               int64_t k, int64_t rows, wk_error *error)
{
    double pivot = sum_below(weight, k, rows);
    if (!(pivot > 0) || !isfinite(pivot))
        return wk_error_set(error, WK_NO_CONVERGENCE, "",
                            "the factorisation failed at pivot %" PRId64 " of %" PRId64
                            ", which is %g",
                            step, factor->nodes, pivot);
    factor->pivot[step] = pivot;
    for (int64_t i = k + 1; i <= rows; i++)
        weight[i] /= pivot;
    if (noise) {
        double sum = sum_below(noise, k, rows);
        factor->pivot_noise[step] = sum;
        for (int64_t i = k + 1; i <= rows; i++)
            noise[i] -= 0.5 * sum * weight[i];
    }
    return WK_OK;
}

static wk_status eliminate_panel(wk_factor *factor, int64_t s, const wk_front *weight,
                                 const wk_front *noise, wk_error *error)
{
    int64_t rows = weight->rows;
    for (int64_t k = 0; k < weight->columns; k++) {
        int64_t step = factor->first[s] + k;
        double *share = column_of(weight, k), *half = noise ? column_of(noise, k) : NULL;
        wk_status status = divide_column(factor, step, share, half, k, rows, error);
        if (status)
            return status;
        double pivot = factor->pivot[step];
        for (int64_t j = k + 1; j < weight->columns; j++) {
            double *target = column_of(weight, j), along = pivot * share[j];
            for (int64_t i = j + 1; i <= rows; i++)
                target[i] += share[i] * along;
            if (noise)
                add_two(column_of(noise, j), share, half[j], half, share[j], j + 1, rows);
        }
    }
    return WK_OK;
}

/* Two panel columns a pass halve the traffic of the target. */
static void add_mesh(const wk_factor *factor, int64_t s, const wk_front *weight)
{
    int64_t rows = weight->rows;
    const double *pivot = factor->pivot + factor->first[s];
    for (int64_t j = weight->columns; j < rows; j++) {
        double *target = column_of(weight, j);
        int64_t k = 0;
        for (; k + 1 < weight->columns; k += 2) {
            const double *u = column_of(weight, k), *v = column_of(weight, k + 1);
            add_two(target, u, pivot[k] * u[j], v, pivot[k + 1] * v[j], j + 1, rows);
        }
        if (k < weight->columns) {
            const double *u = column_of(weight, k);
            double along = pivot[k] * u[j];
            for (int64_t i = j + 1; i <= rows; i++)
                target[i] += u[i] * along;
        }
    }
}

static void add_noise_mesh(const wk_front *weight, const wk_front *noise)
{
    for (int64_t j = weight->columns; j < weight->rows; j++) {
        for (int64_t k = 0; k < weight->columns; k++) {
            const double *share = column_of(weight, k), *half = column_of(noise, k);
            add_two(column_of(noise, j), share, half[j], half, share[j], j + 1, weight->rows);
        }
    }
}

/* From m - e share / 2 to the change of the share, (m - e share) / pivot. */
static void finish_noise(const wk_factor *factor, int64_t s, const wk_front *weight,
                         const wk_front *noise)
{
    for (int64_t k = 0; k < weight->columns; k++) {
        int64_t step = factor->first[s] + k;
        double half = 0.5 * factor->pivot_noise[step];
        const double *share = column_of(weight, k);
        double *change = column_of(noise, k);
        for (int64_t i = k + 1; i <= weight->rows; i++)
            change[i] = (change[i] - half * share[i]) / factor->pivot[step];
    }
}

static wk_status make_remainder(elimination *work, int64_t s, int noise, wk_error *error)
{
    wk_rest *rest = &work->remainders[s];
    int64_t columns = wk_factor_columns(work->factor, s);
    rest->size = wk_factor_rows(work->factor, s) - columns;
    if (rest->size == 0)
        return WK_OK;
    size_t room = (size_t)(columns + rest->size * (rest->size + 1));
    if (!(rest->weight = wk_memory_new(room, sizeof(double), error)) ||
        (noise && !(rest->noise = wk_memory_new(room, sizeof(double), error))))
        return WK_MEMORY;
    int64_t parent = work->factor->parent[s];
    rest->next = work->child[parent];
    work->child[parent] = s;
    return WK_OK;
}

static wk_status eliminate_block(elimination *work, int64_t s, wk_error *error)
{
    int with_noise = work->factor->change != NULL;
    wk_status status = make_remainder(work, s, with_noise, error);
    if (status)
        return status;
    wk_front weight = weight_front(work, s), noise = {0};
    if (with_noise)
        noise = noise_front(work, s);
    assemble(work, s, &weight, with_noise ? &noise : NULL);
    status = eliminate_panel(work->factor, s, &weight, with_noise ? &noise : NULL, error);
    if (status)
        return status;
    add_mesh(work->factor, s, &weight);
    if (with_noise) {
        add_noise_mesh(&weight, &noise);
        finish_noise(work->factor, s, &weight, &noise);
    }
    return WK_OK;
}

static wk_status eliminate(elimination *work, wk_error *error)
{
    wk_status status = WK_OK;
    for (int64_t s = 0; s < work->factor->blocks; s++)
        work->child[s] = -1;
    for (int64_t s = 0; s < work->factor->blocks && !status; s++)
        status = eliminate_block(work, s, error);
    for (int64_t s = 0; s < work->factor->blocks; s++)
        drop_remainder(&work->remainders[s]);
    return status;
}

static wk_status reserve(wk_factor *factor, int noise, wk_error *error)
{
    size_t n = (size_t)factor->nodes, room = (size_t)factor->panel[factor->blocks];
    if (!(factor->share = wk_memory_new(room, sizeof(double), error)) ||
        !(factor->pivot = wk_memory_raw(n, sizeof(double), error)))
        return WK_MEMORY;
    if (noise && (!(factor->change = wk_memory_new(room, sizeof(double), error)) ||
                  !(factor->pivot_noise = wk_memory_raw(n, sizeof(double), error))))
        return WK_MEMORY;
    return WK_OK;
}

wk_status wk_factor_fill(wk_factor *factor, const wk_network *network, int noise, wk_error *error)
{
    memset(factor, 0, sizeof *factor);
    wk_status status = wk_factor_analyse(factor, network, error);
    if (!status)
        status = reserve(factor, noise, error);
    if (status)
        return status;
    size_t blocks = (size_t)factor->blocks;
    elimination work = {.factor = factor, .network = network};
    status = WK_MEMORY;
    if ((work.remainders = wk_memory_new(blocks, sizeof *work.remainders, error)) &&
        (work.child = wk_memory_raw(blocks, sizeof *work.child, error)) &&
        (work.place = wk_memory_raw((size_t)factor->nodes, sizeof *work.place, error)))
        status = eliminate(&work, error);
    wk_memory_free(work.remainders);
    wk_memory_free(work.child);
    wk_memory_free(work.place);
    return status;
}

static void solve_forward(double *x, const wk_factor *factor, int64_t s)
{
    const int64_t *rows = factor->row + factor->begin[s];
    const double *share = factor->share + factor->panel[s];
    int64_t count = wk_factor_rows(factor, s), columns = wk_factor_columns(factor, s);
    for (int64_t k = 0; k < columns; k++, share += count + 1) {
        double value = x[rows[k]];
        for (int64_t i = k + 1; i < count; i++)
            x[rows[i]] += share[i] * value;
    }
}

static void solve_backward(double *x, const wk_factor *factor, int64_t s)
{
    const int64_t *rows = factor->row + factor->begin[s];
    int64_t count = wk_factor_rows(factor, s);
    for (int64_t k = wk_factor_columns(factor, s) - 1; k >= 0; k--) {
        const double *share = factor->share + factor->panel[s] + k * (count + 1);
        double value = x[rows[k]] / factor->pivot[rows[k]];
        for (int64_t i = k + 1; i < count; i++)
            value += share[i] * x[rows[i]];
        x[rows[k]] = value;
    }
}

void wk_factor_solve(double *x, const wk_factor *factor, double *work)
{
    for (int64_t i = 0; i < factor->nodes; i++)
        work[i] = x[factor->order[i]];
    for (int64_t s = 0; s < factor->blocks; s++)
        solve_forward(work, factor, s);
    for (int64_t s = factor->blocks - 1; s >= 0; s--)
        solve_backward(work, factor, s);
    for (int64_t i = 0; i < factor->nodes; i++)
        x[factor->order[i]] = work[i];
}

void wk_factor_clear(wk_factor *factor)
{
    wk_memory_free(factor->order);
    wk_memory_free(factor->step);
    wk_memory_free(factor->first);
    wk_memory_free(factor->parent);
    wk_memory_free(factor->begin);
    wk_memory_free(factor->row);
    wk_memory_free(factor->panel);
    wk_memory_free(factor->share);
    wk_memory_free(factor->pivot);
    wk_memory_free(factor->change);
    wk_memory_free(factor->pivot_noise);
    memset(factor, 0, sizeof *factor);
}
