#include <stdlib.h>
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

/* A line of HISTORY, of printable characters. */
static wk_status add_line(char ***cards, size_t *count, const char *name, const char *value,
                          wk_error *error)
{
    enum { CARD = 72 };
    wk_status status = cli_grow((void **)cards, *count + 2, sizeof **cards, error);
    char *line = status ? NULL : cli_format(error, "%s %s", name, value);
    if (!line)
        return WK_MEMORY;
    if (strlen(line) > CARD)
        line[CARD] = '\0';
    for (size_t i = 0; line[i]; i++)
        if (line[i] < ' ' || line[i] > '~')
            line[i] = '?';
    (*cards)[(*count)++] = line;
    (*cards)[*count] = NULL;
    return WK_OK;
}

/* Say in the header which dataset the image was made of. */
static wk_status add_lines(char ***cards, const wk_butler_dataset *dataset, wk_error *error)
{
    size_t count = 0;
    while ((*cards)[count])
        count++;
    wk_status status = add_line(cards, &count, "dataset", dataset->type, error);
    for (size_t i = 0; i < dataset->key_count && !status; i++)
        status = add_line(cards, &count, dataset->keys[i].name, dataset->keys[i].value, error);
    if (!status && dataset->run)
        status = add_line(cards, &count, "run", dataset->run, error);
    return status ? status : add_line(cards, &count, "id", dataset->id, error);
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
        status = add_lines(&cards, task->datasets, error);
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
