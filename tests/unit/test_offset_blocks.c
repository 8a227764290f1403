#include "offset_case.h"

enum { WIDTH = 53, HEIGHT = 41 };

static void compare(const wk_offset *offset, int64_t nx, int64_t ny)
{
    float *x = malloc((size_t)(nx * ny) * sizeof *x), *y = malloc((size_t)(nx * ny) * sizeof *y);
    float *jump = malloc((size_t)(nx * ny) * sizeof *jump);
    const wk_context context = {.threads = 2};
    map m = map_make(offset, 1);
    assert_int_equal(wk_offset_blocks(x, y, jump, offset, nx, ny, &context, NULL), WK_OK);
    for (int64_t b = 0; b < nx * ny; b++) {
        double sum[2] = {0, 0}, most = 0;
        int64_t known = 0;
        for (int64_t j = b / nx * HEIGHT / ny; j < (b / nx + 1) * HEIGHT / ny; j++)
            for (int64_t i = b % nx * WIDTH / nx; i < (b % nx + 1) * WIDTH / nx; i++) {
                const int64_t at = j * WIDTH + i;
                if (isnan(m.x[at]))
                    continue;
                known++;
                sum[0] += m.x[at];
                sum[1] += m.y[at];
                if (i + 1 < WIDTH)
                    most =
                        fmax(most, fmax(fabs(m.x[at] - m.x[at + 1]), fabs(m.y[at] - m.y[at + 1])));
                if (j + 1 < HEIGHT)
                    most = fmax(most, fmax(fabs(m.x[at] - m.x[at + WIDTH]),
                                           fabs(m.y[at] - m.y[at + WIDTH])));
            }
        if (known == 0) {
            assert_true(isnan(x[b]) && isnan(y[b]));
            continue;
        }
        assert_near((double)x[b], sum[0] / (double)known, 1e-6); /* float32 of numbers up to 3 */
        assert_near((double)y[b], sum[1] / (double)known, 1e-6);
        assert_true(jump[b] == (float)most);
    }
    map_free(&m);
    free(x);
    free(y);
    free(jump);
}

static void test_blocks(void **state)
{
    const field f = field_scatter(30, WIDTH, HEIGHT, 0, 1), one = {{20}, {20}, {1}, {2}, 1};
    wk_offset_options options = wk_offset_options_default();
    (void)state;
    wk_offset *offset = field_fit(&f, WIDTH, HEIGHT, NULL);
    compare(offset, 1, 1);
    compare(offset, 7, 5);
    compare(offset, 53, 41);
    wk_offset_free(offset);
    options.quadrants = WK_OFFSET_STRICT; /* the star's row and column have no offset */
    offset = field_fit(&one, WIDTH, HEIGHT, &options);
    compare(offset, 53, 41);
    compare(offset, 8, 8);
    wk_offset_free(offset);
}

static void test_refused(void **state)
{
    static const int64_t bad[][2] = {{0, 1}, {1, 0}, {54, 1}, {1, 42}, {-1, 1}};
    const field f = field_scatter(30, WIDTH, HEIGHT, 0, 1);
    float room[1];
    (void)state;
    wk_offset *offset = field_fit(&f, WIDTH, HEIGHT, NULL);
    for (int i = 0; i < 5; i++)
        assert_int_equal(
            wk_offset_blocks(room, room, room, offset, bad[i][0], bad[i][1], NULL, NULL),
            WK_ARGUMENT);
    wk_offset_free(offset);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
