#include "butler_key.h"

#include "butler_case.h"

enum { MOST = 5 };

/* Read, infer, complete; the data ID as text. */
static wk_status take(char *out, size_t size, const char *changes, const char *const keys[MOST],
                      wk_error *error)
{
    wk_dataset_type type;
    wk_data_id id = {0};
    size_t count = 0;
    wk_butler *butler = case_open(changes);
    while (count < MOST && keys[count])
        count++;
    assert_int_equal(wk_butler_search(butler, "top", error), WK_OK);
    assert_int_equal(wk_dataset_type_find(&type, butler, "calexp", error), WK_OK);
    wk_status status = wk_data_id_read(&id, &type, keys, count, butler, error);
    if (!status)
        status = wk_data_id_infer(&id, &type, butler, error);
    if (!status)
        status = wk_data_id_complete(&id, &type, error);
    if (!status)
        wk_data_id_text(out, size, &id, &type);
    wk_data_id_release(&id);
    wk_dataset_type_release(&type);
    wk_butler_free(butler);
    return status;
}

static void test_data_ids(void **state)
{
    (void)state;
    static const char *const whole = "instrument=Cam, detector=3, visit=7";
    static const struct {
        const char *keys[MOST], *tail;
    } cases[] = {
        {{"visit=7", "detector=3"}, ""},
        {{"visit=+007", "detector=3", "detector=03"}, ""},
        {{"detector=S3", "visit=7"}, ""},
        {{"instrument=Cam", "visit=7", "detector=3"}, ""},
        {{"visit=7", "detector=3", "band=r", "physical_filter=r.1"},
         ", band=r, physical_filter=r.1"},
        {{"visit=7", "detector=3", "band=a=b"}, ", band=a=b"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[200], expected[200];
        wk_error error = {0};
        snprintf(expected, sizeof expected, "%s%s", whole, cases[i].tail);
        if (take(text, sizeof text, NULL, cases[i].keys, &error))
            fail_msg("%s", error.message);
        assert_string_equal(text, expected);
    }
}

static void test_what_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *changes, *keys[MOST], *said;
    } cases[] = {
        {NULL, {"visit"}, "KEY=VALUE"},
        {NULL, {"=7"}, "KEY=VALUE"},
        {NULL, {"visit="}, "no value"},
        {NULL, {"visit=x"}, "x is no integer"},
        {NULL, {"visit=9223372036854775808"}, "no integer"},
        {NULL, {"visit=-"}, "no integer"},
        {NULL, {"visit=7", "visit=8"}, "twice: 7 and 8"},
        {NULL, {"patch=7"}, "its keys are instrument, detector, visit"},
        {NULL, {"more=7"}, "no such key"},
        {NULL, {"visit=7"}, "detector is missing"},
        {NULL, {"band=r"}, "detector, visit are missing"},
        {NULL, {"visit=7", "detector=S4"}, "S4 is neither"},
        {"DROP TABLE detector", {"visit=7", "detector=S3"}, "no names of detectors"},
        {"DROP TABLE visit", {"visit=7", "detector=3", "band=r"}, "no such key"},
        {"DROP TABLE physical_filter", {"visit=7", "detector=3", "band=r"}, "no such key"},
        {"DROP TABLE collection_summary_instrument",
         {"visit=7", "detector=3"},
         "instrument is missing"},
        {"DELETE FROM collection_summary_instrument",
         {"visit=7", "detector=3"},
         "instrument is missing"},
        {"DROP TABLE collection_summary_instrument", {"visit=7", "detector=S3"}, "several"},
        {"INSERT INTO collection_summary_instrument VALUES (3, 'Other')",
         {"visit=7", "detector=3"},
         "several: Cam, Other"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[200];
        wk_error error = {0};
        case_failed(take(text, sizeof text, cases[i].changes, cases[i].keys, &error), WK_ARGUMENT,
                    &error, cases[i].said);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_data_ids),
        cmocka_unit_test(test_what_is_refused),
    };
    return cmocka_run_group_tests(tests, case_begin, case_end);
}
