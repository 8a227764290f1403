/* A ledger: one JSON document, written value by value or read back.
 *
 * Writing: wk_ledger_create, then objects, arrays and values in order; the first failure is kept
 * and returned by wk_ledger_print or wk_ledger_save, so that calls need no check one by one.
 * Numbers that are not finite become null.  Reading: wk_ledger_read gives a document whose values
 * are reached by path; a document that is being written has no values to reach.
 */
#ifndef WELKIN_LEDGER_H
#define WELKIN_LEDGER_H

#include "welkin/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct wk_ledger wk_ledger;

/* A document that is one object, open for writing. */
WK_API wk_status wk_ledger_create(wk_ledger **out, wk_error *error);
WK_API void wk_ledger_free(wk_ledger *ledger);

/* Put a value into what is open; key is NULL inside an array. */
WK_API void wk_ledger_number(wk_ledger *ledger, const char *key, double value);
WK_API void wk_ledger_integer(wk_ledger *ledger, const char *key, int64_t value);
WK_API void wk_ledger_text(wk_ledger *ledger, const char *key, const char *value); /* NULL: null */
WK_API void wk_ledger_boolean(wk_ledger *ledger, const char *key, int value);
WK_API void wk_ledger_null(wk_ledger *ledger, const char *key);

/* Open an object or an array inside what is open; close the innermost one. */
WK_API void wk_ledger_open_object(wk_ledger *ledger, const char *key);
WK_API void wk_ledger_open_array(wk_ledger *ledger, const char *key);
WK_API void wk_ledger_close(wk_ledger *ledger);

/* The document as text, two spaces of indent, keys in the order they were put, doubles so that they
 * read back to the same bits; ends in a newline.  *out is freed by wk_ledger_text_free. */
WK_API wk_status wk_ledger_print(char **out, const wk_ledger *ledger, wk_error *error);
WK_API void wk_ledger_text_free(char *text);

/* Write the document to a file that appears whole or not at all. */
WK_API wk_status wk_ledger_save(const wk_ledger *ledger, const char *path, int overwrite,
                                int durable, wk_error *error);

/* Read a document.  WK_FILE: missing or not JSON, with the line. */
WK_API wk_status wk_ledger_read(wk_ledger **out, const char *path, wk_error *error);

/* Reach a value: path is keys and 0-based indices joined by '/': "exposures/3/sky".
 * The length of an array or object, -1 if there is none. */
WK_API int64_t wk_ledger_length(const wk_ledger *ledger, const char *path);
/* A number, NaN if it is null, absent or no number; *found (may be NULL) is 1 for a number or null,
 * 0 for everything else. */
WK_API double wk_ledger_get_number(const wk_ledger *ledger, const char *path, int *found);
/* A text borrowed from the document, NULL if it is not there or no text. */
WK_API const char *wk_ledger_get_text(const wk_ledger *ledger, const char *path);
/* A boolean, or fallback. */
WK_API int wk_ledger_get_boolean(const wk_ledger *ledger, const char *path, int fallback);

#ifdef __cplusplus
}
#endif

#endif
