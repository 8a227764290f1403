#include <string.h>
#include <unistd.h>

#include "background_survey.h"
#include "exposure.h"
#include "fits_card.h"
#include "memory.h"
#include "status.h"

enum { MODEL, RMS, MESH, FILES };

/* The files being written. */
typedef struct shelf {
    wk_fits_writer *writers[FILES];
    const wk_background_files *files;
    int single;
} shelf;

static wk_status begin_files(shelf *s, const wk_background_files *files, size_t count,
                             wk_error *error)
{
    const char *paths[FILES] = {files->model, files->rms, files->mesh};
    wk_status status = WK_OK;
    s->files = files;
    s->single = count == 1;
    for (int i = 0; status == WK_OK && i < FILES; i++) {
        if (!paths[i])
            continue;
        status = wk_fits_create(&s->writers[i], paths[i], files->overwrite, files->durable, error);
        if (status == WK_OK && (i == MESH || !s->single))
            status = wk_fits_append_primary(s->writers[i], NULL, 0, error);
    }
    return status;
}

/* The header of the exposure, and what was done. */
static wk_status make_cards(wk_cards *cards, const shelf *s, const wk_background_entry *entry,
                            wk_error *error)
{
    char *text = NULL;
    int64_t count = 0;
    wk_status status = WK_OK;
    if (entry->exposure)
        status = wk_exposure_records(&text, &count, entry->exposure, error);
    for (int64_t i = 0; status == WK_OK && i < count; i++)
        status = wk_cards_append(cards, text + i * WK_FITS_CARD, error);
    wk_memory_free(text);
    for (const char *const *line = s->files->cards; status == WK_OK && line && *line; line++)
        status = wk_cards_history(cards, *line, error);
    return status;
}

static const char *detector_of(const wk_background_entry *entry, const char *otherwise)
{
    const char *detector = entry->exposure ? wk_exposure_describe(entry->exposure)->detector : "";
    return *detector ? detector : otherwise;
}

static wk_status begin_maps(shelf *s, const wk_background_entry *entry, size_t index,
                            wk_error *error)
{
    static const char *const names[] = {"MODEL", "RMS"};
    const wk_cells *grid = &entry->background->grid;
    wk_cards cards = {0};
    wk_status status = make_cards(&cards, s, entry, error);
    for (int i = MODEL; status == WK_OK && i <= RMS; i++)
        if (s->writers[i])
            status = wk_fits_begin_image(
                s->writers[i], cards.text, (int64_t)cards.count, s->single ? NULL : names[i],
                s->single ? 0 : (int)index + 1, -32, grid->width, grid->height, error);
    wk_cards_free(&cards);
    return status;
}

/* Where the cells are: the size of the image they come from and its name. */
static wk_status mesh_cards(wk_cards *cards, const shelf *s, const wk_background_entry *entry,
                            wk_error *error)
{
    const wk_cells *grid = &entry->background->grid;
    wk_status status =
        wk_cards_set_integer(cards, "IMWIDTH", grid->width, "pixels of the image along x", error);
    if (status == WK_OK)
        status = wk_cards_set_integer(cards, "IMHEIGHT", grid->height,
                                      "pixels of the image along y", error);
    if (status == WK_OK)
        status = wk_cards_set_text(cards, "DETECTOR", detector_of(entry, ""),
                                   "detector of the exposure", error);
    for (const char *const *line = s->files->cards; status == WK_OK && line && *line; line++)
        status = wk_cards_history(cards, *line, error);
    return status;
}

static wk_status append_mesh(shelf *s, const wk_background_entry *entry, size_t index,
                             wk_error *error)
{
    const wk_mesh *mesh = wk_background_mesh(entry->background);
    const struct {
        const char *name;
        int bitpix;
        const void *data;
    } images[] = {{"LEVEL", -32, mesh->level},       {"ERROR", -32, mesh->error},
                  {"COUNT", 64, mesh->count},        {"RMS", -32, mesh->rms},
                  {"MEASURED", -32, mesh->measured}, {"MEASRMS", -32, mesh->measured_rms}};
    wk_cards cards = {0};
    wk_status status = mesh_cards(&cards, s, entry, error);
    for (size_t i = 0; status == WK_OK && i < sizeof images / sizeof images[0]; i++)
        status = wk_fits_append_image(s->writers[MESH], cards.text, (int64_t)cards.count,
                                      images[i].name, (int)index + 1, images[i].bitpix, mesh->nx,
                                      mesh->ny, images[i].data, error);
    wk_cards_free(&cards);
    return status;
}

static wk_status write_entry(shelf *s, const wk_background_entry *entry, size_t index,
                             wk_background_summary *summary, const wk_context *context,
                             wk_error *error)
{
    wk_background_pass pass = {.backgrounds = &entry->background,
                               .count = 1,
                               .writers = {s->writers[MODEL], s->writers[RMS]},
                               .summary = summary};
    int maps = s->writers[MODEL] || s->writers[RMS];
    wk_status status = maps ? begin_maps(s, entry, index, error) : WK_OK;
    if (status == WK_OK && (maps || summary))
        status = wk_background_pass_run(&pass, context, error);
    for (int i = MODEL; status == WK_OK && i <= RMS; i++)
        if (s->writers[i])
            status = wk_fits_end_image(s->writers[i], pass.sums[i], error);
    if (status == WK_OK && s->writers[MESH])
        status = append_mesh(s, entry, index, error);
    return status;
}

/* After the first failure the others are given up, and what has its name already goes: some of many
 * outputs would be taken for all.  What replaced an older file stays, it cannot come back. */
static wk_status finish_files(shelf *s, wk_status status, wk_error *error)
{
    const char *paths[FILES] = {s->files->model, s->files->rms, s->files->mesh};
    int finished = 0;
    for (int i = 0; i < FILES; i++) {
        if (status == WK_OK && s->writers[i]) {
            status = wk_fits_finish(s->writers[i], error);
            finished = status == WK_OK ? i + 1 : finished;
        } else {
            wk_fits_abandon(s->writers[i]);
        }
    }
    for (int i = 0; status != WK_OK && !s->files->overwrite && i < finished; i++)
        if (paths[i])
            unlink(paths[i]);
    return status;
}

wk_status wk_backgrounds_write(const wk_background_files *files, const wk_background_entry *entries,
                               size_t count, wk_background_summary *summaries,
                               const wk_context *context, wk_error *error)
{
    const wk_background_files none = {0};
    shelf s = {{NULL, NULL, NULL}, NULL, 0};
    wk_status status = begin_files(&s, files ? files : &none, count, error);
    for (size_t i = 0; status == WK_OK && i < count; i++)
        status = write_entry(&s, &entries[i], i, summaries ? &summaries[i] : NULL, context, error);
    return finish_files(&s, status, error);
}
