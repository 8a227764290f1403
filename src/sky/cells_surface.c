#include "cells_surface.h"

#include <math.h>
#include <string.h>

/* A node's background as one of a member's own coordinates: exact, for the map is affine. */
static void compose(double out[wk_blocks_largest], const double *c, int terms, const double map[6])
{
    double full[wk_blocks_largest] = {0.0};
    memcpy(full, c, (size_t)terms * sizeof *full);
    double constants[2] = {map[0], map[3]}, xs[2] = {map[1], map[4]}, ys[2] = {map[2], map[5]};
    const double *k = constants;
    out[0] = full[0] + full[1] * k[0] + full[2] * k[1] + full[3] * k[0] * k[0] +
             full[4] * k[0] * k[1] + full[5] * k[1] * k[1];
    double along[2] = {full[1] + 2.0 * full[3] * k[0] + full[4] * k[1],
                       full[2] + full[4] * k[0] + 2.0 * full[5] * k[1]};
    out[1] = along[0] * xs[0] + along[1] * xs[1];
    out[2] = along[0] * ys[0] + along[1] * ys[1];
    out[3] = full[3] * xs[0] * xs[0] + full[4] * xs[0] * xs[1] + full[5] * xs[1] * xs[1];
    out[4] = 2.0 * full[3] * xs[0] * ys[0] + full[4] * (xs[0] * ys[1] + xs[1] * ys[0]) +
             2.0 * full[5] * xs[1] * ys[1];
    out[5] = full[3] * ys[0] * ys[0] + full[4] * ys[0] * ys[1] + full[5] * ys[1] * ys[1];
}

static const double *map_of(const wk_sky_cell_model *model, int64_t member)
{
    static const double same_place[6] = {0.0, 1.0, 0.0, 0.0, 0.0, 1.0};
    return model->maps ? model->maps[member] : same_place;
}

double wk_sky_cell_rise(const wk_sky_cell_model *model, int64_t member)
{
    int64_t node = model->node[member];
    double slopes[wk_blocks_largest] = {0.0}, own[wk_blocks_largest];
    const double *coefficients = model->coefficients + node * model->size;
    for (int64_t k = 1; k < model->terms[node]; k++)
        slopes[k] = coefficients[k];
    compose(own, slopes, wk_blocks_largest, map_of(model, member));
    return own[0];
}

/* The covariance of a member's coefficients from that of its node's: compose is linear. */
static void carry(double *out, const double *block, int64_t size, int terms, const double map[6],
                  double factor)
{
    double turn[wk_blocks_largest][wk_blocks_largest];
    for (int k = 0; k < terms; k++) {
        double unit[wk_blocks_largest] = {0.0};
        unit[k] = 1.0;
        compose(turn[k], unit, terms, map);
    }
    for (int r = 0; r < terms; r++)
        for (int c = 0; c <= r; c++) {
            double sum = 0.0;
            for (int a = 0; a < terms; a++)
                for (int b = 0; b < terms; b++)
                    sum += turn[a][r] * turn[b][c] * block[a * size + b];
            out[r * terms + c] = out[c * terms + r] = factor * sum;
        }
}

void wk_sky_cell_covariance_put(double *out, wk_level_result *level, const wk_sky_cell_model *model,
                                const double *covariances, const double *together, int64_t member)
{
    double flux = model->cells->overlaps->members[member].field.flux;
    double factor = model->inflation / (flux * flux);
    int64_t node = model->node[member], size = model->size;
    int terms = model->terms[node];
    out[0] = level->error * level->error;
    if (terms == 0)
        return;
    carry(out, covariances + node * size * size, size, terms, map_of(model, member), factor);
    if (together) {
        double shared[wk_blocks_largest];
        const double *own = together + member * (1 + size);
        compose(shared, own + 1, terms, map_of(model, member));
        out[0] += factor * own[0];
        for (int k = 0; k < terms; k++) {
            out[k] += factor * shared[k];
            out[k * terms] += factor * shared[k];
        }
    }
    if (model->maps || together)
        level->error = sqrt(out[0]);
}

void wk_sky_cell_surface_put(wk_sky_surface *surface, wk_level_result *level,
                             const wk_sky_cell_model *model, int64_t member)
{
    const wk_field *field = &model->cells->overlaps->members[member].field;
    int64_t node = model->node[member];
    double own[wk_blocks_largest];
    surface->centre[0] = 0.5 * ((double)field->width - 1.0);
    surface->centre[1] = 0.5 * ((double)field->height - 1.0);
    surface->scale[0] = 0.5 * (double)field->width;
    surface->scale[1] = 0.5 * (double)field->height;
    if (!isfinite(level->sky))
        return;
    surface->terms = model->terms[node] > 1 ? model->terms[node] : 1;
    const double *coefficients = model->coefficients + node * model->size;
    compose(own, coefficients, surface->terms, map_of(model, member));
    level->sky += (own[0] - coefficients[0]) / field->flux;
    surface->coefficients[0] = level->sky;
    for (int64_t k = 1; k < surface->terms; k++)
        surface->coefficients[k] = own[k] / field->flux;
}
