#include "tridiagonal.h"

#include <math.h>
#include <string.h>

#include "lines.h"
#include "memory.h"
#include "parallel.h"

/* Reflections in a panel; rows and columns of a piece of work; below SERIAL rows threads cost more
 * than they bring.  The product of matrix and vector is left to one thread: a region of threads for
 * each would wait thousands of times where cores are shared. */
enum { PANEL = 32, ROWS = 16, COLUMNS = 192, SERIAL = 400 };

typedef struct reduction {
    wk_tridiagonal *out;
    int64_t n;
    double *a;            /* [n][n]; row k holds reflection k in columns k + 1 and on */
    double *scale;        /* [n]; reflection k is 1 - scale[k] v v' */
    double *w;            /* [PANEL][n]; A <- A - v w' - w v' */
    double *part;         /* [PARTS][n] */
    double *block;        /* [PANEL][PANEL] of a product of reflections 1 - V block V' */
    double *room;         /* [workers][2 PANEL COLUMNS] */
    int64_t first, count; /* the panel */
    const wk_context *context;
} reduction;

static wk_status run(int64_t count, wk_parallel_body body, reduction *all, int64_t size)
{
    wk_context alone = {.threads = 1};
    return wk_parallel_for(count, NULL, body, all, size < SERIAL ? &alone : all->context, NULL);
}

double wk_tridiagonal_reflection(double *scale, double *values, int64_t count)
{
    double largest = 0.0, square = 0.0;
    *scale = 0.0;
    for (int64_t i = 0; i < count; i++)
        largest = fmax(largest, fabs(values[i]));
    if (count < 2 || !(largest > 0.0))
        return count > 0 ? values[0] : 0.0;
    for (int64_t i = 0; i < count; i++)
        square += (values[i] / largest) * (values[i] / largest);
    double length = copysign(largest * sqrt(square), values[0]);
    values[0] += length;
    *scale = 1.0 / (length * values[0]);
    return -length;
}

/* w = scale (A - V W' - W V') v, less what makes the update symmetric. */
static void update_vector(reduction *all, int64_t k)
{
    int64_t n = all->n, from = k + 1, size = n - from, before = k - all->first;
    double *w = all->w + before * n, factor[2 * PANEL];
    const double *v = all->a + k * n, *panel = all->a + all->first * n;
    memset(w + from, 0, (size_t)size * sizeof *w);
    wk_lines_symmetric(w, all->a, n, v, from, n, n);
    for (int64_t p = 0; p < before; p++) {
        factor[p] = -wk_lines_dot(all->w + p * n + from, v + from, size);
        factor[PANEL + p] = -wk_lines_dot(panel + p * n + from, v + from, size);
    }
    wk_lines_add(w + from, panel + from, n, factor, before, size);
    wk_lines_add(w + from, all->w + from, n, factor + PANEL, before, size);
    double scale = all->scale[k];
    double half = 0.5 * scale * scale * wk_lines_dot(w + from, v + from, size);
    for (int64_t j = from; j < n; j++)
        w[j] = scale * w[j] - half * v[j];
}

/* Row i as the first count reflections of the panel leave it, from column on. */
static void row_update(reduction *all, int64_t i, int64_t column, int64_t count)
{
    int64_t n = all->n;
    const double *panel = all->a + all->first * n;
    double *row = all->a + i * n, v[PANEL], w[PANEL];
    for (int64_t p = 0; p < count; p++) {
        v[p] = -panel[p * n + i];
        w[p] = -all->w[p * n + i];
    }
    wk_lines_add(row + column, all->w + column, n, v, count, n - column);
    wk_lines_add(row + column, panel + column, n, w, count, n - column);
}

static wk_status rows_update(int64_t index, int worker, void *payload, int64_t *bytes,
                             wk_error *error)
{
    (void)worker, (void)bytes, (void)error;
    reduction *all = payload;
    int64_t begin = all->first + all->count + index * ROWS;
    for (int64_t i = begin; i < begin + ROWS && i < all->n; i++)
        row_update(all, i, i, all->count);
    return WK_OK;
}

static void panel_reduce(reduction *all)
{
    int64_t n = all->n;
    for (int64_t k = all->first; k < all->first + all->count; k++) {
        double *row = all->a + k * n;
        row_update(all, k, k, k - all->first);
        all->out->diagonal[k] = row[k];
        all->out->side[k] = wk_tridiagonal_reflection(all->scale + k, row + k + 1, n - k - 1);
        if (all->scale[k] == 0.0)
            memset(row + k + 1, 0, (size_t)(n - k - 1) * sizeof *row);
        update_vector(all, k);
    }
}

