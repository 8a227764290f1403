#include "decimal.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static wk_decimal decimal;

static int setup(void **state)
{
    (void)state;
    return wk_decimal_open(&decimal, NULL);
}

static int teardown(void **state)
{
    (void)state;
    wk_decimal_close(&decimal);
    wk_decimal_close(&decimal);
    return 0;
}

static double number_of(const char *text)
{
    double value = -77.0;
    if (!wk_decimal_read(&value, &decimal, text, strlen(text)))
        fail_msg("'%s' is no number", text);
    return value;
}

static void same_bits(double a, double b)
{
    assert_memory_equal(&a, &b, sizeof a);
}

static void test_forms(void **state)
{
    (void)state;
    same_bits(number_of("0"), 0.0);
    same_bits(number_of("-0.0"), -0.0);
    same_bits(number_of("+12"), 12.0);
    same_bits(number_of("-.5"), -0.5);
    same_bits(number_of("7."), 7.0);
    same_bits(number_of("00123.4500"), 123.45);
    same_bits(number_of("1e3"), 1000.0);
    same_bits(number_of("-2.5E-07"), -2.5e-7);
    same_bits(number_of("1.5D+02"), 150.0);
    same_bits(number_of("1d-3"), 1e-3);
    same_bits(number_of("9007199254740993"), 9007199254740992.0);
    same_bits(number_of("0.1"), 0.1);
    same_bits(number_of("1e400"), HUGE_VAL);
    same_bits(number_of("1e-400"), 0.0);
}

static void test_words(void **state)
{
    (void)state;
    assert_true(isnan(number_of("nan")) && isnan(number_of("NaN")) && isnan(number_of("-nan")));
    same_bits(number_of("inf"), HUGE_VAL);
    same_bits(number_of("+Infinity"), HUGE_VAL);
    same_bits(number_of("-INF"), -HUGE_VAL);
}

static void test_what_is_none(void **state)
{
    (void)state;
    static const char *const texts[] = {"",    "-",   "+",    ".",     "e5",   "1e",    "1e+",
                                        "1,5", "0x1", "1 2",  "1.2.3", "--1",  "nanny", "infi",
                                        "1f",  "NGC", "-.e1", "1e5.0", "nan(", "-x",    "1e+-2"};
    double value;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (wk_decimal_read(&value, &decimal, texts[i], strlen(texts[i])))
            fail_msg("'%s' is taken for a number", texts[i]);
    assert_false(wk_decimal_read(&value, &decimal, "1\0", 2));
    assert_false(wk_decimal_read(&value, &decimal, "1e\0", 3));
}

/* The short way rounds as the system's function does: the same bits for any digits. */
static void test_rounds_correctly(void **state)
{
    (void)state;
    uint64_t seed = 20240607;
    char text[64];
    for (int i = 0; i < 100000; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        int length = snprintf(text, sizeof text, "%lld", (long long)(seed >> (1 + seed % 60)));
        int point = (int)(seed >> 33) % (length + 1);
        memmove(text + point + 1, text + point, (size_t)(length - point) + 1);
        text[point] = '.';
        same_bits(number_of(text), strtod(text, NULL));
        snprintf(text, sizeof text, "%.17g", ldexp((double)(seed >> 11), -(int)(seed % 60)));
        same_bits(number_of(text), strtod(text, NULL));
    }
    /* halfway between two doubles, and the least that there is beside it */
    same_bits(number_of("9007199254740993"), 9007199254740992.0);
    same_bits(number_of("9007199254740995"), 9007199254740996.0);
    same_bits(number_of("9007199254740993.001"), 9007199254740994.0);
    same_bits(number_of("9007199254740992.999"), 9007199254740992.0);
    same_bits(number_of("18014398509481983.9"), 18014398509481984.0);
    same_bits(number_of("0.9999999999999999999"), 1.0);
    same_bits(number_of("9999999999999999999"), 1e19);
}

/* What stands behind the text is not looked at, and its length is kept to. */
static void test_ends_where_it_should(void **state)
{
    (void)state;
    double value;
    assert_true(wk_decimal_read(&value, &decimal, "12345678901234567890;5", 20));
    same_bits(value, 12345678901234567890.0);
    assert_true(wk_decimal_read(&value, &decimal, "1.5e3 7", 5));
    same_bits(value, 1500.0);
}

static void test_long_texts(void **state)
{
    (void)state;
    char text[100000];
    memset(text, '0', sizeof text);
    text[sizeof text - 1] = '\0';
    same_bits(number_of(text), 0.0);
    memset(text, '9', sizeof text - 1);
    same_bits(number_of(text), HUGE_VAL);
    text[1] = '.';
    same_bits(number_of(text), 10.0);
    text[sizeof text - 3] = 'e';
    same_bits(number_of(text), 1e10);
    double value;
    text[sizeof text - 3] = 'd';
    assert_false(wk_decimal_read(&value, &decimal, text, sizeof text - 1));
}

static void test_locale_plays_no_part(void **state)
{
    (void)state;
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE"};
    const char *set = NULL;
    for (size_t i = 0; !set && i < sizeof names / sizeof *names; i++)
        set = setlocale(LC_ALL, names[i]);
    double value = number_of("1.2345678901234567e1");
    int comma = wk_decimal_read(&value, &decimal, "1,5e1", 5);
    setlocale(LC_ALL, "C");
    assert_false(comma);
    same_bits(value, 12.345678901234567);
    if (!set)
        print_message("# no locale with a decimal comma is installed\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_what_is_none),
        cmocka_unit_test(test_rounds_correctly),
        cmocka_unit_test(test_ends_where_it_should),
        cmocka_unit_test(test_long_texts),
        cmocka_unit_test(test_locale_plays_no_part),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
