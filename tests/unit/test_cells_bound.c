#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cells.h"

/* One node whose cells of side 0.1 lie in rows along x, from y = 0.9 downwards, each cell's place
 * off by what masks do. */
typedef struct node {
    wk_sky_cell_model model;
    double own[wk_blocks_largest * wk_blocks_largest],
        before[wk_blocks_largest * wk_blocks_largest];
    double area;
    int64_t shared;
    int terms, held;
} node;

static void make(node *all, int64_t size, int rows, double turn)
{
    double terms[wk_blocks_largest];
    memset(all, 0, sizeof *all);
    all->terms = (int)size;
    for (int row = 0; row < rows; row++)
        for (int i = 0; i < 20; i++) {
            double along = -0.95 + 0.1 * i + 0.003 * sin(3.0 * i + row);
            double across = 0.9 - 0.1 * row + 0.003 * cos(2.0 * i - row);
            wk_sky_cell_powers(terms, along * cos(turn) - across * sin(turn),
                               along * sin(turn) + across * cos(turn));
            for (int64_t r = 0; r < size; r++)
                for (int64_t c = 0; c < size; c++)
                    all->own[r * size + c] += 100.0 * terms[r] * terms[c];
            all->area += 0.01;
            all->shared++;
        }
    memcpy(all->before, all->own, sizeof all->own);
    all->model = (wk_sky_cell_model){.nodes = 1, .size = size, .reference = -1};
    all->model.matrix.diagonal = all->own;
    all->model.terms = &all->terms;
    all->model.shared = &all->shared;
    all->model.areas = &all->area;
    all->model.held = &all->held;
    assert_int_equal(wk_sky_cell_model_bind(&all->model, NULL), WK_OK);
}

/* A row tells a slope along it alone, two rows both; the same turned. */
static void test_planes(void **state)
{
    (void)state;
    node all;
    for (int k = 0; k < 4; k++) {
        double turn = 0.7 * k;
        make(&all, 3, 1, turn);
        assert_int_equal(all.held, 1);
        /* what is added: a hold across the row, none along it, nothing of the level */
        double xx = all.own[4] - all.before[4], xy = all.own[5] - all.before[5];
        double yy = all.own[8] - all.before[8];
        double across = xx * sin(turn) * sin(turn) - 2.0 * xy * sin(turn) * cos(turn) +
                        yy * cos(turn) * cos(turn);
        assert_true(across > 0.5 * all.own[0] && fabs(xx + yy - across) < 1e-3 * across);
        assert_true(all.own[0] == all.before[0] && all.own[1] == all.before[1]);
        make(&all, 3, 2, turn);
        assert_int_equal(all.held, 0);
        assert_memory_equal(all.own, all.before, sizeof all.own);
    }
}

/* Two rows do not tell bending across them, three do. */
static void test_quadratics(void **state)
{
    (void)state;
    static const int held[] = {3, 1, 0, 0};
    node all;
    for (int rows = 1; rows <= 4; rows++) {
        make(&all, 6, rows, 0.0);
        assert_int_equal(all.held, held[rows - 1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_planes),
        cmocka_unit_test(test_quadratics),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
