#include "offset_nearest.h"

#include <math.h>
#include <string.h>

#include "memory.h"
#include "moment.h"

enum { QUADRANTS = 4, LANES = 4 };

typedef struct nearest {
    wk_quadrants *strict; /* NULL: half-open ones, which every offset has */
    double power;
    wk_offset_noise noise[2];
} nearest;

typedef struct nearest_walk {
    wk_quadrant_walk *quadrants;
    double *x, *y, *error_x, *error_y; /* one row, with room for whole vectors */
} nearest_walk;

static const wk_quadrants *quadrants_of(const wk_offset *offset)
{
    const nearest *model = offset->model;
    return model->strict ? model->strict : offset->around;
}

static void nearest_release(void *model)
{
    wk_quadrants_free(((nearest *)model)->strict);
    wk_memory_free(model);
}

static void nearest_close(void *walk)
{
    nearest_walk *w = walk;
    if (!w)
        return;
    wk_quadrant_walk_free(w->quadrants);
    wk_memory_free(w->x);
    wk_memory_free(w->y);
    wk_memory_free(w->error_x);
    wk_memory_free(w->error_y);
    wk_memory_free(w);
}

static size_t nearest_bytes(const wk_offset *offset)
{
    return wk_quadrant_walk_bytes(quadrants_of(offset)) +
           4 * sizeof(double) * (size_t)(offset->facts.width + LANES);
}

static wk_status nearest_open(void **walk, const wk_offset *offset, wk_error *error)
{
    const size_t room = (size_t)(offset->facts.width + LANES);
    nearest_walk *w = wk_memory_new(1, sizeof *w, error);
    *walk = w;
    if (!w)
        return WK_MEMORY;
    double **const rows[] = {&w->x, &w->y, &w->error_x, &w->error_y};
    wk_status status = wk_quadrant_walk_create(&w->quadrants, quadrants_of(offset), error);
    for (int i = 0; i < 4 && status == WK_OK; i++) {
        *rows[i] = wk_memory_raw(room, sizeof **rows[i], error);
        status = *rows[i] ? WK_OK : WK_MEMORY;
    }
    if (status != WK_OK) {
        nearest_close(w);
        *walk = NULL;
    }
    return status;
}

/* The stars of one run, relative to its first pixel; none: at infinite distance. */
typedef struct four {
    double x[QUADRANTS], y[QUADRANTS], square[QUADRANTS], value[2][QUADRANTS];
} four;

static four gather(const wk_offset_points *p, const wk_quadrant_run *run, int64_t column,
                   int64_t row)
{
    four f = {{0}, {0}, {0}, {{0}}};
    for (int k = 0; k < QUADRANTS; k++) {
        const int64_t star = run->point[k];
        f.square[k] = INFINITY;
        if (star < 0)
            continue;
        f.x[k] = p->x[star] - (double)column;
        f.y[k] = p->y[star] - (double)row;
        f.square[k] = f.y[k] * f.y[k];
        f.value[0][k] = p->value[0][star];
        f.value[1][k] = p->value[1][star];
    }
    return f;
}

WK_INLINE double weight_of(double square, double power)
{
    if (power == 1)
        return 1 / sqrt(square);
    if (power == 2)
        return 1 / square;
    return pow(square, -power / 2);
}

/* Whole vectors: what lies behind the run is overwritten by the next one. */
WK_INLINE void mean_of_four(double *x, double *y, const four *f, int count, double power)
{
    for (int i = 0; i < count; i++) {
        double w[QUADRANTS];
        for (int k = 0; k < QUADRANTS; k++) {
            double away = (double)i - f->x[k];
            w[k] = weight_of(away * away + f->square[k], power);
        }
        double sum = 1 / (w[0] + w[1] + w[2] + w[3]);
        x[i] = (w[0] * f->value[0][0] + w[1] * f->value[0][1] + w[2] * f->value[0][2] +
                w[3] * f->value[0][3]) *
               sum;
        y[i] = (w[0] * f->value[1][0] + w[1] * f->value[1][1] + w[2] * f->value[1][2] +
                w[3] * f->value[1][3]) *
               sum;
    }
}

static void mean_narrow(double *x, double *y, const four *f, int count)
{
    mean_of_four(x, y, f, count, 1);
}

WK_WIDE static void mean_wide(double *x, double *y, const four *f, int count)
{
    mean_of_four(x, y, f, count, 1);
}

static void mean_power(double *x, double *y, const four *f, int count, double power)
{
    if (power == 2)
        mean_of_four(x, y, f, count, 2);
    else
        mean_of_four(x, y, f, count, power);
}

