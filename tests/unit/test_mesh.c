#include "mesh.h"

#include "background_case.h"

#include "cell.h"
#include "status.h"

static void expect_edges(const int64_t *edges, int64_t count, int64_t size)
{
    assert_int_equal(edges[0], 0);
    assert_int_equal(edges[count], size);
    for (int64_t i = 0; i < count; i++)
        assert_true(edges[i + 1] > edges[i]);
}

/* 4 x 6 pixels, 2 x 3 cells: the centres that LSST's own test has, less its origin (2, 3). */
static void test_divide(void **state)
{
    (void)state;
    const double x[] = {0.5, 2.5}, y[] = {0.5, 2.5, 4.5};
    wk_cells grid;
    assert_int_equal(wk_cells_divide(&grid, 4, 6, 2, 3, NULL), WK_OK);
    assert_memory_equal(grid.x, x, sizeof x);
    assert_memory_equal(grid.y, y, sizeof y);
    wk_cells_free(&grid);
    assert_null(grid.x);
}

/* 10 pixels in 4: ends at (i + 1) * 10 + 2 over 4, cut: 3, 5, 8, 10. */
static void test_uneven(void **state)
{
    (void)state;
    const int64_t edges[] = {0, 3, 5, 8, 10};
    const double centers[] = {1.0, 3.5, 6.0, 8.5};
    wk_cells grid;
    assert_int_equal(wk_cells_divide(&grid, 10, 1, 4, 1, NULL), WK_OK);
    assert_memory_equal(grid.x_edge, edges, sizeof edges);
    assert_memory_equal(grid.x, centers, sizeof centers);
    assert_true(grid.y[0] == 0.0);
    wk_cells_free(&grid);
}

static void expect_count(int64_t width, int64_t height, wk_cell_rule rule, int64_t box, int64_t nx,
                         int64_t ny)
{
    wk_cells grid;
    const int64_t boxes[2] = {box, box};
    assert_int_equal(wk_cells_create(&grid, width, height, rule, boxes, NULL), WK_OK);
    assert_true(grid.nx == nx && grid.ny == ny);
    expect_edges(grid.x_edge, nx, width);
    expect_edges(grid.y_edge, ny, height);
    wk_cells_free(&grid);
}

/* One cell more by the older rule where the box divides the side. */
static void test_rules(void **state)
{
    (void)state;
    expect_count(200, 200, WK_CELLS_CEIL, 32, 7, 7);
    expect_count(64, 32, WK_CELLS_CEIL, 32, 2, 1);
    expect_count(512, 510, WK_CELLS_CEIL, 32, 16, 16);
    expect_count(200, 200, WK_CELLS_FLOOR_PLUS, 32, 7, 7);
    expect_count(64, 32, WK_CELLS_FLOOR_PLUS, 32, 3, 2);
    expect_count(512, 510, WK_CELLS_FLOOR_PLUS, 32, 17, 16);
    expect_count(512, 510, WK_CELLS_FIXED, 32, 16, 16);
    expect_count(1, 1, WK_CELLS_CEIL, 128, 1, 1);
    expect_count(1, 1, WK_CELLS_FLOOR_PLUS, 128, 1, 1);
    expect_count(1, 3, WK_CELLS_FIXED, INT64_MAX, 1, 1);
    for (int64_t size = 1; size < 80; size += 3)
        for (int64_t box = 2; box < 90; box += 5) {
            expect_count(size, 7, WK_CELLS_CEIL, box, (size + box - 1) / box, (6 + box) / box);
            expect_count(size, 7, WK_CELLS_FLOOR_PLUS, box, size / box + 1, 7 / box + 1);
            expect_count(size, 7, WK_CELLS_FIXED, box, (size + box - 1) / box, (6 + box) / box);
        }
}

/* Cells of one size, the last cut off: its place stays that of a whole one. */
static void test_fixed(void **state)
{
    (void)state;
    wk_cells grid;
    const int64_t box[2] = {64, 30};
    assert_int_equal(wk_cells_create(&grid, 100, 60, WK_CELLS_FIXED, box, NULL), WK_OK);
    assert_true(grid.nx == 2 && grid.ny == 2);
    assert_true(grid.x_edge[1] == 64 && grid.x_edge[2] == 100);
    assert_true(grid.x[0] == 31.5 && grid.x[1] == 95.5 && grid.y[1] == 44.5);
    wk_cells_free(&grid);
}

