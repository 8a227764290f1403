#include "thin_plate_kernel.h"

#include <string.h>

#include "moment.h"

typedef double double4 __attribute__((vector_size(32), aligned(8), may_alias));
typedef int64_t long4 __attribute__((vector_size(32), aligned(8), may_alias));

/* 0.5 s ln s.  s = 2^e m with sqrt(1/2) <= m < sqrt(2); ln m = 2 artanh(t), t = (m - 1) / (m + 1),
 * whose series ends where its terms fall below 1e-17. */
WK_INLINE void half_square_log(double4 *result, const double4 *square)
{
    double4 s = *square;
    const int64_t half_bits = 0x3fe6a09e667f3bcd; /* sqrt(1/2) */
    const int64_t one = 0x0010000000000000, magic = 0x4330000000000000;
    const double ln2_high = 0x1.62e42fefa0000p-1, ln2_low = 0x1.cf79abc9e3b3ap-40;
    long4 bits;
    memcpy(&bits, &s, sizeof bits);
    /* a bias of 1024 keeps what is shifted positive */
    long4 shifted = bits - half_bits + 1024 * one;
    long4 exponent = (shifted >> 52) & 0xfff;
    long4 mantissa = bits - ((exponent - 1024) * one);
    long4 number = exponent | magic;
    double4 m, e;
    memcpy(&m, &mantissa, sizeof m);
    memcpy(&e, &number, sizeof e);
    e -= 0x1p52 + 1024.0;
    double4 t = (m - 1.0) / (m + 1.0), q = t * t;
    double4 series = 1.0 / 21.0 + q * (1.0 / 23.0);
    series = 1.0 / 17.0 + q * (1.0 / 19.0 + q * series);
    series = 1.0 / 13.0 + q * (1.0 / 15.0 + q * series);
    series = 1.0 / 9.0 + q * (1.0 / 11.0 + q * series);
    series = 1.0 / 5.0 + q * (1.0 / 7.0 + q * series);
    series = q * (1.0 / 3.0 + q * series);
    double4 log_m = e * ln2_low + 2.0 * t * series + 2.0 * t;
    double4 out = 0.5 * s * (e * ln2_high + log_m);
    long4 some = s > 0.0;
    long4 out_bits;
    memcpy(&out_bits, &out, sizeof out_bits);
    out_bits &= some;
    memcpy(result, &out_bits, sizeof out_bits);
}

/* Four places; of those beyond the last one the distance is 0. */
WK_INLINE void four(double4 *values, const double *u, const double *v, int64_t count, double x,
                    double y)
{
    double4 dx = {0}, dy = {0};
    if (count >= 4) {
        memcpy(&dx, u, sizeof dx);
        memcpy(&dy, v, sizeof dy);
        dx -= x;
        dy -= y;
    } else {
        for (int64_t i = 0; i < count; i++)
            dx[i] = u[i] - x, dy[i] = v[i] - y;
    }
    double4 square = dx * dx + dy * dy;
    half_square_log(values, &square);
}

WK_INLINE void kernel_body(double *out, const double *u, const double *v, int64_t n, double x,
                           double y)
{
    for (int64_t i = 0; i < n; i += 4) {
        int64_t count = n - i < 4 ? n - i : 4;
        double4 values;
        four(&values, u + i, v + i, count, x, y);
        if (count == 4)
            memcpy(out + i, &values, sizeof values);
        else
            for (int64_t l = 0; l < count; l++)
                out[i + l] = values[l];
    }
}

WK_WIDE static void kernel_wide(double *out, const double *u, const double *v, int64_t n, double x,
                                double y)
{
    kernel_body(out, u, v, n, x, y);
}

void wk_plate_kernel(double *out, const double *u, const double *v, int64_t n, double x, double y)
{
    if (wk_wide_usable())
        kernel_wide(out, u, v, n, x, y);
    else
        kernel_body(out, u, v, n, x, y);
}

WK_INLINE void sum_body(double sums[2], const double *const weights[2], const double *u,
                        const double *v, int64_t n, double x, double y)
{
    double4 sum[2] = {{0}, {0}};
    for (int64_t i = 0; i < n; i += 4) {
        int64_t count = n - i < 4 ? n - i : 4;
        double4 values, w[2] = {{0}, {0}};
        four(&values, u + i, v + i, count, x, y);
        for (int q = 0; q < 2; q++) {
            if (count == 4)
                memcpy(&w[q], weights[q] + i, sizeof w[q]);
            else
                for (int64_t l = 0; l < count; l++)
                    w[q][l] = weights[q][i + l];
            sum[q] += w[q] * values;
        }
    }
    for (int q = 0; q < 2; q++)
        sums[q] = (sum[q][0] + sum[q][2]) + (sum[q][1] + sum[q][3]);
}

WK_WIDE static void sum_wide(double sums[2], const double *const weights[2], const double *u,
                             const double *v, int64_t n, double x, double y)
{
    sum_body(sums, weights, u, v, n, x, y);
}

void wk_plate_kernel_sum(double sums[2], const double *const weights[2], const double *u,
                         const double *v, int64_t n, double x, double y)
{
    if (wk_wide_usable())
        sum_wide(sums, weights, u, v, n, x, y);
    else
        sum_body(sums, weights, u, v, n, x, y);
}
