#include "preview_grid.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "figure_angle.h"
#include "memory.h"

/* NET: places each way; EDGE: places along a side; LINES: as many lines as fit well. */
enum { NET = 97, EDGE = 401, LINES = 5, MOST_LINES = 40, TEXT = 64 };

/* One coordinate over the net. */
typedef struct coordinate {
    double values[NET][NET]; /* [row][column] degrees, about one value without a jump of 360 */
    double low, high, step;
    int hours;
} coordinate;

typedef struct net {
    coordinate both[2]; /* right ascension, declination */
    double places[NET * NET][2];
    wk_wcs *wcs;
    double width, height, ra;
    wk_box box;
} net;

/* Right ascensions as differences from that of the middle, so that 0 is no border. */
static double about(double ra, double middle)
{
    return middle + remainder(ra - middle, 360);
}

static void take_range(coordinate *one)
{
    one->low = (double)INFINITY;
    one->high = -(double)INFINITY;
    for (int j = 0; j < NET; j++)
        for (int i = 0; i < NET; i++)
            if (isfinite(one->values[j][i])) {
                one->low = fmin(one->low, one->values[j][i]);
                one->high = fmax(one->high, one->values[j][i]);
            }
    if (one->high > one->low)
        one->step = wk_angle_step((one->high - one->low) / LINES, one->hours);
}

static wk_status fill(net *all, wk_error *error)
{
    double middle[2] = {(all->width - 1) / 2, (all->height - 1) / 2};
    for (int k = 0; k < NET * NET; k++) {
        all->places[k][0] = (double)(k % NET) / (NET - 1) * all->width - 0.5;
        all->places[k][1] = (double)(k / NET) / (NET - 1) * all->height - 0.5;
    }
    wk_status status = wk_wcs_to_sky(all->wcs, 1, middle, middle, error);
    if (status == WK_OK)
        status = wk_wcs_to_sky(all->wcs, NET * NET, all->places[0], all->places[0], error);
    if (status != WK_OK)
        return status;
    for (int k = 0; k < NET * NET && !isfinite(middle[0]); k++)
        middle[0] = all->places[k][0];
    all->ra = isfinite(middle[0]) ? middle[0] : 0;
    for (int k = 0; k < NET * NET; k++) {
        all->both[0].values[k / NET][k % NET] = about(all->places[k][0], all->ra);
        all->both[1].values[k / NET][k % NET] = all->places[k][1];
    }
    all->both[0].hours = 1;
    take_range(&all->both[0]);
    take_range(&all->both[1]);
    return WK_OK;
}

/* The part of a line inside one triangle of the net. */
static void cut_triangle(cairo_t *cairo, const double value[3], const double place[3][2],
                         double level)
{
    double points[3][2];
    int found = 0;
    for (int k = 0; k < 3; k++) {
        double a = value[k] - level, b = value[(k + 1) % 3] - level;
        if ((a < 0) == (b < 0))
            continue;
        double share = a / (a - b);
        for (int c = 0; c < 2; c++)
            points[found][c] = place[k][c] + share * (place[(k + 1) % 3][c] - place[k][c]);
        found++;
    }
    if (found != 2)
        return;
    cairo_move_to(cairo, points[0][0], points[0][1]);
    cairo_line_to(cairo, points[1][0], points[1][1]);
}

static void node(double place[2], const net *all, int i, int j)
{
    place[0] = all->box.x + all->box.width * i / (NET - 1);
    place[1] = all->box.y + all->box.height * (1 - (double)j / (NET - 1));
}

static void cut_cell(cairo_t *cairo, const net *all, const coordinate *one, int i, int j,
                     double level)
{
    static const int corners[2][3][2] = {{{0, 0}, {1, 0}, {1, 1}}, {{0, 0}, {1, 1}, {0, 1}}};
    for (int t = 0; t < 2; t++) {
        double value[3], place[3][2], low = (double)INFINITY, high = -(double)INFINITY;
        for (int k = 0; k < 3; k++) {
            int x = i + corners[t][k][0], y = j + corners[t][k][1];
            value[k] = one->values[y][x];
            node(place[k], all, x, y);
            low = fmin(low, value[k]);
            high = fmax(high, value[k]);
        }
        /* not across the far side of the circle, nor around a pole */
        if (isfinite(value[0] + value[1] + value[2]) && high - low < 120)
            cut_triangle(cairo, value, (const double(*)[2])place, level);
    }
}

static void trace(cairo_t *cairo, const net *all, const coordinate *one)
{
    if (!(one->step > 0))
        return;
    double level = ceil(one->low / one->step) * one->step;
    for (int k = 0; k < MOST_LINES && level <= one->high; k++, level += one->step)
        for (int j = 0; j + 1 < NET; j++)
            for (int i = 0; i + 1 < NET; i++)
                cut_cell(cairo, all, one, i, j, level);
}

static void stroke(wk_figure *figure, wk_colour colour, double alpha, double width)
{
    cairo_t *cairo = wk_figure_cairo(figure);
    wk_figure_colour(figure, colour, alpha);
    cairo_set_line_width(cairo, width);
    cairo_set_line_cap(cairo, CAIRO_LINE_CAP_ROUND);
}

