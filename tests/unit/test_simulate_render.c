#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "parallel.h"
#include "simulate.h"

typedef struct picture {
    wk_simulation *simulation;
    wk_pixels pixels;
} picture;

static picture drawn(const wk_simulation_options *options, int64_t exposure, int64_t detector)
{
    picture it = {0};
    wk_error error = {0};
    assert_int_equal(wk_simulation_create(&it.simulation, options, &error), WK_OK);
    assert_int_equal(wk_simulation_render(&it.pixels, it.simulation, exposure, detector, &error),
                     WK_OK);
    return it;
}

static void wiped(picture it)
{
    wk_pixels_release(&it.pixels);
    wk_simulation_free(it.simulation);
}

/* One empty frame of level 0, to which a test adds what it looks at. */
static wk_simulation_options empty_sky(void)
{
    wk_simulation_options options = wk_simulation_options_default();
    options.exposures = 1;
    options.width = 512;
    options.height = 400;
    options.stars = 0;
    options.galaxies = 0;
    options.nebula = 0;
    options.noise = 0;
    options.mask = 0;
    options.sky_low = 0;
    options.sky_high = 0;
    return options;
}

static double value_at(const picture *it, int64_t x, int64_t y)
{
    return (double)it->pixels.data[y * it->pixels.width + x];
}

/* Mean, variance and the correlation of neighbours of n normal numbers scatter by sigma/sqrt(n),
 * sqrt(2/n) and 1/sqrt(n). */
static void noise_is_white(void **state)
{
    (void)state;
    wk_simulation_options options = empty_sky();
    options.noise = 3;
    picture it = drawn(&options, 0, 0);
    double n = 512.0 * 400, sum = 0, squares = 0, beside = 0, above = 0;
    for (int64_t y = 0; y < 400; y++)
        for (int64_t x = 0; x < 512; x++) {
            double value = value_at(&it, x, y) / 3;
            sum += value;
            squares += value * value - 1;
            beside += x > 0 ? value * value_at(&it, x - 1, y) / 3 : 0;
            above += y > 0 ? value * value_at(&it, x, y - 1) / 3 : 0;
        }
    assert_true(fabs(sum / n) < 5 / sqrt(n));
    assert_true(fabs(squares / n) < 5 * sqrt(2 / n));
    assert_true(fabs(beside / n) < 5 / sqrt(n));
    assert_true(fabs(above / n) < 5 / sqrt(n));
    assert_true(it.pixels.variance[7] == 9.0F);
    assert_int_equal(it.pixels.good, 512 * 400);
    wiped(it);
}

