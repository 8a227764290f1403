/* What the tests of FITS writing share: a folder of their own, whole files, CFITSIO as the judge.
 */
#ifndef WELKIN_TESTS_FITS_CASE_H
#define WELKIN_TESTS_FITS_CASE_H

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <fitsio.h>

static char case_folder[64];
static char case_paths[8][128];

static inline int case_setup(void **state)
{
    (void)state;
    strcpy(case_folder, "/tmp/welkin-test-XXXXXX");
    return mkdtemp(case_folder) ? 0 : -1;
}

/* Remove every file of the folder; their number. */
static inline int case_clear(void)
{
    int count = 0;
    DIR *folder = opendir(case_folder);
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder));) {
        char path[400];
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
            continue;
        snprintf(path, sizeof path, "%s/%s", case_folder, entry->d_name);
        unlink(path);
        count++;
    }
    closedir(folder);
    return count;
}

static inline int case_teardown(void **state)
{
    (void)state;
    case_clear();
    return rmdir(case_folder);
}

/* A path in the folder; eight of them live at a time. */
static inline const char *case_path(const char *name)
{
    static int next;
    char *path = case_paths[next++ % 8];
    snprintf(path, sizeof case_paths[0], "%s/%s", case_folder, name);
    return path;
}

static inline unsigned char *case_bytes(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    *size = (size_t)ftell(file);
    rewind(file);
    unsigned char *bytes = malloc(*size + 1);
    assert_int_equal(fread(bytes, 1, *size, file), *size);
    bytes[*size] = 0;
    fclose(file);
    return bytes;
}

static inline void case_write(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

static inline void case_same(const char *a, const char *b)
{
    size_t m, n;
    unsigned char *x = case_bytes(a, &m);
    unsigned char *y = case_bytes(b, &n);
    assert_int_equal(m, n);
    assert_memory_equal(x, y, n);
    free(x);
    free(y);
}

static inline fitsfile *case_open(const char *path, int hdu)
{
    fitsfile *file;
    int status = 0;
    fits_open_diskfile(&file, path, READONLY, &status);
    fits_movabs_hdu(file, hdu + 1, NULL, &status);
    assert_int_equal(status, 0);
    return file;
}

static inline fitsfile *case_create(const char *path)
{
    fitsfile *file;
    int status = 0;
    unlink(path);
    fits_create_diskfile(&file, path, &status);
    assert_int_equal(status, 0);
    return file;
}

static inline void case_close(fitsfile *file, int status)
{
    fits_close_file(file, &status);
    assert_int_equal(status, 0);
}

/* All pixels as doubles, NaN where undefined; free them. */
static inline double *case_pixels(const char *path, int hdu, long *count)
{
    long axes[9] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
    int status = 0, dimensions, any;
    double undefined = __builtin_nan("");
    fitsfile *file = case_open(path, hdu);
    fits_get_img_dim(file, &dimensions, &status);
    fits_get_img_size(file, 9, axes, &status);
    *count = 1;
    for (int i = 0; i < dimensions; i++)
        *count *= axes[i];
    double *pixels = malloc((size_t)*count * sizeof *pixels);
    fits_read_img(file, TDOUBLE, 1, *count, &undefined, pixels, &any, &status);
    case_close(file, status);
    return pixels;
}

/* No HDU's checksum fails by CFITSIO; the touched one (all if negative) has both. */
static inline void case_checksums(const char *path, int touched)
{
    int status = 0, hdus, data, whole;
    fitsfile *file = case_open(path, 0);
    fits_get_num_hdus(file, &hdus, &status);
    for (int i = 0; i < hdus; i++) {
        fits_movabs_hdu(file, i + 1, NULL, &status);
        fits_verify_chksum(file, &data, &whole, &status);
        assert_true(data >= 0 && whole >= 0);
        if (i == touched || touched < 0) {
            assert_int_equal(data, 1);
            assert_int_equal(whole, 1);
        }
    }
    case_close(file, status);
}

/* fitsverify finds no error, where there is such a program. */
static inline void case_verify(const char *path)
{
    char command[400];
    if (system("command -v fitsverify >/dev/null 2>&1") != 0)
        return;
    snprintf(command, sizeof command, "fitsverify -e '%s' >/dev/null 2>&1", path);
    assert_int_equal(system(command), 0);
}

#endif
