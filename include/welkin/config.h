/* A configuration file: names and values, YAML or JSON (which is YAML). */
#ifndef WELKIN_CONFIG_H
#define WELKIN_CONFIG_H

#include "welkin/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct wk_setting {
    char *name;  /* as a long option: "bin-width" */
    char *value; /* text; a sequence is joined with commas; true/false as written; null: "" */
} wk_setting;

/* Read the top-level mapping.  WK_FILE: missing or malformed, with the line; WK_ARGUMENT: a value
 * that is itself a mapping.  Free with wk_settings_free. */
WK_API wk_status wk_settings_read(wk_setting **out, size_t *count, const char *path,
                                  wk_error *error);
WK_API void wk_settings_free(wk_setting *settings, size_t count);

#ifdef __cplusplus
}
#endif

#endif
