#include "outputs.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common.h"
#include "provenance.h"

int cli_outputs_wanted(const cli_options *options)
{
    return cli_get_text(options, "output") || cli_get_text(options, "output-dir") ||
           cli_get_text(options, "suffix");
}

static wk_status check_name(const char *path, const cli_inputs *inputs, const cli_options *options,
                            wk_error *error)
{
    struct stat about;
    if (cli_inputs_hold(inputs, path))
        return cli_fail(error, WK_ARGUMENT, path, "an output may not replace an input");
    if (stat(path, &about))
        return WK_OK;
    if (!S_ISREG(about.st_mode))
        return cli_fail(error, WK_FILE, path, "exists and is no regular file");
    if (!cli_get_switch(options, "overwrite"))
        return cli_fail(error, WK_EXISTS, path, "exists; --overwrite lets it be replaced");
    return WK_OK;
}

static wk_status check_folder(const char *folder, wk_error *error)
{
    struct stat about;
    if (stat(folder, &about))
        return cli_fail(error, WK_FILE, folder, "cannot be written into: %s", strerror(errno));
    if (!S_ISDIR(about.st_mode))
        return cli_fail(error, WK_FILE, folder, "is no folder");
    if (access(folder, W_OK | X_OK))
        return cli_fail(error, WK_FILE, folder, "cannot be written into: %s", strerror(errno));
    return WK_OK;
}

/* The folder in which path stands or would stand. */
static wk_status check_parent(const char *path, wk_error *error)
{
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    while (length > 0 && path[length - 1] != '/')
        length--;
    char *parent = length ? cli_format(error, "%.*s", (int)length, path) : cli_copy(".", error);
    wk_status status = parent ? check_folder(parent, error) : WK_MEMORY;
    free(parent);
    return status;
}

wk_status cli_check_output(const char *path, const cli_inputs *inputs, const cli_options *options,
                           wk_error *error)
{
    wk_status status = check_name(path, inputs, options, error);
    return status ? status : check_parent(path, error);
}

static int is_among(const char *name, char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (names[i] && !strcmp(name, names[i]))
            return 1;
    return 0;
}

wk_status cli_check_apart(const char *const *names, size_t count, const cli_outputs *outputs,
                          wk_error *error)
{
    for (size_t i = 0; i < count; i++)
        if (names[i] && (is_among(names[i], (char *const *)names, i) ||
                         is_among(names[i], outputs->paths, outputs->count)))
            return cli_fail(error, WK_ARGUMENT, names[i], "two outputs would have this name");
    return WK_OK;
}

