#include "table_read.h"

#include <sys/stat.h>

#include "memory.h"
#include "table_case.h"

static void test_names(void **state)
{
    (void)state;
    wk_table *table = table_of("X,x,Flux,ID,id\n1,2,3,4,5\n");
    assert_int_equal(wk_table_columns(table), 5);
    assert_string_equal(wk_table_column_name(table, 2), "Flux");
    assert_null(wk_table_column_name(table, 5));
    assert_int_equal(wk_table_find(table, "X"), 0);
    assert_int_equal(wk_table_find(table, "x"), 1);
    assert_int_equal(wk_table_find(table, "fLUX"), 2);
    assert_int_equal(wk_table_find(table, "Id"), -1);
    assert_int_equal(wk_table_find(table, "flu"), -1);
    assert_int_equal(wk_table_find(table, "fluxes"), -1);
    assert_int_equal(wk_table_find(table, ""), -1);
    numbers_refused(table, "Id", "2 columns are named Id");
    numbers_refused(table, "y", "there is no column y; there are X, x, Flux, ID, id");
    wk_table_free(table);
    table = table_of("a,a\n1,2\n");
    numbers_refused(table, "a", "2 columns are named a");
    wk_table_free(table);
}

static void test_many_names(void **state)
{
    char text[8000] = "c0";
    (void)state;
    for (int i = 1; i < 1000; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), ",c%d", i);
    wk_table *table = table_of(text);
    assert_int_equal(wk_table_columns(table), 1000);
    assert_int_equal(wk_table_find(table, "C999"), 999);
    numbers_refused(table, "y", "there is no column y; there are c0, c1, c2, ");
    numbers_refused(table, "y", " ... (1000 columns)");
    wk_table_free(table);
}

static void test_refused(void **state)
{
    (void)state;
    const char *path = case_path("a.csv"), *pipe = case_path("pipe");
    open_refused(path, WK_FILE, "there is no such file");
    open_refused(case_folder, WK_FILE, "is a directory, not a table");
    case_write(path, "", 0);
    open_refused(path, WK_FILE, "is empty");
    assert_int_equal(mkfifo(pipe, 0600), 0);
    open_refused(pipe, WK_FILE, "is not a regular file");
    case_write(path, "x\n1\n", 4);
    char bracket[160];
    snprintf(bracket, sizeof bracket, "%s[1]", path);
    open_refused(bracket, WK_ARGUMENT, "the file is not FITS");
    snprintf(bracket, sizeof bracket, "%s[]", path);
    open_refused(bracket, WK_ARGUMENT, "is not an extension");
    wk_table_free(NULL);
}

static void test_append(void **state)
{
    (void)state;
    wk_table *table = wk_memory_new(1, sizeof *table, NULL);
    for (int i = 0; i < 100; i++)
        assert_int_equal(wk_table_append(table, wk_memory_text("a", NULL), WK_CONTENT_BITS, NULL),
                         WK_OK);
    assert_int_equal(wk_table_append(table, NULL, WK_CONTENT_BITS, NULL), WK_MEMORY);
    assert_int_equal(table->count, 100);
    assert_int_equal(table->items[99].content, WK_CONTENT_BITS);
    wk_table_free(table);
}

/* The file decides, not its name; what is written is read. */
static void test_written(void **state)
{
    const double levels[] = {0.1, (double)NAN, 1e-300};
    const int64_t ids[] = {1, -2, 1};
    const wk_table_column columns[] = {{"ID", NULL, WK_TABLE_INTEGER, 1, {0, 0}, ids},
                                       {"LEVEL", "electron", WK_TABLE_REAL, 1, {0, 0}, levels}};
    const double numbers[] = {1, -2, 1};
    (void)state;
    const char *path = case_path("written.csv");
    assert_int_equal(wk_table_write(path, "T", columns, 2, 3, NULL, 1, 0, NULL), WK_OK);
    wk_table *table = table_open(path);
    numbers_are(table, "id", numbers, 3);
    numbers_are(table, "level", levels, 3);
    wk_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),   cmocka_unit_test(test_many_names),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_append),
        cmocka_unit_test(test_written),
    };
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
