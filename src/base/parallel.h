/* The only place where threads start. */
#ifndef WELKIN_BASE_PARALLEL_H
#define WELKIN_BASE_PARALLEL_H

#include "welkin/status.h"

/* One item of work.
 * index   0..count-1; results are kept by index, so that any number of threads gives the same bits
 * worker  0..workers-1, for scratch memory; two calls with one worker number never overlap
 * bytes   what to add to the progress's bytes for this item */
typedef wk_status (*wk_parallel_body)(int64_t index, int worker, void *payload, int64_t *bytes,
                                      wk_error *error);

/* How many workers wk_parallel_for will use for count items. */
int wk_parallel_workers(int64_t count, const wk_context *context);

/* Run body for every index, lowest first.
 * After a failure no new item starts; of several failures the lowest index's is reported, as a
 * serial run would: all lower indices are run to their end.  Progress is reported after each item,
 * by one thread at a time; a nonzero answer gives WK_CANCELLED.  stage NULL: no progress. */
wk_status wk_parallel_for(int64_t count, const char *stage, wk_parallel_body body, void *payload,
                          const wk_context *context, wk_error *error);

/* Run body while no other thread is in one that was given here: for what happens once or rarely. */
void wk_parallel_alone(void (*body)(void *payload), void *payload);

#endif
