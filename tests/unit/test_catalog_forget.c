#include "catalog_case.h"

static wk_error error;

static void test_only_what_is_gone_is_forgotten(void **state)
{
    (void)state;
    int64_t removed = -1;
    case_names names = {"", 0};
    wk_catalog *catalog = case_open();
    wk_exposure_header header = case_header(0, "", "r", "1", 1);
    case_write("there.fits", "x");
    case_write("plain", "x");
    case_put_one(catalog, "there.fits", &header);
    case_put_one(catalog, "gone.fits", &header);
    case_put_one(catalog, "plain/not a folder.fits", &header);
    case_put_one(catalog, "/nowhere/gone.fits", &header);
    assert_int_equal(wk_catalog_forget(&removed, catalog, &error), WK_OK);
    assert_int_equal(removed, 3);
    assert_int_equal(wk_catalog_select(catalog, NULL, case_take, &names, &error), WK_OK);
    assert_string_equal(names.text, "there.fits[0]");
    assert_int_equal(wk_catalog_forget(&removed, catalog, &error), WK_OK);
    assert_int_equal(removed, 0);
    wk_catalog_close(catalog);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_what_is_gone_is_forgotten),
    };
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
