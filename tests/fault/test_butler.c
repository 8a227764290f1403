/* Reading a Butler repository without memory. */
#include "../unit/archive_case.h"
#include "background_file.h"
#include "calls.h"

static char repository[64], coadd[300];

static const call calls[] = {
    {{"welkin", "get", "--repo", repository, "calexp", "visit=7", "detector=S3", "band=r",
      "--json"},
     {NULL}},
    {{"welkin", "get", "--repo", repository, "calexp", "visit=7", "detector=3", "-o", "%new/a.fits",
      "--json"},
     {"a.fits"}},
    {{"welkin", "get", "--repo", repository, "sky", "visit=7", "detector=3", "-o", "%new/s.fits",
      "--json"},
     {"s.fits"}},
    {{"welkin", "get", "--repo", repository, "--all", "calexp", "band=i", "--json"}, {NULL}},
    {{"welkin", "get", "--repo", repository, "--list", "--json"}, {NULL}},
    {{"welkin", "get", "--repo", repository, "--list", "--collection", "tag,top"}, {NULL}},
    {{"welkin", "get", "--repo", repository, "--collections"}, {NULL}},
    {{"welkin", "get", "--repo", repository, "parts", "visit=7", "detector=3"}, {NULL}},
    {{"welkin", "get", "--inputs", coadd, "--json"}, {NULL}},
};

static void test_each_allocation(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        calls_fail_each(&calls[i]);
}

static void add_background(void)
{
    float level[] = {5.0F}, deviation[] = {1.0F};
    wk_background_element element = {.nx = 1,
                                     .ny = 1,
                                     .level = level,
                                     .error = deviation,
                                     .interpstyle = 1,
                                     .undersamplestyle = 1,
                                     .approxstyle = -1,
                                     .width = 8,
                                     .height = 6};
    wk_error error = {0};
    case_repository("INSERT INTO dataset_type VALUES (13, 'sky', 'Background', 1,"
                    " 'dataset_tags_1');"
                    "INSERT INTO dataset_tags_1 VALUES (13, 'e', 1, 'Cam', 3, 7, 'x');"
                    "INSERT INTO file_datastore_records VALUES"
                    " ('e', 'sky.fits', 'F', 'Background', '', -1)");
    if (wk_background_file_write(case_path("sky.fits"), &element, 1, 1, 0, &error))
        fail_msg("%s", error.message);
}

static int begin(void **state)
{
    calls_begin();
    if (case_begin(state))
        return -1;
    snprintf(repository, sizeof repository, "%s", case_folder);
    add_background();
    snprintf(coadd, sizeof coadd, "%s", case_archive("coadd.fits", 1));
    return 0;
}

static int end(void **state)
{
    return case_end(state) || calls_end(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_each_allocation)};
    return cmocka_run_group_tests(tests, begin, end);
}
