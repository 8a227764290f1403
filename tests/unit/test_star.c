#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "star_scene.h"

static wk_star_match *match_lists(const wk_star_list *current, const wk_star_list *reference,
                                  int threads)
{
    wk_star_match *match = NULL;
    wk_error error;
    wk_context context = {.threads = threads};
    assert_int_equal(wk_stars_match(&match, current, reference, NULL, &context, &error), WK_OK);
    return match;
}

static const scene_options hard = {.count = 300,
                                   .width = 6000.0,
                                   .height = 4000.0,
                                   .scale = 1.0,
                                   .shift = {-441.0, 300.0},
                                   .noise = 0.1,
                                   .magnitude = 0.3,
                                   .missing = 0.3,
                                   .spurious = 0.3};

/* All stars in common are found; strangers within 3 px are expected for 120 x 0.4 stars of each
 * list left over: 120^2 pi 3^2 / 2.4e7 = 0.02. */
static void check_scene(const scene_options *o, int order)
{
    scene s = scene_make(o);
    wk_star_match *match = match_lists(&s.list[0], &s.list[1], 1);
    assert_int_equal(scene_right(&s, match), s.common);
    assert_in_range(match->count, s.common, s.common + 2);
    assert_int_equal(match->order, order);
    /* noise of a pair is 0.1 sqrt(1 + scale^2) a coordinate; 5 sigma of an rms of 2 x 140 numbers
       are 21 %; an accidental pair adds up to 9 / 140 px^2 */
    double noise = 0.1 * sqrt(2.0 * (1.0 + o->scale * o->scale));
    if (match->count == s.common)
        assert_true(match->rms < 1.21 * noise && match->rms > 0.7 * noise);
    if (o->distortion == 0.0) {
        /* 0.14 px over 150 stars that lie 2000 px about: 6e-6 */
        assert_true(fabs(match->scale / o->scale - 1.0) < 4e-5);
        assert_true(fabs(remainder(match->rotation - o->rotation, 360.0)) < 4e-5 * 57.3);
    }
    for (int64_t i = 1; i < match->count; i++)
        assert_true(match->current[i] > match->current[i - 1]);
    wk_star_match_free(match);
    scene_free(&s);
}

static void test_transforms(void **state)
{
    (void)state;
    scene_options o = hard;
    for (int degrees = 0; degrees < 360; degrees += 20) {
        o.seed = (uint64_t)degrees;
        o.rotation = degrees;
        o.scale = 0.55 * pow(1.95 / 0.55, (degrees % 77) / 76.0);
        check_scene(&o, 3);
    }
}

/* A similarity leaves half of a cubic at the corners: 30 and 50 px. */
static void test_distortion(void **state)
{
    (void)state;
    scene_options o = hard;
    for (uint64_t seed = 0; seed < 5; seed++) {
        o.seed = seed;
        o.distortion = -60.0;
        check_scene(&o, 3);
        o.distortion = 100.0;
        check_scene(&o, 3);
    }
}

static void test_identical(void **state)
{
    (void)state;
    scene_options o = {.seed = 9, .count = 200, .width = 3000.0, .height = 2000.0, .scale = 1.0};
    scene s = scene_make(&o);
    wk_star_match *match = match_lists(&s.list[1], &s.list[1], 1);
    assert_int_equal(match->count, 200);
    for (int64_t i = 0; i < 200; i++)
        assert_true(match->current[i] == i && match->reference[i] == i);
    assert_true(match->scale == 1.0 && match->rotation == 0.0);
    assert_true(match->shift[0] == 0.0 && match->shift[1] == 0.0);
    assert_true(match->rms < 1e-9);
    wk_star_match_free(match);
    scene_free(&s);
}

static void test_unrelated(void **state)
{
    (void)state;
    scene_options o = hard;
    for (uint64_t seed = 0; seed < 5; seed++) {
        wk_star_match *match = (void *)1;
        wk_error error;
        o.seed = seed;
        scene a = scene_make(&o);
        o.seed = seed + 100000;
        scene b = scene_make(&o);
        assert_int_equal(wk_stars_match(&match, &a.list[0], &b.list[1], NULL, NULL, &error),
                         WK_NO_CONVERGENCE);
        assert_null(match);
        assert_non_null(strstr(error.message, "no similarity transform"));
        assert_non_null(strstr(error.message, "of 50 bright stars"));
        scene_free(&a);
        scene_free(&b);
    }
}

/* Every star a double of 5 px: alike as they are, unrelated fields are refused. */
static void test_doubles(void **state)
{
    (void)state;
    double x[2][12], y[2][12];
    for (uint64_t seed = 0; seed < 40; seed++) {
        wk_star_match *match = NULL;
        for (int side = 0; side < 2; side++) {
            wk_random random = wk_random_stream(seed, (uint64_t)side, 5, 0, 0);
            for (int i = 0; i < 12; i += 2) {
                double angle = wk_random_between(&random, 0.0, 6.283);
                x[side][i] = wk_random_between(&random, 0.0, 4000.0);
                y[side][i] = wk_random_between(&random, 0.0, 3000.0);
                x[side][i + 1] = x[side][i] + 5.0 * cos(angle);
                y[side][i + 1] = y[side][i] + 5.0 * sin(angle);
            }
        }
        wk_star_list current = {x[0], y[0], NULL, 12}, reference = {x[1], y[1], NULL, 12};
        assert_int_equal(wk_stars_match(&match, &current, &reference, NULL, NULL, NULL),
                         WK_NO_CONVERGENCE);
        match = match_lists(&current, &current, 1);
        assert_int_equal(match->count, 12);
        assert_int_equal(match->bright[0], 6);
        wk_star_match_free(match);
    }
}

