#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "correlate_task.h"

static void warn_of_sky(const correlate_task *task, const correlate_image *image)
{
    const wk_correlation *c = image->whole;
    if (!c || c->lag < 1 || !(image->floor > 0))
        return;
    int64_t beside = c->lag * c->size + c->lag + 1, above = (c->lag + 1) * c->size + c->lag;
    double least = fmin(fabs(c->correlation[beside]), fabs(c->correlation[above]));
    double noise = fmax(c->white[beside], c->white[above]);
    if (image->floor > 2 * noise && image->floor > 0.1 * least)
        cli_log(task->session, WK_LOG_WARNING,
                "%s: the sky varies by %.3g of the noise, which adds about %.2g to every lag; the "
                "nearest lag is %.2g: take the background off (--box)",
                image->file, image->residual, image->floor, least);
}

static wk_status work_on(correlate_task *task, size_t index, correlate_values *values,
                         const wk_tile_sky *sky, wk_error *error)
{
    correlate_image *image = &task->images[index];
    if (image->reason[0])
        return WK_OK;
    wk_status status = correlate_load(values, task, index, sky, error);
    if (!status)
        status = correlate_flatten(values, task, error);
    if (!status)
        status = correlate_measure(image, values, task, error);
    if (!status)
        status = correlate_judge_sky(image, values, task, error);
    if (!status)
        warn_of_sky(task, image);
    return status;
}

/* An image of a tile that cannot be measured is told of; the others go on. */
static wk_status forgive(correlate_task *task, correlate_image *image, wk_status status,
                         wk_error *error)
{
    int strict = cli_get_switch(&task->session->options, "strict");
    if (!error->subject[0])
        snprintf(error->subject, sizeof error->subject, "%s", image->file);
    if (!task->tile || strict || status == WK_MEMORY || status == WK_CANCELLED)
        return status;
    snprintf(image->reason, sizeof image->reason, "%.250s: %.300s", error->subject, error->message);
    cli_log(task->session, WK_LOG_WARNING, "image %lld is skipped: %s", (long long)image->index,
            image->reason);
    *error = (wk_error){0};
    return WK_OK;
}

static wk_status tell_progress(correlate_task *task, size_t done, wk_error *error)
{
    wk_progress progress = {"correlate", (int64_t)done, (int64_t)task->count, 0};
    const wk_context *context = &task->session->context;
    if (context->progress && context->progress(&progress, context->payload))
        return cli_fail(error, WK_CANCELLED, "", "cancelled");
    return WK_OK;
}

wk_status correlate_measure_all(correlate_task *task, wk_error *error)
{
    correlate_values values = {0};
    wk_tile_sky *sky = NULL;
    size_t measured = 0;
    wk_status status = task->tile ? wk_tile_sky_load(&sky, task->tile, error) : WK_OK;
    for (size_t i = 0; i < task->count && !status; i++) {
        status = work_on(task, i, &values, sky, error);
        if (status)
            status = forgive(task, &task->images[i], status, error);
        measured += task->images[i].whole != NULL;
        if (!status)
            status = tell_progress(task, i + 1, error);
    }
    wk_tile_sky_free(sky);
    correlate_values_release(&values);
    if (!status && !measured)
        status = cli_fail(error, WK_NO_DATA, cli_get_text(&task->session->options, "tile"),
                          "none of the %zu images could be measured", task->count);
    return status;
}

static wk_status stack_group(correlate_task *task, const char *key, wk_correlation_stack **stack,
                             size_t *count, wk_error *error)
{
    const wk_correlation **list;
    wk_status status = correlate_collect(&list, count, task, key, error);
    if (!status && *count > 1)
        status = wk_correlation_stack_make(stack, list, *count, error);
    free(list);
    return status;
}

wk_status correlate_stack_all(correlate_task *task, wk_error *error)
{
    int kind = cli_get_choice(&task->session->options, "group");
    size_t count;
    wk_status status = stack_group(task, NULL, &task->stack, &count, error);
    for (size_t i = 0; i < task->count && kind > 0 && !status; i++) {
        char key[32];
        int known = !task->images[i].whole;
        correlate_key(key, sizeof key, &task->images[i], kind);
        for (size_t g = 0; g < task->group_count; g++)
            known |= !strcmp(task->groups[g].key, key);
        if (known)
            continue;
        status =
            cli_grow((void **)&task->groups, task->group_count + 1, sizeof *task->groups, error);
        if (status)
            break;
        correlate_group *group = &task->groups[task->group_count++];
        *group = (correlate_group){0};
        snprintf(group->key, sizeof group->key, "%s", key);
        status = stack_group(task, key, &group->stack, &group->count, error);
    }
    return status;
}
