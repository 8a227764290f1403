#include "butler_collection.h"

#include "butler_case.h"

static wk_status order(char *out, size_t size, const char *changes, const char *names,
                       wk_error *error)
{
    wk_butler *butler = case_open(changes);
    wk_status status =
        wk_collections_search(&butler->search, &butler->collections, names, "s", error);
    snprintf(out, size, "%s", status ? "" : butler->search.leaves);
    wk_butler_free(butler);
    return status;
}

static void test_the_order_of_search(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {NULL, "top", "[1,2,3]"},
        {NULL, "below", "[1,2]"},
        {NULL, NULL, "[1,2,3]"},
        {NULL, "tag,top", "[3,1,2]"},
        {NULL, "run2,run1,run2", "[2,1]"},
        {"UPDATE collection_chain SET position = 7 WHERE child = 1", "below", "[2,1]"},
        {"INSERT INTO collection_chain VALUES (4, -1, 2)", "top", "[2,1,3]"},
        {"DELETE FROM collection_chain WHERE parent = 5", "below", "[]"},
        {"DELETE FROM collection_chain; DELETE FROM collection WHERE collection_id NOT IN (2, 6)",
         NULL, "[2]"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char leaves[64];
        wk_error error = {0};
        if (order(leaves, sizeof leaves, cases[i][0], cases[i][1], &error))
            fail_msg("%s", error.message);
        assert_string_equal(leaves, cases[i][2]);
    }
}

static void refused(const char *changes, const char *names, wk_status expected, const char *said)
{
    char leaves[64];
    wk_error error = {0};
    case_failed(order(leaves, sizeof leaves, changes, names, &error), expected, &error, said);
}

static void test_what_cannot_be_searched(void **state)
{
    (void)state;
    refused(NULL, "tops", WK_ARGUMENT, "similar: top");
    refused(NULL, "", WK_ARGUMENT, "no collection");
    refused(NULL, "top,", WK_ARGUMENT, "no collection");
    refused(NULL, "calib", WK_ARGUMENT, "CALIBRATION");
    refused("INSERT INTO collection_chain VALUES (5, 9, 4)", "top", WK_HEADER, "contains itself");
    refused("INSERT INTO collection_chain VALUES (5, 9, 5)", "top", WK_HEADER,
            "below contains itself");
    refused("DELETE FROM collection_chain WHERE child = 5", NULL, WK_ARGUMENT, "below, top");
    refused("DELETE FROM collection; DELETE FROM collection_chain", NULL, WK_ARGUMENT,
            "no collections");
    refused("DELETE FROM collection WHERE type = 3; DELETE FROM collection_chain", NULL,
            WK_ARGUMENT, "run1, run2, tag");
}

static void test_a_failure_leaves_the_search(void **state)
{
    (void)state;
    wk_error error = {0};
    wk_butler *butler = case_open(NULL);
    assert_int_equal(wk_butler_search(butler, "run2", &error), WK_OK);
    assert_int_equal(wk_butler_search(butler, "none", &error), WK_ARGUMENT);
    assert_string_equal(butler->search.leaves, "[2]");
    assert_string_equal(butler->search.names, "run2");
    assert_int_equal(butler->search.count, 1);
    wk_butler_free(butler);
}

static void test_what_is_listed(void **state)
{
    (void)state;
    size_t count;
    wk_butler *butler = case_open(NULL);
    const wk_butler_collection *list = wk_butler_collections(&count, butler);
    assert_int_equal(count, 6);
    assert_string_equal(list[0].name, "below");
    assert_int_equal(list[0].child_count, 2);
    assert_string_equal(list[list[0].children[1]].name, "run2");
    assert_true(list[0].is_child);
    assert_string_equal(list[5].name, "top");
    assert_int_equal(list[5].type, WK_COLLECTION_CHAINED);
    assert_string_equal(list[list[5].children[0]].name, "calib");
    assert_false(list[5].is_child);
    wk_butler_free(butler);
}

static void test_what_makes_no_sense(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"UPDATE collection SET type = 0 WHERE collection_id = 1", "unknown type 0"},
        {"UPDATE collection SET name = NULL WHERE collection_id = 1", "without a name"},
        {"INSERT INTO collection_chain VALUES (4, 8, 77)", "77"},
        {"INSERT INTO collection_chain VALUES (78, 8, 1)", "78"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        wk_butler *butler = NULL;
        wk_error error = {0};
        case_repository(cases[i][0]);
        case_failed(wk_butler_open(&butler, case_folder, &error), WK_HEADER, &error, cases[i][1]);
        assert_null(butler);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_order_of_search),
        cmocka_unit_test(test_what_cannot_be_searched),
        cmocka_unit_test(test_a_failure_leaves_the_search),
        cmocka_unit_test(test_what_is_listed),
        cmocka_unit_test(test_what_makes_no_sense),
    };
    return cmocka_run_group_tests(tests, case_begin, case_end);
}
