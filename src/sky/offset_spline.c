#include <math.h>
#include <string.h>

#include "legendre.h"
#include "memory.h"
#include "offset.h"
#include "thin_plate.h"
#include "thin_plate_map.h"

/* Pixels: the difference of the map to the spline that is allowed between nodes. */
static const double map_bound = 1e-4;

/* A distortion is mostly a polynomial, which a bent plate follows only at the price of many
 * parameters: a polynomial of order 3, or 2 where stars are few, is taken off the offsets first if
 * left-out stars are predicted better then.  So many stars, spread over the table, decide that. */
enum { STARS_OF_TWO = 20, STARS_OF_THREE = 40, JUDGES = 400 };

typedef struct spline {
    wk_legendre drift, plane; /* drift of order 1 is none */
    wk_plate_map *map;        /* of what the drift leaves */
    double variance[2];       /* of one star's offset */
    double *rest[2];          /* [points.count] offsets less the drift */
    double *leverage, *plane_leverage;
} spline;

static void spline_release(void *model)
{
    spline *s = model;
    wk_plate_map_free(s->map);
    wk_memory_free(s->rest[0]);
    wk_memory_free(s->rest[1]);
    wk_memory_free(s->leverage);
    wk_memory_free(s->plane_leverage);
    wk_memory_free(s);
}

static size_t spline_bytes(const wk_offset *offset)
{
    return 7 * sizeof(double) * (size_t)offset->facts.width;
}

static wk_status spline_open(void **walk, const wk_offset *offset, wk_error *error)
{
    *walk = wk_memory_raw((size_t)offset->facts.width, 7 * sizeof(double), error);
    return *walk ? WK_OK : WK_MEMORY;
}

static void spline_close(void *walk)
{
    wk_memory_free(walk);
}

/* The plate's errors hold those of its own plane, which are part of the drift's. */
static void add_errors(const wk_offset_planes *planes, const spline *s, const double *drift,
                       const double *plane, int64_t width)
{
    double *const error[2] = {planes->error_x, planes->error_y};
    for (int axis = 0; axis < 2; axis++)
        for (int64_t i = 0; i < width; i++) {
            double more = s->variance[axis] * fmax(drift[i] - plane[i], 0);
            error[axis][i] = sqrt(error[axis][i] * error[axis][i] + more);
        }
}

static wk_status spline_row(const wk_offset_planes *planes, void *walk, const wk_offset *offset,
                            int64_t row, wk_error *error)
{
    (void)error;
    const spline *s = offset->model;
    const int64_t width = offset->facts.width;
    double *x = walk, *y = x + width, *drift = y + width, *plane = drift + width,
           *room = plane + width;
    const int errors = planes->error_x != NULL;
    wk_plate_map_row(planes->x, planes->y, planes->error_x, planes->error_y, s->map, row, 0, width);
    if (s->drift.order < 2)
        return WK_OK;
    wk_legendre_row(x, y, errors ? drift : NULL, &s->drift, (double)row, width, room);
    for (int64_t i = 0; i < width; i++) {
        planes->x[i] += x[i];
        planes->y[i] += y[i];
    }
    if (errors) {
        wk_legendre_row(x, y, plane, &s->plane, (double)row, width, room);
        add_errors(planes, s, drift, plane, width);
    }
    return WK_OK;
}

static const wk_offset_kind kind = {spline_open, spline_row, spline_close, spline_release,
                                    spline_bytes};

static wk_status make_room(spline *s, int64_t count, wk_error *error)
{
    const size_t n = (size_t)count + 1;
    double **const arrays[] = {&s->rest[0], &s->rest[1], &s->leverage, &s->plane_leverage};
    for (int i = 0; i < 4; i++) {
        *arrays[i] = wk_memory_new(n, sizeof **arrays[i], error);
        if (!*arrays[i])
            return WK_MEMORY;
    }
    return WK_OK;
}

/* The plate's residual of a left-out star, e / (1 - A) with its influence A on itself, is that of
 * drift and plate together if divided by this: for a plate that is a plane, A = P1, the two are the
 * polynomial, P, and for one that goes through all stars it does not matter. */
static double drift_part(const spline *s, int64_t star)
{
    return (1 - s->leverage[star]) / (1 - s->plane_leverage[star]);
}

/* The mean square of what the plate misses of left-out stars, with or without the drift: of every
 * few stars. */
static wk_status judge(double *mean, const wk_offset *offset, const double *const value[2],
                       int drift, const wk_context *context, wk_error *error)
{
    const wk_offset_points *p = &offset->points;
    const spline *s = offset->model;
    const int64_t step = 1 + (p->count - 1) / JUDGES;
    double at[4][JUDGES];
    int64_t count = 0, known = 0;
    wk_plate *plate;
    for (int64_t i = 0; i < p->count; i += step, count++) {
        at[0][count] = p->x[i];
        at[1][count] = p->y[i];
        at[2][count] = value[0][i];
        at[3][count] = value[1][i];
    }
    const wk_plate_points points = {at[0], at[1], {at[2], at[3]}, count};
    wk_status status = wk_plate_create(&plate, &points, NULL, context, error);
    *mean = INFINITY;
    if (status != WK_OK)
        return status;
    double sum = 0;
    for (int64_t k = 0; k < count; k++) {
        const double x = wk_plate_reported(plate)->left_out[0][k],
                     y = wk_plate_reported(plate)->left_out[1][k];
        const double rest = drift ? drift_part(s, k * step) : 1;
        if (isnan(x) || isnan(y) || !(rest > 0))
            continue;
        sum += (x * x + y * y) / (rest * rest);
        known++;
    }
    wk_plate_free(plate);
    *mean = known > 0 ? sum / (double)known : (double)INFINITY;
    return WK_OK;
}

