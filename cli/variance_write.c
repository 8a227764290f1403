#include <stdlib.h>

#include "common.h"
#include "variance_task.h"

/* What the edits borrow while a file is written. */
typedef struct scaling {
    const variance_task *task;
    variance_change *changes;
    wk_keyword *keywords;
} scaling;

static void make_edit(wk_plane_edit *edit, size_t exposure, void *payload)
{
    scaling *all = payload;
    const wk_exposure_header *header = wk_exposure_describe(all->task->inputs.exposures[exposure]);
    const variance_image *image = &all->task->images[exposure];
    all->changes[exposure] = (variance_change){image, header->noise};
    all->keywords[exposure] = (wk_keyword){"VARIANCE_SCALE",
                                           NULL,
                                           variance_total(image, image->result.factor),
                                           "the variance was multiplied by this",
                                           header->layout == WK_LAYOUT_LSST,
                                           0};
    edit->change = variance_change_rows;
    edit->payload = &all->changes[exposure];
    edit->keywords = &all->keywords[exposure];
    edit->keyword_count = 1;
}

wk_status variance_write_copies(variance_task *task, wk_error *error)
{
    size_t count = task->inputs.count;
    scaling all = {.task = task};
    all.changes = cli_new(count, sizeof *all.changes, error);
    all.keywords = cli_new(count, sizeof *all.keywords, error);
    wk_status status = all.changes && all.keywords ? WK_OK : WK_MEMORY;
    for (size_t job = 0; job < task->outputs.count && !status; job++)
        status = cli_edits_write(&task->outputs, job, &task->inputs, make_edit, &all, task->session,
                                 error);
    free(all.changes);
    free(all.keywords);
    return status;
}
