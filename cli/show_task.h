/* One run of welkin show. */
#ifndef WELKIN_CLI_SHOW_TASK_H
#define WELKIN_CLI_SHOW_TASK_H

#include "outputs.h"
#include "welkin/background.h"
#include "welkin/preview.h"

/* Where the pixels of one image come from: an exposure, or a stored list of backgrounds. */
typedef struct show_pixels {
    wk_exposure_rows *open; /* of an exposure */
    wk_background_list list;
    wk_rows rows;
} show_pixels;

typedef struct show_source {
    const wk_exposure *exposure; /* NULL: a list */
    const char *path;
    char *name; /* for the title */
    char unit[80];
    show_pixels own, minus;
    wk_rows rows; /* own, or own less minus */
    wk_exposure_flags *flags;
    wk_flag_rows flag_rows, coded;
    wk_mask_plane *planes;
    size_t plane_count;
    wk_wcs *wcs;
    double *marks;
    int64_t mark_count;
} show_source;

typedef struct show_task {
    cli_session *session;
    wk_preview_options options;
    cli_inputs inputs, minus; /* the exposures among the files, and among what is taken off */
    cli_outputs outputs;
    show_source *sources;
    size_t count;
    wk_preview *preview;
} show_task;

/* The options as the library wants them. */
wk_status show_read_options(show_task *task, wk_error *error);

/* Open all files; no pixel is read. */
wk_status show_open(show_task *task, wk_error *error);
void show_close(show_task *task);

/* The mask of a source and the planes of it that are drawn. */
wk_status show_open_mask(show_source *source, const show_task *task, int workers, wk_error *error);

/* The marks of a table, as pixels of each source. */
wk_status show_read_marks(show_task *task, wk_error *error);

wk_status show_print(const show_task *task, wk_error *error);

#endif
