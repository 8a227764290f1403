#include "spread.h"

#include "memory.h"

wk_status wk_spread_open(wk_spread *spread, wk_error *error)
{
    spread->count = 0;
    spread->sizes = wk_memory_new(wk_spread_bins, sizeof *spread->sizes, error);
    return spread->sizes ? WK_OK : WK_MEMORY;
}

void wk_spread_clear(wk_spread *spread)
{
    wk_memory_free(spread->sizes);
    memset(spread, 0, sizeof *spread);
}

void wk_spread_empty(wk_spread *spread)
{
    memset(spread->sizes, 0, wk_spread_bins * sizeof *spread->sizes);
    spread->count = 0;
}

void wk_spread_join(wk_spread *spread, const wk_spread *other)
{
    for (int i = 0; i < wk_spread_bins; i++)
        spread->sizes[i] += other->sizes[i];
    spread->count += other->count;
}

double wk_spread_sigma(const wk_spread *spread)
{
    double half = 0.5 * (double)spread->count, before = 0.0;
    float edges[2];
    if (spread->count == 0)
        return 1.0;
    uint32_t bin = 0;
    for (; before + (double)spread->sizes[bin] < half; bin++)
        before += (double)spread->sizes[bin];
    for (uint32_t k = 0; k < 2; k++) {
        uint32_t bits = (bin + k) << 16;
        memcpy(&edges[k], &bits, sizeof bits);
    }
    double part = (half - before) / (double)spread->sizes[bin];
    double median = (double)edges[0] + part * ((double)edges[1] - (double)edges[0]);
    return 1.482602218505602 * median;
}
