#include "calls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "allocation.h"
#include "command.h"

enum { SAID = 4096 };

char calls_folder[64];

const char *calls_place(char *path, const char *name)
{
    snprintf(path, CALLS_PATH, "%s/%s", calls_folder, name);
    return path;
}

static int count_names(const char *name)
{
    char path[CALLS_PATH];
    int count = 0;
    DIR *directory = opendir(calls_place(path, name));
    if (!directory)
        return -1;
    for (const struct dirent *entry; (entry = readdir(directory));)
        count += strcmp(entry->d_name, ".") && strcmp(entry->d_name, "..");
    closedir(directory);
    return count;
}

/* Empty a folder of plain files and of folders of plain files. */
static void clear(const char *path)
{
    DIR *directory = opendir(path);
    if (!directory)
        return;
    for (const struct dirent *entry; (entry = readdir(directory));) {
        char inside[2 * CALLS_PATH];
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        snprintf(inside, sizeof inside, "%s/%s", path, entry->d_name);
        if (unlink(inside)) {
            clear(inside);
            rmdir(inside);
        }
    }
    closedir(directory);
}

/* Send a stream to a file; the descriptor that brings it back. */
static int divert(FILE *stream, const char *name)
{
    char path[CALLS_PATH];
    fflush(stream);
    int kept = dup(fileno(stream));
    int fd = open(calls_place(path, name), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(kept >= 0 && fd >= 0);
    dup2(fd, fileno(stream));
    close(fd);
    return kept;
}

static void bring_back(FILE *stream, int kept)
{
    fflush(stream);
    clearerr(stream);
    dup2(kept, fileno(stream));
    close(kept);
}

static void read_said(char *text, const char *name)
{
    char path[CALLS_PATH];
    FILE *file = fopen(calls_place(path, name), "r");
    assert_non_null(file);
    size_t length = fread(text, 1, SAID - 1, file);
    text[length] = '\0';
    fclose(file);
}

int calls_run(const call *made, long n)
{
    static char paths[CALLS_WORDS][CALLS_PATH];
    char *words[CALLS_WORDS + 1] = {NULL};
    int count = 0;
    for (; made->words[count]; count++) {
        const char *word = made->words[count];
        words[count] = *word == '%' ? (char *)calls_place(paths[count], word + 1) : (char *)word;
    }
    int out = divert(stdout, "out"), err = divert(stderr, "err");
    allocation_fail_at(n);
    int code = welkin_main(count, words);
    int failed = allocation_has_failed();
    long asked = allocation_count();
    allocation_fail_at(-1);
    bring_back(stdout, out);
    bring_back(stderr, err);
    assert_true(failed == (n >= 0 && asked > n));
    return code | (failed ? 0x100 : 0);
}

static void check_success(const call *made)
{
    char name[64], path[CALLS_PATH], said[SAID];
    int count = 0;
    struct stat about;
    for (; made->outputs[count]; count++) {
        snprintf(name, sizeof name, "new/%.50s", made->outputs[count]);
        if (stat(calls_place(path, name), &about) || about.st_size == 0)
            fail_msg("%s is missing", name);
    }
    assert_int_equal(count_names("new"), count);
    read_said(said, "err");
    assert_string_equal(said, "");
    read_said(said, "out");
    assert_true(strlen(said) > 0);
}

int calls_lenient;

static void check_failure(long n, int code)
{
    char said[SAID];
    read_said(said, "err");
    const char *end = strchr(said, '\n');
    int right = code == 4 || (calls_lenient && (code == 2 || code == 3));
    if (!right || count_names("new") != 0 || strncmp(said, "welkin ", 7) || !end || end[1])
        fail_msg("allocation %ld: status %d, %d outputs, said: %s", n, code, count_names("new"),
                 said);
    read_said(said, "out");
    if (*said)
        fail_msg("allocation %ld: failed, but printed %s", n, said);
}

void calls_fail_each(const call *made)
{
    char path[CALLS_PATH];
    for (long n = 0;; n++) {
        clear(calls_place(path, "new"));
        size_t before = allocation_outstanding();
        int code = calls_run(made, n);
        if (allocation_outstanding() != before)
            fail_msg("allocation %ld: %ld blocks leaked", n,
                     (long)allocation_outstanding() - (long)before);
        if (code == 0 || code == 0x100)
            check_success(made);
        else
            check_failure(n, code & 0xff);
        if (code == 0) {
            print_message("# %ld allocations of %s\n", n, made->words[1]);
            return;
        }
    }
}

void calls_write_text(const char *name, const char *text)
{
    char path[CALLS_PATH];
    FILE *file = fopen(calls_place(path, name), "w");
    assert_non_null(file);
    fprintf(file, text, calls_folder, calls_folder);
    fclose(file);
}

void calls_begin(void)
{
    char path[CALLS_PATH];
    strcpy(calls_folder, "/tmp/welkin-fault-XXXXXX");
    assert_non_null(mkdtemp(calls_folder));
    mkdir(calls_place(path, "new"), 0700);
}

int calls_end(void **state)
{
    (void)state;
    clear(calls_folder);
    return rmdir(calls_folder);
}
