#include "summary_pass.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "moment.h"
#include "welkin/rows.h"

WK_INLINE void widen_body(double *restrict out, const float *restrict from, int n)
{
    for (int i = 0; i < n; i++)
        out[i] = (double)from[i];
}

WK_WIDE static void widen_wide(double *out, const float *from, int n)
{
    widen_body(out, from, n);
}

static void widen(double *out, const float *from, int n)
{
    if (wk_wide_usable())
        widen_wide(out, from, n);
    else
        widen_body(out, from, n);
}

static void take_off(double *restrict out, const wk_summary_image *image, int64_t first, int n)
{
    for (int i = 0; i < n; i++)
        out[i] -=
            image->minus_wide ? image->minus_wide[first + i] : (double)image->minus[first + i];
}

const double *wk_summary_fetch(const wk_summary_image *image, int64_t block, int *n, double *room)
{
    int64_t first = block * WK_SUMMARY_BLOCK, left = image->n - first;
    *n = left < WK_SUMMARY_BLOCK ? (int)left : WK_SUMMARY_BLOCK;
    int less = image->minus || image->minus_wide;
    if (image->wide && !less)
        return image->wide + first;
    if (image->wide)
        for (int i = 0; i < *n; i++)
            room[i] = image->wide[first + i];
    else
        widen(room, image->data + first, *n);
    if (less)
        take_off(room, image, first, *n);
    return room;
}

enum { PIECE = 16 };

/* Whether a whole piece lies in the set; most do. */
WK_INLINE int is_whole(const double *values, const uint8_t *bad, double lo, double hi)
{
    int64_t inside = 0;
    unsigned masked = 0;
    for (int i = 0; i < PIECE; i++)
        inside += (values[i] >= lo) & (values[i] <= hi);
    for (int i = 0; bad && i < PIECE; i++)
        masked |= bad[i];
    return inside == PIECE && !(masked & ~(unsigned)WK_BAD_VALUE);
}

WK_INLINE int keep_body(double *restrict out, const double *restrict values, const uint8_t *bad,
                        int n, double lo, double hi, int64_t *below)
{
    int kept = 0, less = 0;
    for (int i = 0; i < n;) {
        if (n - i >= PIECE && is_whole(values + i, bad ? bad + i : NULL, lo, hi)) {
            memcpy(out + kept, values + i, PIECE * sizeof *out);
            kept += PIECE;
            i += PIECE;
            continue;
        }
        for (int end = n - i < PIECE ? n : i + PIECE; i < end; i++) {
            double value = values[i];
            int usable = !(bad && (bad[i] & ~WK_BAD_VALUE));
            out[kept] = value;
            kept += usable & (value >= lo) & (value <= hi);
            less += usable & (value < lo) & (value >= -DBL_MAX);
        }
    }
    *below = less;
    return kept;
}

WK_WIDE static int keep_wide(double *out, const double *values, const uint8_t *bad, int n,
                             double lo, double hi, int64_t *below)
{
    return keep_body(out, values, bad, n, lo, hi, below);
}

int wk_summary_keep(double *out, const double *values, const uint8_t *bad, int n,
                    const wk_summary_set *set, int64_t *below)
{
    const uint8_t *masked = set->good ? bad : NULL;
    int64_t less;
    int kept = wk_wide_usable() ? keep_wide(out, values, masked, n, set->lo, set->hi, &less)
                                : keep_body(out, values, masked, n, set->lo, set->hi, &less);
    if (below)
        *below = less;
    return kept;
}

enum { LANES = 8 };

static double join_lanes(const double lane[LANES])
{
    return ((lane[0] + lane[4]) + (lane[2] + lane[6])) +
           ((lane[1] + lane[5]) + (lane[3] + lane[7]));
}

WK_INLINE double sum_body(const double *values, int n, double shift)
{
    double lane[LANES] = {0};
    int i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int k = 0; k < LANES; k++)
            lane[k] += values[i + k] - shift;
    for (int k = 0; i < n; i++, k++)
        lane[k] += values[i] - shift;
    return join_lanes(lane);
}

WK_INLINE double square_body(const double *values, int n, double mean)
{
    double lane[LANES] = {0};
    int i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int k = 0; k < LANES; k++)
            lane[k] += (values[i + k] - mean) * (values[i + k] - mean);
    for (int k = 0; i < n; i++, k++)
        lane[k] += (values[i] - mean) * (values[i] - mean);
    return join_lanes(lane);
}

WK_INLINE void extremes_body(double *min, double *max, const double *values, int n)
{
    double low[LANES], high[LANES];
    int i = 0;
    for (int k = 0; k < LANES; k++)
        low[k] = high[k] = values[0];
    for (; i + LANES <= n; i += LANES)
        for (int k = 0; k < LANES; k++) {
            low[k] = values[i + k] < low[k] ? values[i + k] : low[k];
            high[k] = values[i + k] > high[k] ? values[i + k] : high[k];
        }
    for (; i < n; i++) {
        low[0] = values[i] < low[0] ? values[i] : low[0];
        high[0] = values[i] > high[0] ? values[i] : high[0];
    }
    for (int k = 1; k < LANES; k++) {
        low[0] = low[k] < low[0] ? low[k] : low[0];
        high[0] = high[k] > high[0] ? high[k] : high[0];
    }
    *min = low[0];
    *max = high[0];
}

WK_INLINE wk_summary_part part_body(const double *values, int n, double shift)
{
    wk_summary_part part = {.n = n};
    part.sum = sum_body(values, n, shift);
    part.mean = shift + part.sum / n;
    part.square = square_body(values, n, part.mean);
    extremes_body(&part.min, &part.max, values, n);
    return part;
}

WK_WIDE static wk_summary_part part_wide(const double *values, int n, double shift)
{
    return part_body(values, n, shift);
}

wk_summary_part wk_summary_sum(const double *values, int n, double shift)
{
    if (n == 0)
        return (wk_summary_part){0};
    return wk_wide_usable() ? part_wide(values, n, shift) : part_body(values, n, shift);
}

/* Neumaier's sum: what many blocks lose in rounding is kept. */
static void add(double sum[2], double value)
{
    double next = sum[0] + value;
    sum[1] += fabs(sum[0]) >= fabs(value) ? (sum[0] - next) + value : (value - next) + sum[0];
    sum[0] = next;
}

void wk_summary_join(wk_summary_line *line, int64_t *below, const wk_summary_part *parts,
                     int64_t count, double shift)
{
    double sum[2] = {0}, square[2] = {0};
    const double none = (double)NAN;
    *line = (wk_summary_line){0, none, none, none, line->median, none};
    *below = 0;
    for (int64_t i = 0; i < count; i++) {
        *below += parts[i].below;
        if (!parts[i].n)
            continue;
        line->n += parts[i].n;
        line->min = fmin(line->min, parts[i].min);
        line->max = fmax(line->max, parts[i].max);
        add(sum, parts[i].sum);
    }
    if (!line->n)
        return;
    double off = (sum[0] + sum[1]) / (double)line->n;
    line->mean = shift + off;
    for (int64_t i = 0; i < count; i++)
        if (parts[i].n) {
            double step = parts[i].sum / (double)parts[i].n - off;
            add(square, parts[i].square);
            add(square, (double)parts[i].n * step * step);
        }
    line->std = sqrt((square[0] + square[1]) / (double)line->n);
}
