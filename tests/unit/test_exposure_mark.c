#include "exposure_mark.h"

#include <float.h>

#include "streams.h"

#include "welkin/rows.h"

enum { MOST = 70, SPECIAL = 12 };

/* Everything a float can be, and what each function has to say of it. */
static const struct {
    float value;
    int finite, positive;
} special[SPECIAL] = {{0.0F, 1, 0},     {-0.0F, 1, 0},    {1.0F, 1, 1},      {-1.0F, 1, 0},
                      {1e-45F, 1, 1},   {-1e-45F, 1, 0},  {FLT_MIN, 1, 1},   {FLT_MAX, 1, 1},
                      {-FLT_MAX, 1, 0}, {INFINITY, 0, 0}, {-INFINITY, 0, 0}, {NAN, 0, 0}};

/* All lengths, so that whole vectors and what is left over are both met; nothing beyond is touched.
 */
static void test_nonfinite(void **state)
{
    (void)state;
    for (int n = 0; n <= MOST; n++) {
        float pixels[MOST + 1];
        uint8_t bad[MOST + 1];
        memset(bad, 0x55, sizeof bad);
        for (int i = 0; i <= n; i++)
            pixels[i] = special[(i + n) % SPECIAL].value;
        wk_mark_nonfinite(bad, pixels, n);
        for (int i = 0; i < n; i++)
            assert_int_equal(bad[i], special[(i + n) % SPECIAL].finite ? 0 : WK_BAD_VALUE);
        assert_int_equal(bad[n], 0x55);
    }
}

static void test_negative_nan(void **state)
{
    (void)state;
    uint8_t bad[2], flagged[2] = {0, 0};
    float values[2] = {-NAN, copysignf(NAN, -1.0F)};
    wk_mark_nonfinite(bad, values, 2);
    wk_mark_nonpositive(flagged, values, WK_BAD_NOISE, 2);
    assert_int_equal(bad[0] & bad[1], WK_BAD_VALUE);
    assert_int_equal(flagged[0] & flagged[1], WK_BAD_NOISE);
}

/* What is marked already stays. */
static void test_nonpositive(void **state)
{
    (void)state;
    for (int n = 0; n <= MOST; n++) {
        float noise[MOST + 1];
        uint8_t bad[MOST + 1];
        for (int i = 0; i <= n; i++) {
            noise[i] = special[(i + n) % SPECIAL].value;
            bad[i] = (uint8_t)(i % 3);
        }
        wk_mark_nonpositive(bad, noise, WK_BAD_NOISE, n);
        for (int i = 0; i < n; i++)
            assert_int_equal(bad[i],
                             i % 3 | (special[(i + n) % SPECIAL].positive ? 0 : WK_BAD_NOISE));
        assert_int_equal(bad[n], n % 3);
    }
}

static void test_flags(void **state)
{
    (void)state;
    const uint64_t bits[] = {
        0, 1, 0x80000000U, 0xffffffffU, 0x8000000000000000U, 0x100000002U, UINT64_MAX};
    for (size_t b = 0; b < sizeof bits / sizeof bits[0]; b++) {
        uint32_t narrow[MOST];
        uint64_t wide[MOST];
        uint8_t by_narrow[MOST], by_wide[MOST];
        for (int i = 0; i < MOST; i++) {
            wide[i] = i == 69 ? UINT64_MAX : i < 64 ? (uint64_t)1 << i : 0;
            narrow[i] = (uint32_t)wide[i];
            by_narrow[i] = by_wide[i] = (uint8_t)(i % 2);
        }
        wk_mark_flags(by_narrow, narrow, 4, bits[b], WK_BAD_FLAG, MOST);
        wk_mark_flags(by_wide, wide, 8, bits[b], WK_BAD_FLAG, MOST);
        for (int i = 0; i < MOST; i++) {
            uint64_t low = bits[b] & 0xffffffffU;
            assert_int_equal(by_narrow[i], i % 2 | ((narrow[i] & low) != 0 ? WK_BAD_FLAG : 0));
            assert_int_equal(by_wide[i], i % 2 | ((wide[i] & bits[b]) != 0 ? WK_BAD_FLAG : 0));
        }
    }
}

static float variance_of(float value, wk_noise noise)
{
    wk_mark_variance(&value, noise, 1);
    return value;
}

/* Powers of two: exact. */
static void test_variance(void **state)
{
    (void)state;
    assert_true(variance_of(4.0F, WK_NOISE_VARIANCE) == 4.0F);
    assert_true(variance_of(4.0F, WK_NOISE_WEIGHT) == 0.25F);
    assert_true(variance_of(4.0F, WK_NOISE_ERROR) == 16.0F);
    for (int i = 0; i < SPECIAL; i++)
        for (int noise = WK_NOISE_VARIANCE; noise <= WK_NOISE_ERROR; noise++)
            if (!special[i].positive)
                assert_true(isnan(variance_of(special[i].value, (wk_noise)noise)));
    /* results that are no positive float */
    assert_true(isnan(variance_of(1e-45F, WK_NOISE_WEIGHT)));
    assert_true(isnan(variance_of(1e30F, WK_NOISE_ERROR)));
    assert_true(isnan(variance_of(1e-30F, WK_NOISE_ERROR)));
    assert_true(variance_of(FLT_MAX, WK_NOISE_WEIGHT) == 1.0F / FLT_MAX);
}

/* Around the sizes of the blocks of which the count is made. */
static void test_good(void **state)
{
    (void)state;
    const int64_t sizes[] = {0, 1, 63, 64, 65, 16319, 16320, 16321, 16384, 16385, 40000};
    uint8_t *bad = malloc(40000);
    assert_non_null(bad);
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++)
        for (int share = 0; share < 4; share++) { /* none, all, every third, by chance */
            int64_t good = 0;
            uint64_t random = 5;
            for (int64_t i = 0; i < sizes[s]; i++) {
                double u = stream_uniform(&random);
                bad[i] = share == 1 || (share == 2 && i % 3 == 0) || (share == 3 && u < 0.7);
                good += bad[i] == 0;
            }
            assert_int_equal(wk_mark_good(bad, sizes[s]), good);
        }
    free(bad);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nonfinite),   cmocka_unit_test(test_negative_nan),
        cmocka_unit_test(test_nonpositive), cmocka_unit_test(test_flags),
        cmocka_unit_test(test_variance),    cmocka_unit_test(test_good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
