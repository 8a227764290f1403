#include "database.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/welkin-database-XXXXXX";
static char path[64];

static int make_folder(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/a b#?%%.sqlite3", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static void write_bytes(const char *bytes, size_t count)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, count, file), count);
    assert_int_equal(fclose(file), 0);
}

static wk_database *created(void)
{
    wk_database *database = NULL;
    wk_error error = {0};
    unlink(path);
    assert_int_equal(wk_database_open(&database, path, WK_DATABASE_CREATE, 0, &error), WK_OK);
    assert_int_equal(wk_database_run(database, "CREATE TABLE t(a INTEGER, b TEXT, c REAL)", &error),
                     WK_OK);
    return database;
}

static void test_values_come_back(void **state)
{
    (void)state;
    wk_error error = {0};
    wk_database *database = created();
    wk_query *query = NULL;
    int row = 0;
    assert_int_equal(wk_query_open(&query, database, "INSERT INTO t VALUES (?1, ?2, ?3)", &error),
                     WK_OK);
    for (int i = 0; i < 3; i++) {
        wk_query_bind_integer(query, 1, (int64_t)1 << 60, &error);
        wk_query_bind_text(query, 2, i == 1 ? NULL : "'; DROP TABLE t; --", &error);
        wk_query_bind_real(query, 3, i == 2 ? (double)NAN : 0.1, &error);
        assert_int_equal(wk_query_run(query, &error), WK_OK);
        assert_int_equal(wk_database_changes(database), 1);
    }
    assert_int_equal(wk_database_last_key(database), 3);
    wk_query_close(query);
    assert_int_equal(wk_query_open(&query, database, "SELECT a, b, c FROM t", &error), WK_OK);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(wk_query_step(&row, query, &error), WK_OK);
        assert_int_equal(row, 1);
        assert_true(wk_query_integer(query, 0) == (int64_t)1 << 60);
        if (i == 1)
            assert_null(wk_query_text(query, 1));
        else
            assert_string_equal(wk_query_text(query, 1), "'; DROP TABLE t; --");
        assert_true(i == 2 ? isnan(wk_query_real(query, 2)) : wk_query_real(query, 2) == 0.1);
    }
    assert_int_equal(wk_query_step(&row, query, &error), WK_OK);
    assert_int_equal(row, 0);
    wk_query_close(query);
    wk_database_close(database);
}

static void test_bytes_come_back(void **state)
{
    (void)state;
    wk_error error = {0};
    wk_database *database = created();
    wk_query *query = NULL;
    const unsigned char bytes[4] = {1, 0, 255, 0};
    size_t size = 9;
    int row = 0;
    assert_int_equal(wk_query_open(&query, database, "SELECT ?1, NULL", &error), WK_OK);
    assert_int_equal(wk_query_bind_bytes(query, 1, bytes, 4, &error), WK_OK);
    assert_int_equal(wk_query_step(&row, query, &error), WK_OK);
    assert_memory_equal(wk_query_bytes(&size, query, 0), bytes, 4);
    assert_int_equal(size, 4);
    assert_null(wk_query_bytes(&size, query, 1));
    assert_int_equal(size, 0);
    wk_query_close(query);
    wk_database_close(database);
}

static void test_columns_and_names(void **state)
{
    (void)state;
    wk_error error = {0};
    wk_database *database = created();
    char **names = NULL;
    size_t count = 0;
    assert_int_equal(wk_database_columns(&names, &count, database, "t", &error), WK_OK);
    assert_int_equal(count, 3);
    assert_string_equal(names[2], "c");
    wk_database_columns_free(names, count);
    assert_int_equal(wk_database_columns(&names, &count, database, "none", &error), WK_OK);
    assert_int_equal(count, 0);
    wk_database_columns_free(names, count);
    wk_database_close(database);
    assert_true(wk_database_is_name("dataset_tags_00000003"));
    const char *bad[] = {"", "a b", "a;b", "A", "3a", "a\"", "t--"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(wk_database_is_name(bad[i]));
}

static void test_what_is_undone_is_gone(void **state)
{
    (void)state;
    wk_error error = {0};
    wk_database *database = created();
    wk_query *query = NULL;
    int row = 0;
    wk_database_undo(database); /* outside a transaction: nothing */
    assert_int_equal(wk_database_begin(database, &error), WK_OK);
    assert_int_equal(wk_database_run(database, "INSERT INTO t VALUES (1, 'x', 2)", &error), WK_OK);
    wk_database_undo(database);
    assert_int_equal(wk_query_open(&query, database, "SELECT * FROM t", &error), WK_OK);
    assert_int_equal(wk_query_step(&row, query, &error), WK_OK);
    assert_int_equal(row, 0);
    wk_query_close(query);
    wk_database_close(database);
}

static void refused(wk_database_mode mode, const char *said)
{
    wk_database *database = NULL;
    wk_error error = {0};
    assert_int_equal(wk_database_open(&database, path, mode, 0, &error), WK_FILE);
    assert_null(database);
    assert_string_equal(error.subject, path);
    if (!strstr(error.message, said))
        fail_msg("%s", error.message);
}

static void test_what_is_no_database_is_refused(void **state)
{
    (void)state;
    char noise[4096];
    memset(noise, 'n', sizeof noise);
    unlink(path);
    refused(WK_DATABASE_READ, "no such file");
    refused(WK_DATABASE_WRITE, "no such file");
    assert_int_equal(access(path, F_OK), -1);
    write_bytes(noise, 0);
    refused(WK_DATABASE_READ, "empty");
    write_bytes(noise, sizeof noise);
    refused(WK_DATABASE_READ, "not an SQLite database");
    refused(WK_DATABASE_CREATE, "not an SQLite database");
    wk_database_close(created());
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, 4096, SEEK_SET), 0); /* the second page, of the table */
    assert_int_equal(fwrite(noise, 1, sizeof noise, file), sizeof noise);
    assert_int_equal(fclose(file), 0);
    wk_database *database = NULL;
    wk_error error = {0};
    wk_status status = wk_database_open(&database, path, WK_DATABASE_READ, 0, &error);
    if (!status)
        status = wk_database_run(database, "SELECT * FROM t", &error);
    assert_int_equal(status, WK_FILE);
    assert_non_null(strstr(error.message, "damaged"));
    wk_database_close(database);
}

