#include "cells_case.h"

#include "linear.h"

enum { MEMBERS = 4, SIZE = 3, UNKNOWNS = MEMBERS * SIZE, ALL = UNKNOWNS + SIZE };

/* The bordered system [A G; G' 0] in full, solved densely: the answer the gauge has to give.
 * A few hundred elements: pivoting in double is exact to 1e-10. */
static void dense_answer(double *out, const wk_sky_cell_gauge *gauge, const double *right)
{
    const wk_sky_cell_model *model = gauge->model;
    static double matrix[ALL * ALL];
    memset(matrix, 0, sizeof matrix);
    for (int64_t a = 0; a < MEMBERS; a++)
        for (int64_t b = 0; b < MEMBERS; b++) {
            const double *block =
                a == b ? model->matrix.diagonal + a * 9 : wk_blocks_find(&model->matrix, a, b);
            for (int64_t k = 0; k < 9 && block; k++)
                matrix[(a * 3 + k / 3) * ALL + b * 3 + k % 3] = block[k];
        }
    double scale = matrix[0];
    for (int64_t m = 0; m < SIZE; m++)
        for (int64_t i = 0; i < UNKNOWNS; i++) {
            double mode = gauge->modes[m * UNKNOWNS + i] * scale;
            matrix[i * ALL + UNKNOWNS + m] = matrix[(UNKNOWNS + m) * ALL + i] = mode;
        }
    memcpy(out, right, UNKNOWNS * sizeof *out);
    memset(out + UNKNOWNS, 0, SIZE * sizeof *out);
    assert_true(wk_linear_solve(out, 1, matrix, ALL));
}

static void test_against_dense(void **state)
{
    (void)state;
    for (int sip = 0; sip < 2; sip++) {
        cells_case all;
        cells_block(&all, 2, 90);
        for (int i = 0; i < 4; i++)
            all.scene.exposures[i].sip = sip;
        wk_overlaps *overlaps = cells_find(&all);
        wk_sky_cells *cells = cells_measure(&all, overlaps, NULL);
        wk_sky_cell_model model;
        wk_sky_cell_gauge gauge;
        double x[UNKNOWNS], want[ALL], covariances[MEMBERS * 9] = {0.0};
        assert_int_equal(wk_sky_cell_model_fill(&model, cells, 1, NULL), WK_OK);
        assert_int_equal(wk_sky_cell_gauge_fill(&gauge, &model, NULL), WK_OK);
        double scale = model.matrix.diagonal[0];
        for (int i = 0; i < UNKNOWNS; i++)
            x[i] = scale * sin(3.0 * i);
        dense_answer(want, &gauge, x);
        wk_sky_cell_gauge_solve(x, &gauge);
        for (int i = 0; i < UNKNOWNS; i++)
            assert_true(fabs(x[i] - want[i]) < 1e-7 * fmax(1.0, fabs(want[i])));
        assert_int_equal(wk_sky_cell_gauge_covariances(covariances, &gauge, NULL), WK_OK);
        for (int i = 0; i < UNKNOWNS; i++) {
            const double *row = covariances + 3 * i, *own = covariances + i / 3 * 9;
            double unit[UNKNOWNS] = {0.0};
            unit[i] = 1.0;
            dense_answer(want, &gauge, unit);
            for (int k = 0; k < 3; k++) {
                double spread = sqrt(own[i % 3 * 4] * own[k * 4]);
                assert_true(fabs(row[k] - want[i / 3 * 3 + k]) < 1e-7 * spread);
                assert_true(row[k] == own[k * 3 + i % 3]);
            }
        }
        wk_sky_cell_gauge_clear(&gauge);
        wk_sky_cell_model_clear(&model);
        wk_sky_cells_free(cells);
        wk_overlaps_free(overlaps);
        scene_close(&all.scene);
    }
}

/* A common surface costs next to nothing: its product with the matrix is small beside that of a
 * slope of one exposure alone. */
static void test_modes_are_common(void **state)
{
    (void)state;
    cells_case all;
    cells_block(&all, 2, 90);
    wk_overlaps *overlaps = cells_find(&all);
    wk_sky_cells *cells = cells_measure(&all, overlaps, NULL);
    wk_sky_cell_model model;
    wk_sky_cell_gauge gauge;
    double product[UNKNOWNS];
    assert_int_equal(wk_sky_cell_model_fill(&model, cells, 1, NULL), WK_OK);
    assert_int_equal(wk_sky_cell_gauge_fill(&gauge, &model, NULL), WK_OK);
    for (int m = 0; m < SIZE; m++) {
        const double *mode = gauge.modes + m * UNKNOWNS;
        double cost = 0.0, own = 0.0;
        wk_blocks_multiply(product, &model.matrix, mode);
        for (int i = 0; i < UNKNOWNS; i++) {
            cost += mode[i] * product[i];
            own += mode[i] * mode[i] * model.matrix.diagonal[(i / 3 * 3 + i % 3) * 3 + i % 3];
        }
        /* mean places of pixels in cells wander by a tenth of a pixel of 45 */
        assert_true(cost < 1e-4 * own);
    }
    wk_sky_cell_gauge_clear(&gauge);
    wk_sky_cell_model_clear(&model);
    wk_sky_cells_free(cells);
    wk_overlaps_free(overlaps);
    scene_close(&all.scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_against_dense),
                                       cmocka_unit_test(test_modes_are_common)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
