#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common.h"
#include "offsets_task.h"
#include "welkin/frame.h"
#include "welkin/table.h"

static wk_status read_model(wk_offset_options *out, const char *text, wk_error *error)
{
    static const char *const names[] = {"nearest", "seed", "polynomial", "spline", "auto"};
    if (!strncmp(text, "polynomial:", 11)) {
        char *end;
        long order = strtol(text + 11, &end, 10);
        if (end == text + 11 || *end || order < 0 || order > 9)
            return cli_fail(error, WK_ARGUMENT, "",
                            "--model: the order of %s is not within 0 and 9", text);
        out->model = WK_OFFSET_POLYNOMIAL;
        out->order = (int)order;
        return WK_OK;
    }
    for (int i = 0; i < 5; i++)
        if (i != WK_OFFSET_POLYNOMIAL && !strcmp(text, names[i])) {
            out->model = (wk_offset_model)i;
            return WK_OK;
        }
    return cli_fail(error, WK_ARGUMENT, "",
                    "--model: %s is not one of nearest, seed, polynomial:N, spline, auto", text);
}

static wk_status read_options(offsets_task *task, wk_error *error)
{
    const cli_options *values = &task->session->options;
    wk_offset_options *options = &task->options;
    *options = wk_offset_options_default();
    wk_status status = read_model(options, cli_get_text(values, "model"), error);
    options->quadrants = (wk_offset_quadrants)cli_get_choice(values, "quadrants");
    options->power = cli_get_real(values, "power");
    options->smooth = cli_get_real(values, "smooth");
    options->clip = cli_get_real(values, "clip");
    options->errors = cli_get_switch(values, "errors");
    options->quirks = (wk_offset_quirks){
        .sections = cli_get_integer(values, "sections"),
        .stride = cli_get_integer(values, "stride"),
        .lose_first = !cli_get_switch(values, "keep-first"),
        .zero_missing = !cli_get_switch(values, "keep-zero"),
        .zero_border = cli_get_choice(values, "border") == 0,
    };
    task->format = (wk_offset_format)cli_get_choice(values, "format");
    return status;
}

/* Names with commas between them. */
static wk_status read_columns(offsets_task *task, wk_error *error)
{
    const char *text = cli_get_text(&task->session->options, "columns");
    const size_t needed = cli_get_switch(&task->session->options, "from-catalogues") ? 2 : 4;
    for (const char *from = text; task->column_count < OFFSETS_COLUMNS;) {
        size_t length = strcspn(from, ",");
        char *name = length ? cli_format(error, "%.*s", (int)length, from) : NULL;
        if (!name)
            return length
                       ? WK_MEMORY
                       : cli_fail(error, WK_ARGUMENT, "", "--columns: %s has an empty name", text);
        task->columns[task->column_count++] = name;
        from += length;
        if (!*from)
            break;
        if (task->column_count == OFFSETS_COLUMNS)
            return cli_fail(error, WK_ARGUMENT, "", "--columns: %s names more than four columns",
                            text);
        from++;
    }
    if (task->column_count < needed)
        return cli_fail(error, WK_ARGUMENT, "", "--columns: %s names %zu columns, not %zu", text,
                        task->column_count, needed);
    return WK_OK;
}

static wk_status parse_size(int64_t size[2], const char *text, wk_error *error)
{
    char *end;
    size[0] = strtoll(text, &end, 10);
    int good = end != text && (*end == ',' || *end == 'x');
    const char *second = end + 1;
    if (good) {
        size[1] = strtoll(second, &end, 10);
        good = end != second && !*end;
    }
    if (!good)
        return cli_fail(error, WK_ARGUMENT, "", "--size: %s is not NX,NY", text);
    if (size[0] < 1 || size[1] < 1)
        return cli_fail(error, WK_ARGUMENT, "", "--size: an image cannot have %s pixels", text);
    return WK_OK;
}

