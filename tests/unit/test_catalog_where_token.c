#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "catalog_where_token.h"

static wk_error error;

/* The tokens of a text as kinds: n name, 1 number, t text, s sign; ! where it is refused. */
static const char *kinds(const char *text)
{
    static const char letters[] = ".n1ts";
    static char found[64];
    wk_token token = {WK_TOKEN_END, text, 0};
    size_t used = 0;
    for (;;) {
        if (wk_token_read(&token, token.start + token.length, text, &error)) {
            found[used++] = '!';
            break;
        }
        if (token.kind == WK_TOKEN_END)
            break;
        found[used++] = letters[token.kind];
    }
    found[used] = '\0';
    return found;
}

static void test_kinds(void **state)
{
    (void)state;
    assert_string_equal(kinds(""), "");
    assert_string_equal(kinds(" \t\n"), "");
    assert_string_equal(kinds("filter = 'r'"), "nst");
    assert_string_equal(kinds("filter='r'and visit>=-1.5e3"), "nstnns1");
    assert_string_equal(kinds("x in (1,2 , .5, 5.)"), "nns1s1s1s1s");
    assert_string_equal(kinds("'it''s' '' 'a'"), "ttt");
    assert_string_equal(kinds("a<>b!=c==d<=e"), "nsnsnsnsn");
}

static void test_what_begins_nothing(void **state)
{
    (void)state;
    assert_string_equal(kinds("a = 'r"), "ns!");
    assert_non_null(strstr(error.message, "closing quote"));
    assert_non_null(strstr(error.message, "character 5"));
    assert_string_equal(kinds("a = \"r\""), "ns!");
    assert_non_null(strstr(error.message, "single quotes"));
    assert_string_equal(kinds("a; b"), "n!");
    assert_string_equal(kinds("a -- b"), "n!");
    assert_string_equal(kinds("12abc"), "!");
    assert_string_equal(kinds("1.2.3"), "!");
    assert_string_equal(kinds("."), "!");
    assert_string_equal(kinds("\xc3\xa9"), "!");
}

static void test_words(void **state)
{
    (void)state;
    wk_token token;
    assert_int_equal(wk_token_read(&token, "  AND x", "  AND x", &error), WK_OK);
    assert_true(wk_token_is(&token, "and"));
    assert_false(wk_token_is(&token, "an"));
    assert_int_equal(wk_token_read(&token, "'and'", "'and'", &error), WK_OK);
    assert_false(wk_token_is(&token, "and"));
    assert_int_equal(wk_token_refuse(&token, token.start, "so it is", &error), WK_ARGUMENT);
    assert_string_equal(error.message, "at character 1, 'and': so it is");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_what_begins_nothing),
        cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
