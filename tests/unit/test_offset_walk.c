#include "offset_case.h"

/* Distances and flags against all stars and the hull. */
static void test_surroundings(void **state)
{
    field f = field_scatter(25, 40, 30, 3, 4);
    (void)state;
    f.x[0] = 12; /* a star on a pixel */
    f.y[0] = 9;
    wk_offset *offset = field_fit(&f, 40, 30, NULL);
    map m = map_make(offset, 1);
    for (int64_t i = 0; i < 40 * 30; i++) {
        const double x = (double)(i % 40), y = (double)(i / 40);
        double least = INFINITY, span[2];
        int quadrants = 0;
        for (int64_t k = 0; k < f.count; k++) {
            const double dx = x - f.x[k], dy = y - f.y[k];
            least = fmin(least, hypot(dx, dy));
            quadrants |= dx > 0 && dy >= 0 ? 1 : dx <= 0 && dy > 0 ? 2 : dx < 0 ? 4 : 8;
        }
        assert_near(m.distance[i], least, 1e-12);
        const int inside = wk_hull_span(&offset->hull, y, span) && x >= span[0] && x <= span[1];
        const int alone = least > 0 && quadrants != 15;
        assert_int_equal(m.flag[i],
                         (inside ? 0 : WK_OFFSET_OUTSIDE) + (alone ? WK_OFFSET_ONE_SIDE : 0));
    }
    map_free(&m);
    wk_offset_free(offset);
}

/* Any rows in any order are those of the whole. */
static void test_rows(void **state)
{
    field f = field_scatter(60, 33, 150, 0, 5);
    wk_offset *offset = field_fit(&f, 33, 150, NULL);
    map m = map_make(offset, 3);
    double x[33 * 150], y[33 * 150];
    wk_offset_planes planes = {.x = x, .y = y};
    wk_offset_walk *walk;
    (void)state;
    assert_int_equal(wk_offset_fill(&planes, offset, 70, 80, NULL, NULL), WK_OK);
    assert_memory_equal(x, m.x + 70 * 33, 80 * 33 * sizeof *x);
    assert_int_equal(wk_offset_walk_open(&walk, offset, NULL), WK_OK);
    assert_true(wk_offset_walk_bytes(offset) > 33 * sizeof(double));
    for (int64_t row = 149; row >= 0; row -= 7) {
        assert_int_equal(wk_offset_walk_row(&planes, walk, row, NULL), WK_OK);
        assert_memory_equal(x, m.x + row * 33, 33 * sizeof *x);
        assert_memory_equal(y, m.y + row * 33, 33 * sizeof *y);
    }
    wk_offset_walk_close(walk);
    wk_offset_walk_close(NULL);
    map_free(&m);
    wk_offset_free(offset);
}

static void test_refused(void **state)
{
    field f = field_scatter(5, 9, 9, 0, 6);
    wk_offset *offset = field_fit(&f, 9, 9, NULL);
    double x[81], y[81];
    wk_offset_planes planes = {.x = x, .y = y}, half = {.x = x, .y = y, .error_x = x},
                     none = {.distance = x};
    (void)state;
    assert_int_equal(wk_offset_fill(&planes, offset, 0, 9, NULL, NULL), WK_OK);
    assert_int_equal(wk_offset_fill(&planes, offset, 5, 5, NULL, NULL), WK_ARGUMENT);
    assert_int_equal(wk_offset_fill(&planes, offset, -1, 2, NULL, NULL), WK_ARGUMENT);
    assert_int_equal(wk_offset_fill(&half, offset, 0, 1, NULL, NULL), WK_ARGUMENT);
    assert_int_equal(wk_offset_fill(&none, offset, 0, 1, NULL, NULL), WK_ARGUMENT);
    wk_offset_free(offset);
}

/* Strict quadrants leave pixels without an offset, and say so. */
static void test_unknown(void **state)
{
    field f = field_scatter(1, 5, 5, 0, 7);
    wk_offset_options options = wk_offset_options_default();
    (void)state;
    f.x[0] = 2;
    f.y[0] = 2;
    options.quadrants = WK_OFFSET_STRICT;
    map m = map_fit(&f, 5, 5, &options);
    for (int64_t i = 0; i < 25; i++) {
        const int unknown = i % 5 == 2 || i / 5 == 2;
        assert_int_equal((m.flag[i] & WK_OFFSET_UNKNOWN) != 0, unknown);
        assert_int_equal(isnan(m.x[i]) != 0, unknown);
    }
    map_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_surroundings),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