static wk_status read_size(offsets_task *task, wk_error *error)
{
    const cli_options *values = &task->session->options;
    const char *like = cli_get_text(values, "like"), *size = cli_get_text(values, "size");
    wk_status status = WK_OK;
    if (cli_get_switch(values, "from-wcs"))
        return like || size ? cli_fail(error, WK_ARGUMENT, "",
                                       "--from-wcs takes the size of the first image: leave out "
                                       "--like and --size")
                            : WK_OK;
    if (!like == !size)
        return cli_fail(error, WK_ARGUMENT, "",
                        "%s: the maps need the size of an image (--like IMAGE or --size NX,NY)",
                        like ? "--like excludes --size" : "neither --like nor --size is given");
    status = size ? parse_size(task->size, size, error) : wk_frame_size(task->size, like, error);
    if (!status && (double)task->size[0] * (double)task->size[1] > 1e10)
        status =
            cli_fail(error, WK_ARGUMENT, like ? like : "", "%lld x %lld pixels are more than 10^10",
                     (long long)task->size[0], (long long)task->size[1]);
    return status;
}

static wk_status check_kind(const offsets_task *task, wk_error *error)
{
    const cli_options *values = &task->session->options;
    const int catalogues = cli_get_switch(values, "from-catalogues");
    const int wcs = cli_get_switch(values, "from-wcs");
    const size_t files = task->session->file_count;
    if (catalogues && wcs)
        return cli_fail(error, WK_ARGUMENT, "", "--from-catalogues excludes --from-wcs");
    if ((catalogues || wcs) && files != 2)
        return cli_fail(error, WK_ARGUMENT, "",
                        "--from-%s needs two files, the image's and the reference's, not %zu",
                        wcs ? "wcs" : "catalogues", files);
    if (cli_get_switch(values, "errors") && task->format != WK_OFFSET_IMAGES)
        return cli_fail(error, WK_ARGUMENT, "", "--errors adds planes to --format offsets alone");
    if (wcs && task->format == WK_OFFSET_DGEO)
        return cli_fail(error, WK_ARGUMENT, "",
                        "--format dgeo corrects places that world coordinates predict: it needs "
                        "stars");
    if (wcs && cli_get_text(values, "table"))
        return cli_fail(error, WK_ARGUMENT, "", "--table lists stars: --from-wcs has none");
    return WK_OK;
}

/* FOLDER/NAME.offsets.fits where NAME ends at the first dot, as the notebook has it. */
static char *output_name(const offsets_task *task, const char *file, wk_error *error)
{
    static const char *const kinds[] = {".offsets", ".pixmap", ".dgeo"};
    const cli_options *values = &task->session->options;
    const char *single = cli_get_text(values, "output");
    const char *folder = cli_get_text(values, "output-dir");
    const char *suffix = cli_get_text(values, "suffix");
    const char *base = cli_base_name(file);
    if (single)
        return cli_copy(single, error);
    int stem = (int)strcspn(base[0] == '.' ? base + 1 : base, ".[") + (base[0] == '.');
    int inside = folder != NULL;
    return cli_format(error, "%.*s%s%.*s%s.fits", inside ? (int)strlen(folder) : (int)(base - file),
                      inside ? folder : file,
                      inside && *folder && folder[strlen(folder) - 1] != '/' ? "/" : "", stem, base,
                      suffix ? suffix : kinds[task->format]);
}

/* The file behind a name with a bracket. */
static int is_input(const offsets_task *task, const char *path, wk_error *error)
{
    int found = 0;
    for (size_t i = 0; i < task->session->file_count && !found; i++) {
        const char *file = task->session->files[i];
        size_t length = strlen(file), bracket = strcspn(file, "[");
        char *plain = cli_format(error, "%.*s",
                                 (int)(length && file[length - 1] == ']' ? bracket : length), file);
        found = cli_same_file(path, file) || (plain && cli_same_file(path, plain));
        free(plain);
    }
    const char *like = cli_get_text(&task->session->options, "like");
    return found || (like && cli_same_file(path, like));
}

