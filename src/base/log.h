/* Messages and progress to the caller's callbacks, one thread at a time. */
#ifndef WELKIN_BASE_LOG_H
#define WELKIN_BASE_LOG_H

#include "welkin/status.h"

/* Send one message; nothing happens without a callback.  Not inside a parallel body. */
void wk_log(const wk_context *context, wk_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
