/* Names of mask bits, and the text that says which of them make a pixel bad. */
#ifndef WELKIN_DATA_MASK_H
#define WELKIN_DATA_MASK_H

#include "welkin/exposure.h"

/* The data-quality flags of JWST's pixels, sorted by bit; constant. */
const wk_mask_plane *wk_mask_jwst(size_t *count);

/* The bits of those names that are among the planes; the others are passed over.
 * Given   names   ends with NULL */
uint64_t wk_mask_known(const char *const *names, const wk_mask_plane *planes, size_t count);

/* Which bits make a pixel bad when the caller does not say: DO_NOT_USE and NON_SCIENCE of JWST's
 * flags, LSST's six planes as far as they are there, else all bits. */
uint64_t wk_mask_default(wk_layout layout, int jwst_flags, const wk_mask_plane *planes,
                         size_t count);

/* Read "N", "~N" (all bits but those of N; N decimal or 0x...) or "NAME,NAME".  The planes that
 * LSST's software always has may be missing in the lsst layout. Status   WK_ARGUMENT   empty, or a
 * number that is none WK_HEADER     an unknown name; the message lists the known ones */
wk_status wk_mask_bits(uint64_t *bits, const char *text, wk_layout layout,
                       const wk_mask_plane *planes, size_t count, const char *subject,
                       wk_error *error);

#endif
