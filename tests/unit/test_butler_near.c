#include "butler_near.h"

#include "butler_case.h"

static void test_distances(void **state)
{
    (void)state;
    /* Levenshtein's, of textbooks */
    assert_int_equal(wk_near_distance("kitten", "sitting"), 3);
    assert_int_equal(wk_near_distance("saturday", "sunday"), 3);
    assert_int_equal(wk_near_distance("", "abc"), 3);
    assert_int_equal(wk_near_distance("abc", ""), 3);
    assert_int_equal(wk_near_distance("", ""), 0);
    assert_int_equal(wk_near_distance("CalExp", "calexp"), 0);
}

static void test_long_words(void **state)
{
    (void)state;
    char a[1000], b[1000];
    memset(a, 'a', sizeof a);
    memset(b, 'b', sizeof b);
    a[999] = b[999] = '\0';
    assert_int_equal(wk_near_distance(a, b), 127);
}

static void test_the_likest_come_first(void **state)
{
    (void)state;
    const char *const names[] = {"deepCoadd", "deepCoadd_calexp", "calexp", "calexpBackground",
                                 "skyMap"};
    char out[200];
    wk_near_names(out, sizeof out, "calexxp", names, 5);
    assert_string_equal(out, "calexp");
    wk_near_names(out, sizeof out, "calex", names, 5);
    assert_string_equal(out, "calexp, deepCoadd_calexp, calexpBackground");
    wk_near_names(out, sizeof out, "BACKGROUND", names, 5);
    assert_string_equal(out, "calexpBackground");
    wk_near_names(out, sizeof out, "my_skyMap_2", names, 5);
    assert_string_equal(out, "skyMap");
    wk_near_names(out, sizeof out, "nothing", names, 5);
    assert_string_equal(out, "");
    wk_near_names(out, sizeof out, "x", names, 0);
    assert_string_equal(out, "");
}

static void test_five_at_most(void **state)
{
    (void)state;
    const char *const names[] = {"n14", "n13", "n12", "n11", "n10", "n1", "n"};
    char out[200];
    wk_near_names(out, sizeof out, "n1", names, 7);
    assert_string_equal(out, "n1, n14, n13, n12, n11");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_distances),
        cmocka_unit_test(test_long_words),
        cmocka_unit_test(test_the_likest_come_first),
        cmocka_unit_test(test_five_at_most),
    };
    return cmocka_run_group_tests(tests, case_begin, case_end);
}
