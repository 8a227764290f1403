/* One run of welkin offsets. */
#ifndef WELKIN_CLI_OFFSETS_TASK_H
#define WELKIN_CLI_OFFSETS_TASK_H

#include "command.h"
#include "outputs.h"
#include "welkin/offset.h"
#include "welkin/star.h"

enum { OFFSETS_COLUMNS = 4, OFFSETS_TRIALS = 16 };

/* The stars of a table, in arrays of their own. */
typedef struct offsets_stars {
    double *x, *y, *offset_x, *offset_y;
    int64_t *current, *reference; /* rows in two catalogues; NULL: of one table */
    int64_t count;
} offsets_stars;

/* What was found of one table. */
typedef struct offsets_entry {
    const char *file;
    wk_offset_facts facts; /* trials points into this struct */
    wk_offset_trial trials[OFFSETS_TRIALS];
    wk_offset_summary summary;
    int empty;           /* nonzero: without stars, by --allow-empty */
    wk_star_match match; /* of two catalogues: numbers only */
} offsets_entry;

typedef struct offsets_task {
    cli_session *session;
    wk_offset_options options;
    wk_offset_format format;
    char *columns[OFFSETS_COLUMNS];
    size_t column_count;
    int64_t size[2];
    cli_outputs outputs; /* paths, what is done, what stands beside */
    offsets_entry *entries;
    size_t count; /* of entries and, unless two files make one, of files */
} offsets_task;

/* Everything that can be refused is refused before tables are read. */
wk_status offsets_prepare(offsets_task *task, wk_error *error);

/* The stars of a table, or of two catalogues. */
wk_status offsets_read(offsets_stars *stars, const offsets_task *task, const char *path,
                       wk_error *error);
wk_status offsets_match(offsets_stars *stars, offsets_entry *entry, const offsets_task *task,
                        wk_error *error);
void offsets_stars_free(offsets_stars *stars);

/* The offset between the world coordinates of two images; sets the task's size. */
wk_status offsets_from_wcs(wk_offset **out, offsets_task *task, wk_error *error);

/* What is drawn and tabled besides; stars NULL: none. */
wk_status offsets_draw(const char *path, const offsets_entry *entry, const wk_offset *offset,
                       const offsets_stars *stars, const offsets_task *task, wk_error *error);
wk_status offsets_tabulate(const char *path, const wk_offset *offset, const offsets_stars *stars,
                           const offsets_task *task, wk_error *error);

/* "polynomial:3" */
void offsets_model_name(char *name, size_t size, wk_offset_model model, int order, int smooth);

/* What a user should know of a table's offsets. */
void offsets_warn(const offsets_task *task, const offsets_entry *entry);

wk_status offsets_print(const offsets_task *task, wk_error *error);

#endif