/* Fit the polynomial; its order is 1 where the places do not determine it. */
static wk_status fit_drift(spline *s, const wk_offset *offset, wk_error *error)
{
    const wk_offset_points *p = &offset->points;
    const wk_legendre_points points = {
        p->x, p->y, {p->value[0], p->value[1]}, offset->used, p->count};
    int order = p->count >= STARS_OF_THREE ? 3 : p->count >= STARS_OF_TWO ? 2 : 1;
    wk_status status = WK_NO_DATA;
    s->drift.order = 1;
    if (offset->options.smooth == 0) /* the plate goes through all stars by itself */
        return WK_OK;
    for (; order > 1 && status == WK_NO_DATA; order--)
        status = wk_legendre_fit(&s->drift, s->leverage, &points, order, error);
    if (status == WK_OK)
        status = wk_legendre_fit(&s->plane, s->plane_leverage, &points, 1, error);
    if (status != WK_NO_DATA)
        return status;
    s->drift.order = 1;
    return WK_OK;
}

static wk_status take_drift(spline *s, const wk_offset *offset, const wk_context *context,
                            wk_error *error)
{
    const wk_offset_points *p = &offset->points;
    wk_status status = fit_drift(s, offset, error);
    for (int64_t i = 0; i < p->count && status == WK_OK; i++) {
        double drift[2] = {0, 0};
        if (s->drift.order > 1)
            wk_legendre_value(drift, &s->drift, p->x[i], p->y[i]);
        s->rest[0][i] = p->value[0][i] - drift[0];
        s->rest[1][i] = p->value[1][i] - drift[1];
    }
    if (status != WK_OK || s->drift.order < 2)
        return status;
    const double *const value[2] = {p->value[0], p->value[1]};
    const double *const rest[2] = {s->rest[0], s->rest[1]};
    double with, without;
    status = judge(&with, offset, rest, 1, context, error);
    if (status == WK_OK)
        status = judge(&without, offset, value, 0, context, error);
    if (status != WK_OK || with <= without)
        return status;
    s->drift.order = 1;
    for (int axis = 0; axis < 2; axis++)
        memcpy(s->rest[axis], value[axis], (size_t)p->count * sizeof *value[axis]);
    return WK_OK;
}

static void take_report(wk_offset *offset, const wk_plate_report *report)
{
    wk_offset_facts *facts = &offset->facts;
    spline *s = offset->model;
    const int more = s->drift.order > 1 ? s->drift.terms - 3 : 0;
    for (int axis = 0; axis < 2; axis++) {
        double free = (double)report->rows - report->effective[axis];
        double fewer = free > more ? free / (free - more) : 1;
        s->variance[axis] = report->sigma[axis] * report->sigma[axis] * fewer;
        facts->noise[axis] = sqrt(s->variance[axis]);
        for (int64_t i = 0; i < offset->points.count; i++) {
            double rest = more ? drift_part(s, i) : 1;
            offset->residual[axis][i] = report->left_out[axis][i] / rest;
        }
    }
    facts->parameters = 0.5 * (report->effective[0] + report->effective[1]) + more;
    facts->smooth = report->lambda[0] == report->lambda[1] ? report->lambda[0] : (double)NAN;
}

static wk_status fit_plate(wk_offset *offset, const wk_context *context, wk_error *error)
{
    const wk_offset_points *p = &offset->points;
    spline *s = offset->model;
    const wk_plate_points points = {p->x, p->y, {s->rest[0], s->rest[1]}, p->count};
    wk_plate_options options = wk_plate_options_default();
    wk_plate *plate = NULL;
    options.smooth = offset->options.smooth;
    wk_status status = wk_plate_create(&plate, &points, &options, context, error);
    if (status == WK_OK) {
        take_report(offset, wk_plate_reported(plate));
        status = wk_plate_map_create(&s->map, plate, offset->facts.width, offset->facts.height,
                                     map_bound, offset->options.errors, context, error);
    }
    wk_plate_free(plate);
    return status;
}

wk_status wk_offset_fit_spline(wk_offset *offset, const wk_context *context, wk_error *error)
{
    spline *s = wk_memory_new(1, sizeof *s, error);
    if (!s)
        return WK_MEMORY;
    offset->kind = &kind;
    offset->model = s;
    wk_status status = make_room(s, offset->points.count, error);
    if (status == WK_OK)
        status = take_drift(s, offset, context, error);
    return status == WK_OK ? fit_plate(offset, context, error) : status;
}
