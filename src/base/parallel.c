#include "parallel.h"

#include <omp.h>
#include <stdatomic.h>
#include <string.h>

#include "status.h"

typedef struct run {
    int64_t count;
    const char *stage;
    wk_parallel_body body;
    void *payload;
    const wk_context *context;
    _Atomic int64_t next;  /* the first index that nobody has taken */
    _Atomic int64_t limit; /* indices from here on are not started any more */
    int64_t done, bytes;   /* guarded by the critical section */
    int64_t failed;        /* lowest index that failed; count: none */
    wk_error error;
} run;

int wk_context_workers(const wk_context *context)
{
    return context && context->threads > 0 ? context->threads : omp_get_num_procs();
}

int wk_parallel_workers(int64_t count, const wk_context *context)
{
    int workers = wk_context_workers(context);
    if (count < workers)
        workers = count > 0 ? (int)count : 1;
    return workers;
}

static void note_failure(run *all, int64_t index, const wk_error *error)
{
    if (index < all->failed) {
        all->failed = index;
        all->error = *error;
    }
    if (index < atomic_load(&all->limit))
        atomic_store(&all->limit, index);
}

static void note_done(run *all, int64_t index, int64_t bytes)
{
    all->done += 1;
    all->bytes += bytes;
    if (!all->stage || !all->context || !all->context->progress)
        return;
    wk_progress progress = {all->stage, all->done, all->count, all->bytes};
    if (all->context->progress(&progress, all->context->payload) != 0 && all->done < all->count) {
        wk_error cancelled;
        memset(&cancelled, 0, sizeof cancelled);
        wk_error_set(&cancelled, WK_CANCELLED, "", "cancelled");
        note_failure(all, index, &cancelled);
    }
}

static void work(run *all, int worker)
{
    for (;;) {
        int64_t index = atomic_fetch_add(&all->next, 1);
        if (index >= all->count || index >= atomic_load(&all->limit))
            return;
        int64_t bytes = 0;
        wk_error error;
        memset(&error, 0, sizeof error);
        wk_status status = all->body(index, worker, all->payload, &bytes, &error);
        if (status < 0)
            error.code = status;
#pragma omp critical(wk_parallel_note)
        {
            if (status < 0)
                note_failure(all, index, &error);
            else
                note_done(all, index, bytes);
        }
    }
}

wk_status wk_parallel_for(int64_t count, const char *stage, wk_parallel_body body, void *payload,
                          const wk_context *context, wk_error *error)
{
    run all = {.count = count,
               .stage = stage,
               .body = body,
               .payload = payload,
               .context = context,
               .failed = count};
    atomic_init(&all.next, 0);
    atomic_init(&all.limit, count);
    int workers = wk_parallel_workers(count, context);
#pragma omp parallel num_threads(workers) if (workers > 1)
    work(&all, omp_get_thread_num());
    if (all.failed == count)
        return WK_OK;
    if (error)
        *error = all.error;
    return all.error.code;
}

void wk_parallel_alone(void (*body)(void *payload), void *payload)
{
#pragma omp critical(wk_parallel_alone)
    body(payload);
}
