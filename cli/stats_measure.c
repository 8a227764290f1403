#include <stdlib.h>

#include "common.h"
#include "stats_task.h"
#include "welkin/rows.h"

static int has_planes(const wk_exposure *exposure)
{
    const wk_exposure_header *header = wk_exposure_describe(exposure);
    return header->mask_hdu >= 0 || header->noise_hdu >= 0;
}

wk_status stats_measure(stats_task *task, size_t index, wk_error *error)
{
    const wk_context *context = &task->session->context;
    const wk_exposure *exposures[2] = {task->inputs.exposures[index], NULL};
    wk_exposure_rows *open[2] = {NULL, NULL};
    wk_rows rows[2];
    int count = 1, judged = has_planes(exposures[0]);
    if (task->others.count) {
        exposures[1] = task->others.exposures[index];
        judged = 1;
        count = 2;
    }
    wk_status status = WK_OK;
    for (int i = 0; i < count && !status; i++) {
        status = wk_exposure_rows_open(&open[i], exposures[i], wk_context_workers(context),
                                       context->memory / 4, 1, error);
        if (!status)
            rows[i] = wk_exposure_rows_get(open[i]);
    }
    if (!status)
        status =
            wk_summary_measure_rows(&task->images[index], &rows[0], count > 1 ? &rows[1] : NULL,
                                    judged, &task->options, context, error);
    wk_exposure_rows_close(open[0]);
    wk_exposure_rows_close(open[1]);
    return status;
}
