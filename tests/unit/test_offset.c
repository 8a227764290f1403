#include "offset_case.h"

enum { WIDTH = 60, HEIGHT = 40 };

static void test_defaults(void **state)
{
    const wk_offset_options o = wk_offset_options_default();
    (void)state;
    assert_int_equal(o.model, WK_OFFSET_NEAREST);
    assert_int_equal(o.quadrants, WK_OFFSET_HALF_OPEN);
    assert_true(isnan(o.power) && isnan(o.smooth));
    assert_int_equal(o.order, 3);
    assert_true(o.clip == 3);
    assert_int_equal(o.quirks.sections, 8);
    assert_int_equal(o.quirks.stride, 3);
    assert_true(o.quirks.lose_first && o.quirks.zero_missing && o.quirks.zero_border);
    assert_false(o.errors);
}

static void refused(wk_offset_options options, const char *subject)
{
    const field f = field_scatter(20, WIDTH, HEIGHT, 0, 1);
    const wk_offset_stars stars = field_stars(&f);
    wk_offset *offset = (wk_offset *)1;
    wk_error error;
    assert_int_equal(wk_offset_fit(&offset, &stars, WIDTH, HEIGHT, &options, NULL, &error),
                     WK_ARGUMENT);
    assert_null(offset);
    assert_string_equal(error.subject, subject);
}

static void allowed(wk_offset_options options)
{
    const field f = field_scatter(80, WIDTH, HEIGHT, 0, 1);
    wk_offset_free(field_fit(&f, WIDTH, HEIGHT, &options));
}

#define REFUSED(change, subject)                                                                   \
    do {                                                                                           \
        wk_offset_options o = wk_offset_options_default();                                         \
        change;                                                                                    \
        refused(o, subject);                                                                       \
    } while (0)
#define ALLOWED(change)                                                                            \
    do {                                                                                           \
        wk_offset_options o = wk_offset_options_default();                                         \
        change;                                                                                    \
        allowed(o);                                                                                \
    } while (0)

static void test_ranges(void **state)
{
    (void)state;
    REFUSED(o.model = WK_OFFSET_WCS, "model");
    REFUSED(o.power = 0.09, "power");
    REFUSED(o.power = 16.1, "power");
    REFUSED(o.power = INFINITY, "power");
    REFUSED(o.smooth = -1, "smooth");
    REFUSED(o.smooth = INFINITY, "smooth");
    REFUSED(o.model = WK_OFFSET_POLYNOMIAL; o.order = -1, "order");
    REFUSED(o.model = WK_OFFSET_POLYNOMIAL; o.order = 10, "order");
    REFUSED(o.clip = -0.1, "clip");
    REFUSED(o.clip = NAN, "clip");
    REFUSED(o.quirks.sections = 0, "sections");
    REFUSED(o.quirks.sections = 4097, "sections");
    REFUSED(o.quirks.stride = 0, "stride");
    REFUSED(o.quirks.stride = 5, "stride");
    REFUSED(o.model = WK_OFFSET_AUTO; o.clip = -1, "clip");
    ALLOWED(o.power = 0.1);
    ALLOWED(o.power = 16);
    ALLOWED(o.model = WK_OFFSET_POLYNOMIAL; o.order = 9);
    ALLOWED(o.model = WK_OFFSET_SEED; o.quirks.sections = 4096; o.quirks.stride = 4);
}

static void test_sizes(void **state)
{
    static const int64_t bad[][2] = {{0, 1}, {1, 0}, {-1, 5}, {100001, 100000}, {INT64_MAX, 3}};
    const field f = field_scatter(3, 5, 5, 0, 1);
    const wk_offset_stars stars = field_stars(&f);
    wk_offset *offset;
    wk_error error;
    (void)state;
    for (int i = 0; i < 5; i++) {
        assert_int_equal(wk_offset_fit(&offset, &stars, bad[i][0], bad[i][1], NULL, NULL, &error),
                         WK_ARGUMENT);
        assert_null(offset);
        assert_string_equal(error.subject, "size");
    }
    wk_offset_free(field_fit(&f, 100000, 100000, NULL));
    wk_offset_free(field_fit(&f, 1, 1, NULL));
}

