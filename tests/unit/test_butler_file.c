#include "butler_file.h"

#include "butler_case.h"
#include "butler_dataset.h"

/* The first dataset of a type. */
static wk_status take(wk_butler_dataset *out, const char *changes, const char *name,
                      const char *component, wk_error *error)
{
    wk_dataset_type type;
    wk_data_id id = {0};
    wk_lookup lookup;
    wk_query *query = NULL;
    int row = 0;
    wk_butler *butler = case_open(changes);
    assert_int_equal(wk_butler_search(butler, "top", error), WK_OK);
    assert_int_equal(wk_dataset_type_find(&type, butler, name, error), WK_OK);
    assert_int_equal(wk_data_id_read(&id, &type, NULL, 0, butler, error), WK_OK);
    assert_int_equal(wk_dataset_query(&query, &type, &id, butler, error), WK_OK);
    assert_int_equal(wk_query_step(&row, query, error), WK_OK);
    assert_int_equal(row, 1);
    assert_int_equal(wk_lookup_open(&lookup, &type, component, butler, error), WK_OK);
    wk_status status = wk_lookup_dataset(out, &lookup, query, error);
    wk_lookup_close(&lookup);
    wk_query_close(query);
    wk_data_id_release(&id);
    wk_dataset_type_release(&type);
    wk_butler_free(butler);
    return status;
}

static void test_one_file(void **state)
{
    (void)state;
    wk_butler_dataset dataset;
    wk_error error = {0};
    if (take(&dataset, NULL, "calexp", NULL, &error))
        fail_msg("%s", error.message);
    assert_string_equal(dataset.id, "01234567-89ab-cdef-0123-456789abcdef");
    assert_string_equal(dataset.run, "run1");
    assert_int_equal(dataset.key_count, 5);
    assert_string_equal(dataset.keys[2].name, "visit");
    assert_string_equal(dataset.keys[2].value, "7");
    assert_true(dataset.keys[2].integer && dataset.keys[2].required);
    assert_string_equal(dataset.keys[3].value, "r.1");
    assert_string_equal(dataset.keys[4].value, "r");
    assert_false(dataset.keys[4].required);
    assert_int_equal(dataset.file_count, 1);
    assert_null(dataset.files[0].component);
    assert_string_equal(dataset.files[0].path, case_path("a.fits"));
    assert_int_equal(dataset.files[0].size, 1);
    assert_int_equal(dataset.files[0].recorded, 1);
    wk_butler_dataset_release(&dataset);
    assert_null(dataset.files);
}

static void test_components(void **state)
{
    (void)state;
    wk_butler_dataset dataset;
    wk_error error = {0};
    assert_int_equal(take(&dataset, NULL, "parts", NULL, &error), WK_OK);
    assert_int_equal(dataset.file_count, 2);
    assert_string_equal(dataset.files[1].component, "mask");
    assert_string_equal(dataset.files[1].storage_class, "Mask");
    wk_butler_dataset_release(&dataset);
    assert_int_equal(take(&dataset, NULL, "parts", "mask", &error), WK_OK);
    assert_int_equal(dataset.file_count, 1);
    assert_string_equal(dataset.files[0].path, case_path("m.fits"));
    wk_butler_dataset_release(&dataset);
    case_failed(take(&dataset, NULL, "parts", "wcs", &error), WK_ARGUMENT, &error, "image, mask");
    case_failed(take(&dataset, NULL, "calexp", "mask", &error), WK_ARGUMENT, &error, "one file");
}

static void test_what_a_registry_lacks(void **state)
{
    (void)state;
    wk_butler_dataset dataset;
    wk_error error = {0};
    assert_int_equal(
        take(&dataset, "DROP TABLE dataset; DROP TABLE physical_filter", "calexp", NULL, &error),
        WK_OK);
    assert_null(dataset.run);
    assert_int_equal(dataset.key_count, 4); /* the filter, but no band */
    wk_butler_dataset_release(&dataset);
    assert_int_equal(
        take(&dataset, "DELETE FROM visit; DELETE FROM dataset", "calexp", NULL, &error), WK_OK);
    assert_int_equal(dataset.key_count, 3);
    wk_butler_dataset_release(&dataset);
    case_failed(take(&dataset, "DELETE FROM file_datastore_records", "calexp", NULL, &error),
                WK_FILE, &error, "no file of it");
    case_failed(
        take(&dataset, "UPDATE file_datastore_records SET path = NULL", "calexp", NULL, &error),
        WK_FILE, &error, "no regular file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_file),
        cmocka_unit_test(test_components),
        cmocka_unit_test(test_what_a_registry_lacks),
    };
    return cmocka_run_group_tests(tests, case_begin, case_end);
}
