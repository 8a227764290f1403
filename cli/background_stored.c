#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "background_task.h"
#include "common.h"
#include "provenance.h"
#include "section.h"
#include "welkin/ledger.h"

int background_is_stored(const cli_session *session)
{
    return cli_get_text(&session->options, "evaluate") ||
           cli_get_switch(&session->options, "restore");
}

wk_status background_change_rows(void *payload, int worker, wk_rect rect, double *values,
                                 wk_error *error)
{
    const background_change *change = payload;
    wk_background_list list = {.backgrounds = (wk_background **)change->models,
                               .count = change->count};
    float *row = cli_new((size_t)rect.width, sizeof *row, error);
    wk_status status = row ? WK_OK : WK_MEMORY;
    (void)worker;
    for (int64_t y = 0; y < rect.height && !status; y++) {
        wk_rect line = {rect.x, rect.y + y, rect.width, 1};
        double *out = values + y * rect.width;
        status =
            wk_background_list_fill(&list, line, (wk_view){row, rect.width, 1, rect.width}, error);
        for (int64_t x = 0; x < rect.width && !status; x++)
            out[x] += change->sign * (double)row[x];
    }
    free(row);
    return status;
}

/* What only a fit makes is refused, and the list may not be replaced. */
static wk_status check_stored(const char *list, const char *const *outputs, size_t count,
                              const cli_options *options, wk_error *error)
{
    static const char *const fitted[] = {"model", "rms", "mesh", "background-list", "figure"};
    for (int i = 0; i < 5; i++)
        if (cli_get_text(options, fitted[i]))
            return cli_fail(error, WK_ARGUMENT, "",
                            "--%s is made by a fit, which --evaluate and --restore do not make",
                            fitted[i]);
    for (size_t i = 0; i < count; i++)
        if (cli_same_file(list, outputs[i]))
            return cli_fail(error, WK_ARGUMENT, outputs[i], "an output may not replace an input");
    return WK_OK;
}

/* The list's path: that of --evaluate, or the one list among the files, which is taken out. */
static wk_status find_list(const char **list, cli_session *session, wk_error *error)
{
    size_t at = session->file_count, found = 0;
    *list = cli_get_text(&session->options, "evaluate");
    if (*list)
        return WK_OK;
    for (size_t i = 0; i < session->file_count; i++) {
        int is = wk_background_list_is(session->files[i]);
        if (is < 0)
            return cli_fail(error, WK_MEMORY, session->files[i], "no memory to look into it");
        at = is ? i : at;
        found += is != 0;
    }
    if (found != 1)
        return cli_fail(error, WK_ARGUMENT, "",
                        "--restore needs one BackgroundList: name it with --evaluate");
    char *path = session->files[at];
    for (size_t i = at; i + 1 < session->file_count; i++)
        session->files[i] = session->files[i + 1];
    session->files[session->file_count - 1] = path;
    *list = path;
    session->file_count--;
    return WK_OK;
}

/* Of an evaluation the level; of a restoration the images that it was added to. */
static wk_status print_stored(const wk_background_list *list, const char *path,
                              const wk_background_summary *summary, const cli_inputs *inputs,
                              const cli_session *session, wk_error *error)
{
    wk_ledger *ledger;
    wk_status status = wk_ledger_create(&ledger, error);
    if (status)
        return status;
    cli_provenance_put(ledger, session);
    wk_ledger_text(ledger, "file", path);
    wk_ledger_integer(ledger, "elements", (int64_t)list->count);
    if (summary)
        background_put_level(ledger, summary);
    if (inputs)
        wk_ledger_open_array(ledger, "images");
    for (size_t i = 0; inputs && i < inputs->count; i++) {
        const wk_exposure_header *header = wk_exposure_describe(inputs->exposures[i]);
        wk_ledger_open_object(ledger, NULL);
        wk_ledger_text(ledger, "file", header->file);
        wk_ledger_text(ledger, "detector", header->detector);
        wk_ledger_integer(ledger, "hdu", header->image_hdu);
        wk_ledger_close(ledger);
    }
    if (inputs)
        wk_ledger_close(ledger);
    status = cli_ledger_print(ledger, error);
    wk_ledger_free(ledger);
    return status;
}