int cli_same_file(const char *a, const char *b)
{
    struct stat one, other;
    return !stat(a, &one) && !stat(b, &other) && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

/* FOLDER/STEM + SUFFIX + ENDINGS */
static char *output_path(const char *input, const char *folder, const char *suffix, wk_error *error)
{
    const char *base = cli_base_name(input);
    int stem = (int)cli_stem_length(base);
    if (folder)
        return cli_format(error, "%s%s%.*s%s%s", folder,
                          *folder && folder[strlen(folder) - 1] == '/' ? "" : "/", stem, base,
                          suffix, base + stem);
    return cli_format(error, "%.*s%.*s%s%s", (int)(base - input), input, stem, base, suffix,
                      base + stem);
}

/* The file that is copied. */
static const char *copied_file(const wk_exposure *exposure, wk_plane plane)
{
    const wk_exposure_header *header = wk_exposure_describe(exposure);
    return plane == WK_PLANE_NOISE && header->noise_file ? header->noise_file : header->file;
}

static wk_status name_outputs(cli_outputs *outputs, const cli_inputs *inputs,
                              const cli_options *options, wk_error *error)
{
    const char *single = cli_get_text(options, "output");
    const char *folder = cli_get_text(options, "output-dir");
    const char *suffix = cli_get_text(options, "suffix");
    size_t job = 0;
    if (single && (folder || suffix))
        return cli_fail(error, WK_ARGUMENT, "", "--output excludes --output-dir and --suffix");
    if (single && outputs->count > 1)
        return cli_fail(error, WK_ARGUMENT, single,
                        "--output names one file, but there are %zu: use --output-dir",
                        outputs->count);
    for (size_t f = 0; f < inputs->file_count; f++) {
        const cli_file *file = &inputs->files[f];
        if (file->twin != f)
            continue;
        const char *input = copied_file(file->exposures[0], outputs->plane);
        outputs->paths[job] = single ? cli_copy(single, error)
                                     : output_path(input, folder, suffix ? suffix : "", error);
        if (!outputs->paths[job])
            return WK_MEMORY;
        outputs->jobs[job].path = outputs->paths[job];
        job++;
    }
    return WK_OK;
}

/* Give every exposure its edit, in the job of its file. */
static void share_edits(cli_outputs *outputs, const cli_inputs *inputs, size_t *job_of)
{
    size_t jobs = 0, next = 0;
    for (size_t f = 0; f < inputs->file_count; f++) {
        size_t twin = inputs->files[f].twin;
        job_of[f] = twin == f ? jobs++ : job_of[twin];
        outputs->jobs[job_of[f]].count += inputs->files[f].count;
    }
    for (size_t j = 0; j < jobs; j++) {
        outputs->jobs[j].edits = outputs->edits + next;
        next += outputs->jobs[j].count;
        outputs->jobs[j].count = 0;
    }
    for (size_t i = 0; i < inputs->count; i++) {
        wk_output_job *job = &outputs->jobs[job_of[inputs->file_of[i]]];
        outputs->place[i] = (size_t)(job->edits - outputs->edits) + job->count++;
        outputs->edits[outputs->place[i]].exposure = inputs->exposures[i];
    }
}

static int compare_texts(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static wk_status check_distinct(const cli_outputs *outputs, wk_error *error)
{
    const char **sorted = cli_new(outputs->count, sizeof *sorted, error);
    wk_status status = sorted ? WK_OK : WK_MEMORY;
    if (!status) {
        memcpy(sorted, outputs->paths, outputs->count * sizeof *sorted);
        qsort(sorted, outputs->count, sizeof *sorted, compare_texts);
    }
    for (size_t i = 1; i < outputs->count && !status; i++)
        if (!strcmp(sorted[i - 1], sorted[i]))
            status = cli_fail(error, WK_ARGUMENT, sorted[i],
                              "two of the files would be written under this name");
    free(sorted);
    return status;
}

static wk_status reserve(cli_outputs *outputs, const cli_inputs *inputs, wk_error *error)
{
    for (size_t f = 0; f < inputs->file_count; f++)
        outputs->count += inputs->files[f].twin == f;
    outputs->jobs = cli_new(outputs->count, sizeof *outputs->jobs, error);
    outputs->paths = cli_new(outputs->count, sizeof *outputs->paths, error);
    outputs->edits = cli_new(inputs->count, sizeof *outputs->edits, error);
    outputs->place = cli_new(inputs->count, sizeof *outputs->place, error);
    size_t *job_of = cli_new(inputs->file_count, sizeof *job_of, error);
    wk_status status = WK_MEMORY;
    if (outputs->jobs && outputs->paths && outputs->edits && outputs->place && job_of) {
        share_edits(outputs, inputs, job_of);
        status = WK_OK;
    }
    free(job_of);
    return status;
}

wk_status cli_outputs_plan(cli_outputs *outputs, const cli_inputs *inputs,
                           const cli_options *options, wk_error *error)
{
    const char *folder = cli_get_text(options, "output-dir");
    *outputs = (cli_outputs){.plane = outputs->plane};
    wk_status status = reserve(outputs, inputs, error);
    if (!status)
        status = name_outputs(outputs, inputs, options, error);
    if (!status)
        status = check_distinct(outputs, error);
    if (!status && folder)
        status = access(folder, F_OK) ? check_parent(folder, error) : check_folder(folder, error);
    for (size_t i = 0; i < outputs->count && !status; i++)
        status = folder ? check_name(outputs->paths[i], inputs, options, error)
                        : cli_check_output(outputs->paths[i], inputs, options, error);
    if (status)
        cli_outputs_free(outputs);
    return status;
}

void cli_outputs_free(cli_outputs *outputs)
{
    for (size_t i = 0; outputs->paths && i < outputs->count; i++)
        free(outputs->paths[i]);
    free(outputs->paths);
    free(outputs->jobs);
    free(outputs->edits);
    free(outputs->place);
    *outputs = (cli_outputs){0};
}

void cli_outputs_set(cli_outputs *outputs, size_t exposure, double level)
{
    wk_level_edit *edit = &outputs->edits[outputs->place[exposure]];
    edit->valid = isfinite(level);
    edit->level = edit->valid ? level : 0;
}

wk_status cli_outputs_folder(cli_outputs *outputs, const cli_options *options, wk_error *error)
{
    const char *folder = cli_get_text(options, "output-dir");
    if (!folder || outputs->made_folder)
        return WK_OK;
    outputs->made_folder = mkdir(folder, 0777) == 0;
    if (!outputs->made_folder && errno != EEXIST)
        return cli_fail(error, WK_FILE, folder, "cannot be made: %s", strerror(errno));
    return WK_OK;
}

wk_status cli_outputs_write(cli_outputs *outputs, cli_session *session, const char *method,
                            int subtract, wk_error *error)
{
    char **cards;
    wk_status status = cli_provenance_cards(&cards, session, error);
    if (status)
        return status;
    wk_write_options options = wk_write_options_default();
    options.method = method;
    options.subtract = subtract;
    options.overwrite = cli_get_switch(&session->options, "overwrite");
    options.durable = cli_get_switch(&session->options, "durable");
    options.cards = (const char *const *)cards;
    status = cli_outputs_folder(outputs, &session->options, error);
    if (!status)
        status = wk_exposures_write_all(outputs->jobs, outputs->count, &options, &session->context,
                                        error);
    cli_provenance_cards_free(cards);
    outputs->done = status ? 0 : outputs->count;
    if (status)
        cli_outputs_undo(outputs, &session->options);
    return status;
}

void cli_outputs_beside(cli_outputs *outputs, const char *path)
{
    if (path)
        outputs->beside[outputs->beside_count++] = path;
}

wk_status cli_check_figure(const char *path, wk_error *error)
{
    static const char *const endings[] = {".png", ".svg", ".pdf"};
    size_t length = strlen(path);
    for (int i = 0; i < 3; i++)
        if (length > 4 && !strcmp(path + length - 4, endings[i]))
            return WK_OK;
    return cli_fail(error, WK_ARGUMENT, path, "a figure's name ends in .png, .svg or .pdf");
}

void cli_outputs_undo(const cli_outputs *outputs, const cli_options *options)
{
    int replaced = cli_get_switch(options, "overwrite");
    for (size_t i = 0; i < outputs->done && !replaced; i++)
        unlink(outputs->paths[i]);
    for (size_t i = 0; i < outputs->beside_count && !replaced; i++)
        unlink(outputs->beside[i]);
    /* fails, as it should, where something is left in it */
    if (outputs->made_folder)
        rmdir(cli_get_text(options, "output-dir"));
}
