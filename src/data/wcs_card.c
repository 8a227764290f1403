#include "wcs_card.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* In a pattern '#' stands for a number and a last '*' for any end.  Alternates such as CRVAL1A
 * match nothing, as they have a letter after the number. */
static const struct {
    const char *pattern;
    wk_card_kind kind;
} known[] = {
    {"CTYPE#", WK_CARD_CTYPE},      {"CUNIT#", WK_CARD_CUNIT},    {"CRPIX#", WK_CARD_AXIS},
    {"CRVAL#", WK_CARD_AXIS},       {"CDELT#", WK_CARD_AXIS},     {"CROTA#", WK_CARD_AXIS},
    {"CD#_#", WK_CARD_MATRIX},      {"PC#_#", WK_CARD_MATRIX},    {"PV#_#", WK_CARD_PARAMETER},
    {"LONPOLE", WK_CARD_NUMBER},    {"LATPOLE", WK_CARD_NUMBER},  {"EQUINOX", WK_CARD_NUMBER},
    {"EPOCH", WK_CARD_NUMBER},      {"RADESYS", WK_CARD_RADESYS}, {"RADECSYS", WK_CARD_RADECSYS},
    {"A_ORDER", WK_CARD_ORDER},     {"B_ORDER", WK_CARD_ORDER},   {"A_#_#", WK_CARD_SIP},
    {"B_#_#", WK_CARD_SIP},         {"WAT#_#", WK_CARD_WAT},      {"CPDIS#", WK_CARD_DISTORTION},
    {"CQDIS#", WK_CARD_DISTORTION}, {"DP#*", WK_CARD_RECORD},     {"DQ#*", WK_CARD_RECORD},
    {"D2IMDIS#", WK_CARD_LOOKUP},   {"D2IMARR", WK_CARD_LOOKUP},  {"AMDX#", WK_CARD_PLATE},
    {"AMDY#", WK_CARD_PLATE},       {"PLT*", WK_CARD_PLATE},      {"PLATEID", WK_CARD_PLATE},
    {"PPO#", WK_CARD_PLATE},        {"XPIXELSZ", WK_CARD_PLATE},  {"YPIXELSZ", WK_CARD_PLATE},
    {"CNPIX#", WK_CARD_PLATE},
};

static int digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *read_integer(const char *text, int *number)
{
    *number = 0;
    while (digit(*text) && *number < 100000)
        *number = 10 * *number + (*text++ - '0');
    return text;
}

static int matches(const char *name, const char *pattern, int *numbers)
{
    for (; *pattern && *pattern != '*'; pattern++) {
        if (*pattern != '#') {
            if (*name++ != *pattern)
                return 0;
        } else if (!digit(*name)) {
            return 0;
        } else {
            name = read_integer(name, numbers++);
        }
    }
    return *pattern == '*' || *name == '\0';
}

static void letters_of(char *letters, const char *pattern)
{
    size_t length = strcspn(pattern, "#*");
    memcpy(letters, pattern, length);
    letters[length] = '\0';
}

/* Early drafts of the standard wrote PC001002 for PC1_2. */
static int draft_matrix(const char *name, int *numbers)
{
    if ((strncmp(name, "PC", 2) != 0 && strncmp(name, "CD", 2) != 0) || strlen(name) != 8)
        return 0;
    for (int i = 2; i < 8; i++)
        if (!digit(name[i]))
            return 0;
    int both;
    read_integer(name + 3, &both);
    numbers[0] = (name[2] - '0') * 100 + both / 1000;
    numbers[1] = both % 1000;
    return 1;
}

static int read_name(wk_card *card, const char *record)
{
    char name[9] = {0};
    int numbers[4] = {0};
    memcpy(name, record, 8);
    for (int i = 7; i >= 0 && name[i] == ' '; i--)
        name[i] = '\0';
    if (draft_matrix(name, numbers)) {
        card->kind = WK_CARD_MATRIX;
        memcpy(card->name, name, 2);
    }
    for (size_t i = 0; i < sizeof known / sizeof *known && card->kind == WK_CARD_NONE; i++) {
        if (matches(name, known[i].pattern, numbers)) {
            card->kind = known[i].kind;
            letters_of(card->name, known[i].pattern);
        }
    }
    card->a = numbers[0];
    card->b = numbers[1];
    return card->kind != WK_CARD_NONE;
}

