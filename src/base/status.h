/* Filling a caller's wk_error. */
#ifndef WELKIN_BASE_STATUS_H
#define WELKIN_BASE_STATUS_H

#include "welkin/status.h"

/* Set code, subject and message (printf form) and return code; error may be NULL. */
wk_status wk_error_set(wk_error *error, wk_status code, const char *subject, const char *format,
                       ...) __attribute__((format(printf, 4, 5)));

/* Put a subject into an error that has none yet. */
void wk_error_subject(wk_error *error, const char *subject);

#endif
