#include "thin_plate_triangle.h"

#include <float.h>
#include <math.h>

#include "lines.h"

void wk_triangle_make(double *matrix, int64_t n)
{
    double most = 0.0;
    for (int64_t i = 0; i < n; i++)
        most = fmax(most, matrix[i * n + i]);
    double least = fmax(most * (double)n * DBL_EPSILON, DBL_MIN);
    for (int64_t i = 0; i < n; i++) {
        double *row = matrix + i * n;
        for (int64_t j = 0; j < i; j++)
            row[j] = (row[j] - wk_lines_dot(row, matrix + j * n, j)) / matrix[j * n + j];
        row[i] = sqrt(fmax(row[i] - wk_lines_dot(row, row, i), least));
    }
}

static void line_divide(double *line, double divisor, int64_t width)
{
    for (int64_t j = 0; j < width; j++)
        line[j] /= divisor;
}

void wk_triangle_solve(double *lines, const double *triangle, int64_t n, int64_t width)
{
    for (int64_t i = 0; i < n; i++) {
        /* the sum of the lines before is taken off: -(-line + sum) */
        double *line = lines + i * width;
        for (int64_t j = 0; j < width; j++)
            line[j] = -line[j];
        wk_lines_add(line, lines, width, triangle + i * n, i, width);
        line_divide(line, -triangle[i * n + i], width);
    }
}

void wk_triangle_solve_turned(double *lines, const double *triangle, int64_t n, int64_t width,
                              double *room)
{
    for (int64_t i = n - 1; i >= 0; i--) {
        double *line = lines + i * width;
        for (int64_t j = i + 1; j < n; j++)
            room[j] = -triangle[j * n + i];
        wk_lines_add(line, line + width, width, room + i + 1, n - i - 1, width);
        line_divide(line, triangle[i * n + i], width);
    }
}

static void transpose(double *matrix, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < i; j++) {
            double keep = matrix[i * n + j];
            matrix[i * n + j] = matrix[j * n + i];
            matrix[j * n + i] = keep;
        }
}

void wk_triangle_solve_both(double *matrix, const double *triangle, int64_t n)
{
    wk_triangle_solve(matrix, triangle, n, n);
    transpose(matrix, n);
    wk_triangle_solve(matrix, triangle, n, n);
}
