/* What welkin match works on, from the command line to the solution. */
#ifndef WELKIN_CLI_MATCH_TASK_H
#define WELKIN_CLI_MATCH_TASK_H

#include "inputs.h"
#include "outputs.h"
#include "table.h"
#include "welkin/cells.h"
#include "welkin/ledger.h"
#include "welkin/match.h"

/* What is said of an exposure; borrowed from the inputs or the tables of cells. */
typedef struct match_exposure {
    const char *name, *file, *detector;
    int hdu;
} match_exposure;

typedef struct match_task {
    cli_session *session;
    cli_inputs inputs;    /* none where tables of cells are matched */
    cli_inputs reference; /* what --reference names; empty without it */
    cli_outputs outputs;
    size_t count;              /* exposures */
    match_exposure *exposures; /* of each, then of the reference */
    wk_field *fields;          /* of each exposure, then of the reference; NULL: from tables */
    size_t field_count;
    wk_wcs **wcs;         /* of each field; NULL: from tables */
    char **groups;        /* of each exposure, NULL: stands alone */
    wk_rect **amplifiers; /* of each field, NULL: the detector is one */
    double *user;         /* levels from a list, or NULL */
    int grouped;          /* nonzero: --group is not none */
    int by_cells;         /* nonzero: --compare cells */
    int from_tables;      /* nonzero: --cells */
    wk_match_options options;
    wk_sky_cells_options cell_options;
    wk_sky_report_options report_options;
    wk_sky_cells *cells;
    wk_overlaps *overlaps;
    wk_solution *solution;
    wk_sky_report *report; /* of cells, where it is wanted */
} match_task;

/* The options as the library wants them; inputs need not be open.  WK_ARGUMENT. */
wk_status match_read_options(match_task *task, wk_error *error);

/* Read tables of cells in place of exposures: cells, overlaps and what is said of exposures. */
wk_status match_load_tables(match_task *task, wk_error *error);

/* WK_ARGUMENT when an output is one of the tables. */
wk_status match_check_tables(const match_task *task, const char *path, wk_error *error);

/* Read the pixels of an exposure, for the library. */
wk_status match_load_field(void *payload, size_t index, wk_pixels *pixels, wk_error *error);

/* How whole exposures, and cells, are to be measured. */
wk_status match_read_statistic(wk_statistic_options *statistic, const cli_options *options,
                               wk_error *error);
wk_status match_read_width(wk_sky_cells_options *cells, const cli_options *options,
                           wk_error *error);

/* What needs the names of the inputs: the list of levels and the anchor. */
wk_status match_read_names(match_task *task, wk_error *error);

/* Open the reference, if there is one.  WK_ARGUMENT when an exposure of it is among the inputs. */
wk_status match_open_reference(match_task *task, wk_error *error);

/* The exposure of a field. */
const wk_exposure *match_opened(const match_task *task, size_t field);

/* Coordinates, groups and fluxes of the exposures. */
wk_status match_make_fields(match_task *task, wk_error *error);
void match_free_fields(match_task *task);

/* --detector-offsets and what belongs to it; WK_ARGUMENT. */
wk_status match_check_detectors(const cli_options *options, wk_error *error);

/* The detector of an exposure, and its amplifiers; WK_HEADER where it does not say. */
wk_status match_read_detector(match_task *task, size_t index, wk_error *error);

/* What of an exposure's sky is its detector's, and the offsets of all detectors. */
void match_put_detector(wk_ledger *ledger, const match_task *task, size_t index);
void match_put_offsets(wk_ledger *ledger, const match_task *task);
void match_list_offsets(cli_table *table, const wk_solution *solution, int decimals);

/* Whether backgrounds step from amplifier to amplifier. */
int match_has_parts(const match_task *task);

/* "match", "global+match", "user", ... */
const char *match_method_name(const match_task *task);

/* The solution as JSON; free with wk_ledger_free. */
wk_status match_make_ledger(wk_ledger **out, const match_task *task, wk_error *error);

/* What cells say beyond levels: match_put_fit for an exposure, match_put_report for all. */
void match_put_fit(wk_ledger *ledger, const match_task *task, size_t index);
void match_put_report(wk_ledger *ledger, const match_task *task);

/* Write the figure; write what was compared: pixels of overlaps, or cells. */
wk_status match_draw(const match_task *task, const char *path, wk_error *error);
wk_status match_show(const match_task *task, const char *path, wk_error *error);

/* The solution for a reader. */
wk_status match_print_table(const match_task *task, wk_error *error);

#endif
