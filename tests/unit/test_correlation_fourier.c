#define CORR_WAY wk_correlation_fourier
#include "correlation_way.h"

/* A budget for less than one worker still gets one; the bits stay. */
static void test_little_memory(void **state)
{
    (void)state;
    corr_image image = corr_make(90, 80, 0.2, 6);
    wk_samples samples = corr_samples(&image);
    wk_correlation_sums want = corr_sums(wk_correlation_fourier, &samples, 3, 3, 2, 4), sums;
    wk_correlation_options options = {3, WK_CORRELATION_AUTO, 0, {3, 2}};
    wk_context context = {.threads = 4, .memory = 1};
    wk_correlation_field field;
    assert_int_equal(wk_correlation_field_make(&field, &samples, &context, NULL), WK_OK);
    assert_int_equal(wk_correlation_sums_make(&sums, &samples, &options, NULL), WK_OK);
    assert_int_equal(wk_correlation_fourier(&sums, &field, &context, NULL), WK_OK);
    assert_true(corr_same_bits(&sums, &want));
    wk_correlation_sums_release(&sums);
    wk_correlation_sums_release(&want);
    corr_release(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CORR_WAY_TESTS,
        cmocka_unit_test(test_little_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
