/* Times the solution of backgrounds alone, on a grid of exposures whose planes are known.
 *
 * bench_cells N [--order 0|1|2] [--errors]
 * bench_cells N --write FOLDER
 * bench_cells N --read corrections.tbl
 *
 * N exposures on a square grid, each overlapping its eight neighbours by a fifth; in every overlap
 * 25 cells with noise 0.01, already summed into blocks as wk_sky_cells_match does.  Prints one
 * JSON line: seconds of CPU, the rms of what the truth leaves in the differences between
 * neighbours, and that of the levels at the exposures' centres when surfaces common to all are
 * taken off.
 *
 * --write puts planes fitted to the differences of the same cells into images.tbl and fits.tbl for
 * Montage's mBgModel, whose answer --read compares with the truth.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "solve_blocks.h"

/* STEP from one exposure to the next in halves of a side; a side has 2 HALF of Montage's pixels. */
static const double NOISE = 0.01, STEP = 1.6, HALF = 50;

enum { CELLS = 25 }; /* of a pair, in rows of five */

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

/* Seconds of CPU: the solver is serial, and other work on the machine does not count. */
static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
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

/* One cell of a pair: its terms in both exposures, and the difference of what they see there. */
typedef struct cell {
    int64_t nodes[2];
    double terms[2][6];
    double value;
} cell;

/* Cells fill the part that two exposures share, or nine tenths of it along a side. */
static void find_cell(cell *out, const problem *all, int64_t pair, int k)
{
    int64_t a = all->pairs[pair][0], b = all->pairs[pair][1], size = all->size;
    double dx = (double)(b % all->side - a % all->side);
    double dy = (double)(b / all->side - a / all->side);
    double u = 0.2 * (k % 5) - 0.4, v = 0.2 * (k / 5) - 0.4;
    double x = dx != 0 ? dx * (0.8 + 0.4 * u) : 1.8 * u;
    double y = dy != 0 ? dy * (0.8 + 0.4 * v) : 1.8 * v;
    out->nodes[0] = a;
    out->nodes[1] = b;
    set_terms(out->terms[0], x, y);
    set_terms(out->terms[1], x - STEP * dx, y - STEP * dy);
    out->value = NOISE * normal((uint64_t)(CELLS * pair + k));
    for (int64_t i = 0; i < size; i++)
        out->value += all->truth[a * size + i] * out->terms[0][i] -
                      all->truth[b * size + i] * out->terms[1][i];
}

static void add_cell(problem *all, const cell *at)
{
    double weight = 1 / (NOISE * NOISE);
    int64_t size = all->size;
    for (int s = 0; s < 2; s++)
        for (int64_t r = 0; r < size; r++) {
            int64_t node = at->nodes[s];
            double *own = all->blocks.diagonal + (node * size + r) * size;
            double *other = wk_blocks_find(&all->blocks, node, at->nodes[!s]) + r * size;
            all->right[node * size + r] += (s ? -1 : 1) * weight * at->value * at->terms[s][r];
            for (int64_t c = 0; c < size; c++) {
                own[c] += weight * at->terms[s][r] * at->terms[s][c];
                other[c] -= weight * at->terms[s][r] * at->terms[!s][c];
            }
        }
}

