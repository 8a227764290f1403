/* Coordinates that the exposures of a group have in common, for backgrounds that bend over all of
 * them: a plane that touches the sky at the group's middle, in units of its radius.
 *
 * Each exposure's own x and y are carried there by an affine map, so that what is a polynomial of
 * the group's coordinates is one of the same order of every exposure's own pixels.
 */
#include <math.h>
#include <string.h>

#include "cells.h"
#include "memory.h"
#include "polygon.h"

enum { side = 5 };

static void set_axes(wk_sky_cell_frame *frame)
{
    double pole[3] = {0.0, 0.0, 1.0}, other[3] = {1.0, 0.0, 0.0};
    if (wk_vector_normalise(frame->centre) == 0.0)
        frame->centre[0] = 1.0;
    wk_vector_cross(frame->east, fabs(frame->centre[2]) < 0.9 ? pole : other, frame->centre);
    wk_vector_normalise(frame->east);
    wk_vector_cross(frame->north, frame->centre, frame->east);
}

void wk_sky_cell_frames_fill(wk_sky_cell_frame *frames, int64_t count, const wk_overlaps *overlaps,
                             const int64_t *frame_of)
{
    memset(frames, 0, (size_t)count * sizeof *frames);
    for (size_t i = 0; i < overlaps->count; i++)
        for (int k = 0; k < 3; k++)
            frames[frame_of[i]].centre[k] += overlaps->members[i].footprint.centre[k];
    for (int64_t i = 0; i < count; i++)
        set_axes(&frames[i]);
    for (size_t i = 0; i < overlaps->count; i++) {
        const wk_footprint *footprint = &overlaps->members[i].footprint;
        wk_sky_cell_frame *own = &frames[frame_of[i]];
        double reach = wk_vector_angle(own->centre, footprint->centre) + footprint->radius;
        own->radius = fmax(own->radius, fmin(reach, 1.0));
    }
}

void wk_sky_cell_frame_place(double place[2], const wk_sky_cell_frame *frame, const double sky[2])
{
    double vector[3];
    wk_vector_from_sky(vector, sky);
    place[0] = wk_vector_dot(vector, frame->east) / frame->radius;
    place[1] = wk_vector_dot(vector, frame->north) / frame->radius;
}

/* Least squares over the samples, whose x and y are a square lattice. */
static void fit_map(double map[6], const double (*samples)[2], const wk_sky_cell_frame *in)
{
    double squares = 0.0;
    memset(map, 0, 6 * sizeof *map);
    for (int i = 0; i < wk_sky_cell_samples; i++) {
        double place[2];
        double x = (2.0 * (i % side) + 1.0) / side - 1.0, y = (2.0 * (i / side) + 1.0) / side - 1.0;
        wk_sky_cell_frame_place(place, in, samples[i]);
        squares += x * x;
        for (int k = 0; k < 2; k++) {
            map[3 * k] += place[k] / wk_sky_cell_samples;
            map[3 * k + 1] += place[k] * x;
            map[3 * k + 2] += place[k] * y;
        }
    }
    for (int k = 0; k < 2; k++) {
        map[3 * k + 1] /= squares;
        map[3 * k + 2] /= squares;
    }
}

static int is_finite(const double map[6])
{
    double sum = 0.0;
    for (int k = 0; k < 6; k++)
        sum += map[k];
    return isfinite(sum) != 0;
}

wk_status wk_sky_cell_maps_fill(wk_sky_cell_model *model, wk_error *error)
{
    static const double same[6] = {0.0, 1.0, 0.0, 0.0, 0.0, 1.0};
    const wk_sky_cells *cells = model->cells;
    size_t members = cells->overlaps->count;
    if (model->size == 1 || cells->overlaps->items == members)
        return WK_OK;
    wk_sky_cell_frame *frames = wk_memory_new((size_t)model->nodes, sizeof *frames, error);
    int64_t *frame_of = wk_memory_new(members, sizeof *frame_of, error);
    model->maps = wk_memory_new(members, sizeof *model->maps, error);
    if (frames && frame_of && model->maps) {
        for (size_t i = 0; i < members; i++)
            frame_of[i] = model->node[i];
        wk_sky_cell_frames_fill(frames, model->nodes, cells->overlaps, frame_of);
        for (size_t i = 0; i < members; i++) {
            double *map = model->maps[i];
            fit_map(map, (const double(*)[2])cells->samples[i], &frames[frame_of[i]]);
            if (!is_finite(map))
                memcpy(map, same, sizeof same);
        }
    }
    wk_status status = frames && frame_of && model->maps ? WK_OK : WK_MEMORY;
    wk_memory_free(frames);
    wk_memory_free(frame_of);
    return status;
}
