#include "inputs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "section.h"

/* An exposure's place, to be sorted. */
typedef struct place {
    const char *real;
    int hdu;
    size_t index;
} place;

static int compare_places(const void *left, const void *right)
{
    const place *a = left, *b = right;
    int order = strcmp(a->real, b->real);
    if (!order)
        order = (a->hdu > b->hdu) - (a->hdu < b->hdu);
    return order ? order : (a->index > b->index) - (a->index < b->index);
}

static wk_status check_twice(const cli_inputs *inputs, const place *places, wk_error *error)
{
    for (size_t i = 1; i < inputs->count; i++) {
        const place *a = &places[i - 1], *b = &places[i];
        if (a->hdu == b->hdu && !strcmp(a->real, b->real))
            return cli_fail(error, WK_ARGUMENT, wk_exposure_name(inputs->exposures[b->index]),
                            "the same exposure is given twice, also as %s",
                            inputs->files[inputs->file_of[a->index]].path);
    }
    return WK_OK;
}

/* Places of one file stand together: the lowest index among them belongs to its first twin. */
static void set_twins(cli_inputs *inputs, const place *places)
{
    for (size_t from = 0, to; from < inputs->count; from = to) {
        size_t twin = inputs->file_of[places[from].index];
        for (to = from; to < inputs->count && !strcmp(places[to].real, places[from].real); to++)
            if (inputs->file_of[places[to].index] < twin)
                twin = inputs->file_of[places[to].index];
        for (size_t i = from; i < to; i++)
            inputs->files[inputs->file_of[places[i].index]].twin = twin;
    }
}

static wk_status compare_files(cli_inputs *inputs, wk_error *error)
{
    place *places = cli_new(inputs->count, sizeof *places, error);
    inputs->reals = cli_new(inputs->count, sizeof *inputs->reals, error);
    wk_status status = places && inputs->reals ? WK_OK : WK_MEMORY;
    for (size_t i = 0; i < inputs->count && !status; i++)
        places[i] = (place){inputs->files[inputs->file_of[i]].real,
                            wk_exposure_describe(inputs->exposures[i])->image_hdu, i};
    if (!status) {
        qsort(places, inputs->count, sizeof *places, compare_places);
        for (size_t i = 0; i < inputs->count; i++)
            inputs->reals[i] = places[i].real;
        set_twins(inputs, places);
        status = check_twice(inputs, places, error);
    }
    free(places);
    return status;
}

static wk_status open_file(cli_file *file, const char *path, const wk_exposure_options *planes,
                           wk_error *error)
{
    file->path = path;
    wk_status status = wk_exposures_open(&file->exposures, &file->count, path, planes, error);
    if (status)
        return status;
    const char *plain = wk_exposure_describe(file->exposures[0])->file;
    errno = 0;
    file->real = realpath(plain, NULL);
    if (!file->real && errno == ENOMEM)
        return cli_fail(error, WK_MEMORY, path, "no memory for a path");
    if (!file->real)
        file->real = cli_copy(plain, error);
    return file->real ? WK_OK : WK_MEMORY;
}

/* A path that is the last one's again is passed over, for all exposures may share a file. */
static wk_status add_plane(cli_inputs *inputs, const char *path, const char **last, wk_error *error)
{
    if (!path || (*last && !strcmp(path, *last)))
        return WK_OK;
    *last = path;
    errno = 0;
    char *real = realpath(path, NULL);
    if (!real && errno == ENOMEM)
        return cli_fail(error, WK_MEMORY, path, "no memory for a path");
    if (real)
        inputs->planes[inputs->plane_count++] = real;
    return WK_OK;
}

