#include "decimal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "status.h"

enum { EXACT_DIGITS = 15, MOST_DIGITS = 19, LONGEST = 400 };

wk_status wk_decimal_open(wk_decimal *decimal, wk_error *error)
{
    decimal->plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    return decimal->plain != (locale_t)0
               ? WK_OK
               : wk_error_set(error, WK_MEMORY, "", "no memory for the rules of numbers");
}

void wk_decimal_close(wk_decimal *decimal)
{
    if (decimal->plain != (locale_t)0)
        freelocale(decimal->plain);
    decimal->plain = (locale_t)0;
}

static int is_digit(char letter)
{
    return letter >= '0' && letter <= '9';
}

/* What the form of a number is made of. */
typedef struct wk_form {
    uint64_t digits; /* the first MOST_DIGITS of them as a number */
    size_t count;    /* without leading zeros */
    size_t behind;   /* after the point */
    int exponent;    /* nonzero: one is there */
    size_t mark;     /* where its letter is */
} wk_form;

static int take_digits(wk_form *form, const char *text, size_t *at, size_t length)
{
    size_t first = *at;
    for (; *at < length && is_digit(text[*at]); (*at)++) {
        if (form->count > 0 || text[*at] != '0')
            form->count++;
        if (form->count <= MOST_DIGITS)
            form->digits = 10 * form->digits + (uint64_t)(text[*at] - '0');
    }
    return *at > first;
}

/* Nonzero: sign, digits with or without a point, exponent, and nothing else. */
static int take_form(wk_form *form, const char *text, size_t length)
{
    size_t at = text[0] == '-' || text[0] == '+';
    int digits = take_digits(form, text, &at, length);
    if (at < length && text[at] == '.') {
        size_t point = ++at;
        digits |= take_digits(form, text, &at, length);
        form->behind = at - point;
    }
    if (!digits || at == length)
        return digits;
    if (!strchr("eEdD", text[at]) || text[at] == '\0')
        return 0;
    form->exponent = 1;
    form->mark = at++;
    at += at < length && (text[at] == '-' || text[at] == '+');
    size_t power = at;
    while (at < length && is_digit(text[at]))
        at++;
    return at == length && at > power;
}

static int is_word(const char *text, size_t length, const char *word)
{
    if (length != strlen(word))
        return 0;
    for (size_t i = 0; i < length; i++)
        if ((text[i] | 0x20) != word[i])
            return 0;
    return 1;
}

static int read_word(double *value, const char *text, size_t length)
{
    int sign = length > 0 && (text[0] == '-' || text[0] == '+');
    const char *word = text + sign;
    size_t rest = length - (size_t)sign;
    if (is_word(word, rest, "nan"))
        *value = (double)NAN;
    else if (is_word(word, rest, "inf") || is_word(word, rest, "infinity"))
        *value = text[0] == '-' ? -(double)INFINITY : (double)INFINITY;
    else
        return 0;
    return 1;
}

/* Fortran's exponents begin with D, which the system's function does not know. */
static int read_copy(double *value, const wk_decimal *decimal, const wk_form *form,
                     const char *text, size_t length)
{
    char copy[LONGEST];
    if (length >= sizeof copy)
        return 0;
    memcpy(copy, text, length);
    copy[length] = '\0';
    copy[form->mark] = 'e';
    *value = strtod_l(copy, NULL, decimal->plain);
    return 1;
}

__extension__ typedef unsigned __int128 wk_wide;

/* a / b, correctly rounded, both at least 1: a quotient of 62 bits or more and whether anything is
 * left over say all that rounding needs. */
static double divide(uint64_t a, uint64_t b)
{
    int up = __builtin_clzll(a), low = __builtin_clzll(b);
    wk_wide dividend = (wk_wide)(a << up) << 63;
    uint64_t quotient = (uint64_t)(dividend / (b << low));
    int left = (wk_wide)quotient * (b << low) != dividend;
    int drop = 11 - __builtin_clzll(quotient); /* bits beyond the 53 of a double */
    uint64_t half = (uint64_t)1 << (drop - 1);
    uint64_t rest = quotient & (2 * half - 1);
    uint64_t kept = quotient >> drop;
    if (rest > half || (rest == half && (left || (kept & 1))))
        kept++;
    return ldexp((double)kept, drop - 63 - up + low);
}

/* Digits with a point among them, neither too many. */
static double read_digits(const wk_form *form)
{
    static const uint64_t powers[MOST_DIGITS + 1] = {1U,
                                                     10U,
                                                     100U,
                                                     1000U,
                                                     10000U,
                                                     100000U,
                                                     1000000U,
                                                     10000000U,
                                                     100000000U,
                                                     1000000000U,
                                                     10000000000U,
                                                     100000000000U,
                                                     1000000000000U,
                                                     10000000000000U,
                                                     100000000000000U,
                                                     1000000000000000U,
                                                     10000000000000000U,
                                                     100000000000000000U,
                                                     1000000000000000000U,
                                                     10000000000000000000U};
    /* both operands are exact, so that the one division rounds correctly; 10^19 is a double */
    if (form->count <= EXACT_DIGITS)
        return (double)form->digits / (double)powers[form->behind];
    return divide(form->digits, powers[form->behind]);
}

int wk_decimal_read(double *value, const wk_decimal *decimal, const char *text, size_t length)
{
    wk_form form = {0, 0, 0, 0, 0};
    if (length == 0)
        return 0;
    if (!take_form(&form, text, length))
        return read_word(value, text, length);
    if (!form.exponent && form.count <= MOST_DIGITS && form.behind <= MOST_DIGITS) {
        double number = read_digits(&form);
        *value = text[0] == '-' ? -number : number;
        return 1;
    }
    if (form.exponent && (text[form.mark] | 0x20) == 'd')
        return read_copy(value, decimal, &form, text, length);
    *value = strtod_l(text, NULL, decimal->plain);
    return 1;
}
