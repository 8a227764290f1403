#include "tally_walk.h"

#include <math.h>

enum { most_steps = 8 }; /* of Newton's method, towards one border */

static const double flat = 1e-9; /* cells a pixel: a coordinate that changes less stands still */

wk_tally_walk wk_tally_walk_open(const double cubic[2][4], const double gain[2], int64_t step,
                                 const int64_t first[2], int64_t columns, int64_t rows)
{
    wk_tally_walk out;
    double slopes[2], scale = 1.0 / (double)step;
    for (int k = 0; k < 2; k++)
        slopes[k] = scale * (cubic[k][1] + cubic[k][2] + 0.75 * cubic[k][3]);
    int steep = fabs(slopes[1] * gain[0]) > fabs(slopes[0] * gain[1]);
    for (int k = 0; k < 2; k++) {
        int from = k ? !steep : steep;
        double power = 1.0;
        for (int i = 0; i < 4; i++, power *= scale)
            out.cubics[k][i] = power * cubic[from][i];
        out.cubics[k][0] -= (double)first[from];
        out.last[k] = (double)((from ? rows : columns) - 1);
        out.stride[k] = from ? columns : 1;
    }
    out.slope = copysign(fmax(fabs(slopes[steep]), flat), slopes[steep]);
    out.width = 1.0 / out.slope;
    out.height = fmin(fmax(fabs(gain[!steep]), flat), 1.0);
    return out;
}

wk_tally_piece wk_tally_walk_start(const wk_tally_walk *all, double from)
{
    wk_tally_piece out = {.from = from, .to = from, .begin = wk_tally_walk_place(all, 1, from)};
    out.end = out.begin;
    /* one behind: the next piece steps into it */
    out.cell = (double)(int64_t)wk_tally_walk_place(all, 0, from) + (all->slope > 0.0 ? -1.0 : 1.0);
    return out;
}

/* Newton's method with the slope of the row's middle. */
double wk_tally_walk_border(const wk_tally_walk *all, double border, double guess)
{
    double step = 1.0;
    for (int i = 0; i < most_steps && !(fabs(step) < wk_tally_close); i++) {
        step = (border - wk_tally_cubic(all->cubics[0], guess)) * all->width;
        guess += step;
    }
    return guess;
}
