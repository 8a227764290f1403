#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "correlate_task.h"
#include "provenance.h"
#include "welkin/table.h"

enum { COLUMNS = 19 };

/* Numbers of the measured images, one after another. */
typedef struct columns {
    size_t rows;
    int64_t size;
    const char **files, **bands;
    int64_t *integers[6]; /* index, expnum, ccdnum, good, nonfinite, dof */
    double *reals[7];     /* mean, variance, chi2, p, area factor, its error, sky residual */
    int64_t *pairs;
    double *matrices[3]; /* covariance, correlation, error */
} columns;

static void release(columns *c)
{
    free(c->files);
    free(c->bands);
    for (int i = 0; i < 6; i++)
        free(c->integers[i]);
    for (int i = 0; i < 7; i++)
        free(c->reals[i]);
    free(c->pairs);
    for (int i = 0; i < 3; i++)
        free(c->matrices[i]);
}

static wk_status reserve(columns *c, wk_error *error)
{
    size_t cells = c->rows * (size_t)(c->size * c->size);
    int failed = 0;
    c->files = cli_new(c->rows, sizeof *c->files, error);
    c->bands = cli_new(c->rows, sizeof *c->bands, error);
    failed |= !c->files || !c->bands;
    for (int i = 0; i < 6; i++)
        failed |= !(c->integers[i] = cli_new(c->rows, sizeof(int64_t), error));
    for (int i = 0; i < 7; i++)
        failed |= !(c->reals[i] = cli_new(c->rows, sizeof(double), error));
    failed |= !(c->pairs = cli_new(cells, sizeof *c->pairs, error));
    for (int i = 0; i < 3; i++)
        failed |= !(c->matrices[i] = cli_new(cells, sizeof(double), error));
    return failed ? WK_MEMORY : WK_OK;
}

static void take(columns *c, size_t row, const correlate_image *image)
{
    const wk_correlation *w = image->whole;
    const int64_t integers[] = {image->index, image->expnum, image->ccdnum,
                                w->good,      w->nonfinite,  w->dof};
    const double reals[] = {w->mean,        w->variance,   w->chi2,        w->p_value,
                            w->area_factor, w->area_error, image->residual};
    size_t cells = (size_t)(c->size * c->size);
    const double *matrices[] = {w->covariance, w->correlation, correlate_errors(w)};
    c->files[row] = image->file;
    c->bands[row] = image->band;
    for (int i = 0; i < 6; i++)
        c->integers[i][row] = integers[i];
    for (int i = 0; i < 7; i++)
        c->reals[i][row] = reals[i];
    memcpy(c->pairs + row * cells, w->pairs, cells * sizeof *c->pairs);
    for (int i = 0; i < 3; i++)
        memcpy(c->matrices[i] + row * cells, matrices[i], cells * sizeof(double));
}

static wk_status write_columns(const char *path, const columns *c, const correlate_task *task,
                               wk_error *error)
{
    static const char *const integers[] = {"INDEX", "EXPNUM", "CCDNUM", "GOOD", "NONFINITE", "DOF"};
    static const char *const reals[] = {"MEAN",        "VARIANCE",   "CHI2",        "P_VALUE",
                                        "AREA_FACTOR", "AREA_ERROR", "SKY_RESIDUAL"};
    static const char *const matrices[] = {"COVARIANCE", "CORRELATION", "ERROR"};
    const cli_options *options = &task->session->options;
    int64_t cells = c->size * c->size;
    wk_table_column all[COLUMNS] = {{"FILE", NULL, WK_TABLE_TEXT, 1, {0, 0}, c->files},
                                    {"BAND", NULL, WK_TABLE_TEXT, 1, {0, 0}, c->bands}};
    size_t count = 2;
    for (int i = 0; i < 6; i++)
        all[count++] =
            (wk_table_column){integers[i], NULL, WK_TABLE_INTEGER, 1, {0, 0}, c->integers[i]};
    for (int i = 0; i < 7; i++)
        all[count++] = (wk_table_column){reals[i], NULL, WK_TABLE_REAL, 1, {0, 0}, c->reals[i]};
    all[count++] =
        (wk_table_column){"PAIRS", NULL, WK_TABLE_INTEGER, cells, {c->size, c->size}, c->pairs};
    for (int i = 0; i < 3; i++)
        all[count++] = (wk_table_column){matrices[i],        NULL,          WK_TABLE_REAL, cells,
                                         {c->size, c->size}, c->matrices[i]};
    char **cards;
    wk_status status = cli_provenance_cards(&cards, task->session, error);
    if (status)
        return status;
    status = wk_table_write(path, "CORRELATION", all, count, (int64_t)c->rows,
                            (const char *const *)cards, cli_get_switch(options, "overwrite"),
                            cli_get_switch(options, "durable"), error);
    cli_provenance_cards_free(cards);
    return status;
}

wk_status correlate_write_table(const char *path, const correlate_task *task, wk_error *error)
{
    columns c = {0};
    for (size_t i = 0; i < task->count; i++)
        c.rows += task->images[i].whole != NULL;
    c.size = 2 * task->options.lag + 1;
    wk_status status = reserve(&c, error);
    size_t row = 0;
    for (size_t i = 0; i < task->count && !status; i++)
        if (task->images[i].whole)
            take(&c, row++, &task->images[i]);
    if (!status)
        status = write_columns(path, &c, task, error);
    release(&c);
    return status;
}

static void add_plane(double *cube, int64_t *depth, const wk_correlation *c, int64_t cells)
{
    for (int64_t i = 0; i < cells; i++)
        cube[*depth * cells + i] = c ? c->correlation[i] : (double)NAN;
    (*depth)++;
}

wk_status correlate_write_cube(const char *path, const correlate_task *task, wk_error *error)
{
    const cli_options *options = &task->session->options;
    int64_t size = 2 * task->options.lag + 1, depth = 0;
    size_t planes = 0;
    for (size_t i = 0; i < task->count; i++)
        if (task->images[i].whole)
            planes += task->images[i].region_count ? task->images[i].region_count : 1;
    double *cube = cli_new(planes * (size_t)(size * size), sizeof *cube, error);
    char **cards = NULL;
    wk_status status = cube ? cli_provenance_cards(&cards, task->session, error) : WK_MEMORY;
    for (size_t i = 0; i < task->count && !status; i++) {
        const correlate_image *image = &task->images[i];
        if (image->whole && !image->region_count)
            add_plane(cube, &depth, image->whole, size * size);
        for (size_t k = 0; image->whole && k < image->region_count; k++)
            add_plane(cube, &depth, image->regions[k], size * size);
    }
    if (!status)
        status = wk_cube_write(path, cube, size, size, depth, (const char *const *)cards,
                               cli_get_switch(options, "overwrite"),
                               cli_get_switch(options, "durable"), error);
    cli_provenance_cards_free(cards);
    free(cube);
    return status;
}
