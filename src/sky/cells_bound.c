/* Slopes that the shared cells do not bind.
 *
 * Where an exposure shares one row of cells, the mean places in the row differ by what masks and
 * rounding make of them, and the equations take that for a lever: slopes across the row would be
 * noise times a thousand.  So a combination of slopes counts as bound only where cells spread along
 * it by more than a quarter of their side; what is not is held at 0.  Bending is held likewise,
 * where two rows tell a slope and no more.
 */
#include <math.h>

#include "cells.h"
#include "eigen.h"

enum { slopes = wk_blocks_largest - 1 };

static const double spread = 0.25; /* of a cell's side: two rows spread by half of it */

/* What places that err by a root of variance either way do to the mean square of the slopes' terms;
 * mean: of all terms. */
static void fill_metric(double *metric, const double *mean, int64_t n, double variance)
{
    double x = mean[1], y = mean[2];
    double full[slopes][slopes] = {{1.0, 0.0, 2.0 * x, y, 0.0}, {0.0, 1.0, 0.0, x, 2.0 * y}};
    if (n == slopes) {
        double xx = mean[3], xy = mean[4], yy = mean[5];
        const double bend[3][3] = {
            {4.0 * xx, 2.0 * xy, 0.0}, {2.0 * xy, xx + yy, 2.0 * xy}, {0.0, 2.0 * xy, 4.0 * yy}};
        for (int r = 0; r < 3; r++)
            for (int c = 0; c < 3; c++)
                full[2 + r][2 + c] = bend[r][c];
    }
    for (int64_t r = 0; r < n; r++)
        for (int64_t c = 0; c < n; c++)
            metric[r * n + c] = variance * full[r > c ? c : r][r > c ? r : c];
}

/* The symmetric root of the metric and its inverse; directions without any are given a trace. */
static wk_status find_roots(double *root, double *inverse, const double *metric, int64_t n,
                            double variance, wk_error *error)
{
    double values[slopes], vectors[slopes * slopes];
    wk_status status = wk_eigen_symmetric(values, vectors, metric, n, error);
    for (int64_t r = 0; r < n && status == WK_OK; r++)
        for (int64_t c = 0; c < n; c++) {
            root[r * n + c] = inverse[r * n + c] = 0.0;
            for (int64_t k = 0; k < n; k++) {
                double value = sqrt(fmax(values[k], 1e-3 * variance));
                double product = vectors[k * n + r] * vectors[k * n + c];
                root[r * n + c] += product * value;
                inverse[r * n + c] += product / value;
            }
        }
    return status;
}

/* The spread of the cells along slopes, the level free, in the metric. */
static void fill_spreads(double *out, const double *own, const double *inverse, int64_t size)
{
    int64_t n = size - 1;
    double half[slopes * slopes];
    for (int64_t r = 0; r < n; r++)
        for (int64_t c = 0; c < n; c++) {
            half[r * n + c] = 0.0;
            for (int64_t k = 0; k < n; k++) {
                double of = own[(r + 1) * size + k + 1] - own[(r + 1) * size] * own[k + 1] / own[0];
                half[r * n + c] += of / own[0] * inverse[k * n + c];
            }
        }
    for (int64_t r = 0; r < n; r++)
        for (int64_t c = 0; c < n; c++) {
            out[r * n + c] = 0.0;
            for (int64_t k = 0; k < n; k++)
                out[r * n + c] += inverse[r * n + k] * half[k * n + c];
        }
}

/* Hold a combination of slopes: many times what the cells say of it. */
static void hold(double *own, int64_t size, const double *root, const double *direction,
                 double factor)
{
    double along[slopes] = {0.0};
    int64_t n = size - 1;
    for (int64_t r = 0; r < n; r++)
        for (int64_t k = 0; k < n; k++)
            along[r] += root[r * n + k] * direction[k];
    for (int64_t r = 0; r < n; r++)
        for (int64_t c = 0; c < n; c++)
            own[(r + 1) * size + c + 1] += factor * along[r] * along[c];
}

static wk_status bind_node(int *held, double *own, int64_t size, double variance, wk_error *error)
{
    int64_t n = size - 1;
    double mean[wk_blocks_largest] = {0.0}, metric[slopes * slopes] = {0.0}, root[slopes * slopes];
    double inverse[slopes * slopes], spreads[slopes * slopes];
    double values[slopes], vectors[slopes * slopes], weight = own[0];
    for (int64_t k = 0; k < size; k++)
        mean[k] = own[k] / weight;
    fill_metric(metric, mean, n, variance);
    wk_status status = find_roots(root, inverse, metric, n, variance, error);
    if (status < 0)
        return status;
    fill_spreads(spreads, own, inverse, size);
    status = wk_eigen_symmetric(values, vectors, spreads, n, error);
    for (int64_t k = 0; k < n && status == WK_OK && values[k] < 1.0; k++) {
        hold(own, size, root, vectors + k * n, weight * fmax(1.0 / variance, 1e4));
        (*held)++;
    }
    return status;
}

wk_status wk_sky_cell_model_bind(wk_sky_cell_model *model, wk_error *error)
{
    int64_t size = model->size;
    wk_status status = WK_OK;
    for (int64_t i = 0; i < model->nodes && status == WK_OK; i++) {
        double *own = model->matrix.diagonal + i * size * size;
        if (i == model->reference || model->terms[i] < 2 || !(own[0] > 0.0))
            continue;
        double area = model->areas[i] / (double)model->shared[i];
        status = bind_node(&model->held[i], own, size, spread * spread * area, error);
    }
    return status;
}
