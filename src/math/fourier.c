#include "fourier.h"

#include <math.h>
#include <string.h>

#include "memory.h"
#include "moment.h"
#include "status.h"

typedef double double4 __attribute__((vector_size(32), aligned(8)));

/* The same element of four lines. */
typedef struct four {
    double4 re, im;
} four;

enum { LANES = 4, FACTORS = 64 };

/* One length and the roots of unity exp(-2 pi i k / n). */
typedef struct length {
    int64_t n;
    int count, factor[FACTORS];
    double *cosine, *sine; /* [n] */
} length;

struct wk_fourier {
    length row, column; /* along a row: columns; along a column: rows */
    int64_t stride;
};

int64_t wk_fourier_size(int64_t least)
{
    for (int64_t n = least < 1 ? 1 : least;; n++) {
        int64_t rest = n;
        while (rest % 2 == 0)
            rest /= 2;
        while (rest % 3 == 0)
            rest /= 3;
        while (rest % 5 == 0)
            rest /= 5;
        if (rest == 1)
            return n;
    }
}

static int factorise(length *of)
{
    static const int radix[] = {4, 2, 3, 5};
    int64_t rest = of->n;
    for (int i = 0; i < 4; i++)
        for (; rest % radix[i] == 0 && of->count < FACTORS; rest /= radix[i])
            of->factor[of->count++] = radix[i];
    return rest == 1;
}

static wk_status length_make(length *of, int64_t n, wk_error *error)
{
    of->n = n;
    if (n < 1 || !factorise(of))
        return wk_error_set(error, WK_ARGUMENT, "",
                            "a transform of length %lld: it must be a product of 2, 3 and 5",
                            (long long)n);
    of->cosine = wk_memory_raw((size_t)n, sizeof(double), error);
    of->sine = wk_memory_raw((size_t)n, sizeof(double), error);
    if (!of->cosine || !of->sine)
        return WK_MEMORY;
    for (int64_t k = 0; k < n; k++) {
        double angle = 2.0 * M_PI * (double)k / (double)n;
        of->cosine[k] = cos(angle);
        of->sine[k] = -sin(angle);
    }
    return WK_OK;
}

wk_status wk_fourier_create(wk_fourier **out, int64_t rows, int64_t columns, wk_error *error)
{
    *out = NULL;
    wk_fourier *plan = wk_memory_new(1, sizeof *plan, error);
    if (!plan)
        return WK_MEMORY;
    wk_status status = length_make(&plan->row, columns, error);
    if (status == WK_OK)
        status = length_make(&plan->column, rows, error);
    if (status != WK_OK) {
        wk_fourier_free(plan);
        return status;
    }
    /* an odd number of cache lines: rows would else fall on each other in the cache */
    plan->stride = ((columns + 7) / 8 | 1) * 8;
    *out = plan;
    return WK_OK;
}

void wk_fourier_free(wk_fourier *plan)
{
    if (!plan)
        return;
    wk_memory_free(plan->row.cosine);
    wk_memory_free(plan->row.sine);
    wk_memory_free(plan->column.cosine);
    wk_memory_free(plan->column.sine);
    wk_memory_free(plan);
}

int64_t wk_fourier_stride(const wk_fourier *plan)
{
    return plan->stride;
}

size_t wk_fourier_plane(const wk_fourier *plan)
{
    return (size_t)((plan->column.n + LANES - 1) / LANES * LANES * plan->stride);
}

size_t wk_fourier_room(const wk_fourier *plan)
{
    int64_t longest = plan->row.n > plan->column.n ? plan->row.n : plan->column.n;
    return (size_t)longest * 2 * (sizeof(four) / sizeof(double));
}

/* Where one pass of Stockham's method is: n / radix butterflies of s neighbours each, results in
 * order. */
typedef struct stage {
    int64_t n, s;
    int64_t step; /* of the table of roots */
    const double *cosine, *sine;
} stage;

/* *to = (re + i im) * (power * p)-th root */
WK_INLINE void turn(four *to, const double4 *re, const double4 *im, const stage *at, int64_t p,
                    int64_t power)
{
    double c = at->cosine[power * p * at->step], d = at->sine[power * p * at->step];
    to->re = *re * c - *im * d;
    to->im = *re * d + *im * c;
}

WK_INLINE void pass_two(four *to, const four *from, const stage *at)
{
    int64_t m = at->n / 2, s = at->s;
    for (int64_t p = 0; p < m; p++)
        for (int64_t q = 0; q < s; q++) {
            const four *a = from + q + s * p, *b = a + s * m;
            four *out = to + q + s * 2 * p;
            double4 re = a->re - b->re, im = a->im - b->im;
            out[0].re = a->re + b->re;
            out[0].im = a->im + b->im;
            turn(&out[s], &re, &im, at, p, 1);
        }
}

