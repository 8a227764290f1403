#include "offset_survey.h"

#include <math.h>
#include <string.h>

#include "moment.h"

typedef double double4 __attribute__((vector_size(32)));
typedef int64_t long4 __attribute__((vector_size(32)));

enum { LANES = 4 };

/* a where the mask is set, else b. */
#define CHOOSE(mask, a, b) ((double4)(((long4)(a) & (mask)) | ((long4)(b) & ~(mask))))

wk_offset_tally wk_offset_tally_start(void)
{
    return (wk_offset_tally){.min = {INFINITY, INFINITY}, .max = {-INFINITY, -INFINITY}};
}

typedef struct lanes {
    double4 min, max, sum;
    long4 known;
} lanes;

/* The values of a row in four lanes by index; what is left at its end goes to the first ones. */
WK_INLINE void gather(lanes *out, const double *values, int64_t count)
{
    double4 min = {INFINITY, INFINITY, INFINITY, INFINITY}, max = -min, sum = {0};
    long4 known = {0};
    for (int64_t i = 0; i < count; i += LANES) {
        double4 v = {NAN, NAN, NAN, NAN}, none = {0};
        memcpy(&v, values + i, (size_t)(count - i < LANES ? count - i : LANES) * sizeof *values);
        long4 good = v == v;
        min = CHOOSE(v < min, v, min);
        max = CHOOSE(v > max, v, max);
        sum += CHOOSE(good, v, none);
        known -= good;
    }
    *out = (lanes){min, max, sum, known};
}

WK_INLINE double apart(const double *a, const double *b, int64_t count)
{
    double4 best = {0};
    double rest = 0;
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        double4 p, q;
        memcpy(&p, a + i, sizeof p);
        memcpy(&q, b + i, sizeof q);
        double4 d = p - q, size = CHOOSE(d < 0, -d, d);
        best = CHOOSE(size > best, size, best);
    }
    for (; i < count; i++) {
        double size = fabs(a[i] - b[i]);
        rest = size > rest ? size : rest;
    }
    for (int k = 0; k < LANES; k++)
        rest = best[k] > rest ? best[k] : rest;
    return rest;
}

/* Largest |left + right + below + above - 4 own| of the inner pixels. */
WK_INLINE double bend(const double *below, const double *middle, const double *above, int64_t count)
{
    double4 best = {0};
    double rest = 0;
    int64_t i = 1;
    for (; i + LANES < count; i += LANES) {
        double4 a, b, l, r, m;
        memcpy(&a, above + i, sizeof a);
        memcpy(&b, below + i, sizeof b);
        memcpy(&l, middle + i - 1, sizeof l);
        memcpy(&r, middle + i + 1, sizeof r);
        memcpy(&m, middle + i, sizeof m);
        double4 d = a + b + l + r - 4 * m, size = CHOOSE(d < 0, -d, d);
        best = CHOOSE(size > best, size, best);
    }
    for (; i + 1 < count; i++) {
        double size = fabs(above[i] + below[i] + middle[i - 1] + middle[i + 1] - 4 * middle[i]);
        rest = size > rest ? size : rest;
    }
    for (int k = 0; k < LANES; k++)
        rest = best[k] > rest ? best[k] : rest;
    return rest;
}

WK_WIDE static void gather_wide(lanes *out, const double *values, int64_t count)
{
    gather(out, values, count);
}

static void gather_narrow(lanes *out, const double *values, int64_t count)
{
    gather(out, values, count);
}

WK_WIDE static double apart_wide(const double *a, const double *b, int64_t count)
{
    return apart(a, b, count);
}

WK_WIDE static double bend_wide(const double *below, const double *middle, const double *above,
                                int64_t count)
{
    return bend(below, middle, above, count);
}

double wk_offset_apart(const double *a, const double *b, int64_t count)
{
    return wk_wide_usable() ? apart_wide(a, b, count) : apart(a, b, count);
}

