#include "butler_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "memory.h"
#include "status.h"

wk_status wk_text_add(wk_text *text, wk_error *error, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    size_t room = text->length + (length < 0 ? 0 : (size_t)length) + 1;
    wk_status status = wk_memory_grow((void **)&text->data, room, 1, error);
    if (!status)
        vsnprintf(text->data + text->length, room - text->length, format, again);
    va_end(again);
    if (!status)
        text->length = room - 1;
    return status;
}

void wk_text_free(wk_text *text)
{
    wk_memory_free(text->data);
    memset(text, 0, sizeof *text);
}

void wk_text_names(char *out, size_t size, const char *const *names, size_t count)
{
    enum { TAIL = 32 }; /* room for "and 4294967296 more" */
    size_t used = 0;
    snprintf(out, size, "none");
    for (size_t i = 0; i < count; i++) {
        size_t wanted = strlen(names[i]) + 2, left = size - used;
        if (wanted + (i + 1 < count ? TAIL : 1) > left) {
            if (i == 0)
                snprintf(out, size, "%zu names", count);
            else
                snprintf(out + used, left, " and %zu more", count - i);
            return;
        }
        snprintf(out + used, left, "%s%s", i ? ", " : "", names[i]);
        used += wanted - (i ? 0 : 2);
    }
}

wk_status wk_names_add(char ***names, size_t *count, const char *name, wk_error *error)
{
    wk_status status = WK_OK;
    if ((*count & (*count - 1)) == 0) /* at powers of two the room doubles */
        status = wk_memory_grow((void **)names, *count ? 2 * *count : 1, sizeof **names, error);
    char *copy = status ? NULL : wk_memory_text(name, error);
    if (!copy)
        return WK_MEMORY;
    (*names)[(*count)++] = copy;
    return WK_OK;
}

void wk_names_free(char **names, size_t count)
{
    for (size_t i = 0; names && i < count; i++)
        wk_memory_free(names[i]);
    wk_memory_free(names);
}
