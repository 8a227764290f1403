/* One run of welkin stats. */
#ifndef WELKIN_CLI_STATS_TASK_H
#define WELKIN_CLI_STATS_TASK_H

#include "outputs.h"
#include "welkin/across.h"
#include "welkin/summary.h"

typedef struct stats_task {
    cli_session *session;
    wk_summary_options options;
    cli_inputs inputs, others; /* others: what is taken off, image by image */
    cli_outputs outputs;
    wk_summary *images; /* of each exposure */
} stats_task;

/* Measure one exposure. */
wk_status stats_measure(stats_task *task, size_t index, wk_error *error);

/* What is known of statistics across images. */
typedef struct stats_planes {
    size_t files, images;
    int64_t width, height;
    wk_summary_line lines[WK_ACROSS_PLANES];
} stats_planes;

/* The whole of a run with --across. */
wk_status stats_run_across(cli_session *session, wk_error *error);

wk_status stats_print_across(const stats_planes *planes, const cli_session *session,
                             wk_error *error);

/* Print what was found, as a table or JSON. */
wk_status stats_print(const stats_task *task, wk_error *error);

#endif
