#include "summary_sum.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "moment.h"

enum { PIECE = 16 };

/* Whether a whole piece lies in the range; most do. */
WK_INLINE int is_whole(const double *values, double lo, double hi)
{
    int64_t inside = 0;
    for (int i = 0; i < PIECE; i++)
        inside += (values[i] >= lo) & (values[i] <= hi);
    return inside == PIECE;
}

WK_INLINE int keep_body(double *out, const double *values, int n, double lo, double hi,
                        int64_t *below)
{
    int kept = 0, less = 0;
    for (int i = 0; i < n;) {
        if (n - i >= PIECE && is_whole(values + i, lo, hi)) {
            memmove(out + kept, values + i, PIECE * sizeof *out);
            kept += PIECE;
            i += PIECE;
            continue;
        }
        for (int end = n - i < PIECE ? n : i + PIECE; i < end; i++) {
            double value = values[i];
            out[kept] = value;
            kept += (value >= lo) & (value <= hi);
            less += (value < lo) & (value >= -DBL_MAX);
        }
    }
    *below = less;
    return kept;
}

WK_WIDE static int keep_wide(double *out, const double *values, int n, double lo, double hi,
                             int64_t *below)
{
    return keep_body(out, values, n, lo, hi, below);
}

int wk_summary_keep(double *out, const double *values, int n, double lo, double hi, int64_t *below)
{
    return wk_wide_usable() ? keep_wide(out, values, n, lo, hi, below)
                            : keep_body(out, values, n, lo, hi, below);
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

/* About shift + off: the sum of the two may be rounded, deviations from it are not. */
WK_INLINE double square_body(const double *values, int n, double shift, double off)
{
    double lane[LANES] = {0};
    int i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int k = 0; k < LANES; k++)
            lane[k] += (values[i + k] - shift - off) * (values[i + k] - shift - off);
    for (int k = 0; i < n; i++, k++)
        lane[k] += (values[i] - shift - off) * (values[i] - shift - off);
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
    part.square = square_body(values, n, shift, part.sum / n);
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

void wk_summary_append(wk_summary_part *part, const wk_summary_part *next)
{
    wk_summary_part both = *part;
    both.below += next->below;
    if (!part->n) {
        both = *next;
        both.below += part->below;
    } else if (next->n) {
        double step = next->mean - part->mean, n = (double)(part->n + next->n);
        both.n += next->n;
        both.sum += next->sum;
        both.mean += step * ((double)next->n / n);
        both.square += next->square + step * step * ((double)part->n * ((double)next->n / n));
        both.min = fmin(part->min, next->min);
        both.max = fmax(part->max, next->max);
    }
    *part = both;
}

void wk_summary_total_add(wk_summary_total *total, double value)
{
    double next = total->sum + value;
    total->rest +=
        fabs(total->sum) >= fabs(value) ? (total->sum - next) + value : (value - next) + total->sum;
    total->sum = next;
}

void wk_summary_join(wk_summary_line *line, int64_t *below, const wk_summary_part *parts,
                     int64_t count, double shift)
{
    wk_summary_total sum = {0}, square = {0};
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
        wk_summary_total_add(&sum, parts[i].sum);
    }
    if (!line->n)
        return;
    double off = (sum.sum + sum.rest) / (double)line->n;
    line->mean = shift + off;
    for (int64_t i = 0; i < count; i++)
        if (parts[i].n) {
            double step = parts[i].sum / (double)parts[i].n - off;
            wk_summary_total_add(&square, parts[i].square);
            wk_summary_total_add(&square, (double)parts[i].n * step * step);
        }
    line->std = sqrt((square.sum + square.rest) / (double)line->n);
}