/* Rows with one number that is not finite are dropped, one each. */
static void test_rows_dropped(void **state)
{
    field f = field_scatter(12, WIDTH, HEIGHT, 0, 3);
    double rx[12], ry[12];
    unsigned char used[12];
    (void)state;
    f.x[0] = NAN;
    f.y[3] = INFINITY;
    f.dx[5] = NAN;
    f.dy[11] = -INFINITY;
    f.x[1] = -0.6; /* outside */
    f.y[2] = HEIGHT;
    f.x[6] = f.x[4]; /* at one place */
    f.y[6] = f.y[4];
    f.x[7] = f.x[4];
    f.y[7] = f.y[4];
    wk_offset *offset = field_fit(&f, WIDTH, HEIGHT, NULL);
    const wk_offset_facts *facts = wk_offset_describe(offset);
    assert_int_equal(facts->stars, 8);
    assert_int_equal(facts->dropped, 4);
    assert_int_equal(facts->duplicates, 2);
    assert_int_equal(facts->outside, 2);
    assert_int_equal(facts->width, WIDTH);
    assert_int_equal(facts->height, HEIGHT);
    assert_int_equal(facts->clipped, 0);
    wk_offset_residuals(rx, ry, used, offset);
    for (int i = 0; i < 12; i++) {
        const int dropped = i == 0 || i == 3 || i == 5 || i == 11;
        assert_int_equal(used[i], !dropped);
        assert_true(isnan(rx[i]) == dropped && isnan(ry[i]) == dropped);
    }
    assert_true(rx[6] == f.dx[6] - f.dx[4]); /* predicted by the first at the place */
    assert_true(rx[7] == f.dx[7] - f.dx[4]);
    wk_offset_free(offset);
}

static void test_points(void **state)
{
    const double x[] = {1, 2.5, 1, 7 + 5e-10, 1, -1e-10}, y[] = {1, 3, 1, 2, 1, 4};
    const double zero[6] = {0};
    const wk_offset_stars stars = {x, y, zero, zero, 6};
    wk_offset *offset;
    (void)state;
    assert_int_equal(wk_offset_prepare(&offset, &stars, 8, 5, NULL, NULL), WK_OK);
    const wk_offset_points *p = &offset->points;
    const int64_t twins[] = {0, 1, 0, 3, 0, 5}, touching[] = {5, 4, 3, 2, 0};
    assert_memory_equal(p->twin, twins, sizeof twins);
    assert_int_equal(p->touching_count, 5);
    assert_memory_equal(p->touching, touching, sizeof touching);
    wk_offset_free(offset);
    wk_offset_free(NULL);
}

static void no_star(const field *f, wk_offset_options options, const char *message)
{
    const wk_offset_stars stars = field_stars(f);
    wk_offset *offset = (wk_offset *)1;
    wk_error error;
    assert_int_equal(wk_offset_fit(&offset, &stars, 5, 5, &options, NULL, &error), WK_NO_DATA);
    assert_null(offset);
    assert_non_null(strstr(error.message, message));
}

static void test_no_star(void **state)
{
    field none = {.count = 0}, bad = {.count = 1, .x = {NAN}};
    (void)state;
    for (int model = WK_OFFSET_NEAREST; model <= WK_OFFSET_AUTO; model++) {
        no_star(&none, options_of((wk_offset_model)model), "there is no star");
        no_star(&bad, options_of((wk_offset_model)model), "none of the 1 stars");
    }
}

static void test_rate(void **state)
{
    const field f = field_scatter(4, WIDTH, HEIGHT, 0, 5);
    wk_offset *offset = field_fit(&f, WIDTH, HEIGHT, NULL);
    (void)state;
    const double residual[] = {3, NAN, 100, -4};
    for (int i = 0; i < 4; i++)
        offset->residual[0][i] = residual[i];
    offset->used[2] = 0;
    wk_offset_rate(offset);
    assert_near(offset->facts.left_out[0], sqrt(12.5), 1e-15);
    assert_int_equal(offset->facts.clipped, 1);
    wk_offset_free(offset);
}

/* A model of its own is one trial. */
static void test_trial(void **state)
{
    const field f = field_scatter(30, WIDTH, HEIGHT, 0, 6);
    wk_offset_options options = options_of(WK_OFFSET_POLYNOMIAL);
    (void)state;
    options.order = 2;
    wk_offset *offset = field_fit(&f, WIDTH, HEIGHT, &options);
    const wk_offset_facts *facts = wk_offset_describe(offset);
    assert_int_equal(facts->trial_count, 1);
    assert_int_equal(facts->trials[0].model, WK_OFFSET_POLYNOMIAL);
    assert_int_equal(facts->trials[0].order, 2);
    assert_int_equal(facts->trials[0].fitted, 1);
    assert_true(facts->trials[0].parameters == 6);
    assert_true(facts->trials[0].left_out[1] == facts->left_out[1]);
    wk_offset_free(offset);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults), cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_sizes),    cmocka_unit_test(test_rows_dropped),
        cmocka_unit_test(test_points),   cmocka_unit_test(test_no_star),
        cmocka_unit_test(test_rate),     cmocka_unit_test(test_trial),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
