#include "match_case.h"

#include "match_share.h"
#include "sanitized.h"

enum { side_pixels = 32, frames_most = 9, seeds = SANITIZED ? 20 : 200, stack = 8 };

/* A member that sees others, for the listing made by hand. */
static void see(wk_member *member, size_t item, double error, int64_t pixels, int64_t points)
{
    wk_side *side = &member->sides[member->side_count++];
    *side = (wk_side){item, case_region(0.0, error, pixels), points};
}

static void test_hand_made_listing(void **state)
{
    (void)state;
    wk_member members[3];
    wk_side sides[3][2];
    size_t held[] = {0, 1};
    wk_shared_set set = {held, 2, 25};
    memset(members, 0, sizeof members);
    for (size_t i = 0; i < 3; i++) {
        members[i].item = i;
        members[i].sides = sides[i];
        for (size_t k = 0; k < 3; k++)
            if (k != i)
                see(&members[i], k, 0.4, 1000, 100);
    }
    members[1].sets = &set;
    members[1].set_count = 1;
    wk_overlaps all = {.members = members, .count = 3, .items = 3};
    const double total = hypot(0.4, 0.4);
    wk_edge edges[] = {{0, 1, 0, 1, total}, {0, 2, 0, 1, total}, {1, 2, 0, 1, total}};
    wk_shared_noise shared;
    assert_int_equal(wk_shared_noise_list(&shared, edges, 3, &all, NULL), WK_OK);
    assert_int_equal(shared.count, 1);
    assert_int_equal(shared.sources[0].count, 2);
    /* a quarter of the points: half of the error; item 1 comes second in the first edge */
    const wk_noise_term *terms = shared.sources[0].terms;
    assert_int_equal(terms[0].edge, 0);
    assert_true(fabs(terms[0].coefficient + 0.2) < 1e-15);
    assert_int_equal(terms[1].edge, 2);
    assert_true(fabs(terms[1].coefficient - 0.2) < 1e-15);
    /* what is shared is taken out of the edge's own error */
    double left = sqrt(0.16 + 0.16 - 0.04);
    assert_true(fabs(edges[0].error - left) < 1e-15 && fabs(edges[2].error - left) < 1e-15);
    assert_true(edges[1].error == total);
    wk_shared_noise_release(&shared);
}

static void test_sets_of_one_edge_are_no_source(void **state)
{
    (void)state;
    wk_member member;
    wk_side sides[2];
    size_t held[] = {0, 1};
    wk_shared_set set = {held, 2, 100};
    memset(&member, 0, sizeof member);
    member.sides = sides;
    see(&member, 1, 0.4, 1000, 100);
    see(&member, 2, 0.4, 1000, 100); /* without an edge: the other side has no pixel */
    member.sets = &set;
    member.set_count = 1;
    wk_overlaps all = {.members = &member, .count = 1, .items = 3};
    wk_edge edge = {0, 1, 0.0, 1.0, 0.5};
    wk_shared_noise shared;
    assert_int_equal(wk_shared_noise_list(&shared, &edge, 1, &all, NULL), WK_OK);
    assert_int_equal(shared.count, 0);
    assert_true(edge.error == 0.5);
    wk_shared_noise_release(&shared);
    edge.error = (double)NAN; /* unknown stays unknown */
    sides[0].region.error = (double)NAN;
    assert_int_equal(wk_shared_noise_list(&shared, &edge, 1, &all, NULL), WK_OK);
    assert_true(isnan(edge.error));
    wk_shared_noise_release(&shared);
}

/* White noise of a seed's own on levels that are known. */
typedef struct noisy {
    scene scene;
    uint64_t seed;
} noisy;

static wk_status load_noisy(void *payload, size_t index, wk_pixels *pixels, wk_error *error)
{
    const noisy *all = payload;
    const scene_exposure *e = &all->scene.exposures[index];
    wk_status status = wk_pixels_reserve(pixels, e->width, e->height, 0, error);
    if (status < 0)
        return status;
    int64_t count = e->width * e->height;
    wk_random_gaussian(pixels->data, count, wk_random_stream(all->seed, 1, index, 0, 0));
    for (int64_t i = 0; i < count; i++)
        pixels->data[i] = (float)(e->level + e->noise * (double)pixels->data[i]);
    memset(pixels->bad, 0, (size_t)count);
    pixels->good = count;
    return WK_OK;
}

static scene_exposure *place(noisy *all, size_t i, double x, double y)
{
    scene_exposure *e = &all->scene.exposures[i];
    e->width = e->height = side_pixels;
    e->scale = 1e-4;
    e->ra = 150.0 - x * e->scale;
    e->dec = y * e->scale;
    e->level = 20.0 + 5.0 * (double)((i * 7) % 4);
    e->noise = 1.0;
    return e;
}

