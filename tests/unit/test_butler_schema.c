#include "butler_schema.h"

#include "butler_case.h"

static wk_status check(const char *changes, wk_error *error)
{
    wk_database *database = NULL;
    const char *path = case_path("gen3.sqlite3");
    case_repository(changes);
    assert_int_equal(wk_database_open(&database, path, WK_DATABASE_READ, 0, error), WK_OK);
    wk_status status = wk_butler_schema_check(database, path, "file_datastore_records", error);
    wk_database_close(database);
    return status;
}

static void test_known_ones(void **state)
{
    (void)state;
    static const char *const changes[] = {
        NULL, "UPDATE butler_attributes SET value = '2.7.1' WHERE name LIKE 'version:b%'",
        "UPDATE butler_attributes SET value = '1.0.5' WHERE name LIKE 'version:b%'",
        "INSERT INTO butler_attributes VALUES ('config:registry.managers.obscore', 'x.Y')"};
    wk_error error = {0};
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++)
        if (check(changes[i], &error))
            fail_msg("%s", error.message);
}

static void test_unknown_ones(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"UPDATE butler_attributes SET value = '3.0.0' WHERE name LIKE 'version:a%'", "3.0.0"},
        {"UPDATE butler_attributes SET value = '20' WHERE name LIKE 'version:a%'", "20"},
        {"UPDATE butler_attributes SET value = '' WHERE name LIKE 'version:a%'", "version"},
        {"DELETE FROM butler_attributes WHERE name LIKE 'version:a%'", "(none)"},
        {"DELETE FROM butler_attributes WHERE name LIKE 'config%datasets'", "does not say"},
        {"UPDATE butler_attributes SET value = 'x.NameKeyCollectionManager'"
         " WHERE name LIKE 'config%collections'",
         "names for keys"},
        {"UPDATE butler_attributes SET value = 'Plain' WHERE name LIKE 'config%datasets'", "Plain"},
        {"UPDATE butler_attributes SET value = NULL WHERE name LIKE 'config%datasets'",
         "does not say"},
        {"INSERT INTO butler_attributes VALUES ('config:registry.managers.opaque', 'x.New')",
         "New"},
        {"DROP TABLE butler_attributes", "generation 3"},
        {"DROP TABLE collection", "collection has no column collection_id"},
        {"ALTER TABLE file_datastore_records RENAME COLUMN file_size TO size", "file_size"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        wk_error error = {0};
        case_failed(check(cases[i][0], &error), WK_HEADER, &error, cases[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_ones),
        cmocka_unit_test(test_unknown_ones),
    };
    return cmocka_run_group_tests(tests, case_begin, case_end);
}
