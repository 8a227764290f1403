#include "cells_case.h"

#include "memory.h"
#include "polygon.h"

static const double arcsecond = 4.8481368110953599359e-6;

/* Count and sum of one cell's pixels, each by its exact coordinates. */
typedef struct sums {
    double sum, x, y;
    int64_t good, all;
} sums;

static void take_exactly(sums *out, const scene_exposure *e, const wk_pixels *pixels,
                         const wk_zone *zone, int64_t key, double pitch)
{
    wk_wcs *wcs = scene_make_wcs(e);
    memset(out, 0, sizeof *out);
    for (int64_t i = 0; i < e->width * e->height; i++) {
        double place[2] = {(double)(i % e->width), (double)(i / e->width)}, vector[3], plane[2];
        assert_int_equal(wk_wcs_to_sky(wcs, 1, place, place, NULL), WK_OK);
        wk_vector_from_sky(vector, place);
        wk_zone_project(plane, zone, vector);
        int64_t u = (int64_t)floor(plane[0] / (pitch * arcsecond));
        int64_t v = (int64_t)floor(plane[1] / (pitch * arcsecond));
        if (wk_zone_key(zone->number, u, v) != key)
            continue;
        if (wk_zone_side(zone, plane[0], plane[1]))
            continue;
        out->all++;
        if (pixels->bad[i])
            continue;
        out->good++;
        out->sum += (double)pixels->data[i];
        out->x += (double)(i % e->width);
        out->y += (double)(i / e->width);
    }
    wk_wcs_free(wcs);
}

/* Distorted, rotated, across a border of zones, masked: cells as exact coordinates make them.  A
 * centre nearer than 1e-3 px to a border may fall on its other side: of some 60 x 40 pixels in
 * such a position at one of 4 borders a cell, few do. */
static void test_exact(void **state)
{
    (void)state;
    cells_case all;
    wk_pixels pixels = {0};
    wk_tally tally = {0};
    wk_tally_cell *cells = NULL;
    int64_t count = 0, wrong = 0, checked = 0;
    cells_row(&all, 1, 150, 130);
    all.scene.exposures[0].rotation = 21.0;
    all.scene.exposures[0].sip = 1;
    all.scene.exposures[0].dec = 2.0; /* where two rings of zones meet */
    all.sky = 5.0;
    all.scene.exposures[0].noise = 0.5;
    scene_open(&all.scene);
    assert_int_equal(cells_load(&all, 0, &pixels, NULL), WK_OK);
    for (int64_t i = 0; i < 150 * 130; i++)
        pixels.bad[i] = i % 97 == 0 || (i % 150 > 60 && i % 150 < 66);
    assert_int_equal(wk_tally_measure(&cells, &count, &tally, all.scene.wcs[0], &pixels, 3.0, 0.5,
                                      NULL, NULL, NULL),
                     WK_OK);
    assert_true(count > 60);
    for (int64_t i = 0; i < count; i += 7, checked++) {
        sums exact;
        wk_zone zone;
        wk_zone_fill(&zone, cells[i].key >> 48);
        take_exactly(&exact, &all.scene.exposures[0], &pixels, &zone, cells[i].key, 3.0);
        double n = (double)exact.good;
        int same = exact.good == cells[i].pixels &&
                   fabs(exact.sum / n - cells[i].value) < 1e-12 * 20.0 &&
                   fabs((2 * exact.x / n + 1) / 150 - 1 - (double)cells[i].x) < 1e-6 &&
                   fabs((2 * exact.y / n + 1) / 130 - 1 - (double)cells[i].y) < 1e-6;
        wrong += !same;
        assert_true(n >= 0.9 * (double)exact.all);
        assert_true(i == 0 || cells[i].key > cells[i - 1].key);
    }
    assert_true(wrong <= checked / 10);
    wk_memory_free(cells);
    wk_tally_release(&tally);
    wk_pixels_release(&pixels);
    scene_close(&all.scene);
}

