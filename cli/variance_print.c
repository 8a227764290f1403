#include <math.h>
#include <stdio.h>

#include "provenance.h"
#include "table.h"
#include "variance_task.h"
#include "welkin/ledger.h"

static const char *method_name(wk_variance_method method)
{
    return method == WK_VARIANCE_IMAGE ? "image" : "pixel";
}

static void put_result(wk_ledger *ledger, const wk_variance_result *result,
                       const variance_image *image)
{
    wk_ledger_integer(ledger, "good", result->good);
    wk_ledger_integer(ledger, "masked", result->masked);
    wk_ledger_number(ledger, "pixel_factor", result->pixel);
    wk_ledger_number(ledger, "image_factor", result->image);
    wk_ledger_number(ledger, "factor", variance_total(image, result->factor));
    wk_ledger_text(ledger, "used", method_name(result->used));
    wk_ledger_number(ledger, "factor_error", variance_total_error(image, result));
    wk_ledger_number(ledger, "agreement", result->agreement);
    if (isfinite(image->correlation)) {
        wk_ledger_number(ledger, "correlation_factor", image->correlation);
        wk_ledger_number(ledger, "correlation_error", image->correlation_error);
    }
}

static void put_background(wk_ledger *ledger, const variance_image *image)
{
    wk_ledger_open_object(ledger, "background");
    wk_ledger_integer(ledger, "nx", image->mesh.nx);
    wk_ledger_integer(ledger, "ny", image->mesh.ny);
    wk_ledger_number(ledger, "mean", image->background.mean);
    wk_ledger_number(ledger, "min", image->background.min);
    wk_ledger_number(ledger, "max", image->background.max);
    wk_ledger_close(ledger);
}

static void put_regions(wk_ledger *ledger, const variance_image *image)
{
    wk_ledger_open_array(ledger, "regions");
    for (size_t i = 0; i < image->region_count; i++) {
        const variance_region *region = &image->regions[i];
        wk_ledger_open_object(ledger, NULL);
        wk_ledger_integer(ledger, "x", region->rect.x);
        wk_ledger_integer(ledger, "y", region->rect.y);
        wk_ledger_integer(ledger, "width", region->rect.width);
        wk_ledger_integer(ledger, "height", region->rect.height);
        put_result(ledger, &region->result, image);
        wk_ledger_boolean(ledger, "usable", region->usable);
        wk_ledger_close(ledger);
    }
    wk_ledger_close(ledger);
}

static void put_image(wk_ledger *ledger, const void *payload, size_t index)
{
    const variance_task *task = payload;
    const wk_exposure_header *header = wk_exposure_describe(task->inputs.exposures[index]);
    const variance_image *image = &task->images[index];
    wk_ledger_open_object(ledger, NULL);
    wk_ledger_text(ledger, "file", header->file);
    wk_ledger_text(ledger, "detector", header->detector);
    wk_ledger_integer(ledger, "hdu", header->noise_hdu);
    if (task->options.background)
        put_background(ledger, image);
    else
        wk_ledger_null(ledger, "background");
    put_result(ledger, &image->result, image);
    if (image->region_count)
        put_regions(ledger, image);
    wk_ledger_close(ledger);
}

static wk_status print_table(const variance_task *task, wk_error *error)
{
    static const char *const titles[] = {"exposure", "factor", "error", "used",
                                         "pixel",    "image",  "good"};
    cli_table table = {.align = "lrrlrrr", .error = error};
    for (int i = 0; i < 7; i++)
        cli_table_add(&table, "%s", titles[i]);
    for (size_t i = 0; i < task->inputs.count; i++) {
        const wk_variance_result *result = &task->images[i].result;
        cli_table_add(&table, "%s", wk_exposure_name(task->inputs.exposures[i]));
        cli_table_number(&table, variance_total(&task->images[i], result->factor), 5);
        cli_table_number(&table, variance_total_error(&task->images[i], result), 5);
        cli_table_add(&table, "%s", method_name(result->used));
        cli_table_number(&table, result->pixel, 5);
        cli_table_number(&table, result->image, 5);
        cli_table_add(&table, "%lld", (long long)result->good);
    }
    wk_status status = cli_table_print(&table, stdout);
    cli_table_free(&table);
    return status;
}

wk_status variance_print(const variance_task *task, wk_error *error)
{
    if (cli_get_switch(&task->session->options, "json"))
        return cli_images_print(task->session, put_image, task, task->inputs.count, error);
    return print_table(task, error);
}