WK_INLINE void pass_three(four *to, const four *from, const stage *at)
{
    const double half_root = 0.86602540378443864676;
    int64_t m = at->n / 3, s = at->s;
    for (int64_t p = 0; p < m; p++)
        for (int64_t q = 0; q < s; q++) {
            const four *a = from + q + s * p, *b = a + s * m, *c = b + s * m;
            four *out = to + q + s * 3 * p;
            double4 sum_re = b->re + c->re, sum_im = b->im + c->im;
            double4 mid_re = a->re - 0.5 * sum_re, mid_im = a->im - 0.5 * sum_im;
            double4 off_re = half_root * (b->im - c->im), off_im = half_root * (c->re - b->re);
            out[0].re = a->re + sum_re;
            out[0].im = a->im + sum_im;
            double4 re = mid_re + off_re, im = mid_im + off_im;
            turn(&out[s], &re, &im, at, p, 1);
            re = mid_re - off_re;
            im = mid_im - off_im;
            turn(&out[2 * s], &re, &im, at, p, 2);
        }
}

WK_INLINE void pass_four(four *to, const four *from, const stage *at)
{
    int64_t m = at->n / 4, s = at->s;
    for (int64_t p = 0; p < m; p++)
        for (int64_t q = 0; q < s; q++) {
            const four *a = from + q + s * p, *b = a + s * m, *c = b + s * m, *d = c + s * m;
            four *out = to + q + s * 4 * p;
            double4 even_re = a->re + c->re, even_im = a->im + c->im;
            double4 odd_re = b->re + d->re, odd_im = b->im + d->im;
            double4 left_re = a->re - c->re, left_im = a->im - c->im;
            double4 turned_re = b->im - d->im, turned_im = d->re - b->re;
            out[0].re = even_re + odd_re;
            out[0].im = even_im + odd_im;
            double4 re = left_re + turned_re, im = left_im + turned_im;
            turn(&out[s], &re, &im, at, p, 1);
            re = even_re - odd_re;
            im = even_im - odd_im;
            turn(&out[2 * s], &re, &im, at, p, 2);
            re = left_re - turned_re;
            im = left_im - turned_im;
            turn(&out[3 * s], &re, &im, at, p, 3);
        }
}

/* The outer results 1 and 4, or 2 and 3, of five: mid +- off turned by a quarter. */
WK_INLINE void pair_of_five(four *to, four *other, const four *mid, const four *off,
                            const stage *at, int64_t p, int64_t power)
{
    double4 re = mid->re + off->im, im = mid->im - off->re;
    turn(to, &re, &im, at, p, power);
    re = mid->re - off->im;
    im = mid->im + off->re;
    turn(other, &re, &im, at, p, 5 - power);
}

WK_INLINE void pass_five(four *to, const four *from, const stage *at)
{
    const double c1 = 0.30901699437494742410, c2 = -0.80901699437494742410;
    const double s1 = 0.95105651629515357212, s2 = 0.58778525229247312917;
    int64_t m = at->n / 5, s = at->s;
    for (int64_t p = 0; p < m; p++)
        for (int64_t q = 0; q < s; q++) {
            const four *a = from + q + s * p, *b = a + s * m, *c = b + s * m, *d = c + s * m;
            const four *e = d + s * m;
            four *out = to + q + s * 5 * p, mid, off;
            double4 be_re = b->re + e->re, be_im = b->im + e->im;
            double4 cd_re = c->re + d->re, cd_im = c->im + d->im;
            double4 less_be_re = b->re - e->re, less_be_im = b->im - e->im;
            double4 less_cd_re = c->re - d->re, less_cd_im = c->im - d->im;
            out[0].re = a->re + be_re + cd_re;
            out[0].im = a->im + be_im + cd_im;
            mid.re = a->re + c1 * be_re + c2 * cd_re;
            mid.im = a->im + c1 * be_im + c2 * cd_im;
            off.re = s1 * less_be_re + s2 * less_cd_re;
            off.im = s1 * less_be_im + s2 * less_cd_im;
            pair_of_five(&out[s], &out[4 * s], &mid, &off, at, p, 1);
            mid.re = a->re + c2 * be_re + c1 * cd_re;
            mid.im = a->im + c2 * be_im + c1 * cd_im;
            off.re = s2 * less_be_re - s1 * less_cd_re;
            off.im = s2 * less_be_im - s1 * less_cd_im;
            pair_of_five(&out[2 * s], &out[3 * s], &mid, &off, at, p, 2);
        }
}

/* Four lines at once; returns which of the two buffers holds the result. */
WK_INLINE four *lines(four *from, four *to, const length *of)
{
    stage at = {of->n, 1, 1, of->cosine, of->sine};
    for (int i = 0; i < of->count; i++) {
        int radix = of->factor[i];
        if (radix == 4)
            pass_four(to, from, &at);
        else if (radix == 2)
            pass_two(to, from, &at);
        else if (radix == 3)
            pass_three(to, from, &at);
        else
            pass_five(to, from, &at);
        at.n /= radix;
        at.s *= radix;
        at.step *= radix;
        four *other = from;
        from = to;
        to = other;
    }
    return from;
}

