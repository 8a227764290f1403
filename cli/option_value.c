#include "option_value.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common.h"

int cli_parse_switch(int *out, const char *text)
{
    static const char *const words[] = {"false", "true", "no", "yes", "off", "on", "0", "1"};
    for (int i = 0; i < 8; i++)
        if (!strcasecmp(text, words[i])) {
            *out = i % 2;
            return 0;
        }
    return 1;
}

int cli_parse_integer(int64_t *out, const char *text)
{
    char *end;
    errno = 0;
    *out = strtoll(text, &end, 10);
    return end == text || *end || errno;
}

/* A number at the start of text; NULL when there is none, or none that is finite. */
static const char *scan_real(double *out, const char *text)
{
    char *end;
    *out = strtod(text, &end);
    return end == text || !isfinite(*out) ? NULL : end;
}

int cli_parse_real(double *out, const char *text)
{
    const char *end = scan_real(out, text);
    return !end || *end;
}

int cli_parse_size(size_t *out, const char *text)
{
    static const char units[] = "KMGTP";
    double number;
    const char *end = scan_real(&number, text);
    if (!end || number < 0)
        return 1;
    const char *unit = *end ? strchr(units, toupper((unsigned char)*end)) : NULL;
    if (unit) {
        number = ldexp(number, 10 * (int)(unit - units + 1));
        end++;
        end += *end == 'i';
    }
    end += *end == 'B';
    if (*end || number > 0x1p62)
        return 1;
    *out = (size_t)number;
    return 0;
}

int cli_parse_range(double out[2], const char *text)
{
    const char *end = scan_real(&out[0], text);
    return !end || *end != ',' || cli_parse_real(&out[1], end + 1) || out[1] < out[0];
}

int cli_parse_extent(int64_t out[2], const char *text)
{
    char *end;
    errno = 0;
    out[0] = out[1] = strtoll(text, &end, 10);
    if (end == text || errno || out[0] <= 0)
        return 1;
    if (*end == '\0')
        return 0;
    return (*end != 'x' && *end != ',') || cli_parse_integer(&out[1], end + 1) || out[1] <= 0;
}

int cli_parse_choice(const cli_option *option, const char *text)
{
    int place = 0, other = -1;
    for (const char *word = option->argument; *word; place++) {
        size_t length = strcspn(word, "|");
        if (strlen(text) == length && !strncmp(word, text, length))
            return place;
        if (isupper((unsigned char)*word))
            other = place;
        word += length;
        word += *word == '|';
    }
    return other;
}

void cli_limits_text(char *text, size_t size, const cli_option *option)
{
    text[0] = '\0';
    if (option->low >= option->high)
        return;
    if (isinf(option->high))
        snprintf(text, size, "%.15g or more", option->low);
    else
        snprintf(text, size, "%.15g to %.15g", option->low, option->high);
}

static wk_status check_number(const cli_option *option, const char *text, const char *noun,
                              double number, int malformed, wk_error *error)
{
    char limits[64];
    cli_limits_text(limits, sizeof limits, option);
    int outside = limits[0] && (number < option->low || number > option->high);
    if (malformed || outside)
        return cli_fail(error, WK_ARGUMENT, "", "--%s: %s is not %s%s%s", option->name, text, noun,
                        limits[0] ? " of " : "", limits);
    return WK_OK;
}

static wk_status check_integer(const cli_option *option, const char *text, wk_error *error)
{
    int64_t number = 0;
    int malformed = cli_parse_integer(&number, text);
    return check_number(option, text, "a whole number", (double)number, malformed, error);
}

static wk_status check_real(const cli_option *option, const char *text, wk_error *error)
{
    double number = 0;
    int malformed = cli_parse_real(&number, text);
    return check_number(option, text, "a number", number, malformed, error);
}

static wk_status check_form(const cli_option *option, const char *text, int malformed,
                            const char *form, wk_error *error)
{
    if (malformed)
        return cli_fail(error, WK_ARGUMENT, "", "--%s: %s is not %s", option->name, text, form);
    return WK_OK;
}

static wk_status check_choice(const cli_option *option, const char *text, wk_error *error)
{
    if (cli_parse_choice(option, text) < 0)
        return cli_fail(error, WK_ARGUMENT, "", "--%s: %s is not one of %s", option->name, text,
                        option->argument);
    return WK_OK;
}

wk_status cli_check_value(const cli_option *option, const char *text, wk_error *error)
{
    size_t size;
    double range[2];
    int64_t extent[2];
    switch (option->type) {
    case CLI_INTEGER:
        return check_integer(option, text, error);
    case CLI_REAL:
        return check_real(option, text, error);
    case CLI_SIZE:
        return check_form(option, text, cli_parse_size(&size, text), "a size such as 512M or 2G",
                          error);
    case CLI_RANGE:
        return check_form(option, text, cli_parse_range(range, text),
                          "two numbers LO,HI in rising order", error);
    case CLI_EXTENT:
        return check_form(option, text, cli_parse_extent(extent, text),
                          "a number of pixels N or WxH", error);
    case CLI_CHOICE:
        return check_choice(option, text, error);
    case CLI_SWITCH:
    case CLI_TEXT:
    case CLI_INPUT:
    case CLI_OUTPUT:
        break;
    }
    return WK_OK;
}