/* The variance's formula with the distances between the four, which a run shares. */
WK_INLINE void error_of_four(double *error, const four *f, int count, double power,
                             const wk_offset_noise *noise)
{
    double between[QUADRANTS][QUADRANTS];
    for (int k = 0; k < QUADRANTS; k++)
        for (int l = 0; l < k; l++) {
            double dx = f->x[k] - f->x[l], dy = f->y[k] - f->y[l];
            between[k][l] = wk_offset_noise_lag(noise, dx * dx + dy * dy);
        }
    for (int i = 0; i < count; i++) {
        double w[QUADRANTS], sum = 0, squares = 0, field = 0;
        for (int k = 0; k < QUADRANTS; k++) {
            double away = (double)i - f->x[k];
            w[k] = weight_of(away * away + f->square[k], power);
            sum += w[k];
        }
        for (int k = 0; k < QUADRANTS; k++) {
            double away = (double)i - f->x[k];
            if (!(w[k] > 0))
                continue;
            w[k] /= sum;
            squares += w[k] * w[k];
            field += 2 * w[k] * wk_offset_noise_lag(noise, away * away + f->square[k]);
            for (int l = 0; l < k; l++)
                field -= 2 * w[k] * w[l] * between[k][l];
        }
        error[i] = sum > 0 ? sqrt(noise->star * squares + (field > 0 ? field : 0)) : (double)NAN;
    }
}

static void fill_run(nearest_walk *w, const nearest *model, const four *f, int64_t column,
                     int count, int errors)
{
    const double power = model->power;
    double *x = w->x + column, *y = w->y + column;
    if (power == 1 && wk_wide_usable())
        mean_wide(x, y, f, (count + LANES - 1) / LANES * LANES);
    else if (power == 1)
        mean_narrow(x, y, f, count);
    else
        mean_power(x, y, f, count, power);
    if (errors) {
        error_of_four(w->error_x + column, f, count, power, &model->noise[0]);
        error_of_four(w->error_y + column, f, count, power, &model->noise[1]);
    }
}

static wk_status nearest_row(const wk_offset_planes *planes, void *walk, const wk_offset *offset,
                             int64_t row, wk_error *error)
{
    enum { LONGEST = 1 << 20 };
    (void)error;
    const nearest *model = offset->model;
    nearest_walk *w = walk;
    const size_t bytes = (size_t)offset->facts.width * sizeof(double);
    int64_t count, column = 0;
    const wk_quadrant_run *runs = wk_quadrant_row(&count, w->quadrants, row);
    for (int64_t r = 0; r < count; r++)
        while (column < runs[r].end) {
            int64_t left = runs[r].end - column;
            int part = (int)(left < LONGEST ? left : LONGEST);
            four f = gather(&offset->points, &runs[r], column, row);
            fill_run(w, model, &f, column, part, planes->error_x != NULL);
            column += part;
        }
    memcpy(planes->x, w->x, bytes);
    memcpy(planes->y, w->y, bytes);
    if (planes->error_x) {
        memcpy(planes->error_x, w->error_x, bytes);
        memcpy(planes->error_y, w->error_y, bytes);
    }
    if (!model->strict) /* there a star on the pixel is in no quadrant either */
        wk_offset_put_stars(planes, offset, model->noise, row);
    return WK_OK;
}

static const wk_offset_kind kind = {nearest_open, nearest_row, nearest_close, nearest_release,
                                    nearest_bytes};

/* What predicts a star without itself. */
static int64_t others(int64_t star[QUADRANTS], double weight[QUADRANTS], const wk_offset *offset,
                      int64_t i)
{
    const nearest *model = offset->model;
    const wk_offset_points *p = &offset->points;
    int64_t point[QUADRANTS], count = 0;
    double distance[QUADRANTS], sum = 0;
    if (p->twin[i] != i) {
        star[0] = p->twin[i];
        weight[0] = 1;
        return 1;
    }
    wk_quadrant_place(point, distance, quadrants_of(offset), p->x[i], p->y[i], i);
    for (int k = 0; k < QUADRANTS; k++) {
        if (point[k] < 0)
            continue;
        star[count] = point[k];
        weight[count] = weight_of(distance[k] * distance[k], model->power);
        sum += weight[count++];
    }
    for (int64_t k = 0; k < count; k++)
        weight[k] /= sum;
    return count;
}

static wk_status leave_out(wk_offset *offset, wk_error *error)
{
    nearest *model = offset->model;
    wk_share_list list;
    wk_status status = wk_share_list_make(&list, offset->points.count, error);
    for (int64_t i = 0; i < offset->points.count && status == WK_OK; i++) {
        int64_t star[QUADRANTS];
        double weight[QUADRANTS];
        int64_t count = others(star, weight, offset, i);
        status = wk_share_list_put(&list, i, star, weight, count, error);
    }
    if (status == WK_OK)
        status = wk_share_list_judge(model->noise, offset, &list, error);
    wk_share_list_release(&list);
    return status;
}

wk_status wk_offset_fit_nearest(wk_offset *offset, const wk_context *context, wk_error *error)
{
    (void)context;
    const wk_offset_points *p = &offset->points;
    nearest *model = wk_memory_new(1, sizeof *model, error);
    if (!model)
        return WK_MEMORY;
    offset->kind = &kind;
    offset->model = model;
    model->power = isnan(offset->options.power) ? 1 : offset->options.power;
    wk_status status = WK_OK;
    if (offset->options.quadrants == WK_OFFSET_STRICT)
        status = wk_quadrants_create(&model->strict, p->x, p->y, p->count, offset->facts.width,
                                     WK_QUADRANT_STRICT, error);
    return status == WK_OK ? leave_out(offset, error) : status;
}
