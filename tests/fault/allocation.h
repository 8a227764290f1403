/* Allocations of this program's own objects, counted and made to fail. */
#ifndef WELKIN_TEST_ALLOCATION_H
#define WELKIN_TEST_ALLOCATION_H

#include <stddef.h>

/* Let the allocation number n (from 0) fail, once; negative: none. */
void allocation_fail_at(long n);

/* Whether it did. */
int allocation_has_failed(void);

/* How many were asked for since allocation_fail_at. */
long allocation_count(void);

/* Blocks of our own that nobody has freed. */
size_t allocation_outstanding(void);

/* The functions that another library may be given to allocate with. */
void *allocation_new(size_t size);
void allocation_free(void *block);

#endif