/* The mean square of (level - truth) / error over the exposures, both less their mean. */
static double mean_square_pull(const wk_solution *solution, const noisy *all)
{
    size_t n = all->scene.count;
    double off = 0.0;
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        off += (solution->levels[i].sky - all->scene.exposures[i].level) / (double)n;
    for (size_t i = 0; i < n; i++) {
        const wk_level_result *level = &solution->levels[i];
        double pull = (level->sky - all->scene.exposures[i].level - off) / level->error;
        sum += pull * pull / (double)n;
    }
    return sum;
}

/* The pulls of one seed depend on each other, those of two seeds do not: the scatter of a seed's
 * mean square, over the root of the number of seeds, is the error of the mean over all. */
static void check_pulls(noisy *all, const wk_match_options *options)
{
    wk_overlaps *overlaps = scene_find(&all->scene);
    double sum = 0.0;
    double squares = 0.0;
    for (all->seed = 1; all->seed <= seeds; all->seed++) {
        wk_solution *solution = NULL;
        assert_int_equal(
            wk_overlaps_measure(overlaps, load_noisy, all, &options->statistic, 0, NULL, NULL),
            WK_OK);
        assert_int_equal(wk_match(&solution, overlaps, options, NULL, NULL), WK_OK);
        double pull = mean_square_pull(solution, all) - 1.0;
        sum += pull;
        squares += pull * pull;
        wk_solution_free(solution);
    }
    wk_overlaps_free(overlaps);
    double mean = sum / seeds;
    double error = sqrt((squares / seeds - mean * mean) / (seeds - 1));
    print_message("# mean square pull %.3f +- %.3f\n", 1.0 + mean, error);
    /* 0.08 of 200 seeds, or else nothing is tested */
    assert_true(error < 0.08 * sqrt(200.0 / seeds));
    assert_true(fabs(mean) < 5.0 * error);
}

static void check_statistics(noisy *all)
{
    const wk_statistic statistics[] = {WK_STATISTIC_MEAN, WK_STATISTIC_MEDIAN};
    scene_open(&all->scene);
    for (int i = 0; i < 2; i++) {
        wk_match_options options = case_options(WK_MATCH_MATCH);
        options.statistic.statistic = statistics[i];
        check_pulls(all, &options);
    }
    scene_close(&all->scene);
}

/* All on one place, to fractions of a pixel: every pixel serves 7 overlaps. */
static void test_errors_in_a_stack(void **state)
{
    (void)state;
    static noisy all;
    memset(&all, 0, sizeof all);
    all.scene.count = stack;
    for (size_t i = 0; i < stack; i++)
        place(&all, i, 0.13 * (double)i, 0.31 * (double)((3 * i) % 8))->noise = 1.0;
    check_statistics(&all);
}

/* 3 x 3 with overlaps of a third: corners of four, and exposures of unlike noise. */
static void test_errors_in_a_mosaic(void **state)
{
    (void)state;
    static noisy all;
    memset(&all, 0, sizeof all);
    all.scene.count = frames_most;
    for (size_t i = 0; i < frames_most; i++)
        place(&all, i, 21.3 * (double)(i % 3), 20.6 * (double)(i / 3))->noise =
            1.0 + 0.2 * (double)(i % 4);
    check_statistics(&all);
    wk_match_options options = case_options(WK_MATCH_MATCH);
    options.statistic.statistic = WK_STATISTIC_MEAN;
    options.weights = WK_WEIGHTS_VARIANCE;
    scene_open(&all.scene);
    check_pulls(&all, &options);
    scene_close(&all.scene);
}

/* One exposure's two detectors in a group: each detector's pixels are its own noise. */
static void test_errors_with_groups(void **state)
{
    (void)state;
    static noisy all;
    memset(&all, 0, sizeof all);
    all.scene.count = 8;
    const char *const names[] = {"g0", "g1", "g2", "g3"};
    for (size_t i = 0; i < 8; i++) {
        scene_exposure *e =
            place(&all, i, 30.0 * (double)(i % 2) + 4.6 * (double)(i / 2), 2.7 * (double)(i / 2));
        e->group = names[i / 2];
        e->level = 20.0 + 4.0 * (double)(i / 2);
    }
    check_statistics(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hand_made_listing),
        cmocka_unit_test(test_sets_of_one_edge_are_no_source),
        cmocka_unit_test(test_errors_in_a_stack),
        cmocka_unit_test(test_errors_in_a_mosaic),
        cmocka_unit_test(test_errors_with_groups),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
