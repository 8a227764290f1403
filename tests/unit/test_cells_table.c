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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_forms)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
