#include "thumbnail.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "status.h"
#include "welkin/rows.h"

enum { WIDTH = 50, HEIGHT = 40, BINNING = 8 };

static uint64_t flags[HEIGHT][WIDTH];

static wk_status read_flags(void *payload, int worker, int64_t y, int64_t rows, uint64_t *out,
                            wk_error *error)
{
    (void)payload;
    (void)worker;
    (void)error;
    memcpy(out, flags[y], (size_t)(rows * WIDTH) * sizeof *out);
    return WK_OK;
}

static wk_status read_nothing(void *payload, int worker, int64_t y, int64_t rows, uint64_t *out,
                              wk_error *error)
{
    (void)payload;
    (void)worker;
    (void)rows;
    (void)out;
    return wk_error_set(error, WK_FILE, "a.fits", "row %d cannot be read", (int)y);
}

static wk_thumbnail thumbnail_of_zeros(void)
{
    static float pixels[HEIGHT][WIDTH];
    wk_rows_view view = {{pixels[0], WIDTH, HEIGHT, WIDTH}, NULL, NULL};
    wk_rows rows = wk_rows_of_view(&view);
    wk_thumbnail made;
    assert_int_equal(wk_thumbnail_make(&made, &rows, BINNING, 0, NULL, NULL), WK_OK);
    return made;
}

static const wk_mask_plane planes[] = {{"BAD", 0}, {"HIGH", 63}};

static void test_shares(void **state)
{
    (void)state;
    wk_flag_rows rows = {WIDTH, HEIGHT, 3, read_flags, NULL};
    wk_thumbnail found = thumbnail_of_zeros();
    memset(flags, 0, sizeof flags);
    flags[3][3] = 1;                  /* one of 64 */
    flags[HEIGHT - 1][WIDTH - 1] = 3; /* one of 2 x 8 */
    for (int y = 8; y < 16; y++)
        for (int x = 8; x < 16; x++)
            flags[y][x] = (uint64_t)1 << 63 | 4;
    assert_int_equal(wk_thumbnail_flag(&found, &rows, planes, 2, NULL, NULL), WK_OK);
    int64_t cells = found.width * found.height;
    assert_int_equal(found.shares[0], (255 + 63) / 64);
    assert_int_equal(found.shares[cells - 1], (255 + 15) / 16);
    assert_int_equal(found.shares[cells + found.width + 1], 255);
    assert_int_equal(found.shares[found.width + 1], 0);
    assert_int_equal(found.flagged[0], 2);
    assert_int_equal(found.flagged[1], 64);
    wk_thumbnail_release(&found);
}

static void test_failure(void **state)
{
    (void)state;
    wk_flag_rows rows = {WIDTH, HEIGHT, 2, read_nothing, NULL};
    wk_thumbnail found = thumbnail_of_zeros();
    wk_error error = {0};
    assert_int_equal(wk_thumbnail_flag(&found, &rows, planes, 2, NULL, &error), WK_FILE);
    assert_string_equal(error.message, "row 0 cannot be read");
    wk_thumbnail_release(&found);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shares),
        cmocka_unit_test(test_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
