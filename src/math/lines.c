#include "lines.h"

#include "moment.h"

typedef double double4 __attribute__((vector_size(32), aligned(8), may_alias));

enum { GROUP = 8, LANES = 8, QUAD = 4 };

WK_INLINE void group_add(double *restrict out, const double *restrict a, int64_t stride,
                         const double *restrict f, int64_t n)
{
    const double *b = a + stride, *c = b + stride, *d = c + stride;
    const double *e = d + stride, *g = e + stride, *h = g + stride, *k = h + stride;
    double f0 = f[0], f1 = f[1], f2 = f[2], f3 = f[3], f4 = f[4], f5 = f[5], f6 = f[6], f7 = f[7];
    for (int64_t j = 0; j < n; j++) {
        double low = f0 * a[j] + f1 * b[j] + f2 * c[j] + f3 * d[j];
        double high = f4 * e[j] + f5 * g[j] + f6 * h[j] + f7 * k[j];
        out[j] += low + high;
    }
}

WK_INLINE void add_body(double *restrict out, const double *restrict lines, int64_t stride,
                        const double *restrict factors, int64_t count, int64_t n)
{
    int64_t q = 0;
    for (; q + GROUP <= count; q += GROUP)
        group_add(out, lines + q * stride, stride, factors + q, n);
    for (; q < count; q++) {
        const double *line = lines + q * stride;
        double f = factors[q];
        for (int64_t j = 0; j < n; j++)
            out[j] += f * line[j];
    }
}

WK_WIDE static void add_wide(double *out, const double *lines, int64_t stride,
                             const double *factors, int64_t count, int64_t n)
{
    add_body(out, lines, stride, factors, count, n);
}

static void add_plain(double *out, const double *lines, int64_t stride, const double *factors,
                      int64_t count, int64_t n)
{
    add_body(out, lines, stride, factors, count, n);
}

void wk_lines_add(double *out, const double *lines, int64_t stride, const double *factors,
                  int64_t count, int64_t n)
{
    if (wk_wide_usable())
        add_wide(out, lines, stride, factors, count, n);
    else
        add_plain(out, lines, stride, factors, count, n);
}

WK_INLINE double lanes_sum(const double *lane)
{
    double low = (lane[0] + lane[4]) + (lane[2] + lane[6]);
    double high = (lane[1] + lane[5]) + (lane[3] + lane[7]);
    return low + high;
}

WK_INLINE double dot_body(const double *restrict a, const double *restrict b, int64_t n)
{
    double lane[LANES] = {0}, rest = 0.0;
    int64_t j = 0;
    for (; j + LANES <= n; j += LANES)
        for (int l = 0; l < LANES; l++)
            lane[l] += a[j + l] * b[j + l];
    for (; j < n; j++)
        rest += a[j] * b[j];
    return lanes_sum(lane) + rest;
}

WK_WIDE static double dot_wide(const double *a, const double *b, int64_t n)
{
    return dot_body(a, b, n);
}

double wk_lines_dot(const double *a, const double *b, int64_t n)
{
    return wk_wide_usable() ? dot_wide(a, b, n) : dot_body(a, b, n);
}

/* One row of the upper triangle, from its diagonal on. */
WK_INLINE void row_both(double *out, const double *row, const double *vector, int64_t i, int64_t n)
{
    double sum = row[i] * vector[i], factor = vector[i];
    for (int64_t j = i + 1; j < n; j++) {
        out[j] += factor * row[j];
        sum += row[j] * vector[j];
    }
    out[i] += sum;
}

/* Four rows over the columns that all of them have to the right of the diagonal. */
WK_INLINE void quad_both(double *restrict out, double *restrict sums, const double *restrict a,
                         int64_t stride, const double *restrict factors,
                         const double *restrict vector, int64_t n)
{
    const double *b = a + stride, *c = b + stride, *d = c + stride;
    double f0 = factors[0], f1 = factors[1], f2 = factors[2], f3 = factors[3];
    double4 lane[QUAD] = {{0}, {0}, {0}, {0}};
    int64_t j = 0;
    for (; j + QUAD <= n; j += QUAD) {
        double4 v = *(const double4 *)(vector + j), p = *(const double4 *)(a + j);
        double4 q = *(const double4 *)(b + j), r = *(const double4 *)(c + j);
        double4 s = *(const double4 *)(d + j);
        *(double4 *)(out + j) += (f0 * p + f1 * q) + (f2 * r + f3 * s);
        lane[0] += p * v, lane[1] += q * v, lane[2] += r * v, lane[3] += s * v;
    }
    for (int q = 0; q < QUAD; q++)
        sums[q] = (lane[q][0] + lane[q][2]) + (lane[q][1] + lane[q][3]);
    for (; j < n; j++) {
        out[j] += (f0 * a[j] + f1 * b[j]) + (f2 * c[j] + f3 * d[j]);
        sums[0] += a[j] * vector[j], sums[1] += b[j] * vector[j];
        sums[2] += c[j] * vector[j], sums[3] += d[j] * vector[j];
    }
}

WK_INLINE void symmetric_body(double *out, const double *matrix, int64_t stride,
                              const double *vector, int64_t from, int64_t to, int64_t n)
{
    int64_t i = from;
    for (; i + QUAD <= to; i += QUAD) {
        double sums[QUAD];
        const double *rows = matrix + i * stride;
        for (int64_t q = 0; q < QUAD; q++)
            row_both(out, rows + q * stride, vector, i + q, i + QUAD);
        quad_both(out + i + QUAD, sums, rows + i + QUAD, stride, vector + i, vector + i + QUAD,
                  n - i - QUAD);
        for (int q = 0; q < QUAD; q++)
            out[i + q] += sums[q];
    }
    for (; i < to; i++)
        row_both(out, matrix + i * stride, vector, i, n);
}

WK_WIDE static void symmetric_wide(double *out, const double *matrix, int64_t stride,
                                   const double *vector, int64_t from, int64_t to, int64_t n)
{
    symmetric_body(out, matrix, stride, vector, from, to, n);
}

void wk_lines_symmetric(double *out, const double *matrix, int64_t stride, const double *vector,
                        int64_t from, int64_t to, int64_t n)
{
    if (wk_wide_usable())
        symmetric_wide(out, matrix, stride, vector, from, to, n);
    else
        symmetric_body(out, matrix, stride, vector, from, to, n);
}
