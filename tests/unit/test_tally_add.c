#include "scene.h"

#include "tally_add.h"

enum { WIDTH = 128, HEIGHT = 90, SIDE = 60, FINE = 16 };

static const int64_t corner[2] = {-30, -30};
static const double pitch = 7.9; /* pixels */

/* Pixels turned by an angle, mirrored or not, and their sums. */
typedef struct field {
    float data[HEIGHT * WIDTH];
    uint8_t bad[HEIGHT * WIDTH];
    wk_tally_sum sums[SIDE * SIDE];
    double angle, sign;
} field;

static void place(double out[2], const field *all, double x, double y)
{
    double c = cos(all->angle) / pitch, s = sin(all->angle) / pitch;
    out[0] = all->sign * (c * x - s * y) + 0.21;
    out[1] = s * x + c * y - 0.37;
}

static int64_t find_cell(const field *all, double x, double y)
{
    double out[2];
    place(out, all, x, y);
    return ((int64_t)floor(out[1]) - corner[1]) * SIDE + (int64_t)floor(out[0]) - corner[0];
}

static void fill(field *all, double angle, double sign, int holes)
{
    uint32_t seed = 7;
    memset(all, 0, sizeof *all);
    all->angle = angle;
    all->sign = sign;
    for (int i = 0; i < HEIGHT * WIDTH; i++) {
        all->data[i] = (float)(1000.0 + scene_gauss(&seed));
        all->bad[i] = holes && i % 37 == 0;
        if (all->bad[i])
            all->data[i] = NAN;
    }
}

static void add_all(field *all, int64_t from, int64_t to, int clean)
{
    for (int64_t y = 0; y < HEIGHT; y++) {
        double start[2], end[2], up[2], cubic[2][4] = {{0}, {0}}, gain[2];
        place(start, all, 0.0, (double)y);
        place(end, all, WIDTH, (double)y);
        place(up, all, 0.0, (double)y + 1.0);
        for (int k = 0; k < 2; k++) {
            cubic[k][0] = start[k];
            cubic[k][1] = end[k] - start[k];
            gain[k] = up[k] - start[k];
        }
        wk_tally_walk walk =
            wk_tally_walk_open((const double(*)[4])cubic, gain, WIDTH, corner, SIDE, SIDE);
        wk_tally_row row = {.data = all->data + y * WIDTH,
                            .bad = all->bad + y * WIDTH,
                            .width = WIDTH,
                            .y = y,
                            .border = y == 0 || y == HEIGHT - 1,
                            .clean = clean};
        wk_tally_add(all->sums, &walk, &row, from, to);
    }
}

/* No part of a pixel is lost or counted twice, whatever the angle; bad ones are left out. */
static void test_nothing_lost(void **state)
{
    (void)state;
    static field all;
    for (int k = 0; k < 72; k++) {
        double sum = 0.0, good = 0.0, whole = 0.0, x = 0.0, y = 0.0, expected = 0.0, n = 0.0;
        fill(&all, 0.09 * k, k % 2 ? 1.0 : -1.0, 1);
        add_all(&all, 0, WIDTH, 0);
        for (int i = 0; i < HEIGHT * WIDTH; i++)
            if (!all.bad[i]) {
                n += 1.0;
                expected += (double)all.data[i];
                x -= i % WIDTH;
                y -= i / WIDTH;
            }
        for (int i = 0; i < SIDE * SIDE; i++) {
            const wk_tally_sum *cell = &all.sums[i];
            good += cell->good;
            whole += cell->all;
            sum += cell->sum + cell->good * (double)cell->origin;
            x += cell->x;
            y += cell->y;
            assert_true(cell->good >= -1e-12 && cell->good <= cell->all + 1e-9);
        }
        assert_true(fabs(whole - HEIGHT * WIDTH) < 1e-6 && fabs(good - n) < 1e-6);
        assert_true(fabs(sum - expected) < 1e-9 * expected);
        assert_true(fabs(x) < 1e-3 && fabs(y) < 1e-3);
    }
}

