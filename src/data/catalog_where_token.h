/* The words of an expression that chooses exposures. */
#ifndef WELKIN_DATA_CATALOG_WHERE_TOKEN_H
#define WELKIN_DATA_CATALOG_WHERE_TOKEN_H

#include "welkin/status.h"

typedef enum wk_token_kind {
    WK_TOKEN_END,
    WK_TOKEN_NAME,   /* a column or a keyword */
    WK_TOKEN_NUMBER, /* with its sign */
    WK_TOKEN_TEXT,   /* quotes included */
    WK_TOKEN_SIGN    /* an operator, a parenthesis, a comma */
} wk_token_kind;

typedef struct wk_token {
    wk_token_kind kind;
    const char *start; /* in the expression */
    size_t length;
} wk_token;

/* Read the token that begins at or behind a place.  WK_ARGUMENT: a text without its end, or a
 * character that nothing begins with; whole is the expression, for the message. */
wk_status wk_token_read(wk_token *out, const char *at, const char *whole, wk_error *error);

/* Whether a token is this keyword, in letters of either case, or this sign. */
int wk_token_is(const wk_token *token, const char *word);

/* WK_ARGUMENT: "at character 7, "foo": ..." */
wk_status wk_token_refuse(const wk_token *token, const char *whole, const char *wanted,
                          wk_error *error);

#endif
