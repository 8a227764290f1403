#include "thin_plate_gram.h"

#include <string.h>

#include "lines.h"
#include "memory.h"
#include "parallel.h"
#include "thin_plate_kernel.h"

/* Places of a block, of a piece that is made or used at once, rows of sums of a piece. */
enum { BLOCK = 512, PIECE = 32, ROWS = 16 };

typedef struct gram {
    double *out;
    const wk_plate *plate;
    const wk_plate_places *places;
    const double *const *value;
    int64_t width, first, count; /* the block */
    double *block;               /* [BLOCK][width] */
    double *turned;              /* [width][BLOCK] */
    double *room;                /* [workers][centres] */
} gram;

static void functions_make(double *line, const gram *all, int64_t i, double *kernels)
{
    const wk_plate *plate = all->plate;
    int64_t m = plate->m;
    double share = all->places->share[i], u = all->places->u[i], v = all->places->v[i];
    double q[WK_PLATE_TERMS], p[WK_PLATE_TERMS];
    const wk_plate_drift *drift = &plate->drift;
    int terms = drift->terms;
    wk_plate_drift_terms(p, drift->degree, drift->half, u, v);
    wk_plate_kernel(kernels, plate->u, plate->v, plate->centres, u, v);
    wk_plate_drift_turn(drift, kernels);
    wk_plate_drift_below(drift, q, p);
    for (int c = 0; c < terms; c++)
        line[c] = share * p[c];
    for (int64_t k = 0; k < m; k++) {
        double part = wk_plate_drift_sum(plate->slant + terms * k, q, terms);
        line[terms + k] = share * (kernels[terms + k] - part);
    }
    for (int c = 0; c < 2; c++)
        line[terms + m + c] = share * all->value[c][i];
}

static wk_status piece_make(int64_t index, int worker, void *payload, int64_t *bytes,
                            wk_error *error)
{
    (void)bytes, (void)error;
    gram *all = payload;
    for (int64_t r = index * PIECE; r < (index + 1) * PIECE && r < all->count; r++) {
        double *line = all->block + r * all->width;
        functions_make(line, all, all->first + r, all->room + worker * all->plate->centres);
        for (int64_t k = 0; k < all->width; k++)
            all->turned[k * BLOCK + r] = line[k];
    }
    return WK_OK;
}

static wk_status rows_add(int64_t index, int worker, void *payload, int64_t *bytes, wk_error *error)
{
    (void)worker, (void)bytes, (void)error;
    gram *all = payload;
    int64_t width = all->width;
    for (int64_t r = 0; r < all->count; r += PIECE) {
        int64_t lines = all->count - r < PIECE ? all->count - r : PIECE;
        for (int64_t a = index * ROWS; a < (index + 1) * ROWS && a < width; a++)
            wk_lines_add(all->out + a * width + a, all->block + r * width + a, width,
                         all->turned + a * BLOCK + r, lines, width - a);
    }
    return WK_OK;
}

wk_status wk_plate_gram(double *out, const wk_plate *plate, const wk_plate_places *places,
                        const double *const value[2], const wk_context *context, wk_error *error)
{
    int64_t width = plate->m + plate->drift.terms + 2,
            workers = wk_parallel_workers(BLOCK, context);
    gram all = {.out = out, .plate = plate, .places = places, .value = value, .width = width};
    all.block = wk_memory_raw((size_t)(2 * BLOCK * width + workers * plate->centres),
                              sizeof *all.block, error);
    if (!all.block)
        return WK_MEMORY;
    all.turned = all.block + BLOCK * width;
    all.room = all.turned + width * BLOCK;
    memset(out, 0, (size_t)(width * width) * sizeof *out);
    for (all.first = 0; all.first < places->count; all.first += BLOCK) {
        int64_t left = places->count - all.first;
        all.count = left < BLOCK ? left : BLOCK;
        wk_parallel_for((all.count + PIECE - 1) / PIECE, NULL, piece_make, &all, context, NULL);
        wk_parallel_for((width + ROWS - 1) / ROWS, NULL, rows_add, &all, context, NULL);
    }
    wk_memory_free(all.block);
    return WK_OK;
}
