#include "sample.h"

#include <math.h>

#include "memory.h"

static wk_status append(wk_sample *sample, float value, wk_error *error)
{
    if (sample->count == sample->room) {
        size_t room = sample->room ? 2 * sample->room : 2048;
        wk_status status =
            wk_memory_grow((void **)&sample->values, room, sizeof *sample->values, error);
        if (status != WK_OK)
            return status;
        sample->room = room;
    }
    sample->values[sample->count++] = value;
    return WK_OK;
}

static wk_status read_row(float *row, const wk_rows *rows, int64_t y, wk_error *error)
{
    return rows->read(rows->payload, 0, (wk_rect){0, y, rows->width, 1}, row, NULL, NULL, error);
}

static wk_status try_step(wk_sample *sample, const wk_rows *rows, int64_t step, float *row,
                          wk_error *error)
{
    wk_status status = WK_OK;
    for (int64_t y = 0; status == WK_OK && y < rows->height; y += step) {
        status = read_row(row, rows, y, error);
        for (int64_t x = 0; status == WK_OK && x < rows->width; x += step)
            if (isfinite(row[x]))
                status = append(sample, row[x], error);
    }
    return status;
}

wk_status wk_sample_lattice(wk_sample *sample, const wk_rows *rows, int64_t size, wk_error *error)
{
    size_t before = sample->count;
    double area = (double)rows->width * (double)rows->height;
    int64_t step = (int64_t)sqrt(area / (double)size);
    float *row = wk_memory_raw((size_t)rows->width, sizeof *row, error);
    wk_status status = row ? WK_OK : WK_MEMORY;
    for (step = step > 1 ? step : 1; status == WK_OK && step >= 1; step--) {
        sample->count = before;
        status = try_step(sample, rows, step, row, error);
        if ((double)(sample->count - before) > 0.8 * (double)size)
            break;
    }
    wk_memory_free(row);
    return status;
}

wk_status wk_sample_every(wk_sample *sample, const wk_rows *rows, const int32_t *finite_of,
                          int64_t size, wk_error *error)
{
    int64_t finite = 0, seen = 0, next = 0, taken = 0;
    for (int64_t y = 0; y < rows->height; y++)
        finite += finite_of[y];
    int64_t step = finite / size > 1 ? finite / size : 1;
    float *row = wk_memory_raw((size_t)rows->width, sizeof *row, error);
    wk_status status = row ? WK_OK : WK_MEMORY;
    for (int64_t y = 0; status == WK_OK && y < rows->height && taken < size; y++) {
        if (next >= seen + finite_of[y]) {
            seen += finite_of[y];
            continue;
        }
        status = read_row(row, rows, y, error);
        for (int64_t x = 0; status == WK_OK && x < rows->width && taken < size; x++) {
            if (!isfinite(row[x]) || seen++ != next)
                continue;
            status = append(sample, row[x], error);
            next += step;
            taken++;
        }
    }
    wk_memory_free(row);
    return status;
}

void wk_sample_release(wk_sample *sample)
{
    wk_memory_free(sample->values);
    *sample = (wk_sample){0};
}
