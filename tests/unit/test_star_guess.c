#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "star_guess.h"
#include "star_scene.h"

enum { bright = 16 };

static const double ACCEPTED = -9.2; /* ln 1e-4, as the matching accepts */

static wk_star_places places_of(const scene *s, int side)
{
    wk_star_places places = {s->x[side], s->y[side], s->list[side].count};
    return places;
}

/* Stars of 200 pairs of fields that have nothing in common: none may seem to agree. */
static void test_unrelated(void **state)
{
    (void)state;
    scene_options o = {.count = bright, .width = 6000.0, .height = 4000.0, .scale = 1.0};
    for (uint64_t seed = 0; seed < 200; seed++) {
        o.seed = seed;
        scene a = scene_make(&o);
        o.seed = seed + 100000;
        scene b = scene_make(&o);
        wk_star_places current = places_of(&a, 0), reference = places_of(&b, 1);
        wk_star_guess guess;
        assert_int_equal(wk_star_guess_find(&guess, &current, &reference, 3.0, NULL), WK_OK);
        assert_true(guess.chance > ACCEPTED);
        assert_true(guess.agreed < bright / 2);
        scene_free(&a);
        scene_free(&b);
    }
}

static void test_related(void **state)
{
    (void)state;
    scene_options o = {.count = bright,
                       .width = 6000.0,
                       .height = 4000.0,
                       .noise = 0.1,
                       .scale = 0.8,
                       .rotation = 70.0,
                       .shift = {300.0, -500.0}};
    for (uint64_t seed = 0; seed < 20; seed++) {
        o.seed = seed;
        scene s = scene_make(&o);
        wk_star_places current = places_of(&s, 0), reference = places_of(&s, 1);
        wk_star_guess guess;
        assert_int_equal(wk_star_guess_find(&guess, &current, &reference, 3.0, NULL), WK_OK);
        assert_true(guess.chance < ACCEPTED);
        /* at the radius where accident is least likely not every star need agree */
        assert_in_range(guess.agreed, bright / 2, bright);
        double scale = hypot(guess.transform.c[0][0], guess.transform.c[0][1]);
        /* noise of both lists, 0.14 px, over stars that lie 2000 px about: 2e-5 */
        assert_true(fabs(scale - 0.8) < 1e-4);
        scene_free(&s);
    }
}

/* Chernoff's bound against the sum of the Poisson distribution's tail, which it must exceed. */
static void test_chance(void **state)
{
    (void)state;
    double none = wk_star_guess_chance(2, 0.5, 10, 20);
    for (int64_t agreed = 3; agreed < 12; agreed++) {
        double term = exp(-0.5), tail = 0.0;
        for (int64_t k = 0; k < 60; k++) {
            tail += k >= agreed - 2 ? term : 0.0;
            term *= 0.5 / (double)(k + 1);
        }
        double bound = wk_star_guess_chance(agreed, 0.5, 10, 20) - none;
        assert_true(bound > log(tail));
        assert_true(bound < log(tail) + 3.0);
    }
    assert_true(wk_star_guess_chance(5, 4.0, 10, 20) == none);
}

static void test_reach(void **state)
{
    (void)state;
    double x[] = {0.0, 1.0, 2.0, 3.0, 1e9}, y[] = {5.0, 5.0, 5.0, 5.0, 5.0}, middle[2], room[5];
    wk_star_places places = {x, y, 5};
    assert_true(wk_star_guess_reach(middle, &places, room) == 1.0);
    assert_true(middle[0] == 2.0 && middle[1] == 5.0);
}

static void test_one_place(void **state)
{
    (void)state;
    double x[] = {1.0, 1.0, 1.0, 1.0};
    wk_star_places places = {x, x, 4};
    wk_star_guess guess;
    assert_int_equal(wk_star_guess_find(&guess, &places, &places, 3.0, NULL), WK_OK);
    assert_true(guess.chance > ACCEPTED);
    assert_int_equal(guess.agreed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unrelated), cmocka_unit_test(test_related),
        cmocka_unit_test(test_chance),    cmocka_unit_test(test_reach),
        cmocka_unit_test(test_one_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
