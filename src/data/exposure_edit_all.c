#include <unistd.h>

#include "exposure_edit.h"
#include "memory.h"
#include "parallel.h"

typedef struct edit_work {
    const wk_edit_job *jobs;
    const wk_write_options *options;
    wk_context context; /* of one file */
    char *written;      /* [count] */
} edit_work;

/* The bytes of pixels a job reads, for the progress. */
static int64_t job_bytes(const wk_edit_job *job)
{
    int64_t bytes = 0;
    for (size_t i = 0; i < job->count; i++) {
        const wk_exposure_header *header = wk_exposure_describe(job->edits[i].exposure);
        int bits = header->bitpix < 0 ? -header->bitpix : header->bitpix;
        bytes += header->width * header->height * (bits / 8);
    }
    return bytes;
}

static wk_status edit_job(int64_t index, int worker, void *payload, int64_t *bytes, wk_error *error)
{
    const edit_work *work = payload;
    const wk_edit_job *job = &work->jobs[index];
    *bytes = job_bytes(job);
    wk_status status = wk_exposure_edit_file(job, worker, work->options, &work->context, error);
    work->written[index] = status == WK_OK;
    return status;
}

/* Some of many outputs would be taken for all.  What replaced an older file stays: the older one
 * cannot come back. */
static void remove_written(const edit_work *work, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (work->written[i] && !work->options->overwrite)
            unlink(work->jobs[i].path);
}

/* Two threads that write one file wait for each other, so that files go side by side when there are
 * enough of them. */
static void share_threads(wk_context *files, wk_context *rows, size_t count)
{
    int workers = wk_context_workers(files);
    int by_rows = count < (size_t)workers;
    files->threads = by_rows ? 1 : workers;
    rows->threads = by_rows ? workers : 1;
    rows->progress = NULL;
}

wk_status wk_exposures_edit_all(const wk_edit_job *jobs, size_t count,
                                const wk_write_options *options, const wk_context *context,
                                wk_error *error)
{
    wk_write_options defaults = wk_write_options_default();
    wk_context files = context ? *context : (wk_context){0};
    edit_work work = {jobs, options ? options : &defaults, files, wk_memory_new(count, 1, error)};
    if (!work.written)
        return WK_MEMORY;
    share_threads(&files, &work.context, count);
    wk_status status = wk_parallel_for((int64_t)count, "write", edit_job, &work, &files, error);
    if (status != WK_OK)
        remove_written(&work, count);
    wk_memory_free(work.written);
    return status;
}
