/* From options to the library's struct. */
#ifndef WELKIN_CLI_BACKGROUND_OPTIONS_H
#define WELKIN_CLI_BACKGROUND_OPTIONS_H

#include "option.h"
#include "welkin/background.h"

/* Of welkin background: the preset's defaults and what the user says. */
wk_status cli_background_options(wk_background_options *out, const cli_options *options,
                                 wk_error *error);

/* "smooth", "chebyshev:6", ... */
wk_status cli_background_style(wk_background_options *out, const char *text, wk_error *error);

const char *cli_background_preset_name(wk_background_preset preset);

#endif
