#include "butler_type.h"

#include "butler_case.h"

static void test_a_type_is_found(void **state)
{
    (void)state;
    wk_dataset_type type;
    wk_error error = {0};
    wk_butler *butler = case_open(NULL);
    assert_int_equal(wk_dataset_type_find(&type, butler, "calexp", &error), WK_OK);
    assert_int_equal(type.id, 11);
    assert_string_equal(type.storage_class, "ExposureF");
    assert_string_equal(type.table, "dataset_tags_1");
    assert_int_equal(type.count, 3); /* the column more is no key, says the graph */
    assert_string_equal(type.dimensions[1], "detector");
    assert_false(type.integer[0]);
    assert_true(type.integer[1] && type.integer[2]);
    assert_int_equal(wk_dataset_type_dimension(&type, "visit"), 2);
    assert_int_equal(wk_dataset_type_dimension(&type, "more"), -1);
    wk_dataset_type_release(&type);
    wk_butler_free(butler);
}

static void test_columns_stand_for_a_graph(void **state)
{
    (void)state;
    static const char *const changes[] = {"DELETE FROM dimension_graph_definition",
                                          "DROP TABLE dimension_graph_definition"};
    for (int i = 0; i < 2; i++) {
        wk_dataset_type type;
        wk_error error = {0};
        wk_butler *butler = case_open(changes[i]);
        assert_int_equal(wk_dataset_type_find(&type, butler, "calexp", &error), WK_OK);
        assert_int_equal(type.count, 4);
        assert_string_equal(type.dimensions[3], "more");
        wk_dataset_type_release(&type);
        wk_butler_free(butler);
    }
}

static void test_what_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *changes, *name, *said;
        wk_status status;
    } cases[] = {
        {NULL, "calexq", "similar: calexp", WK_ARGUMENT},
        {NULL, "", "no dataset type", WK_ARGUMENT},
        {"UPDATE dataset_type SET tag_association_table = 'visit'", "calexp", "\"visit\"",
         WK_HEADER},
        {"UPDATE dataset_type SET tag_association_table = 'dataset_tags_1\" --'", "calexp",
         "no name", WK_HEADER},
        {"UPDATE dataset_type SET tag_association_table = NULL", "calexp", "\"\"", WK_HEADER},
        {"UPDATE dataset_type SET tag_association_table = 'dataset_tags_2'", "calexp", "not there",
         WK_HEADER},
        {"DELETE FROM dimension_graph_definition;"
         "ALTER TABLE dataset_tags_1 ADD COLUMN 'a b' INTEGER",
         "calexp", "no key", WK_HEADER},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        wk_dataset_type type;
        wk_error error = {0};
        wk_butler *butler = case_open(cases[i].changes);
        case_failed(wk_dataset_type_find(&type, butler, cases[i].name, &error), cases[i].status,
                    &error, cases[i].said);
        wk_dataset_type_release(&type);
        wk_butler_free(butler);
    }
}

static void test_list(void **state)
{
    (void)state;
    wk_butler_type *types = NULL;
    size_t count = 0;
    wk_error error = {0};
    wk_butler *butler = case_open(NULL);
    assert_int_equal(wk_butler_types(&types, &count, butler, NULL, &error), WK_OK);
    assert_int_equal(count, 2);
    assert_string_equal(types[0].name, "calexp");
    assert_int_equal(types[0].datasets, 3); /* the tag has one of them again */
    assert_int_equal(types[0].dimension_count, 3);
    wk_butler_types_free(types, count);
    assert_int_equal(wk_butler_search(butler, "top", &error), WK_OK);
    assert_int_equal(wk_butler_types(&types, &count, butler, "c*", &error), WK_OK);
    assert_int_equal(count, 1);
    assert_int_equal(types[0].datasets, 2); /* data IDs */
    wk_butler_types_free(types, count);
    assert_int_equal(wk_butler_types(&types, &count, butler, "x*", &error), WK_OK);
    assert_int_equal(count, 0);
    wk_butler_types_free(types, count);
    wk_butler_free(butler);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_type_is_found),
        cmocka_unit_test(test_columns_stand_for_a_graph),
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_list),
    };
    return cmocka_run_group_tests(tests, case_begin, case_end);
}
