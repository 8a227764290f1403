#include "option.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "option_value.h"

static size_t count_options(const cli_section *const *sections)
{
    size_t count = 0;
    for (; *sections; sections++)
        for (const cli_option *option = (*sections)->options; option->name; option++)
            count++;
    return count;
}

wk_status cli_options_create(cli_options *options, const cli_section *const *sections,
                             wk_error *error)
{
    options->count = 0;
    options->values = cli_new(count_options(sections), sizeof *options->values, error);
    if (!options->values)
        return WK_MEMORY;
    for (; *sections; sections++)
        for (const cli_option *option = (*sections)->options; option->name; option++)
            options->values[options->count++] = (cli_value){option, *sections, NULL, CLI_DEFAULT};
    return WK_OK;
}

void cli_options_free(cli_options *options)
{
    for (size_t i = 0; i < options->count; i++)
        free(options->values[i].text);
    free(options->values);
    *options = (cli_options){NULL, 0};
}

/* Whether name is the opposite of a switch. */
static int is_opposite(const cli_option *option, const char *name)
{
    if (option->type != CLI_SWITCH)
        return 0;
    if (option->opposite)
        return !strcmp(option->opposite, name);
    return !strncmp(name, "no-", 3) && !strcmp(option->name, name + 3);
}

static cli_value *find(const cli_options *options, const char *name, int *opposite)
{
    for (size_t i = 0; i < options->count; i++) {
        const cli_option *option = options->values[i].option;
        *opposite = is_opposite(option, name);
        if (*opposite || !strcmp(option->name, name))
            return &options->values[i];
    }
    return NULL;
}

static wk_status take(cli_value *value, const char *text, wk_error *error)
{
    char *copy = NULL;
    if (text) {
        copy = cli_copy(text, error);
        if (!copy)
            return WK_MEMORY;
    }
    free(value->text);
    value->text = copy;
    return WK_OK;
}

static wk_status set_switch(cli_value *value, const char *name, const char *text, int opposite,
                            wk_error *error)
{
    int on = 1;
    if (text && *text && cli_parse_switch(&on, text))
        return cli_fail(error, WK_ARGUMENT, "", "--%s: %s is neither true nor false", name, text);
    return take(value, on != opposite ? "true" : "false", error);
}

wk_status cli_options_set(cli_options *options, const char *name, const char *text,
                          cli_source source, wk_error *error)
{
    int opposite;
    wk_status status;
    cli_value *value = find(options, name, &opposite);
    if (!value)
        return cli_fail(error, WK_ARGUMENT, "", "unknown option %s", name);
    if (value->source > source)
        return WK_OK;
    if (value->option->type == CLI_SWITCH) {
        status = set_switch(value, name, text, opposite, error);
    } else {
        status = text && *text ? cli_check_value(value->option, text, error) : WK_OK;
        if (!status)
            status = take(value, text && *text ? text : NULL, error);
    }
    if (!status)
        value->source = source;
    return status;
}

const char *cli_value_text(const cli_value *value)
{
    return value->text ? value->text : value->option->initial;
}

int cli_value_matters(const cli_value *value)
{
    return value->section->result && value->option->type != CLI_OUTPUT && value->option->help;
}

const char *cli_get_text(const cli_options *options, const char *name)
{
    int opposite;
    const cli_value *value = find(options, name, &opposite);
    assert(value && !opposite);
    return cli_value_text(value);
}

int cli_get_switch(const cli_options *options, const char *name)
{
    const char *text = cli_get_text(options, name);
    return text && !strcmp(text, "true");
}

double cli_get_real(const cli_options *options, const char *name)
{
    const char *text = cli_get_text(options, name);
    return text ? strtod(text, NULL) : (double)NAN;
}

int64_t cli_get_integer(const cli_options *options, const char *name)
{
    const char *text = cli_get_text(options, name);
    return text ? strtoll(text, NULL, 10) : 0;
}

size_t cli_get_size(const cli_options *options, const char *name)
{
    size_t bytes = 0;
    const char *text = cli_get_text(options, name);
    if (text)
        cli_parse_size(&bytes, text);
    return bytes;
}

void cli_get_range(double range[2], const cli_options *options, const char *name)
{
    const char *text = cli_get_text(options, name);
    range[0] = range[1] = (double)NAN;
    if (text)
        cli_parse_range(range, text);
}

void cli_get_extent(int64_t extent[2], const cli_options *options, const char *name)
{
    const char *text = cli_get_text(options, name);
    extent[0] = extent[1] = 0;
    if (text)
        cli_parse_extent(extent, text);
}

int cli_get_choice(const cli_options *options, const char *name)
{
    int opposite;
    const char *text = cli_get_text(options, name);
    return text ? cli_parse_choice(find(options, name, &opposite)->option, text) : -1;
}
