#include <unistd.h>

#include "memory.h"
#include "parallel.h"
#include "welkin/exposure.h"

typedef struct write_work {
    const wk_output_job *jobs;
    const wk_write_options *options;
    char *written; /* [count] */
} write_work;

/* The bytes of pixels a job reads, for the progress. */
static int64_t job_bytes(const wk_output_job *job)
{
    int64_t bytes = 0;
    for (size_t i = 0; i < job->count; i++) {
        const wk_exposure_header *header = wk_exposure_describe(job->edits[i].exposure);
        int bits = header->bitpix < 0 ? -header->bitpix : header->bitpix;
        bytes += header->width * header->height * (bits / 8);
    }
    return bytes;
}

static wk_status write_job(int64_t index, int worker, void *payload, int64_t *bytes,
                           wk_error *error)
{
    const write_work *work = payload;
    const wk_output_job *job = &work->jobs[index];
    (void)worker;
    *bytes = job_bytes(job);
    wk_status status = wk_exposures_write(job->path, job->edits, job->count, work->options, error);
    work->written[index] = status == WK_OK;
    return status;
}

/* Some of many outputs would be taken for all.  What replaced an older file stays: the older one
 * cannot come back. */
static void remove_written(const write_work *work, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (work->written[i] && !work->options->overwrite)
            unlink(work->jobs[i].path);
}

wk_status wk_exposures_write_all(const wk_output_job *jobs, size_t count,
                                 const wk_write_options *options, const wk_context *context,
                                 wk_error *error)
{
    wk_write_options defaults = wk_write_options_default();
    write_work work = {jobs, options ? options : &defaults, wk_memory_new(count, 1, error)};
    if (!work.written)
        return WK_MEMORY;
    wk_status status = wk_parallel_for((int64_t)count, "write", write_job, &work, context, error);
    if (status != WK_OK)
        remove_written(&work, count);
    wk_memory_free(work.written);
    return status;
}
