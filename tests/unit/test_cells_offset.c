#include "detector_case.h"

#include "dense.h"
#include "memory.h"

/* Places of the unknowns of one dense least squares: skies, backgrounds, offsets, and what holds
 * the common surfaces and the constant. */
typedef struct places {
    int64_t skies, backgrounds, offsets, total;
} places;

static void swap_rows(wk_dense *matrix, int64_t a, int64_t b)
{
    for (int64_t j = 0; j < matrix->n; j++) {
        long double kept = *dense_at(matrix, a, j);
        *dense_at(matrix, a, j) = *dense_at(matrix, b, j);
        *dense_at(matrix, b, j) = kept;
    }
}

/* Solve by elimination with pivots: right becomes the inverse times right. */
static void dense_solve_all(wk_dense *matrix, wk_dense *right)
{
    int64_t n = matrix->n;
    for (int64_t k = 0; k < n; k++) {
        int64_t best = k;
        for (int64_t i = k + 1; i < n; i++)
            if (fabsl(*dense_at(matrix, i, k)) > fabsl(*dense_at(matrix, best, k)))
                best = i;
        swap_rows(matrix, k, best);
        swap_rows(right, k, best);
        for (int64_t i = 0; i < n; i++) {
            long double factor = *dense_at(matrix, i, k) / *dense_at(matrix, k, k);
            for (int64_t j = 0; j < n && i != k; j++) {
                *dense_at(matrix, i, j) -= factor * *dense_at(matrix, k, j);
                *dense_at(right, i, j) -= factor * *dense_at(right, k, j);
            }
        }
    }
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++)
            *dense_at(right, i, j) /= *dense_at(matrix, i, i);
}

/* One equation: value = sky + background + offset. */
static void add_value(wk_dense *matrix, long double *answer, const wk_sky_cell_model *model,
                      const places *at, const wk_sky_cell_value *value, int64_t cell)
{
    double terms[wk_blocks_largest];
    int64_t who[wk_blocks_largest + 2], count = 0;
    long double factor[wk_blocks_largest + 2];
    long double weight = 1 / ((long double)value->error * (long double)value->error);
    wk_sky_cell_terms(terms, model, value);
    for (int64_t k = 0; k < model->size; k++) {
        who[count] = at->backgrounds + model->node[value->member] * model->size + k;
        factor[count++] = (long double)terms[k];
    }
    who[count] = at->skies + cell;
    factor[count++] = 1;
    int64_t place = wk_sky_cell_offset_place(model, value);
    if (place >= 0) {
        who[count] = at->offsets + place;
        factor[count++] = 1;
    }
    for (int64_t i = 0; i < count; i++) {
        for (int64_t k = 0; k < count; k++)
            *dense_at(matrix, who[i], who[k]) += weight * factor[i] * factor[k];
        answer[who[i]] += weight * factor[i] * (long double)value->value;
    }
}

static void hold(wk_dense *matrix, int64_t row, int64_t first, const double *direction,
                 int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        *dense_at(matrix, row, first + i) = *dense_at(matrix, first + i, row) =
            (long double)direction[i];
}

/* Everything at once: the inverse of the whole matrix, and the answer. */
static wk_dense solve_at_once(long double *answer, const wk_sky_cell_model *model,
                              const wk_sky_cell_gauge *gauge, const cells_all *look, places *at)
{
    int64_t length = model->nodes * model->size, count = model->offsets->count;
    *at = (places){0, look->count, look->count + length, look->count + length + count};
    int constant = model->offsets->rank < count;
    wk_dense matrix = dense_new(at->total + model->size + constant);
    wk_dense inverse = dense_new(matrix.n);
    long double *right = calloc((size_t)matrix.n, sizeof *right);
    for (int64_t c = 0; c < look->count; c++)
        for (int64_t i = look->start[c]; i < look->start[c + 1]; i++)
            add_value(&matrix, right, model, at, look->values[i], c);
    for (int64_t m = 0; m < model->size; m++)
        hold(&matrix, at->total + m, at->backgrounds, gauge->modes + m * length, length);
    if (constant)
        hold(&matrix, at->total + model->size, at->offsets, model->offsets->bond, count);
    for (int64_t i = 0; i < matrix.n; i++)
        *dense_at(&inverse, i, i) = 1;
    dense_solve_all(&matrix, &inverse);
    for (int64_t i = 0; i < matrix.n; i++) {
        answer[i] = 0;
        for (int64_t k = 0; k < matrix.n; k++)
            answer[i] += *dense_at(&inverse, i, k) * right[k];
    }
    free(right);
    free(matrix.at);
    return inverse;
}

static void compare_entry(const wk_dense *inverse, int64_t row, int64_t column, double found)
{
    double scale =
        sqrt((double)*dense_at(inverse, row, row) * (double)*dense_at(inverse, column, column));
    assert_true(fabs(found - (double)*dense_at(inverse, row, column)) < 1e-8 * scale);
}

/* The variance of a member's offset, of amplifiers the mean by area, and what it has in common with
 * the background beside it. */
static void compare_member(const wk_sky_cell_model *model, const wk_dense *inverse,
                           const places *at, int64_t member, const double *found)
{
    double area[2] = {3.0 / 7.0, 4.0 / 7.0}, variance = 0.0;
    int64_t first = model->offsets->first[member];
    int64_t node = at->backgrounds + model->node[member] * model->size;
    int parts = first < 0 ? 0 : 1;
    if (model->cells->overlaps->members[member].field.amplifier_count > 0)
        parts = 2;
    else
        area[0] = 1.0;
    for (int a = 0; a < parts; a++)
        for (int b = 0; b < parts; b++)
            variance +=
                area[a] * area[b] *
                (double)*dense_at(inverse, at->offsets + first + a, at->offsets + first + b);
    assert_true(fabs(found[0] - variance) <= 1e-8 * variance);
    for (int64_t k = 0; k < model->size; k++) {
        double want = 0.0, own = (double)*dense_at(inverse, node + k, node + k);
        for (int a = 0; a < parts; a++)
            want += area[a] * (double)*dense_at(inverse, node + k, at->offsets + first + a);
        assert_true(fabs(found[1 + k] - want) <= 1e-8 * sqrt(own * variance));
    }
}

