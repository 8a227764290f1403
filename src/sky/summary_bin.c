#include "summary_bin.h"

#include <float.h>
#include <math.h>

#include "moment.h"

/* Edges are rounded, too. */
wk_summary_bins wk_summary_bins_set(double *edges, int count, double low, double high)
{
    double step = (high - low) / count;
    for (int k = 0; k < count; k++)
        edges[k] = k * step + low;
    edges[count] = high;
    double scale = count / (high - low), most = fmax(fabs(low), fabs(high));
    return (wk_summary_bins){edges, count, low, scale, 1e-6 + 8 * DBL_EPSILON * most * scale};
}

/* A guess first. */
int wk_summary_bin(const wk_summary_bins *bins, double value)
{
    int bin = (int)((value - bins->low) * bins->scale);
    bin = bin < bins->count ? bin : bins->count - 1;
    while (bin > 0 && value < bins->edges[bin])
        bin--;
    while (bin < bins->count - 1 && value >= bins->edges[bin + 1])
        bin++;
    return bin;
}

enum { BLOCK = 256, PARTS = 4, FEW = 64 };

/* Guesses of a block; zero if one of them may be wrong: next to an edge, or no number. */
WK_INLINE int guess_body(int32_t *bin, const wk_summary_bins *bins, const double *values, int n)
{
    const double near = bins->near, low = bins->low, scale = bins->scale;
    int64_t sure = 0;
    for (int i = 0; i < n; i++) {
        double place = (values[i] - low) * scale;
        bin[i] = (int32_t)place;
        double off = place - (double)bin[i];
        sure += (off > near) & (off < 1 - near);
    }
    return sure == n;
}

WK_WIDE static int guess_wide(int32_t *bin, const wk_summary_bins *bins, const double *values,
                              int n)
{
    return guess_body(bin, bins, values, n);
}

static int guess(int32_t *bin, const wk_summary_bins *bins, const double *values, int n)
{
    return wk_wide_usable() ? guess_wide(bin, bins, values, n) : guess_body(bin, bins, values, n);
}

/* Neighbours are often in one bin: of few bins each is counted in several places, that one count
 * need not wait for the other. */
static void count_few(int64_t *counts, const wk_summary_bins *bins, const double *values, int n)
{
    int32_t bin[BLOCK], parts[PARTS][FEW] = {{0}};
    for (int i = 0; i < n; i += BLOCK) {
        int size = n - i < BLOCK ? n - i : BLOCK, k = 0;
        int sure = guess(bin, bins, values + i, size);
        for (; k + PARTS <= size && sure; k += PARTS)
            for (int part = 0; part < PARTS; part++)
                parts[part][bin[k + part]]++;
        for (; k < size; k++)
            if (isfinite(values[i + k]))
                parts[0][wk_summary_bin(bins, values[i + k])]++;
    }
    for (int k = 0; k < bins->count; k++)
        for (int part = 0; part < PARTS; part++)
            counts[k] += parts[part][k];
}

void wk_summary_bins_count(int64_t *counts, const wk_summary_bins *bins, const double *values,
                           int64_t n)
{
    int32_t bin[BLOCK];
    const int64_t chunk = bins->count <= FEW ? 1 << 20 : BLOCK;
    for (int64_t i = 0; i < n; i += chunk) {
        int size = (int)(n - i < chunk ? n - i : chunk);
        if (bins->count <= FEW) {
            count_few(counts, bins, values + i, size);
            continue;
        }
        int sure = guess(bin, bins, values + i, size);
        for (int k = 0; k < size && sure; k++)
            counts[bin[k]]++;
        for (int k = 0; k < size && !sure; k++)
            if (isfinite(values[i + k]))
                counts[wk_summary_bin(bins, values[i + k])]++;
    }
}
