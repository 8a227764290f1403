/* Headers for the tests of world coordinates, written as one card a line. */
#ifndef WELKIN_TEST_WCS_CARDS_H
#define WELKIN_TEST_WCS_CARDS_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "welkin/wcs.h"

/* TAN at (150, 20) with 1.08 arcsec pixels and the reference at pixel (511, 511); a card of the
 * same name in the text that follows takes its place. */
#define TAN_AXES                                                                                   \
    "CTYPE1  = 'RA---TAN'\nCTYPE2  = 'DEC--TAN'\nCRVAL1  = 150.0\nCRVAL2  = 20.0\n"                \
    "CRPIX1  = 512.0\nCRPIX2  = 512.0\n"
#define TAN_SCALE "CDELT1  = -3.0E-4\nCDELT2  = 3.0E-4\n"
#define TAN_CARDS TAN_AXES TAN_SCALE

/* 80-character records of the lines of a text; freed by the caller. */
static inline char *records_of(const char *lines, int64_t *count)
{
    size_t room = strlen(lines) + 1;
    char *records = malloc(80 * room);
    *count = 0;
    while (records && *lines) {
        size_t length = strcspn(lines, "\n");
        memset(records + 80 * *count, ' ', 80);
        memcpy(records + 80 * *count, lines, length < 80 ? length : 80);
        *count += 1;
        lines += length + (lines[length] == '\n');
    }
    return records;
}

static inline wk_status create(wk_wcs **out, const char *lines, wk_error *error)
{
    int64_t count;
    char *records = records_of(lines, &count);
    wk_status status = wk_wcs_create(out, records, count, "a.fits[1]", error);
    free(records);
    return status;
}

#endif
