#include "cells_case.h"
#include "cells_table.h"

/* Every member of a record is a column, no two of one name, none overlapping another. */
static void check_form(const wk_fits_record_form *form, size_t whole)
{
    size_t filled = 0;
    assert_true(form->count <= wk_fits_record_fields);
    assert_int_equal(form->size, whole);
    for (size_t i = 0; i < form->count; i++) {
        const wk_fits_record_field *f = &form->fields[i];
        size_t bytes = (size_t)f->repeat * (f->code == 'E' || f->code == 'J' ? 4 : 8);
        assert_true(f->offset + bytes <= whole);
        filled += bytes;
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(form->fields[k].name, f->name);
            assert_true(form->fields[k].offset != f->offset);
        }
    }
    assert_int_equal(filled, whole);
}

static void test_forms(void **state)
{
    (void)state;
    check_form(&wk_cells_exposure_form, sizeof(wk_cells_exposure));
    check_form(&wk_cells_corner_form, sizeof(wk_cells_corner));
    check_form(&wk_cells_cell_form, sizeof(wk_tally_cell));
}

static wk_cells_exposure make_row(void)
{
    static char name[] = "a";
    wk_cells_exposure row = {.name = name,
                             .width = 10,
                             .height = 20,
                             .flux = 1.0,
                             .good = 200,
                             .noise = 2.0,
                             .cap = {1.0, 0.0, 0.0, 0.01, 1e-3, 1.1},
                             .corners = 4,
                             .cells = 3};
    return row;
}

static void refuse(const wk_cells_exposure *row, const char *column)
{
    const char *fault = wk_cells_exposure_fault(row);
    assert_non_null(fault);
    assert_non_null(strstr(fault, column));
}

static void test_exposure_faults(void **state)
{
    (void)state;
    const double nan = (double)NAN, infinite = (double)INFINITY;
    wk_cells_exposure row = make_row();
    assert_null(wk_cells_exposure_fault(&row));
    row.noise = nan;
    assert_null(wk_cells_exposure_fault(&row));
    row.noise = 1e160;
    refuse(&row, "NOISE");
    row = make_row();
    row.covered = 200;
    row.value = nan;
    assert_null(wk_cells_exposure_fault(&row));
    row.pixels = 1;
    refuse(&row, "WHOLE");
    row = make_row();
    row.stddev = infinite;
    refuse(&row, "WHOLE_STDDEV");
    row = make_row();
    row.samples[24][1] = 90.0;
    refuse(&row, "SAMPLES");
    row.cells = 0; /* never filled */
    assert_null(wk_cells_exposure_fault(&row));
    row = make_row();
    row.samples[24][0] = row.samples[24][1] = nan;
    refuse(&row, "SAMPLES");
    row.corners = 0;
    assert_null(wk_cells_exposure_fault(&row));
    row = make_row();
    row.cap[0] = 0.0;
    refuse(&row, "CAP");
    row.cap[3] = 3.14159265358979323846; /* all of the sky has no middle */
    assert_null(wk_cells_exposure_fault(&row));
    row.cap[3] = 3.2;
    refuse(&row, "CAP");
}

static void test_corner_faults(void **state)
{
    (void)state;
    wk_cells_exposure row = make_row();
    const wk_cells_corner in = {{0.5, -0.2}}, out = {{0.6, 0.0}}, none = {{0.0, (double)NAN}};
    assert_null(wk_cells_corner_fault(&in, &row));
    assert_non_null(strstr(wk_cells_corner_fault(&out, &row), "CAP"));
    assert_non_null(strstr(wk_cells_corner_fault(&none, &row), "place"));
}

static void refuse_cell(wk_tally_cell cell, const wk_cells_exposure *row, const char *column)
{
    const char *fault = wk_cells_cell_fault(&cell, row, 8);
    assert_non_null(fault);
    assert_non_null(strstr(fault, column));
}

static void test_cell_faults(void **state)
{
    (void)state;
    wk_cells_exposure row = make_row();
    wk_tally_cell sound = {wk_zone_key(7, 0, 0), 3.0, 1.0F, -1.0F, 1.0F, 4}, cell = sound;
    assert_null(wk_cells_cell_fault(&cell, &row, 8));
    cell.key = wk_zone_key(8, 0, 0);
    refuse_cell(cell, &row, "KEY");
    cell = sound;
    cell.value = 1e140;
    assert_null(wk_cells_cell_fault(&cell, &row, 8));
    row.flux = 1e20;
    refuse_cell(cell, &row, "VALUE");
    cell = sound;
    cell.error = 1e30F;
    refuse_cell(cell, &row, "ERROR");
    row.flux = 1.0;
    assert_null(wk_cells_cell_fault(&cell, &row, 8));
    cell.error = 0.0F;
    refuse_cell(cell, &row, "ERROR");
    const double unknown[] = {0.0, (double)NAN, 1e-50}; /* the last is no number as a float */
    for (int i = 0; i < 3; i++) {
        row.noise = unknown[i];
        assert_null(wk_cells_cell_fault(&cell, &row, 8));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms), cmocka_unit_test(test_exposure_faults),
        cmocka_unit_test(test_corner_faults), cmocka_unit_test(test_cell_faults)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
