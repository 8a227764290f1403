/* Every allocation of the library: checked for overflow, reported in words. */
#ifndef WELKIN_BASE_MEMORY_H
#define WELKIN_BASE_MEMORY_H

#include "welkin/status.h"

/* Room for count items of size bytes, zeroed; NULL and WK_MEMORY in error when there is none.
 * count 0 gives room that may not be used but must be freed. */
void *wk_memory_new(size_t count, size_t size, wk_error *error);

/* The same without zeroing, for large buffers that are filled at once. */
void *wk_memory_raw(size_t count, size_t size, wk_error *error);

/* Grow *block to count items, keeping what it holds; on failure *block is as it was. */
wk_status wk_memory_grow(void **block, size_t count, size_t size, wk_error *error);

/* The same for a buffer that is kept for reuse: nothing happens while *room, in items, suffices. */
wk_status wk_memory_reserve(void **block, size_t *room, size_t count, size_t size, wk_error *error);

/* A copy of a text. */
char *wk_memory_text(const char *text, wk_error *error);

void wk_memory_free(void *block);

#endif