static void test_impossible_grids(void **state)
{
    (void)state;
    const int64_t one[2] = {1, 1};
    const int64_t sizes[][2] = {{0, 5}, {5, 0}, {-1, 5}, {INT64_MAX / 2, INT64_MAX / 2}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        wk_cells grid;
        wk_error error;
        assert_int_equal(
            wk_cells_create(&grid, sizes[i][0], sizes[i][1], WK_CELLS_CEIL, one, &error),
            WK_ARGUMENT);
        assert_non_null(strstr(error.message, "cells"));
        assert_int_equal(wk_cells_divide(&grid, sizes[i][0], sizes[i][1], 0, 1, NULL), WK_ARGUMENT);
    }
}

/* A grid and what was measured. */
typedef struct meshed {
    wk_cells grid;
    wk_measured m;
} meshed;

static wk_status measure(meshed *out, const picture *of, const wk_background_options *options,
                         const wk_mesh_mask *mask, const wk_context *context, wk_error *error)
{
    assert_int_equal(
        wk_cells_create(&out->grid, of->width, of->height, options->cells, options->box, error),
        WK_OK);
    assert_int_equal(wk_measured_reserve(&out->m, &out->grid, error), WK_OK);
    return wk_mesh_measure(&out->m, &out->grid, &of->rows, options, mask, context, error);
}

static void drop(meshed *one)
{
    wk_cells_free(&one->grid);
    wk_measured_free(&one->m);
    assert_null(one->m.level);
}

static void expect_equal(const meshed *a, const meshed *b)
{
    size_t cells = (size_t)(a->grid.nx * a->grid.ny);
    assert_memory_equal(a->m.level, b->m.level, cells * sizeof(float));
    assert_memory_equal(a->m.error, b->m.error, cells * sizeof(float));
    assert_memory_equal(a->m.rms, b->m.rms, cells * sizeof(float));
    assert_memory_equal(a->m.count, b->m.count, cells * sizeof(int64_t));
    assert_true(a->m.good == b->m.good && a->m.masked == b->m.masked);
    assert_int_equal(a->m.sources, b->m.sources);
}

/* Every cell is what wk_cell_measure says of its good pixels, gathered here one by one. */
static void expect_cells(const meshed *got, const picture *of, const wk_background_options *options)
{
    float *values = malloc((size_t)(of->width * of->height) * sizeof *values);
    wk_cell_scratch scratch = {0};
    int64_t good = 0;
    for (int64_t at = 0; at < got->grid.nx * got->grid.ny; at++) {
        const int64_t *xs = got->grid.x_edge + at % got->grid.nx;
        const int64_t *ys = got->grid.y_edge + at / got->grid.nx;
        int64_t n = 0;
        for (int64_t y = ys[0]; y < ys[1]; y++)
            for (int64_t x = xs[0]; x < xs[1]; x++)
                if (picture_good(of, y * of->width + x))
                    values[n++] = of->data[y * of->width + x];
        wk_cell cell;
        assert_int_equal(wk_cell_measure(&cell, values, n, (xs[1] - xs[0]) * (ys[1] - ys[0]),
                                         options, &scratch, NULL),
                         WK_OK);
        float level = (float)cell.level, rms = (float)cell.rms;
        assert_memory_equal(&got->m.level[at], &level, sizeof level);
        assert_memory_equal(&got->m.rms[at], &rms, sizeof rms);
        assert_int_equal(got->m.count[at], cell.count);
        good += n;
    }
    assert_int_equal(got->m.good, good);
    assert_int_equal(got->m.masked, of->width * of->height - good);
    assert_int_equal(got->m.sources, 0);
    wk_cell_scratch_release(&scratch);
    free(values);
}

/* The same bits for any number of workers and for pieces of one cell. */
static void test_measure(void **state)
{
    (void)state;
    static const wk_background_preset presets[] = {WK_PRESET_WELKIN, WK_PRESET_LSST,
                                                   WK_PRESET_SEXTRACTOR};
    static const wk_context contexts[] = {{.threads = 1},
                                          {.threads = 2},
                                          {.threads = 7},
                                          {.threads = 2, .memory = 16 * 900},
                                          {.threads = 7, .memory = 3 * 16 * 900}};
    picture one;
    picture_make(&one, 331, 200, 5);
    picture_spoil(&one);
    for (size_t p = 0; p < 3; p++) {
        wk_background_options options = wk_background_options_preset(presets[p]);
        options.box[0] = 30;
        options.box[1] = 27;
        meshed first;
        assert_int_equal(measure(&first, &one, &options, NULL, NULL, NULL), WK_OK);
        expect_cells(&first, &one, &options);
        for (size_t c = 0; c < sizeof contexts / sizeof contexts[0]; c++) {
            meshed again;
            assert_int_equal(measure(&again, &one, &options, NULL, &contexts[c], NULL), WK_OK);
            expect_equal(&again, &first);
            drop(&again);
        }
        drop(&first);
    }
    picture_free(&one);
}

