#include "tally.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "polygon.h"
#include "tally_walk.h"

static const double arcsecond = 4.8481368110953599359e-6; /* radians */
static const double bound = 1e-3;  /* pixels that interpolated centres may be off */
static const double covered = 0.9; /* of a cell's pixels that must be good */
static const double inside = 0.97; /* of a cell at the image's border that must be in the image */
static const double sampled = 0.2; /* of structure's variance that counts as error of a pixel */
static const double missed = 0.3;  /* of structure's variance, by the square of the part missed */
static const double reach = 0.12;  /* radians: no zone is wider from its centre */

/* The work on one zone. */
typedef struct survey {
    wk_tally *tally;
    const wk_pixels *pixels;
    wk_zone zone;
    double pitch; /* radians */
    int crossed;  /* nonzero: parts of the image lie in other zones */
} survey;

static int compare_numbers(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

static int64_t node_count(const wk_grid *grid)
{
    return (grid->cells_x + 3) * (grid->cells_y + 3);
}

/* The zones that nodes lie in, ascending. */
static wk_status list_zones(int64_t **numbers, int64_t *count, const wk_grid *grid, wk_error *error)
{
    int64_t nodes = node_count(grid), kept = 0;
    *count = 0;
    *numbers = wk_memory_raw((size_t)nodes, sizeof **numbers, error);
    if (!*numbers)
        return WK_MEMORY;
    for (int64_t i = 0; i < nodes; i++) {
        int64_t number = wk_zone_number(grid->sky + 2 * i);
        if (number >= 0)
            (*numbers)[kept++] = number;
    }
    qsort(*numbers, (size_t)kept, sizeof **numbers, compare_numbers);
    for (int64_t i = 0; i < kept; i++)
        if (i == 0 || (*numbers)[i] != (*numbers)[i - 1])
            (*numbers)[(*count)++] = (*numbers)[i];
    return WK_OK;
}

static void place_on_plane(double out[2], const survey *all, const double sky[2])
{
    double vector[3];
    wk_vector_from_sky(vector, sky);
    wk_zone_project(out, &all->zone, vector);
    out[0] /= all->pitch;
    out[1] /= all->pitch;
}

static wk_status lay_plane(survey *all, wk_error *error)
{
    wk_tally *tally = all->tally;
    int64_t nodes = node_count(&tally->grid);
    wk_status status = wk_memory_reserve((void **)&tally->plane, &tally->plane_room,
                                         2 * (size_t)nodes, sizeof *tally->plane, error);
    for (int64_t i = 0; i < nodes && status == WK_OK; i++)
        place_on_plane(tally->plane + 2 * i, all, tally->grid.sky + 2 * i);
    return status;
}

/* The cubic through nodes at -1, 0, 1, 2, as a polynomial. */
static void set_cubic(double out[4], const double nodes[4])
{
    out[0] = nodes[1];
    out[1] = nodes[2] - nodes[0] / 3.0 - 0.5 * nodes[1] - nodes[3] / 6.0;
    out[2] = 0.5 * (nodes[0] + nodes[2]) - nodes[1];
    out[3] = (nodes[3] - nodes[0]) / 6.0 + 0.5 * (nodes[1] - nodes[2]);
}

/* The polynomial along row y of the grid's cell (i, y / step); 0 if a node has no place. */
static int set_row(double cubic[2][4], const wk_tally *tally, int64_t i, int64_t y)
{
    const wk_grid *grid = &tally->grid;
    int64_t j = y / grid->step, nx = grid->cells_x + 3;
    const double *weights = grid->weights[y - j * grid->step];
    double sum = 0.0;
    for (int k = 0; k < 2; k++) {
        double nodes[4];
        for (int64_t c = 0; c < 4; c++) {
            nodes[c] = 0.0;
            for (int64_t r = 0; r < 4; r++)
                nodes[c] += weights[r] * tally->plane[2 * ((j + r) * nx + i + c) + k];
            sum += nodes[c];
        }
        set_cubic(cubic[k], nodes);
    }
    return isfinite(sum) != 0;
}

/* Compare the middle of a grid's cell with its exact place: there a smooth map is worst. */
static wk_status test_cell(int *coarse, const survey *all, int64_t i, int64_t j, wk_error *error)
{
    wk_tally *tally = all->tally;
    const wk_grid *grid = &tally->grid;
    double cubic[2][4], place[2], step = (double)grid->step;
    double exact[2] = {((double)i + 0.5) * step, (double)(j * grid->step + grid->step / 2)};
    wk_status status = wk_wcs_to_sky(tally->wcs, 1, exact, exact, error);
    if (status < 0)
        return status;
    if (!set_row(cubic, tally, i, j * grid->step + grid->step / 2)) {
        /* of a wide field nodes lie too far away for this plane */
        *coarse |= isfinite(exact[0]);
        return status;
    }
    place_on_plane(place, all, exact);
    double span = hypot(cubic[0][1], cubic[1][1]); /* cells across the grid's cell */
    for (int k = 0; k < 2; k++)
        if (!(fabs(wk_tally_cubic(cubic[k], 0.5) - place[k]) <= bound * span / step))
            *coarse = 1;
    return WK_OK;
}

static wk_status test_step(int *coarse, const survey *all, wk_error *error)
{
    const wk_grid *grid = &all->tally->grid;
    wk_status status = WK_OK;
    *coarse = 0;
    for (int64_t k = 0; k < 3 && status == WK_OK; k++)
        status =
            test_cell(coarse, all, (grid->cells_x - 1) * k / 2, (grid->cells_y - 1) * k / 2, error);
    return status;
}

/* Sums for every cell that the nodes surround, and one more on each side; nothing can lie in the
 * outermost ones, where places that fail to be within are put. */
static wk_status reserve_sums(survey *all, wk_error *error)
{
    wk_tally *tally = all->tally;
    double low[2] = {(double)INFINITY, (double)INFINITY};
    double high[2] = {-(double)INFINITY, -(double)INFINITY};
    for (int64_t i = 0; i < node_count(&tally->grid); i++)
        for (int k = 0; k < 2; k++) {
            low[k] = fmin(low[k], tally->plane[2 * i + k]);
            high[k] = fmax(high[k], tally->plane[2 * i + k]);
        }
    tally->columns = tally->rows = 0;
    if (!(low[0] <= high[0] && low[1] <= high[1]))
        return WK_OK;
    double most = reach / all->pitch;
    tally->first_u = (int64_t)floor(fmax(low[0], -most)) - 2;
    tally->first_v = (int64_t)floor(fmax(low[1], -most)) - 2;
    tally->columns = (int64_t)floor(fmin(high[0], most)) + 3 - tally->first_u;
    tally->rows = (int64_t)floor(fmin(high[1], most)) + 3 - tally->first_v;
    if (tally->columns < 1 || tally->rows < 1)
        tally->columns = tally->rows = 0;
    size_t count = (size_t)(tally->columns * tally->rows);
    wk_status status = wk_memory_reserve((void **)&tally->sums, &tally->sum_room, count,
                                         sizeof *tally->sums, error);
    if (status == WK_OK && count > 0)
        memset(tally->sums, 0, count * sizeof *tally->sums);
    return status;
}

/* What the coordinates gain from a row of pixels to the next, in the grid's cell (i, j). */
static void find_gain(double gain[2], const wk_tally *tally, int64_t i, int64_t j)
{
    int64_t nx = tally->grid.cells_x + 3;
    const double *low = tally->plane + 2 * ((j + 1) * nx + i + 1), *high = low + 2 * nx;
    for (int k = 0; k < 2; k++)
        gain[k] = 0.5 * (high[k] - low[k] + high[2 + k] - low[2 + k]) / (double)tally->grid.step;
}

static int is_outside(const survey *all, const double cubic[2][4], int64_t x)
{
    double t = (double)x / (double)all->tally->grid.step;
    return wk_zone_side(&all->zone, wk_tally_cubic(cubic[0], t) * all->pitch,
                        wk_tally_cubic(cubic[1], t) * all->pitch);
}

/* The pixels whose centres lie in the zone. */
static void add_within(const survey *all, const wk_tally_walk *walk, const wk_tally_row *row,
                       const double cubic[2][4], int64_t n)
{
    for (int64_t from = 0, to; from < n; from = to + 1) {
        for (to = from; to < n && !is_outside(all, cubic, to);)
            to++;
        if (to > from)
            wk_tally_add(all->tally->sums, walk, row, from, to);
    }
}

/* Both ends within: so is all between.  Both beyond one side: nothing is. */
static void add_part(const survey *all, const wk_tally_row *row, const double cubic[2][4],
                     const double gain[2], int64_t n)
{
    const wk_tally *tally = all->tally;
    const int64_t first[2] = {tally->first_u, tally->first_v};
    int sides[2] = {0, 0};
    for (int k = 0; k < 2 && all->crossed; k++)
        sides[k] = is_outside(all, cubic, k ? n - 1 : 0);
    if (sides[0] & sides[1])
        return;
    wk_tally_walk walk =
        wk_tally_walk_open(cubic, gain, tally->grid.step, first, tally->columns, tally->rows);
    if (sides[0] | sides[1])
        add_within(all, &walk, row, cubic, n);
    else
        wk_tally_add(tally->sums, &walk, row, 0, n);
}

static int is_clean(const uint8_t *bad, int64_t n)
{
    uint8_t any = 0;
    for (int64_t i = 0; i < n; i++)
        any |= bad[i];
    return any == 0;
}

static void add_row(const survey *all, int64_t y)
{
    const wk_tally *tally = all->tally;
    const wk_pixels *pixels = all->pixels;
    int64_t step = tally->grid.step, j = y / step;
    wk_tally_row row = {.data = pixels->data + y * pixels->width,
                        .bad = pixels->bad + y * pixels->width,
                        .width = pixels->width,
                        .y = y,
                        .border = y == 0 || y == pixels->height - 1};
    for (int64_t i = 0; i < tally->grid.cells_x; i++) {
        double cubic[2][4], gain[2];
        int64_t n = step < pixels->width - i * step ? step : pixels->width - i * step;
        row.first = i * step;
        if (!tally->wanted[j * tally->grid.cells_x + i] || !set_row(cubic, tally, i, y))
            continue;
        row.clean = is_clean(row.bad + row.first, n);
        find_gain(gain, tally, i, j);
        add_part(all, &row, (const double(*)[4])cubic, gain, n);
    }
}

/* Pixels that the whole cell holds.  At the image's border it may reach beyond. */
static double count_whole(const wk_tally_sum *sum, double full)
{
    return sum->edge ? fmax(sum->all, full) : sum->all;
}

/* The scatter counts as structure where it is larger than noise alone makes it; below, all cells
 * have one error, so that weights do not follow what noise did to a value. */
static double value_error(const wk_tally_sum *sum, double full, double noise)
{
    double n = sum->good, mean = sum->sum / n;
    double scatter = n > 1.0 ? fmax(sum->square - n * mean * mean, 0.0) / (n - 1.0) : 0.0;
    if (isnan(noise))
        return sqrt(scatter / n);
    double own = noise * noise;
    double structure = fmax(scatter - own * (1.0 + 2.0 * sqrt(2.0 / n)), 0.0);
    double lack = fmax(1.0 - n / count_whole(sum, full), 0.0);
    return sqrt((own + sampled * structure) / n + missed * lack * lack * structure);
}

static wk_tally_cell make_cell(const survey *all, const wk_tally_sum *sum, int64_t key, double full,
                               double noise)
{
    double n = sum->good;
    double width = (double)all->pixels->width, height = (double)all->pixels->height;
    return (wk_tally_cell){.key = key,
                           .value = (double)sum->origin + sum->sum / n,
                           .error = (float)value_error(sum, full, noise),
                           .x = (float)((2.0 * (sum->x / n) - (width - 1.0)) / width),
                           .y = (float)((2.0 * (sum->y / n) - (height - 1.0)) / height),
                           .pixels = (int32_t)fmax(1.0, round(n))};
}

/* Cells that reach beyond the image lean to its inside, all along its border in one sense: no more
 * of that than masks do.  At least half of a whole cell's pixels there must be: zones' borders cut
 * off slivers. */
static int is_good(const wk_tally_sum *sum, double full)
{
    return sum->good > 0.0 && sum->good >= covered * count_whole(sum, full) &&
           sum->all >= (sum->edge ? inside : 0.5) * full;
}

static double pixels_of_cell(const survey *all)
{
    const wk_grid *grid = &all->tally->grid;
    double area = grid->areas[(grid->cells_y / 2) * grid->cells_x + grid->cells_x / 2];
    double pitch = all->pitch / arcsecond;
    return isfinite(area) && area > 0.0 ? pitch * pitch / area : 0.0;
}

static wk_status keep_cells(wk_tally_cell **cells, int64_t *count, const survey *all, double noise,
                            wk_error *error)
{
    const wk_tally *tally = all->tally;
    int64_t kept = 0, total = tally->columns * tally->rows;
    double full = pixels_of_cell(all);
    for (int64_t i = 0; i < total; i++)
        kept += is_good(&tally->sums[i], full);
    wk_status status =
        wk_memory_grow((void **)cells, (size_t)(*count + kept), sizeof **cells, error);
    if (status < 0)
        return status;
    for (int64_t v = 1; v + 1 < tally->rows; v++)
        for (int64_t u = 1; u + 1 < tally->columns; u++) {
            const wk_tally_sum *sum = &tally->sums[v * tally->columns + u];
            int64_t key = wk_zone_key(all->zone.number, u + tally->first_u, v + tally->first_v);
            if (is_good(sum, full))
                (*cells)[(*count)++] = make_cell(all, sum, key, full, noise);
        }
    return WK_OK;
}

static wk_status measure_zone(wk_tally_cell **cells, int64_t *count, survey *all, double noise,
                              wk_error *error)
{
    wk_tally *tally = all->tally;
    wk_status status = reserve_sums(all, error);
    if (status < 0 || tally->columns == 0)
        return status;
    for (int64_t y = 0; y < all->pixels->height; y++)
        add_row(all, y);
    return keep_cells(cells, count, all, noise, error);
}

/* A grid whose interpolated places are good enough in the first zone that it touches. */
static wk_status lay_grid(survey *all, int64_t **numbers, int64_t *count, wk_error *error)
{
    wk_tally *tally = all->tally;
    const wk_pixels *pixels = all->pixels;
    int64_t step = wk_grid_step(pixels->width, pixels->height);
    int coarse = 1;
    wk_status status = WK_OK;
    for (; coarse && status == WK_OK; step /= 2) {
        status = wk_grid_lay(&tally->grid, tally->wcs, pixels->width, pixels->height, step, error);
        wk_memory_free(*numbers);
        *numbers = NULL;
        if (status == WK_OK)
            status = list_zones(numbers, count, &tally->grid, error);
        coarse = 0;
        if (status < 0 || *count == 0 || step <= wk_grid_smallest)
            break;
        wk_zone_fill(&all->zone, (*numbers)[0]);
        status = lay_plane(all, error);
        if (status == WK_OK)
            status = test_step(&coarse, all, error);
    }
    return status;
}

/* A cap about one of the grid's cells; 0 if it has no place. */
static int enclose(double centre[3], double *radius, const wk_grid *grid, int64_t i, int64_t j)
{
    double corners[4][3];
    memset(centre, 0, 3 * sizeof *centre);
    for (int k = 0; k < 4; k++) {
        int64_t node = (j + 1 + k / 2) * (grid->cells_x + 3) + i + 1 + k % 2;
        wk_vector_from_sky(corners[k], grid->sky + 2 * node);
        for (int c = 0; c < 3; c++)
            centre[c] += corners[k][c];
    }
    wk_vector_normalise(centre);
    *radius = 0.0;
    for (int k = 0; k < 4; k++)
        *radius = fmax(*radius, wk_vector_angle(centre, corners[k]));
    return isfinite(centre[0] + centre[1] + centre[2]) != 0;
}

/* Cells that share a border with what is wanted reach 1.5 pitches beyond it, at most, and the
 * pixels that share a border with these less than half a pitch more. */
static wk_status choose_wanted(survey *all, wk_tally_wanted wanted, const void *payload,
                               wk_error *error)
{
    wk_tally *tally = all->tally;
    const wk_grid *grid = &tally->grid;
    wk_status status =
        wk_memory_reserve((void **)&tally->wanted, &tally->wanted_room,
                          (size_t)(grid->cells_x * grid->cells_y), sizeof *tally->wanted, error);
    for (int64_t j = 0; j < grid->cells_y && status == WK_OK; j++)
        for (int64_t i = 0; i < grid->cells_x; i++) {
            double centre[3], radius;
            int known = enclose(centre, &radius, grid, i, j);
            tally->wanted[j * grid->cells_x + i] =
                !wanted || !known || wanted(payload, centre, 1.05 * radius + 2.0 * all->pitch) != 0;
        }
    return status;
}

/* Where noise is unknown, as among counts of which most are 0, errors follow the cells' own
 * scatter, and cells that happened to be low would weigh most: all get the mean scatter. */
static void pool_errors(wk_tally_cell *cells, int64_t count)
{
    double sum = 0.0, freedom = 0.0;
    for (int64_t i = 0; i < count; i++) {
        double n = (double)cells[i].pixels, error = (double)cells[i].error;
        sum += error * error * n * (n - 1.0);
        freedom += n - 1.0;
    }
    for (int64_t i = 0; i < count && freedom > 0.0; i++)
        cells[i].error = (float)sqrt(sum / freedom / (double)cells[i].pixels);
}

wk_status wk_tally_measure(wk_tally_cell **cells, int64_t *count, wk_tally *tally,
                           const wk_wcs *wcs, const wk_pixels *pixels, double pitch, double noise,
                           wk_tally_wanted wanted, const void *payload, wk_error *error)
{
    survey all = {.tally = tally, .pixels = pixels, .pitch = pitch * arcsecond};
    int64_t *numbers = NULL, zones = 0;
    *cells = NULL;
    *count = 0;
    wk_wcs_free(tally->wcs);
    tally->wcs = NULL;
    wk_status status = wk_wcs_copy(&tally->wcs, wcs, error);
    if (status == WK_OK)
        status = lay_grid(&all, &numbers, &zones, error);
    if (status == WK_OK)
        status = choose_wanted(&all, wanted, payload, error);
    all.crossed = zones > 1;
    for (int64_t i = 0; i < zones && status == WK_OK; i++) {
        wk_zone_fill(&all.zone, numbers[i]);
        status = lay_plane(&all, error);
        if (status == WK_OK)
            status = measure_zone(cells, count, &all, noise, error);
    }
    wk_memory_free(numbers);
    if (status == WK_OK && isnan(noise))
        pool_errors(*cells, *count);
    if (status < 0) {
        wk_memory_free(*cells);
        *cells = NULL;
        *count = 0;
    }
    return status;
}

void wk_tally_release(wk_tally *tally)
{
    wk_grid_release(&tally->grid);
    wk_wcs_free(tally->wcs);
    wk_memory_free(tally->plane);
    wk_memory_free(tally->sums);
    wk_memory_free(tally->wanted);
    memset(tally, 0, sizeof *tally);
}
