#include "parallel.h"
#include "welkin/exposure.h"

typedef struct write_work {
    const wk_output_job *jobs;
    const wk_write_options *options;
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
    return wk_exposures_write(job->path, job->edits, job->count, work->options, error);
}

wk_status wk_exposures_write_all(const wk_output_job *jobs, size_t count,
                                 const wk_write_options *options, const wk_context *context,
                                 wk_error *error)
{
    write_work work = {jobs, options};
    return wk_parallel_for((int64_t)count, "write", write_job, &work, context, error);
}
