/* The FITS checksum convention: CHECKSUM and DATASUM. */
#ifndef WELKIN_DATA_FITS_CHECKSUM_H
#define WELKIN_DATA_FITS_CHECKSUM_H

#include "fits_card.h"

/* Add bytes to a ones' complement sum of big-endian 32-bit words.  place is where the bytes lie,
 * counted from where the sum began: pieces may be of any length and be added in any order. */
uint32_t wk_checksum_add(uint32_t sum, int64_t place, const void *bytes, size_t size);

/* The same for a plain sum of whole words, as the pixel loops make it. */
uint32_t wk_checksum_words(uint32_t sum, uint64_t words);

/* Make room for both keywords, so that the header's size no longer changes. */
wk_status wk_checksum_reserve(wk_cards *cards, wk_error *error);

/* Set DATASUM to the data's sum and CHECKSUM so that the whole HDU sums to zero, and write the
 * header into wk_cards_size bytes. */
wk_status wk_checksum_header(wk_cards *cards, uint32_t data, char *header, wk_error *error);

#endif
