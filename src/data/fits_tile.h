/* Taking a level off a tile-compressed image of floats, which FITS keeps in a binary table.
 *
 * Quantised tiles keep their stored numbers: each tile's ZZERO, a column or a keyword, moves by
 * the level.  Tiles that hold their floats whole, by gzip or plain, are unpacked, changed and
 * packed again in the same manner; then the heap is written anew, in the order of the rows. */
#ifndef WELKIN_DATA_FITS_TILE_H
#define WELKIN_DATA_FITS_TILE_H

#include "fits_card.h"
#include "fits_copy.h"

/* Carry the data unit of the table over, less the level, from copy->from to copy->to, without the
 * padding of the last block.  The keywords that depend on the heap are set in cards, whose number
 * stays.  *bytes is the new data unit's size and *sum its checksum.
 * WK_HEADER for a table that is no such image or is kept in a way that cannot be changed:
 * pixels rescaled by BSCALE or BZERO, or floats stored by an integer method without ZSCALE.
 * Notes: pixels that SUBTRACTIVE_DITHER_2 marks as exactly zero stay zero. */
wk_status wk_fits_tile_subtract(wk_fits_copy *copy, wk_cards *cards, double level, int64_t *bytes,
                                uint32_t *sum, wk_error *error);

#endif
