#include "fits_card.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "status.h"

enum {
    KEYWORD = 8,    /* characters of a keyword */
    VALUE = 10,     /* where the value starts, after "= " */
    TEXT_MOST = 68, /* characters of a quoted text */
    NUMBER = 40     /* room for a number in print */
};

static const char hierarch[] = "HIERARCH "; /* begins a card whose name is a long one */

void wk_cards_free(wk_cards *cards)
{
    wk_memory_free(cards->text);
    *cards = (wk_cards){0};
}

wk_status wk_cards_append(wk_cards *cards, const char *card, wk_error *error)
{
    if (cards->count == cards->room) {
        size_t room = cards->room ? 2 * cards->room : 72;
        wk_status status = wk_memory_grow((void **)&cards->text, room, WK_FITS_CARD, error);
        if (status != WK_OK)
            return status;
        cards->room = room;
    }
    memcpy(cards->text + cards->count++ * WK_FITS_CARD, card, WK_FITS_CARD);
    return WK_OK;
}

/* The name on a HIERARCH card; NULL on any other. */
static const char *long_name(const char *card, size_t *length)
{
    const size_t start = sizeof hierarch - 1;
    if (memcmp(card, hierarch, start) != 0)
        return NULL;
    const char *first = card + start;
    const char *last = memchr(first, '=', WK_FITS_CARD - start);
    if (!last)
        return NULL;
    while (first < last && *first == ' ')
        first++;
    while (last > first && last[-1] == ' ')
        last--;
    *length = (size_t)(last - first);
    return first;
}

static int is_keyword(const char *card, const char *keyword)
{
    size_t length = strlen(keyword), long_length = 0;
    const char *name = long_name(card, &long_length);
    if (name && long_length == length && memcmp(name, keyword, length) == 0)
        return 1;
    if (length > KEYWORD || memcmp(card, keyword, length) != 0)
        return 0;
    for (size_t i = length; i < KEYWORD; i++)
        if (card[i] != ' ')
            return 0;
    return 1;
}

static int is_at(const wk_cards *cards, size_t i, const char *keyword)
{
    return i < cards->count && is_keyword(cards->text + i * WK_FITS_CARD, keyword);
}

size_t wk_cards_find(const wk_cards *cards, const char *keyword)
{
    size_t i = 0;
    while (i < cards->count && !is_at(cards, i, keyword))
        i++;
    return i;
}

static void remove_cards(wk_cards *cards, size_t first, size_t last)
{
    memmove(cards->text + first * WK_FITS_CARD, cards->text + last * WK_FITS_CARD,
            (cards->count - last) * WK_FITS_CARD);
    cards->count -= last - first;
}

/* Where the CONTINUE cards that follow a card end. */
static size_t continued(const wk_cards *cards, size_t i)
{
    size_t last = i + 1;
    while (is_at(cards, last, "CONTINUE"))
        last++;
    return last;
}

void wk_cards_remove(wk_cards *cards, const char *keyword)
{
    size_t i;
    while ((i = wk_cards_find(cards, keyword)) < cards->count)
        remove_cards(cards, i, continued(cards, i));
}

/* Where a card's value begins; 0 if it has none. */
static size_t value_place(const char *card)
{
    size_t length;
    const char *name = long_name(card, &length);
    if (!name)
        return card[KEYWORD] == '=' ? VALUE : 0;
    const char *equals = memchr(name, '=', (size_t)(card + WK_FITS_CARD - name));
    return equals ? (size_t)(equals - card) + 1 : 0;
}

/* A card's value without comment as a terminated string; 0 if there is no such card. */
static int value_of(const wk_cards *cards, const char *keyword, char *value)
{
    size_t i = wk_cards_find(cards, keyword);
    if (i == cards->count)
        return 0;
    const char *card = cards->text + i * WK_FITS_CARD;
    size_t start = value_place(card);
    value[0] = '\0';
    if (start == 0)
        return 1;
    while (start < WK_FITS_CARD && card[start] == ' ')
        start++;
    memcpy(value, card + start, WK_FITS_CARD - start);
    value[WK_FITS_CARD - start] = '\0';
    return 1;
}

