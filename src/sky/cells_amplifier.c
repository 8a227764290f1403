/* Amplifiers: rectangles of a detector with offsets of their own. */
#include <math.h>

#include "cells_offset.h"

/* The mean place of a cell's good pixels lies within half a pixel of the middle of all of them. */
static const double margin = 1.0;

wk_status wk_sky_cell_reach_fill(double *reach, const wk_sky_cells *cells, wk_error *error)
{
    wk_status status = WK_OK;
    for (size_t i = 0; i < cells->overlaps->count && status >= 0; i++) {
        const wk_field *field = &cells->overlaps->members[i].field;
        wk_wcs_summary summary;
        reach[i] = 0.0;
        if (field->amplifier_count == 0)
            continue;
        status = wk_wcs_describe(&summary, field->wcs, field->width, field->height, error);
        if (status >= 0)
            reach[i] = sqrt(0.5) * cells->pitch / summary.pixel_scale + margin;
    }
    return status < 0 ? status : WK_OK;
}

/* Whether what lies within reach of a place, and in the image, lies in a stretch of pixels. */
static int holds(int64_t first, int64_t count, double place, double reach, int64_t size)
{
    double low = fmax(place - reach, -0.5), high = fmin(place + reach, (double)size - 0.5);
    return low >= (double)first - 0.5 && high <= (double)(first + count) - 0.5;
}

int64_t wk_sky_cell_amplifier(const wk_field *field, double reach, double x, double y)
{
    double px = 0.5 * ((x + 1.0) * (double)field->width - 1.0);
    double py = 0.5 * ((y + 1.0) * (double)field->height - 1.0);
    for (size_t k = 0; k < field->amplifier_count; k++) {
        const wk_rect *rect = &field->amplifiers[k];
        if (holds(rect->x, rect->width, px, reach, field->width) &&
            holds(rect->y, rect->height, py, reach, field->height))
            return (int64_t)k;
    }
    return -1;
}

double wk_sky_cell_amplifier_mean(const wk_sky_cell_offsets *offsets, const wk_overlaps *overlaps,
                                  int64_t member, const double *values)
{
    const wk_field *field = &overlaps->members[member].field;
    int64_t first = offsets->first[member];
    double sum = 0.0, total = 0.0;
    if (first < 0)
        return 0.0;
    for (size_t k = 0; k < field->amplifier_count; k++) {
        double area = (double)field->amplifiers[k].width * (double)field->amplifiers[k].height;
        sum += area * values[first + (int64_t)k];
        total += area;
    }
    return total > 0.0 ? sum / total : values[first];
}
