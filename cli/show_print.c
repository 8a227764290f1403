#include <math.h>
#include <stdio.h>

#include "provenance.h"
#include "show_task.h"
#include "table.h"

static void put_limits(wk_ledger *ledger, const show_task *task)
{
    double limits[2];
    wk_preview_get_limits(limits, task->preview);
    wk_ledger_open_array(ledger, "limits");
    wk_ledger_number(ledger, NULL, limits[0]);
    wk_ledger_number(ledger, NULL, limits[1]);
    wk_ledger_close(ledger);
}

static void put_planes(wk_ledger *ledger, const wk_preview *preview, const show_source *source,
                       size_t index)
{
    wk_ledger_open_object(ledger, "mask_planes");
    for (size_t k = 0; k < source->plane_count; k++) {
        int64_t flagged = wk_preview_flagged(preview, index, k);
        if (flagged > 0)
            wk_ledger_integer(ledger, source->planes[k].name, flagged);
    }
    wk_ledger_close(ledger);
}

static void put_image(wk_ledger *ledger, const show_task *task, size_t index)
{
    const show_source *source = &task->sources[index];
    wk_preview_facts facts = wk_preview_describe(task->preview, index);
    const wk_exposure_header *header =
        source->exposure ? wk_exposure_describe(source->exposure) : NULL;
    wk_ledger_open_object(ledger, NULL);
    wk_ledger_text(ledger, "file", header ? header->file : source->path);
    if (header)
        wk_ledger_integer(ledger, "hdu", header->image_hdu);
    else
        wk_ledger_null(ledger, "hdu");
    wk_ledger_integer(ledger, "width", source->rows.width);
    wk_ledger_integer(ledger, "height", source->rows.height);
    wk_ledger_integer(ledger, "nonfinite", facts.pixels - facts.finite);
    wk_ledger_number(ledger, "min", facts.min);
    wk_ledger_number(ledger, "max", facts.max);
    wk_ledger_integer(ledger, "binning", facts.binning);
    wk_ledger_integer(ledger, "enlarging", facts.enlarging);
    wk_ledger_integer(ledger, "marks", facts.marked);
    if (source->planes)
        put_planes(ledger, task->preview, source, index);
    wk_ledger_close(ledger);
}

static wk_status print_json(const show_task *task, wk_error *error)
{
    wk_ledger *ledger;
    wk_status status = wk_ledger_create(&ledger, error);
    if (status)
        return status;
    cli_provenance_put(ledger, task->session);
    put_limits(ledger, task);
    wk_ledger_open_array(ledger, "images");
    for (size_t i = 0; i < task->count; i++)
        put_image(ledger, task, i);
    wk_ledger_close(ledger);
    status = cli_ledger_print(ledger, error);
    wk_ledger_free(ledger);
    return status;
}

wk_status show_print(const show_task *task, wk_error *error)
{
    double limits[2];
    if (cli_get_switch(&task->session->options, "json"))
        return print_json(task, error);
    wk_preview_get_limits(limits, task->preview);
    if (isfinite(limits[0]) && isfinite(limits[1]))
        printf("limits %.9g %.9g\n", limits[0], limits[1]);
    else
        printf("limits unknown: no pixel is finite\n");
    return WK_OK;
}
