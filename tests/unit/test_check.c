#include "scene.h"

#include <sys/stat.h>
#include <unistd.h>

#include "overlap.h"

/* The value of a keyword's card in a FITS file's bytes, from a place on; NULL if there is none. */
static const char *find_card(const char *bytes, size_t size, size_t *from, const char *keyword)
{
    for (size_t i = *from; i + 80 <= size; i += 80)
        if (memcmp(bytes + i, keyword, strlen(keyword)) == 0) {
            *from = i + 80;
            return bytes + i + 10;
        }
    return NULL;
}

static char *read_all(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    struct stat status;
    assert_int_equal(fstat(fileno(file), &status), 0);
    *size = (size_t)status.st_size;
    char *bytes = malloc(*size);
    assert_int_equal(fread(bytes, 1, *size, file), *size);
    fclose(file);
    return bytes;
}

static void test_file(void **state)
{
    (void)state;
    char folder[] = "/tmp/welkin-check-XXXXXX";
    char path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/check.fits", folder);
    scene all;
    scene_row(&all, 2, 50, 40);
    scene_open(&all);
    wk_overlaps *overlaps = NULL;
    assert_int_equal(wk_overlaps_find(&overlaps, all.fields, 2, NULL, NULL), WK_OK);
    assert_int_equal(wk_overlaps_measure(overlaps, scene_load, &all, NULL, 0, NULL, NULL), WK_OK);
    const char *const names[] = {"it's a 'name'", all.names[1]};
    const int64_t sizes[2][2] = {{50, 40}, {50, 40}};
    assert_int_equal(wk_check_match(path, overlaps, names, sizes, 2, scene_load, &all, 0, NULL),
                     WK_OK);
    size_t size = 0;
    size_t from = 0;
    char *bytes = read_all(path, &size);
    /* primary block; for each image a header block and 8000 bytes in 3 blocks */
    assert_int_equal(size, 2880 * (1 + 2 * (1 + 3)));
    assert_memory_equal(find_card(bytes, size, &from, "EXPOSURE"), "'it''s a ''name'''", 17);
    assert_memory_equal(find_card(bytes, size, &from, "BIT0    "), "                   0", 20);
    assert_memory_equal(find_card(bytes, size, &from, "EXPOSURE"), "'e01'", 5);
    free(bytes);
    wk_error error = {WK_OK, "", ""};
    assert_int_equal(wk_check_match(path, overlaps, names, sizes, 2, scene_load, &all, 0, &error),
                     WK_EXISTS);
    unlink(path);
    rmdir(folder);
    wk_overlaps_free(overlaps);
    scene_close(&all);
}

static wk_status fail_to_load(void *payload, size_t index, wk_pixels *pixels, wk_error *error)
{
    (void)payload;
    (void)index;
    (void)pixels;
    (void)error;
    return WK_FILE;
}

static void test_failure_leaves_nothing(void **state)
{
    (void)state;
    char folder[] = "/tmp/welkin-check-XXXXXX";
    char path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/check.fits", folder);
    scene all;
    scene_row(&all, 2, 50, 40);
    scene_open(&all);
    wk_overlaps *overlaps = NULL;
    assert_int_equal(wk_overlaps_find(&overlaps, all.fields, 2, NULL, NULL), WK_OK);
    const char *const names[] = {"a", "b"};
    const int64_t sizes[2][2] = {{50, 40}, {50, 40}};
    assert_int_equal(wk_check_match(path, overlaps, names, sizes, 2, fail_to_load, NULL, 0, NULL),
                     WK_FILE);
    assert_int_equal(rmdir(folder), 0); /* it is empty */
    wk_overlaps_free(overlaps);
    scene_close(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_file),
        cmocka_unit_test(test_failure_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