WK_INLINE void rows(const wk_fourier *plan, double *re, double *im, int64_t count, four *room)
{
    int64_t n = plan->row.n, stride = plan->stride;
    for (int64_t y = 0; y < count; y += LANES) {
        double *r = re + y * stride, *i = im + y * stride;
        for (int64_t x = 0; x < n; x++) {
            room[x].re = (double4){r[x], r[x + stride], r[x + 2 * stride], r[x + 3 * stride]};
            room[x].im = (double4){i[x], i[x + stride], i[x + 2 * stride], i[x + 3 * stride]};
        }
        const four *done = lines(room, room + n, &plan->row);
        for (int64_t x = 0; x < n; x++)
            for (int k = 0; k < LANES; k++) {
                r[x + k * stride] = done[x].re[k];
                i[x + k * stride] = done[x].im[k];
            }
    }
}

WK_INLINE void columns(const wk_fourier *plan, double *re, double *im, four *room)
{
    int64_t n = plan->column.n, stride = plan->stride;
    for (int64_t x = 0; x < plan->row.n; x += LANES) {
        for (int64_t y = 0; y < n; y++) {
            memcpy(&room[y].re, re + y * stride + x, sizeof(double4));
            memcpy(&room[y].im, im + y * stride + x, sizeof(double4));
        }
        const four *done = lines(room, room + n, &plan->column);
        for (int64_t y = 0; y < n; y++) {
            memcpy(re + y * stride + x, &done[y].re, sizeof(double4));
            memcpy(im + y * stride + x, &done[y].im, sizeof(double4));
        }
    }
}

WK_WIDE static void rows_wide(const wk_fourier *plan, double *re, double *im, int64_t count,
                              four *room)
{
    rows(plan, re, im, count, room);
}

WK_WIDE static void columns_wide(const wk_fourier *plan, double *re, double *im, four *room)
{
    columns(plan, re, im, room);
}

static void rows_any(const wk_fourier *plan, double *re, double *im, int64_t count, double *room)
{
    if (wk_wide_usable())
        rows_wide(plan, re, im, count, (four *)(void *)room);
    else
        rows(plan, re, im, count, (four *)(void *)room);
}

static void columns_any(const wk_fourier *plan, double *re, double *im, double *room)
{
    if (wk_wide_usable())
        columns_wide(plan, re, im, (four *)(void *)room);
    else
        columns(plan, re, im, (four *)(void *)room);
}

void wk_fourier_forward(const wk_fourier *plan, double *re, double *im, int64_t filled,
                        double *room)
{
    rows_any(plan, re, im, filled, room);
    columns_any(plan, re, im, room);
}

/* The other sign is what swapped planes make of this one. */
void wk_fourier_inverse(const wk_fourier *plan, double *re, double *im, int64_t wanted,
                        double *room)
{
    columns_any(plan, im, re, room);
    rows_any(plan, im, re, wanted, room);
}

/* The spectra of the two real images of a pair, from one frequency k and its opposite. */
typedef struct spectra {
    double first_re, first_im, second_re, second_im;
} spectra;

static inline spectra part(const double *re, const double *im, int64_t k, int64_t opposite)
{
    spectra of = {0.5 * (re[k] + re[opposite]), 0.5 * (im[k] - im[opposite]),
                  0.5 * (im[k] + im[opposite]), 0.5 * (re[opposite] - re[k])};
    return of;
}

static inline void correlate_one(double *a_re, double *a_im, const double *b_re, const double *b_im,
                                 int64_t k, int64_t opposite)
{
    spectra a = part(a_re, a_im, k, opposite), b = part(b_re, b_im, k, opposite);
    double p_re = a.first_re * b.first_re + a.first_im * b.first_im;
    double p_im = a.first_re * b.first_im - a.first_im * b.first_re;
    double q_re = a.second_re * b.second_re + a.second_im * b.second_im;
    double q_im = a.second_re * b.second_im - a.second_im * b.second_re;
    a_re[k] = p_re - q_im;
    a_im[k] = p_im + q_re;
    a_re[opposite] = p_re + q_im;
    a_im[opposite] = q_re - p_im;
}

void wk_fourier_correlate(const wk_fourier *plan, double *a_re, double *a_im, const double *b_re,
                          const double *b_im)
{
    int64_t ny = plan->column.n, nx = plan->row.n, stride = plan->stride;
    for (int64_t y = 0; 2 * y <= ny; y++) {
        int64_t other = (ny - y) % ny;
        int64_t last =
            other == y ? nx / 2 : nx - 1; /* a row that is its own opposite: half of it */
        for (int64_t x = 0; x <= last; x++)
            correlate_one(a_re, a_im, b_re, b_im, y * stride + x,
                          other * stride + (x ? nx - x : 0));
    }
}