static int ascending(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* The median of n normal numbers scatters by 1.2533 sigma / sqrt(n). */
static void median_is_the_level(void **state)
{
    (void)state;
    wk_simulation_options options = empty_sky();
    options.exposures = 4;
    options.noise = 2;
    options.sky_low = 100;
    options.sky_high = 1000;
    for (int64_t i = 0; i < 4; i++) {
        picture it = drawn(&options, i, 0);
        size_t n = 512 * 400;
        qsort(it.pixels.data, n, sizeof *it.pixels.data, ascending);
        double median = 0.5 * (double)(it.pixels.data[n / 2] + it.pixels.data[n / 2 - 1]);
        double level = wk_simulation_exposure(it.simulation, i)->sky;
        assert_true(fabs(median - level) < 5 * 1.2533 * 2 / sqrt((double)n));
        wiped(it);
    }
}

/* The gradient passes through the level at the exposure's centre, also on its outer detectors;
 * float32 at 1000 rounds by 3e-5. */
static void gradient_is_a_plane(void **state)
{
    (void)state;
    wk_simulation_options options = empty_sky();
    options.detectors = 2;
    options.gradient = 30;
    options.sky_low = 500;
    options.sky_high = 900;
    for (int64_t detector = 0; detector < 2; detector++) {
        picture it = drawn(&options, 0, detector);
        const wk_simulated_exposure *truth = wk_simulation_exposure(it.simulation, 0);
        for (int64_t y = 0; y < 400; y += 57)
            for (int64_t x = 0; x < 512; x += 31) {
                double dx = (double)x + (double)detector * 532 - 521.5, dy = (double)y - 199.5;
                double plane = truth->sky + truth->gradient[0] * dx + truth->gradient[1] * dy;
                assert_true(fabs(value_at(&it, x, y) - plane) < 4e-5);
            }
        wiped(it);
    }
}

/* Sum of the pixels within r of a source, if it is whole inside and no other comes near. */
static double isolated_sum(const picture *it, wk_wcs *wcs, size_t source, double r)
{
    size_t count;
    const wk_simulated_source *sources = wk_simulation_sources(it->simulation, &count);
    double at[2], sky[2] = {sources[source].ra, sources[source].dec};
    assert_int_equal(wk_wcs_to_pixel(wcs, 1, sky, at, NULL), WK_OK);
    double width = (double)it->pixels.width, height = (double)it->pixels.height;
    if (!(at[0] > r + 1 && at[0] < width - r - 2 && at[1] > r + 1 && at[1] < height - r - 2))
        return (double)NAN;
    for (size_t i = 0; i < count; i++) {
        double other[2], there[2] = {sources[i].ra, sources[i].dec};
        assert_int_equal(wk_wcs_to_pixel(wcs, 1, there, other, NULL), WK_OK);
        double reach = sources[i].radius > 0 ? 66 : 8;
        if (i != source && fabs(other[0] - at[0]) < r + reach && fabs(other[1] - at[1]) < r + reach)
            return (double)NAN;
    }
    double sum = 0;
    for (int64_t y = (int64_t)ceil(at[1] - r); (double)y <= at[1] + r; y++)
        for (int64_t x = (int64_t)ceil(at[0] - r); (double)x <= at[0] + r; x++)
            sum += value_at(it, x, y);
    return sum;
}

static wk_wcs *wcs_of(const wk_simulation *simulation, int64_t exposure)
{
    char *text;
    int64_t records;
    wk_wcs *wcs;
    assert_int_equal(wk_simulation_header(&text, &records, simulation, exposure, 0, NULL), WK_OK);
    assert_int_equal(wk_wcs_create(&wcs, text, records, "test", NULL), WK_OK);
    wk_simulation_header_free(text);
    return wcs;
}

static int count_true_fluxes(const wk_simulation_options *options, double r, double tolerance)
{
    picture it = drawn(options, 0, 0);
    wk_wcs *wcs = wcs_of(it.simulation, 0);
    size_t count;
    const wk_simulated_source *sources = wk_simulation_sources(it.simulation, &count);
    int seen = 0;
    for (size_t i = 0; i < count; i++) {
        double sum = isolated_sum(&it, wcs, i, r);
        if (!(sum >= 0))
            continue;
        assert_true(fabs(sum / sources[i].flux - 1) < tolerance);
        seen++;
    }
    wk_wcs_free(wcs);
    wiped(it);
    return seen;
}

/* The pixels of a star add up to its flux: the cut and the quadrature take less than 1e-5. */
static void star_flux(void **state)
{
    (void)state;
    wk_simulation_options options = empty_sky();
    options.stars = 150;
    options.rotation = 40;
    assert_true(count_true_fluxes(&options, 8, 1e-5) > 50);
}

/* Those of a galaxy too; its steeper centre costs the quadrature some 1e-4. */
static void galaxy_flux(void **state)
{
    (void)state;
    wk_simulation_options options = empty_sky();
    options.width = 1500;
    options.height = 1500;
    options.galaxies = 25;
    int seen = 0;
    for (options.seed = 1; options.seed <= 4; options.seed++)
        seen += count_true_fluxes(&options, 66, 1e-3);
    assert_true(seen > 12);
}

/* Where a distortion makes pixels smaller, a star covers more of them at the same brightness: the
 * sum is the flux times the ratio of the areas, here taken from the coordinates. */
static void brightness_not_flux_is_kept(void **state)
{
    (void)state;
    wk_simulation_options options = empty_sky();
    options.width = 1024;
    options.height = 1024;
    options.stars = 100;
    options.distortion = WK_DISTORTION_TPV;
    picture it = drawn(&options, 0, 0);
    wk_wcs *wcs = wcs_of(it.simulation, 0);
    size_t count;
    const wk_simulated_source *sources = wk_simulation_sources(it.simulation, &count);
    double largest = 0;
    int seen = 0;
    for (size_t i = 0; i < count; i++) {
        double sum = isolated_sum(&it, wcs, i, 8);
        if (!(sum >= 0))
            continue;
        double sky[6], xy[6], north = 0.5 / 3600;
        double east = north / cos(sources[i].dec * M_PI / 180);
        for (int k = 0; k < 3; k++) {
            sky[2 * k] = sources[i].ra + (k == 1 ? east : 0);
            sky[2 * k + 1] = sources[i].dec + (k == 2 ? north : 0);
        }
        assert_int_equal(wk_wcs_to_pixel(wcs, 3, sky, xy, NULL), WK_OK);
        double area = fabs((xy[2] - xy[0]) * (xy[5] - xy[1]) - (xy[3] - xy[1]) * (xy[4] - xy[0]));
        assert_true(fabs(sum / (sources[i].flux * area) - 1) < 5e-5);
        largest = fmax(largest, fabs(area - 1));
        seen++;
    }
    assert_true(seen > 30 && largest > 0.005);
    wk_wcs_free(wcs);
    wiped(it);
}

/* Value of a smooth picture between its pixels, by cubics through four. */
static double between(const picture *it, double x, double y)
{
    int64_t i = (int64_t)floor(x), j = (int64_t)floor(y);
    double sum = 0, t[2] = {x - (double)i, y - (double)j}, w[2][4];
    for (int k = 0; k < 2; k++) {
        w[k][0] = -t[k] * (t[k] - 1) * (t[k] - 2) / 6;
        w[k][1] = (t[k] + 1) * (t[k] - 1) * (t[k] - 2) / 2;
        w[k][2] = -(t[k] + 1) * t[k] * (t[k] - 2) / 2;
        w[k][3] = (t[k] + 1) * t[k] * (t[k] - 1) / 6;
    }
    for (int b = 0; b < 4; b++)
        for (int a = 0; a < 4; a++)
            sum += w[0][a] * w[1][b] * value_at(it, i + a - 1, j + b - 1);
    return sum;
}

/* Two exposures of different rotation and distortion see the same nebula at the same place: the
 * interpolation from nodes errs by 2e-5 of the amplitude in each, float32 by 2e-7 of it. */
static void exposures_see_one_nebula(void **state)
{
    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        wk_simulation_options options = empty_sky();
        options.exposures = 2;
        options.overlap = 0.5;
        options.rotation = 10;
        options.nebula = 100;
        options.distortion = (wk_distortion)kind;
        picture a = drawn(&options, 0, 0), b = drawn(&options, 1, 0);
        wk_wcs *wcs_a = wcs_of(a.simulation, 0), *wcs_b = wcs_of(a.simulation, 1);
        int seen = 0;
        for (int64_t y = 0; y < 400; y += 7)
            for (int64_t x = 0; x < 512; x += 7) {
                double xy[2] = {(double)x, (double)y}, sky[2], other[2];
                assert_int_equal(wk_wcs_to_sky(wcs_a, 1, xy, sky, NULL), WK_OK);
                assert_int_equal(wk_wcs_to_pixel(wcs_b, 1, sky, other, NULL), WK_OK);
                if (!(other[0] > 1 && other[0] < 509 && other[1] > 1 && other[1] < 397))
                    continue;
                assert_true(fabs(value_at(&a, x, y) - between(&b, other[0], other[1])) < 6e-3);
                seen++;
            }
        assert_true(seen > 1000);
        wk_wcs_free(wcs_a);
        wk_wcs_free(wcs_b);
        wiped(a);
        wiped(b);
    }
}

