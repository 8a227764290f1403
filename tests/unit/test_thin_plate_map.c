#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "thin_plate_case.h"
#include "thin_plate_map.h"

enum { WIDTH = 500, HEIGHT = 333 };

/* Every pixel of a smooth plate is within the bound but for a factor: only some were looked at. */
static void test_bound(void **state)
{
    (void)state;
    wk_field field = field_make(60, 31, 0.1);
    wk_plate *plate = field_fit(&field, 1e4, 2000, 500, 1);
    const double bounds[] = {1.0, 1e-2, 1e-3};
    double x[WIDTH], y[WIDTH];
    int64_t last = 1000;
    for (size_t k = 0; k < sizeof bounds / sizeof *bounds; k++) {
        wk_plate_map *map;
        wk_context context = {.threads = 2};
        assert_int_equal(
            wk_plate_map_create(&map, plate, WIDTH, HEIGHT, bounds[k], 0, &context, NULL), WK_OK);
        const wk_plate_map_report *report = wk_plate_map_reported(map);
        assert_true(report->reached <= bounds[k] && report->step <= last && report->step >= 4);
        assert_true(report->looked > 400 && report->error_step == 0);
        last = report->step;
        for (int row = 0; row < HEIGHT; row += 7) {
            wk_plate_map_row(x, y, NULL, NULL, map, row, 0, WIDTH);
            for (int i = 0; i < WIDTH; i += 3) {
                double value[2];
                wk_plate_value(value, NULL, plate, i, row, NULL);
                assert_true(fabs(x[i] - value[0]) < 2.0 * bounds[k]);
                assert_true(fabs(y[i] - value[1]) < 2.0 * bounds[k]);
            }
        }
        wk_plate_map_free(map);
    }
    wk_plate_free(plate);
    field_free(&field);
}

/* A rough plate has, in a small image, a node at each pixel at last. */
static void test_rough(void **state)
{
    (void)state;
    wk_field field = field_make(100, 32, 1.0);
    wk_plate *plate = field_fit(&field, 0.0, 2000, 500, 1);
    wk_plate_map *map;
    assert_int_equal(wk_plate_map_create(&map, plate, 200, 200, 1e-9, 0, NULL, NULL), WK_OK);
    assert_int_equal(wk_plate_map_reported(map)->step, 1);
    assert_true(wk_plate_map_reported(map)->reached < 1e-9);
    wk_plate_map_free(map);
    wk_plate_free(plate);
    field_free(&field);
}

/* Pieces of rows are the whole row, threads change no bit, errors are those of the plate at nodes
 * and near them between. */
static void test_rows(void **state)
{
    (void)state;
    wk_field field = field_make(40, 33, 0.3);
    wk_plate *plate = field_fit(&field, (double)NAN, 2000, 500, 1);
    double whole[4][WIDTH], piece[4][WIDTH], value[2], error[2];
    double *room = calloc((size_t)wk_plate_room(plate), sizeof *room);
    for (int threads = 1; threads <= 3; threads++) {
        wk_context context = {.threads = threads};
        wk_plate_map *map;
        assert_int_equal(wk_plate_map_create(&map, plate, WIDTH, HEIGHT, 1e-2, 1, &context, NULL),
                         WK_OK);
        int64_t step = wk_plate_map_reported(map)->error_step;
        wk_plate_map_row(piece[0], piece[1], piece[2], piece[3], map, 2 * step, 0, WIDTH);
        if (threads == 1)
            memcpy(whole, piece, sizeof whole);
        assert_memory_equal(whole, piece, sizeof whole);
        for (int64_t i = 0, count; i < WIDTH; i += count) {
            count = 1 + i % 90 < WIDTH - i ? 1 + i % 90 : WIDTH - i;
            wk_plate_map_row(piece[0] + i, piece[1] + i, piece[2] + i, piece[3] + i, map, 2 * step,
                             i, count);
        }
        assert_memory_equal(whole, piece, sizeof whole);
        for (int64_t i = 0; i < WIDTH; i += step / 2) {
            wk_plate_value(value, error, plate, (double)i, (double)(2 * step), room);
            double most = i % step ? 0.2 * error[0] : 1e-12;
            assert_true(fabs(whole[2][i] - error[0]) <= most);
        }
        wk_plate_map_free(map);
    }
    free(room);
    wk_plate_free(plate);
    field_free(&field);
}

static void test_edges(void **state)
{
    (void)state;
    wk_field field = field_make(20, 34, 0.1);
    wk_plate *plate = field_fit(&field, (double)NAN, 2000, 500, 1);
    wk_plate_map *map = NULL;
    wk_error error;
    double x, y, ex, ey, value[2];
    assert_int_equal(wk_plate_map_create(&map, plate, 0, 5, 1.0, 0, NULL, &error), WK_ARGUMENT);
    assert_non_null(strstr(error.message, "0 x 5"));
    assert_int_equal(wk_plate_map_create(&map, plate, 5, 5, 0.0, 0, NULL, &error), WK_ARGUMENT);
    assert_null(map);
    wk_plate_map_free(NULL);
    assert_int_equal(wk_plate_map_create(&map, plate, 1, 1, 1e-9, 0, NULL, NULL), WK_OK);
    wk_plate_map_row(&x, &y, &ex, &ey, map, 0, 0, 1);
    wk_plate_value(value, NULL, plate, 0.0, 0.0, NULL);
    assert_true(x == value[0] && y == value[1] && isnan(ex) && isnan(ey));
    wk_plate_map_free(map);
    wk_plate_free(plate);
    field_free(&field);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bound),
        cmocka_unit_test(test_rough),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