/* Rms difference of cells' means from those by areas, each pixel cut into 16 x 16, over that of
 * means of pixels whose centres lie in the cell. */
static double compare_areas(field *all)
{
    static double sums[SIDE * SIDE], areas[SIDE * SIDE], whole[SIDE * SIDE], counts[SIDE * SIDE];
    double own = 0.0, plain = 0.0;
    memset(sums, 0, sizeof sums);
    memset(areas, 0, sizeof areas);
    memset(whole, 0, sizeof whole);
    memset(counts, 0, sizeof counts);
    for (int i = 0; i < HEIGHT * WIDTH; i++) {
        double value = (double)all->data[i] - 1000.0, x = i % WIDTH, y = i / WIDTH;
        for (int k = 0; k < FINE * FINE; k++) {
            int64_t cell = find_cell(all, x + (k % FINE + 0.5) / FINE - 0.5,
                                     y + (k / FINE + 0.5) / FINE - 0.5);
            sums[cell] += value;
            areas[cell] += 1.0;
        }
        whole[find_cell(all, x, y)] += value;
        counts[find_cell(all, x, y)] += 1.0;
    }
    for (int i = 0; i < SIDE * SIDE; i++) {
        const wk_tally_sum *cell = &all->sums[i];
        double full = pitch * pitch, mean = sums[i] / areas[i];
        if (areas[i] < 0.999 * full * FINE * FINE)
            continue;
        assert_true(fabs(cell->all - full) < 0.01 * full);
        double value = cell->sum / cell->good + (double)cell->origin - 1000.0;
        own += (value - mean) * (value - mean);
        plain += (whole[i] / counts[i] - mean) * (whole[i] / counts[i] - mean);
    }
    return sqrt(own / plain);
}

/* The parts are the areas where pixels are parallel to cells, up to 1/16 px of the comparison;
 * nearly so up to 20 degrees or so; half way between the axes 0.3 of the difference is left. */
static void test_areas(void **state)
{
    (void)state;
    static field all;
    static const double angles[] = {0.0, 1.5, 91.0, 184.0, 20.0, 45.0, -60.0};
    static const double most[] = {0.07, 0.1, 0.1, 0.1, 0.1, 0.4, 0.2};
    for (int k = 0; k < 7; k++) {
        fill(&all, angles[k] * 0.017453292519943295, k % 2 ? 1.0 : -1.0, 0);
        add_all(&all, 0, WIDTH, 1);
        assert_true(compare_areas(&all) < most[k]);
    }
}

/* The short way for rows without bad pixels, and stretches instead of whole rows, give the same
 * sums, up to rounding. */
static void test_stretches(void **state)
{
    (void)state;
    static field one, other;
    for (int k = 0; k < 8; k++) {
        fill(&one, 0.2 * k, 1.0, 0);
        fill(&other, 0.2 * k, 1.0, 0);
        add_all(&one, 0, WIDTH, 1);
        for (int64_t from = 0; from < WIDTH; from += 32)
            add_all(&other, from, from + 32, 0);
        for (int i = 0; i < SIDE * SIDE; i++) {
            const wk_tally_sum *a = &one.sums[i], *b = &other.sums[i];
            double sums[2] = {a->sum + a->good * (double)a->origin,
                              b->sum + b->good * (double)b->origin};
            assert_true(fabs(sums[0] - sums[1]) < 1e-5 && fabs(a->good - b->good) < 1e-9);
            assert_true(fabs(a->x - b->x) < 1e-6 && fabs(a->y - b->y) < 1e-6);
            if (a->all > 1e-6)
                assert_int_equal(a->edge != 0, b->edge != 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_nothing_lost),
                                       cmocka_unit_test(test_areas),
                                       cmocka_unit_test(test_stretches)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
