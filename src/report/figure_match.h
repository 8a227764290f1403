/* From a solution of the matching to the arrays of its picture. */
#ifndef WELKIN_REPORT_FIGURE_MATCH_H
#define WELKIN_REPORT_FIGURE_MATCH_H

#include "welkin/match.h"

/* The closed outline of a field: ra, dec; NULL if it is not known. */
typedef const double *(*wk_outline_get)(const void *source, size_t field, size_t *count);

/* wk_figure_match with outlines from anywhere; get NULL: none is known. */
wk_status wk_figure_match_from(const char *path, wk_outline_get get, const void *source,
                               const wk_solution *solution, const char *const *names, int overwrite,
                               wk_error *error);

#endif