/* Light on dark: a line that is seen on any ground. */
static void draw_lines(wk_figure *figure, const net *all)
{
    cairo_t *cairo = wk_figure_cairo(figure);
    cairo_save(cairo);
    cairo_rectangle(cairo, all->box.x, all->box.y, all->box.width, all->box.height);
    cairo_clip(cairo);
    cairo_new_path(cairo);
    trace(cairo, all, &all->both[0]);
    trace(cairo, all, &all->both[1]);
    stroke(figure, wk_colour_hex(0x101010), 0.35, 2.6);
    cairo_stroke_preserve(cairo);
    stroke(figure, wk_colour_hex(0xf4f4f4), 0.75, 1.1);
    cairo_stroke(cairo);
    cairo_restore(cairo);
}

/* One side of the image: the coordinates along it. */
typedef struct side {
    double sky[EDGE][2];
    int upright;
} side;

static wk_status walk(side *edge, net *all, int upright, wk_error *error)
{
    edge->upright = upright;
    for (int k = 0; k < EDGE; k++) {
        double along = (double)k / (EDGE - 1);
        edge->sky[k][0] = upright ? -0.5 : along * all->width - 0.5;
        edge->sky[k][1] = upright ? along * all->height - 0.5 : -0.5;
    }
    wk_status status = wk_wcs_to_sky(all->wcs, EDGE, edge->sky[0], edge->sky[0], error);
    for (int k = 0; k < EDGE; k++)
        edge->sky[k][0] = about(edge->sky[k][0], all->ra);
    return status;
}

/* Whether a line of the coordinate passes between two neighbouring places, and where. */
static int crosses(double *share, double *level, const side *edge, const coordinate *one, int which,
                   int k)
{
    double a = edge->sky[k][which], b = edge->sky[k + 1][which];
    if (!(one->step > 0) || !isfinite(a + b) || fabs(a - b) > 60)
        return 0;
    double first = floor(a / one->step), second = floor(b / one->step);
    if (first == second)
        return 0;
    *level = fmax(first, second) * one->step;
    *share = (*level - a) / (b - a);
    return 1;
}

static int count_crossings(const side *edge, const coordinate *one, int which)
{
    double share, level;
    int count = 0;
    for (int k = 0; k + 1 < EDGE; k++)
        count += crosses(&share, &level, edge, one, which, k);
    return count;
}

static void write_angle(wk_figure *figure, const net *all, const side *edge, double along,
                        const char *text)
{
    double x = all->box.x, y = all->box.y + all->box.height;
    if (edge->upright) {
        y -= along * all->box.height;
        wk_figure_line(figure, x - 7, y, x, y, 1);
        wk_figure_text(figure, x - 14, y, 1, 0.5, text);
    } else {
        x += along * all->box.width;
        wk_figure_line(figure, x, y, x, y + 7, 1);
        wk_figure_text(figure, x, y + 14, 0.5, 0, text);
    }
}

/* Angles that would touch the one before are left out. */
static double write_angles(wk_figure *figure, const net *all, const side *edge, int which)
{
    char text[TEXT];
    const coordinate *one = &all->both[which];
    double share, level, end = -(double)INFINITY, widest = 0;
    for (int k = 0; k + 1 < EDGE; k++) {
        if (!crosses(&share, &level, edge, one, which, k))
            continue;
        double along = ((double)k + share) / (EDGE - 1);
        wk_angle_text(text, sizeof text, level, one->step, one->hours);
        double size = wk_figure_text_width(figure, text);
        double room = edge->upright ? WK_TEXT_SIZE : size;
        double place = along * (edge->upright ? all->box.height : all->box.width);
        if (place - room / 2 < end + 8)
            continue;
        write_angle(figure, all, edge, along, text);
        end = place + room / 2;
        widest = fmax(widest, size);
    }
    return widest;
}

static wk_status write_sides(wk_figure *figure, net *all, wk_error *error)
{
    static const char *const names[2] = {"right ascension (ICRS)", "declination (ICRS)"};
    side *edges = wk_memory_raw(2, sizeof *edges, error);
    wk_status status = edges ? walk(&edges[0], all, 0, error) : WK_MEMORY;
    if (status == WK_OK)
        status = walk(&edges[1], all, 1, error);
    if (status == WK_OK) {
        int ra = count_crossings(&edges[0], &all->both[0], 0);
        int below = ra >= count_crossings(&edges[0], &all->both[1], 1) ? 0 : 1;
        wk_figure_font(figure, WK_TEXT_SIZE, 0);
        wk_figure_colour(figure, WK_INK, 1);
        write_angles(figure, all, &edges[0], below);
        double widest = write_angles(figure, all, &edges[1], 1 - below);
        double x = all->box.x, y = all->box.y + all->box.height;
        wk_figure_text(figure, x + all->box.width / 2, y + 48, 0.5, 0, names[below]);
        wk_figure_text_upward(figure, x - 14 - widest - 16, y - all->box.height / 2, 0.5, 1,
                              names[1 - below]);
    }
    wk_memory_free(edges);
    return status;
}

wk_status wk_preview_grid(wk_figure *figure, wk_box box, const wk_wcs *wcs, double width,
                          double height, wk_error *error)
{
    net *all = wk_memory_new(1, sizeof *all, error);
    if (!all)
        return WK_MEMORY;
    all->box = box;
    all->width = width;
    all->height = height;
    wk_status status = wk_wcs_copy(&all->wcs, wcs, error);
    if (status == WK_OK)
        status = fill(all, error);
    if (status == WK_OK) {
        draw_lines(figure, all);
        wk_figure_colour(figure, WK_INK_SOFT, 1);
        wk_figure_frame(figure, box, 1);
        status = write_sides(figure, all, error);
    }
    wk_wcs_free(all->wcs);
    wk_memory_free(all);
    return status;
}
