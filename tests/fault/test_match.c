/* Commands run in this process with the n-th allocation failing, for every n: status 4, one
 * sentence, no leak, no output. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "allocation.h"
#include "command.h"

enum { WORDS = 32, PATH = 512, SAID = 4096 };

/* The inputs are in FOLDER/in, outputs go to FOLDER/new, what is said to FOLDER/out and err. */
static char folder[64];

typedef struct call {
    const char *words[WORDS]; /* NULL at the end; a leading % stands for the folder */
    const char *outputs[8];   /* what is in FOLDER/new after a success, NULL at the end */
} call;

static const char *place(char *path, const char *name)
{
    snprintf(path, PATH, "%s/%s", folder, name);
    return path;
}

static int count_names(const char *name)
{
    char path[PATH];
    int count = 0;
    DIR *directory = opendir(place(path, name));
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
        char inside[2 * PATH];
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
    char path[PATH];
    fflush(stream);
    int kept = dup(fileno(stream));
    int fd = open(place(path, name), O_WRONLY | O_CREAT | O_TRUNC, 0600);
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
    char path[PATH];
    FILE *file = fopen(place(path, name), "r");
    assert_non_null(file);
    size_t length = fread(text, 1, SAID - 1, file);
    text[length] = '\0';
    fclose(file);
}

/* Run the command with the n-th allocation failing; its exit status. */
static int run(const call *made, long n)
{
    static char paths[WORDS][PATH];
    char *words[WORDS + 1] = {NULL};
    int count = 0;
    for (; made->words[count]; count++) {
        const char *word = made->words[count];
        words[count] = *word == '%' ? (char *)place(paths[count], word + 1) : (char *)word;
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
    char name[64], path[PATH], said[SAID];
    int count = 0;
    struct stat about;
    for (; made->outputs[count]; count++) {
        snprintf(name, sizeof name, "new/%.50s", made->outputs[count]);
        if (stat(place(path, name), &about) || about.st_size == 0)
            fail_msg("%s is missing", name);
    }
    assert_int_equal(count_names("new"), count);
    read_said(said, "err");
    assert_string_equal(said, "");
    read_said(said, "out");
    assert_true(strlen(said) > 0);
}

/* Set where another library may take want of memory for a fault of what it reads. */
static int lenient;

static void check_failure(long n, int code)
{
    char said[SAID];
    read_said(said, "err");
    const char *end = strchr(said, '\n');
    int right = code == 4 || (lenient && (code == 2 || code == 3));
    if (!right || count_names("new") != 0 || strncmp(said, "welkin ", 7) || !end || end[1])
        fail_msg("allocation %ld: status %d, %d outputs, said: %s", n, code, count_names("new"),
                 said);
    read_said(said, "out");
    if (*said)
        fail_msg("allocation %ld: failed, but printed %s", n, said);
}

/* Every allocation in turn, until a run asks for fewer. */
static void fail_each(const call *made)
{
    char path[PATH];
    for (long n = 0;; n++) {
        clear(place(path, "new"));
        size_t before = allocation_outstanding();
        int code = run(made, n);
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

static const call make = {{"welkin", "simulate", "--output-dir", "%in", "--exposures", "3",
                           "--size", "40", "--overlap", "0.5", "--distortion", "sip", "--stars",
                           "5", "--galaxies", "1", "-q", "--threads", "1"},
                          {NULL}};

static const call match = {{"welkin",
                            "match",
                            "%in/exposure_0001.fits",
                            "%in/exposure_0002.fits",
                            "%in/exposure_0003.fits",
                            "--subtract",
                            "--output-dir",
                            "%new",
                            "--ledger",
                            "%new/ledger.json",
                            "--figure",
                            "%new/figure.svg",
                            "--check",
                            "%new/check.fits",
                            "--group",
                            "GROUPID",
                            "--flux-keyword",
                            "EXPTIME",
                            "--threads",
                            "1",
                            "-q",
                            "--json"},
                           {"exposure_0001.fits", "exposure_0002.fits", "exposure_0003.fits",
                            "ledger.json", "figure.svg", "check.fits"}};

static const call listed = {{"welkin", "match", "@list", "--config", "%config", "--sky-list",
                             "%levels", "--threads", "1", "-q"},
                            {NULL}};

static const call info = {{"welkin", "info", "%in/exposure_0001.fits",
                           "%in/exposure_0002.fits[SCI,1]", "--bad-bits", "~2", "-q", "--json"},
                          {NULL}};

static const call table = {{"welkin", "info", "%in/exposure_0001.fits", "-q"}, {NULL}};

static const call apply = {{"welkin", "apply", "--ledger", "%ledger.json", "%in/exposure_0001.fits",
                            "%in/exposure_0003.fits", "--output-dir", "%new", "--suffix", "_flat",
                            "--durable", "--threads", "1", "-q", "--json"},
                           {"exposure_0001_flat.fits", "exposure_0003_flat.fits"}};

static const call simulate = {{"welkin",  "simulate", "--output-dir", "%new", "--exposures",  "2",
                               "--size",  "24",       "--detectors",  "2",    "--distortion", "tpv",
                               "--stars", "3",        "--galaxies",   "2",    "--threads",    "1",
                               "-q",      "--json"},
                              {"exposure_0001.fits", "exposure_0002.fits", "truth.json"}};

static void write_text(const char *name, const char *text)
{
    char path[PATH];
    FILE *file = fopen(place(path, name), "w");
    assert_non_null(file);
    fprintf(file, text, folder, folder);
    fclose(file);
}

/* Inputs, a ledger, a list, a configuration, a table of levels. */
static int set_up(void **state)
{
    (void)state;
    static const call solve = {{"welkin", "match", "%in/exposure_0001.fits",
                                "%in/exposure_0002.fits", "%in/exposure_0003.fits", "--ledger",
                                "%ledger.json", "-q", "--threads", "1"},
                               {NULL}};
    char path[PATH];
    strcpy(folder, "/tmp/welkin-fault-XXXXXX");
    assert_non_null(mkdtemp(folder));
    mkdir(place(path, "new"), 0700);
    write_text("list", "%s/in/exposure_0001.fits # first\n%s/in/exposure_0002.fits\n");
    write_text("config", "statistic: mean\nweights: variance\n");
    write_text("levels", "exposure_0001 12.5\nexposure_0002 7\n");
    assert_int_equal(run(&make, -1), 0);
    assert_int_equal(run(&solve, -1), 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    clear(folder);
    return rmdir(folder);
}

static void survives_match(void **state)
{
    (void)state;
    fail_each(&match);
}

/* The word @list has no place for the folder. */
static void survives_lists(void **state)
{
    (void)state;
    char before[1024];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(folder), 0);
    fail_each(&listed);
    assert_int_equal(chdir(before), 0);
}

static void survives_info(void **state)
{
    (void)state;
    fail_each(&info);
    fail_each(&table);
}

static void survives_apply(void **state)
{
    (void)state;
    fail_each(&apply);
}

static void survives_simulate(void **state)
{
    (void)state;
    fail_each(&simulate);
}

/* The JSON library's allocations, where a document is read, fail, too.  Its scanner goes on without
 * the characters it had no room for. */
static void survives_json(void **state)
{
    (void)state;
    json_set_alloc_funcs(allocation_new, allocation_free);
    lenient = 1;
    fail_each(&apply);
    lenient = 0;
    json_set_alloc_funcs(malloc, free);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(survives_info),     cmocka_unit_test(survives_lists),
        cmocka_unit_test(survives_simulate), cmocka_unit_test(survives_apply),
        cmocka_unit_test(survives_match),    cmocka_unit_test(survives_json),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
