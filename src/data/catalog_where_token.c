#include "catalog_where_token.h"

#include <string.h>
#include <strings.h>

#include "status.h"

static const char digits[] = "0123456789";
static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";

static size_t length_of_name(const char *at)
{
    size_t length = strspn(at, letters);
    while (length > 0 && at[length] && (strchr(letters, at[length]) || strchr(digits, at[length])))
        length++;
    return length;
}

/* Sign, digits with a point, exponent; 0 if there is no digit. */
static size_t length_of_number(const char *at)
{
    size_t length = *at == '-' || *at == '+';
    size_t whole = strspn(at + length, digits);
    length += whole;
    size_t part = at[length] == '.' ? strspn(at + length + 1, digits) : 0;
    length += at[length] == '.' ? part + 1 : 0;
    if (whole + part == 0)
        return 0;
    if (at[length] == 'e' || at[length] == 'E') {
        size_t sign = at[length + 1] == '-' || at[length + 1] == '+';
        size_t exponent = strspn(at + length + 1 + sign, digits);
        length += exponent > 0 ? 1 + sign + exponent : 0;
    }
    return length;
}

/* A quote within a text is doubled; 0 if the text has no end. */
static size_t length_of_text(const char *at)
{
    for (size_t i = 1; at[i]; i++) {
        if (at[i] != '\'')
            continue;
        if (at[i + 1] != '\'')
            return i + 1;
        i++;
    }
    return 0;
}

static size_t length_of_sign(const char *at)
{
    static const char *const signs[] = {"==", "!=", "<>", "<=", ">=", "=", "<", ">", "(", ")", ","};
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
        if (strncmp(at, signs[i], strlen(signs[i])) == 0)
            return strlen(signs[i]);
    return 0;
}

static wk_status refuse_character(const wk_token *token, const char *whole, wk_error *error)
{
    const char *cause = *token->start == '\'' ? "the text has no closing quote"
                        : *token->start == '"' || *token->start == '`'
                            ? "texts stand in single quotes"
                            : "this character has no meaning here";
    return wk_error_set(error, WK_ARGUMENT, "where", "at character %zu: %s",
                        (size_t)(token->start - whole) + 1, cause);
}

wk_status wk_token_read(wk_token *out, const char *at, const char *whole, wk_error *error)
{
    at += strspn(at, " \t\r\n");
    *out = (wk_token){WK_TOKEN_END, at, 0};
    if (!*at)
        return WK_OK;
    if (*at == '\'') {
        out->kind = WK_TOKEN_TEXT;
        out->length = length_of_text(at);
    } else if ((out->length = length_of_name(at)) > 0) {
        out->kind = WK_TOKEN_NAME;
    } else if ((out->length = length_of_number(at)) > 0) {
        out->kind = WK_TOKEN_NUMBER;
    } else {
        out->kind = WK_TOKEN_SIGN;
        out->length = length_of_sign(at);
    }
    int runs_on = out->kind == WK_TOKEN_NUMBER && at[out->length] &&
                  (strchr(letters, at[out->length]) || at[out->length] == '.');
    if (out->length > 0 && !runs_on)
        return WK_OK;
    return runs_on ? wk_token_refuse(out, whole, "the number goes on as something else", error)
                   : refuse_character(out, whole, error);
}

int wk_token_is(const wk_token *token, const char *word)
{
    return (token->kind == WK_TOKEN_NAME || token->kind == WK_TOKEN_SIGN) &&
           strlen(word) == token->length && strncasecmp(token->start, word, token->length) == 0;
}

wk_status wk_token_refuse(const wk_token *token, const char *whole, const char *wanted,
                          wk_error *error)
{
    if (token->kind == WK_TOKEN_END)
        return wk_error_set(error, WK_ARGUMENT, "where", "at its end: %s", wanted);
    return wk_error_set(error, WK_ARGUMENT, "where", "at character %zu, %.*s: %s",
                        (size_t)(token->start - whole) + 1,
                        token->length < 40 ? (int)token->length : 40, token->start, wanted);
}
