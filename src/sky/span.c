#include "span.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

void wk_spans_release(wk_spans *spans)
{
    wk_memory_free(spans->span);
    memset(spans, 0, sizeof *spans);
}

wk_status wk_spans_add(wk_spans *spans, wk_span span, wk_error *error)
{
    if (spans->count > 0) {
        wk_span *last = &spans->span[spans->count - 1];
        if (last->y == span.y && last->end == span.first) {
            last->end = span.end;
            return WK_OK;
        }
    }
    if ((size_t)spans->count == spans->room) {
        size_t room = spans->room ? 2 * spans->room : 256;
        wk_status status = wk_memory_grow((void **)&spans->span, room, sizeof *spans->span, error);
        if (status < 0)
            return status;
        spans->room = room;
    }
    spans->span[spans->count++] = span;
    return WK_OK;
}

static int compare_spans(const void *left, const void *right)
{
    const wk_span *a = left;
    const wk_span *b = right;
    if (a->y != b->y)
        return a->y < b->y ? -1 : 1;
    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    return (a->end > b->end) - (a->end < b->end);
}

void wk_spans_unite(wk_spans *spans)
{
    if (spans->count < 2)
        return;
    qsort(spans->span, (size_t)spans->count, sizeof *spans->span, compare_spans);
    int64_t kept = 0;
    for (int64_t i = 1; i < spans->count; i++) {
        wk_span *last = &spans->span[kept];
        const wk_span *next = &spans->span[i];
        if (next->y == last->y && next->first <= last->end) {
            if (next->end > last->end)
                last->end = next->end;
        } else {
            spans->span[++kept] = *next;
        }
    }
    spans->count = kept + 1;
}

int64_t wk_spans_pixels(const wk_spans *spans)
{
    int64_t pixels = 0;
    for (int64_t i = 0; i < spans->count; i++)
        pixels += spans->span[i].end - spans->span[i].first;
    return pixels;
}

double wk_spans_area(const wk_spans *spans, const wk_grid *grid)
{
    double area = 0.0;
    for (int64_t k = 0; k < spans->count; k++) {
        const wk_span *span = &spans->span[k];
        const double *row = grid->areas + span->y / grid->step * grid->cells_x;
        for (int64_t x = span->first; x < span->end;) {
            int64_t cell = x / grid->step;
            int64_t end = (cell + 1) * grid->step;
            if (end > span->end)
                end = span->end;
            area += row[cell] * (double)(end - x);
            x = end;
        }
    }
    return area;
}

/* Where the run of good pixels from i on ends; eight mask bytes are looked at together. */
static int64_t good_run(const uint8_t *bad, int64_t i, int64_t n)
{
    for (; i + 8 <= n; i += 8) {
        uint64_t eight;
        memcpy(&eight, bad + i, sizeof eight);
        if (eight != 0)
            break;
    }
    while (i < n && !bad[i])
        i++;
    return i;
}

/* Copy the good ones of n pixels, perhaps within the same memory; returns how many. */
static int64_t gather_row(float *values, const float *data, const uint8_t *bad, int64_t n)
{
    int64_t kept = 0;
    for (int64_t i = 0; i < n;) {
        int64_t end = good_run(bad, i, n);
        memmove(values + kept, data + i, (size_t)(end - i) * sizeof *values);
        kept += end - i;
        i = end;
        while (i < n && bad[i])
            i++;
    }
    return kept;
}

int64_t wk_spans_gather(float *values, const wk_spans *spans, const wk_pixels *pixels,
                        double factor)
{
    int64_t kept = 0;
    for (int64_t k = 0; k < spans->count; k++) {
        const wk_span *span = &spans->span[k];
        int64_t start = span->y * pixels->width + span->first;
        kept += gather_row(values + kept, pixels->data + start, pixels->bad + start,
                           span->end - span->first);
    }
    if (factor != 1.0)
        for (int64_t i = 0; i < kept; i++)
            values[i] = (float)((double)values[i] * factor);
    return kept;
}
