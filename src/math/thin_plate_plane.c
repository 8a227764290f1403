#include "thin_plate_plane.h"

#include <math.h>
#include <string.h>

#include "lines.h"
#include "memory.h"

/* x <- (1 - scale v v') x, v from its place on */
static void reflect(const wk_plate_plane *plane, int k, double *x)
{
    const double *v = plane->vector + k * plane->n;
    double factor = -plane->scale[k] * wk_lines_dot(v + k, x + k, plane->n - k);
    for (int64_t i = k; i < plane->n; i++)
        x[i] += factor * v[i];
}

wk_status wk_plate_plane_make(wk_plate_plane *plane, const double *u, const double *v,
                              const double *share, int64_t n, wk_error *error)
{
    memset(plane, 0, sizeof *plane);
    plane->n = n;
    plane->vector = wk_memory_new((size_t)(3 * n), sizeof *plane->vector, error);
    if (!plane->vector)
        return WK_MEMORY;
    for (int64_t i = 0; i < n; i++) {
        double weight = share ? share[i] : 1.0;
        plane->vector[i] = weight;
        plane->vector[n + i] = weight * u[i];
        plane->vector[2 * n + i] = weight * v[i];
    }
    for (int k = 0; k < 3; k++) {
        double *x = plane->vector + k * n;
        for (int j = 0; j < k; j++) {
            reflect(plane, j, x);
            plane->r[j][k] = x[j];
            x[j] = 0.0;
        }
        double length = copysign(sqrt(wk_lines_dot(x + k, x + k, n - k)), x[k]);
        plane->r[k][k] = -length;
        x[k] += length;
        plane->scale[k] = length != 0.0 ? 1.0 / (length * x[k]) : 0.0;
    }
    return WK_OK;
}

void wk_plate_plane_release(wk_plate_plane *plane)
{
    wk_memory_free(plane->vector);
    memset(plane, 0, sizeof *plane);
}

void wk_plate_plane_turn(const wk_plate_plane *plane, double *x)
{
    for (int k = 0; k < 3; k++)
        reflect(plane, k, x);
}

void wk_plate_plane_turn_both(const wk_plate_plane *plane, double *matrix, double *room)
{
    int64_t n = plane->n;
    for (int k = 0; k < 3; k++) {
        const double *v = plane->vector + k * n;
        double scale = plane->scale[k];
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

void wk_plate_plane_extend(const wk_plate_plane *plane, double *out, const double *basis, int64_t m,
                           double *room)
{
    int64_t n = plane->n;
    memset(out, 0, (size_t)(3 * m) * sizeof *out);
    memcpy(out + 3 * m, basis, (size_t)((n - 3) * m) * sizeof *out);
    for (int k = 2; k >= 0; k--) {
        const double *v = plane->vector + k * n;
        memset(room, 0, (size_t)m * sizeof *room);
        wk_lines_add(room, out + k * m, m, v + k, n - k, m);
        for (int64_t i = k; i < n; i++) {
            double factor = -plane->scale[k] * v[i];
            wk_lines_add(out + i * m, room, m, &factor, 1, m);
        }
    }
}

void wk_plate_plane_columns(const wk_plate_plane *plane, double *out)
{
    int64_t n = plane->n;
    memset(out, 0, (size_t)(3 * n) * sizeof *out);
    for (int c = 0; c < 3; c++)
        out[3 * c + c] = 1.0;
    for (int k = 2; k >= 0; k--) {
        const double *v = plane->vector + k * n;
        double along[3] = {0.0, 0.0, 0.0};
        for (int64_t i = k; i < n; i++)
            for (int c = 0; c < 3; c++)
                along[c] += v[i] * out[3 * i + c];
        for (int64_t i = k; i < n; i++)
            for (int c = 0; c < 3; c++)
                out[3 * i + c] -= plane->scale[k] * along[c] * v[i];
    }
}

void wk_plate_plane_below(const wk_plate_plane *plane, double q[3], const double p[3])
{
    for (int k = 0; k < 3; k++) {
        q[k] = p[k];
        for (int j = 0; j < k; j++)
            q[k] -= plane->r[j][k] * q[j];
        q[k] /= plane->r[k][k];
    }
}

void wk_plate_plane_above(const wk_plate_plane *plane, double b[3], const double y[3])
{
    for (int k = 2; k >= 0; k--) {
        b[k] = y[k];
        for (int j = k + 1; j < 3; j++)
            b[k] -= plane->r[k][j] * b[j];
        b[k] /= plane->r[k][k];
    }
}
