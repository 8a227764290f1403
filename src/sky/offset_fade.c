#include <math.h>
#include <stdlib.h>

#include "bucket.h"
#include "memory.h"
#include "offset_nearest.h"

/* LEAST stars share at least; TILE: pixels along the side of a square that has one list. */
enum { LEAST = 12, TILE = 16 };

/* A little more than the distance of the next star: where several are equally far, they still
 * share; its own share there is some 1e-7. */
static const double margin = 1 + 1e-4;

/* The square of a mean place's relative error, and some: a spread that is smaller is none. */
static const double rounding = 1e-28;

typedef struct fade {
    wk_bucket *bucket;
    double power, radius;
    wk_offset_noise noise[2];
} fade;

/* Stars that may share in the tiles of one row of tiles. */
typedef struct fade_walk {
    int64_t band;   /* of rows that the lists are for; -1: none */
    int64_t *start; /* [tiles + 1] */
    int64_t *star;
    size_t room;
    int64_t count;
    wk_status status;
    wk_error error;
    double *work;  /* of one tile's stars: x, y, weights, squares, one after another */
    int64_t *kept; /* those that share at a pixel */
    size_t work_room, kept_room;
} fade_walk;

static void fade_release(void *model)
{
    wk_bucket_free(((fade *)model)->bucket);
    wk_memory_free(model);
}

static void fade_close(void *walk)
{
    fade_walk *w = walk;
    if (!w)
        return;
    wk_memory_free(w->start);
    wk_memory_free(w->star);
    wk_memory_free(w->work);
    wk_memory_free(w->kept);
    wk_memory_free(w);
}

static int64_t tiles_of(const wk_offset *offset)
{
    return (offset->facts.width + TILE - 1) / TILE;
}

static wk_status fade_open(void **walk, const wk_offset *offset, wk_error *error)
{
    fade_walk *w = wk_memory_new(1, sizeof *w, error);
    *walk = w;
    if (!w)
        return WK_MEMORY;
    w->band = -1;
    w->start = wk_memory_new((size_t)tiles_of(offset) + 1, sizeof *w->start, error);
    if (w->start)
        return WK_OK;
    fade_close(w);
    *walk = NULL;
    return WK_MEMORY;
}

static int add_star(int64_t index, double distance, void *payload)
{
    fade_walk *w = payload;
    (void)distance;
    w->status = wk_memory_reserve((void **)&w->star, &w->room, (size_t)w->count + 1,
                                  sizeof *w->star, &w->error);
    if (w->status != WK_OK)
        return 1;
    w->star[w->count++] = index;
    return 0;
}

/* What add_star met. */
static wk_status give_error(const fade_walk *w, wk_error *error)
{
    if (error)
        *error = w->error;
    return w->status;
}

