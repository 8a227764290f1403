/* From text to the value of an option. */
#ifndef WELKIN_CLI_OPTION_VALUE_H
#define WELKIN_CLI_OPTION_VALUE_H

#include "option.h"

/* Each returns nonzero when the text has no such meaning. */
int cli_parse_switch(int *out, const char *text);
int cli_parse_integer(int64_t *out, const char *text);
int cli_parse_real(double *out, const char *text);
int cli_parse_size(size_t *out, const char *text);
int cli_parse_range(double out[2], const char *text);
int cli_parse_extent(int64_t out[2], const char *text);

/* The place of the word among the choices of an option; -1: none. */
int cli_parse_choice(const cli_option *option, const char *text);

/* WK_ARGUMENT if an option (no switch) cannot have this value, with what it can have. */
wk_status cli_check_value(const cli_option *option, const char *text, wk_error *error);

#endif
