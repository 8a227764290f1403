/* What welkin match works on, from the command line to the solution. */
#ifndef WELKIN_CLI_MATCH_TASK_H
#define WELKIN_CLI_MATCH_TASK_H

#include "inputs.h"
#include "outputs.h"
#include "welkin/cells.h"
#include "welkin/ledger.h"
#include "welkin/match.h"

typedef struct match_task {
    cli_session *session;
    cli_inputs inputs;
    cli_outputs outputs;
    wk_field *fields; /* one an exposure */
    wk_wcs **wcs;     /* of each exposure */
    char **groups;    /* of each exposure, NULL: stands alone */
    double *user;     /* levels from a list, or NULL */
    int grouped;      /* nonzero: --group is not none */
    int by_cells;     /* nonzero: --compare cells */
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

/* What needs the names of the inputs: the list of levels and the anchor. */
wk_status match_read_names(match_task *task, wk_error *error);

/* Coordinates, groups and fluxes of the exposures. */
wk_status match_make_fields(match_task *task, wk_error *error);
void match_free_fields(match_task *task);

/* "match", "global+match", "user", ... */
const char *match_method_name(const match_task *task);

/* The solution as JSON; free with wk_ledger_free. */
wk_status match_make_ledger(wk_ledger **out, const match_task *task, wk_error *error);

/* What cells say beyond levels: match_put_fit for an exposure, match_put_report for all. */
void match_put_fit(wk_ledger *ledger, const match_task *task, size_t index);
void match_put_report(wk_ledger *ledger, const match_task *task);

/* The solution for a reader. */
wk_status match_print_table(const match_task *task, wk_error *error);

#endif
