#include "memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

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

/* Buffers of images lie in large pages where the system has them: a pass over one then waits for
 * memory only, not for the tables of some thousand small pages. */
static void *allocate(size_t bytes)
{
#if defined(MADV_HUGEPAGE)
    const size_t page = (size_t)1 << 21;
    if (bytes >= 2 * page) {
        void *block = aligned_alloc(page, (bytes + page - 1) / page * page);
        if (block)
            madvise(block, bytes, MADV_HUGEPAGE); /* an advice: refusal changes nothing */
        return block;
    }
#endif
    return malloc(bytes);
}

void *wk_memory_raw(size_t count, size_t size, wk_error *error)
{
    void *block = too_large(count, size) ? NULL : allocate(room(count, size));
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
