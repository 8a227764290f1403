/* What a header says of how its data unit is built, and headers freed of it. */
#ifndef WELKIN_DATA_FITS_STRUCTURE_H
#define WELKIN_DATA_FITS_STRUCTURE_H

#include "fits_card.h"

/* The data unit's size in bytes, without padding; 0 if the keywords make no sense. */
int wk_cards_data_size(const wk_cards *cards, int64_t *bytes);

/* Nonzero: an array with axes, not compressed; a tile-compressed image in a table. */
int wk_cards_is_image(const wk_cards *cards);
int wk_cards_is_compressed(const wk_cards *cards);

/* Nonzero unless BSCALE and BZERO are absent or change nothing. */
int wk_cards_is_scaled(const wk_cards *cards);

/* The size of an image, compressed or not, whose third and further axes have length 1; 0 if it has
 * another shape. */
int wk_cards_image_size(const wk_cards *cards, int64_t *width, int64_t *height);

/* Make the header one of plain float32 pixels: a compressed image's table becomes an image
 * extension; BSCALE, BZERO, BLANK and all that tells of the compression go, the rest stays. */
wk_status wk_cards_make_plain(wk_cards *cards, wk_error *error);

/* Nonzero for a card of a keyword that says how the data unit is to be read, or END. */
int wk_card_is_layout(const char *card);

/* Nonzero for a card that tells how and where an image is kept and not what it shows: structure,
 * scaling, compression, checksums, the HDU's name, the range of its values. */
int wk_card_is_storage(const char *card);

#endif