static void add_cells(problem *all)
{
    cell at;
    for (int64_t p = 0; p < all->count; p++)
        for (int k = 0; k < CELLS; k++) {
            find_cell(&at, all, p, k);
            add_cell(all, &at);
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

/* Take the part along a direction of unit length off. */
static void take_along(double *x, const double *direction, int64_t count)
{
    double sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += x[i] * direction[i];
    for (int64_t i = 0; i < count; i++)
        x[i] -= sum * direction[i];
}

/* What a level (k = 0) or a slope common to all makes of each exposure's coefficients. */
static void set_common(double *mode, const problem *all, int64_t k)
{
    int64_t size = all->size;
    for (int64_t i = 0; i < all->nodes; i++) {
        double place = k == 1 ? (double)(i % all->side) : (double)(i / all->side);
        mode[i * size] = k == 0 ? 1 : STEP * place;
        if (k > 0)
            mode[i * size + k] = 1;
    }
}

/* Levels at the centres against the truth, without what is common; NaN for quadratic surfaces. */
static double level_error(const problem *all, const double *x)
{
    int64_t size = all->size, count = all->nodes * size;
    double *left = room(count, sizeof *left), *modes = room(size * count, sizeof *modes), sum = 0;
    for (int64_t i = 0; i < count; i++)
        left[i] = x[i] - all->truth[i];
    for (int64_t k = 0; k < size && size <= 3; k++) {
        double *mode = modes + k * count, square = 0;
        set_common(mode, all, k);
        for (int64_t j = 0; j < k; j++)
            take_along(mode, modes + j * count, count);
        for (int64_t i = 0; i < count; i++)
            square += mode[i] * mode[i];
        for (int64_t i = 0; i < count; i++)
            mode[i] /= sqrt(square);
        take_along(left, mode, count);
    }
    for (int64_t i = 0; i < all->nodes; i++)
        sum += left[i * size] * left[i * size];
    free(left);
    free(modes);
    return size <= 3 ? sqrt(sum / (double)all->nodes) : (double)NAN;
}

/* Where exposures lie in Montage's common pixels, counted from where its first one's centre is. */
static double centre(const problem *all, int64_t node, int axis)
{
    return STEP * HALF * (double)(axis ? node / all->side : node % all->side);
}

static FILE *open_table(const char *folder, const char *name, const char *mode)
{
    char path[4096];
    snprintf(path, sizeof path, "%s%s%s", folder, *name ? "/" : "", name);
    FILE *file = fopen(path, mode);
    if (!file)
        die("a table cannot be opened");
    return file;
}

/* Columns that mBgModel reads; their widths are those of the numbers below. */
static void write_head(FILE *file, const char *const *names, const char *kind)
{
    for (int line = 0; line < 2; line++) {
        for (int i = 0; names[i]; i++)
            fprintf(file, "|%20s", line ? strcmp(names[i], "fname") ? kind : "char" : names[i]);
        fprintf(file, "|\n");
    }
}

static void write_row(FILE *file, const double *values, int count)
{
    for (int i = 0; i < count; i++)
        fprintf(file, " %20.12g", values[i]);
}

static void write_images(const problem *all, const char *folder)
{
    static const char *const names[] = {"cntr", "nl", "ns", "crpix1", "crpix2", "fname", NULL};
    FILE *file = open_table(folder, "images.tbl", "w");
    write_head(file, names, "double");
    for (int64_t i = 0; i < all->nodes; i++) {
        const double middle = HALF + 0.5;
        const double row[] = {(double)i, 2 * HALF, 2 * HALF, middle - centre(all, i, 0),
                              middle - centre(all, i, 1)};
        write_row(file, row, 5);
        fprintf(file, " %15" PRId64 ".fits\n", i);
    }
    fclose(file);
}

/* A plane through a pair's differences by least squares.  The cells are a regular grid, so that
 * level and slopes about its middle do not mix. */
static void fit_pair(double row[20], const problem *all, int64_t pair)
{
    double sum = 0, slope[2] = {0, 0}, square[2] = {0, 0}, middle[2], width[2], rest = 0;
    cell cells[CELLS], *mid = &cells[CELLS / 2];
    for (int k = 0; k < CELLS; k++)
        find_cell(&cells[k], all, pair, k);
    for (int d = 0; d < 2; d++) {
        middle[d] = centre(all, mid->nodes[0], d) + HALF * mid->terms[0][1 + d];
        /* five cells, the outer ones' middles four steps apart */
        width[d] = 1.25 * HALF * fabs(cells[CELLS - 1].terms[0][1 + d] - cells[0].terms[0][1 + d]);
    }
    for (int k = 0; k < CELLS; k++) {
        sum += cells[k].value / CELLS;
        for (int d = 0; d < 2; d++) {
            double off = HALF * (cells[k].terms[0][1 + d] - mid->terms[0][1 + d]);
            slope[d] += off * cells[k].value;
            square[d] += off * off;
        }
    }
    for (int d = 0; d < 2; d++) {
        slope[d] /= square[d];
        rest += slope[d] * middle[d];
    }
    const double out[20] = {(double)mid->nodes[0],
                            (double)mid->nodes[1],
                            slope[0],
                            slope[1],
                            sum - rest,
                            0,
                            0,
                            middle[0] - width[0] / 2,
                            middle[0] + width[0] / 2,
                            middle[1] - width[1] / 2,
                            middle[1] + width[1] / 2,
                            middle[0],
                            middle[1],
                            64 * CELLS, /* alike for all, as the noise is: they are weights */
                            NOISE,
                            middle[0],
                            middle[1],
                            width[0],
                            width[1],
                            0};
    memcpy(row, out, sizeof out);
}

static void write_fits(const problem *all, const char *folder)
{
    static const char *const names[] = {"plus",      "minus",  "a",    "b",    "c",    "crpix1",
                                        "crpix2",    "xmin",   "xmax", "ymin", "ymax", "xcenter",
                                        "ycenter",   "npixel", "rms",  "boxx", "boxy", "boxwidth",
                                        "boxheight", "boxang", NULL};
    FILE *file = open_table(folder, "fits.tbl", "w");
    write_head(file, names, "double");
    for (int64_t p = 0; p < all->count; p++) {
        double row[20];
        fit_pair(row, all, p);
        write_row(file, row, 20);
        fprintf(file, "\n");
    }
    fclose(file);
}

/* mBgModel's a x + b y + c of each image, in the common pixels. */
static void read_corrections(double *x, const problem *all, const char *path)
{
    char line[512];
    int64_t found = 0;
    FILE *file = open_table(path, "", "r");
    while (fgets(line, sizeof line, file)) {
        double id, a, b, c;
        if (strchr("|\\", *line) || sscanf(line, "%lf %lf %lf %lf", &id, &a, &b, &c) != 4)
            continue;
        int64_t i = (int64_t)id;
        if (i < 0 || i >= all->nodes)
            die("a correction is of no image");
        x[3 * i] = c + a * centre(all, i, 0) + b * centre(all, i, 1);
        x[3 * i + 1] = HALF * a;
        x[3 * i + 2] = HALF * b;
        found++;
    }
    fclose(file);
    if (found != all->nodes)
        die("corrections are missing");
}

typedef struct seconds {
    double factor, solve, errors;
} seconds;

static seconds solve(double *x, double *megabytes, problem *all, int errors)
{
    seconds taken = {0};
    wk_blocks_factor factor;
    wk_error error = {WK_OK, "", ""};
    int64_t count = all->nodes * all->size;
    if (wk_blocks_create(&all->blocks, all->nodes, all->size, (const int64_t(*)[2])all->pairs,
                         all->count, NULL))
        die("no memory");
    all->right = room(count, sizeof(double));
    add_cells(all);
    double hold = all->blocks.diagonal[0];
    for (int64_t k = 0; k < all->size; k++)
        all->blocks.diagonal[k * all->size + k] += hold;
    double begin = now();
    if (wk_blocks_factor_fill(&factor, &all->blocks, &error))
        die(error.message);
    taken.factor = now() - begin;
    double *work = room(count + factor.largest, sizeof *x);
    memcpy(x, all->right, (size_t)count * sizeof *x);
    begin = now();
    wk_blocks_factor_solve(x, &factor, work);
    taken.solve = now() - begin;
    *megabytes = 8e-6 * (double)factor.panel[factor.pattern.blocks];
    if (!errors)
        return taken;
    double *diagonal = room(count * all->size, sizeof *diagonal);
    begin = now();
    if (wk_blocks_factor_inverse(diagonal, &factor, &error))
        die(error.message);
    taken.errors = now() - begin;
    return taken;
}

typedef struct words {
    int order, errors;
    const char *write, *read;
} words;

static words read_words(int count, char **text)
{
    words out = {.order = 1};
    for (int i = 2; i < count; i++) {
        const char *value = i + 1 < count ? text[i + 1] : NULL;
        if (!strcmp(text[i], "--errors")) {
            out.errors = 1;
            continue;
        }
        if (value && !strcmp(text[i], "--order"))
            out.order = atoi(value);
        else if (value && !strcmp(text[i], "--write"))
            out.write = value;
        else if (value && !strcmp(text[i], "--read"))
            out.read = value;
        else
            die("usage: bench_cells N [--order 0|1|2] [--errors] [--write FOLDER] [--read FILE]");
        i++;
    }
    if (out.order < 0 || out.order > 2 || ((out.write || out.read) && out.order != 1))
        die("orders are 0, 1, 2; Montage's tables are of planes");
    return out;
}

static void make_problem(problem *all, int64_t nodes, int order)
{
    static const int64_t sizes[] = {1, 3, 6};
    if (nodes < 2)
        die("N is not above 1");
    *all = (problem){.nodes = nodes, .size = sizes[order]};
    all->side = (int64_t)ceil(sqrt((double)nodes));
    list_pairs(all);
    all->truth = room(nodes * all->size, sizeof(double));
    for (int64_t i = 0; i < nodes * all->size; i++)
        all->truth[i] = 10 * uniform(((uint64_t)1 << 40) + (uint64_t)i);
}

int main(int count, char **text)
{
    problem all;
    words given = read_words(count, text);
    make_problem(&all, count > 1 ? atoll(text[1]) : 0, given.order);
    double *x = room(all.nodes * all.size, sizeof *x), megabytes = 0;
    if (given.write) {
        write_images(&all, given.write);
        write_fits(&all, given.write);
        return 0;
    }
    seconds taken = {0};
    if (given.read)
        read_corrections(x, &all, given.read);
    else
        taken = solve(x, &megabytes, &all, given.errors);
    printf("{\"nodes\": %" PRId64 ", \"order\": %d, \"pairs\": %" PRId64 ", \"factor_mb\": %.1f, "
           "\"factor\": %.4f, \"solve\": %.4f, \"errors\": %.4f, \"between\": %.3g",
           all.nodes, given.order, all.count, megabytes, taken.factor, taken.solve, taken.errors,
           misfit(&all, x));
    if (given.order < 2)
        printf(", \"centres\": %.3g", level_error(&all, x));
    printf("}\n");
    return 0;
}
