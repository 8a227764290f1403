#include "catalog_where.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "catalog_where_token.h"
#include "decimal.h"
#include "memory.h"
#include "status.h"

enum {
    deepest = 100,       /* parentheses and nots within each other */
    most_terms = 400,    /* SQLite's trees may be 1000 deep */
    most_values = 30000, /* SQLite binds 32766 */
    longest_name = 16,   /* of columns, and some */
};

typedef enum column_kind { TEXT, NUMBER, MIXED } column_kind;

typedef struct column {
    const char *name, *place;
    column_kind kind;
} column;

static const column columns[] = {
    {"file", "f.path", TEXT},
    {"hdu", "e.hdu", NUMBER},
    {"layout", "f.layout", TEXT},
    {"detector", "e.detector", MIXED},
    {"filter", "e.filter", TEXT},
    {"visit", "e.visit", MIXED},
    {"exposure_time", "e.exposure_time", NUMBER},
    {"date", "e.date", TEXT},
    {"width", "e.width", NUMBER},
    {"height", "e.height", NUMBER},
    {"ra", "e.ra", NUMBER},
    {"dec", "e.dec", NUMBER},
    {"pixel_scale", "e.pixel_scale", NUMBER},
    {"size", "f.size", NUMBER},
};
enum { column_count = sizeof columns / sizeof *columns };

typedef struct parser {
    const char *whole;
    wk_token token; /* the next one */
    wk_where *out;
    wk_decimal decimal;
    int depth, terms;
    wk_error *error;
} parser;

static wk_status add(parser *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

static wk_status add(parser *p, const char *format, ...)
{
    char piece[200];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(piece, sizeof piece, format, arguments);
    va_end(arguments);
    wk_where *out = p->out;
    size_t need = out->length + (size_t)length + 1;
    if (need > out->room) {
        wk_status status =
            wk_memory_reserve((void **)&out->condition, &out->room, 2 * need, 1, p->error);
        if (status)
            return status;
    }
    memcpy(out->condition + out->length, piece, (size_t)length + 1);
    out->length += (size_t)length;
    return WK_OK;
}

static wk_status refuse(const parser *p, const char *wanted)
{
    return wk_token_refuse(&p->token, p->whole, wanted, p->error);
}

static wk_status advance(parser *p)
{
    return wk_token_read(&p->token, p->token.start + p->token.length, p->whole, p->error);
}

static wk_status expect(parser *p, const char *word, const char *wanted)
{
    return wk_token_is(&p->token, word) ? advance(p) : refuse(p, wanted);
}

/* How many letters must be changed, added or left out to make b of a. */
static int distance(const char *a, size_t na, const char *b)
{
    int row[longest_name + 1];
    size_t nb = strlen(b);
    for (size_t j = 0; j <= nb; j++)
        row[j] = (int)j;
    for (size_t i = 1; i <= na; i++) {
        int corner = row[0];
        row[0] = (int)i;
        for (size_t j = 1; j <= nb; j++) {
            int change = corner + (strncasecmp(&a[i - 1], &b[j - 1], 1) != 0);
            corner = row[j];
            int other = 1 + (row[j] < row[j - 1] ? row[j] : row[j - 1]);
            row[j] = change < other ? change : other;
        }
    }
    return row[nb];
}

/* Alike: two letters apart, or one holds the other. */
static int is_like(const wk_token *token, const char *name)
{
    char word[longest_name + 1];
    if (token->length > longest_name || token->length < 2)
        return 0;
    snprintf(word, sizeof word, "%.*s", (int)token->length, token->start);
    return distance(token->start, token->length, name) <= 2 || strcasestr(word, name) ||
           strcasestr(name, word);
}

static wk_status refuse_column(const parser *p)
{
    char names[256] = "", like[256] = "";
    size_t used = 0, used_like = 0;
    for (int i = 0; i < column_count; i++) {
        used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", used ? ", " : "",
                                 columns[i].name);
        if (is_like(&p->token, columns[i].name))
            used_like += (size_t)snprintf(like + used_like, sizeof like - used_like, "%s%s",
                                          used_like ? " or " : "", columns[i].name);
    }
    int length = p->token.length < 40 ? (int)p->token.length : 40;
    if (used_like)
        return wk_error_set(p->error, WK_ARGUMENT, "where", "there is no column %.*s; is %s meant?",
                            length, p->token.start, like);
    return wk_error_set(p->error, WK_ARGUMENT, "where", "there is no column %.*s; there are %s",
                        length, p->token.start, names);
}

static wk_status find_column(const column **out, parser *p)
{
    if (p->token.kind != WK_TOKEN_NAME)
        return refuse(p, "the name of a column is expected");
    for (int i = 0; i < column_count; i++)
        if (wk_token_is(&p->token, columns[i].name)) {
            *out = &columns[i];
            return advance(p);
        }
    return refuse_column(p);
}

int wk_where_is_integer(int64_t *value, const char *text)
{
    char printed[32];
    *value = (int64_t)strtoll(text, NULL, 10);
    snprintf(printed, sizeof printed, "%lld", (long long)*value);
    return strcmp(printed, text) == 0;
}

