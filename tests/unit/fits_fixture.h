/* FITS files for tests, written by CFITSIO alone into a folder that goes away with the test. */
#ifndef WELKIN_TEST_FITS_FIXTURE_H
#define WELKIN_TEST_FITS_FIXTURE_H

#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <fitsio.h>

#define FIXTURE static __attribute__((unused))

static char fixture_folder[64];

FIXTURE int fixture_setup(void **state)
{
    (void)state;
    snprintf(fixture_folder, sizeof fixture_folder, "/tmp/welkin-test-XXXXXX");
    return mkdtemp(fixture_folder) ? 0 : -1;
}

/* The path of a file in the folder; good for the next seven calls. */
FIXTURE const char *fixture_path(const char *name)
{
    static char paths[8][400];
    static int next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", fixture_folder, name);
    return path;
}

FIXTURE int fixture_teardown(void **state)
{
    (void)state;
    DIR *folder = opendir(fixture_folder);
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        if (entry->d_name[0] != '.')
            remove(fixture_path(entry->d_name));
    if (folder)
        closedir(folder);
    return rmdir(fixture_folder);
}

/* A new file; a name that ends in .gz gives a gzipped one. */
FIXTURE fitsfile *fixture_create(const char *name)
{
    fitsfile *file = NULL;
    int status = 0;
    remove(fixture_path(name));
    fits_create_file(&file, fixture_path(name), &status);
    assert_int_equal(status, 0);
    return file;
}

FIXTURE void fixture_close(fitsfile *file)
{
    int status = 0;
    fits_close_file(file, &status);
    assert_int_equal(status, 0);
}

/* A new HDU with an image of any axes; extver 0: none. */
FIXTURE void fixture_hdu(fitsfile *file, int bitpix, int axes, long *size, const char *extname,
                         int extver)
{
    int status = 0;
    fits_create_img(file, bitpix, axes, size, &status);
    if (extname)
        fits_update_key(file, TSTRING, "EXTNAME", (void *)(uintptr_t)extname, NULL, &status);
    if (extver)
        fits_update_key(file, TINT, "EXTVER", &extver, NULL, &status);
    assert_int_equal(status, 0);
}

FIXTURE void fixture_empty(fitsfile *file)
{
    fixture_hdu(file, BYTE_IMG, 0, NULL, NULL, 0);
}

FIXTURE void fixture_fill(fitsfile *file, int type, const void *values, long count)
{
    int status = 0;
    fits_write_img(file, type, 1, count, (void *)(uintptr_t)values, &status);
    assert_int_equal(status, 0);
}

/* An image whose pixels are first, first + 1, ... in the file's order.  CFITSIO compresses no other
 * type than the image's own. */
FIXTURE void fixture_ramp(fitsfile *file, int bitpix, long width, long height, const char *extname,
                          int extver, int first)
{
    long size[2] = {width, height}, count = width * height;
    int *values = malloc((size_t)count * sizeof *values);
    short *narrow = malloc((size_t)count * sizeof *narrow);
    assert_true(values && narrow);
    for (long i = 0; i < count; i++) {
        values[i] = first + (int)i;
        narrow[i] = (short)values[i];
    }
    fixture_hdu(file, bitpix, 2, size, extname, extver);
    if (bitpix == SHORT_IMG)
        fixture_fill(file, TSHORT, narrow, count);
    else
        fixture_fill(file, TINT, values, count);
    free(values);
    free(narrow);
}

/* An image of one value everywhere. */
FIXTURE void fixture_flat(fitsfile *file, int bitpix, long width, long height, const char *extname,
                          int extver, double value)
{
    long size[2] = {width, height};
    double *values = malloc((size_t)(width * height) * sizeof *values);
    assert_non_null(values);
    for (long i = 0; i < width * height; i++)
        values[i] = value;
    fixture_hdu(file, bitpix, 2, size, extname, extver);
    fixture_fill(file, TDOUBLE, values, width * height);
    free(values);
}

/* Change one pixel (0-based) of the image last written. */
FIXTURE void fixture_pixel(fitsfile *file, long index, double value)
{
    int status = 0;
    fits_write_img(file, TDOUBLE, index + 1, 1, &value, &status);
    assert_int_equal(status, 0);
}

FIXTURE void fixture_key(fitsfile *file, const char *keyword, const char *value)
{
    int status = 0;
    fits_update_key(file, TSTRING, keyword, (void *)(uintptr_t)value, NULL, &status);
    assert_int_equal(status, 0);
}

FIXTURE void fixture_number(fitsfile *file, const char *keyword, double value)
{
    int status = 0;
    fits_update_key(file, TDOUBLE, keyword, &value, NULL, &status);
    assert_int_equal(status, 0);
}

FIXTURE void fixture_table(fitsfile *file)
{
    char *names[] = {"X"}, *forms[] = {"1D"};
    int status = 0;
    fits_create_tbl(file, BINARY_TBL, 3, 1, names, forms, NULL, "TABLE", &status);
    assert_int_equal(status, 0);
}

/* Write bytes as they are. */
FIXTURE void fixture_bytes(const char *name, const void *bytes, size_t count)
{
    FILE *file = fopen(fixture_path(name), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, count, file), count);
    fclose(file);
}

/* A file's bytes; the caller frees. */
FIXTURE char *fixture_read(const char *name, size_t *count)
{
    struct stat info;
    assert_int_equal(stat(fixture_path(name), &info), 0);
    char *bytes = malloc((size_t)info.st_size + 1);
    FILE *file = fopen(fixture_path(name), "rb");
    assert_non_null(file);
    assert_non_null(bytes);
    *count = fread(bytes, 1, (size_t)info.st_size, file);
    fclose(file);
    return bytes;
}

/* Copy a file's first bytes (all but the last -count when count is negative). */
FIXTURE void fixture_cut(const char *from, const char *to, long count)
{
    size_t size = 0;
    char *bytes = fixture_read(from, &size);
    fixture_bytes(to, bytes, count < 0 ? size - (size_t)-count : (size_t)count);
    free(bytes);
}

/* Copy a file, overwriting the first record that begins with card by card's text. */
FIXTURE void fixture_patch(const char *from, const char *to, const char *card)
{
    size_t size = 0;
    char *bytes = fixture_read(from, &size);
    int found = 0;
    for (size_t at = 0; at + 80 <= size && !found; at += 80)
        if (memcmp(bytes + at, card, 8) == 0) {
            memcpy(bytes + at, card, strlen(card));
            found = 1;
        }
    assert_true(found);
    fixture_bytes(to, bytes, size);
    free(bytes);
}

/* A file of the shared folder, WELKIN_SHARED or beside the project's; NULL, with the reason
 * printed, where there is none.  cmocka's skip() writes "not ok" in TAP, which Meson takes for a
 * failure. */
FIXTURE const char *fixture_shared(const char *name)
{
    static char path[1024];
    const char *shared = getenv("WELKIN_SHARED");
    const char *slash = strrchr(__FILE__, '/');
    if (shared)
        snprintf(path, sizeof path, "%s/%s", shared, name);
    else
        snprintf(path, sizeof path, "%.*s/../../../shared/%s", slash ? (int)(slash - __FILE__) : 1,
                 slash ? __FILE__ : ".", name);
    if (access(path, R_OK) == 0)
        return path;
    print_message("# skipped: %s is absent (set WELKIN_SHARED)\n", path);
    return NULL;
}

#endif
