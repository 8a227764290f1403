#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "summary_pass.h"

enum { W = 300, H = 500 };

static float data[W * H];
static uint8_t mask[W * H];

static void fill(void)
{
    for (int i = 0; i < W * H; i++) {
        data[i] = (float)i;
        mask[i] = i % 11 == 0;
    }
}

static void test_array(void **state)
{
    (void)state;
    fill();
    wk_summary_image image = {.data = data, .bad = mask, .n = W * H}, part;
    wk_summary_source source = wk_summary_source_of(&image);
    assert_true(source.n == W * H && source.masked && source.strips * source.strip >= W * H);
    assert_int_equal(source.read(source.payload, 0, 1000, 50, 1, &part, NULL), WK_OK);
    assert_true(part.n == 50 && part.data == data + 1000 && part.bad == mask + 1000);
}

/* Two images as rows: what is bad in either is bad. */
static void test_rows(void **state)
{
    (void)state;
    fill();
    static uint8_t other[W * H];
    other[2 * W + 5] = 1;
    wk_rows_view view = {{data, W, H, W}, mask, NULL}, less = {{data, W, H, W}, other, NULL};
    wk_rows rows = wk_rows_of_view(&view), minus = wk_rows_of_view(&less);
    wk_summary_reader *reader;
    wk_context context = {.threads = 3};
    assert_int_equal(wk_summary_reader_open(&reader, &rows, &minus, 1, &context, NULL), WK_OK);
    wk_summary_source source = wk_summary_reader_source(reader);
    assert_true(source.unit == W && source.strip % W == 0 && source.workers == 3);
    wk_summary_image part;
    assert_int_equal(source.read(source.payload, 2, 2 * W, W, 1, &part, NULL), WK_OK);
    assert_true(part.n == W && part.data[5] == data[2 * W + 5] && part.minus[7] == data[2 * W + 7]);
    for (int i = 0; i < W; i++)
        assert_int_equal(part.bad[i] != 0, (2 * W + i) % 11 == 0 || i == 5);
    assert_int_equal(source.read(source.payload, 2, 0, W, 0, &part, NULL), WK_OK);
    assert_null(part.bad);
    wk_summary_reader_close(reader);
    wk_summary_reader_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_array),
        cmocka_unit_test(test_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
