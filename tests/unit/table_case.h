/* What the tests of reading tables share. */
#ifndef WELKIN_TESTS_TABLE_CASE_H
#define WELKIN_TESTS_TABLE_CASE_H

#include <math.h>

#include "fits_case.h"
#include "welkin/table.h"

static inline wk_table *table_open(const char *path)
{
    wk_table *table = NULL;
    wk_error error = {WK_OK, "", ""};
    if (wk_table_open(&table, path, &error) != WK_OK)
        fail_msg("%s: %s", error.subject, error.message);
    return table;
}

static inline wk_table *table_of(const char *text)
{
    const char *path = case_path("table.txt");
    case_write(path, text, strlen(text));
    return table_open(path);
}

/* The same bits; NaNs are all one. */
static inline void numbers_are(const wk_table *table, const char *name, const double *expected,
                               int64_t rows)
{
    double values[32];
    wk_error error = {WK_OK, "", ""};
    assert_int_equal(wk_table_rows(table), rows);
    if (wk_table_numbers(values, table, name, &error) != WK_OK)
        fail_msg("%s: %s", error.subject, error.message);
    for (int64_t i = 0; i < rows; i++)
        if (isnan(expected[i]) ? !isnan(values[i])
                               : memcmp(&values[i], &expected[i], sizeof *values) != 0)
            fail_msg("%s[%d] is %.17g, not %.17g", name, (int)i, values[i], expected[i]);
}

static inline void says(const wk_error *error, const char *words)
{
    if (!strstr(error->message, words))
        fail_msg("'%s' does not say '%s'", error->message, words);
}

static inline void numbers_refused(const wk_table *table, const char *name, const char *words)
{
    double values[32];
    wk_error error = {WK_OK, "", ""};
    assert_int_equal(wk_table_numbers(values, table, name, &error), WK_HEADER);
    says(&error, words);
}

static inline void open_refused(const char *path, wk_status expected, const char *words)
{
    wk_table *table = NULL;
    wk_error error = {WK_OK, "", ""};
    assert_int_equal(wk_table_open(&table, path, &error), expected);
    assert_null(table);
    says(&error, words);
    assert_int_equal(strncmp(error.subject, case_folder, strlen(case_folder)), 0);
}

static inline void text_refused(const char *text, wk_status expected, const char *words)
{
    const char *path = case_path("refused.txt");
    case_write(path, text, strlen(text));
    open_refused(path, expected, words);
}

#endif
