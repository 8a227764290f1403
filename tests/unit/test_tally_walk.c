#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tally_walk.h"

enum { N = 128, MOST = 900 };

/* Pieces follow each other without a gap, each within one cell, from border to border: slopes of
 * either sign, steep in either coordinate, bent.  Borders are off by 1e-3 px at most. */
static void check_walk(const double cubic[2][4], const double gain[2], int steep)
{
    const int64_t first[2] = {-400, -400};
    wk_tally_walk walk = wk_tally_walk_open(cubic, gain, N, first, MOST, MOST);
    wk_tally_piece piece = wk_tally_walk_start(&walk, -0.5);
    assert_int_equal(walk.stride[0], steep ? MOST : 1);
    assert_int_equal(walk.stride[1], steep ? 1 : MOST);
    for (double last = -0.5; piece.to < N - 0.5; last = piece.to) {
        wk_tally_walk_next(&piece, &walk, N - 0.5);
        assert_true(piece.from == last && piece.to > piece.from);
        double shift = 2e-3 < 0.5 * (piece.to - piece.from) ? 2e-3 : 0.5 * (piece.to - piece.from);
        for (int k = 0; k < 2; k++) {
            double x = k ? piece.to - shift : piece.from + shift;
            double place = wk_tally_cubic(cubic[steep], x / N) + 400.0;
            /* the first and last pieces may be shorter than what borders are off by */
            if (shift == 2e-3)
                assert_true(floor(place) == piece.cell);
            double other = wk_tally_cubic(cubic[!steep], (k ? piece.to : piece.from) / N) + 400.0;
            assert_true(fabs(other - (k ? piece.end : piece.begin)) < 1e-9);
        }
    }
    assert_true(piece.to == N - 0.5);
}

static void test_pieces(void **state)
{
    (void)state;
    static const double slopes[][2] = {{15.9, 0.2}, {-16.1, 3}, {0.3, -12},
                                       {60, 11},    {-9, -6},   {1, 15}};
    for (int s = 0; s < 6; s++)
        for (int k = 0; k < 50; k++) {
            double cubic[2][4] = {{0.37 * k - 3, slopes[s][0], 0.02 * k, -0.01 * k},
                                  {2 - 0.53 * k, slopes[s][1], -0.01 * k, 0.005 * k}};
            const double gain[2] = {-slopes[s][1] / N, slopes[s][0] / N};
            check_walk((const double(*)[4])cubic, gain, fabs(slopes[s][1]) > fabs(slopes[s][0]));
        }
}

/* What stands still is one piece; what lies outside is put at the edge, what has no place too. */
static void test_outside(void **state)
{
    (void)state;
    const int64_t first[2] = {0, 0};
    const double still[2][4] = {{5.5, 0, 0, 0}, {6.5, 0, 0, 0}};
    const double far[2][4] = {{-1e30, 0, 0, 0}, {1e30, 0, 0, 0}};
    const double none[2][4] = {{(double)NAN, 0, 0, 0}, {5, 0, 0, 0}};
    const double(*all[])[4] = {still, far, none};
    static const double cells[] = {5, 0, 0}, rows[] = {6.5, 19, 5}, gain[2] = {0, 0.1};
    for (int k = 0; k < 3; k++) {
        wk_tally_walk walk = wk_tally_walk_open(all[k], gain, 8, first, 10, 20);
        wk_tally_piece piece = wk_tally_walk_start(&walk, -0.5);
        wk_tally_walk_next(&piece, &walk, 7.5);
        assert_true(piece.from == -0.5 && piece.to == 7.5);
        assert_true(piece.cell == cells[k] && piece.begin == rows[k] && piece.end == rows[k]);
    }
}

/* A coordinate that turns back in the row: no border is where Newton looks for it, and the walk
 * ends all the same. */
static void test_ends(void **state)
{
    (void)state;
    const int64_t first[2] = {-50, -50};
    const double cubic[2][4] = {{0, 10, -9, 0}, {0, 0, 0, 0}}, gain[2] = {0, 0.1};
    wk_tally_walk walk = wk_tally_walk_open(cubic, gain, N, first, 100, 100);
    wk_tally_piece piece = wk_tally_walk_start(&walk, -0.5);
    int count = 0;
    for (; piece.to < N - 0.5; count++) {
        wk_tally_walk_next(&piece, &walk, N - 0.5);
        assert_true(piece.to > piece.from);
    }
    assert_in_range(count, 1, 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_pieces),
                                       cmocka_unit_test(test_outside), cmocka_unit_test(test_ends)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
