/* Texts that are put together: statements, lists of names in a message. */
#ifndef WELKIN_DATA_BUTLER_TEXT_H
#define WELKIN_DATA_BUTLER_TEXT_H

#include "welkin/status.h"

/* Start from all zero bytes. */
typedef struct wk_text {
    char *data; /* NULL before the first addition */
    size_t length;
} wk_text;

wk_status wk_text_add(wk_text *text, wk_error *error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void wk_text_free(wk_text *text);

/* "a, b, c" or, where they do not fit, "a, b and 7 more"; "none" for none. */
void wk_text_names(char *out, size_t size, const char *const *names, size_t count);

/* Put a copy of a name behind names[*count]. */
wk_status wk_names_add(char ***names, size_t *count, const char *name, wk_error *error);
void wk_names_free(char **names, size_t count);

#endif
