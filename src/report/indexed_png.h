/* A PNG file of up to 256 colours or of greys, written row by row: a byte a pixel, for large
 * images.
 */
#ifndef WELKIN_REPORT_INDEXED_PNG_H
#define WELKIN_REPORT_INDEXED_PNG_H

#include <stdint.h>

#include "figure_colour.h"
#include "welkin/status.h"

typedef struct wk_indexed_png {
    int64_t width, height; /* 1..32768 */
    const wk_colour *colours;
    int colour_count; /* 1..256; 0: a byte is a level of grey */
    /* Fill one row of indices or greys, y from the top. */
    void (*fill)(uint8_t *row, int64_t y, const void *payload);
    const void *payload;
} wk_indexed_png;

/* The file appears whole or not at all.  Status: WK_EXISTS, WK_FILE, WK_MEMORY. */
wk_status wk_indexed_png_write(const char *path, const wk_indexed_png *image, int overwrite,
                               wk_error *error);

#endif