/* Nothing but blanks and a comment may follow a number. */
static int ends_value(const char *end)
{
    while (*end == ' ')
        end++;
    return *end == '\0' || *end == '/';
}

int wk_cards_integer(const wk_cards *cards, const char *keyword, int64_t *value)
{
    char text[WK_FITS_CARD + 1];
    char *end;
    if (!value_of(cards, keyword, text))
        return 0;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (end == text || errno != 0 || !ends_value(end))
        return -1;
    *value = number;
    return 1;
}

/* Numbers are read and printed with a decimal point whatever the caller's locale says. */
static double plain_number(const char *text, char **end)
{
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (plain == (locale_t)0)
        return strtod(text, end);
    locale_t before = uselocale(plain);
    double number = strtod(text, end);
    uselocale(before);
    freelocale(plain);
    return number;
}

int wk_cards_real(const wk_cards *cards, const char *keyword, double *value)
{
    char text[WK_FITS_CARD + 1];
    char *end;
    if (!value_of(cards, keyword, text))
        return 0;
    size_t length = strspn(text, "0123456789+-.EeDd");
    for (size_t i = 0; i < length; i++)
        if (text[i] == 'D' || text[i] == 'd')
            text[i] = 'E';
    double number = plain_number(text, &end);
    if (end == text || end > text + length || !isfinite(number) || !ends_value(end))
        return -1;
    *value = number;
    return 1;
}

int wk_cards_true(const wk_cards *cards, const char *keyword)
{
    char text[WK_FITS_CARD + 1];
    return value_of(cards, keyword, text) && text[0] == 'T' && ends_value(text + 1);
}

int wk_cards_text(const wk_cards *cards, const char *keyword, char *value, size_t size)
{
    char text[WK_FITS_CARD + 1];
    size_t n = 0;
    if (!value_of(cards, keyword, text))
        return 0;
    if (text[0] != '\'')
        return -1;
    for (const char *c = text + 1; *c && n + 1 < size; c++) {
        if (*c == '\'' && *++c != '\'')
            break;
        value[n++] = *c;
    }
    while (n > 0 && value[n - 1] == ' ')
        n--;
    value[n] = '\0';
    return 1;
}