static double error_of(double noise, double told, double sky)
{
    cells_case all;
    wk_pixels pixels = {0};
    wk_tally tally = {0};
    wk_tally_cell *cells = NULL;
    int64_t count = 0;
    double sum = 0.0;
    cells_row(&all, 1, 120, 120);
    all.scene.exposures[0].noise = noise;
    all.sky = sky;
    scene_open(&all.scene);
    assert_int_equal(cells_load(&all, 0, &pixels, NULL), WK_OK);
    assert_int_equal(wk_tally_measure(&cells, &count, &tally, all.scene.wcs[0], &pixels, 2.8, told,
                                      NULL, NULL, NULL),
                     WK_OK);
    assert_true(count > 100);
    for (int64_t i = 0; i < count; i++)
        sum += (double)cells[i].error * sqrt((double)cells[i].pixels);
    wk_memory_free(cells);
    wk_tally_release(&tally);
    wk_pixels_release(&pixels);
    scene_close(&all.scene);
    return sum / (double)count;
}

/* noise / sqrt n on a flat sky, up to the cells whose scatter is beyond 2 of its errors; the
 * scatter where noise is unknown; more over structure. */
static void test_errors(void **state)
{
    (void)state;
    double flat = error_of(1.0, 1.0, 0.0);
    assert_true(flat >= 1.0 && flat < 1.005);
    assert_true(fabs(error_of(1.0, (double)NAN, 0.0) - 1.0) < 0.03);
    assert_true(error_of(1.0, 1.0, 200.0) > 1.2);
    assert_true(error_of(0.0, (double)NAN, 0.0) == 0.0);
}

static int east_half(const void *payload, const double centre[3], double radius)
{
    const double *vector = payload;
    (void)radius;
    return wk_vector_dot(vector, centre) > 0.0;
}

/* What is left out changes no cell that lies in what is wanted. */
static void test_wanted(void **state)
{
    (void)state;
    cells_case all;
    wk_pixels pixels = {0};
    wk_tally tally = {0};
    wk_tally_cell *whole = NULL, *half = NULL;
    int64_t count = 0, wanted = 0, same = 0;
    cells_row(&all, 1, 200, 200);
    all.scene.exposures[0].noise = 1.0;
    scene_open(&all.scene);
    double sky[2] = {all.scene.exposures[0].ra + 90.0, 0.0}, east[3];
    wk_vector_from_sky(east, sky);
    assert_int_equal(cells_load(&all, 0, &pixels, NULL), WK_OK);
    assert_int_equal(wk_tally_measure(&whole, &count, &tally, all.scene.wcs[0], &pixels, 2.8, 1.0,
                                      NULL, NULL, NULL),
                     WK_OK);
    assert_int_equal(wk_tally_measure(&half, &wanted, &tally, all.scene.wcs[0], &pixels, 2.8, 1.0,
                                      east_half, east, NULL),
                     WK_OK);
    assert_in_range(wanted, count / 3, 2 * count / 3 + 20);
    for (int64_t i = 0, k = 0; i < wanted; i++) {
        while (whole[k].key < half[i].key)
            k++;
        same += !memcmp(&whole[k], &half[i], sizeof *whole);
    }
    assert_true(same > wanted - 30); /* a column of cells is cut */
    wk_memory_free(whole);
    wk_memory_free(half);
    wk_tally_release(&tally);
    wk_pixels_release(&pixels);
    scene_close(&all.scene);
}

/* Nothing good, and images too small for a cell. */
static void test_nothing(void **state)
{
    (void)state;
    static const int64_t sizes[][2] = {{1, 1}, {9, 5}, {40, 40}};
    for (int k = 0; k < 3; k++) {
        cells_case all;
        wk_pixels pixels = {0};
        wk_tally tally = {0};
        wk_tally_cell *cells = NULL;
        int64_t count = -1;
        cells_row(&all, 1, sizes[k][0], sizes[k][1]);
        all.scene.exposures[0].all_bad = k == 2;
        scene_open(&all.scene);
        assert_int_equal(cells_load(&all, 0, &pixels, NULL), WK_OK);
        assert_int_equal(wk_tally_measure(&cells, &count, &tally, all.scene.wcs[0], &pixels, 2.8,
                                          1.0, NULL, NULL, NULL),
                         WK_OK);
        assert_int_equal(count, 0);
        wk_memory_free(cells);
        wk_tally_release(&tally);
        wk_pixels_release(&pixels);
        scene_close(&all.scene);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_exact), cmocka_unit_test(test_errors),
                                       cmocka_unit_test(test_wanted),
                                       cmocka_unit_test(test_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
