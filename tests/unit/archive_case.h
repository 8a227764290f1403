/* A file with an archive, written by CFITSIO: an object of two parts and one of none. */
#ifndef ARCHIVE_CASE_H
#define ARCHIVE_CASE_H

#include <fitsio.h>

#include "butler_case.h"

enum { CASE_INDEX_ROWS = 4 };

/* id, cat.archive, cat.persistable, row0, nrows; the parts of object 1 stand in the wrong order */
static int case_index[CASE_INDEX_ROWS][5] = {
    {1, 2, 1, 0, 2}, {1, 1, 0, 1, 3}, {2, -1, 0, 0, 0}, {7, 1, 0, 0, 1}};

static inline void case_table(fitsfile *file, long rows, int columns, const char *const *names,
                              const char *const *forms, int *status)
{
    char *type[8], *form[8];
    for (int i = 0; i < columns; i++) {
        type[i] = (char *)(uintptr_t)names[i];
        form[i] = (char *)(uintptr_t)forms[i];
    }
    fits_create_tbl(file, BINARY_TBL, rows, columns, type, form, NULL, NULL, status);
}

static inline void case_write_index(fitsfile *file, int *status)
{
    static const char *const names[] = {"id", "cat.archive", "cat.persistable", "row0", "nrows"};
    static const char *const forms[] = {"1J", "1J", "1J", "1J", "1J"};
    case_table(file, 0, 5, names, forms, status);
    for (int i = 0; i < CASE_INDEX_ROWS; i++)
        for (int k = 0; k < 5; k++)
            fits_write_col(file, TINT, k + 1, i + 1, 1, 1, &case_index[i][k], status);
}

/* The number of object is COADD_INPUTS's. */
static inline const char *case_archive(const char *name, int object)
{
    static const char *const visit_names[] = {"id", "weight", "filter"};
    static const char *const visit_forms[] = {"1K", "1D", "8A"};
    static const char *const ccd_names[] = {"id", "visit", "ccd", "weight"};
    static const char *const ccd_forms[] = {"1K", "1K", "1J", "1E"};
    LONGLONG ids[] = {99, 703697, 9007199254740993, -5}, visits[] = {703697, 703698};
    double weights[] = {0.0, 0.25, 0.5, 0.125};
    const char *filters[] = {"x", "r", "i_sim_14", ""};
    int detectors[] = {80, 81}, status = 0, place = 2;
    fitsfile *file;
    const char *path = case_path(name);
    unlink(path);
    fits_create_file(&file, path, &status);
    fits_create_img(file, BYTE_IMG, 0, NULL, &status);
    fits_write_key(file, TINT, "AR_HDU", &place, NULL, &status);
    fits_write_key(file, TINT, "HIERARCH ARCHIVE_ID_COADD_INPUTS", &object, NULL, &status);
    case_write_index(file, &status);
    case_table(file, 4, 3, visit_names, visit_forms, &status);
    fits_write_col(file, TLONGLONG, 1, 1, 1, 4, ids, &status);
    fits_write_col(file, TDOUBLE, 2, 1, 1, 4, weights, &status);
    fits_write_col(file, TSTRING, 3, 1, 1, 4, (void *)filters, &status);
    case_table(file, 2, 4, ccd_names, ccd_forms, &status);
    fits_write_col(file, TLONGLONG, 1, 1, 1, 2, visits, &status);
    fits_write_col(file, TLONGLONG, 2, 1, 1, 2, visits, &status);
    fits_write_col(file, TINT, 3, 1, 1, 2, detectors, &status);
    fits_write_col(file, TDOUBLE, 4, 1, 1, 2, weights + 1, &status);
    fits_close_file(file, &status);
    assert_int_equal(status, 0);
    return path;
}

#endif