static void test_a_locked_one_is_refused(void **state)
{
    (void)state;
    wk_error error = {0};
    wk_database *holder = created();
    assert_int_equal(wk_database_run(holder, "BEGIN EXCLUSIVE", &error), WK_OK);
    refused(WK_DATABASE_READ, "locked");
    wk_database_undo(holder);
    wk_database *second = NULL;
    assert_int_equal(wk_database_open(&second, path, WK_DATABASE_READ, 0, &error), WK_OK);
    assert_int_equal(wk_database_run(second, "INSERT INTO t VALUES (1, 2, 3)", &error), WK_FILE);
    assert_non_null(strstr(error.message, "cannot be written"));
    wk_database_close(second);
    wk_database_close(holder);
}

static void test_reading_makes_no_files(void **state)
{
    (void)state;
    static const char *const beside[] = {"-wal", "-shm", "-journal"};
    wk_error error = {0};
    wk_database *database = created();
    wk_query *query = NULL;
    int row = 0;
    assert_int_equal(wk_database_run(database, "PRAGMA journal_mode = WAL", &error), WK_OK);
    assert_int_equal(wk_database_run(database, "INSERT INTO t VALUES (7, 'x', 1)", &error), WK_OK);
    wk_database_close(database);
    assert_int_equal(wk_database_open(&database, path, WK_DATABASE_READ, 0, &error), WK_OK);
    assert_int_equal(wk_query_open(&query, database, "SELECT a FROM t", &error), WK_OK);
    assert_int_equal(wk_query_step(&row, query, &error), WK_OK);
    assert_true(row && wk_query_integer(query, 0) == 7);
    wk_query_close(query);
    wk_database_close(database);
    for (int i = 0; i < 3; i++) {
        char name[80];
        snprintf(name, sizeof name, "%s%s", path, beside[i]);
        assert_int_equal(access(name, F_OK), -1);
    }
}

/* What another program has not yet put into the file itself is seen, too. */
static void test_a_log_is_read(void **state)
{
    (void)state;
    wk_error error = {0};
    wk_database *writer = created(), *reader = NULL;
    wk_query *query = NULL;
    int row = 0;
    assert_int_equal(wk_database_run(writer, "PRAGMA journal_mode = WAL", &error), WK_OK);
    assert_int_equal(wk_database_run(writer, "INSERT INTO t VALUES (7, 'x', 1)", &error), WK_OK);
    assert_int_equal(wk_database_open(&reader, path, WK_DATABASE_READ, 0, &error), WK_OK);
    assert_int_equal(wk_query_open(&query, reader, "SELECT a FROM t", &error), WK_OK);
    assert_int_equal(wk_query_step(&row, query, &error), WK_OK);
    assert_true(row);
    wk_query_close(query);
    wk_database_close(reader);
    wk_database_close(writer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_come_back),
        cmocka_unit_test(test_bytes_come_back),
        cmocka_unit_test(test_columns_and_names),
        cmocka_unit_test(test_what_is_undone_is_gone),
        cmocka_unit_test(test_what_is_no_database_is_refused),
        cmocka_unit_test(test_a_locked_one_is_refused),
        cmocka_unit_test(test_reading_makes_no_files),
        cmocka_unit_test(test_a_log_is_read),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
