/* Discrete Fourier transforms of pairs of real images, in double precision.
 *
 * Two real images are the real and the imaginary plane of one complex one, so that one transform
 * serves both (see wk_fourier_correlate).  Lengths are products of 2, 3 and 5; four lines go
 * through the butterflies side by side, one in each lane of a vector, and stay in the cache
 * meanwhile.
 *
 * The code is welkin's own: of the libraries that Debian packages, FFTW is under the GPL and
 * KissFFT is built for float32 only, whose rounding shows in correlations of 1e-4.
 */
#ifndef WELKIN_MATH_FOURIER_H
#define WELKIN_MATH_FOURIER_H

#include <stddef.h>
#include <stdint.h>

#include "welkin/status.h"

/* The smallest product of 2, 3 and 5 that is not below least; 1 for least < 1. */
int64_t wk_fourier_size(int64_t least);

typedef struct wk_fourier wk_fourier;

/* A plan for images of rows x columns, both from wk_fourier_size; freed with wk_fourier_free.  A
 * plan is not changed by use: threads share it, each with its own room. */
wk_status wk_fourier_create(wk_fourier **out, int64_t rows, int64_t columns, wk_error *error);
void wk_fourier_free(wk_fourier *plan);

/* Doubles from one row of a plane to the next; what stands behind the columns is not looked at. */
int64_t wk_fourier_stride(const wk_fourier *plan);

/* Doubles in a plane, and doubles of working room for one thread. */
size_t wk_fourier_plane(const wk_fourier *plan);
size_t wk_fourier_room(const wk_fourier *plan);

/* Transform re + i im in place: sum over y, x of value * exp(-2 pi i (k y / rows + l x / columns)).
 * Rows from filled on hold zeros. */
void wk_fourier_forward(const wk_fourier *plan, double *re, double *im, int64_t filled,
                        double *room);

/* The same with the other sign, not divided by rows * columns.  Only the first `wanted` rows of the
 * result are made; the others hold nothing of use. */
void wk_fourier_inverse(const wk_fourier *plan, double *re, double *im, int64_t wanted,
                        double *room);

/* Spectra of two pairs of real images become that of the pair of their circular correlations,
 * sum over p of a_p b_{p+D}: of the real planes in the real one, of the imaginary planes in the
 * imaginary one, in place of a.  a and b may be the same. */
void wk_fourier_correlate(const wk_fourier *plan, double *a_re, double *a_im, const double *b_re,
                          const double *b_im);

#endif
