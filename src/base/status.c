#include "status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

wk_status wk_error_set(wk_error *error, wk_status code, const char *subject, const char *format,
                       ...)
{
    if (error) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(error->message, sizeof error->message, format, arguments);
        va_end(arguments);
        snprintf(error->subject, sizeof error->subject, "%s", subject ? subject : "");
        error->code = code;
    }
    return code;
}

void wk_error_subject(wk_error *error, const char *subject)
{
    if (error && error->subject[0] == '\0' && subject)
        snprintf(error->subject, sizeof error->subject, "%s", subject);
}

const char *wk_status_name(wk_status status)
{
    switch (status) {
    case WK_OK:
        return "ok";
    case WK_MEMORY:
        return "out of memory";
    case WK_ARGUMENT:
        return "bad argument";
    case WK_FILE:
        return "input or output failed";
    case WK_HEADER:
        return "bad header";
    case WK_WCS:
        return "no usable world coordinates";
    case WK_NO_DATA:
        return "no good pixels";
    case WK_NO_OVERLAP:
        return "no overlap";
    case WK_NO_CONVERGENCE:
        return "no convergence";
    case WK_CANCELLED:
        return "cancelled";
    case WK_EXISTS:
        return "output exists";
    case WK_DISCONNECTED:
        return "not connected";
    case WK_SPARSE:
        return "not all determined";
    }
    return "unknown status";
}

const char *wk_version(void)
{
    return WELKIN_VERSION;
}
