/* Reading a Butler repository without memory. */
#include "../unit/archive_case.h"
#include "calls.h"

static char repository[64], coadd[300];

static const call calls[] = {
    {{"welkin", "get", "--repo", repository, "calexp", "visit=7", "detector=S3", "band=r",
      "--json"},
     {NULL}},
    {{"welkin", "get", "--repo", repository, "calexp", "visit=7", "detector=3", "-o", "%new/a.fits",
      "--json"},
     {"a.fits"}},
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

static int begin(void **state)
{
    calls_begin();
    if (case_begin(state))
        return -1;
    snprintf(repository, sizeof repository, "%s", case_folder);
    case_repository(NULL);
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
