#include "welkin/coadd.h"

#include <math.h>

#include "archive_case.h"

static void test_inputs(void **state)
{
    (void)state;
    wk_coadd_inputs inputs;
    wk_error error = {0};
    if (wk_coadd_inputs_read(&inputs, case_archive("a.fits", 1), &error))
        fail_msg("%s", error.message);
    assert_int_equal(inputs.visit_count, 3);
    assert_int_equal(inputs.visits[0].id, 703697);
    assert_int_equal(inputs.visits[0].visit, 703697);
    assert_int_equal(inputs.visits[0].detector, -1);
    assert_true(inputs.visits[1].weight == 0.5);
    assert_string_equal(inputs.visits[1].filter, "i_sim_14");
    assert_true(inputs.has_weight && inputs.has_filter);
    assert_int_equal(inputs.detector_count, 2);
    assert_int_equal(inputs.detectors[1].visit, 703698);
    assert_int_equal(inputs.detectors[1].detector, 81);
    assert_true(inputs.detectors[0].weight == 0.25);
    assert_string_equal(inputs.detectors[0].filter, "");
    wk_coadd_inputs_release(&inputs);
    assert_null(inputs.visits);
}

static void refused(int object, wk_status expected, const char *said)
{
    wk_coadd_inputs inputs;
    wk_error error = {0};
    const char *path = case_archive("a.fits", object);
    case_failed(wk_coadd_inputs_read(&inputs, path, &error), expected, &error, said);
    assert_null(inputs.visits);
    assert_non_null(strstr(error.subject, path));
}

static void test_what_is_refused(void **state)
{
    (void)state;
    wk_coadd_inputs inputs;
    wk_error error = {0};
    refused(7, WK_HEADER, "1 tables instead of two");
    refused(2, WK_HEADER, "1 tables");
    refused(0, WK_HEADER, "no COADD_INPUTS");
    case_index[0][1] = 1; /* the table of visits for that of detectors */
    refused(1, WK_HEADER, "no column visit");
    case_index[0][1] = 2;
    case_failed(wk_coadd_inputs_read(&inputs, case_path("none.fits"), &error), WK_FILE, &error,
                "no such file");
}

static void test_no_rows(void **state)
{
    (void)state;
    wk_coadd_inputs inputs;
    wk_error error = {0};
    case_index[0][4] = case_index[1][4] = 0;
    assert_int_equal(wk_coadd_inputs_read(&inputs, case_archive("a.fits", 1), &error), WK_OK);
    assert_int_equal(inputs.visit_count, 0);
    assert_int_equal(inputs.detector_count, 0);
    wk_coadd_inputs_release(&inputs);
    case_index[0][4] = 2;
    case_index[1][4] = 3;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_inputs),
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_no_rows),
    };
    return cmocka_run_group_tests(tests, case_begin, case_end);
}
