#include "order.h"

#include <string.h>

#include "bracket.h"
#include "moment.h"

enum { SAMPLE = 64, PARTS = 4, BLOCK = 32, FEW = 24 };

size_t wk_order_room(int64_t n)
{
    return (size_t)n * (sizeof(float) + sizeof(uint16_t));
}

static void sort_few(float *values, int64_t n)
{
    for (int64_t i = 1; i < n; i++) {
        float value = values[i];
        int64_t j = i;
        for (; j > 0 && values[j - 1] > value; j--)
            values[j] = values[j - 1];
        values[j] = value;
    }
}

/* Steps for the bulk of the values: twice its width to both sides; the outer ones hold the rest. */
static void choose_steps(wk_order *order)
{
    float sample[SAMPLE];
    int64_t size = order->n < SAMPLE ? order->n : SAMPLE;
    for (int64_t i = 0; i < size; i++)
        sample[i] = order->values[i * order->n / size];
    sort_few(sample, size);
    float low = sample[size / 8], high = sample[size - 1 - size / 8];
    float width = high - low;
    order->low = low - 2.0F * width;
    order->scale = width > 0.0F ? (float)WK_ORDER_STEPS / (5.0F * width) : 0.0F;
}

WK_INLINE uint16_t step_of(float value, float low, float scale)
{
    float place = (value - low) * scale;
    place = place > 0.0F ? place : 0.0F;
    place = place < (float)(WK_ORDER_STEPS - 1) ? place : (float)(WK_ORDER_STEPS - 1);
    return (uint16_t)(int32_t)place;
}

WK_INLINE void find_steps(uint16_t *restrict out, const float *restrict values, int64_t n,
                          float low, float scale)
{
    for (int64_t i = 0; i < n; i++)
        out[i] = step_of(values[i], low, scale);
}

WK_WIDE static void find_steps_wide(uint16_t *out, const float *values, int64_t n, float low,
                                    float scale)
{
    find_steps(out, values, n, low, scale);
}

/* In parts: equal steps in a row do not wait for each other. */
static void count_steps(wk_order *order)
{
    uint32_t parts[PARTS][WK_ORDER_STEPS];
    const uint16_t *steps = order->steps;
    int64_t i = 0;
    memset(parts, 0, sizeof parts);
    for (; i + PARTS <= order->n; i += PARTS)
        for (int part = 0; part < PARTS; part++)
            parts[part][steps[i + part]]++;
    for (; i < order->n; i++)
        parts[0][steps[i]]++;
    order->before[0] = 0;
    for (int step = 0; step < WK_ORDER_STEPS; step++)
        order->before[step + 1] =
            order->before[step] + parts[0][step] + parts[1][step] + parts[2][step] + parts[3][step];
}

void wk_order_make(wk_order *order, const float *values, int64_t n, void *room)
{
    order->values = values;
    order->n = n;
    order->held = room;
    order->steps = (uint16_t *)(order->held + n);
    choose_steps(order);
    if (wk_wide_usable())
        find_steps_wide(order->steps, values, n, order->low, order->scale);
    else
        find_steps(order->steps, values, n, order->low, order->scale);
    count_steps(order);
}

WK_INLINE int any_equal(const uint16_t *steps, uint16_t step)
{
    uint16_t found = 0;
    for (int i = 0; i < BLOCK; i++)
        found |= steps[i] == step;
    return found;
}

/* The values of one step, to held. */
WK_INLINE int64_t hold_body(const wk_order *order, uint16_t step)
{
    int64_t count = 0, i = 0;
    for (; i + BLOCK <= order->n; i += BLOCK) {
        if (!any_equal(order->steps + i, step))
            continue;
        for (int64_t j = i; j < i + BLOCK; j++)
            if (order->steps[j] == step)
                order->held[count++] = order->values[j];
    }
    for (; i < order->n; i++)
        if (order->steps[i] == step)
            order->held[count++] = order->values[i];
    return count;
}

WK_WIDE static int64_t hold_wide(const wk_order *order, uint16_t step)
{
    return hold_body(order, step);
}

static int64_t hold(const wk_order *order, uint16_t step)
{
    return wk_wide_usable() ? hold_wide(order, step) : hold_body(order, step);
}

int64_t wk_order_below(const wk_order *order, float limit)
{
    uint16_t step = step_of(limit, order->low, order->scale);
    int64_t below = order->before[step], count = hold(order, step);
    for (int64_t i = 0; i < count; i++)
        below += order->held[i] < limit;
    return below;
}

static uint16_t step_at(const wk_order *order, int64_t rank)
{
    int low = 0, high = WK_ORDER_STEPS - 1;
    while (low < high) {
        int middle = (low + high) / 2;
        if (order->before[middle + 1] > rank)
            high = middle;
        else
            low = middle + 1;
    }
    return (uint16_t)low;
}

/* Put the rank-th of the values held, and all smaller ones, in their places. */
static void place(float *held, int64_t count, int64_t rank)
{
    if (count <= FEW)
        sort_few(held, count);
    else
        wk_bracket_place(held, count, rank);
}

float wk_order_rank(const wk_order *order, int64_t rank)
{
    uint16_t step = step_at(order, rank);
    int64_t count = hold(order, step), within = rank - order->before[step];
    place(order->held, count, within);
    return order->held[within];
}

/* Two neighbouring ranks, mostly of one step. */
static void pair_at(float pair[2], const wk_order *order, int64_t rank)
{
    uint16_t step = step_at(order, rank);
    int64_t count = hold(order, step), within = rank - order->before[step];
    place(order->held, count, within);
    pair[0] = order->held[within];
    if (within + 1 >= count) {
        pair[1] = wk_order_rank(order, rank + 1);
        return;
    }
    pair[1] = order->held[within + 1];
    for (int64_t i = within + 2; i < count; i++)
        pair[1] = order->held[i] < pair[1] ? order->held[i] : pair[1];
}

double wk_order_median(const wk_order *order, int64_t first, int64_t count)
{
    float pair[2];
    int64_t rank = first + (count - 1) / 2;
    if (count % 2 == 1)
        return (double)wk_order_rank(order, rank);
    pair_at(pair, order, rank);
    return 0.5 * ((double)pair[0] + (double)pair[1]);
}

double wk_order_quantile(const wk_order *order, double fraction)
{
    float pair[2];
    double at = fraction * (double)(order->n - 1);
    int64_t rank = (int64_t)at;
    double part = at - (double)rank;
    if (!(part > 0.0))
        return (double)wk_order_rank(order, rank);
    pair_at(pair, order, rank);
    return (double)pair[0] * (1.0 - part) + (double)pair[1] * part;
}