static void test_one_pixel_and_none(void **state)
{
    (void)state;
    picture one;
    wk_background_options options = wk_background_options_preset(WK_PRESET_LSST);
    picture_make(&one, 1, 1, 5);
    for (int bad = 0; bad < 2; bad++) {
        meshed got;
        one.mask[0] = (uint8_t)bad;
        assert_int_equal(measure(&got, &one, &options, NULL, NULL, NULL), WK_OK);
        assert_true(bad ? isnan(got.m.level[0]) : got.m.level[0] == one.data[0]);
        assert_true(isnan(got.m.error[0]) && isnan(got.m.rms[0]));
        assert_true(got.m.good == !bad && got.m.masked == bad && got.m.count[0] == !bad);
        drop(&got);
    }
    picture_free(&one);
}

/* 10 x 10 pixels in one cell: 7 masked, 3 with a useless variance, 1 NaN. */
static void test_ignore(void **state)
{
    (void)state;
    static const int64_t expected[] = {89, 89, 96, 96, 92, 92, 99, 99};
    picture one;
    wk_background_options options = wk_background_options_preset(WK_PRESET_LSST);
    picture_make(&one, 10, 10, 5);
    for (int i = 0; i < 7; i++)
        one.mask[i] = 1;
    for (int i = 7; i < 10; i++)
        one.variance[i] = -1.0F;
    one.data[10] = NAN;
    for (int kinds = 0; kinds < 8; kinds++) {
        meshed got;
        options.ignore = (uint8_t)kinds;
        assert_int_equal(measure(&got, &one, &options, NULL, NULL, NULL), WK_OK);
        assert_int_equal(got.m.good, expected[kinds]);
        assert_int_equal(got.m.good + got.m.masked, 100);
        assert_true(isfinite(got.m.level[0]));
        drop(&got);
    }
    picture_free(&one);
}

/* Marks every pixel whose coordinates add up to a multiple of 5, and looks at what it is given. */
typedef struct marker {
    const picture *of;
    const wk_cells *grid;
    int64_t margin;
    int calls, workers;
    wk_status answer;
} marker;

/* The rectangle is cells with a margin as far as the image reaches. */
static int is_widened(int64_t from, int64_t extent, const int64_t *edges, int64_t count,
                      int64_t margin, int64_t size)
{
    int begins = from == 0, ends = from + extent == size;
    for (int64_t i = 0; i <= count; i++) {
        begins |= edges[i] - margin == from;
        ends |= edges[i] + margin == from + extent;
    }
    return begins && ends;
}

static wk_status mark(void *payload, int worker, wk_rect rect, float *data, uint8_t *bad,
                      const float **model, wk_error *error)
{
    marker *m = payload;
    *model = NULL;
    const wk_cells *grid = m->grid;
    int fine = worker >= 0 && worker < m->workers &&
               is_widened(rect.x, rect.width, grid->x_edge, grid->nx, m->margin, grid->width) &&
               is_widened(rect.y, rect.height, grid->y_edge, grid->ny, m->margin, grid->height);
    __atomic_fetch_add(&m->calls, 1, __ATOMIC_RELAXED);
    for (int64_t i = 0; fine && i < rect.width * rect.height; i++) {
        int64_t x = rect.x + i % rect.width, y = rect.y + i / rect.width;
        int64_t at = y * m->of->width + x;
        fine = memcmp(&data[i], &m->of->data[at], sizeof *data) == 0 &&
               (bad[i] == 0) == picture_good(m->of, at);
        if ((x + y) % 5 == 0 && bad[i] == 0)
            bad[i] = WK_MESH_SOURCE;
    }
    return fine ? m->answer : wk_error_set(error, WK_ARGUMENT, "", "wrong rectangle or pixels");
}

