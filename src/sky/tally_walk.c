#include "tally_walk.h"

#include <math.h>
#include <string.h>

wk_tally_spot wk_tally_walk_spot(const wk_tally_walk *all, int64_t i)
{
    double t = (double)i * all->scale;
    wk_tally_spot out = {wk_tally_cubic(all->u, t), wk_tally_cubic(all->v, t), 0};
    out.u = out.u > 0.0 ? out.u : 0.0;
    out.v = out.v > 0.0 ? out.v : 0.0;
    out.u = out.u < all->last_u ? out.u : all->last_u;
    out.v = out.v < all->last_v ? out.v : all->last_v;
    out.index = (int64_t)out.v * all->columns + (int64_t)out.u;
    return out;
}

wk_tally_walk wk_tally_walk_open(const double cubic[2][4], int64_t step, const int64_t first[2],
                                 int64_t columns, int64_t rows)
{
    wk_tally_walk out = {.scale = 1.0 / (double)step,
                         .last_u = (double)(columns - 1),
                         .last_v = (double)(rows - 1),
                         .columns = columns};
    memcpy(out.u, cubic[0], sizeof out.u);
    memcpy(out.v, cubic[1], sizeof out.v);
    out.u[0] -= (double)first[0];
    out.v[0] -= (double)first[1];
    for (int k = 0; k < 2; k++) {
        out.slope[k] = out.scale * (cubic[k][1] + cubic[k][2] + 0.75 * cubic[k][3]);
        out.steps[k] = 1.0 / fmax(fabs(out.slope[k]), 1e-9);
    }
    return out;
}

/* Pixels to the border of a cell that lies ahead. */
static double ahead(double place, double slope, double steps)
{
    double part = place - (double)(int64_t)place;
    return (slope > 0.0 ? 1.0 - part : part) * steps;
}

/* Where the run of pixels that begins at i and fall into one cell ends: guessed from the slopes,
 * and put right by the pixels before and after. */
int64_t wk_tally_walk_end(wk_tally_spot *next, const wk_tally_walk *all, const wk_tally_spot *from,
                          int64_t i, int64_t n)
{
    double guess = fmin(ahead(from->u, all->slope[0], all->steps[0]),
                        ahead(from->v, all->slope[1], all->steps[1]));
    int64_t end = i + 1 + (int64_t)fmin(guess, (double)n);
    end = end < n ? end : n;
    *next = *from;
    while (end > i + 1) {
        wk_tally_spot before = wk_tally_walk_spot(all, end - 1);
        if (before.index == from->index)
            break;
        *next = before;
        end--;
    }
    while (end < n && next->index == from->index) {
        *next = wk_tally_walk_spot(all, end);
        end += next->index == from->index;
    }
    return end;
}
