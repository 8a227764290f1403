#include "butler_dataset.h"

#include "butler_case.h"

/* The ids of the rows in order, with commas. */
static void rows(char *out, size_t size, const char *collections, const char *const *keys,
                 size_t count)
{
    wk_dataset_type type;
    wk_data_id id = {0};
    wk_query *query = NULL;
    wk_error error = {0};
    int row = 1;
    size_t used = 0;
    wk_butler *butler = case_open("UPDATE dataset_tags_1 SET dataset_id = 'a' WHERE visit = 7"
                                  " AND collection_id = 1");
    assert_int_equal(wk_butler_search(butler, collections, &error), WK_OK);
    assert_int_equal(wk_dataset_type_find(&type, butler, "calexp", &error), WK_OK);
    assert_int_equal(wk_data_id_read(&id, &type, keys, count, butler, &error), WK_OK);
    assert_int_equal(wk_dataset_query(&query, &type, &id, butler, &error), WK_OK);
    *out = '\0';
    while (!wk_query_step(&row, query, &error) && row)
        used += (size_t)snprintf(out + used, size - used, "%s%s", used ? "," : "",
                                 wk_query_text(query, 0));
    wk_query_close(query);
    wk_data_id_release(&id);
    wk_dataset_type_release(&type);
    wk_butler_free(butler);
}

static void test_rows(void **state)
{
    (void)state;
    static const struct {
        const char *collections, *keys[2], *expected;
        size_t count;
    } cases[] = {
        {"top", {NULL}, "a,b,b,c", 0},
        {"tag,top", {"visit=7"}, "b,a,b", 1},
        {"run2,run1", {"visit=7"}, "b,a", 1},
        {"run1", {"visit=9"}, "", 1},
        {"top", {"band=i"}, "c", 1},
        {"top", {"physical_filter=r.1", "visit=7"}, "a,b,b", 2},
        {"top", {"band=i", "visit=7"}, "", 2},
        {"top", {"band=i' OR '1'='1"}, "", 1},
        {"top", {"instrument=Cam\"; DROP TABLE visit; --"}, "", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char found[64];
        rows(found, sizeof found, cases[i].collections, cases[i].keys, cases[i].count);
        assert_string_equal(found, cases[i].expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};
    return cmocka_run_group_tests(tests, case_begin, case_end);
}
