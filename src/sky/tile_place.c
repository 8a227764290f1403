#include "tile_place.h"

#include <math.h>
#include <string.h>

#include "memory.h"
#include "pixmap.h"

/* Pixels of the coadd.  The cubic interpolation of a camera's distortion over 128 pixels is better
 * than 1e-8, and places have a noise of 1e-9: a smaller bound would gain nothing, for at this one
 * exact places are needed for one pixel of 25000. */
static const double bound = 1e-5;

/* A row of one cell never holds more than this. */
enum { most = wk_grid_largest };

/* Pixels to be evaluated exactly, one by one. */
typedef struct doubt {
    double (*xy)[2];
    double (*place)[2];
    int64_t count;
    size_t room, place_room;
} doubt;

typedef struct placing {
    uint8_t *bad;
    int64_t width, height;
    const wk_tile_sky *sky;
    wk_grid grid;
    wk_pixmap pixmap;
    doubt doubt;
    double *checks; /* [cells_x][3][2]: exact places in a row of cells */
    size_t check_room;
    wk_error *error;
} placing;

/* A cubic along a row of one cell: the place in coadd pixels from base on, plus one half. */
typedef struct cubic {
    double a, b, c, d;
    double base;
} cubic;

static uint8_t look_up(const wk_tile_sky *sky, const double place[2])
{
    double x = floor(place[0] + 0.5), y = floor(place[1] + 0.5);
    if (!(x >= 0.0 && x < (double)sky->width && y >= 0.0 && y < (double)sky->height))
        return 1;
    return sky->bad[(int64_t)y * sky->width + (int64_t)x];
}

static wk_status settle(placing *p)
{
    doubt *d = &p->doubt;
    if (d->count == 0)
        return WK_OK;
    wk_status status =
        wk_memory_reserve((void **)&d->place, &d->place_room, d->room, sizeof *d->place, p->error);
    if (status == WK_OK)
        status = wk_pixmap_exact(&p->pixmap, d->count, d->xy[0], d->place[0], p->error);
    for (int64_t i = 0; i < d->count && status == WK_OK; i++)
        p->bad[(int64_t)d->xy[i][1] * p->width + (int64_t)d->xy[i][0]] =
            look_up(p->sky, d->place[i]);
    d->count = 0;
    return status;
}

static void ask(placing *p, int64_t x, int64_t y)
{
    double *xy = p->doubt.xy[p->doubt.count++];
    xy[0] = (double)x;
    xy[1] = (double)y;
}

/* The cubic through nodes at -1, 0, 1, 2 in powers of t. */
static void fit_cubic(cubic *out, const double line[4], double base)
{
    double third = (line[3] - line[0]) / 6.0 - (line[2] - line[1]) / 2.0;
    double second = (line[0] + line[2]) / 2.0 - line[1];
    out->base = base;
    out->a = line[1] - base + 0.5;
    out->b = line[2] - line[1] - second - third;
    out->c = second;
    out->d = third;
}

/* Whole coadd pixels, counted from the base, along a row, and whether the boundary is too near to
 * tell.  Places are positive here, so that cutting the fraction off is rounding down. */
static int round_row(int32_t *whole, uint8_t *near, const cubic *q, int64_t n, double step)
{
    double place[most];
    int doubtful = 0;
    for (int64_t i = 0; i < n; i++) {
        double t = (double)(int32_t)i * step;
        place[i] = ((q->d * t + q->c) * t + q->b) * t + q->a;
        whole[i] = (int32_t)place[i];
    }
    for (int64_t i = 0; i < n; i++) {
        double fraction = place[i] - (double)whole[i];
        near[i] = (uint8_t)((fraction < bound) | (fraction > 1.0 - bound));
    }
    for (int64_t i = 0; i < n; i++)
        doubtful |= near[i];
    return doubtful;
}

