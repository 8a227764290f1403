/* Intermediate steps as FITS files: a method that can be looked at. */
#ifndef WELKIN_CHECK_H
#define WELKIN_CHECK_H

#include "welkin/match.h"
#include "welkin/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Write which pixels each overlap was measured on.
 *
 * Given      overlaps   found, and measured if the numbers are to be those of a ledger
 *            names      char*[fields]
 *            sizes      int64[fields][2]: width and height
 *            load, payload  as for wk_overlaps_measure; every field is loaded once more
 * Status     WK_EXISTS, WK_FILE, what load returns
 * Notes      An empty primary HDU, then one int32 image a field in order: EXTNAME OVERLAPS, EXTVER
 *            its number from 1, EXPOSURE its name, and for each overlap of its item BITn = the
 *            overlap's place in wk_overlaps_get (and in the ledger's overlaps[]).  Bit n is set in
 *            the good pixels of that overlap.  The file appears whole or not at all; memory is one
 *            field's.
 */
WK_API wk_status wk_check_match(const char *path, const wk_overlaps *overlaps,
                                const char *const *names, const int64_t (*sizes)[2], size_t fields,
                                wk_field_load load, void *payload, int overwrite, wk_error *error);

#ifdef __cplusplus
}
#endif

#endif
