#include <math.h>

#include "common.h"
#include "offsets_task.h"
#include "welkin/exposure.h"

/* The one exposure of a file. */
static wk_status open_one(wk_exposure ***list, size_t *count, const char *path, wk_error *error)
{
    wk_status status = wk_exposures_open(list, count, path, NULL, error);
    if (!status && *count > 1) {
        status = cli_fail(error, WK_ARGUMENT, path, "holds %zu detectors: name one, as FILE[SCI,2]",
                          *count);
        wk_exposures_free(*list, *count);
        *list = NULL;
    }
    return status;
}

wk_status offsets_from_wcs(wk_offset **out, offsets_task *task, wk_error *error)
{
    wk_exposure **lists[2] = {NULL, NULL};
    size_t counts[2] = {0, 0};
    wk_wcs *wcs[2] = {NULL, NULL};
    wk_status status = WK_OK;
    for (int i = 0; i < 2 && !status; i++) {
        status = open_one(&lists[i], &counts[i], task->session->files[i], error);
        if (!status)
            status = wk_exposure_wcs(&wcs[i], lists[i][0], error);
    }
    if (!status) {
        const wk_exposure_header *header = wk_exposure_describe(lists[0][0]);
        task->size[0] = header->width;
        task->size[1] = header->height;
        status = wk_offset_from_wcs(out, wcs[0], wcs[1], header->width, header->height, (double)NAN,
                                    &task->session->context, error);
    }
    if (status && status != WK_CANCELLED && !error->subject[0])
        snprintf(error->subject, sizeof error->subject, "%s", task->session->files[0]);
    for (int i = 0; i < 2; i++) {
        wk_wcs_free(wcs[i]);
        if (lists[i])
            wk_exposures_free(lists[i], counts[i]);
    }
    return status;
}