static int compare(const void *left, const void *right)
{
    const int64_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

/* Nowhere in a tile is the star after the nearest LEAST farther than from the middle by more than
 * half a diagonal. The lists are sorted: sums run in the order of the table. */
static wk_status fill_lists(fade_walk *w, const wk_offset *offset, int64_t band, wk_error *error)
{
    const fade *model = offset->model;
    const double half = 0.5 * (TILE - 1), diagonal = sqrt(2.0) * half;
    w->count = 0;
    for (int64_t t = 0; t < tiles_of(offset); t++) {
        int64_t near[LEAST + 1];
        double distance[LEAST + 1], x = (double)(t * TILE) + half, y = (double)(band * TILE) + half;
        int64_t found = wk_bucket_near(model->bucket, x, y, LEAST + 1, near, distance);
        double reach = found > LEAST ? distance[LEAST] + diagonal : (double)INFINITY;
        reach = fmax(reach, model->radius) * margin + diagonal;
        w->start[t] = w->count;
        wk_bucket_within(model->bucket, x, y, reach * margin, add_star, w);
        if (w->status != WK_OK)
            return give_error(w, error);
        qsort(w->star + w->start[t], (size_t)(w->count - w->start[t]), sizeof *w->star, compare);
    }
    w->start[tiles_of(offset)] = w->count;
    w->band = band;
    return WK_OK;
}

/* Keep the LEAST + 1 smallest squares in ascending order. */
static int64_t insert(double nearest[LEAST + 1], int64_t count, double square)
{
    int64_t at = count <= LEAST ? count++ : LEAST;
    for (; at > 0 && nearest[at - 1] > square; at--)
        nearest[at] = nearest[at - 1];
    nearest[at] = square;
    return count;
}

/* The square of the distance where weights end. */
static double reach_of(const double *square, int64_t count, double radius)
{
    double nearest[LEAST + 1];
    int64_t kept = 0;
    for (int64_t k = 0; k < count; k++)
        if (kept <= LEAST || square[k] < nearest[LEAST])
            kept = insert(nearest, kept, square[k]);
    if (kept <= LEAST)
        return INFINITY;
    return fmax(nearest[LEAST], radius * radius) * margin * margin;
}

/* Weights of stars from the squares of their distances; returns their sum. */
static double weigh(double *weight, const double *square, int64_t count, const fade *model)
{
    const double reach = reach_of(square, count, model->radius), inverse = 1 / sqrt(reach);
    double sum = 0;
    for (int64_t k = 0; k < count; k++) {
        double part = square[k] < reach ? 1 / sqrt(square[k]) - inverse : 0;
        weight[k] = model->power == 2 ? part * part : pow(part, model->power);
        sum += weight[k];
    }
    return sum;
}

/* Turn the weights, of sum 1, of a mean at (0, 0) into those of the value there of the straight
 * plane that fits the stars best with them (moving least squares: Lancaster and Salkauskas 1981).
 * Where the stars lie on a line, the plane is level across it: a thousandth of their spread along
 * it stands in for what is missing, so that nothing jumps. */
static void tilt(double *weight, const double *x, const double *y, int64_t count)
{
    double mx = 0, my = 0, xx = 0, xy = 0, yy = 0;
    for (int64_t k = 0; k < count; k++) {
        mx += weight[k] * x[k];
        my += weight[k] * y[k];
    }
    for (int64_t k = 0; k < count; k++) {
        double dx = x[k] - mx, dy = y[k] - my;
        xx += weight[k] * dx * dx;
        xy += weight[k] * dx * dy;
        yy += weight[k] * dy * dy;
    }
    if (xx + yy <= rounding * (mx * mx + my * my))
        return; /* one star, or several at one place */
    const double ridge = 1e-3 * (xx + yy);
    xx += ridge;
    yy += ridge;
    const double determinant = xx * yy - xy * xy;
    if (!(determinant > 0))
        return;
    const double gx = (xy * my - yy * mx) / determinant, gy = (xy * mx - xx * my) / determinant;
    for (int64_t k = 0; k < count; k++)
        weight[k] *= 1 + gx * (x[k] - mx) + gy * (y[k] - my);
}

/* The places relative to a pixel, and the shares of the stars there; those without any are left
 * out.  work: [count][4], of which the first three parts are x, y and shares of those kept. */
static int64_t share(fade_walk *w, int64_t *kept_star, const wk_offset *offset, const int64_t *star,
                     int64_t count, const double place[2])
{
    const wk_offset_points *p = &offset->points;
    double *x = w->work, *y = x + count, *weight = y + count, *square = weight + count;
    int64_t kept = 0;
    for (int64_t k = 0; k < count; k++) {
        double dx = p->x[star[k]] - place[0], dy = p->y[star[k]] - place[1];
        square[k] = dx * dx + dy * dy;
    }
    const double scale = 1 / weigh(weight, square, count, offset->model);
    for (int64_t k = 0; k < count; k++) {
        if (!(weight[k] > 0))
            continue;
        x[kept] = p->x[star[k]] - place[0];
        y[kept] = p->y[star[k]] - place[1];
        weight[kept] = weight[k] * scale;
        kept_star[kept++] = star[k];
    }
    tilt(weight, x, y, kept);
    return kept;
}

static void fade_pixel(const wk_offset_planes *planes, fade_walk *w, const wk_offset *offset,
                       const int64_t *star, int64_t count, const int64_t at[2])
{
    const fade *model = offset->model;
    const double place[2] = {(double)at[0], (double)at[1]};
    const int64_t kept = share(w, w->kept, offset, star, count, place), column = at[0];
    const double *x = w->work, *y = x + count, *weight = y + count;
    double sum[2] = {0, 0};
    for (int axis = 0; axis < 2; axis++)
        for (int64_t k = 0; k < kept; k++)
            sum[axis] += weight[k] * offset->points.value[axis][w->kept[k]];
    planes->x[column] = sum[0];
    planes->y[column] = sum[1];
    if (planes->error_x) {
        planes->error_x[column] =
            sqrt(wk_offset_noise_variance(&model->noise[0], x, y, weight, kept));
        planes->error_y[column] =
            sqrt(wk_offset_noise_variance(&model->noise[1], x, y, weight, kept));
    }
}

static wk_status reserve(fade_walk *w, int64_t count, wk_error *error)
{
    wk_status status = wk_memory_reserve((void **)&w->work, &w->work_room, 4 * (size_t)count,
                                         sizeof *w->work, error);
    if (status != WK_OK)
        return status;
    return wk_memory_reserve((void **)&w->kept, &w->kept_room, (size_t)count, sizeof *w->kept,
                             error);
}

static wk_status fade_row(const wk_offset_planes *planes, void *walk, const wk_offset *offset,
                          int64_t row, wk_error *error)
{
    const fade *model = offset->model;
    fade_walk *w = walk;
    wk_status status = WK_OK;
    if (w->band != row / TILE)
        status = fill_lists(w, offset, row / TILE, error);
    for (int64_t t = 0; t < tiles_of(offset) && status == WK_OK; t++) {
        const int64_t *star = w->star + w->start[t], count = w->start[t + 1] - w->start[t];
        const int64_t end =
            (t + 1) * TILE < offset->facts.width ? (t + 1) * TILE : offset->facts.width;
        status = reserve(w, count, error);
        for (int64_t i = t * TILE; i < end && status == WK_OK; i++) {
            const int64_t at[2] = {i, row};
            fade_pixel(planes, w, offset, star, count, at);
        }
    }
    if (status == WK_OK)
        wk_offset_put_stars(planes, offset, model->noise, row);
    return status;
}

static const wk_offset_kind kind = {fade_open, fade_row, fade_close, fade_release, NULL};

/* Put the stars around star i into the list, but for those at its place: a later twin would be the
 * answer.  Where many are, they crowd the others out of the nearest: the search goes on then. */
static wk_status find_others(int64_t *kept, fade_walk *w, const wk_offset *offset, int64_t i,
                             double reach, wk_error *error)
{
    const fade *model = offset->model;
    const wk_offset_points *p = &offset->points;
    for (;; reach = fmax(2 * reach, 1)) {
        *kept = w->count = 0;
        wk_bucket_within(model->bucket, p->x[i], p->y[i], reach, add_star, w);
        if (w->status != WK_OK)
            return give_error(w, error);
        int64_t found = w->count;
        qsort(w->star, (size_t)found, sizeof *w->star, compare);
        for (int64_t k = 0; k < found; k++)
            if (p->twin[w->star[k]] != i)
                w->star[(*kept)++] = w->star[k];
        if (*kept > LEAST || found == p->count)
            return WK_OK;
    }
}

/* The stars that predict star i without itself. */
static wk_status predict(wk_share_list *list, fade_walk *w, const wk_offset *offset, int64_t i,
                         wk_error *error)
{
    const fade *model = offset->model;
    const wk_offset_points *p = &offset->points;
    int64_t near[LEAST + 2], kept = 0;
    double distance[LEAST + 2];
    if (p->twin[i] != i) {
        const double one = 1;
        return wk_share_list_put(list, i, &p->twin[i], &one, 1, error);
    }
    int64_t found = wk_bucket_near(model->bucket, p->x[i], p->y[i], LEAST + 2, near, distance);
    double reach = found > LEAST + 1 ? distance[LEAST + 1] : (double)INFINITY;
    wk_status status = find_others(&kept, w, offset, i, fmax(reach, model->radius) * margin, error);
    if (status == WK_OK)
        status = reserve(w, kept, error);
    if (status != WK_OK || kept == 0)
        return status == WK_OK ? wk_share_list_put(list, i, NULL, NULL, 0, error) : status;
    const double place[2] = {p->x[i], p->y[i]};
    const int64_t shared = share(w, w->kept, offset, w->star, kept, place);
    return wk_share_list_put(list, i, w->kept, w->work + 2 * kept, shared, error);
}

static wk_status leave_out(wk_offset *offset, wk_error *error)
{
    fade *model = offset->model;
    wk_share_list list;
    void *walk = NULL;
    wk_status status = wk_share_list_make(&list, offset->points.count, error);
    if (status == WK_OK)
        status = fade_open(&walk, offset, error);
    for (int64_t i = 0; i < offset->points.count && status == WK_OK; i++)
        status = predict(&list, walk, offset, i, error);
    if (status == WK_OK)
        status = wk_share_list_judge(model->noise, offset, &list, error);
    fade_close(walk);
    wk_share_list_release(&list);
    return status;
}

wk_status wk_offset_fit_fade(wk_offset *offset, const wk_context *context, wk_error *error)
{
    (void)context;
    const wk_offset_points *p = &offset->points;
    fade *model = wk_memory_new(1, sizeof *model, error);
    if (!model)
        return WK_MEMORY;
    offset->kind = &kind;
    offset->model = model;
    offset->facts.smooth = offset->options.smooth;
    model->radius = offset->options.smooth;
    model->power = isnan(offset->options.power) ? 2 : offset->options.power;
    wk_status status = wk_bucket_create(&model->bucket, p->x, p->y, p->count, error);
    return status == WK_OK ? leave_out(offset, error) : status;
}