static void reduce(reduction *all)
{
    for (all->first = 0; all->first < all->n; all->first += PANEL) {
        int64_t left = all->n - all->first;
        all->count = left < PANEL ? left : PANEL;
        panel_reduce(all);
        left -= all->count;
        run((left + ROWS - 1) / ROWS, rows_update, all, left);
    }
}

/* H_first ... H_last = 1 - V block V', block upper triangular. */
static void block_make(reduction *all)
{
    int64_t n = all->n;
    const double *panel = all->a + all->first * n;
    for (int64_t p = 0; p < all->count; p++) {
        int64_t from = all->first + p + 1;
        double scale = all->scale[all->first + p], *b = all->block, dots[PANEL];
        for (int64_t q = 0; q < p; q++)
            dots[q] = wk_lines_dot(panel + q * n + from, panel + p * n + from, n - from);
        for (int64_t q = 0; q < p; q++) {
            double sum = 0.0;
            for (int64_t r = q; r < p; r++)
                sum += b[q * PANEL + r] * dots[r];
            b[q * PANEL + p] = -scale * sum;
        }
        b[p * PANEL + p] = scale;
    }
}

/* Some columns of U <- U - V block V' U. */
static wk_status columns_turn(int64_t index, int worker, void *payload, int64_t *bytes,
                              wk_error *error)
{
    (void)bytes, (void)error;
    reduction *all = payload;
    int64_t n = all->n, count = all->count, from = all->first + 1;
    int64_t column = from + index * COLUMNS;
    int64_t width = n - column < COLUMNS ? n - column : COLUMNS;
    double *seen = all->room + (int64_t)worker * 2 * PANEL * COLUMNS;
    double *turned = seen + PANEL * COLUMNS, factor[PANEL];
    double *u = all->out->vectors + column;
    const double *panel = all->a + all->first * n;
    memset(seen, 0, 2 * PANEL * COLUMNS * sizeof *seen);
    for (int64_t p = 0; p < count; p++)
        wk_lines_add(seen + p * COLUMNS, u + (from + p) * n, n, panel + p * n + from + p,
                     n - from - p, width);
    for (int64_t p = 0; p < count; p++)
        wk_lines_add(turned + p * COLUMNS, seen + p * COLUMNS, COLUMNS, all->block + p * PANEL + p,
                     count - p, width);
    for (int64_t i = from; i < n; i++) {
        int64_t most =
            i - from + 1 < count ? i - from + 1 : count; /* vector p begins at from + p */
        for (int64_t p = 0; p < most; p++)
            factor[p] = -panel[p * n + i];
        wk_lines_add(u + i * n, turned, COLUMNS, factor, most, width);
    }
    return WK_OK;
}

/* U from the last panel to the first: what is done already is 1 outside the rows that are left. */
static void accumulate(reduction *all)
{
    int64_t n = all->n;
    memset(all->out->vectors, 0, (size_t)(n * n) * sizeof *all->out->vectors);
    for (int64_t i = 0; i < n; i++)
        all->out->vectors[i * n + i] = 1.0;
    for (all->first = (n - 1) / PANEL * PANEL; n > 0 && all->first >= 0; all->first -= PANEL) {
        int64_t left = n - all->first;
        all->count = left < PANEL ? left : PANEL;
        block_make(all);
        run((left - 1 + COLUMNS - 1) / COLUMNS, columns_turn, all, left);
    }
}

wk_status wk_tridiagonal_make(wk_tridiagonal *out, double *matrix, int64_t n,
                              const wk_context *context, wk_error *error)
{
    int64_t workers = wk_parallel_workers(n, context);
    size_t room = (size_t)(n * (1 + PANEL) + PANEL * PANEL);
    memset(out, 0, sizeof *out);
    out->n = n;
    out->diagonal = wk_memory_new((size_t)(2 * n), sizeof *out->diagonal, error);
    out->vectors = wk_memory_raw((size_t)(n * n), sizeof *out->vectors, error);
    double *scale =
        wk_memory_new(room + (size_t)(workers * 2 * PANEL * COLUMNS), sizeof *scale, error);
    if (!out->diagonal || !out->vectors || !scale) {
        wk_memory_free(scale);
        return WK_MEMORY;
    }
    out->side = out->diagonal + n;
    reduction all = {.out = out, .n = n, .a = matrix, .scale = scale, .context = context};
    all.w = scale + n;
    all.block = all.w + PANEL * n;
    all.room = all.block + PANEL * PANEL;
    reduce(&all);
    accumulate(&all);
    wk_memory_free(scale);
    return WK_OK;
}

void wk_tridiagonal_release(wk_tridiagonal *tridiagonal)
{
    wk_memory_free(tridiagonal->diagonal);
    wk_memory_free(tridiagonal->vectors);
    memset(tridiagonal, 0, sizeof *tridiagonal);
}
