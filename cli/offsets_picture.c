#include <math.h>
#include <stdlib.h>

#include "common.h"
#include "offsets_task.h"
#include "provenance.h"
#include "welkin/figure.h"
#include "welkin/table.h"

enum { BLOCKS = 320 }; /* along the longer side of a picture's grids */

/* Residuals of the stars as given. */
typedef struct residuals {
    double *x, *y;
    unsigned char *used;
} residuals;

static void free_residuals(residuals *found)
{
    free(found->x);
    free(found->y);
    free(found->used);
}

static wk_status find_residuals(residuals *found, const wk_offset *offset, int64_t count,
                                wk_error *error)
{
    const size_t n = (size_t)count + 1;
    found->x = cli_new(n, sizeof *found->x, error);
    found->y = cli_new(n, sizeof *found->y, error);
    found->used = cli_new(n, 1, error);
    if (!found->x || !found->y || !found->used)
        return WK_MEMORY;
    wk_offset_residuals(found->x, found->y, found->used, offset);
    return WK_OK;
}

static int64_t blocks_of(int64_t size, int64_t longer)
{
    int64_t blocks = longer <= BLOCKS ? size : (size * BLOCKS + longer - 1) / longer;
    return blocks < 1 ? 1 : blocks;
}

static wk_status draw_grids(const char *path, wk_offset_picture *picture, const wk_offset *offset,
                            const offsets_task *task, wk_error *error)
{
    const int64_t longer = picture->width > picture->height ? picture->width : picture->height;
    picture->nx = blocks_of(picture->width, longer);
    picture->ny = blocks_of(picture->height, longer);
    const size_t n = (size_t)(picture->nx * picture->ny);
    float *x = cli_new(n, sizeof *x, error), *y = cli_new(n, sizeof *y, error);
    float *jump = cli_new(n, sizeof *jump, error);
    wk_status status = x && y && jump ? WK_OK : WK_MEMORY;
    if (!status)
        status = wk_offset_blocks(x, y, jump, offset, picture->nx, picture->ny,
                                  &task->session->context, error);
    picture->x = x;
    picture->y = y;
    picture->jump = jump;
    if (!status)
        status = wk_figure_offset(path, picture,
                                  cli_get_switch(&task->session->options, "overwrite"), error);
    free(x);
    free(y);
    free(jump);
    return status;
}

wk_status offsets_draw(const char *path, const offsets_entry *entry, const wk_offset *offset,
                       const offsets_stars *stars, const offsets_task *task, wk_error *error)
{
    char model[48];
    residuals found = {0};
    const wk_offset_facts *facts = &entry->facts;
    offsets_model_name(model, sizeof model, facts->model, facts->order, !isnan(facts->smooth));
    wk_offset_picture picture = {
        .width = facts->width,
        .height = facts->height,
        .model = model,
        .name = cli_base_name(entry->file),
        .rms_x = facts->left_out[0],
        .rms_y = facts->left_out[1],
        .largest_jump = entry->summary.largest_jump,
        .jump_x = (double)entry->summary.jump_x,
        .jump_y = (double)entry->summary.jump_y,
    };
    wk_status status = WK_OK;
    if (stars && !entry->empty) {
        status = find_residuals(&found, offset, stars->count, error);
        picture.star_x = stars->x;
        picture.star_y = stars->y;
        picture.residual_x = found.x;
        picture.residual_y = found.y;
        picture.used = found.used;
        picture.stars = stars->count;
    }
    if (!status)
        status = draw_grids(path, &picture, offset, task, error);
    free_residuals(&found);
    return status;
}

static wk_status write_columns(const char *path, const residuals *found, const offsets_stars *stars,
                               const offsets_task *task, const int64_t *used, wk_error *error)
{
    const cli_options *values = &task->session->options;
    const wk_table_column columns[] = {
        {"xcentroid", "pixel", WK_TABLE_REAL, 1, {0, 0}, stars->x},
        {"ycentroid", "pixel", WK_TABLE_REAL, 1, {0, 0}, stars->y},
        {"xoffset", "pixel", WK_TABLE_REAL, 1, {0, 0}, stars->offset_x},
        {"yoffset", "pixel", WK_TABLE_REAL, 1, {0, 0}, stars->offset_y},
        {"xresidual", "pixel", WK_TABLE_REAL, 1, {0, 0}, found->x},
        {"yresidual", "pixel", WK_TABLE_REAL, 1, {0, 0}, found->y},
        {"used", NULL, WK_TABLE_INTEGER, 1, {0, 0}, used},
        {"row", NULL, WK_TABLE_INTEGER, 1, {0, 0}, stars->current},
        {"ref_row", NULL, WK_TABLE_INTEGER, 1, {0, 0}, stars->reference},
    };
    char **cards;
    wk_status status = cli_provenance_cards(&cards, task->session, error);
    if (status)
        return status;
    status = wk_table_write(path, "OFFSETS", columns, stars->current ? 9 : 7, stars->count,
                            (const char *const *)cards, cli_get_switch(values, "overwrite"),
                            cli_get_switch(values, "durable"), error);
    cli_provenance_cards_free(cards);
    return status;
}

wk_status offsets_tabulate(const char *path, const wk_offset *offset, const offsets_stars *stars,
                           const offsets_task *task, wk_error *error)
{
    residuals found = {0};
    int64_t *used = cli_new((size_t)stars->count + 1, sizeof *used, error);
    wk_status status = used ? find_residuals(&found, offset, stars->count, error) : WK_MEMORY;
    for (int64_t i = 0; i < stars->count && !status; i++)
        used[i] = found.used[i];
    if (!status)
        status = write_columns(path, &found, stars, task, used, error);
    free_residuals(&found);
    free(used);
    return status;
}
