#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "simulate_scene.h"

static const wk_scene_plan PLAN = {
    .seed = 5,
    .ra = 150,
    .dec = 60,
    .half = {0.5, 0.25},
    .cell = 0.03,
    .scale = 0.4,
    .nebula = 7,
    .stars = 20000,
    .galaxies = 3000,
};

static wk_scene scene_of(const wk_scene_plan *plan)
{
    wk_scene scene;
    wk_error error = {0};
    assert_int_equal(wk_scene_create(&scene, plan, &error), WK_OK);
    return scene;
}

static void no_sources(void **state)
{
    (void)state;
    wk_scene_plan plan = PLAN;
    plan.stars = 0;
    plan.galaxies = 0;
    plan.cell = 2;
    wk_scene scene = scene_of(&plan);
    int64_t first, last;
    assert_int_equal(scene.count, 0);
    wk_scene_rows(&first, &last, &scene, -1, 1);
    assert_int_equal(last - first, 1);
    wk_scene_span(&first, &last, &scene, 0, -1, 1);
    assert_int_equal(first, last);
    wk_scene_release(&scene);
}

static void counts(void **state)
{
    (void)state;
    wk_scene scene = scene_of(&PLAN);
    int64_t galaxies = 0;
    for (int64_t i = 0; i < scene.count; i++)
        galaxies += scene.sources[i].radius > 0;
    assert_int_equal(scene.count, 23000);
    assert_int_equal(galaxies, 3000);
    wk_scene_release(&scene);
}

/* Places are even over the rectangle: an even variable between -h and h has mean 0 with scatter
 * h / sqrt(3 n), and its square h^2 / 3 with scatter h^2 sqrt(4 / 45 n). */
static void places_are_even(void **state)
{
    (void)state;
    wk_scene scene = scene_of(&PLAN);
    double sum[2] = {0}, squares[2] = {0}, n = (double)scene.count;
    for (int64_t i = 0; i < scene.count; i++) {
        double sky[2] = {scene.sources[i].ra, scene.sources[i].dec}, xy[2];
        wk_mosaic_from_sky(xy, &scene.frame, sky);
        for (int k = 0; k < 2; k++) {
            double part = xy[k] / PLAN.half[k];
            assert_true(fabs(part) < 1 + 1e-8);
            sum[k] += part;
            squares[k] += part * part;
        }
    }
    for (int k = 0; k < 2; k++) {
        assert_true(fabs(sum[k] / n) < 5 / sqrt(3 * n));
        assert_true(fabs(squares[k] / n - 1.0 / 3) < 5 * sqrt(4 / (45 * n)));
    }
    wk_scene_release(&scene);
}

/* Of 20000 stars from 50 to 200000, 50 / f - 1/4000 are above f, with the binomial's scatter. */
static void faint_stars_are_many(void **state)
{
    (void)state;
    wk_scene scene = scene_of(&PLAN);
    static const double limits[] = {60, 100, 500, 2000, 10000};
    for (size_t k = 0; k < sizeof limits / sizeof *limits; k++) {
        int above = 0;
        for (int64_t i = 0; i < scene.count; i++)
            above += scene.sources[i].radius <= 0 && scene.sources[i].flux > limits[k];
        double share = (50 / limits[k] - 50.0 / 200000) / (1 - 50.0 / 200000);
        assert_true(fabs(above - 20000 * share) < 5 * sqrt(20000 * share * (1 - share)));
    }
    wk_scene_release(&scene);
}

/* Every source of a rectangle is among those that the search gives, and few others. */
static void search_finds_all(void **state)
{
    (void)state;
    wk_scene scene = scene_of(&PLAN);
    double low[2] = {-0.2, 0.05}, high[2] = {-0.02, 0.13};
    int64_t row, end, first, last, inside = 0, found = 0, visited = 0;
    for (int64_t i = 0; i < scene.count; i++) {
        double xy[2], sky[2] = {scene.sources[i].ra, scene.sources[i].dec};
        wk_mosaic_from_sky(xy, &scene.frame, sky);
        inside += xy[0] > low[0] && xy[0] < high[0] && xy[1] > low[1] && xy[1] < high[1];
    }
    wk_scene_rows(&row, &end, &scene, low[1], high[1]);
    for (; row < end; row++) {
        wk_scene_span(&first, &last, &scene, row, low[0], high[0]);
        for (int64_t i = first; i < last; i++) {
            double xy[2], sky[2] = {scene.sources[i].ra, scene.sources[i].dec};
            wk_mosaic_from_sky(xy, &scene.frame, sky);
            found += xy[0] > low[0] && xy[0] < high[0] && xy[1] > low[1] && xy[1] < high[1];
            visited++;
        }
    }
    assert_true(inside > 500);
    assert_int_equal(found, inside);
    assert_true(visited < 3 * inside);
    wk_scene_release(&scene);
}