static void fill_card(char *card, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* One card, cut or padded to its 80 characters. */
static void fill_card(char *card, const char *format, ...)
{
    char text[2 * WK_FITS_CARD + 1];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    size_t length = strlen(text);
    memset(card, ' ', WK_FITS_CARD);
    memcpy(card, text, length < WK_FITS_CARD ? length : WK_FITS_CARD);
}

static wk_status set_card(wk_cards *cards, const char *keyword, const char *card, wk_error *error)
{
    size_t i = wk_cards_find(cards, keyword);
    if (i == cards->count)
        return wk_cards_append(cards, card, error);
    remove_cards(cards, i + 1, continued(cards, i));
    memcpy(cards->text + i * WK_FITS_CARD, card, WK_FITS_CARD);
    return WK_OK;
}

/* A value in print, right- or left-bound as a short keyword wants it; a long one takes it bare. */
static wk_status set_value(wk_cards *cards, const char *keyword, const char *value,
                           const char *comment, wk_error *error)
{
    char card[WK_FITS_CARD];
    if (strlen(keyword) <= KEYWORD) {
        fill_card(card, "%-8s= %s / %.60s", keyword, value, comment);
        return set_card(cards, keyword, card, error);
    }
    while (*value == ' ')
        value++;
    size_t length = strlen(value);
    while (length > 0 && value[length - 1] == ' ')
        length--;
    if (strlen(hierarch) + strlen(keyword) + strlen(" = ") + length > WK_FITS_CARD)
        return wk_error_set(error, WK_ARGUMENT, keyword,
                            "a header card has no room for so long a name and the value %.80s",
                            value);
    fill_card(card, "%s%s = %.*s / %.60s", hierarch, keyword, (int)length, value, comment);
    return set_card(cards, keyword, card, error);
}

wk_status wk_cards_set_integer(wk_cards *cards, const char *keyword, int64_t value,
                               const char *comment, wk_error *error)
{
    char number[NUMBER];
    snprintf(number, sizeof number, "%20lld", (long long)value);
    return set_value(cards, keyword, number, comment, error);
}

wk_status wk_cards_set_logical(wk_cards *cards, const char *keyword, int value, const char *comment,
                               wk_error *error)
{
    char letter[NUMBER];
    snprintf(letter, sizeof letter, "%20s", value ? "T" : "F");
    return set_value(cards, keyword, letter, comment, error);
}

/* The shortest print that reads back as the number; a point marks it as a real. */
static void print_number(char *text, double value)
{
    char digits[NUMBER / 2 + 12];
    for (int precision = 15; precision <= 17; precision++) {
        snprintf(digits, sizeof digits, "%.*G", precision, value);
        if (strtod(digits, NULL) == value)
            break;
    }
    size_t whole = strcspn(digits, ".E");
    snprintf(text, NUMBER, "%.*s%s%s", (int)whole, digits, digits[whole] == '.' ? "" : ".0",
             digits + whole);
}

wk_status wk_cards_set_real(wk_cards *cards, const char *keyword, double value, const char *comment,
                            wk_error *error)
{
    char number[NUMBER], padded[NUMBER];
    if (!isfinite(value))
        return wk_error_set(error, WK_ARGUMENT, keyword, "a header cannot hold the number %g",
                            value);
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (plain == (locale_t)0)
        return wk_error_set(error, WK_MEMORY, keyword, "no memory to print a number");
    locale_t before = uselocale(plain);
    print_number(number, value);
    uselocale(before);
    freelocale(plain);
    snprintf(padded, sizeof padded, "%20s", number);
    return set_value(cards, keyword, padded, comment, error);
}

static int quote(char *quoted, const char *value)
{
    size_t n = 0;
    for (const char *c = value; *c; c++) {
        if (*c < ' ' || *c > '~' || n + (*c == '\'' ? 2 : 1) > TEXT_MOST)
            return 0;
        quoted[n++] = *c;
        if (*c == '\'')
            quoted[n++] = '\'';
    }
    quoted[n] = '\0';
    return 1;
}

wk_status wk_cards_set_text(wk_cards *cards, const char *keyword, const char *value,
                            const char *comment, wk_error *error)
{
    char quoted[TEXT_MOST + 1], text[TEXT_MOST + 24];
    if (!quote(quoted, value))
        return wk_error_set(error, WK_ARGUMENT, keyword,
                            "\"%.80s\" is no text that a header card can hold", value);
    size_t length = strlen(quoted);
    snprintf(text, sizeof text, "'%-8s'%*s", quoted,
             length < 18 ? (int)(18 - (length > 8 ? length : 8)) : 0, "");
    return set_value(cards, keyword, text, comment, error);
}

wk_status wk_cards_history(wk_cards *cards, const char *line, wk_error *error)
{
    char card[WK_FITS_CARD];
    do {
        fill_card(card, "HISTORY %.72s", line);
        for (int i = KEYWORD; i < WK_FITS_CARD; i++)
            if (card[i] < ' ' || card[i] > '~')
                card[i] = '?';
        wk_status status = wk_cards_append(cards, card, error);
        if (status != WK_OK)
            return status;
        size_t length = strlen(line);
        line += length < WK_FITS_CARD - KEYWORD ? length : WK_FITS_CARD - KEYWORD;
    } while (*line);
    return WK_OK;
}

wk_status wk_cards_histories(wk_cards *cards, const char *const *lines, wk_error *error)
{
    wk_status status = WK_OK;
    for (const char *const *line = lines; status == WK_OK && line && *line; line++)
        status = wk_cards_history(cards, *line, error);
    return status;
}

size_t wk_cards_size(const wk_cards *cards)
{
    size_t bytes = (cards->count + 1) * WK_FITS_CARD;
    return (bytes + WK_FITS_BLOCK - 1) / WK_FITS_BLOCK * WK_FITS_BLOCK;
}

void wk_cards_fill(const wk_cards *cards, char *header)
{
    size_t bytes = cards->count * WK_FITS_CARD;
    memset(header + bytes, ' ', wk_cards_size(cards) - bytes);
    if (bytes > 0)
        memcpy(header, cards->text, bytes);
    memcpy(header + bytes, "END", 3);
}
