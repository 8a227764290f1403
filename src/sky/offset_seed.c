#include <math.h>
#include <string.h>

#include "memory.h"
#include "offset.h"

enum { REACH = 4, WINDOW = 2 * REACH + 1, QUADRANTS = 4 };

typedef struct seed {
    wk_quadrants *quadrants;
    double kernel[WINDOW]; /* along one axis; the sum of 81 products does not matter */
} seed;

/* One row on its way: samples, and sums along the row of samples and of weights. */
typedef struct ring_row {
    int64_t row;
    double *sample[2]; /* [width]; NaN: missing */
    double *sum[2], *weight[2];
} ring_row;

typedef struct seed_walk {
    const wk_offset *offset;
    wk_quadrant_walk *quadrants;
    ring_row ring[WINDOW];
    double *value[2], *valid[2]; /* [width + 2 REACH] with the borders */
} seed_walk;

static void seed_release(void *model)
{
    wk_quadrants_free(((seed *)model)->quadrants);
    wk_memory_free(model);
}

static void seed_close(void *walk)
{
    seed_walk *w = walk;
    if (!w)
        return;
    for (int axis = 0; axis < 2; axis++) {
        for (int i = 0; i < WINDOW; i++) {
            wk_memory_free(w->ring[i].sample[axis]);
            wk_memory_free(w->ring[i].sum[axis]);
            wk_memory_free(w->ring[i].weight[axis]);
        }
        wk_memory_free(w->value[axis]);
        wk_memory_free(w->valid[axis]);
    }
    wk_quadrant_walk_free(w->quadrants);
    wk_memory_free(w);
}

static size_t seed_bytes(const wk_offset *offset)
{
    const seed *model = offset->model;
    return wk_quadrant_walk_bytes(model->quadrants) +
           (6 * WINDOW + 4) * sizeof(double) * (size_t)(offset->facts.width + 2 * REACH);
}

static wk_status make_rows(seed_walk *w, int64_t width, wk_error *error)
{
    const size_t n = (size_t)(width + 2 * REACH);
    int good = 1;
    for (int axis = 0; axis < 2; axis++) {
        for (int i = 0; i < WINDOW && good; i++) {
            ring_row *r = &w->ring[i];
            r->row = INT64_MIN;
            r->sample[axis] = wk_memory_raw(n, sizeof(double), error);
            r->sum[axis] = wk_memory_raw(n, sizeof(double), error);
            r->weight[axis] = wk_memory_raw(n, sizeof(double), error);
            good = r->sample[axis] && r->sum[axis] && r->weight[axis];
        }
        w->value[axis] = wk_memory_raw(n, sizeof(double), error);
        w->valid[axis] = wk_memory_raw(n, sizeof(double), error);
        good = good && w->value[axis] && w->valid[axis];
    }
    return good ? WK_OK : WK_MEMORY;
}

static wk_status seed_open(void **walk, const wk_offset *offset, wk_error *error)
{
    const seed *model = offset->model;
    seed_walk *w = wk_memory_new(1, sizeof *w, error);
    *walk = w;
    if (!w)
        return WK_MEMORY;
    w->offset = offset;
    wk_status status = make_rows(w, offset->facts.width, error);
    if (status == WK_OK)
        status = wk_quadrant_walk_create(&w->quadrants, model->quadrants, error);
    if (status != WK_OK) {
        seed_close(w);
        *walk = NULL;
    }
    return status;
}

/* The notebook's sum for one pixel, in its order. */
static void sample_pixel(double out[2], const wk_offset *offset, const wk_quadrant_run *run,
                         int64_t column, int64_t row)
{
    const wk_offset_points *p = &offset->points;
    double distance[QUADRANTS] = {0}, sum = 0;
    out[0] = out[1] = 0;
    for (int k = 0; k < QUADRANTS; k++) {
        const int64_t star = run->point[k];
        if (star < 0)
            continue;
        double dx = (double)column - p->x[star], dy = (double)row - p->y[star];
        distance[k] = sqrt(dx * dx + dy * dy);
        sum += 1 / distance[k];
    }
    for (int k = 0; k < QUADRANTS; k++) {
        const int64_t star = run->point[k];
        if (star < 0 || (p->row[star] == 0 && offset->options.quirks.lose_first))
            continue;
        out[0] += p->value[0][star] * (1 / distance[k] / sum);
        out[1] += p->value[1][star] * (1 / distance[k] / sum);
    }
}

/* A pixel where no star is in any quadrant has an offset of 0 in the notebook; without its quirk it
 * has none. */
static double missing_or(double value, const wk_offset_quirks *quirks, int alone)
{
    if (quirks->zero_missing ? value == 0 : alone)
        return NAN;
    return value;
}

