#include "log.h"

#include <stdarg.h>
#include <stdio.h>

void wk_log(const wk_context *context, wk_level level, const char *format, ...)
{
    if (!context || !context->log)
        return;
    char message[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    context->log(level, message, context->payload);
}
