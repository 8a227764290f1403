#include <string.h>

#include "common.h"
#include "get_task.h"
#include "provenance.h"

static wk_status check_dataset(const wk_butler_dataset *dataset, wk_error *error)
{
    if (dataset->file_count == 1)
        return WK_OK;
    return cli_fail(error, WK_ARGUMENT, dataset->type,
                    "is kept in %zu files, which --output cannot put together: ask for one, as "
                    "%s.%s",
                    dataset->file_count, dataset->type, dataset->files[0].component);
}

static wk_status check_output(const get_task *task, const char *output, wk_error *error)
{
    const cli_inputs none = {0};
    if (cli_same_file(output, task->datasets->files[0].path) ||
        wk_butler_owns(task->butler, output))
        return cli_fail(error, WK_ARGUMENT, output,
                        "an output may not replace a file of the repository");
    return cli_check_output(output, &none, &task->session->options, error);
}

static wk_status evaluate(get_task *task, const wk_butler_file *file, const char *output,
                          wk_error *error)
{
    cli_session *session = task->session;
    wk_background_list list = {0};
    char **cards = NULL;
    wk_status status = wk_background_list_read(&list, file->path, error);
    if (!status)
        status = cli_provenance_cards(&cards, session, error);
    if (!status)
        status = wk_background_list_write(output, &list, &task->summary, (const char *const *)cards,
                                          cli_get_switch(&session->options, "overwrite"),
                                          cli_get_switch(&session->options, "durable"),
                                          &session->context, error);
    cli_provenance_cards_free(cards);
    wk_background_list_release(&list);
    task->evaluated = !status;
    return status;
}

static wk_status copy(const get_task *task, const wk_butler_file *file, const char *output,
                      wk_error *error)
{
    const cli_session *session = task->session;
    return wk_butler_copy(output, file, cli_get_switch(&session->options, "overwrite"),
                          cli_get_switch(&session->options, "durable"), &session->context, error);
}

wk_status get_write(get_task *task, wk_error *error)
{
    const cli_options *options = &task->session->options;
    const char *output = cli_get_text(options, "output");
    const wk_butler_file *file = task->datasets->files;
    if (!output)
        return WK_OK;
    wk_status status = check_dataset(task->datasets, error);
    if (!status)
        status = check_output(task, output, error);
    if (status)
        return status;
    int image = !strcmp(file->storage_class, "Background") && !cli_get_switch(options, "copy");
    status = image ? evaluate(task, file, output, error) : copy(task, file, output, error);
    task->output = status ? NULL : output;
    cli_outputs_beside(&task->outputs, task->output);
    return status;
}
