#include "scene.h"

#include "pixel_noise.h"

static double measure(wk_pixels *pixels)
{
    wk_statistic_scratch scratch = {0};
    double noise = 0.0;
    float *room = malloc((size_t)wk_pixel_noise_room(pixels) * sizeof *room);
    assert_int_equal(wk_pixel_noise(&noise, pixels, room, &scratch, NULL), WK_OK);
    free(room);
    wk_statistic_scratch_release(&scratch);
    return noise;
}

/* Noise of 2 on a slope of 0.01 a pixel and a step of 1000: 40000 differences, scatter 1.7 / sqrt
 * n; five of these. */
static void test_noise(void **state)
{
    (void)state;
    wk_pixels pixels = {0};
    uint32_t seed = 5;
    assert_int_equal(wk_pixels_reserve(&pixels, 200, 200, 0, NULL), WK_OK);
    for (int i = 0; i < 40000; i++) {
        pixels.bad[i] = i % 50 == 7;
        pixels.data[i] = (float)(0.01 * (i % 200) + (i < 9000 ? 1000 : 0) + 2 * scene_gauss(&seed));
        if (pixels.bad[i])
            pixels.data[i] = NAN;
    }
    assert_true(fabs(measure(&pixels) - 2.0) < 5 * 2.0 * 1.7 / 200.0);
    wk_pixels_release(&pixels);
}

/* Equal pixels, one pixel, none good: unknown. */
static void test_unknown(void **state)
{
    (void)state;
    wk_pixels pixels = {0};
    assert_int_equal(wk_pixels_reserve(&pixels, 30, 20, 0, NULL), WK_OK);
    for (int i = 0; i < 600; i++) {
        pixels.bad[i] = 0;
        pixels.data[i] = 3.0F;
    }
    assert_true(isnan(measure(&pixels)));
    memset(pixels.bad, 1, 600);
    assert_true(isnan(measure(&pixels)));
    assert_int_equal(wk_pixels_reserve(&pixels, 1, 1, 0, NULL), WK_OK);
    pixels.bad[0] = 0;
    assert_true(isnan(measure(&pixels)));
    wk_pixels_release(&pixels);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_noise),
                                       cmocka_unit_test(test_unknown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
