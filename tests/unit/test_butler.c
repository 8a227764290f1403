#include "welkin/butler.h"

#include "butler_case.h"

static wk_status find(wk_butler_dataset *out, const char *changes, const char *type,
                      const char *collections, const char *const *keys, size_t count,
                      wk_error *error)
{
    wk_butler *butler = case_open(changes);
    assert_int_equal(wk_butler_search(butler, collections, error), WK_OK);
    wk_status status = wk_butler_find(out, butler, type, keys, count, error);
    wk_butler_free(butler);
    return status;
}

static void test_the_first_collection_wins(void **state)
{
    (void)state;
    static const char *const keys[] = {"visit=7", "detector=3"};
    static const char *const cases[][2] = {
        {"top", "run1"}, {"run2,top", "run2"}, {"tag", "run2"}, {"tag,run1", "run2"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        wk_butler_dataset dataset;
        wk_error error = {0};
        if (find(&dataset, NULL, "calexp", cases[i][0], keys, 2, &error))
            fail_msg("%s", error.message);
        assert_string_equal(dataset.run, cases[i][1]);
        wk_butler_dataset_release(&dataset);
    }
}

static void test_what_follows_is_confirmed(void **state)
{
    (void)state;
    static const char *const right[] = {"visit=7", "detector=3", "band=r", "physical_filter=r.1"};
    static const char *const wrong[] = {"visit=7", "detector=3", "band=i"};
    wk_butler_dataset dataset;
    wk_error error = {0};
    assert_int_equal(find(&dataset, NULL, "calexp", "top", right, 4, &error), WK_OK);
    wk_butler_dataset_release(&dataset);
    case_failed(find(&dataset, NULL, "calexp", "top", wrong, 3, &error), WK_ARGUMENT, &error,
                "i contradicts");
    case_failed(find(&dataset, "DELETE FROM visit", "calexp", "top", wrong, 3, &error), WK_ARGUMENT,
                &error, "cannot be judged");
}

static void test_what_is_not_there(void **state)
{
    (void)state;
    static const char *const keys[] = {"visit=8", "detector=3"};
    wk_butler_dataset dataset;
    wk_error error = {0};
    case_failed(find(&dataset, NULL, "calexp", "top", keys, 2, &error), WK_NO_DATA, &error,
                "visit=8 in the collection top");
    case_failed(find(&dataset, NULL, "calexp", "top", keys, 1, &error), WK_ARGUMENT, &error,
                "detector is missing");
    case_failed(find(&dataset, NULL, "calexpp", "top", keys, 1, &error), WK_ARGUMENT, &error,
                "similar: calexp");
    unlink(case_path("a.fits"));
}

static void test_a_search_must_be_named(void **state)
{
    (void)state;
    wk_butler_dataset dataset;
    wk_error error = {0};
    wk_butler *butler = case_open(NULL);
    case_failed(wk_butler_find(&dataset, butler, "calexp", NULL, 0, &error), WK_ARGUMENT, &error,
                "no collections");
    wk_butler_free(butler);
}

static void test_all(void **state)
{
    (void)state;
    static const char *const keys[] = {"band=i"};
    wk_butler_dataset *list = NULL;
    size_t found = 0;
    wk_error error = {0};
    wk_butler *butler = case_open(NULL);
    assert_int_equal(wk_butler_search(butler, NULL, &error), WK_OK);
    assert_int_equal(wk_butler_find_all(&list, &found, butler, "calexp", NULL, 0, &error), WK_OK);
    assert_int_equal(found, 2); /* one of each data ID */
    assert_string_equal(list[0].run, "run1");
    assert_string_equal(list[1].keys[2].value, "9");
    wk_butler_datasets_free(list, found);
    assert_int_equal(wk_butler_find_all(&list, &found, butler, "calexp", keys, 1, &error), WK_OK);
    assert_int_equal(found, 1);
    wk_butler_datasets_free(list, found);
    unlink(case_path("c.fits"));
    case_failed(wk_butler_find_all(&list, &found, butler, "calexp", NULL, 0, &error), WK_FILE,
                &error, "not there");
    assert_int_equal(found, 0);
    wk_butler_free(butler);
}

static void test_what_cannot_be_opened(void **state)
{
    (void)state;
    wk_butler *butler = NULL;
    wk_error error = {0};
    case_repository(NULL);
    unlink(case_path("gen3.sqlite3"));
    case_failed(wk_butler_open(&butler, case_folder, &error), WK_FILE, &error, "no such file");
    case_file("gen3.sqlite3", "no database at all");
    case_failed(wk_butler_open(&butler, case_folder, &error), WK_FILE, &error, "not an SQLite");
    assert_null(butler);
    wk_butler_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_first_collection_wins),
        cmocka_unit_test(test_what_follows_is_confirmed),
        cmocka_unit_test(test_what_is_not_there),
        cmocka_unit_test(test_a_search_must_be_named),
        cmocka_unit_test(test_all),
        cmocka_unit_test(test_what_cannot_be_opened),
    };
    return cmocka_run_group_tests(tests, case_begin, case_end);
}