/* What the callback marks counts as masked in the picture itself would. */
static void test_mask(void **state)
{
    (void)state;
    static const wk_context contexts[] = {
        {.threads = 1}, {.threads = 7}, {.threads = 2, .memory = 48 * 70 * 70}};
    picture one;
    wk_background_options options = wk_background_options_preset(WK_PRESET_LSST);
    options.box[0] = options.box[1] = 40;
    picture_make(&one, 211, 130, 5);
    picture_spoil(&one);
    for (size_t c = 0; c < sizeof contexts / sizeof contexts[0]; c++) {
        meshed got, plain;
        marker m = {.of = &one, .margin = 13, .workers = contexts[c].threads};
        wk_mesh_mask mask = {13, mark, &m};
        wk_error error = {0};
        m.grid = &got.grid;
        assert_int_equal(wk_mesh_workers(&one.rows, &contexts[c]), contexts[c].threads);
        if (measure(&got, &one, &options, &mask, &contexts[c], &error) != WK_OK)
            fail_msg("%s", error.message);
        assert_true(m.calls > 0);
        int64_t sources = 0;
        uint8_t *kept = malloc((size_t)(one.width * one.height));
        memcpy(kept, one.mask, (size_t)(one.width * one.height));
        for (int64_t i = 0; i < one.width * one.height; i++)
            if ((i % one.width + i / one.width) % 5 == 0) {
                sources += picture_good(&one, i);
                one.mask[i] = 1;
            }
        assert_int_equal(got.m.sources, sources);
        assert_int_equal(measure(&plain, &one, &options, NULL, NULL, NULL), WK_OK);
        memcpy(one.mask, kept, (size_t)(one.width * one.height));
        plain.m.sources = sources; /* which are good pixels all the same */
        plain.m.good += sources;
        plain.m.masked -= sources;
        expect_equal(&got, &plain);
        free(kept);
        drop(&got);
        drop(&plain);
    }
    picture_free(&one);
}

static wk_status fail_read(void *payload, int worker, wk_rect rect, float *data, uint8_t *bad,
                           float *variance, wk_error *error)
{
    (void)payload, (void)worker, (void)data, (void)bad, (void)variance;
    return wk_error_set(error, WK_FILE, "", "rows from %d are gone", (int)rect.y);
}

static int cancel(const wk_progress *progress, void *payload)
{
    (void)payload;
    assert_string_equal(progress->stage, "measure");
    return 1;
}

static void expect_failure(const picture *of, const wk_background_options *options,
                           const wk_mesh_mask *mask, const wk_context *context, wk_status expected,
                           const char *word)
{
    meshed got;
    wk_error error = {0};
    assert_int_equal(measure(&got, of, options, mask, context, &error), expected);
    if (word)
        assert_non_null(strstr(error.message, word));
    drop(&got);
}

static void test_failures(void **state)
{
    (void)state;
    picture one;
    picture_make(&one, 100, 100, 5);
    wk_background_options options = wk_background_options_preset(WK_PRESET_LSST);
    options.box[0] = options.box[1] = 50;
    const wk_context small = {.memory = 16 * 2500 - 1}, enough = {.memory = 16 * 2500};
    expect_failure(&one, &options, NULL, &small, WK_MEMORY, "one cell of 50 x 50 pixels");
    expect_failure(&one, &options, NULL, &enough, WK_OK, NULL);
    wk_context cancelled = {.progress = cancel};
    expect_failure(&one, &options, NULL, &cancelled, WK_CANCELLED, NULL);
    wk_rows rows = one.rows;
    one.rows.read = fail_read;
    expect_failure(&one, &options, NULL, NULL, WK_FILE, "rows from 0 are gone");
    one.rows = rows;
    meshed got;
    marker m = {.of = &one, .grid = &got.grid, .workers = 64, .answer = WK_NO_DATA};
    wk_mesh_mask mask = {0, mark, &m};
    assert_int_equal(measure(&got, &one, &options, &mask, NULL, NULL), WK_NO_DATA);
    drop(&got);
    picture_free(&one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_divide),
        cmocka_unit_test(test_uneven),
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_fixed),
        cmocka_unit_test(test_impossible_grids),
        cmocka_unit_test(test_measure),
        cmocka_unit_test(test_one_pixel_and_none),
        cmocka_unit_test(test_ignore),
        cmocka_unit_test(test_mask),
        cmocka_unit_test(test_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