/* The places of one row of a cell, from the cubics of both coordinates. */
static void place_row(placing *p, const cubic q[2], int64_t x, int64_t y, int64_t n)
{
    int32_t whole[2][most];
    uint8_t near[2][most];
    int doubtful = 0;
    const wk_tile_sky *sky = p->sky;
    uint8_t *bad = p->bad + y * p->width + x;
    for (int k = 0; k < 2; k++)
        doubtful |= round_row(whole[k], near[k], &q[k], n, 1.0 / (double)p->grid.step);
    int64_t base_x = (int64_t)q[0].base, base_y = (int64_t)q[1].base;
    for (int64_t i = 0; i < n; i++) {
        int64_t cx = base_x + whole[0][i], cy = base_y + whole[1][i];
        bad[i] = 1;
        if (cx >= 0 && cx < sky->width && cy >= 0 && cy < sky->height)
            bad[i] = sky->bad[cy * sky->width + cx];
    }
    for (int64_t i = 0; doubtful && i < n; i++)
        if (near[0][i] | near[1][i])
            ask(p, x + i, y);
}

/* Where interpolated places of a cell can lie: 1.5625 is the square of the Lebesgue constant of
 * the middle interval of four nodes. */
static void reach_of(double reach[2], const double nodes[4][4])
{
    double low = nodes[0][0], high = nodes[0][0];
    for (int i = 1; i < 16; i++) {
        low = fmin(low, nodes[i / 4][i % 4]);
        high = fmax(high, nodes[i / 4][i % 4]);
    }
    double slack = 0.5 * (1.5625 - 1.0) * (high - low) + 1.0;
    reach[0] = low - slack;
    reach[1] = high + slack;
}

/* Whether a cell's interpolation keeps the bound at its middle and at the middles of two edges:
 * there the errors of the fourth derivatives along x and along y are largest, and are seen apart.
 * One half of the bound is left for what these places do not show. */
static int cell_keeps_bound(const double nodes[2][4][4], const double exact[3][2])
{
    static const double half[4] = {-0.0625, 0.5625, 0.5625, -0.0625};
    static const double none[4] = {0.0, 1.0, 0.0, 0.0};
    int good = 1;
    for (int which = 0; which < 3; which++) {
        const double *wx = which == 2 ? none : half;
        const double *wy = which == 1 ? none : half;
        for (int k = 0; k < 2; k++) {
            double place = 0.0;
            for (int row = 0; row < 4; row++)
                for (int column = 0; column < 4; column++)
                    place += wy[row] * wx[column] * nodes[k][row][column];
            good &= fabs(place - exact[which][k]) < 0.5 * bound;
        }
    }
    return good;
}

static int is_outside(const wk_tile_sky *sky, const double reach[2][2])
{
    return reach[0][1] < -1.0 || reach[1][1] < -1.0 || reach[0][0] > (double)sky->width ||
           reach[1][0] > (double)sky->height;
}

static int64_t cell_end(int64_t cell, int64_t step, int64_t size)
{
    return (cell + 1) * step < size ? (cell + 1) * step : size;
}

static wk_status place_cell(placing *p, const double nodes[2][4][4], const double reach[2][2],
                            int64_t i, int64_t j)
{
    int64_t step = p->grid.step;
    int64_t x = i * step, n = cell_end(i, step, p->width) - x;
    for (int64_t y = j * step; y < cell_end(j, step, p->height); y++) {
        const double *w = p->grid.weights[y - j * step];
        cubic q[2];
        for (int k = 0; k < 2; k++) {
            double line[4];
            for (int c = 0; c < 4; c++)
                line[c] = w[0] * nodes[k][0][c] + w[1] * nodes[k][1][c] + w[2] * nodes[k][2][c] +
                          w[3] * nodes[k][3][c];
            fit_cubic(&q[k], line, floor(reach[k][0]));
        }
        place_row(p, q, x, y, n);
    }
    return settle(p);
}

static wk_status place_exactly(placing *p, int64_t i, int64_t j)
{
    for (int64_t y = j * p->grid.step; y < cell_end(j, p->grid.step, p->height); y++)
        for (int64_t x = i * p->grid.step; x < cell_end(i, p->grid.step, p->width); x++)
            ask(p, x, y);
    return settle(p);
}

