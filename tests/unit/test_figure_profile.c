#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "figure_pixels.h"
#include "figure_profile.h"

static const wk_box box = {100, 50, 400, 300};
static const double nan_value = (double)NAN;
static const double steps[] = {1, 2, 3, 4};

static wk_profile_line line_of(const double *y, const double *errors)
{
    wk_profile_line line = {steps, y, errors, 4, wk_colour_hex(0xff0000), 1, "line"};
    return line;
}

static wk_profile profile_of(const wk_profile_line *line)
{
    wk_profile profile = {.lines = line,
                          .count = 1,
                          .low = 0.5,
                          .high = 4.5,
                          .ticks = 4,
                          .title = "title",
                          .across = "dx",
                          .unit = "pixel",
                          .upward = "value"};
    return profile;
}

static void expect_reach(const wk_profile *profile, double cut, double low, double high)
{
    wk_profile_reach reach = wk_profile_reach_start(profile->level, profile->logarithmic);
    reach.cut = cut;
    wk_profile_reach_add(&reach, profile);
    assert_true(fabs(reach.low - low) < 1e-12 && fabs(reach.high - high) < 1e-12);
}

static void test_reach(void **state)
{
    (void)state;
    const double y[] = {1, -0.5, nan_value, 0.25}, errors[] = {0.1, nan_value, 7, 100};
    const double band[] = {0.75, nan_value, 0.1, 50};
    wk_profile_line line = line_of(y, NULL);
    wk_profile profile = profile_of(&line);
    expect_reach(&profile, 0, -0.5, 1);
    line.errors = errors; /* of 100 no more than twice the largest value is shown */
    expect_reach(&profile, 0, 0.25 - 2, 0.25 + 2);
    line.errors = NULL;
    profile.band = band; /* 50 is more than three times the largest */
    expect_reach(&profile, 0, -0.75, 1);
    expect_reach(&profile, 0.3, -0.3, 0.3);
    const double powers[] = {100, 0, -1, 0.1};
    line.y = powers;
    profile.band = NULL;
    profile.level = 1;
    profile.logarithmic = 1;
    expect_reach(&profile, 0, -1, 2);
}

static void test_take(void **state)
{
    (void)state;
    wk_profile profile = {0};
    wk_profile_reach reach = {0, 10, 10, 0};
    wk_profile_reach_take(&reach, &profile);
    assert_true(fabs(profile.bottom + 0.8) < 1e-12 && fabs(profile.top - 10.8) < 1e-12);
    reach = (wk_profile_reach){1, 1, 1, 0};
    wk_profile_reach_take(&reach, &profile);
    assert_true(profile.bottom < 0.6 && profile.top > 1.4);
    reach = (wk_profile_reach){0, 0, 0, 0};
    wk_profile_reach_take(&reach, &profile);
    assert_true(profile.bottom < -0.9 && profile.top > 0.9);
}

/* Steps stand at x = 150, 250, 350, 450; values -1..1 over 300 units. */
static void test_drawing(void **state)
{
    (void)state;
    const double y[] = {0.5, nan_value, -0.5, 2}, errors[] = {0.2, 0.1, nan_value, 0.1};
    const double band[] = {0.1, 0.1, nan_value, 0.1};
    wk_profile_line line = line_of(y, errors);
    wk_profile profile = profile_of(&line);
    profile.band = band;
    profile.bottom = -1;
    profile.top = 1;
    wk_figure *figure = canvas(600, 480);
    wk_profile_draw(figure, box, &profile);
    assert_true((pixel(figure, 150, 125) & 0xff) < 60);    /* the dot */
    assert_true(pixel(figure, 150, 125 - 26) != 0xffffff); /* its error reaches 30 units */
    assert_true(pixel(figure, 150, 125 - 34) == 0xffffff);
    assert_true((pixel(figure, 350, 275) & 0xff) < 60);
    assert_int_equal(pixel(figure, 350, 275 - 15), 0xffffff); /* no error */
    assert_true(pixel(figure, 120, 190) != 0xffffff);         /* the band, 15 units to each side */
    assert_int_equal(pixel(figure, 120, 180), 0xffffff);
    assert_int_equal(pixel(figure, 380, 190), 0xffffff); /* none at the third */
    assert_true(pixel(figure, 480, 190) != 0xffffff);
    assert_true(pixel(figure, 450, 58) != 0xffffff);     /* a triangle for what is off the scale */
    assert_true(inked(figure, 300, 66, 190, 18) > 50);   /* and its value */
    assert_int_equal(pixel(figure, 400, 150), 0xffffff); /* joined with nothing */
    assert_true(inked(figure, 100, 20, 100, 25) > 30);   /* the title */
    discard(figure);
}

/* 0.1 to 1000 over the height: decades are 75 units. */
static void test_logarithm(void **state)
{
    (void)state;
    const double y[] = {10, 10, 0, -1};
    wk_profile_line line = line_of(y, NULL);
    line.dots = 0;
    wk_profile profile = profile_of(&line);
    profile.logarithmic = 1;
    profile.level = 1;
    profile.bottom = -1;
    profile.top = 3;
    wk_figure *figure = canvas(600, 480);
    wk_profile_draw(figure, box, &profile);
    assert_true((pixel(figure, 200, 200) & 0xff) < 120);
    assert_int_equal(pixel(figure, 300, 200), 0xffffff);
    assert_true(pixel(figure, 300, 274) != 0xffffff || pixel(figure, 300, 275) != 0xffffff);
    discard(figure);
}

static void test_degenerate(void **state)
{
    (void)state;
    const double cases[][4] = {{0, 0, 0, 0},
                               {nan_value, nan_value, nan_value, nan_value},
                               {(double)INFINITY, 1, nan_value, -1},
                               {1e300, -1e300, 0, 1},
                               {1e-300, 0, 0, 0}};
    for (size_t k = 0; k < 2 * sizeof cases / sizeof *cases; k++) {
        wk_profile_line line = line_of(cases[k / 2], cases[(k / 2 + 1) % 5]);
        wk_profile profile = profile_of(&line);
        line.count = k % 2 ? 4 : 0;
        profile.band = cases[(k / 2 + 2) % 5];
        wk_profile_reach reach = wk_profile_reach_start(0, 0);
        wk_profile_reach_add(&reach, &profile);
        wk_profile_reach_take(&reach, &profile);
        wk_figure *figure = canvas(600, 480);
        wk_profile_draw(figure, box, &profile);
        assert_true(inked(figure, 90, 50, 12, 300) > 300);   /* the axis */
        assert_int_equal(inked(figure, 510, 0, 90, 480), 0); /* nothing leaves the box */
        discard(figure);
    }
}

static void test_explanations(void **state)
{
    (void)state;
    const double y[] = {0, 0, 0, 0};
    wk_profile_line line = line_of(y, NULL);
    wk_figure *figure = canvas(600, 100);
    double next = wk_profile_explain(figure, 20, 50, &line);
    assert_true((pixel(figure, 34, 50) & 0xff) < 60);
    assert_true(next > 80 && next < 200);
    line.dots = 0;
    double after = wk_profile_explain(figure, next, 50, &line);
    assert_true(fabs(after - next - (next - 20)) < 1e-9);
    assert_true(wk_profile_explain_band(figure, after, 50, "band") > after + 60);
    assert_true(pixel(figure, (int)after + 10, 45) != 0xffffff);
    discard(figure);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reach),      cmocka_unit_test(test_take),
        cmocka_unit_test(test_drawing),    cmocka_unit_test(test_logarithm),
        cmocka_unit_test(test_degenerate), cmocka_unit_test(test_explanations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
