#include "summary_order.h"

#include <math.h>

#include "memory.h"

enum { BUCKETS = 1 << 12 };

struct wk_summary_order {
    double *values; /* bucket by bucket */
    int64_t n, first[BUCKETS + 1];
};

typedef struct grid {
    double low, scale;
} grid;

static int bucket_of(grid g, double value)
{
    int bucket = (int)((value - g.low) * g.scale);
    return bucket < BUCKETS ? bucket : BUCKETS - 1;
}

/* Of values without a range, or too wide a one, all go into one bucket. */
static grid choose_grid(const double *const parts[2], const int64_t sizes[2])
{
    double low = (double)INFINITY, high = -(double)INFINITY;
    for (int p = 0; p < 2; p++)
        for (int64_t i = 0; i < sizes[p]; i++) {
            low = parts[p][i] < low ? parts[p][i] : low;
            high = parts[p][i] > high ? parts[p][i] : high;
        }
    double scale = BUCKETS / (high - low);
    return (grid){low, high > low && isfinite(high - low) && isfinite(scale) ? scale : 0};
}

static void fill(wk_summary_order *order, const double *const parts[2], const int64_t sizes[2])
{
    grid g = choose_grid(parts, sizes);
    int64_t next[BUCKETS] = {0};
    for (int p = 0; p < 2; p++)
        for (int64_t i = 0; i < sizes[p]; i++)
            next[bucket_of(g, parts[p][i])]++;
    for (int k = 0; k < BUCKETS; k++) {
        order->first[k + 1] = order->first[k] + next[k];
        next[k] = order->first[k];
    }
    for (int p = 0; p < 2; p++)
        for (int64_t i = 0; i < sizes[p]; i++)
            order->values[next[bucket_of(g, parts[p][i])]++] = parts[p][i];
}

wk_status wk_summary_order_create(wk_summary_order **out, const double *values, int64_t n,
                                  const double *more, int64_t m, wk_error *error)
{
    *out = NULL;
    wk_summary_order *order = wk_memory_new(1, sizeof *order, error);
    if (!order)
        return WK_MEMORY;
    order->n = n + m;
    order->values = wk_memory_raw((size_t)order->n, sizeof *order->values, error);
    if (!order->values) {
        wk_memory_free(order);
        return WK_MEMORY;
    }
    fill(order, (const double *const[]){values, more}, (const int64_t[]){n, m});
    *out = order;
    return WK_OK;
}

void wk_summary_order_free(wk_summary_order *order)
{
    if (order)
        wk_memory_free(order->values);
    wk_memory_free(order);
}

int wk_summary_order_get(double *value, wk_summary_order *order, int64_t rank)
{
    if (rank < 0 || rank >= order->n)
        return 0;
    int low = 0, high = BUCKETS;
    while (high - low > 1) {
        int middle = (low + high) / 2;
        *(order->first[middle] <= rank ? &low : &high) = middle;
    }
    int64_t first = order->first[low];
    *value =
        0.0 + wk_summary_select(order->values + first, order->first[low + 1] - first, rank - first);
    return 1;
}

/* Quickselect: parts around a middle value until the rank stands alone. */
double wk_summary_select(double *v, int64_t n, int64_t rank)
{
    int64_t left = 0, right = n - 1;
    while (left < right) {
        double a = v[left], b = v[left + (right - left) / 2], c = v[right];
        double pivot = a < b ? (b < c ? b : a < c ? c : a) : (a < c ? a : b < c ? c : b);
        int64_t i = left, j = right;
        while (i <= j) {
            while (v[i] < pivot)
                i++;
            while (pivot < v[j])
                j--;
            if (i <= j) {
                double swap = v[i];
                v[i++] = v[j];
                v[j--] = swap;
            }
        }
        if (rank <= j)
            right = j;
        else if (rank >= i)
            left = i;
        else
            break;
    }
    return v[rank];
}