static size_t read_quoted(char *value, const char *field, size_t room)
{
    size_t length = 0;
    for (size_t i = 1; i < room; i++) {
        if (field[i] == '\'' && (i + 1 == room || field[++i] != '\''))
            break;
        value[length++] = field[i];
    }
    return length;
}

static size_t read_bare(char *value, const char *field, size_t room)
{
    size_t length = 0;
    while (length < room && field[length] != '/') {
        value[length] = field[length];
        length++;
    }
    return length;
}

static void trim(char *value, size_t length)
{
    size_t start = 0;
    while (length > 0 && value[length - 1] == ' ')
        length--;
    while (start < length && value[start] == ' ')
        start++;
    memmove(value, value + start, length - start);
    value[length - start] = '\0';
}

static void read_value(wk_card *card, const char *record)
{
    size_t at = 9;
    while (at < 80 && record[at] == ' ')
        at++;
    size_t length = 0;
    if (at < 80 && record[at] == '\'')
        length = read_quoted(card->value, record + at, 80 - at);
    else
        length = read_bare(card->value, record + at, 80 - at);
    trim(card->value, length);
}

static int names_infinity(const char *text)
{
    static const char *const names[] = {"nan", "inf", "infinity", "-nan", "nanq", "nans"};
    char lower[16] = {0};
    size_t length = strlen(text);
    if (length >= sizeof lower)
        return 0;
    for (size_t i = 0; i < length; i++)
        lower[i] = (char)tolower((unsigned char)text[i]);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(lower, names[i]) == 0 || strcmp(lower + (length > 0), names[i]) == 0)
            return 1;
    return 0;
}

/* Judge the exponent at text and make its letter an E. */
static wk_card_state read_exponent(char *text)
{
    if (*text == '\0')
        return WK_CARD_GOOD;
    if (!strchr("EeDd", *text))
        return WK_CARD_WORD;
    *text++ = 'E';
    int negative = *text == '-';
    if (*text == '-' || *text == '+')
        text++;
    int exponent;
    const char *end = read_integer(text, &exponent);
    if (end == text || *end != '\0')
        return WK_CARD_WORD;
    return exponent > 300 && !negative ? WK_CARD_INFINITE : WK_CARD_GOOD;
}

/* The locale may have a comma for the point: strtod cannot be asked. */
static wk_card_state judge_number(char *text)
{
    if (*text == '\0')
        return WK_CARD_EMPTY;
    if (names_infinity(text))
        return WK_CARD_INFINITE;
    if (*text == '-' || *text == '+')
        text++;
    size_t whole = strspn(text, "0123456789");
    text += whole;
    size_t fraction = 0;
    if (*text == '.') {
        fraction = strspn(text + 1, "0123456789");
        text += fraction + 1;
    }
    return whole + fraction == 0 ? WK_CARD_WORD : read_exponent(text);
}

int wk_card_read(wk_card *card, const char *record)
{
    memset(card, 0, sizeof *card);
    if (record[8] != '=' || !read_name(card, record))
        return 0;
    card->raw = record;
    read_value(card, record);
    if (card->kind == WK_CARD_NUMBER && (card->value[0] == 'J' || card->value[0] == 'B'))
        memmove(card->value, card->value + 1, strlen(card->value));
    int number = card->kind == WK_CARD_AXIS || card->kind == WK_CARD_MATRIX ||
                 card->kind == WK_CARD_PARAMETER || card->kind == WK_CARD_NUMBER ||
                 card->kind == WK_CARD_ORDER || card->kind == WK_CARD_SIP;
    if (number)
        card->state = judge_number(card->value);
    return 1;
}

int wk_card_is_zero(const wk_card *card)
{
    size_t mantissa = strcspn(card->value, "E");
    return strcspn(card->value, "123456789") >= mantissa;
}

void wk_card_name(char name[16], const wk_card *card)
{
    size_t length = strcspn(card->raw, " =");
    snprintf(name, 16, "%.*s", (int)(length < 8 ? length : 8), card->raw);
}
