#include "butler_text.h"

#include "butler_case.h"

static void test_texts_grow(void **state)
{
    (void)state;
    wk_text text = {0};
    for (int i = 0; i < 1000; i++)
        assert_int_equal(wk_text_add(&text, NULL, "%s%d", i ? "," : "", i % 10), WK_OK);
    assert_int_equal(text.length, 1999);
    assert_int_equal(strlen(text.data), 1999);
    assert_string_equal(text.data + 1990, "5,6,7,8,9");
    wk_text_free(&text);
    assert_null(text.data);
}

static void test_names_are_joined(void **state)
{
    (void)state;
    const char *const names[] = {"one", "two", "three"};
    char out[100];
    wk_text_names(out, sizeof out, names, 3);
    assert_string_equal(out, "one, two, three");
    wk_text_names(out, sizeof out, names, 1);
    assert_string_equal(out, "one");
    wk_text_names(out, sizeof out, names, 0);
    assert_string_equal(out, "none");
}

static void test_names_that_do_not_fit(void **state)
{
    (void)state;
    const char *names[50];
    char out[100], tiny[12];
    for (int i = 0; i < 50; i++)
        names[i] = "abcdefgh";
    wk_text_names(out, 60, names, 50);
    assert_string_equal(out, "abcdefgh, abcdefgh, abcdefgh and 47 more");
    wk_text_names(tiny, sizeof tiny, names, 50);
    assert_string_equal(tiny, "50 names");
    for (size_t size = 1; size < sizeof out; size++) {
        memset(out, '#', sizeof out);
        wk_text_names(out, size, names, 50);
        assert_true(strlen(out) < size);
        assert_true(size == sizeof out || out[size] == '#');
    }
}

static void test_lists_of_names(void **state)
{
    (void)state;
    char **names = NULL, text[16];
    size_t count = 0;
    for (int i = 0; i < 100; i++) {
        snprintf(text, sizeof text, "n%d", i);
        assert_int_equal(wk_names_add(&names, &count, text, NULL), WK_OK);
    }
    assert_int_equal(count, 100);
    assert_string_equal(names[99], "n99");
    wk_names_free(names, count);
    wk_names_free(NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts_grow),
        cmocka_unit_test(test_names_are_joined),
        cmocka_unit_test(test_names_that_do_not_fit),
        cmocka_unit_test(test_lists_of_names),
    };
    return cmocka_run_group_tests(tests, case_begin, case_end);
}
