/* Blocks of bytes put aside: in memory up to a bound, beyond it in a file without a name.
 *
 * Each block is reached by its entry, which the caller keeps.  What is in memory and what in the
 * file may differ from run to run where threads put blocks aside together; the bytes do not.
 */
#ifndef WELKIN_BASE_SPOOL_H
#define WELKIN_BASE_SPOOL_H

#include "welkin/status.h"

typedef struct wk_spool wk_spool;

/* Start from all zero bytes. */
typedef struct wk_spool_entry {
    void *memory;  /* the block, or NULL: it lies in the file */
    int64_t place; /* in the file */
    size_t size;
} wk_spool_entry;

/* memory: bytes that may stay in memory; folder: where the file is made, if it comes to that. */
wk_status wk_spool_create(wk_spool **out, size_t memory, const char *folder, wk_error *error);

/* Entries in memory must have been forgotten before. */
void wk_spool_free(wk_spool *spool);

/* Take a block over, which the house's memory holds; *block becomes NULL, also after a failure.
 * Several threads may do so at once.  WK_FILE: the file cannot be made or written. */
wk_status wk_spool_give(wk_spool *spool, wk_spool_entry *entry, void **block, size_t size,
                        wk_error *error);

/* Copy size bytes of an entry, from a place in it.  WK_FILE. */
wk_status wk_spool_read(void *out, const wk_spool *spool, const wk_spool_entry *entry, size_t from,
                        size_t size, wk_error *error);

/* Replace an entry of the file by as many bytes.  WK_FILE. */
wk_status wk_spool_replace(const wk_spool *spool, const wk_spool_entry *entry, const void *block,
                           wk_error *error);

/* Let an entry go. */
void wk_spool_forget(wk_spool *spool, wk_spool_entry *entry);

#endif
