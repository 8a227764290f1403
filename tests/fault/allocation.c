#include "allocation.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* The linker sends our objects' calls to __wrap_X and knows libc's X as __real_X. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void __wrap_free(void *block);

/* Our blocks, hashed by address: free also gets blocks that libc made (getline, realpath). */
enum { PLACES = 1 << 16 };
static void *blocks[PLACES];
static size_t outstanding;
static long asked, fatal = -1;
static int failed;

static size_t home(const void *block)
{
    return (size_t)(((uintptr_t)block >> 4) * UINT64_C(0x9E3779B97F4A7C15) >> 40) % PLACES;
}

/* Where the block is, or the free place where it would be. */
static size_t find(const void *block)
{
    size_t place = home(block);
    while (blocks[place] && blocks[place] != block)
        place = (place + 1) % PLACES;
    return place;
}

static void *keep(void *block)
{
    if (!block)
        return NULL;
    if (2 * outstanding > PLACES) {
        fputs("more blocks than this test can count\n", stderr);
        abort();
    }
    blocks[find(block)] = block;
    outstanding++;
    return block;
}

/* Those behind a block that goes must not lose their way. */
static void forget(void *block)
{
    size_t place = find(block);
    if (!block || !blocks[place])
        return;
    blocks[place] = NULL;
    outstanding--;
    for (place = (place + 1) % PLACES; blocks[place]; place = (place + 1) % PLACES) {
        void *moved = blocks[place];
        blocks[place] = NULL;
        blocks[find(moved)] = moved;
    }
}

static int refuse(void)
{
    int now = asked++ == fatal;
    failed |= now;
    if (now)
        errno = ENOMEM;
    return now;
}

void *__wrap_malloc(size_t size)
{
    return refuse() ? NULL : keep(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
    return refuse() ? NULL : keep(__real_calloc(count, size));
}

void *__wrap_realloc(void *block, size_t size)
{
    if (refuse())
        return NULL;
    forget(block);
    return keep(__real_realloc(block, size));
}

void __wrap_free(void *block)
{
    forget(block);
    __real_free(block);
}

void allocation_fail_at(long n)
{
    asked = 0;
    failed = 0;
    fatal = n;
}

int allocation_has_failed(void)
{
    return failed;
}

long allocation_count(void)
{
    return asked;
}

size_t allocation_outstanding(void)
{
    return outstanding;
}

void *allocation_new(size_t size)
{
    return __wrap_malloc(size);
}

void allocation_free(void *block)
{
    __wrap_free(block);
}
