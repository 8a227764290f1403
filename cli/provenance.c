#include "provenance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"

enum { CARD = 72 };

static void put_value(wk_ledger *ledger, const cli_option *option, const char *text)
{
    if (option->type == CLI_SWITCH)
        wk_ledger_boolean(ledger, option->name, text && !strcmp(text, "true"));
    else if (text && option->type == CLI_INTEGER)
        wk_ledger_integer(ledger, option->name, strtoll(text, NULL, 10));
    else if (text && option->type == CLI_REAL)
        wk_ledger_number(ledger, option->name, strtod(text, NULL));
    else
        wk_ledger_text(ledger, option->name, text);
}

wk_status cli_ledger_print(const wk_ledger *ledger, wk_error *error)
{
    char *text = NULL;
    wk_status status = wk_ledger_print(&text, ledger, error);
    if (!status)
        fputs(text, stdout);
    wk_ledger_text_free(text);
    return status;
}

void cli_provenance_put(wk_ledger *ledger, const cli_session *session)
{
    wk_ledger_open_object(ledger, "provenance");
    wk_ledger_text(ledger, "program", "welkin");
    wk_ledger_text(ledger, "version", wk_version());
    wk_ledger_text(ledger, "command", session->command->name);
    wk_ledger_open_object(ledger, "options");
    for (size_t i = 0; i < session->options.count; i++) {
        const cli_value *value = &session->options.values[i];
        if (cli_value_matters(value))
            put_value(ledger, value->option, cli_value_text(value));
    }
    wk_ledger_close(ledger);
    wk_ledger_close(ledger);
}

wk_status cli_images_print(const cli_session *session, cli_put_image put, const void *task,
                           size_t count, wk_error *error)
{
    wk_ledger *ledger;
    wk_status status = wk_ledger_create(&ledger, error);
    if (status)
        return status;
    cli_provenance_put(ledger, session);
    wk_ledger_open_array(ledger, "images");
    for (size_t i = 0; i < count; i++)
        put(ledger, task, i);
    wk_ledger_close(ledger);
    status = cli_ledger_print(ledger, error);
    wk_ledger_free(ledger);
    return status;
}

/* Add a line, broken where it is too long, to a list that has room for it. */
static wk_status add_card(char **cards, size_t *count, const char *line, wk_error *error)
{
    do {
        size_t length = strlen(line);
        cards[*count] = cli_format(error, "%.*s", CARD, line);
        if (!cards[*count])
            return WK_MEMORY;
        ++*count;
        line += length < CARD ? length : CARD;
    } while (*line);
    return WK_OK;
}

static int is_told(const cli_value *value)
{
    return cli_value_matters(value) && value->source != CLI_DEFAULT && cli_value_text(value);
}

/* "welkin COMMAND NAME: VALUE", or without a value the program and its version. */
static char *tell(const cli_session *session, const cli_value *value, wk_error *error)
{
    if (!value)
        return cli_format(error, "welkin %s %s", wk_version(), session->command->name);
    return cli_format(error, "welkin %s %s: %s", session->command->name, value->option->name,
                      cli_value_text(value));
}

static size_t count_cards(const cli_session *session)
{
    size_t count = 2;
    for (size_t i = 0; i < session->options.count; i++) {
        const cli_value *value = &session->options.values[i];
        if (is_told(value))
            count += (strlen(cli_value_text(value)) + 128) / CARD + 1;
    }
    return count;
}

static wk_status add_told(char **cards, size_t *count, const cli_session *session,
                          const cli_value *value, wk_error *error)
{
    char *line = tell(session, value, error);
    wk_status status = line ? add_card(cards, count, line, error) : WK_MEMORY;
    free(line);
    return status;
}

wk_status cli_provenance_cards(char ***cards, const cli_session *session, wk_error *error)
{
    size_t count = 0;
    *cards = cli_new(count_cards(session), sizeof **cards, error);
    if (!*cards)
        return WK_MEMORY;
    wk_status status = add_told(*cards, &count, session, NULL, error);
    for (size_t i = 0; i < session->options.count && !status; i++)
        if (is_told(&session->options.values[i]))
            status = add_told(*cards, &count, session, &session->options.values[i], error);
    if (status) {
        cli_provenance_cards_free(*cards);
        *cards = NULL;
    }
    return status;
}

void cli_provenance_cards_free(char **cards)
{
    for (size_t i = 0; cards && cards[i]; i++)
        free(cards[i]);
    free(cards);
}
