#include "fits_record.h"

#include "memory.h"
#include "fits_case.h"

typedef struct row {
    int64_t key;
    double pair[2];
    char *name;
    float small;
    int32_t count;
} row;

static const wk_fits_record_field fields[] = {{"KEY", NULL, 'K', 1, offsetof(row, key)},
                                              {"PAIR", "deg", 'D', 2, offsetof(row, pair)},
                                              {"NAME", NULL, 'A', 1, offsetof(row, name)},
                                              {"SMALL", NULL, 'E', 1, offsetof(row, small)},
                                              {"COUNT", "pixel", 'J', 1, offsetof(row, count)}};
static const wk_fits_record_form form = {"ROWS", fields, 5, sizeof(row)};

enum { rows = 20000 }; /* more than one piece of 2^18 bytes */

static char names[rows][24];
static row written[rows];

static void fill_rows(void)
{
    for (int64_t i = 0; i < rows; i++) {
        snprintf(names[i], sizeof names[i], "n%*s%lld", (int)(i % 7), "", (long long)i);
        written[i] = (row){.key = (i << 40) - 7,
                           .pair = {0.1 * (double)i, -1.0 / (double)(i + 1)},
                           .name = i % 11 ? names[i] : NULL,
                           .small = 0.3F * (float)i,
                           .count = (int32_t)(1 - i)};
    }
}

static void write_file(const char *path, int64_t announced, int64_t put, wk_status want)
{
    wk_fits_writer *writer = NULL;
    wk_fits_record_writer table;
    assert_int_equal(wk_fits_create(&writer, path, 1, 0, NULL), WK_OK);
    assert_int_equal(wk_fits_append_primary(writer, NULL, 0, NULL), WK_OK);
    assert_int_equal(wk_fits_record_begin(&table, writer, &form, NULL, 0, written, announced, NULL),
                     WK_OK);
    for (int64_t done = 0; done < put; done += 777)
        assert_int_equal(
            wk_fits_record_put(&table, written + done, put - done < 777 ? put - done : 777, NULL),
            WK_OK);
    assert_int_equal(wk_fits_record_end(&table, NULL), want);
    if (want == WK_OK)
        assert_int_equal(wk_fits_finish(writer, NULL), WK_OK);
    else
        wk_fits_abandon(writer);
}

static void check_row(const row *found, const row *want)
{
    assert_int_equal(found->key, want->key);
    assert_memory_equal(found->pair, want->pair, sizeof found->pair);
    assert_string_equal(found->name, want->name ? want->name : "");
    assert_true(found->small == want->small);
    assert_int_equal(found->count, want->count);
}

/* What is read is what was written, from any row on; CFITSIO finds the same in the columns. */
static void test_there_and_back(void **state)
{
    (void)state;
    const char *path = case_path("t.fits");
    wk_fits *fits = NULL;
    wk_fits_hdu *hdus = NULL;
    int count, status = 0, any;
    wk_fits_record_reader table;
    static row read[rows];
    fill_rows();
    write_file(path, rows, rows, WK_OK);
    assert_int_equal(wk_fits_open(&fits, path, NULL), WK_OK);
    assert_int_equal(wk_fits_list(&hdus, &count, fits, NULL), WK_OK);
    assert_int_equal(wk_fits_record_open(&table, fits, hdus, count, &form, NULL), WK_OK);
    assert_int_equal(table.rows, rows);
    assert_int_equal(wk_fits_record_read(read, &table, 100, rows - 100, NULL), WK_OK);
    for (int64_t i = 0; i + 100 < rows; i++) {
        check_row(&read[i], &written[i + 100]);
        wk_memory_free(read[i].name);
    }
    wk_fits_record_close(&table);
    wk_memory_free(hdus);
    wk_fits_close(fits);
    fitsfile *file;
    LONGLONG key;
    double pair[2];
    fits_open_file(&file, path, READONLY, &status);
    fits_movnam_hdu(file, BINARY_TBL, "ROWS", 0, &status);
    fits_read_col(file, TLONGLONG, 1, 1235, 1, 1, NULL, &key, &any, &status);
    fits_read_col(file, TDOUBLE, 2, 1235, 1, 2, NULL, pair, &any, &status);
    assert_int_equal(status, 0);
    assert_int_equal(key, written[1234].key);
    assert_true(pair[1] == written[1234].pair[1]);
    int data_ok, hdu_ok;
    fits_verify_chksum(file, &data_ok, &hdu_ok, &status);
    assert_int_equal(data_ok == 1 && hdu_ok == 1, 1);
    fits_close_file(file, &status);
}

/* Rows that are missing or too many are no table. */
static void test_rows_are_counted(void **state)
{
    (void)state;
    const char *path = case_path("u.fits");
    fill_rows();
    write_file(path, 100, 99, WK_ARGUMENT);
    assert_int_equal(access(path, F_OK), -1);
    wk_fits_writer *writer = NULL;
    wk_fits_record_writer table;
    assert_int_equal(wk_fits_create(&writer, path, 1, 0, NULL), WK_OK);
    assert_int_equal(wk_fits_append_primary(writer, NULL, 0, NULL), WK_OK);
    assert_int_equal(wk_fits_record_begin(&table, writer, &form, NULL, 0, written, 5, NULL), WK_OK);
    assert_int_equal(wk_fits_record_put(&table, written, 6, NULL), WK_ARGUMENT);
    wk_fits_record_abandon(&table);
    wk_fits_abandon(writer);
}

static void refuse(const char *path, const wk_fits_record_form *wanted, const char *said)
{
    wk_fits *fits = NULL;
    wk_fits_hdu *hdus = NULL;
    int count;
    wk_fits_record_reader table;
    wk_error error = {WK_OK, "", ""};
    assert_int_equal(wk_fits_open(&fits, path, NULL), WK_OK);
    assert_int_equal(wk_fits_list(&hdus, &count, fits, NULL), WK_OK);
    assert_int_equal(wk_fits_record_open(&table, fits, hdus, count, wanted, &error), WK_HEADER);
    assert_non_null(strstr(error.message, said));
    wk_memory_free(hdus);
    wk_fits_close(fits);
}

static void test_other_tables(void **state)
{
    (void)state;
    const char *path = case_path("v.fits");
    fill_rows();
    write_file(path, 3, 3, WK_OK);
    wk_fits_record_field other[5];
    wk_fits_record_form wanted = {"ROWS", other, 5, sizeof(row)};
    memcpy(other, fields, sizeof other);
    other[0].name = "KEYS";
    refuse(path, &wanted, "KEYS is missing");
    other[0].name = "KEY";
    other[1].repeat = 3;
    refuse(path, &wanted, "PAIR is of another type");
    other[1].repeat = 2;
    other[4].code = 'E';
    refuse(path, &wanted, "COUNT is of another type");
    wanted.name = "OTHER";
    refuse(path, &wanted, "no table OTHER");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_there_and_back),
                                       cmocka_unit_test(test_rows_are_counted),
                                       cmocka_unit_test(test_other_tables)};
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
