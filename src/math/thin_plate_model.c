#include "thin_plate_model.h"

#include <math.h>
#include <string.h>

#include "lines.h"
#include "memory.h"
#include "thin_plate_kernel.h"

/* share_i K_ij share_j, both triangles */
static void kernel_fill(double *matrix, const wk_plate *plate, const double *share)
{
    int64_t n = plate->centres;
    for (int64_t i = 0; i < n; i++) {
        double *row = matrix + i * n;
        wk_plate_kernel(row, plate->u, plate->v, n, plate->u[i], plate->v[i]);
        if (share)
            for (int64_t j = 0; j < n; j++)
                row[j] *= share[i] * share[j];
    }
}

wk_status wk_plate_kernel_reduce(wk_plate *plate, double **inner, int degree, const double half[2],
                                 const double *share, wk_error *error)
{
    int64_t n = plate->centres, terms = wk_plate_drift_count(degree), m = plate->m = n - terms;
    wk_status status =
        wk_plate_drift_make(&plate->drift, degree, half, plate->u, plate->v, share, n, error);
    double *room = wk_memory_new((size_t)n, sizeof *room, error);
    double *matrix = *inner = wk_memory_raw((size_t)(n * n), sizeof *matrix, error);
    plate->columns = wk_memory_new((size_t)(terms * n), sizeof *plate->columns, error);
    plate->slant = wk_memory_new((size_t)(terms * m), sizeof *plate->slant, error);
    if (status != WK_OK || !room || !matrix || !plate->columns || !plate->slant) {
        wk_memory_free(room);
        return WK_MEMORY;
    }
    kernel_fill(matrix, plate, share);
    wk_plate_drift_turn_both(&plate->drift, matrix, room);
    wk_plate_drift_columns(&plate->drift, plate->columns);
    wk_memory_free(room);
    for (int64_t i = 0; share && i < n; i++)
        for (int64_t c = 0; c < terms; c++)
            plate->columns[terms * i + c] *= share[i];
    size_t part = (size_t)terms * sizeof *matrix;
    for (int64_t c = 0; c < terms; c++)
        memcpy(plate->core[c], matrix + c * n, part);
    for (int64_t k = 0; k < m; k++) {
        memcpy(plate->slant + terms * k, matrix + (k + terms) * n, part);
        memmove(matrix + k * m, matrix + (k + terms) * n + terms, (size_t)m * sizeof *matrix);
    }
    return WK_OK;
}

wk_status wk_plate_slant_turn(wk_plate *plate, const double *turned, wk_error *error)
{
    int64_t m = plate->m, terms = plate->drift.terms;
    double *out = wk_memory_new((size_t)(terms * m), sizeof *out, error);
    if (!out)
        return WK_MEMORY;
    for (int64_t i = 0; i < m; i++)
        for (int64_t k = 0; k < m; k++)
            for (int64_t c = 0; c < terms; c++)
                out[terms * k + c] += turned[i * m + k] * plate->slant[terms * i + c];
    wk_memory_free(plate->slant);
    plate->slant = out;
    return WK_OK;
}

/* A lambda that was chosen or given, for one value. */
static void shift_make(wk_plate *plate, int q, const wk_plate_spectrum *spectrum, double smooth)
{
    double scale = plate->scale;
    plate->shift[q] =
        isnan(smooth) ? wk_plate_shift_choose(spectrum) : wk_plate_shift_of(smooth, scale);
    plate->report.lambda[q] = isnan(smooth) ? wk_plate_lambda_of(plate->shift[q], scale) : smooth;
    plate->report.effective[q] = wk_plate_trace(spectrum, plate->shift[q]);
    wk_tridiagonal_factor(plate->pivot[q], plate->ratio[q], &plate->tridiagonal, plate->shift[q]);
}

wk_status wk_plate_shifts_make(wk_plate *plate, double *along, double smooth, const double rest[2],
                               double pilot, wk_error *error)
{
    int64_t m = plate->m;
    double *gain = wk_memory_new((size_t)(3 * m), sizeof *gain, error);
    plate->pivot[0] = wk_memory_new((size_t)(4 * m), sizeof *gain, error);
    if (!gain || !plate->pivot[0]) {
        wk_memory_free(gain);
        return WK_MEMORY;
    }
    plate->pivot[1] = plate->pivot[0] + m;
    plate->ratio[0] = plate->pivot[1] + m, plate->ratio[1] = plate->ratio[0] + m;
    double *side = gain + m, *square = side + m, most = 0.0;
    memcpy(gain, plate->tridiagonal.diagonal, (size_t)m * sizeof *gain);
    memcpy(side, plate->tridiagonal.side, (size_t)m * sizeof *gain);
    wk_status status = wk_tridiagonal_diagonalise(gain, side, along, m, 2, error);
    for (int64_t k = 0; k < m; k++)
        most = fmax(most, gain[k]);
    for (int64_t k = 0; k < m; k++)
        gain[k] = fmax(gain[k], 1e-15 * most);
    for (int q = 0; q < 2 && status == WK_OK; q++) {
        wk_plate_spectrum spectrum = {
            gain, square, rest[q], m, plate->report.rows, plate->report.places, plate->drift.terms};
        for (int64_t k = 0; k < m; k++) {
            square[k] = along[2 * k + q] * along[2 * k + q];
            if (pilot > 0.0) {
                double gone = pilot / (gain[k] + pilot);
                square[k] /= gain[k];
                spectrum.rest -= square[k] * gone * gone;
            }
        }
        spectrum.rest = fmax(spectrum.rest, 0.0);
        shift_make(plate, q, &spectrum, smooth);
    }
    wk_memory_free(gain);
    return status;
}

void wk_plate_drifts(double *y, const wk_plate *plate, const double *p)
{
    double q[WK_PLATE_TERMS];
    int terms = plate->drift.terms;
    wk_plate_drift_below(&plate->drift, q, p);
    for (int64_t k = 0; k < plate->m; k++) {
        y[k] = -wk_plate_drift_sum(plate->slant + terms * k, q, terms);
        for (int c = 0; c < terms; c++)
            y[k] -= plate->tilt[c * plate->m + k] * p[c];
    }
}

void wk_plate_functions(double *y, double *q, const wk_plate *plate, const double *kernels,
                        const double *p)
{
    int64_t m = plate->m;
    int terms = plate->drift.terms;
    wk_plate_drift_below(&plate->drift, q, p);
    for (int64_t k = 0; k < m; k++)
        y[k] = -wk_plate_drift_sum(plate->slant + terms * k, q, terms);
    wk_lines_add(y, plate->basis, m, kernels, plate->centres, m);
}

void wk_plate_rows_fill(wk_plate *plate, int q, const wk_plate_places *places,
                        const wk_plate_points *points, const double *rest, const double *left)
{
    int64_t rows = places->rows;
    double *fitted = plate->rows + q * rows, *left_out = plate->rows + (2 + q) * rows;
    double rss = 0.0, free = (double)rows - plate->report.effective[q];
    for (int64_t i = 0; i < rows; i++) {
        int64_t k = places->place[i];
        double off = points->values[q][i] - places->value[q][k], count = places->share[k];
        double whole = off + rest[k];
        count *= count;
        fitted[i] = points->values[q][i] - whole;
        left_out[i] = whole / (1.0 - 1.0 / count + left[k] / count);
        rss += whole * whole;
    }
    /* of a trace that rounding has brought near the number of rows nothing can be said */
    plate->report.sigma[q] = free > 1e-6 * (double)rows ? sqrt(rss / free) : (double)NAN;
    plate->report.fitted[q] = fitted;
    plate->report.left_out[q] = left_out;
}