/* The token as a text of its own, quotes taken off. */
static wk_status take_text(char **out, const parser *p)
{
    size_t used = 0;
    int quoted = p->token.kind == WK_TOKEN_TEXT;
    char *text = wk_memory_new(p->token.length + 1, 1, p->error);
    if (!text)
        return WK_MEMORY;
    const char *end = p->token.start + p->token.length - quoted;
    for (const char *s = p->token.start + quoted; s < end; s++) {
        text[used++] = *s;
        s += quoted && *s == '\'';
    }
    *out = text;
    return WK_OK;
}

static wk_status take_number(wk_where_value *value, parser *p)
{
    if (wk_where_is_integer(&value->integer, value->text)) {
        value->kind = WK_WHERE_INTEGER;
        return WK_OK;
    }
    value->kind = WK_WHERE_REAL;
    return wk_decimal_read(&value->real, &p->decimal, value->text, strlen(value->text))
               ? WK_OK
               : refuse(p, "this number cannot be read");
}

/* Take a literal that may be compared with a column; place: how many there are with it. */
static wk_status take_value(int *place, parser *p, const column *with)
{
    wk_where *out = p->out;
    int text = p->token.kind == WK_TOKEN_TEXT;
    if (!text && p->token.kind != WK_TOKEN_NUMBER)
        return refuse(p, "a number, or a text in single quotes, is expected");
    if (text && with->kind == NUMBER)
        return refuse(p, "this column holds numbers, which stand without quotes");
    if (!text && with->kind == TEXT)
        return refuse(p, "this column holds texts, which stand in single quotes");
    if (out->count == most_values)
        return refuse(p, "there are too many values");
    wk_status status = WK_OK;
    if ((out->count & (out->count - 1)) == 0) /* a power of two, or none: there is no more room */
        status = wk_memory_grow((void **)&out->values, out->count ? 2 * (size_t)out->count : 1,
                                sizeof *out->values, p->error);
    if (status)
        return status;
    wk_where_value *value = &out->values[out->count];
    *value = (wk_where_value){.kind = WK_WHERE_TEXT};
    status = take_text(&value->text, p);
    if (status)
        return status;
    *place = (int)++out->count;
    if (!text)
        status = take_number(value, p);
    else if (with->kind == MIXED && wk_where_is_integer(&value->integer, value->text))
        value->kind = WK_WHERE_INTEGER;
    return status ? status : advance(p);
}

static const char *type_of(const parser *p, int place)
{
    return p->out->values[place - 1].kind == WK_WHERE_TEXT ? "text" : "integer";
}

/* Numbers and texts have no order between them: what is of the other kind satisfies nothing. */
static wk_status open_kind(parser *p, const column *with, const char *type)
{
    return with->kind != MIXED ? WK_OK
                               : add(p, "CASE typeof(%s) WHEN '%s' THEN ", with->place, type);
}

static wk_status close_kind(parser *p, const column *with)
{
    return with->kind != MIXED ? WK_OK : add(p, " WHEN 'null' THEN NULL ELSE 0 END");
}

static wk_status parse_compare(parser *p, const column *with)
{
    static const char *const signs[][2] = {{"=", "="}, {"==", "="},  {"!=", "<>"}, {"<>", "<>"},
                                           {"<", "<"}, {"<=", "<="}, {">", ">"},   {">=", ">="}};
    const char *sign = NULL;
    int place = 0;
    for (size_t i = 0; i < sizeof signs / sizeof *signs && !sign; i++)
        if (wk_token_is(&p->token, signs[i][0]))
            sign = signs[i][1];
    if (!sign)
        return refuse(p, "=, !=, <, <=, >, >=, in, like, between or is is expected");
    int ordered = strchr("<>", sign[0]) && strcmp(sign, "<>") != 0;
    wk_status status = advance(p);
    if (!status)
        status = take_value(&place, p, with);
    if (!status && ordered)
        status = open_kind(p, with, type_of(p, place));
    if (!status)
        status = add(p, "%s %s ?%d", with->place, sign, place + 1);
    return status || !ordered ? status : close_kind(p, with);
}

static wk_status parse_in(parser *p, const column *with, const char * not )
{
    int place = 0, more = 1;
    wk_status status = advance(p);
    if (!status)
        status = expect(p, "(", "a parenthesis with values is expected");
    if (!status)
        status = add(p, "%s%s IN (", with->place, not );
    for (int i = 0; !status && more; i++) {
        status = take_value(&place, p, with);
        if (!status)
            status = add(p, "%s?%d", i ? ", " : "", place + 1);
        more = wk_token_is(&p->token, ",");
        if (!status && more)
            status = advance(p);
    }
    if (!status)
        status = expect(p, ")", "a comma or the closing parenthesis is expected");
    return status ? status : add(p, ")");
}

