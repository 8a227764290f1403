/* From the cards of a header to mended records of one pair of axes. */
#ifndef WELKIN_DATA_WCS_RECORD_H
#define WELKIN_DATA_WCS_RECORD_H

#include "wcs_card.h"
#include "wcs_header.h"

/* What is known of a header while it is read. */
typedef struct wk_wcs_reading {
    wk_card *cards;
    int64_t count, room;
    int axis[2];      /* the celestial pair's numbers, ascending; 0: none */
    int longitude;    /* which of the two is the longitude, 0 or 1 */
    char code[2][16]; /* CTYPE in upper case */
    char algorithm[4];
    int sip, tpv, draft;   /* distortions; draft: of paper IV, not a lookup table */
    int matrix, matrix_pc; /* there is a CD, a PC matrix */
    const char *subject;
    wk_error *error;
    int64_t output_room;
} wk_wcs_reading;

/* The card of that name and those numbers; NULL if there is none.  The last of several counts, as
 * in WCSLIB. */
const wk_card *wk_wcs_reading_find(const wk_wcs_reading *in, wk_card_kind kind, const char *name,
                                   int a, int b);

/* Whether an axis is one of the celestial pair. */
int wk_wcs_reading_has(const wk_wcs_reading *in, int axis);

/* Whether a card's number belongs to the celestial pair. */
int wk_wcs_reading_uses(const wk_wcs_reading *in, const wk_card *card);

/* Write the records of the pair into out->text. */
wk_status wk_wcs_record_pair(wk_wcs_reading *in, wk_wcs_header *out);

/* Write the records of a plate of the Digitized Sky Survey into out->text. */
wk_status wk_wcs_record_plate(wk_wcs_reading *in, wk_wcs_header *out);

#endif
