#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "catalog_task.h"
#include "common.h"

typedef struct list {
    char **paths;
    size_t count, room;
} list;

static wk_status add(list *all, const char *path, wk_error *error)
{
    wk_status status = WK_OK;
    if (all->count == all->room) {
        size_t room = 2 * all->room + 64;
        status = cli_grow((void **)&all->paths, room, sizeof *all->paths, error);
        all->room = status ? all->room : room;
    }
    char *copy = status ? NULL : cli_copy(path, error);
    if (!copy)
        return WK_MEMORY;
    all->paths[all->count++] = copy;
    return WK_OK;
}

/* .fits and its kin, packed or not; masks and weights of decam's exposures are planes of others. */
static int may_be_exposure(const char *name)
{
    size_t stem = cli_stem_length(name), length = strlen(name);
    const char *ending = name + stem;
    int fits = !strncasecmp(ending, ".fit", 4) || !strncasecmp(ending, ".fts", 4);
    return stem < length && fits && !strstr(name, "_ood_") && !strstr(name, "_oow_");
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/* The names in a folder, sorted; hidden ones are left out, for unfinished outputs are. */
static wk_status read_folder(list *names, const char *folder, wk_error *error)
{
    DIR *open = opendir(folder);
    wk_status status = WK_OK;
    if (!open)
        return cli_fail(error, errno == ENOMEM ? WK_MEMORY : WK_FILE, folder,
                        "cannot be opened: %s", strerror(errno));
    errno = 0;
    for (struct dirent *item; !status && (item = readdir(open)); errno = 0)
        if (item->d_name[0] != '.')
            status = add(names, item->d_name, error);
    if (!status && errno)
        status = cli_fail(error, WK_FILE, folder, "cannot be read: %s", strerror(errno));
    closedir(open);
    if (!status && names->count)
        qsort(names->paths, names->count, sizeof *names->paths, compare_names);
    return status;
}

/* Links to files are followed, links to folders are not: they may lead in a circle. */
static wk_status scan_folder(list *found, const char *folder, wk_error *error)
{
    list names = {0};
    struct stat facts;
    size_t length = strlen(folder);
    wk_status status = read_folder(&names, folder, error);
    for (size_t i = 0; i < names.count && !status; i++) {
        char *path = cli_format(error, "%s%s%s", folder,
                                length && folder[length - 1] == '/' ? "" : "/", names.paths[i]);
        if (!path)
            status = WK_MEMORY;
        else if (!lstat(path, &facts) && S_ISDIR(facts.st_mode))
            status = scan_folder(found, path, error);
        else if (may_be_exposure(names.paths[i]) && !stat(path, &facts) && S_ISREG(facts.st_mode))
            status = add(found, path, error);
        free(path);
    }
    cli_lines_free(names.paths, names.count);
    return status;
}

wk_status catalog_scan(char ***paths, size_t *count, char *const *words, size_t word_count,
                       wk_error *error)
{
    list found = {0};
    struct stat facts;
    wk_status status = WK_OK;
    for (size_t i = 0; i < word_count && !status; i++) {
        if (!stat(words[i], &facts) && S_ISDIR(facts.st_mode))
            status = scan_folder(&found, words[i], error);
        else
            status = add(&found, words[i], error);
    }
    *paths = found.paths;
    *count = found.count;
    return status;
}
