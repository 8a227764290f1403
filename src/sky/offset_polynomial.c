#include <math.h>

#include "legendre.h"
#include "memory.h"
#include "offset.h"
#include "status.h"

enum { ROUNDS = 30 };

typedef struct polynomial {
    wk_legendre fit;
    double variance[2]; /* of one star's offset about the fit */
    double misfit[2];   /* variance of what the fit cannot follow */
    double *leverage;
} polynomial;

static void polynomial_release(void *model)
{
    wk_memory_free(((polynomial *)model)->leverage);
    wk_memory_free(model);
}

static size_t polynomial_bytes(const wk_offset *offset)
{
    return 2 * sizeof(double) * (size_t)offset->facts.width;
}

static wk_status polynomial_open(void **walk, const wk_offset *offset, wk_error *error)
{
    *walk = wk_memory_raw((size_t)offset->facts.width, 2 * sizeof(double), error);
    return *walk ? WK_OK : WK_MEMORY;
}

static void polynomial_close(void *walk)
{
    wk_memory_free(walk);
}

static wk_status polynomial_row(const wk_offset_planes *planes, void *walk, const wk_offset *offset,
                                int64_t row, wk_error *error)
{
    (void)error;
    const polynomial *model = offset->model;
    const int64_t width = offset->facts.width;
    wk_legendre_row(planes->x, planes->y, planes->error_x, &model->fit, (double)row, width, walk);
    for (int64_t i = 0; planes->error_x && i < width; i++) {
        double factor = planes->error_x[i];
        planes->error_x[i] = sqrt(model->variance[0] * factor + model->misfit[0]);
        planes->error_y[i] = sqrt(model->variance[1] * factor + model->misfit[1]);
    }
    return WK_OK;
}

static const wk_offset_kind kind = {polynomial_open, polynomial_row, polynomial_close,
                                    polynomial_release, polynomial_bytes};

static int64_t count_used(const wk_offset *offset)
{
    int64_t used = 0;
    for (int64_t i = 0; i < offset->points.count; i++)
        used += offset->used[i];
    return used;
}

/* Plain residuals of all stars, and their variance over the used ones. */
static void measure(wk_offset *offset)
{
    polynomial *model = offset->model;
    const wk_offset_points *p = &offset->points;
    int64_t freedom = count_used(offset) - model->fit.terms;
    double sum[2] = {0, 0};
    for (int64_t i = 0; i < p->count; i++) {
        double value[2];
        wk_legendre_value(value, &model->fit, p->x[i], p->y[i]);
        for (int axis = 0; axis < 2; axis++) {
            double residual = p->value[axis][i] - value[axis];
            offset->residual[axis][i] = residual;
            sum[axis] += offset->used[i] ? residual * residual : 0;
        }
    }
    for (int axis = 0; axis < 2; axis++)
        model->variance[axis] = freedom > 0 ? sum[axis] / (double)freedom : (double)NAN;
}

/* Stars beyond the limit go, others come back.  Returns whether any did; nothing changes when too
 * few would stay.  What is left of exact numbers is rounding: it is not clipped. */
static int clip(wk_offset *offset, unsigned char *kept)
{
    const polynomial *model = offset->model;
    const wk_offset_points *p = &offset->points;
    double limit[2];
    int64_t stay = 0;
    int changed = 0;
    for (int axis = 0; axis < 2; axis++)
        limit[axis] = offset->options.clip * sqrt(model->variance[axis]) + 1e-9;
    for (int64_t i = 0; i < p->count; i++) {
        kept[i] =
            fabs(offset->residual[0][i]) <= limit[0] && fabs(offset->residual[1][i]) <= limit[1];
        stay += kept[i];
        changed |= kept[i] != offset->used[i];
    }
    if (!changed || stay <= model->fit.terms)
        return 0;
    for (int64_t i = 0; i < p->count; i++)
        offset->used[i] = kept[i];
    return 1;
}

static wk_status fit_clipped(wk_offset *offset, wk_error *error)
{
    polynomial *model = offset->model;
    const wk_offset_points *p = &offset->points;
    const wk_legendre_points points = {
        p->x, p->y, {p->value[0], p->value[1]}, offset->used, p->count};
    unsigned char *kept = wk_memory_raw((size_t)p->count, 1, error);
    wk_status status = kept ? WK_OK : WK_MEMORY;
    for (int round = 0; round < ROUNDS && status == WK_OK; round++) {
        status = wk_legendre_fit(&model->fit, model->leverage, &points, offset->facts.order, error);
        if (status != WK_OK)
            break;
        measure(offset);
        if (!(offset->options.clip > 0) || isnan(model->variance[0]) || round + 1 == ROUNDS ||
            !clip(offset, kept))
            break;
    }
    wk_memory_free(kept);
    return status;
}

/* Neighbours' residuals differ by the stars' own errors only, while what the polynomial cannot
 * follow they share.  It counts when it stands out: the difference of the two variances scatters by
 * some variance * sqrt(4 / stars), and 1.5 of that are asked for. */
static void find_misfit(wk_offset *offset)
{
    polynomial *model = offset->model;
    const wk_offset_points *p = &offset->points;
    double sum[2] = {0, 0};
    int64_t pairs = 0;
    for (int64_t i = 0; i < p->count; i++) {
        int64_t point[4], best = p->twin[i] == i ? -1 : p->twin[i];
        double distance[4], least = INFINITY;
        wk_quadrant_place(point, distance, offset->around, p->x[i], p->y[i], i);
        for (int k = 0; k < 4 && p->twin[i] == i; k++)
            if (point[k] >= 0 && distance[k] < least) {
                least = distance[k];
                best = point[k];
            }
        if (best < 0 || !offset->used[i] || !offset->used[best])
            continue;
        pairs++;
        for (int axis = 0; axis < 2; axis++) {
            double apart = offset->residual[axis][i] - offset->residual[axis][best];
            sum[axis] += 0.5 * apart * apart;
        }
    }
    for (int axis = 0; axis < 2; axis++) {
        double all = model->variance[axis], near = pairs > 0 ? sum[axis] / (double)pairs : all;
        int stands_out = all - near > 1.5 * all * sqrt(4 / (double)(pairs > 0 ? pairs : 1));
        model->misfit[axis] = stands_out ? all - near : 0;
    }
}

static void leave_out(wk_offset *offset)
{
    const polynomial *model = offset->model;
    for (int64_t i = 0; i < offset->points.count; i++) {
        double rest = 1 - model->leverage[i];
        for (int axis = 0; axis < 2 && offset->used[i]; axis++)
            offset->residual[axis][i] =
                rest > 1e-12 ? offset->residual[axis][i] / rest : (double)NAN;
    }
}

wk_status wk_offset_fit_polynomial(wk_offset *offset, const wk_context *context, wk_error *error)
{
    (void)context;
    polynomial *model = wk_memory_new(1, sizeof *model, error);
    if (!model)
        return WK_MEMORY;
    offset->kind = &kind;
    offset->model = model;
    model->leverage = wk_memory_new((size_t)offset->points.count, sizeof *model->leverage, error);
    wk_status status = model->leverage ? fit_clipped(offset, error) : WK_MEMORY;
    if (status != WK_OK)
        return status;
    find_misfit(offset);
    leave_out(offset);
    for (int axis = 0; axis < 2; axis++)
        offset->facts.noise[axis] = sqrt(model->variance[axis] - model->misfit[axis]);
    offset->facts.parameters = model->fit.terms;
    return WK_OK;
}