static void sample_row(ring_row *to, seed_walk *w, int64_t row)
{
    const wk_offset *offset = w->offset;
    const wk_offset_quirks *quirks = &offset->options.quirks;
    const int64_t width = offset->facts.width, sections = quirks->sections;
    int64_t count, run = 0;
    for (int64_t i = 0; i < width; i++)
        to->sample[0][i] = to->sample[1][i] = NAN;
    if (row < 0 || row >= offset->facts.height || row % quirks->stride != 0)
        return;
    const wk_quadrant_run *runs = wk_quadrant_row(&count, w->quadrants, row);
    for (int64_t s = 0; s < sections; s++)
        for (int64_t i = 0; i < width / sections; i += quirks->stride) {
            const int64_t column = s * width / sections + i;
            double value[2];
            while (runs[run].end <= column)
                run++;
            const int64_t *point = runs[run].point;
            int alone = point[0] < 0 && point[1] < 0 && point[2] < 0 && point[3] < 0;
            sample_pixel(value, offset, &runs[run], column, row);
            to->sample[0][column] = missing_or(value[0], quirks, alone);
            to->sample[1][column] = missing_or(value[1], quirks, alone);
        }
}

/* Sums along the row with the kernel. */
static void sum_row(ring_row *to, seed_walk *w, int64_t row, int axis)
{
    const seed *model = w->offset->model;
    const int64_t width = w->offset->facts.width;
    const int border = w->offset->options.quirks.zero_border;
    const int outside = row < 0 || row >= w->offset->facts.height;
    double *value = w->value[axis], *valid = w->valid[axis];
    for (int64_t i = 0; i < width + 2 * REACH; i++) {
        value[i] = 0;
        valid[i] = border;
    }
    for (int64_t i = 0; i < width && !outside; i++) {
        double sample = to->sample[axis][i];
        value[i + REACH] = isnan(sample) ? 0 : sample;
        valid[i + REACH] = isnan(sample) ? 0 : 1;
    }
    for (int64_t i = 0; i < width; i++) {
        double sum = 0, weight = 0;
        for (int k = 0; k < WINDOW; k++) {
            sum += model->kernel[k] * value[i + k];
            weight += model->kernel[k] * valid[i + k];
        }
        to->sum[axis][i] = sum;
        to->weight[axis][i] = weight;
    }
}

static const ring_row *ring_get(seed_walk *w, int64_t row)
{
    ring_row *r = &w->ring[((row % WINDOW) + WINDOW) % WINDOW];
    if (r->row != row) {
        sample_row(r, w, row);
        for (int axis = 0; axis < 2; axis++)
            sum_row(r, w, row, axis);
        r->row = row;
    }
    return r;
}

static wk_status seed_row(const wk_offset_planes *planes, void *walk, const wk_offset *offset,
                          int64_t row, wk_error *error)
{
    (void)error;
    const seed *model = offset->model;
    const ring_row *rows[WINDOW];
    double *const out[2] = {planes->x, planes->y};
    for (int k = 0; k < WINDOW; k++)
        rows[k] = ring_get(walk, row + k - REACH);
    for (int axis = 0; axis < 2; axis++)
        for (int64_t i = 0; i < offset->facts.width; i++) {
            double sum = 0, weight = 0, sample = rows[REACH]->sample[axis][i];
            for (int k = 0; k < WINDOW; k++) {
                sum += model->kernel[k] * rows[k]->sum[axis][i];
                weight += model->kernel[k] * rows[k]->weight[axis][i];
            }
            double filled = weight > 0 ? sum / weight : 0;
            out[axis][i] = isnan(sample) ? filled : sample;
        }
    for (int64_t i = 0; planes->error_x && i < offset->facts.width; i++)
        planes->error_x[i] = planes->error_y[i] = NAN;
    return WK_OK;
}

static const wk_offset_kind kind = {seed_open, seed_row, seed_close, seed_release, seed_bytes};

wk_status wk_offset_fit_seed(wk_offset *offset, const wk_context *context, wk_error *error)
{
    (void)context;
    const wk_offset_points *p = &offset->points;
    seed *model = wk_memory_new(1, sizeof *model, error);
    if (!model)
        return WK_MEMORY;
    offset->kind = &kind;
    offset->model = model;
    for (int k = 0; k < WINDOW; k++)
        model->kernel[k] = exp(-0.5 * (k - REACH) * (k - REACH));
    return wk_quadrants_create(&model->quadrants, p->x, p->y, p->count, offset->facts.width,
                               WK_QUADRANT_STRICT, error);
}
