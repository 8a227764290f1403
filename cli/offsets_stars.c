#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "offsets_task.h"
#include "welkin/table.h"

void offsets_stars_free(offsets_stars *stars)
{
    free(stars->x);
    free(stars->y);
    free(stars->offset_x);
    free(stars->offset_y);
    free(stars->current);
    free(stars->reference);
    *stars = (offsets_stars){0};
}

static wk_status read_column(double **out, const wk_table *table, const char *name,
                             const char *path, wk_error *error)
{
    *out = cli_new((size_t)wk_table_rows(table) + 1, sizeof **out, error);
    wk_status status = *out ? wk_table_numbers(*out, table, name, error) : WK_MEMORY;
    if (status && !error->subject[0])
        snprintf(error->subject, sizeof error->subject, "%s", path);
    return status;
}

wk_status offsets_read(offsets_stars *stars, const offsets_task *task, const char *path,
                       wk_error *error)
{
    wk_table *table;
    *stars = (offsets_stars){0};
    double **const columns[] = {&stars->x, &stars->y, &stars->offset_x, &stars->offset_y};
    wk_status status = wk_table_open(&table, path, error);
    if (status)
        return status;
    stars->count = wk_table_rows(table);
    for (int i = 0; i < OFFSETS_COLUMNS && !status; i++)
        status = read_column(columns[i], table, task->columns[i], path, error);
    wk_table_free(table);
    if (status)
        offsets_stars_free(stars);
    return status;
}

/* One list of stars on its way to be matched. */
typedef struct catalogue {
    double *x, *y, *brightness;
    int64_t count;
} catalogue;

static void free_catalogue(catalogue *list)
{
    free(list->x);
    free(list->y);
    free(list->brightness);
}

/* Larger is brighter: a column of magnitudes is turned round. */
static wk_status read_brightness(catalogue *list, const offsets_task *task, const wk_table *table,
                                 const char *path, wk_error *error)
{
    const char *name = cli_get_text(&task->session->options, "brightness");
    int turn = name && name[0] == '-';
    name = turn ? name + 1 : name;
    if (!name && wk_table_find(table, "flux") >= 0)
        name = "flux";
    if (!name && wk_table_find(table, "mag") >= 0) {
        name = "mag";
        turn = 1;
    }
    if (!name)
        return WK_OK;
    wk_status status = read_column(&list->brightness, table, name, path, error);
    for (int64_t i = 0; i < list->count && turn && !status; i++)
        list->brightness[i] = -list->brightness[i];
    return status;
}

static wk_status read_catalogue(catalogue *list, const offsets_task *task, const char *path,
                                wk_error *error)
{
    wk_table *table;
    wk_status status = wk_table_open(&table, path, error);
    if (status)
        return status;
    list->count = wk_table_rows(table);
    status = read_column(&list->x, table, task->columns[0], path, error);
    if (!status)
        status = read_column(&list->y, table, task->columns[1], path, error);
    if (!status)
        status = read_brightness(list, task, table, path, error);
    wk_table_free(table);
    return status;
}

static wk_status take_pairs(offsets_stars *stars, const wk_star_match *match, const catalogue *a,
                            const catalogue *b, wk_error *error)
{
    const size_t n = (size_t)match->count + 1;
    *stars = (offsets_stars){
        .x = cli_new(n, sizeof *stars->x, error),
        .y = cli_new(n, sizeof *stars->y, error),
        .offset_x = cli_new(n, sizeof *stars->offset_x, error),
        .offset_y = cli_new(n, sizeof *stars->offset_y, error),
        .current = cli_new(n, sizeof *stars->current, error),
        .reference = cli_new(n, sizeof *stars->reference, error),
        .count = match->count,
    };
    if (!stars->x || !stars->y || !stars->offset_x || !stars->offset_y || !stars->current ||
        !stars->reference)
        return WK_MEMORY;
    for (int64_t i = 0; i < match->count; i++) {
        const int64_t p = match->current[i], q = match->reference[i];
        stars->x[i] = a->x[p];
        stars->y[i] = a->y[p];
        stars->offset_x[i] = a->x[p] - b->x[q];
        stars->offset_y[i] = a->y[p] - b->y[q];
        stars->current[i] = p;
        stars->reference[i] = q;
    }
    return WK_OK;
}

wk_status offsets_match(offsets_stars *stars, offsets_entry *entry, const offsets_task *task,
                        wk_error *error)
{
    const cli_options *values = &task->session->options;
    catalogue lists[2] = {{0}};
    wk_star_match_options options = wk_star_match_options_default();
    wk_star_match *match = NULL;
    options.radius = cli_get_real(values, "radius");
    options.brightest = cli_get_integer(values, "brightest");
    *stars = (offsets_stars){0};
    wk_status status = WK_OK;
    for (int i = 0; i < 2 && !status; i++)
        status = read_catalogue(&lists[i], task, task->session->files[i], error);
    if (!status) {
        const wk_star_list a = {lists[0].x, lists[0].y, lists[0].brightness, lists[0].count};
        const wk_star_list b = {lists[1].x, lists[1].y, lists[1].brightness, lists[1].count};
        status = wk_stars_match(&match, &a, &b, &options, &task->session->context, error);
    }
    if (!status)
        status = take_pairs(stars, match, &lists[0], &lists[1], error);
    if (!status) {
        entry->match = *match;
        entry->match.current = entry->match.reference = NULL;
    } else if (status != WK_CANCELLED && !error->subject[0]) {
        snprintf(error->subject, sizeof error->subject, "%s", task->session->files[0]);
    }
    wk_star_match_free(match);
    free_catalogue(&lists[0]);
    free_catalogue(&lists[1]);
    if (status)
        offsets_stars_free(stars);
    return status;
}