static void test_many(void **state)
{
    (void)state;
    scene_options o = hard;
    o.seed = 2;
    o.count = 50000;
    o.distortion = -60.0;
    scene s = scene_make(&o);
    wk_star_match *match = match_lists(&s.list[0], &s.list[1], 2);
    /* a stranger is nearer than the true partner for one in 50000 pi 0.3^2 / 2.4e7 = 6e-4 */
    assert_true((double)scene_right(&s, match) > 0.998 * (double)s.common);
    wk_star_match *again = match_lists(&s.list[0], &s.list[1], 1);
    assert_int_equal(match->count, again->count);
    assert_memory_equal(match->current, again->current, (size_t)match->count * sizeof(int64_t));
    assert_true(match->rms == again->rms && match->shift[0] == again->shift[0]);
    wk_star_match_free(match);
    wk_star_match_free(again);
    scene_free(&s);
}

/* The lists backwards, with rows of no position among them: the same stars to the bit. */
static void test_row_order(void **state)
{
    (void)state;
    scene_options o = hard;
    scene s = scene_make(&o);
    int64_t n = s.list[0].count;
    double *x = calloc((size_t)n + 1, sizeof *x), *y = calloc((size_t)n + 1, sizeof *y);
    double *brightness = calloc((size_t)n + 1, sizeof *brightness);
    for (int64_t i = 0; i < n; i++) {
        x[n - i] = s.x[0][i], y[n - i] = s.y[0][i];
        brightness[n - i] = s.brightness[0][i];
    }
    x[0] = (double)NAN, brightness[0] = 1e9;
    wk_star_list backwards = {x, y, brightness, n + 1};
    wk_star_match *a = match_lists(&s.list[0], &s.list[1], 1);
    wk_star_match *b = match_lists(&backwards, &s.list[1], 1);
    assert_int_equal(a->count, b->count);
    for (int64_t i = 0; i < a->count; i++)
        assert_int_equal(a->current[i], n - b->current[a->count - 1 - i]);
    assert_true(a->rms == b->rms && a->rotation == b->rotation && a->shift[0] == b->shift[0]);
    assert_int_equal(a->skipped[0], 0);
    assert_int_equal(b->skipped[0], 1);
    wk_star_match_free(a);
    wk_star_match_free(b);
    free(x), free(y), free(brightness);
    scene_free(&s);
}

/* Irregular stars on a line have a similarity, and only that. */
static void test_line(void **state)
{
    (void)state;
    scene_options o = {.seed = 3, .count = 40, .width = 4000.0, .scale = 1.1, .rotation = 25.0};
    scene s = scene_make(&o);
    wk_star_match *match = match_lists(&s.list[0], &s.list[1], 1);
    assert_int_equal(match->count, 40);
    assert_int_equal(match->order, 0);
    assert_true(fabs(match->scale - 1.1) < 1e-9 && fabs(match->rotation - 25.0) < 1e-9);
    wk_star_match_free(match);
    scene_free(&s);
}

static wk_status fails(const wk_star_list *list, const wk_star_match_options *options)
{
    wk_star_match *match = (void *)1;
    wk_error error;
    wk_status status = wk_stars_match(&match, list, list, options, NULL, &error);
    assert_null(match);
    assert_true(error.message[0] != '\0');
    return status;
}

static void test_refused(void **state)
{
    (void)state;
    double x[] = {0.0, 1000.0, 300.0, 300.0}, y[] = {0.0, 100.0, 700.0, (double)INFINITY};
    wk_star_list list = {x, y, NULL, 2};
    assert_int_equal(fails(&list, NULL), WK_NO_DATA);
    list.count = 0;
    assert_int_equal(fails(&list, NULL), WK_NO_DATA);
    list.count = 4;
    wk_star_match_options options = wk_star_match_options_default();
    options.radius = 0.0;
    assert_int_equal(fails(&list, &options), WK_ARGUMENT);
    options = wk_star_match_options_default();
    options.brightest = 2;
    assert_int_equal(fails(&list, &options), WK_ARGUMENT);
    options = wk_star_match_options_default();
    options.order = 6;
    assert_int_equal(fails(&list, &options), WK_ARGUMENT);
    /* three stars are enough if they agree closely; the fourth has no position */
    wk_star_match *match = match_lists(&list, &list, 1);
    assert_int_equal(match->count, 3);
    wk_star_match_free(match);
    x[1] = x[2] = y[1] = y[2] = 0.0; /* all in one place */
    assert_int_equal(fails(&list, NULL), WK_NO_CONVERGENCE);
    wk_star_match_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_transforms), cmocka_unit_test(test_distortion),
        cmocka_unit_test(test_identical),  cmocka_unit_test(test_unrelated),
        cmocka_unit_test(test_many),       cmocka_unit_test(test_doubles),
        cmocka_unit_test(test_row_order),  cmocka_unit_test(test_line),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