static wk_status check_output(const offsets_task *task, const char *path, int folder,
                              wk_error *error)
{
    const cli_inputs none = {0};
    const cli_options *values = &task->session->options;
    struct stat about;
    if (is_input(task, path, error))
        return cli_fail(error, WK_ARGUMENT, path, "an output may not replace an input");
    /* a folder that is made later has no files yet */
    if (folder && stat(cli_get_text(values, "output-dir"), &about))
        return WK_OK;
    return cli_check_output(path, &none, values, error);
}

static wk_status plan_maps(offsets_task *task, wk_error *error)
{
    const cli_options *values = &task->session->options;
    const char *folder = cli_get_text(values, "output-dir");
    if (!cli_outputs_wanted(values))
        return WK_OK;
    if (cli_get_text(values, "output") && (folder || cli_get_text(values, "suffix")))
        return cli_fail(error, WK_ARGUMENT, "", "--output excludes --output-dir and --suffix");
    if (cli_get_text(values, "output") && task->count > 1)
        return cli_fail(error, WK_ARGUMENT, cli_get_text(values, "output"),
                        "--output names one file, but there are %zu tables: use --output-dir",
                        task->count);
    task->outputs.paths = cli_new(task->count, sizeof *task->outputs.paths, error);
    if (!task->outputs.paths)
        return WK_MEMORY;
    task->outputs.count = task->count;
    wk_status status = WK_OK;
    for (size_t i = 0; i < task->count && !status; i++) {
        char *path = output_name(task, task->session->files[i], error);
        task->outputs.paths[i] = path;
        status = path ? check_output(task, path, folder != NULL, error) : WK_MEMORY;
        for (size_t k = 0; k < i && !status; k++)
            if (!strcmp(path, task->outputs.paths[k]))
                status = cli_fail(error, WK_ARGUMENT, path,
                                  "two of the tables would be written under this name");
    }
    return status;
}

static wk_status plan_outputs(offsets_task *task, wk_error *error)
{
    const cli_options *values = &task->session->options;
    const char *extra[] = {cli_get_text(values, "figure"), cli_get_text(values, "table")};
    wk_status status = plan_maps(task, error);
    if (!status && extra[0])
        status = cli_check_figure(extra[0], error);
    for (int i = 0; i < 2 && !status; i++) {
        if (extra[i] && task->count > 1)
            status =
                cli_fail(error, WK_ARGUMENT, extra[i], "--%s is for one table, but there are %zu",
                         i ? "table" : "figure", task->count);
        else if (extra[i])
            status = check_output(task, extra[i], 0, error);
    }
    return status ? status : cli_check_apart(extra, 2, &task->outputs, error);
}

/* All tables are looked into before the first map is written. */
static wk_status check_tables(const offsets_task *task, wk_error *error)
{
    const cli_options *values = &task->session->options;
    if (cli_get_switch(values, "from-catalogues") || cli_get_switch(values, "from-wcs"))
        return WK_OK;
    wk_status status = WK_OK;
    for (size_t i = 0; i < task->count && task->count > 1 && !status; i++) {
        offsets_stars stars;
        status = cli_check_cancel(error);
        if (!status)
            status = offsets_read(&stars, task, task->session->files[i], error);
        if (!status)
            offsets_stars_free(&stars);
    }
    return status;
}

wk_status offsets_prepare(offsets_task *task, wk_error *error)
{
    const cli_options *values = &task->session->options;
    const int pair =
        cli_get_switch(values, "from-catalogues") || cli_get_switch(values, "from-wcs");
    wk_status status = read_options(task, error);
    if (!status)
        status = check_kind(task, error);
    if (!status)
        status = read_columns(task, error);
    task->count = pair ? 1 : task->session->file_count;
    if (!status)
        status = read_size(task, error);
    if (!status)
        status = plan_outputs(task, error);
    if (!status) {
        task->entries = cli_new(task->count, sizeof *task->entries, error);
        status = task->entries ? WK_OK : WK_MEMORY;
    }
    for (size_t i = 0; i < task->count && !status; i++)
        task->entries[i].file = task->session->files[i];
    return status ? status : check_tables(task, error);
}
