#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tree.h"

static double uniform(uint32_t *state)
{
    *state = *state * 1664525U + 1013904223U;
    return *state / 4294967296.0;
}

static wk_ball *make_balls(int64_t n, double radius)
{
    uint32_t state = 5;
    wk_ball *balls = calloc((size_t)n, sizeof *balls);
    for (int64_t i = 0; i < n; i++) {
        for (int k = 0; k < 3; k++)
            balls[i].centre[k] = 2.0 * uniform(&state) - 1.0;
        balls[i].radius = radius * uniform(&state);
    }
    return balls;
}

static int meet(const wk_ball *a, const wk_ball *b)
{
    double square = 0.0;
    for (int k = 0; k < 3; k++)
        square += (a->centre[k] - b->centre[k]) * (a->centre[k] - b->centre[k]);
    return square <= (a->radius + b->radius) * (a->radius + b->radius);
}

static int mark(int64_t index, void *payload)
{
    ((char *)payload)[index]++;
    return 0;
}

static int stop(int64_t index, void *payload)
{
    *(int *)payload += 1;
    return index >= 0 ? 7 : 0;
}

/* Every ball that trying all of them finds, each once, and no other. */
static void check_against_all(int64_t n, double radius)
{
    wk_ball *balls = make_balls(n, radius);
    char *seen = malloc((size_t)n + 1);
    wk_tree *tree = NULL;
    assert_int_equal(wk_tree_create(&tree, balls, n, NULL), WK_OK);
    for (int64_t i = 0; i < n; i++) {
        memset(seen, 0, (size_t)n);
        assert_int_equal(wk_tree_search(tree, &balls[i], mark, seen), 0);
        for (int64_t j = 0; j < n; j++)
            assert_int_equal(seen[j], meet(&balls[i], &balls[j]));
    }
    wk_tree_free(tree);
    free(seen);
    free(balls);
}

static void test_finds_all(void **state)
{
    (void)state;
    for (int64_t n = 1; n < 40; n++)
        check_against_all(n, 0.6);
    check_against_all(700, 0.1);
}

static void test_same_centre(void **state)
{
    (void)state;
    wk_ball balls[20];
    memset(balls, 0, sizeof balls);
    char seen[20] = {0};
    wk_tree *tree = NULL;
    assert_int_equal(wk_tree_create(&tree, balls, 20, NULL), WK_OK);
    wk_tree_search(tree, &balls[0], mark, seen);
    for (int i = 0; i < 20; i++)
        assert_int_equal(seen[i], 1);
    wk_tree_free(tree);
}

static void test_stops(void **state)
{
    (void)state;
    wk_ball *balls = make_balls(50, 3.0);
    wk_tree *tree = NULL;
    int calls = 0;
    assert_int_equal(wk_tree_create(&tree, balls, 50, NULL), WK_OK);
    assert_int_equal(wk_tree_search(tree, &balls[3], stop, &calls), 7);
    assert_int_equal(calls, 1);
    wk_tree_free(tree);
    free(balls);
}

static void test_empty(void **state)
{
    (void)state;
    wk_ball ball = {{0, 0, 0}, 1};
    wk_tree *tree = NULL;
    int calls = 0;
    assert_int_equal(wk_tree_create(&tree, NULL, 0, NULL), WK_OK);
    assert_int_equal(wk_tree_search(tree, &ball, stop, &calls), 0);
    wk_tree_free(tree);
    wk_tree_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finds_all),
        cmocka_unit_test(test_same_centre),
        cmocka_unit_test(test_stops),
        cmocka_unit_test(test_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