static wk_status parse_like(parser *p, const column *with, const char * not )
{
    static const column any = {"", "", TEXT};
    int place = 0;
    if (with->kind == NUMBER)
        return refuse(p, "this column holds numbers; like is for texts");
    wk_status status = advance(p);
    if (!status)
        status = take_value(&place, p, &any);
    return status ? status : add(p, "%s%s LIKE ?%d", with->place, not, place + 1);
}

static wk_status parse_between(parser *p, const column *with, const char * not )
{
    int low = 0, high = 0;
    wk_status status = advance(p);
    if (!status)
        status = take_value(&low, p, with);
    if (!status)
        status = expect(p, "and", "and is expected, with the upper limit");
    if (!status)
        status = take_value(&high, p, with);
    if (!status && strcmp(type_of(p, low), type_of(p, high)) != 0)
        status = refuse(p, "the limits before are a number and a text");
    if (!status)
        status = open_kind(p, with, type_of(p, low));
    if (!status)
        status = add(p, "%s%s BETWEEN ?%d AND ?%d", with->place, not, low + 1, high + 1);
    return status ? status : close_kind(p, with);
}

static wk_status parse_is(parser *p, const column *with)
{
    const char *not = "";
    wk_status status = advance(p);
    if (!status && wk_token_is(&p->token, "not")) {
        not = " NOT";
        status = advance(p);
    }
    if (!status)
        status = expect(p, "null", "null or not null is expected");
    return status ? status : add(p, "%s IS%s NULL", with->place, not );
}

static wk_status parse_term(parser *p)
{
    const column *with = NULL;
    const char *not = "";
    if (++p->terms > most_terms)
        return refuse(p, "there are more than 400 comparisons");
    wk_status status = find_column(&with, p);
    if (!status && wk_token_is(&p->token, "not")) {
        not = " NOT";
        status = advance(p);
    }
    if (status)
        return status;
    if (wk_token_is(&p->token, "in"))
        return parse_in(p, with, not );
    if (wk_token_is(&p->token, "like"))
        return parse_like(p, with, not );
    if (wk_token_is(&p->token, "between"))
        return parse_between(p, with, not );
    if (*not )
        return refuse(p, "in, like or between is expected after not");
    return wk_token_is(&p->token, "is") ? parse_is(p, with) : parse_compare(p, with);
}

static wk_status parse_or(parser *p);

static wk_status parse_not(parser *p)
{
    if (++p->depth > deepest)
        return refuse(p, "there is too much within each other");
    wk_status status;
    if (wk_token_is(&p->token, "not")) {
        status = advance(p);
        if (!status)
            status = add(p, "NOT ");
        if (!status)
            status = parse_not(p);
    } else if (wk_token_is(&p->token, "(")) {
        status = advance(p);
        if (!status)
            status = parse_or(p);
        if (!status)
            status = expect(p, ")", "and, or or the closing parenthesis is expected");
    } else {
        status = add(p, "(");
        if (!status)
            status = parse_term(p);
        if (!status)
            status = add(p, ")");
    }
    p->depth--;
    return status;
}

static wk_status parse_and(parser *p)
{
    wk_status status = parse_not(p);
    while (!status && wk_token_is(&p->token, "and")) {
        status = advance(p);
        if (!status)
            status = add(p, " AND ");
        if (!status)
            status = parse_not(p);
    }
    return status;
}

static wk_status parse_or(parser *p)
{
    wk_status status = add(p, "(");
    if (!status)
        status = parse_and(p);
    while (!status && wk_token_is(&p->token, "or")) {
        status = advance(p);
        if (!status)
            status = add(p, " OR ");
        if (!status)
            status = parse_and(p);
    }
    return status ? status : add(p, ")");
}

wk_status wk_where_parse(wk_where *out, const char *text, wk_error *error)
{
    parser p = {.whole = text, .out = out, .error = error};
    if (!text)
        return add(&p, "1");
    wk_status status = wk_decimal_open(&p.decimal, error);
    if (status)
        return status;
    status = wk_token_read(&p.token, text, text, error);
    if (!status && p.token.kind == WK_TOKEN_END)
        status = refuse(&p, "the expression is empty");
    if (!status)
        status = parse_or(&p);
    if (!status && p.token.kind != WK_TOKEN_END)
        status = refuse(&p, "and, or or the end is expected");
    wk_decimal_close(&p.decimal);
    return status;
}

wk_status wk_where_bind(const wk_where *where, wk_query *query, wk_error *error)
{
    wk_status status = WK_OK;
    for (size_t i = 0; i < where->count && !status; i++) {
        const wk_where_value *value = &where->values[i];
        int place = (int)i + 2;
        if (value->kind == WK_WHERE_INTEGER)
            status = wk_query_bind_integer(query, place, value->integer, error);
        else if (value->kind == WK_WHERE_REAL)
            status = wk_query_bind_real(query, place, value->real, error);
        else
            status = wk_query_bind_text(query, place, value->text, error);
    }
    return status;
}

void wk_where_release(wk_where *where)
{
    for (size_t i = 0; i < where->count; i++)
        wk_memory_free(where->values[i].text);
    wk_memory_free(where->values);
    wk_memory_free(where->condition);
    memset(where, 0, sizeof *where);
}