static int compare_texts(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static wk_status collect_planes(cli_inputs *inputs, wk_error *error)
{
    const char *mask = NULL, *noise = NULL;
    inputs->planes = cli_new(2 * inputs->count, sizeof *inputs->planes, error);
    wk_status status = inputs->planes ? WK_OK : WK_MEMORY;
    for (size_t i = 0; i < inputs->count && !status; i++) {
        const wk_exposure_header *header = wk_exposure_describe(inputs->exposures[i]);
        status = add_plane(inputs, header->mask_file, &mask, error);
        if (!status)
            status = add_plane(inputs, header->noise_file, &noise, error);
    }
    if (!status)
        qsort(inputs->planes, inputs->plane_count, sizeof *inputs->planes, compare_texts);
    return status;
}

static wk_status collect(cli_inputs *inputs, wk_error *error)
{
    inputs->exposures = cli_new(inputs->count, sizeof *inputs->exposures, error);
    inputs->file_of = cli_new(inputs->count, sizeof *inputs->file_of, error);
    if (!inputs->exposures || !inputs->file_of)
        return WK_MEMORY;
    for (size_t f = 0; f < inputs->file_count; f++)
        for (size_t i = 0; i < inputs->files[f].count; i++) {
            inputs->exposures[inputs->files[f].first + i] = inputs->files[f].exposures[i];
            inputs->file_of[inputs->files[f].first + i] = f;
        }
    return WK_OK;
}

wk_status cli_inputs_open(cli_inputs *inputs, cli_session *session, wk_error *error)
{
    return cli_inputs_open_for(inputs, session, NULL, error);
}

wk_status cli_inputs_open_for(cli_inputs *inputs, cli_session *session, const char *lsst_bits,
                              wk_error *error)
{
    wk_exposure_options planes = cli_exposure_options(&session->options);
    planes.lsst_bits = lsst_bits;
    *inputs = (cli_inputs){0};
    inputs->files = cli_new(session->file_count, sizeof *inputs->files, error);
    wk_status status = inputs->files ? WK_OK : WK_MEMORY;
    for (size_t i = 0; i < session->file_count && !status; i++) {
        cli_file *file = &inputs->files[inputs->file_count++];
        status = cli_check_cancel(error);
        if (!status)
            status = open_file(file, session->files[i], &planes, error);
        file->first = inputs->count;
        inputs->count += file->count;
    }
    if (!status)
        status = collect(inputs, error);
    if (!status)
        status = compare_files(inputs, error);
    if (!status)
        status = collect_planes(inputs, error);
    if (status)
        cli_inputs_free(inputs);
    return status;
}

void cli_inputs_free(cli_inputs *inputs)
{
    for (size_t i = 0; i < inputs->file_count; i++) {
        wk_exposures_free(inputs->files[i].exposures, inputs->files[i].count);
        free(inputs->files[i].real);
    }
    free(inputs->files);
    free(inputs->exposures);
    free(inputs->file_of);
    free(inputs->reals);
    for (size_t i = 0; i < inputs->plane_count; i++)
        free(inputs->planes[i]);
    free(inputs->planes);
    *inputs = (cli_inputs){0};
}

static int is_there(const char *key, const void *sorted, size_t count)
{
    return count && bsearch(&key, sorted, count, sizeof key, compare_texts) != NULL;
}

int cli_inputs_hold(const cli_inputs *inputs, const char *path)
{
    char *real = realpath(path, NULL);
    int held = real && (is_there(real, inputs->reals, inputs->count) ||
                        is_there(real, inputs->planes, inputs->plane_count));
    free(real);
    return held;
}

/* How well a name, which leads to the file real, fits: 4 as given, 3 path, 2 file name, 1 stem, 0
 * not at all. */
static int fit(const cli_file *file, const char *name, const char *real)
{
    const char *plain = wk_exposure_describe(file->exposures[0])->file;
    const char *base = cli_base_name(plain);
    size_t stem = cli_stem_length(base);
    if (!strcmp(file->path, name))
        return 4;
    if (!strcmp(plain, name) || (real && !strcmp(file->real, real)))
        return 3;
    if (!strcmp(base, name) || !strcmp(cli_base_name(file->path), name))
        return 2;
    return strlen(name) == stem && !strncmp(base, name, stem);
}

wk_status cli_inputs_find(size_t *file, const cli_inputs *inputs, const char *name, wk_error *error)
{
    int best = 0, count = 0;
    char *real = realpath(name, NULL);
    for (size_t i = 0; i < inputs->file_count; i++) {
        int now = fit(&inputs->files[i], name, real);
        if (now > best) {
            best = now;
            count = 0;
            *file = i;
        }
        count += now && now == best;
    }
    free(real);
    if (count == 1)
        return WK_OK;
    return cli_fail(error, WK_ARGUMENT, name, "%s",
                    count ? "more than one of the files has this name"
                          : "none of the files has this name");
}
