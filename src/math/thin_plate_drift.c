#include "thin_plate_drift.h"

#include <math.h>
#include <string.h>

#include "lines.h"
#include "memory.h"

int wk_plate_drift_count(int degree)
{
    return (degree + 1) * (degree + 2) / 2;
}

void wk_plate_drift_terms(double *p, int degree, const double half[2], double u, double v)
{
    double s = u / half[0], t = v / half[1];
    p[0] = 1.0, p[1] = s, p[2] = t;
    if (degree < 2)
        return;
    p[3] = 1.5 * s * s - 0.5, p[4] = s * t, p[5] = 1.5 * t * t - 0.5;
    if (degree < 3)
        return;
    p[6] = (2.5 * s * s - 1.5) * s, p[7] = p[3] * t, p[8] = s * p[5];
    p[9] = (2.5 * t * t - 1.5) * t;
}

double wk_plate_drift_sum(const double *coefficients, const double *p, int terms)
{
    double sum = 0.0;
    for (int c = 0; c < terms; c++)
        sum += coefficients[c] * p[c];
    return sum;
}

/* x <- (1 - scale v v') x, v from its place on */
static void reflect(const wk_plate_drift *drift, int k, double *x)
{
    const double *v = drift->vector + k * drift->n;
    double factor = -drift->scale[k] * wk_lines_dot(v + k, x + k, drift->n - k);
    for (int64_t i = k; i < drift->n; i++)
        x[i] += factor * v[i];
}

/* Householder's vectors of the terms that stand in their place. */
static void triangle_make(wk_plate_drift *drift)
{
    int64_t n = drift->n;
    for (int k = 0; k < drift->terms; k++) {
        double *x = drift->vector + k * n;
        for (int j = 0; j < k; j++) {
            reflect(drift, j, x);
            drift->r[j][k] = x[j];
            x[j] = 0.0;
        }
        double length = copysign(sqrt(wk_lines_dot(x + k, x + k, n - k)), x[k]);
        drift->r[k][k] = -length;
        x[k] += length;
        drift->scale[k] = length != 0.0 ? 1.0 / (length * x[k]) : 0.0;
    }
}

wk_status wk_plate_drift_make(wk_plate_drift *drift, int degree, const double half[2],
                              const double *u, const double *v, const double *share, int64_t n,
                              wk_error *error)
{
    memset(drift, 0, sizeof *drift);
    drift->n = n;
    drift->degree = degree, drift->terms = wk_plate_drift_count(degree);
    drift->half[0] = half[0], drift->half[1] = half[1];
    drift->vector = wk_memory_new((size_t)(drift->terms * n), sizeof *drift->vector, error);
    if (!drift->vector)
        return WK_MEMORY;
    for (int64_t i = 0; i < n; i++) {
        double weight = share ? share[i] : 1.0, p[WK_PLATE_TERMS];
        wk_plate_drift_terms(p, degree, half, u[i], v[i]);
        for (int c = 0; c < drift->terms; c++)
            drift->vector[c * n + i] = weight * p[c];
    }
    triangle_make(drift);
    return WK_OK;
}

void wk_plate_drift_release(wk_plate_drift *drift)
{
    wk_memory_free(drift->vector);
    memset(drift, 0, sizeof *drift);
}

int wk_plate_drift_determined(const wk_plate_drift *drift, double part)
{
    int degree = 1;
    for (int c = 3; c < drift->terms; c++) {
        double square = 0.0;
        for (int k = 0; k <= c; k++)
            square += drift->r[k][c] * drift->r[k][c];
        if (!(fabs(drift->r[c][c]) > part * sqrt(square)))
            return degree;
        if (c + 1 == wk_plate_drift_count(degree + 1))
            degree++;
    }
    return degree;
}

void wk_plate_drift_turn(const wk_plate_drift *drift, double *x)
{
    for (int k = 0; k < drift->terms; k++)
        reflect(drift, k, x);
}

void wk_plate_drift_turn_both(const wk_plate_drift *drift, double *matrix, double *room)
{
    int64_t n = drift->n;
    for (int k = 0; k < drift->terms; k++) {
        const double *v = drift->vector + k * n;
        double scale = drift->scale[k];
        for (int64_t i = 0; i < n; i++)
            room[i] = scale * wk_lines_dot(matrix + i * n + k, v + k, n - k);
        double half = 0.5 * scale * wk_lines_dot(room + k, v + k, n - k);
        for (int64_t i = 0; i < n; i++)
            room[i] -= half * v[i];
        for (int64_t i = 0; i < n; i++) {
            double *row = matrix + i * n, a = v[i], b = room[i];
            for (int64_t j = 0; j < n; j++)
                row[j] -= a * room[j] + b * v[j];
        }
    }
}

void wk_plate_drift_extend(const wk_plate_drift *drift, double *out, const double *basis, int64_t m,
                           double *room)
{
    int64_t n = drift->n, terms = drift->terms;
    memset(out, 0, (size_t)(terms * m) * sizeof *out);
    memcpy(out + terms * m, basis, (size_t)((n - terms) * m) * sizeof *out);
    for (int64_t k = terms - 1; k >= 0; k--) {
        const double *v = drift->vector + k * n;
        memset(room, 0, (size_t)m * sizeof *room);
        wk_lines_add(room, out + k * m, m, v + k, n - k, m);
        for (int64_t i = k; i < n; i++) {
            double factor = -drift->scale[k] * v[i];
            wk_lines_add(out + i * m, room, m, &factor, 1, m);
        }
    }
}

void wk_plate_drift_columns(const wk_plate_drift *drift, double *out)
{
    int64_t n = drift->n;
    int terms = drift->terms;
    memset(out, 0, (size_t)(terms * n) * sizeof *out);
    for (int c = 0; c < terms; c++)
        out[terms * c + c] = 1.0;
    for (int k = terms - 1; k >= 0; k--) {
        const double *v = drift->vector + k * n;
        double along[WK_PLATE_TERMS] = {0.0};
        for (int64_t i = k; i < n; i++)
            for (int c = 0; c < terms; c++)
                along[c] += v[i] * out[terms * i + c];
        for (int64_t i = k; i < n; i++)
            for (int c = 0; c < terms; c++)
                out[terms * i + c] -= drift->scale[k] * along[c] * v[i];
    }
}

void wk_plate_drift_below(const wk_plate_drift *drift, double *q, const double *p)
{
    for (int k = 0; k < drift->terms; k++) {
        q[k] = p[k];
        for (int j = 0; j < k; j++)
            q[k] -= drift->r[j][k] * q[j];
        q[k] /= drift->r[k][k];
    }
}

void wk_plate_drift_above(const wk_plate_drift *drift, double *b, const double *y)
{
    for (int k = drift->terms - 1; k >= 0; k--) {
        b[k] = y[k];
        for (int j = k + 1; j < drift->terms; j++)
            b[k] -= drift->r[k][j] * b[j];
        b[k] /= drift->r[k][k];
    }
}
