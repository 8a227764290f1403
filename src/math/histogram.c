#include "histogram.h"

#include <math.h>
#include <string.h>

#include "moment.h"

enum { PARTS = WK_HISTOGRAM_PARTS, BATCH = 512 };

/* What is needed to find a value's bin. */
typedef struct scale {
    float start, end, inverse;
    int32_t bins;
} scale;

/* Bins by truncation in float32, as stsci.imagestats does; values outside go to one past the end.
 */
WK_INLINE void bins_body(int32_t *bin, const float *values, int count, const scale *of)
{
    float start = of->start, end = of->end, inverse = of->inverse, last = (float)(of->bins - 1);
    int32_t bins = of->bins;
    for (int i = 0; i < count; i++) {
        float value = values[i];
        int inside = (value >= start) & (value < end);
        float place = inside ? (value - start) * inverse : 0.0F;
        place = place < last ? place : last;
        bin[i] = inside ? (int32_t)place : bins;
    }
}

WK_WIDE static void bins_wide(int32_t *bin, const float *values, int count, const scale *of)
{
    bins_body(bin, values, count, of);
}

static void bins_of(int32_t *bin, const float *values, int count, const scale *of)
{
    if (wk_wide_usable())
        bins_wide(bin, values, count, of);
    else
        bins_body(bin, values, count, of);
}

/* Four histograms in turn, as neighbours often fall into one bin and would wait for each other. */
static void count_parts(int64_t *counts, const float *values, int64_t n, const scale *of)
{
    int32_t bin[BATCH];
    int64_t stride = of->bins + 1;
    for (int64_t i = 0; i < n; i += BATCH) {
        int count = n - i < BATCH ? (int)(n - i) : BATCH;
        bins_of(bin, values + i, count, of);
        for (int k = 0; k < count; k++)
            counts[(k % PARTS) * stride + bin[k]]++;
    }
}

void wk_histogram_fill(wk_histogram *histogram, const float *values, int64_t n)
{
    int64_t bins = histogram->bins, *counts = histogram->counts;
    double end = (double)histogram->start + (double)bins * histogram->spacing;
    scale of = {histogram->start, (float)end, 1.0F / (float)histogram->spacing, (int32_t)bins};
    memset(counts, 0, (size_t)(PARTS * (bins + 1)) * sizeof *counts);
    count_parts(counts, values, n, &of);
    for (int64_t k = 0; k < bins; k++)
        for (int part = 1; part < PARTS; part++)
            counts[k] += counts[part * (bins + 1) + k];
}

static double mode_of_two(const wk_histogram *histogram)
{
    int64_t difference = histogram->counts[1] - histogram->counts[0];
    double center = difference < 0 ? 0.5 : difference > 0 ? 1.5 : 1.0;
    return (double)histogram->start + center * histogram->width;
}

static int64_t fullest(const wk_histogram *histogram)
{
    int64_t peak = 0;
    for (int64_t i = 1; i < histogram->bins; i++)
        if (histogram->counts[i] > histogram->counts[peak])
            peak = i;
    return peak;
}

double wk_histogram_mode(const wk_histogram *histogram)
{
    if (histogram->bins == 2)
        return mode_of_two(histogram);
    int64_t peak = fullest(histogram);
    double center = (double)peak + 0.5;
    if (peak > 0 && peak < histogram->bins - 1) {
        const int64_t *at = histogram->counts + peak;
        double left = (double)(at[0] - at[-1]), right = (double)(at[0] - at[1]);
        if (left + right > 0.0)
            center += 0.5 * (left - right) / (left + right);
    }
    return (double)histogram->start + center * histogram->width;
}

double wk_histogram_midpoint(const wk_histogram *histogram)
{
    int64_t total = 0, sum = 0;
    for (int64_t i = 0; i < histogram->bins; i++)
        total += histogram->counts[i];
    float before = 0.0F;
    for (int64_t i = 0; i < histogram->bins && total > 0; i++) {
        sum += histogram->counts[i];
        float reached = (float)sum / (float)total;
        if (reached >= 0.5F) {
            float step = reached - before;
            double part = step > 0.0F ? (0.5 - (double)before) / (double)step : 0.0;
            return (double)histogram->start + ((double)i + part) * histogram->width;
        }
        before = reached;
    }
    return (double)NAN;
}
