#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mesh_outlier.h"
#include "random.h"

/* Cells of 100 by level, rms 10 and error 0.2, as 64 x 64 pixels would have them. */
enum { NX = 16, NY = 12, N = NX * NY };
static const int64_t WINDOW[2] = {3, 3}, WIDE[2] = {5, 5}, NONE[2] = {1, 1};

typedef struct scene {
    float level[N], rms[N], error[N];
    double weights[N];
    wk_mesh_cells cells;
} scene;

static void scene_make(scene *sky)
{
    float noise[2 * N];
    wk_random_gaussian(noise, 2 * N, wk_random_stream(9, 1, 0, 0, 0));
    for (int k = 0; k < N; k++) {
        sky->level[k] = 100.0F + 0.2F * noise[k];
        sky->rms[k] = 10.0F + 0.1F * noise[N + k];
        sky->error[k] = 0.2F;
        sky->weights[k] = 2.0;
    }
    sky->cells = (wk_mesh_cells){NX, NY, sky->level, sky->rms, sky->error};
}

static int64_t found(scene *sky, const int64_t filter[2])
{
    int64_t count = -1, zero = 0;
    assert_int_equal(wk_mesh_outliers(sky->weights, &sky->cells, filter, &count, NULL), WK_OK);
    for (int k = 0; k < N; k++) {
        assert_true(sky->weights[k] == 0.0 || sky->weights[k] == 2.0);
        zero += sky->weights[k] == 0.0;
    }
    assert_int_equal(zero, count);
    return count;
}

static void test_a_galaxy_and_its_halo(void **state)
{
    (void)state;
    static const int64_t *filters[] = {WINDOW, WIDE};
    for (int f = 0; f < 2; f++)
        for (int place = 0; place < 2; place++) { /* inside, and in a corner */
            scene sky;
            scene_make(&sky);
            int x0 = place ? 0 : 7, y0 = place ? 0 : 5, core = y0 * NX + x0;
            for (int k = 0; k < N; k++) {
                double r = hypot(k % NX - x0, k / NX - y0);
                sky.level[k] += (float)(100.0 * exp(-1.5 * r));
                sky.rms[k] += (float)(80.0 * exp(-3.0 * r));
            }
            int64_t count = found(&sky, filters[f]);
            assert_true(sky.weights[core] == 0.0 && sky.weights[core + 1] == 0.0);
            assert_true(sky.weights[core + NX] == 0.0 && sky.weights[core + NX + 1] == 0.0);
            /* beyond r = 3.5 it adds half a unit: 2.5 errors */
            assert_true(count >= (place ? 4 : 9) && count < 50);
            assert_true(sky.weights[N - 1] == 2.0);
        }
}

/* A crest: the pixels scatter as the slope says, the level stands out by fifty errors. */
static void test_a_nebula_stays(void **state)
{
    (void)state;
    scene sky;
    scene_make(&sky);
    for (int k = 0; k < N; k++) {
        double r = hypot(k % NX - 8.0, k / NX - 6.0) / 1.5, height = 40.0 * exp(-0.5 * r * r);
        double slope = height * r / 1.5;
        sky.level[k] += (float)height;
        sky.rms[k] = (float)sqrt(100.0 + slope * slope / 12.0);
    }
    assert_int_equal(found(&sky, WINDOW), 0);
    assert_int_equal(found(&sky, WIDE), 0);
}

/* Half of the mesh was exposed for a quarter of the time. */
static void test_a_step_of_noise_stays(void **state)
{
    (void)state;
    scene sky;
    scene_make(&sky);
    for (int k = 0; k < N; k++)
        if (k % NX >= NX / 2)
            sky.rms[k] *= 2.0F;
    assert_int_equal(found(&sky, WINDOW), 0);
}

static void test_no_filter(void **state)
{
    (void)state;
    scene sky;
    scene_make(&sky);
    sky.level[50] += 100.0F;
    sky.rms[50] += 100.0F;
    assert_int_equal(found(&sky, NONE), 0);
    assert_int_equal(found(&sky, WINDOW), 1);
    assert_true(sky.weights[50] == 0.0);
    assert_int_equal(wk_mesh_outliers(sky.weights, &sky.cells, WINDOW, NULL, NULL), WK_OK);
}

static void test_deep_cells_stay(void **state)
{
    (void)state;
    scene sky;
    scene_make(&sky);
    sky.level[50] -= 100.0F;
    sky.rms[50] += 100.0F;
    assert_int_equal(found(&sky, WINDOW), 0);
}

static void test_empty_cells(void **state)
{
    (void)state;
    scene sky;
    scene_make(&sky);
    for (int k = 0; k < N; k++)
        if (k % NX < NX / 2 || k % 3 == 0) {
            sky.level[k] = sky.rms[k] = sky.error[k] = NAN;
        }
    int64_t count = -1;
    sky.level[5 * NX + 12] = 200.0F, sky.rms[5 * NX + 12] = 60.0F;
    sky.error[5 * NX + 12] = NAN; /* unknown */
    assert_int_equal(wk_mesh_outliers(sky.weights, &sky.cells, WINDOW, &count, NULL), WK_OK);
    assert_int_equal(count, 1);
    assert_true(sky.weights[5 * NX + 12] == 0.0);
    for (int k = 0; k < N; k++)
        sky.level[k] = NAN;
    assert_int_equal(wk_mesh_outliers(sky.weights, &sky.cells, WINDOW, &count, NULL), WK_OK);
    assert_int_equal(count, 0);
}

static void test_tiny_meshes(void **state)
{
    (void)state;
    float level[8] = {1.0F, 90.0F, 1.0F, 1.0F, 1.0F, 1.0F, 1.0F, 1.0F};
    float rms[8] = {1.0F, 50.0F, 1.0F, 1.0F, 1.0F, 1.0F, 1.0F, 1.0F}, error[8] = {0};
    double weights[8] = {1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0};
    for (int64_t n = 1; n <= 8; n++) {
        wk_mesh_cells cells = {n, 1, level, rms, error};
        int64_t count = -1;
        assert_int_equal(wk_mesh_outliers(weights, &cells, WINDOW, &count, NULL), WK_OK);
        assert_int_equal(count, 0); /* too few to tell what is usual */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_galaxy_and_its_halo), cmocka_unit_test(test_a_nebula_stays),
        cmocka_unit_test(test_a_step_of_noise_stays), cmocka_unit_test(test_no_filter),
        cmocka_unit_test(test_deep_cells_stay),       cmocka_unit_test(test_empty_cells),
        cmocka_unit_test(test_tiny_meshes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
