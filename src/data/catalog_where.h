/* The expressions that choose exposures, made into a condition with values to bind. */
#ifndef WELKIN_DATA_CATALOG_WHERE_H
#define WELKIN_DATA_CATALOG_WHERE_H

#include "database.h"

typedef enum wk_where_kind { WK_WHERE_INTEGER, WK_WHERE_REAL, WK_WHERE_TEXT } wk_where_kind;

typedef struct wk_where_value {
    wk_where_kind kind;
    int64_t integer;
    double real;
    char *text;
} wk_where_value;

/* Start from all zero bytes; release with wk_where_release. */
typedef struct wk_where {
    char *condition; /* of the tables f (file) and e (exposure); values are ?2, ?3, ... */
    size_t length, room;
    wk_where_value *values;
    size_t count;
} wk_where;

/* Parse an expression; NULL gives a condition that all satisfy.
 *
 * Status     WK_ARGUMENT  with the place in the text, or the column and its like
 * Notes      detector and visit hold integers where a header's value is one as it is printed, and
 *            texts else; they are compared within their kind. */
wk_status wk_where_parse(wk_where *out, const char *text, wk_error *error);

/* Bind the values. */
wk_status wk_where_bind(const wk_where *where, wk_query *query, wk_error *error);
void wk_where_release(wk_where *where);

/* Nonzero if a text is an integer as it is printed: no sign +, no leading zeros, within 64 bits. */
int wk_where_is_integer(int64_t *value, const char *text);

#endif
