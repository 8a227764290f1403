/* Times the solution of backgrounds alone, on a grid of exposures whose planes are known.
 *
 * bench_cells N [--order 0|1|2] [--errors]
 *
 * N exposures on a square grid, each overlapping its eight neighbours by a fifth; in every overlap
 * a few cells with noise 0.01, already summed into blocks as wk_sky_cells_match does.  Prints one
 * JSON line: seconds and the rms of what the truth leaves in the differences.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "solve_blocks.h"

static const double NOISE = 0.01;

typedef struct problem {
    int64_t side, nodes, size;
    int64_t (*pairs)[2];
    int64_t count;
    wk_blocks blocks;
    double *truth, *right;
} problem;

static double uniform(uint64_t i)
{
    uint64_t z = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return ((double)((z ^ (z >> 31)) >> 11) + 0.5) * 0x1p-53;
}

static double normal(uint64_t i)
{
    return sqrt(-2 * log(uniform(2 * i))) * cos(6.283185307179586 * uniform(2 * i + 1));
}

static void die(const char *message)
{
    fprintf(stderr, "bench_cells: %s\n", message);
    exit(2);
}

static void *room(int64_t count, size_t size)
{
    void *block = calloc((size_t)count + 1, size);
    if (!block)
        die("no memory");
    return block;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void list_pairs(problem *all)
{
    static const int64_t steps[][2] = {{1, 0}, {-1, 1}, {0, 1}, {1, 1}};
    all->pairs = room(4 * all->nodes, sizeof *all->pairs);
    for (int64_t i = 0; i < all->nodes; i++)
        for (int k = 0; k < 4; k++) {
            int64_t x = i % all->side + steps[k][0], y = i / all->side + steps[k][1];
            if (x < 0 || x >= all->side || y * all->side + x >= all->nodes)
                continue;
            all->pairs[all->count][0] = i;
            all->pairs[all->count++][1] = y * all->side + x;
        }
}

static void set_terms(double out[6], double x, double y)
{
    const double terms[6] = {1, x, y, x * x, x * y, y * y};
    memcpy(out, terms, sizeof terms);
}

/* One cell at (x, y) of exposure a, seen by b, too. */
static void add_cell(problem *all, int64_t a, int64_t b, double x, double y, uint64_t draw)
{
    double step[2] = {(double)(b % all->side - a % all->side) * 1.6,
                      (double)(b / all->side - a / all->side) * 1.6};
    double terms[2][6], value = NOISE * normal(draw), weight = 1 / (NOISE * NOISE);
    int64_t size = all->size, nodes[2] = {a, b};
    set_terms(terms[0], x, y);
    set_terms(terms[1], x - step[0], y - step[1]);
    for (int64_t k = 0; k < size; k++)
        value += all->truth[a * size + k] * terms[0][k] - all->truth[b * size + k] * terms[1][k];
    for (int s = 0; s < 2; s++)
        for (int64_t r = 0; r < size; r++) {
            double *own = all->blocks.diagonal + (nodes[s] * size + r) * size;
            double *other = wk_blocks_find(&all->blocks, nodes[s], nodes[!s]) + r * size;
            all->right[nodes[s] * size + r] += (s ? -1 : 1) * weight * value * terms[s][r];
            for (int64_t c = 0; c < size; c++) {
                own[c] += weight * terms[s][r] * terms[s][c];
                other[c] -= weight * terms[s][r] * terms[!s][c];
            }
        }
}

static void add_cells(problem *all)
{
    for (int64_t p = 0; p < all->count; p++) {
        int64_t a = all->pairs[p][0], b = all->pairs[p][1];
        double dx = (double)(b % all->side - a % all->side),
               dy = (double)(b / all->side - a / all->side);
        for (int k = 0; k < 25; k++) {
            double u = 0.2 * (k % 5) - 0.4, v = 0.2 * (k / 5) - 0.4;
            add_cell(all, a, b, dx != 0 ? dx * (0.8 + 0.4 * u) : 1.8 * u,
                     dy != 0 ? dy * (0.8 + 0.4 * v) : 1.8 * v, (uint64_t)(25 * p + k));
        }
    }
}

/* What is left of the truth in the differences between neighbours' centres. */
static double misfit(const problem *all, const double *x)
{
    double sum = 0;
    for (int64_t p = 0; p < all->count; p++) {
        int64_t a = all->pairs[p][0], b = all->pairs[p][1], size = all->size;
        double terms[2][6], left = 0;
        double dx = 0.8 * (double)(b % all->side - a % all->side);
        double dy = 0.8 * (double)(b / all->side - a / all->side);
        set_terms(terms[0], dx, dy);
        set_terms(terms[1], -dx, -dy);
        for (int64_t k = 0; k < size; k++)
            left += (x[a * size + k] - all->truth[a * size + k]) * terms[0][k] -
                    (x[b * size + k] - all->truth[b * size + k]) * terms[1][k];
        sum += left * left;
    }
    return sqrt(sum / (double)all->count);
}

int main(int count, char **words)
{
    problem all = {.size = 3};
    int errors = 0;
    for (int i = 2; i < count; i++) {
        if (!strcmp(words[i], "--errors"))
            errors = 1;
        else if (!strcmp(words[i], "--order") && i + 1 < count) {
            int order = atoi(words[++i]);
            all.size = order == 0 ? 1 : order == 1 ? 3 : 6;
        } else
            die("usage: bench_cells N [--order 0|1|2] [--errors]");
    }
    all.nodes = count > 1 ? atoll(words[1]) : 0;
    if (all.nodes < 2)
        die("N is not above 1");
    all.side = (int64_t)ceil(sqrt((double)all.nodes));
    list_pairs(&all);
    all.truth = room(all.nodes * all.size, sizeof(double));
    all.right = room(all.nodes * all.size, sizeof(double));
    for (int64_t i = 0; i < all.nodes * all.size; i++)
        all.truth[i] = 10 * uniform(((uint64_t)1 << 40) + (uint64_t)i);
    if (wk_blocks_create(&all.blocks, all.nodes, all.size, (const int64_t(*)[2])all.pairs,
                         all.count, NULL))
        die("no memory");
    add_cells(&all);
    double hold = all.blocks.diagonal[0];
    for (int64_t k = 0; k < all.size; k++)
        all.blocks.diagonal[k * all.size + k] += hold;
    double begin = now();
    wk_blocks_factor factor;
    wk_error error = {WK_OK, "", ""};
    if (wk_blocks_factor_fill(&factor, &all.blocks, &error))
        die(error.message);
    double filled = now();
    double *x = room(all.nodes * all.size, sizeof *x),
           *work = room(all.nodes * all.size + factor.largest, sizeof *x);
    memcpy(x, all.right, (size_t)(all.nodes * all.size) * sizeof *x);
    wk_blocks_factor_solve(x, &factor, work);
    double solved = now(), inverted = solved;
    if (errors) {
        double *diagonal = room(all.nodes * all.size * all.size, sizeof *diagonal);
        if (wk_blocks_factor_inverse(diagonal, &factor, &error))
            die(error.message);
        inverted = now();
    }
    printf("{\"nodes\": %" PRId64 ", \"order\": %d, \"pairs\": %" PRId64 ", \"factor_mb\": %.1f, "
           "\"factor\": %.4f, \"solve\": %.4f, \"errors\": %.4f, \"rms\": %.3g}\n",
           all.nodes,
           all.size == 1   ? 0
           : all.size == 3 ? 1
                           : 2,
           all.count, 8e-6 * (double)factor.panel[factor.pattern.blocks], filled - begin,
           solved - filled, inverted - solved, misfit(&all, x));
    return 0;
}
