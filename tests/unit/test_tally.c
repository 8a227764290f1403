#include "cells_case.h"

#include "memory.h"
#include "polygon.h"

static const double arcsecond = 4.8481368110953599359e-6;

/* Sums over one cell, each pixel cut into FINE x FINE parts with exact coordinates. */
typedef struct sums {
    double sum, x, y, good, all;
} sums;

enum { FINE = 8 };

static void take_part(sums *out, const wk_zone *zone, const double sky[2], int64_t key,
                      double pitch, double data, int bad)
{
    double vector[3], plane[2];
    wk_vector_from_sky(vector, sky);
    wk_zone_project(plane, zone, vector);
    int64_t u = (int64_t)floor(plane[0] / (pitch * arcsecond));
    int64_t v = (int64_t)floor(plane[1] / (pitch * arcsecond));
    if (wk_zone_key(zone->number, u, v) != key || wk_zone_side(zone, plane[0], plane[1]))
        return;
    out->all += 1.0 / (FINE * FINE);
    out->good += bad ? 0.0 : 1.0 / (FINE * FINE);
    out->sum += bad ? 0.0 : data / (FINE * FINE);
}

static void take_exactly(sums *out, const scene_exposure *e, const wk_pixels *pixels,
                         const wk_tally_cell *cell, double pitch)
{
    wk_wcs *wcs = scene_make_wcs(e);
    wk_zone zone;
    wk_zone_fill(&zone, cell->key >> 48);
    double middle[2] = {0.5 * ((double)cell->x * (double)e->width + (double)e->width - 1.0),
                        0.5 * ((double)cell->y * (double)e->height + (double)e->height - 1.0)};
    memset(out, 0, sizeof *out);
    for (int64_t i = 0; i < e->width * e->height; i++) {
        double x = (double)(i % e->width), y = (double)(i / e->width);
        if (hypot(x - middle[0], y - middle[1]) > 10.0)
            continue;
        double before = out->good;
        for (int k = 0; k < FINE * FINE; k++) {
            double sky[2] = {x + (k % FINE + 0.5) / FINE - 0.5, y + (k / FINE + 0.5) / FINE - 0.5};
            assert_int_equal(wk_wcs_to_sky(wcs, 1, sky, sky, NULL), WK_OK);
            take_part(out, &zone, sky, cell->key, pitch, (double)pixels->data[i], pixels->bad[i]);
        }
        out->x += (out->good - before) * x;
        out->y += (out->good - before) * y;
    }
    wk_wcs_free(wcs);
}

/* Distorted, turned, across a border of zones, masked: cells as areas by exact coordinates make
 * them.  At 21 degrees parts are areas to about a tenth of a pixel at some 10 pixels of a cell's
 * border: 0.3 px of 64, and 0.3 / 64 of a noise of 0.5 for means.  Pixels at the border of zones
 * belong to the zone of their centre: there, up to half a pixel more. */
static void test_exact(void **state)
{
    (void)state;
    cells_case all;
    wk_pixels pixels = {0};
    wk_tally tally = {0};
    wk_tally_cell *cells = NULL;
    int64_t count = 0, wrong = 0, checked = 0, zones = 0;
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
        take_exactly(&exact, &all.scene.exposures[0], &pixels, &cells[i], 3.0);
        double n = exact.good;
        int same = fabs(n - (double)cells[i].pixels) < 1.5 &&
                   fabs(exact.sum / n - cells[i].value) < 0.02 &&
                   fabs((2 * exact.x / n + 1) / 150 - 1 - (double)cells[i].x) * 75 < 0.05 &&
                   fabs((2 * exact.y / n + 1) / 130 - 1 - (double)cells[i].y) * 65 < 0.05;
        wrong += !same;
        zones += cells[i].key >> 48 != cells[0].key >> 48;
        assert_true(n >= 0.89 * exact.all);
        assert_true(i == 0 || cells[i].key > cells[i - 1].key);
    }
    assert_true(zones > 0 && zones < checked);
    assert_true(wrong <= checked / 10);
    wk_memory_free(cells);
    wk_tally_release(&tally);
    wk_pixels_release(&pixels);
    scene_close(&all.scene);
}

