#include "memory.h"

#include <stdlib.h>
#include <string.h>

#include "status.h"

static wk_status no_room(size_t count, size_t size, wk_error *error)
{
    return wk_error_set(error, WK_MEMORY, "", "no memory for %zu items of %zu bytes", count, size);
}

static int too_large(size_t count, size_t size)
{
    return size != 0 && count > (size_t)PTRDIFF_MAX / size;
}

static size_t room(size_t count, size_t size)
{
    size_t bytes = count * size;
    return bytes > 0 ? bytes : 1;
}

void *wk_memory_new(size_t count, size_t size, wk_error *error)
{
    void *block = too_large(count, size) ? NULL : calloc(count ? count : 1, size ? size : 1);
    if (!block)
        no_room(count, size, error);
    return block;
}

void *wk_memory_raw(size_t count, size_t size, wk_error *error)
{
    void *block = too_large(count, size) ? NULL : malloc(room(count, size));
    if (!block)
        no_room(count, size, error);
    return block;
}

wk_status wk_memory_grow(void **block, size_t count, size_t size, wk_error *error)
{
    if (too_large(count, size))
        return no_room(count, size, error);
    void *grown = realloc(*block, room(count, size));
    if (!grown)
        return no_room(count, size, error);
    *block = grown;
    return WK_OK;
}

wk_status wk_memory_reserve(void **block, size_t *room, size_t count, size_t size, wk_error *error)
{
    if (count <= *room)
        return WK_OK;
    wk_status status = wk_memory_grow(block, count, size, error);
    if (status == WK_OK)
        *room = count;
    return status;
}

char *wk_memory_text(const char *text, wk_error *error)
{
    size_t size = strlen(text) + 1;
    char *copy = wk_memory_raw(size, 1, error);
    if (copy)
        memcpy(copy, text, size);
    return copy;
}

void wk_memory_free(void *block)
{
    free(block);
}
