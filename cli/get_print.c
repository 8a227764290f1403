#include <stdio.h>
#include <stdlib.h>

#include "background_task.h"
#include "get_task.h"
#include "provenance.h"

static void put_data_id(wk_ledger *ledger, const wk_butler_dataset *dataset)
{
    wk_ledger_open_object(ledger, "data_id");
    for (size_t i = 0; i < dataset->key_count; i++) {
        const wk_butler_key *key = &dataset->keys[i];
        if (key->integer)
            wk_ledger_integer(ledger, key->name, strtoll(key->value, NULL, 10));
        else
            wk_ledger_text(ledger, key->name, key->value);
    }
    wk_ledger_close(ledger);
}

/* A file's own members. */
static void put_file(wk_ledger *ledger, const wk_butler_file *file)
{
    wk_ledger_text(ledger, "path", file->path);
    wk_ledger_text(ledger, "formatter", file->formatter);
    wk_ledger_integer(ledger, "size", file->size);
}

void get_put_dataset(wk_ledger *ledger, const wk_butler_dataset *dataset)
{
    wk_ledger_text(ledger, "dataset_type", dataset->type);
    wk_ledger_text(ledger, "storage_class", dataset->storage_class);
    put_data_id(ledger, dataset);
    wk_ledger_text(ledger, "id", dataset->id);
    wk_ledger_text(ledger, "run", dataset->run);
    if (dataset->file_count == 1 && !dataset->files[0].component) {
        put_file(ledger, &dataset->files[0]);
        return;
    }
    wk_ledger_open_array(ledger, "paths");
    for (size_t i = 0; i < dataset->file_count; i++) {
        wk_ledger_open_object(ledger, NULL);
        wk_ledger_text(ledger, "component", dataset->files[i].component);
        wk_ledger_text(ledger, "storage_class", dataset->files[i].storage_class);
        put_file(ledger, &dataset->files[i]);
        wk_ledger_close(ledger);
    }
    wk_ledger_close(ledger);
}

static wk_status print_one_json(const get_task *task, wk_error *error)
{
    wk_ledger *ledger;
    wk_status status = wk_ledger_create(&ledger, error);
    if (status)
        return status;
    cli_provenance_put(ledger, task->session);
    get_put_dataset(ledger, task->datasets);
    if (task->output)
        wk_ledger_text(ledger, "output", task->output);
    if (task->evaluated)
        background_put_level(ledger, &task->summary);
    status = cli_ledger_print(ledger, error);
    wk_ledger_free(ledger);
    return status;
}

wk_status get_print_one(const get_task *task, wk_error *error)
{
    const wk_butler_dataset *dataset = task->datasets;
    if (cli_get_switch(&task->session->options, "json"))
        return print_one_json(task, error);
    for (size_t i = 0; i < dataset->file_count && !task->output; i++) {
        const wk_butler_file *file = &dataset->files[i];
        if (file->component)
            printf("%s ", file->component);
        printf("%s\n", file->path);
    }
    return WK_OK;
}

static wk_status print_all_json(const get_task *task, wk_error *error)
{
    wk_ledger *ledger;
    wk_status status = wk_ledger_create(&ledger, error);
    if (status)
        return status;
    cli_provenance_put(ledger, task->session);
    wk_ledger_open_array(ledger, "datasets");
    for (size_t i = 0; i < task->count; i++) {
        wk_ledger_open_object(ledger, NULL);
        get_put_dataset(ledger, &task->datasets[i]);
        wk_ledger_close(ledger);
    }
    wk_ledger_close(ledger);
    status = cli_ledger_print(ledger, error);
    wk_ledger_free(ledger);
    return status;
}

/* The keys that make the data ID, the component if there are several, the path. */
static void print_line(const wk_butler_dataset *dataset, const wk_butler_file *file)
{
    for (size_t i = 0; i < dataset->key_count; i++)
        if (dataset->keys[i].required)
            printf("%s=%s ", dataset->keys[i].name, dataset->keys[i].value);
    if (file->component)
        printf("%s ", file->component);
    printf("%s\n", file->path);
}

wk_status get_print_all(const get_task *task, wk_error *error)
{
    if (cli_get_switch(&task->session->options, "json"))
        return print_all_json(task, error);
    for (size_t i = 0; i < task->count; i++)
        for (size_t k = 0; k < task->datasets[i].file_count; k++)
            print_line(&task->datasets[i], &task->datasets[i].files[k]);
    return WK_OK;
}
