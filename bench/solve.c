/* Times the solver alone on a grid of exposures whose levels are known.
 *
 * bench_solve N NEIGHBOURS [--errors] [--table FILE]
 *
 * N exposures on a grid, 4 or 8 neighbours, levels uniform in 0..100, pair noise 0.01; prints one
 * JSON line.  --table reads the differences from FILE (lines "a b value", first the line "N") with
 * the truth in FILE.truth, so that another program can solve the same problem.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <inttypes.h>

#include "solve.h"

static const double NOISE = 0.01;

typedef struct wk_problem {
    int64_t nodes, count;
    wk_edge *edges;
    double *truth;
} wk_problem;

/* splitmix64 as a counter-based generator: number i of the stream, uniform in (0, 1) */
static double uniform(uint64_t i)
{
    uint64_t z = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return ((double)((z ^ (z >> 31)) >> 11) + 0.5) * 0x1p-53;
}

static double normal(uint64_t i)
{
    double angle = 6.283185307179586 * uniform(2 * i + 1);
    return sqrt(-2 * log(uniform(2 * i))) * cos(angle);
}

static void die(const char *message)
{
    fprintf(stderr, "bench_solve: %s\n", message);
    exit(2);
}

static void *room(int64_t count, size_t size)
{
    void *block = calloc((size_t)count + 1, size);
    if (!block)
        die("no memory");
    return block;
}

static void add_pair(wk_problem *problem, int64_t a, int64_t b)
{
    uint64_t draw = UINT64_C(1) << 40;
    double value =
        problem->truth[a] - problem->truth[b] + NOISE * normal(draw + (uint64_t)problem->count);
    problem->edges[problem->count++] = (wk_edge){a, b, value, 1 / (NOISE * NOISE), NOISE};
}

/* Neighbours to the right and above. */
static wk_problem make_grid(int64_t nodes, int neighbours)
{
    wk_problem problem = {.nodes = nodes};
    int64_t side = (int64_t)ceil(sqrt((double)nodes));
    problem.truth = room(nodes, sizeof *problem.truth);
    problem.edges = room(4 * nodes, sizeof *problem.edges);
    for (int64_t i = 0; i < nodes; i++)
        problem.truth[i] = 100 * uniform((uint64_t)i);
    for (int64_t i = 0; i < nodes; i++) {
        int64_t x = i % side, up = i + side;
        if (x + 1 < side && i + 1 < nodes)
            add_pair(&problem, i, i + 1);
        if (up < nodes)
            add_pair(&problem, i, up);
        if (neighbours == 8 && x + 1 < side && up + 1 < nodes)
            add_pair(&problem, i, up + 1);
        if (neighbours == 8 && x > 0 && up - 1 < nodes)
            add_pair(&problem, i, up - 1);
    }
    return problem;
}

/* All pairs have the same noise, so inverse variances are equal weights. */
static void read_pairs(wk_problem *problem, FILE *file)
{
    int64_t room_for = 0, a, b;
    double value;
    while (fscanf(file, "%" SCNd64 " %" SCNd64 " %lf", &a, &b, &value) == 3) {
        if (problem->count == room_for) {
            room_for = room_for ? 2 * room_for : 1024;
            problem->edges = realloc(problem->edges, (size_t)room_for * sizeof *problem->edges);
            if (!problem->edges)
                die("no memory");
        }
        problem->edges[problem->count++] = (wk_edge){a, b, value, 1 / (NOISE * NOISE), NOISE};
    }
}

static wk_problem read_table(const char *path)
{
    wk_problem problem = {0};
    char name[4096];
    snprintf(name, sizeof name, "%s.truth", path);
    FILE *file = fopen(path, "r"), *truth = fopen(name, "r");
    if (!file || !truth || fscanf(file, "%" SCNd64, &problem.nodes) != 1)
        die("the table cannot be read");
    read_pairs(&problem, file);
    problem.truth = room(problem.nodes, sizeof *problem.truth);
    for (int64_t i = 0; i < problem.nodes; i++) {
        if (fscanf(truth, "%lf", &problem.truth[i]) != 1)
            die("the truth cannot be read");
    }
    fclose(file);
    fclose(truth);
    return problem;
}

static double rms_error(const wk_problem *problem, const double *levels)
{
    double mean = 0, sum = 0, n = (double)problem->nodes;
    for (int64_t i = 0; i < problem->nodes; i++)
        mean += (levels[i] - problem->truth[i]) / n;
    for (int64_t i = 0; i < problem->nodes; i++) {
        double off = levels[i] - problem->truth[i] - mean;
        sum += off * off;
    }
    return sqrt(sum / n);
}

static double rms_of(const double *values, int64_t count)
{
    double sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += values[i] * values[i];
    return sqrt(sum / (double)count);
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void run(const wk_problem *problem, int with_errors)
{
    double *levels = room(problem->nodes, sizeof *levels);
    double *errors = with_errors ? room(problem->nodes, sizeof *errors) : NULL;
    int64_t *component = room(problem->nodes, sizeof *component), components;
    wk_error error = {0};
    double start = now();
    if (wk_solve_levels(levels, errors, component, &components, problem->nodes, problem->edges,
                        problem->count, &error))
        die(error.message);
    double seconds = now() - start;
    printf("{\"nodes\": %" PRId64 ", \"pairs\": %" PRId64 ", \"components\": %" PRId64
           ", \"seconds\": %.6f, \"rms\": %.6f",
           problem->nodes, problem->count, components, seconds, rms_error(problem, levels));
    if (errors)
        printf(", \"rms_reported\": %.6f", rms_of(errors, problem->nodes));
    printf("}\n");
    free(levels);
    free(errors);
    free(component);
}

int main(int argc, char **argv)
{
    const char *table = NULL;
    int with_errors = 0, given = 0;
    int64_t numbers[2] = {1000, 8};
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--errors"))
            with_errors = 1;
        else if (!strcmp(argv[i], "--table") && i + 1 < argc)
            table = argv[++i];
        else if (given < 2)
            numbers[given++] = strtoll(argv[i], NULL, 10);
    }
    if (numbers[0] < 2 || (numbers[1] != 4 && numbers[1] != 8))
        die("usage: bench_solve N 4|8 [--errors] [--table FILE]");
    wk_problem problem = table ? read_table(table) : make_grid(numbers[0], (int)numbers[1]);
    run(&problem, with_errors);
    free(problem.edges);
    free(problem.truth);
    return 0;
}