static void compare(const wk_sky_cell_model *model, const wk_sky_cell_gauge *gauge,
                    const cells_all *look, const double *covariances, const double *members)
{
    places at;
    static long double answer[2000];
    wk_dense inverse = solve_at_once(answer, model, gauge, look, &at);
    const wk_sky_cell_offsets *offsets = model->offsets;
    for (int64_t i = 0; i < model->nodes * model->size; i++)
        assert_true(fabs(model->coefficients[i] - (double)answer[at.backgrounds + i]) < 1e-8);
    for (int64_t i = 0; i < offsets->count; i++) {
        double variance = 0.0;
        assert_true(fabs(offsets->values[i] - (double)answer[at.offsets + i]) < 1e-8);
        for (int64_t k = 0; k < offsets->rank; k++)
            variance +=
                offsets->factor[k * offsets->count + i] * offsets->factor[k * offsets->count + i];
        double want = (double)*dense_at(&inverse, at.offsets + i, at.offsets + i);
        assert_true(fabs(variance - want) < 1e-8 * want);
    }
    for (int64_t i = 0; i < model->nodes * model->size; i++)
        for (int64_t k = 0; k < model->size; k++) {
            int64_t other = i / model->size * model->size + k;
            compare_entry(&inverse, at.backgrounds + i, at.backgrounds + other,
                          covariances[i * model->size + k]);
        }
    for (int64_t i = 0; i < (int64_t)model->cells->overlaps->count; i++)
        compare_member(model, &inverse, &at, i, members + i * (1 + model->size));
    free(inverse.at);
}

/* Levels and planes, detectors and amplifiers, against one least squares of all unknowns; at last
 * with an exposure that has no detector: its visit's other detectors tell the constant, too. */
static void test_against_dense(void **state)
{
    (void)state;
    for (int i = 0; i < 6; i++) {
        cells_case all;
        int parts = i / 2 == 1, lost = i / 2 == 2;
        detector_open(&all, 2 + (size_t)parts, parts);
        if (lost)
            all.scene.exposures[4].detector = NULL;
        wk_overlaps *overlaps = cells_find(&all);
        wk_sky_cells *cells = cells_measure(&all, overlaps, NULL);
        wk_sky_cell_model model;
        wk_sky_cell_gauge gauge;
        assert_int_equal(wk_sky_cell_model_fill(&model, cells, i % 2, NULL), WK_OK);
        assert_int_equal(wk_sky_cell_gauge_fill(&gauge, &model, NULL), WK_OK);
        assert_int_equal(wk_sky_cell_offsets_fill(&model, &gauge, 1 << 20, NULL), WK_OK);
        int64_t count = parts ? 6 : 3, rank = lost ? count : count - 1;
        assert_int_equal(model.offsets->count, count);
        assert_int_equal(model.offsets->rank, rank);
        assert_int_equal(wk_sky_cell_model_solve(&model, &gauge, WK_LOSS_SQUARE, NULL), WK_OK);
        assert_int_equal(model.dof,
                         cells->values - cells->count - (model.nodes - 1) * model.size - rank);
        double members[9 * 4], blocks[3 * 9];
        memset(blocks, 0, sizeof blocks);
        assert_int_equal(wk_sky_cell_gauge_covariances(blocks, &gauge, NULL), WK_OK);
        wk_sky_cell_offsets_covariances(blocks, members, &model, &gauge);
        compare(&model, &gauge, cells_look(cells), blocks, members);
        wk_sky_cell_gauge_clear(&gauge);
        wk_sky_cell_model_clear(&model);
        wk_sky_cells_free(cells);
        wk_overlaps_free(overlaps);
        scene_close(&all.scene);
    }
}

/* One number too many for the memory. */
static void test_memory(void **state)
{
    (void)state;
    cells_case all;
    wk_error error = {WK_OK, "", ""};
    detector_open(&all, 2, 0);
    wk_overlaps *overlaps = cells_find(&all);
    wk_sky_cells *cells = cells_measure(&all, overlaps, NULL);
    wk_sky_cell_model model;
    wk_sky_cell_gauge gauge;
    size_t need = 8 * 3 * (2 + 2 * 3);
    assert_int_equal(wk_sky_cell_model_fill(&model, cells, 0, NULL), WK_OK);
    assert_int_equal(wk_sky_cell_gauge_fill(&gauge, &model, NULL), WK_OK);
    assert_int_equal(wk_sky_cell_offsets_fill(&model, &gauge, need - 1, &error), WK_MEMORY);
    assert_non_null(strstr(error.message, "3 offsets of detectors beside 2 backgrounds"));
    wk_sky_cell_offsets_free(model.offsets);
    assert_int_equal(wk_sky_cell_offsets_fill(&model, &gauge, need, &error), WK_OK);
    wk_sky_cell_gauge_clear(&gauge);
    wk_sky_cell_model_clear(&model);
    wk_sky_cells_free(cells);
    wk_overlaps_free(overlaps);
    scene_close(&all.scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_against_dense),
                                       cmocka_unit_test(test_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