/* Exact places at the middle, the lower edge's and the left edge's middle of a row of cells. */
static wk_status check_row(placing *p, int64_t j)
{
    static const double at[3][2] = {{0.5, 0.5}, {0.5, 0.0}, {0.0, 0.5}};
    double step = (double)p->grid.step;
    for (int64_t i = 0; i < p->grid.cells_x; i++)
        for (int which = 0; which < 3; which++) {
            p->checks[6 * i + 2 * which] = ((double)i + at[which][0]) * step;
            p->checks[6 * i + 2 * which + 1] = ((double)j + at[which][1]) * step;
        }
    return wk_pixmap_exact(&p->pixmap, 3 * p->grid.cells_x, p->checks, p->checks, p->error);
}

static wk_status place_cells(placing *p, int64_t j)
{
    wk_status status = check_row(p, j);
    for (int64_t i = 0; i < p->grid.cells_x && status == WK_OK; i++) {
        double nodes[2][4][4], reach[2][2];
        const double *exact = p->checks + 6 * i;
        wk_pixmap_nodes(nodes, &p->pixmap, i, j);
        int known = wk_pixmap_known((const double(*)[4][4])nodes);
        for (int k = 0; k < 2 && known; k++) {
            reach_of(reach[k], (const double(*)[4])nodes[k]);
            known = fabs(reach[k][0]) < 1e9 && fabs(reach[k][1]) < 1e9;
        }
        if (!known || !cell_keeps_bound((const double(*)[4][4])nodes, (const double(*)[2])exact))
            status = place_exactly(p, i, j);
        else if (!is_outside(p->sky, (const double(*)[2])reach))
            status = place_cell(p, (const double(*)[4][4])nodes, (const double(*)[2])reach, i, j);
    }
    return status;
}

/* Nodes over the whole image: a part chosen by the coadd's border in the image's pixels would rely
 * on a distortion far outside of the image. */
static wk_status lay(placing *p, wk_wcs *wcs, wk_wcs *to)
{
    wk_footprint everywhere;
    int coarse = 1;
    memset(&everywhere, 0, sizeof everywhere);
    wk_status status = WK_OK;
    int64_t step = wk_grid_step(p->width, p->height);
    for (; coarse && status == WK_OK; step /= 2) {
        status = wk_grid_lay(&p->grid, wcs, p->width, p->height, step, p->error);
        if (status == WK_OK)
            status = wk_pixmap_lay(&p->pixmap, &coarse, &p->grid, to, &everywhere, bound, p->error);
        if (step <= wk_grid_smallest)
            break;
    }
    if (status == WK_OK)
        status = wk_memory_reserve((void **)&p->checks, &p->check_room,
                                   (size_t)(6 * p->grid.cells_x), sizeof *p->checks, p->error);
    if (status == WK_OK)
        status =
            wk_memory_reserve((void **)&p->doubt.xy, &p->doubt.room,
                              (size_t)(p->grid.step * p->grid.step), sizeof *p->doubt.xy, p->error);
    return status;
}

static wk_status place_all(placing *p, wk_wcs *wcs)
{
    wk_wcs *to = NULL;
    wk_status status = wk_wcs_copy(&to, p->sky->wcs, p->error);
    if (status == WK_OK)
        status = lay(p, wcs, to);
    for (int64_t j = 0; status == WK_OK && j < p->grid.cells_y; j++)
        status = place_cells(p, j);
    wk_grid_release(&p->grid);
    wk_pixmap_release(&p->pixmap);
    wk_memory_free(p->checks);
    wk_memory_free(p->doubt.xy);
    wk_memory_free(p->doubt.place);
    wk_wcs_free(to);
    return status;
}

wk_status wk_tile_place(uint8_t *bad, int64_t width, int64_t height, wk_wcs *wcs,
                        const wk_tile_sky *sky, wk_error *error)
{
    placing p;
    wk_footprint footprint;
    memset(&p, 0, sizeof p);
    p.bad = bad;
    p.width = width;
    p.height = height;
    p.sky = sky;
    p.error = error;
    memset(bad, 1, (size_t)(width * height));
    wk_status status = wk_footprint_create(&footprint, wcs, width, height, error);
    if (status != WK_OK)
        return status;
    if (wk_footprint_meet(&footprint, &sky->footprint))
        status = place_all(&p, wcs);
    wk_footprint_release(&footprint);
    return status;
}
