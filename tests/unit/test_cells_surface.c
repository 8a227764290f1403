#include "cells_case.h"

#include "cells_surface.h"

/* A group of two members, their axes turned, stretched and moved. */
static double maps[2][6] = {{-0.6, 0.5, 0.1, 0.2, -0.08, 0.45},
                            {0.55, 0.48, -0.12, -0.1, 0.1, 0.5}};

typedef struct surface_case {
    wk_member members[2];
    wk_overlaps overlaps;
    wk_sky_cells cells;
    wk_sky_cell_model model;
    int32_t node[2];
    int terms[1];
    double coefficients[6];
} surface_case;

static void open_case(surface_case *all, int size, int terms)
{
    static const double coefficients[6] = {40.0, 3.0, -2.0, 0.7, 1.1, -0.4};
    memset(all, 0, sizeof *all);
    for (int i = 0; i < 2; i++)
        all->members[i].field = (wk_field){.width = 101, .height = 61, .flux = 1.0 + i};
    all->overlaps = (wk_overlaps){.members = all->members, .count = 2};
    all->cells.overlaps = &all->overlaps;
    all->terms[0] = terms;
    memcpy(all->coefficients, coefficients, (size_t)terms * sizeof *coefficients);
    all->model = (wk_sky_cell_model){.cells = &all->cells,
                                     .nodes = 1,
                                     .size = size,
                                     .node = all->node,
                                     .maps = size > 1 ? maps : NULL,
                                     .terms = all->terms,
                                     .coefficients = all->coefficients,
                                     .inflation = 1.5};
}

/* The terms of the group's coordinates at a pixel of a member. */
static void terms_at(double terms[6], const surface_case *all, int member, double x, double y)
{
    double place[2];
    wk_sky_cell_value value = {
        .member = member, .x = (float)((x - 50.0) / 50.5), .y = (float)((y - 30.0) / 30.5)};
    wk_sky_cell_place(place, &all->model, &value);
    wk_sky_cell_powers(terms, place[0], place[1]);
}

static double sum_of(const double *a, const double *b, int64_t n)
{
    double sum = 0.0;
    for (int64_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* A member's own polynomial is the group's wherever one looks, in the image's units. */
static void test_surface(void **state)
{
    (void)state;
    const int sizes[] = {1, 3, 6, 6}, terms[] = {1, 3, 6, 1};
    for (int i = 0; i < 8; i++) {
        surface_case all;
        int member = i % 2;
        open_case(&all, sizes[i / 2], terms[i / 2]);
        double flux = 1.0 + member, at[6], row[101];
        /* the anchor moved the group's level by -10 */
        wk_level_result level = {.sky = 30.0 / flux};
        wk_sky_surface surface = {.terms = 0};
        wk_sky_cell_surface_put(&surface, &level, &all.model, member);
        assert_int_equal(surface.terms, terms[i / 2]);
        assert_true(level.sky == surface.coefficients[0]);
        terms_at(at, &all, member, 50.0, 30.0);
        double own = sum_of(at, all.coefficients, all.model.size);
        assert_true(fabs(level.sky * flux - (own - 10.0)) < 1e-12);
        assert_true(fabs(wk_sky_cell_rise(&all.model, member) - (own - 40.0)) < 1e-12);
        for (int y = 0; y < 61; y += 20) {
            wk_sky_surface_row(row, &surface, 0, y, 101);
            for (int x = 0; x < 101; x += 25) {
                terms_at(at, &all, member, x, y);
                double want = sum_of(at, all.coefficients, all.model.size) - 10.0;
                assert_true(fabs(row[x] * flux - want) < 1e-5);
            }
        }
    }
}

/* What has no level gets no surface, what has no cell a level alone. */
static void test_unknown(void **state)
{
    (void)state;
    surface_case all;
    open_case(&all, 3, 0);
    wk_level_result level = {.sky = (double)NAN, .error = (double)NAN};
    wk_sky_surface surface = {.terms = 0};
    double out[36] = {0.0}, block[9] = {0.0};
    wk_sky_cell_surface_put(&surface, &level, &all.model, 0);
    assert_int_equal(surface.terms, 0);
    level.sky = 3.0;
    wk_sky_cell_surface_put(&surface, &level, &all.model, 0);
    assert_int_equal(surface.terms, 1);
    assert_true(surface.coefficients[0] == 3.0);
    wk_sky_cell_covariance_put(out, &level, &all.model, block, NULL, 0);
    assert_true(isnan(level.error) && isnan(out[0]));
}

/* The variance of the group's surface at a place is that of the member's there. */
static void test_covariance(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        surface_case all;
        int member = i % 2, size = i < 2 ? 3 : 6;
        open_case(&all, size, size);
        double out[36], block[36], flux = 1.0 + member;
        for (int r = 0; r < size; r++)
            for (int c = 0; c < size; c++)
                block[r * size + c] = (r == c) + 0.3 / (1.0 + r + c);
        wk_level_result level = {.error = 0.5};
        wk_sky_cell_covariance_put(out, &level, &all.model, block, NULL, member);
        assert_true(fabs(level.error - sqrt(out[0])) < 1e-15);
        for (int k = 0; k < 9; k++) {
            double at[6], own[6], want = 0.0, found = 0.0, x = 50.0 * (k % 3), y = 30.0 * (k / 3);
            terms_at(at, &all, member, x, y);
            wk_sky_cell_powers(own, (x - 50.0) / 50.5, (y - 30.0) / 30.5);
            for (int r = 0; r < size; r++) {
                want += at[r] * sum_of(at, block + r * size, size);
                found += own[r] * sum_of(own, out + r * size, size);
            }
            assert_true(fabs(found - want * 1.5 / (flux * flux)) < 1e-5);
        }
    }
}

/* The offset's variance, and twice what it has in common with the level at the member's centre. */
static void test_offset(void **state)
{
    (void)state;
    surface_case all;
    open_case(&all, 3, 3);
    const double block[9] = {2.0, 0.1, 0.2, 0.1, 1.0, 0.3, 0.2, 0.3, 1.5};
    const double together[8] = {0.0, 0.0, 0.0, 0.0, 0.9, -0.5, 0.2, -0.1};
    double bare[36], out[36], at[6];
    wk_level_result level = {.error = 0.5};
    wk_sky_cell_covariance_put(bare, &level, &all.model, block, NULL, 1);
    wk_sky_cell_covariance_put(out, &level, &all.model, block, together, 1);
    terms_at(at, &all, 1, 50.0, 30.0);
    double want = bare[0] + 1.5 / 4.0 * (0.9 + 2.0 * sum_of(at, together + 5, 3));
    assert_true(fabs(out[0] - want) < 1e-14);
    assert_true(fabs(level.error - sqrt(want)) < 1e-14);
    assert_true(out[4] == bare[4] && out[5] == bare[5] && out[8] == bare[8]);
    /* the x of the member's own polynomial goes with this much of the group's x and y */
    want = bare[1] + 1.5 / 4.0 * (0.48 * 0.2 + 0.1 * -0.1);
    assert_true(fabs(out[1] - want) < 1e-14 && out[3] == out[1]);
    assert_true(out[6] == out[2] && out[2] != bare[2]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_surface), cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_covariance), cmocka_unit_test(test_offset)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
