/* Numbers in texts, whatever the locale. */
#ifndef WELKIN_DATA_DECIMAL_H
#define WELKIN_DATA_DECIMAL_H

#include <locale.h>

#include "welkin/status.h"

/* The locale in which a point is a point; made once for many numbers. */
typedef struct wk_decimal {
    locale_t plain;
} wk_decimal;

wk_status wk_decimal_open(wk_decimal *decimal, wk_error *error);
void wk_decimal_close(wk_decimal *decimal);

/* Nonzero: all of a text is a number, correctly rounded: digits with sign, point and exponent (E or
 * D), or nan, inf, infinity in letters of either case.  Hexadecimal numbers are none.
 * Given   text   the byte after its length may be read, and must not be part of a number */
int wk_decimal_read(double *value, const wk_decimal *decimal, const char *text, size_t length);

#endif
