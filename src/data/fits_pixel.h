/* Loops over pixels as a FITS file stores them: big-endian. */
#ifndef WELKIN_DATA_FITS_PIXEL_H
#define WELKIN_DATA_FITS_PIXEL_H

#include <stddef.h>
#include <stdint.h>

/* Take the level off count big-endian float32 pixels, in place: the difference in double, rounded
 * once; a NaN keeps its bits.  Returns the plain sum of the new 32-bit words, for
 * wk_checksum_words; count below 2^32. */
uint64_t wk_pixel_subtract_float(unsigned char *pixels, size_t count, double level);

/* The same for float64; count below 2^31. */
uint64_t wk_pixel_subtract_double(unsigned char *pixels, size_t count, double level);

/* Store count floats big-endian.  Returns the plain sum of their words, as above; count below 2^32.
 */
uint64_t wk_pixel_store_floats(void *to, const float *from, size_t count);

/* Read count big-endian floats of 4 or 8 bytes as doubles. */
void wk_pixel_widen(double *to, const void *from, size_t count, int size);

/* Put doubles in the place of the big-endian floats they were read from, rounded once; a NaN that
 * is still one keeps its bits.  Returns the plain sum of the new words; count below 2^31. */
uint64_t wk_pixel_narrow(void *pixels, const double *from, size_t count, int size);

/* Copy count numbers of 1, 2, 4 or 8 bytes between this machine's order and big-endian. */
void wk_pixel_swap(void *to, const void *from, size_t count, int size);

/* Big-endian numbers within a table row. */
uint64_t wk_pixel_load(const unsigned char *bytes, int size);
void wk_pixel_store(unsigned char *bytes, int size, uint64_t value);

#endif
