#include "outline.h"

#include <math.h>
#include <string.h>

#include "polygon.h"

static const double half_turn = 3.14159265358979323846;

size_t wk_outline_write(double *outline, const wk_footprint *footprint)
{
    memcpy(outline, footprint->centre, sizeof footprint->centre);
    outline[3] = footprint->radius;
    outline[4] = footprint->scale;
    outline[5] = footprint->growth;
    if (footprint->count)
        memcpy(outline + wk_outline_head, footprint->sky,
               2 * (size_t)footprint->count * sizeof *outline);
    return wk_outline_head + 2 * (size_t)footprint->count;
}

int wk_outline_read(wk_footprint *footprint, double (*vectors)[3], const double *outline,
                    size_t count)
{
    if (count < wk_outline_head || count > wk_outline_most || count % 2)
        return 1;
    for (size_t i = 0; i < count; i++)
        if (!isfinite(outline[i]))
            return 1;
    memset(footprint, 0, sizeof *footprint);
    memcpy(footprint->centre, outline, sizeof footprint->centre);
    footprint->radius = outline[3];
    footprint->scale = outline[4];
    footprint->growth = outline[5];
    footprint->count = (int64_t)(count - wk_outline_head) / 2;
    footprint->vectors = vectors;
    for (int64_t i = 0; i < footprint->count; i++)
        wk_vector_from_sky(vectors[i], outline + wk_outline_head + 2 * i);
    return 0;
}

/* Rounding of the cosines is far below the margin. */
void wk_cap_box(double box[6], const double centre[3], double radius)
{
    const double margin = 1e-12;
    for (int k = 0; k < 3; k++) {
        double angle = acos(fmax(-1.0, fmin(1.0, centre[k])));
        box[2 * k] = cos(fmin(half_turn, angle + radius)) - margin;
        box[2 * k + 1] = cos(fmax(0.0, angle - radius)) + margin;
    }
}