/* On one pixel grid the same pixel of the sky has the same value in both, stars included.  Values
 * reach 4e4, where float32 steps are 4e-3; the shapes' slopes are rounded to 1.5e-8. */
static void exposures_see_one_sky(void **state)
{
    (void)state;
    wk_simulation_options options = empty_sky();
    options.exposures = 2;
    options.overlap = 0.5;
    options.dither = 0;
    options.rotation = 0;
    options.stars = 200;
    options.galaxies = 20;
    options.nebula = 5;
    picture a = drawn(&options, 0, 0), b = drawn(&options, 1, 0);
    double most = 0;
    for (int64_t y = 0; y < 400; y++)
        for (int64_t x = 256; x < 512; x++) {
            double one = value_at(&a, x, y), two = value_at(&b, x - 256, y);
            assert_true(fabs(one - two) < 3e-4 + 1e-6 * fabs(one));
            most = fmax(most, one);
        }
    assert_true(most > 100);
    wiped(a);
    wiped(b);
}

typedef struct crowd {
    const wk_simulation *simulation;
    wk_pixels pixels[8];
} crowd;

static wk_status draw_one(int64_t index, int worker, void *payload, int64_t *bytes, wk_error *error)
{
    crowd *all = payload;
    (void)worker;
    (void)bytes;
    return wk_simulation_render(&all->pixels[index], all->simulation, index / 2, index % 2, error);
}

static void any_number_of_threads(void **state)
{
    (void)state;
    wk_simulation_options options = wk_simulation_options_default();
    options.exposures = 4;
    options.detectors = 2;
    options.width = 150;
    options.height = 130;
    options.distortion = WK_DISTORTION_SIP;
    crowd one = {0}, three = {0};
    wk_simulation *simulation;
    assert_int_equal(wk_simulation_create(&simulation, &options, NULL), WK_OK);
    one.simulation = three.simulation = simulation;
    wk_context serial = {.threads = 1}, parallel = {.threads = 3};
    assert_int_equal(wk_parallel_for(8, NULL, draw_one, &one, &serial, NULL), WK_OK);
    assert_int_equal(wk_parallel_for(8, NULL, draw_one, &three, &parallel, NULL), WK_OK);
    for (int i = 0; i < 8; i++) {
        size_t n = 150 * 130;
        assert_memory_equal(one.pixels[i].data, three.pixels[i].data, n * sizeof(float));
        assert_memory_equal(one.pixels[i].bad, three.pixels[i].bad, n);
        assert_memory_equal(one.pixels[i].variance, three.pixels[i].variance, n * sizeof(float));
        if (i > 0)
            assert_memory_not_equal(one.pixels[i].data, one.pixels[0].data, n * sizeof(float));
    }
    for (int i = 0; i < 8; i++) {
        wk_pixels_release(&one.pixels[i]);
        wk_pixels_release(&three.pixels[i]);
    }
    wk_simulation_free(simulation);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(noise_is_white),
        cmocka_unit_test(median_is_the_level),
        cmocka_unit_test(gradient_is_a_plane),
        cmocka_unit_test(star_flux),
        cmocka_unit_test(galaxy_flux),
        cmocka_unit_test(brightness_not_flux_is_kept),
        cmocka_unit_test(exposures_see_one_nebula),
        cmocka_unit_test(exposures_see_one_sky),
        cmocka_unit_test(any_number_of_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