void wk_offset_tally_row(wk_offset_tally *tally, const double *x, const double *y, int64_t count)
{
    const double *const values[2] = {x, y};
    int64_t known[2] = {0, 0};
    for (int axis = 0; axis < 2; axis++) {
        lanes all;
        if (wk_wide_usable())
            gather_wide(&all, values[axis], count);
        else
            gather_narrow(&all, values[axis], count);
        for (int k = 0; k < LANES; k++) {
            tally->min[axis] = fmin(tally->min[axis], all.min[k]);
            tally->max[axis] = fmax(tally->max[axis], all.max[k]);
            known[axis] += all.known[k];
        }
        tally->sum[axis] += (all.sum[0] + all.sum[1]) + (all.sum[2] + all.sum[3]);
        tally->known[axis] += known[axis];
    }
    tally->unknown += count - (known[0] < known[1] ? known[0] : known[1]);
}

void wk_offset_tally_errors(wk_offset_tally *tally, const double *x, const double *y,
                            const uint8_t *flag, int64_t count)
{
    double sum[2] = {0, 0};
    int64_t outside = 0;
    for (int64_t i = 0; i < count; i++) {
        tally->judged[0] += !isnan(x[i]);
        tally->judged[1] += !isnan(y[i]);
        sum[0] += isnan(x[i]) ? 0 : x[i] * x[i];
        sum[1] += isnan(y[i]) ? 0 : y[i] * y[i];
        outside += (flag[i] & WK_OFFSET_OUTSIDE) != 0;
    }
    tally->square[0] += sum[0];
    tally->square[1] += sum[1];
    tally->outside += outside;
}

static void note_jump(wk_offset_tally *tally, const double *a, const double *b, int64_t count,
                      int64_t row)
{
    double size = wk_offset_apart(a, b, count);
    if (!(size > tally->jump))
        return;
    for (int64_t i = 0; i < count; i++)
        if (fabs(a[i] - b[i]) == size) {
            tally->jump = size;
            tally->jump_x = i;
            tally->jump_y = row;
            return;
        }
}

void wk_offset_tally_jumps(wk_offset_tally *tally, const double *below, const double *middle,
                           const double *above, int64_t row, int64_t count)
{
    note_jump(tally, middle, middle + 1, count - 1, row);
    if (above)
        note_jump(tally, middle, above, count, row);
    if (above && below && count > 2) {
        double size = wk_wide_usable() ? bend_wide(below, middle, above, count)
                                       : bend(below, middle, above, count);
        tally->bend = size > tally->bend ? size : tally->bend;
    }
}

void wk_offset_tally_join(wk_offset_tally *all, const wk_offset_tally *part)
{
    for (int axis = 0; axis < 2; axis++) {
        all->min[axis] = fmin(all->min[axis], part->min[axis]);
        all->max[axis] = fmax(all->max[axis], part->max[axis]);
        all->sum[axis] += part->sum[axis];
        all->square[axis] += part->square[axis];
        all->known[axis] += part->known[axis];
        all->judged[axis] += part->judged[axis];
    }
    all->unknown += part->unknown;
    all->outside += part->outside;
    all->bend = fmax(all->bend, part->bend);
    if (part->jump > all->jump) {
        all->jump = part->jump;
        all->jump_x = part->jump_x;
        all->jump_y = part->jump_y;
    }
}

wk_offset_summary wk_offset_tally_summary(const wk_offset_tally *tally, int errors)
{
    wk_offset_summary s = {.unknown = tally->unknown,
                           .largest_jump = tally->jump,
                           .jump_x = tally->jump_x,
                           .jump_y = tally->jump_y,
                           .largest_bend = tally->bend,
                           .error = {NAN, NAN},
                           .outside = errors ? tally->outside : -1};
    for (int axis = 0; axis < 2; axis++) {
        const double known = (double)tally->known[axis];
        s.min[axis] = known > 0 ? tally->min[axis] : (double)NAN;
        s.max[axis] = known > 0 ? tally->max[axis] : (double)NAN;
        s.mean[axis] = tally->sum[axis] / known;
        if (errors)
            s.error[axis] = sqrt(tally->square[axis] / (double)tally->judged[axis]);
    }
    return s;
}