/* A mask's border through cells over structure, and the same scatter without a mask. */
static void test_masked(void **state)
{
    (void)state;
    cells_case all;
    wk_pixels pixels = {0};
    wk_tally tally = {0};
    wk_tally_cell *cells = NULL;
    int64_t count = 0, whole = 0, cut = 0;
    double errors[2] = {0.0, 0.0};
    cells_row(&all, 1, 150, 130);
    all.scene.exposures[0].noise = 0.1;
    all.sky = 500.0;
    scene_open(&all.scene);
    assert_int_equal(cells_load(&all, 0, &pixels, NULL), WK_OK);
    for (int64_t i = 0; i < 150 * 130; i++)
        pixels.bad[i] = (i / 150) % 30 == 0;
    assert_int_equal(wk_tally_measure(&cells, &count, &tally, all.scene.wcs[0], &pixels, 5.6, 0.1,
                                      NULL, NULL, NULL),
                     WK_OK);
    for (int64_t i = 0; i < count; i++) {
        int less = cells[i].pixels < 235;
        errors[less] += (double)cells[i].error;
        cut += less;
        whole += !less;
    }
    assert_true(cut > 10 && whole > 10);
    assert_true(errors[1] / (double)cut > 1.1 * errors[0] / (double)whole);
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

/* noise / sqrt n on a flat sky, n rounded, up to the cells whose scatter is beyond 2 of its errors;
 * the scatter where noise is unknown; more over structure. */
static void test_errors(void **state)
{
    (void)state;
    double flat = error_of(1.0, 1.0, 0.0);
    assert_true(flat > 0.995 && flat < 1.005);
    assert_true(fabs(error_of(1.0, (double)NAN, 0.0) - 1.0) < 0.03);
    assert_true(error_of(1.0, 1.0, 600.0) > 1.2);
    assert_true(error_of(0.0, (double)NAN, 0.0) == 0.0);
}

static int east_half(const void *payload, const double centre[3], double radius)
{
    const double *vector = payload;
    return wk_vector_dot(vector, centre) > -sin(radius);
}

/* Whether a cell's mean place lies in the half. */
static int lies_east(const wk_tally_cell *cell, const scene_exposure *e, const double east[3])
{
    wk_wcs *wcs = scene_make_wcs(e);
    double vector[3],
        place[2] = {0.5 * ((double)cell->x * (double)e->width + (double)e->width - 1.0),
                    0.5 * ((double)cell->y * (double)e->height + (double)e->height - 1.0)};
    assert_int_equal(wk_wcs_to_sky(wcs, 1, place, place, NULL), WK_OK);
    wk_vector_from_sky(vector, place);
    wk_wcs_free(wcs);
    return wk_vector_dot(vector, east) > 0.0;
}

/* What is left out changes no bit of a cell that reaches into what is wanted, at several angles. */
static void test_wanted(void **state)
{
    (void)state;
    for (int turn = 0; turn < 4; turn++) {
        cells_case all;
        wk_pixels pixels = {0};
        wk_tally tally = {0};
        wk_tally_cell *whole = NULL, *half = NULL;
        int64_t count = 0, wanted = 0, inside = 0;
        cells_row(&all, 1, 200, 200);
        all.scene.exposures[0].noise = 1.0;
        all.scene.exposures[0].rotation = 27.0 * turn;
        scene_open(&all.scene);
        double sky[2] = {all.scene.exposures[0].ra + 90.0, 0.0}, east[3];
        wk_vector_from_sky(east, sky);
        assert_int_equal(cells_load(&all, 0, &pixels, NULL), WK_OK);
        assert_int_equal(wk_tally_measure(&whole, &count, &tally, all.scene.wcs[0], &pixels, 2.8,
                                          1.0, NULL, NULL, NULL),
                         WK_OK);
        assert_int_equal(wk_tally_measure(&half, &wanted, &tally, all.scene.wcs[0], &pixels, 2.8,
                                          1.0, east_half, east, NULL),
                         WK_OK);
        assert_true(wanted < count);
        for (int64_t i = 0, k = 0; i < count; i++) {
            if (!lies_east(&whole[i], &all.scene.exposures[0], east))
                continue;
            while (k < wanted && half[k].key < whole[i].key)
                k++;
            assert_true(k < wanted);
            assert_memory_equal(&whole[i], &half[k], sizeof *whole);
            inside++;
        }
        assert_true(inside > count / 3);
        wk_memory_free(whole);
        wk_memory_free(half);
        wk_tally_release(&tally);
        wk_pixels_release(&pixels);
        scene_close(&all.scene);
    }
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
                                       cmocka_unit_test(test_masked), cmocka_unit_test(test_wanted),
                                       cmocka_unit_test(test_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
