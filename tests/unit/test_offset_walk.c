#include "offset_case.h"

enum { WIDTH = 50, HEIGHT = 150 };

/* The distance to the nearest star and what lies around, from all stars. */
static void check_planes(const map *m, const field *f)
{
    for (int64_t i = 0; i < m->width * m->height; i++) {
        const double x = (double)(i % m->width), y = (double)(i / m->width);
        double least = INFINITY;
        int around = 0;
        for (int64_t k = 0; k < f->count; k++) {
            const double dx = x - f->x[k], dy = y - f->y[k];
            least = fmin(least, hypot(dx, dy));
            around |= dx > 0 && dy >= 0 ? 1 : dx <= 0 && dy > 0 ? 2 : dx >= 0 && dy < 0 ? 4 : 8;
            if (dx == 0 && dy == 0)
                around = 15;
        }
        assert_near(m->distance[i], least, 1e-12);
        assert_int_equal((m->flag[i] & WK_OFFSET_ONE_SIDE) != 0, around != 15);
    }
}

static void test_planes(void **state)
{
    static const int64_t counts[] = {1, 2, 20, 200};
    (void)state;
    for (int i = 0; i < 4; i++) {
        field f = field_scatter(counts[i], WIDTH, HEIGHT, 10, (uint64_t)i);
        for (int settled = 0; settled < 2; settled++) {
            map m = map_fit(&f, WIDTH, HEIGHT, NULL);
            check_planes(&m, &f);
            map_free(&m);
            field_settle(&f);
        }
    }
}

/* A rectangle of stars: its border is inside. */
static void test_hull(void **state)
{
    const field f = {{10, 40, 10, 40, 20}, {20, 20, 90, 90, 50}, {1, 2, 3, 4, 5}, {0}, 5};
    (void)state;
    map m = map_fit(&f, WIDTH, HEIGHT, NULL);
    for (int i = 0; i < WIDTH * HEIGHT; i++) {
        const int x = i % WIDTH, y = i / WIDTH;
        const int inside = x >= 10 && x <= 40 && y >= 20 && y <= 90;
        assert_int_equal((m.flag[i] & WK_OFFSET_OUTSIDE) != 0, !inside);
        assert_int_equal(m.flag[i] & WK_OFFSET_UNKNOWN, 0);
    }
    map_free(&m);
}

/* Row by row, in blocks and by several threads: the same bits, for every model. */
static void test_same_bits(void **state)
{
    const field f = field_scatter(80, WIDTH, HEIGHT, 5, 3);
    const size_t n = WIDTH * HEIGHT;
    (void)state;
    for (int k = 0; k < 5; k++) {
        wk_offset_options options = options_of(k == 4 ? WK_OFFSET_NEAREST : (wk_offset_model)k);
        options.errors = 1;
        options.smooth = k == 4 ? 10.0 : (double)NAN;
        wk_offset *offset = field_fit(&f, WIDTH, HEIGHT, &options);
        map a = map_make(offset, 1), b = map_make(offset, 3);
        same_numbers(a.x, b.x, (int64_t)n);
        same_numbers(a.y, b.y, (int64_t)n);
        same_numbers(a.error_x, b.error_x, (int64_t)n);
        same_numbers(a.error_y, b.error_y, (int64_t)n);
        same_numbers(a.distance, b.distance, (int64_t)n);
        assert_memory_equal(a.flag, b.flag, n);
        for (int64_t row = HEIGHT - 1; row >= 0; row -= 7) {
            const wk_offset_planes one = {.x = b.x, .y = b.y};
            assert_int_equal(wk_offset_fill(&one, offset, row, 1, NULL, NULL), WK_OK);
            same_numbers(a.x + row * WIDTH, b.x, WIDTH);
            same_numbers(a.y + row * WIDTH, b.y, WIDTH);
        }
        assert_true(wk_offset_walk_bytes(offset) > 0);
        map_free(&a);
        map_free(&b);
        wk_offset_free(offset);
    }
}

static void test_refused(void **state)
{
    const field f = field_scatter(5, WIDTH, HEIGHT, 5, 3);
    double row[WIDTH];
    const wk_offset_planes good = {.x = row, .y = row}, no_x = {.y = row};
    const wk_offset_planes one_error = {.x = row, .y = row, .error_x = row};
    wk_offset *offset = field_fit(&f, WIDTH, HEIGHT, NULL);
    (void)state;
    assert_int_equal(wk_offset_fill(&good, offset, -1, 1, NULL, NULL), WK_ARGUMENT);
    assert_int_equal(wk_offset_fill(&good, offset, HEIGHT, 1, NULL, NULL), WK_ARGUMENT);
    assert_int_equal(wk_offset_fill(&good, offset, 0, -1, NULL, NULL), WK_ARGUMENT);
    assert_int_equal(wk_offset_fill(&good, offset, 1, INT64_MAX, NULL, NULL), WK_ARGUMENT);
    assert_int_equal(wk_offset_fill(&no_x, offset, 0, 1, NULL, NULL), WK_ARGUMENT);
    assert_int_equal(wk_offset_fill(&one_error, offset, 0, 1, NULL, NULL), WK_ARGUMENT);
    assert_int_equal(wk_offset_fill(&good, offset, HEIGHT, 0, NULL, NULL), WK_OK);
    wk_offset_free(offset);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_planes),
        cmocka_unit_test(test_hull),
        cmocka_unit_test(test_same_bits),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
