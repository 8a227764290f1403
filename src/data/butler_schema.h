/* Whether a registry is one that is understood. */
#ifndef WELKIN_DATA_BUTLER_SCHEMA_H
#define WELKIN_DATA_BUTLER_SCHEMA_H

#include "database.h"

/* Given      path      of the registry, the subject of messages
 *            records   the table of the datastore's records
 * Status     WK_HEADER  generation 2, managers or versions that are not known, a table or column
 * that is missing; WK_FILE */
wk_status wk_butler_schema_check(wk_database *database, const char *path, const char *records,
                                 wk_error *error);

/* *missing: the first of the columns (NULL ends them) that a table does not have; NULL: it has all.
 */
wk_status wk_butler_schema_missing(const char **missing, wk_database *database, const char *table,
                                   const char *const *columns, wk_error *error);

#endif
