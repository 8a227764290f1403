/* Copying a FITS file HDU by HDU, while some of them are changed. */
#ifndef WELKIN_DATA_FITS_CARRY_H
#define WELKIN_DATA_FITS_CARRY_H

#include "fits_card.h"
#include "fits_copy.h"
#include "welkin/exposure.h"

/* The HDU at hand.  The copy's input is unpacked, whatever the file is. */
typedef struct wk_fits_carry {
    wk_fits_copy copy;
    wk_cards cards;    /* its header without END; changed in place */
    int hdu;           /* 0-based */
    int64_t header;    /* bytes of the header in the input */
    int64_t data;      /* bytes of the data unit in the input, without padding */
    int64_t place;     /* of the new header in the output */
    int64_t from, to;  /* of the data unit, set by wk_fits_carry_data */
    int packed;        /* nonzero: the input is gzipped */
    char subject[512]; /* names the HDU in messages */
} wk_fits_carry;

/* Carry one HDU over: either wk_fits_carry_same; or change the cards, call wk_fits_carry_data,
 * write the data unit from carry->to on, and call wk_fits_carry_end. */
typedef wk_status (*wk_fits_carry_change)(wk_fits_carry *carry, void *payload, wk_error *error);

/* Copy a file; the HDUs named are carried by change.
 *
 * Given      path     the output; it appears when it is whole, or not at all
 *            input    may be gzipped; the output is when its name ends in ".gz"
 *            hdus     0-based, in any order
 *            options  overwrite and durable are used
 * Status     WK_EXISTS; WK_FILE also for an output that is the input itself; WK_HEADER for an HDU
 *            that is not there; what change returns
 * Notes      1. All else is kept bit for bit, bytes behind the last HDU too.
 *            2. Links: an output that is a link is replaced, not what it points to. */
wk_status wk_fits_carry_file(const char *path, const char *input, const int *hdus, size_t count,
                             wk_fits_carry_change change, void *payload,
                             const wk_write_options *options, wk_error *error);

/* Copy the HDU at hand as it is. */
wk_status wk_fits_carry_same(wk_fits_carry *carry, wk_error *error);

/* Go on to the data: the number of cards stays from here on.  Room for CHECKSUM and DATASUM must be
 * there (wk_checksum_reserve). */
void wk_fits_carry_data(wk_fits_carry *carry);

/* Write the padding behind the new data unit of bytes bytes, and the header; sum is the data unit's
 * checksum. */
wk_status wk_fits_carry_end(wk_fits_carry *carry, int64_t bytes, uint32_t sum, wk_error *error);

#endif
