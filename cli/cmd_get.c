#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "common.h"
#include "get_task.h"
#include "section.h"

static const char *const modes[] = {"list", "collections", "all", "inputs"};

enum { LIST, COLLECTIONS, ALL, INPUTS, ONE };

/* What is to be done; WK_ARGUMENT for two things at once. */
static wk_status choose_mode(int *mode, const cli_options *options, wk_error *error)
{
    *mode = ONE;
    for (int i = 0; i < ONE; i++) {
        if (!cli_get_switch(options, modes[i]))
            continue;
        if (*mode != ONE)
            return cli_fail(error, WK_ARGUMENT, "", "--%s excludes --%s", modes[*mode], modes[i]);
        *mode = i;
    }
    if (*mode != ONE && cli_get_text(options, "output"))
        return cli_fail(error, WK_ARGUMENT, "", "--%s excludes --output: it only prints",
                        modes[*mode]);
    if (cli_get_switch(options, "copy") && !cli_get_text(options, "output"))
        return cli_fail(error, WK_ARGUMENT, "", "--copy needs --output");
    return WK_OK;
}

static wk_status check_words(const cli_session *session, int mode, wk_error *error)
{
    size_t most = mode == LIST ? 1 : mode == COLLECTIONS ? 0 : SIZE_MAX;
    int repository = cli_get_text(&session->options, "repo") != NULL;
    if (!repository && mode != INPUTS)
        return cli_fail(error, WK_ARGUMENT, "", "--repo is missing");
    if (!repository && cli_get_text(&session->options, "collection"))
        return cli_fail(error, WK_ARGUMENT, "", "--collection needs --repo");
    if (!repository && session->file_count != 1)
        return cli_fail(error, WK_ARGUMENT, "", "--inputs needs one FILE, or --repo");
    if (session->file_count > most)
        return cli_fail(error, WK_ARGUMENT, session->files[most], "--%s takes no such word",
                        modes[mode]);
    if (mode >= ALL && !session->file_count)
        return cli_fail(error, WK_ARGUMENT, "", "no dataset type is given (see --list)");
    return WK_OK;
}

/* A file that has changed since it was recorded may still be what is wanted. */
static void warn(const get_task *task)
{
    for (size_t i = 0; i < task->count; i++)
        for (size_t k = 0; k < task->datasets[i].file_count; k++) {
            const wk_butler_file *file = &task->datasets[i].files[k];
            if (file->recorded >= 0 && file->recorded != file->size)
                cli_log(task->session, WK_LOG_WARNING, "%s: has %lld bytes, the registry says %lld",
                        file->path, (long long)file->size, (long long)file->recorded);
        }
}

static wk_status find(get_task *task, int all, wk_error *error)
{
    const cli_session *session = task->session;
    const char *type = session->files[0];
    const char *const *keys = (const char *const *)session->files + 1;
    size_t count = session->file_count - 1;
    wk_status status =
        wk_butler_search(task->butler, cli_get_text(&session->options, "collection"), error);
    if (!status && all)
        status = wk_butler_find_all(&task->datasets, &task->count, task->butler, type, keys, count,
                                    error);
    if (!status && !all) {
        task->datasets = cli_new(1, sizeof *task->datasets, error);
        status = task->datasets
                     ? wk_butler_find(task->datasets, task->butler, type, keys, count, error)
                     : WK_MEMORY;
        task->count = !status;
    }
    if (!status)
        warn(task);
    return status;
}

static wk_status list(get_task *task, int mode, wk_error *error)
{
    const char *names = cli_get_text(&task->session->options, "collection");
    wk_status status = names ? wk_butler_search(task->butler, names, error) : WK_OK;
    if (status)
        return status;
    return mode == LIST ? get_list_types(task, error) : get_list_collections(task, error);
}

static wk_status show_inputs(get_task *task, wk_error *error)
{
    if (!task->butler)
        return get_inputs(task, task->session->files[0], NULL, error);
    wk_status status = find(task, 0, error);
    if (!status && (task->datasets->file_count != 1 || task->datasets->files[0].component))
        status = cli_fail(error, WK_ARGUMENT, task->datasets->type,
                          "is kept in a file for each component: there is no coadd in one file");
    return status ? status : get_inputs(task, task->datasets->files[0].path, task->datasets, error);
}

static wk_status work(get_task *task, int mode, wk_error *error)
{
    const char *repository = cli_get_text(&task->session->options, "repo");
    wk_status status = repository ? wk_butler_open(&task->butler, repository, error) : WK_OK;
    if (status)
        return status;
    if (mode == LIST || mode == COLLECTIONS)
        return list(task, mode, error);
    if (mode == INPUTS)
        return show_inputs(task, error);
    status = find(task, mode == ALL, error);
    if (!status && mode == ALL)
        return get_print_all(task, error);
    if (!status)
        status = get_write(task, error);
    if (!status)
        status = get_print_one(task, error);
    if (status)
        cli_outputs_undo(&task->outputs, &task->session->options);
    return status;
}

static wk_status run(cli_session *session, wk_error *error)
{
    get_task task = {.session = session};
    int mode = ONE;
    wk_status status = choose_mode(&mode, &session->options, error);
    if (!status)
        status = check_words(session, mode, error);
    if (!status)
        status = work(&task, mode, error);
    for (size_t i = 0; i < task.count; i++)
        wk_butler_dataset_release(&task.datasets[i]);
    /* of find_all the list is the library's */
    if (mode == ALL)
        wk_butler_datasets_free(task.datasets, 0);
    else
        free(task.datasets);
    wk_butler_free(task.butler);
    return status;
}

static const cli_section *const sections[] = {&cli_get_section, &cli_general_section, NULL};

const cli_command cli_get = {
    .name = "get",
    .arguments = "[DATASETTYPE|PATTERN|FILE] [KEY=VALUE...]",
    .summary = "find datasets in a Butler repository, copy or evaluate them",
    .detail = "Prints the path of a dataset in a repository of the Rubin Observatory's Data Butler "
              "(generation 3, SQLite), which is only read. The data ID is given as KEY=VALUE; "
              "instrument and skymap may be left away where there is one only. With --output the "
              "dataset is copied, a background list is made into an image.",
    .sections = sections,
    .run = run,
};
