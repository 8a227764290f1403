/* Options as records.
 *
 * One record says all there is to know about an option; the parser, --help, the manual page, the
 * configuration file, the shell completion and the provenance are made from it. */
#ifndef WELKIN_CLI_OPTION_H
#define WELKIN_CLI_OPTION_H

#include <stdio.h>

#include "welkin/status.h"

typedef enum cli_type {
    CLI_SWITCH, /* true or false; its opposite is --no-NAME unless the record names another */
    CLI_TEXT,
    CLI_INPUT,  /* a path that is read */
    CLI_OUTPUT, /* a path that is written: changes no result, so no part of the provenance */
    CLI_INTEGER,
    CLI_REAL,
    CLI_SIZE,   /* bytes: 512M, 2G */
    CLI_RANGE,  /* LO,HI */
    CLI_EXTENT, /* N or WxH */
    CLI_CHOICE  /* one of the words of argument, "a|b|c"; a word in capitals stands for any text */
} cli_type;

typedef struct cli_option {
    const char *name; /* without dashes; NULL ends a table */
    char letter;      /* 0: none */
    cli_type type;
    const char *argument; /* how help names the value, or the choices; NULL for a switch */
    const char *initial;  /* the default as text; NULL: none; of a switch "true", NULL: false */
    double low, high;     /* inclusive limits of a number; equal: none */
    const char *unit;     /* NULL: none */
    const char *opposite; /* of a switch */
    const char *help;     /* NULL: understood, but not shown */
} cli_option;

/* Options that stand together under a title. */
typedef struct cli_section {
    const char *title;
    const cli_option *options;
    int shared; /* nonzero: of several commands */
    int result; /* nonzero: they change results, and belong to the provenance */
} cli_section;

typedef enum cli_source { CLI_DEFAULT, CLI_CONFIG, CLI_LINE } cli_source;

typedef struct cli_value {
    const cli_option *option;
    const cli_section *section;
    char *text; /* NULL: the default */
    cli_source source;
} cli_value;

/* The values in force. */
typedef struct cli_options {
    cli_value *values;
    size_t count;
} cli_options;

/* All at their defaults; sections ends with NULL.  Free with cli_options_free. */
wk_status cli_options_create(cli_options *options, const cli_section *const *sections,
                             wk_error *error);
void cli_options_free(cli_options *options);

/* Set one by its long name, or the opposite of a switch.  text NULL or empty: true for a switch,
 * the default for the others.  What came from a stronger source stays. */
wk_status cli_options_set(cli_options *options, const char *name, const char *text,
                          cli_source source, wk_error *error);

/* Set what argv says; arguments that are no options are collected in words (room for argc of them,
 * borrowed from argv). */
wk_status cli_options_parse(cli_options *options, int argc, char **argv, char **words,
                            size_t *word_count, wk_error *error);

/* Set what a YAML or JSON file says, as far as the command line has not. */
wk_status cli_options_read(cli_options *options, const char *path, wk_error *error);

/* The values in force, as YAML that cli_options_read understands. */
void cli_options_print(const cli_options *options, FILE *out);

/* The value of an option of the command.  Not set and without a default: NULL, NaN, 0, and -1 for a
 * choice. */
const char *cli_get_text(const cli_options *options, const char *name);
int cli_get_switch(const cli_options *options, const char *name);
double cli_get_real(const cli_options *options, const char *name);
int64_t cli_get_integer(const cli_options *options, const char *name);
size_t cli_get_size(const cli_options *options, const char *name);
void cli_get_range(double range[2], const cli_options *options, const char *name);
void cli_get_extent(int64_t extent[2], const cli_options *options, const char *name);
/* The place of the word among the choices; of a word in capitals when the text is none of them. */
int cli_get_choice(const cli_options *options, const char *name);

/* The text in force of one value, NULL if there is none. */
const char *cli_value_text(const cli_value *value);

/* Whether a value is part of what makes the result. */
int cli_value_matters(const cli_value *value);

/* "0 or more", "0 to 0.95", "" for no limits. */
void cli_limits_text(char *text, size_t size, const cli_option *option);

#endif
