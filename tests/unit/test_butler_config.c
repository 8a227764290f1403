#include "butler_config.h"

#include "butler_case.h"

static void read_it(wk_butler_config *config, const char *text)
{
    wk_error error = {0};
    case_file("butler.yaml", text);
    if (wk_butler_config_read(config, case_folder, &error))
        fail_msg("%s", error.message);
}

static void test_defaults(void **state)
{
    (void)state;
    wk_butler_config config;
    read_it(&config, "# nothing\n");
    assert_string_equal(config.root, case_folder);
    assert_string_equal(config.file, case_path("butler.yaml"));
    assert_string_equal(config.database, case_path("gen3.sqlite3"));
    assert_string_equal(config.datastore, case_path("datastore"));
    assert_string_equal(config.table, "file_datastore_records");
    wk_butler_config_release(&config);
    assert_null(config.root);
}

static void test_everything_said(void **state)
{
    (void)state;
    wk_butler_config config;
    read_it(&config,
            "root: /r\n"
            "registry: {db: 'sqlite:////other/x.sqlite3'}\n"
            "datastore: {cls: a.FileDatastore, root: '<butlerRoot>/s', records: {table: t1}}\n");
    assert_string_equal(config.root, "/r");
    assert_string_equal(config.database, "/other/x.sqlite3");
    assert_string_equal(config.datastore, "/r/s");
    assert_string_equal(config.table, "t1");
    wk_butler_config_release(&config);
    read_it(&config,
            "root: inner\nregistry: {db: 'sqlite:///x.db'}\ndatastore: {root: 'file:///a%20b'}\n");
    assert_string_equal(config.database, case_path("inner/x.db"));
    assert_string_equal(config.datastore, "/a b");
    wk_butler_config_release(&config);
}

static void test_chained_datastores(void **state)
{
    (void)state;
    static const char *const ways[] = {"{cls: a.FileDatastore, root: /f}",
                                       "datastore: {cls: a.FileDatastore, root: /f}"};
    for (int i = 0; i < 2; i++) {
        wk_butler_config config;
        char text[200];
        snprintf(text, sizeof text,
                 "datastore:\n  cls: a.ChainedDatastore\n  datastores:\n"
                 "  - {cls: a.InMemoryDatastore}\n  - %s\n",
                 ways[i]);
        read_it(&config, text);
        assert_string_equal(config.datastore, "/f");
        wk_butler_config_release(&config);
    }
}

static void refused(const char *text, wk_status expected, const char *said)
{
    wk_butler_config config;
    wk_error error = {0};
    case_file("butler.yaml", text);
    case_failed(wk_butler_config_read(&config, case_folder, &error), expected, &error, said);
    wk_butler_config_release(&config);
}

static void test_what_is_refused(void **state)
{
    (void)state;
    wk_butler_config config;
    wk_error error = {0};
    refused("cls: a.b.RemoteButler\n", WK_HEADER, "remote");
    refused("registry: {db: 'postgresql://me:secret@h/d'}\n", WK_HEADER, "postgresql://...");
    refused("datastore: {cls: a.InMemoryDatastore}\n", WK_HEADER, "InMemoryDatastore");
    refused("datastore: {cls: a.ChainedDatastore}\n", WK_HEADER, "no FileDatastore");
    refused("datastore: {records: {table: 'a b'}}\n", WK_HEADER, "no name of a table");
    refused("includeConfigs: x.yaml\n", WK_HEADER, "includeConfigs");
    refused("a: !include x\n", WK_HEADER, "tag");
    refused("x\n", WK_FILE, "no names");
    refused("a: b: c\n", WK_FILE, "line 1");
    unlink(case_path("butler.yaml"));
    case_failed(wk_butler_config_read(&config, case_folder, &error), WK_FILE, &error,
                "no butler.yaml");
    wk_butler_config_release(&config);
    case_file("_mapper", "x");
    case_failed(wk_butler_config_read(&config, case_folder, &error), WK_HEADER, &error,
                "generation 2");
    wk_butler_config_release(&config);
    case_failed(wk_butler_config_read(&config, "https://a/b", &error), WK_HEADER, &error,
                "this system");
    wk_butler_config_release(&config);
    case_failed(wk_butler_config_read(&config, case_path("none"), &error), WK_FILE, &error,
                "no such file");
    wk_butler_config_release(&config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_everything_said),
        cmocka_unit_test(test_chained_datastores),
        cmocka_unit_test(test_what_is_refused),
    };
    return cmocka_run_group_tests(tests, case_begin, case_end);
}
