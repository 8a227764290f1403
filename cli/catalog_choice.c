#include "catalog_choice.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common.h"
#include "section.h"

enum { WAIT = 60000 }; /* milliseconds that writers are waited for */

/* When all exposures of a file have come, its name alone stands for them. */
static void join(cli_names *names)
{
    if (!names->file)
        return;
    if (names->come == names->siblings) {
        for (size_t i = names->first; i < names->count; i++)
            free(names->names[i]);
        names->names[names->first] = names->file;
        names->count = names->first + 1;
    } else {
        free(names->file);
    }
    names->file = NULL;
}

static wk_status begin_file(cli_names *names, const wk_catalog_entry *entry, wk_error *error)
{
    join(names);
    names->file = cli_copy(entry->file, error);
    names->siblings = entry->siblings;
    names->come = 0;
    names->first = names->count;
    return names->file ? WK_OK : WK_MEMORY;
}

wk_status cli_names_take(const wk_catalog_entry *entry, void *payload, wk_error *error)
{
    cli_names *names = payload;
    wk_status status = WK_OK;
    if (!names->file || strcmp(names->file, entry->file))
        status = begin_file(names, entry, error);
    if (!status && names->count == names->room) {
        size_t room = 2 * names->room + 64;
        status = cli_grow((void **)&names->names, room, sizeof *names->names, error);
        if (!status)
            names->room = room;
    }
    char *name = status ? NULL : cli_format(error, "%s[%d]", entry->file, entry->hdu);
    if (!name)
        return WK_MEMORY;
    names->names[names->count++] = name;
    names->come++;
    return WK_OK;
}

void cli_names_end(cli_names *names)
{
    join(names);
}

void cli_names_free(cli_names *names)
{
    for (size_t i = 0; i < names->count; i++)
        free(names->names[i]);
    free(names->names);
    free(names->file);
    *names = (cli_names){0};
}

int cli_takes_catalog(const cli_command *command)
{
    for (const cli_section *const *section = command->sections; *section; section++)
        if (*section == &cli_choice_section)
            return 1;
    return 0;
}

/* Before any work: a file of a catalogue may have gone since it was added. */
static wk_status check_there(const cli_names *names, const char *catalog, wk_error *error)
{
    for (size_t i = 0; i < names->count; i++) {
        char *path = cli_copy(names->names[i], error);
        if (!path)
            return WK_MEMORY;
        size_t length = strlen(path);
        if (length && path[length - 1] == ']')
            *strrchr(path, '[') = '\0';
        int there = access(path, F_OK) == 0;
        int cause = errno;
        free(path);
        if (!there)
            return cli_fail(error, WK_FILE, names->names[i],
                            "cannot be opened: %s; %s names it: was the catalogue moved without "
                            "its files, or the file after it was added? (see welkin catalog "
                            "forget)",
                            strerror(cause), catalog);
    }
    return WK_OK;
}

static wk_status append(cli_session *session, cli_names *names, wk_error *error)
{
    wk_status status = cli_grow((void **)&session->files, session->file_count + names->count + 1,
                                sizeof *session->files, error);
    if (status)
        return status;
    for (size_t i = 0; i < names->count; i++)
        session->files[session->file_count++] = names->names[i];
    names->count = 0;
    return WK_OK;
}

wk_status cli_catalog_choose(cli_session *session, wk_error *error)
{
    const char *path = cli_get_text(&session->options, "catalog");
    const char *where = cli_get_text(&session->options, "where");
    wk_catalog *catalog = NULL;
    cli_names names = {0};
    if (!path)
        return where ? cli_fail(error, WK_ARGUMENT, "", "--where needs --catalog") : WK_OK;
    wk_status status = wk_catalog_open(&catalog, path, WK_CATALOG_READ, WAIT, error);
    if (!status)
        status = wk_catalog_select(catalog, where, cli_names_take, &names, error);
    cli_names_end(&names);
    wk_catalog_close(catalog);
    if (!status && !names.count)
        status = cli_fail(error, WK_NO_DATA, path, "%s%s",
                          where ? "no exposure of it satisfies --where " : "it holds no exposure",
                          where ? where : "");
    if (!status)
        status = check_there(&names, path, error);
    if (!status)
        status = append(session, &names, error);
    cli_names_free(&names);
    return status;
}