/* Outside the mosaic the search gives the border's cells and never leaves the arrays. */
static void search_beyond_the_border(void **state)
{
    (void)state;
    wk_scene scene = scene_of(&PLAN);
    int64_t row, end, first, last;
    wk_scene_rows(&row, &end, &scene, -9, -8);
    assert_true(row == 0 && end == 1);
    wk_scene_rows(&row, &end, &scene, 8, 9);
    assert_true(end == scene.ny && row == scene.ny - 1);
    wk_scene_span(&first, &last, &scene, 0, -9, 9);
    assert_true(first == 0 && last == scene.start[scene.nx]);
    assert_int_equal(scene.start[scene.nx * scene.ny], scene.count);
    wk_scene_release(&scene);
}

/* 0 to the amplitude, not flat, and smooth: the shortest wave is a fifth of the longer side, so
 * over a hundredth of that side no more than pi / 20 of half the amplitude changes. */
static void nebula_is_smooth(void **state)
{
    (void)state;
    wk_scene scene = scene_of(&PLAN);
    double least = 1e9, most = -1e9;
    for (int j = 0; j < 100; j++) {
        double last = 0;
        for (int i = 0; i < 100; i++) {
            double sky[2];
            wk_mosaic_to_sky(sky, &scene.frame, -0.5 + 0.01 * i, -0.25 + 0.005 * j);
            double value = wk_scene_nebula(&scene, sky);
            assert_true(value >= 0 && value <= 7);
            if (i > 0)
                assert_true(fabs(value - last) <= 3.5 * 2 * M_PI * 0.01 / 0.2);
            last = value;
            least = fmin(least, value);
            most = fmax(most, value);
        }
    }
    assert_true(most - least > 1.4);
    wk_scene_release(&scene);
}

/* The light within a radius (pixels), by rings: of an inclined disk in its own coordinates. */
static double light_within(const wk_scene *scene, int64_t source, double radius)
{
    wk_scene_profile profile = wk_scene_profile_of(scene, source);
    double determinant =
        profile.shape[0][0] * profile.shape[1][1] - profile.shape[0][1] * profile.shape[1][0];
    double unit = 1 / sqrt(determinant) / scene->scale; /* pixels for q = 1 */
    double sum = 0, step = radius / 20000;
    for (double r = 0.5 * step; r < radius; r += step) {
        double q = r * r / (unit * unit);
        if (q <= profile.limit)
            sum += 2 * M_PI * r * step * wk_scene_brightness(&profile, q);
    }
    return sum;
}

/* The whole light is the flux; half of a galaxy's is within its radius.  The ring sum is good to
 * 1e-6, the cut at six radii moves the half by 1e-4. */
static void light_is_the_flux(void **state)
{
    (void)state;
    wk_scene scene = scene_of(&PLAN);
    int seen[2] = {0};
    for (int64_t i = 0; i < scene.count; i++) {
        const wk_simulated_source *source = &scene.sources[i];
        int galaxy = source->radius > 0;
        if (seen[galaxy]++ > 20)
            continue;
        double flux = light_within(&scene, i, 60);
        assert_true(fabs(flux / source->flux - 1) < 1e-5);
        if (galaxy) {
            double half = light_within(&scene, i, source->radius / scene.scale);
            assert_true(fabs(half / source->flux - 0.5) < 2e-4);
        }
    }
    wk_scene_release(&scene);
}

/* The full width of a star is 2.2 pixels. */
static void star_width(void **state)
{
    (void)state;
    wk_scene scene = scene_of(&PLAN);
    int64_t star = 0;
    while (scene.sources[star].radius > 0)
        star++;
    wk_scene_profile profile = wk_scene_profile_of(&scene, star);
    double r = 1.1 * scene.scale * profile.shape[0][0];
    assert_true(fabs(wk_scene_brightness(&profile, r * r) / profile.peak - 0.5) < 1e-12);
    wk_scene_release(&scene);
}

/* The own exponential against the maths library's: some units of the last place (2.2e-16). */
static void exponential(void **state)
{
    (void)state;
    wk_scene_profile profile = {.peak = 1};
    for (double x = 0; x < 690; x += x < 30 ? 0.0137 : 1.7)
        assert_true(fabs(wk_scene_brightness(&profile, 2 * x) / exp(-x) - 1) < 1e-15 + 2.3e-16 * x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_sources),       cmocka_unit_test(counts),
        cmocka_unit_test(places_are_even),  cmocka_unit_test(faint_stars_are_many),
        cmocka_unit_test(search_finds_all), cmocka_unit_test(search_beyond_the_border),
        cmocka_unit_test(nebula_is_smooth), cmocka_unit_test(light_is_the_flux),
        cmocka_unit_test(star_width),       cmocka_unit_test(exponential),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