static wk_status evaluate(const wk_background_list *list, const char *path, cli_session *session,
                          wk_error *error)
{
    const char *output = cli_get_text(&session->options, "output");
    cli_inputs none = {0};
    cli_outputs outputs = {0};
    char **cards = NULL;
    if (session->file_count)
        return cli_fail(error, WK_ARGUMENT, session->files[0],
                        "--evaluate takes no other file, unless --restore is given");
    if (cli_get_text(&session->options, "output-dir") || cli_get_text(&session->options, "suffix"))
        return cli_fail(error, WK_ARGUMENT, path, "--evaluate makes one image: name it, --output");
    if (!output && !cli_get_switch(&session->options, "json"))
        return cli_fail(error, WK_ARGUMENT, path, "--evaluate needs --output");
    wk_background_summary summary;
    wk_status status = check_stored(path, &output, output != NULL, &session->options, error);
    if (!status && output)
        status = cli_check_output(output, &none, &session->options, error);
    if (!status)
        status = cli_provenance_cards(&cards, session, error);
    if (!status)
        status = wk_background_list_write(output, list, &summary, (const char *const *)cards,
                                          cli_get_switch(&session->options, "overwrite"),
                                          cli_get_switch(&session->options, "durable"),
                                          &session->context, error);
    cli_provenance_cards_free(cards);
    cli_outputs_beside(&outputs, status ? NULL : output);
    if (!status && cli_get_switch(&session->options, "json"))
        status = print_stored(list, path, &summary, NULL, session, error);
    if (status)
        cli_outputs_undo(&outputs, &session->options);
    return status;
}

typedef struct restoration {
    const cli_inputs *inputs;
    background_change *change;
} restoration;

/* Nothing is taken off any more. */
static void make_edit(wk_plane_edit *edit, size_t exposure, void *payload)
{
    static const wk_keyword none[] = {
        {"BGMEAN", NULL, 0, "mean of the background taken off", 0, 0},
        {"BGVAR", NULL, 0, "variance of the background taken off", 0, 0}};
    static const wk_keyword none_at_all[] = {
        {"BGMEAN", NULL, 0, "mean of the background taken off", 1, 0},
        {"BGVAR", NULL, 0, "variance of the background taken off", 1, 0}};
    const cli_inputs *inputs = ((const restoration *)payload)->inputs;
    int lsst = wk_exposure_describe(inputs->exposures[exposure])->layout == WK_LAYOUT_LSST;
    edit->change = background_change_rows;
    edit->payload = ((restoration *)payload)->change;
    edit->keywords = lsst ? none_at_all : none;
    edit->keyword_count = 2;
}

static wk_status check_sizes(const wk_background_list *list, const cli_inputs *inputs,
                             wk_error *error)
{
    int64_t width, height;
    wk_background_size(list->backgrounds[0], &width, &height);
    for (size_t i = 0; i < inputs->count; i++) {
        const wk_exposure_header *header = wk_exposure_describe(inputs->exposures[i]);
        if (header->width != width || header->height != height)
            return cli_fail(error, WK_HEADER, wk_exposure_name(inputs->exposures[i]),
                            "the image has %lld x %lld pixels, the stored background %lld x %lld",
                            (long long)header->width, (long long)header->height, (long long)width,
                            (long long)height);
    }
    return WK_OK;
}

static wk_status restore(const wk_background_list *list, const char *path, cli_session *session,
                         wk_error *error)
{
    cli_inputs inputs = {0};
    cli_outputs outputs = {0};
    background_change change = {(const wk_background *const *)list->backgrounds, list->count, 1.0};
    restoration all = {&inputs, &change};
    if (!session->file_count)
        return cli_fail(error, WK_ARGUMENT, "", "--restore needs a FILE to add the background to");
    if (!cli_outputs_wanted(&session->options))
        return cli_fail(error, WK_ARGUMENT, "", "--output, --output-dir or --suffix is missing");
    wk_status status = cli_inputs_open(&inputs, session, error);
    if (!status)
        status = check_sizes(list, &inputs, error);
    if (!status)
        status = cli_outputs_plan(&outputs, &inputs, &session->options, error);
    if (!status)
        status = check_stored(path, (const char *const *)outputs.paths, outputs.count,
                              &session->options, error);
    for (size_t i = 0; i < outputs.count && !status; i++)
        status = cli_edits_write(&outputs, i, &inputs, make_edit, &all, session, error);
    if (!status && cli_get_switch(&session->options, "json"))
        status = print_stored(list, path, NULL, &inputs, session, error);
    if (status)
        cli_outputs_undo(&outputs, &session->options);
    cli_outputs_free(&outputs);
    cli_inputs_free(&inputs);
    return status;
}

wk_status background_run_stored(cli_session *session, wk_error *error)
{
    const char *path;
    size_t files = session->file_count;
    wk_background_list list = {0};
    wk_status status = find_list(&path, session, error);
    if (!status)
        status = wk_background_list_read(&list, path, error);
    if (!status)
        status = cli_get_switch(&session->options, "restore")
                     ? restore(&list, path, session, error)
                     : evaluate(&list, path, session, error);
    session->file_count = files;
    wk_background_list_release(&list);
    return status;
}
