#include "thin_plate.h"

#include <math.h>
#include <string.h>

#include "memory.h"
#include "status.h"
#include "thin_plate_degree.h"
#include "thin_plate_kernel.h"
#include "thin_plate_model.h"

wk_plate_options wk_plate_options_default(void)
{
    wk_plate_options options = {.smooth = (double)NAN, .dense = 2000, .knots = 500};
    return options;
}

static wk_status options_check(const wk_plate_options *options, wk_error *error)
{
    if (options->smooth < 0.0 || isinf(options->smooth))
        return wk_error_set(error, WK_ARGUMENT, "smooth",
                            "the smoothing is %g, it must be 0 or more", options->smooth);
    if (options->dense < 3)
        return wk_error_set(error, WK_ARGUMENT, "dense",
                            "the number of points fitted exactly is %lld, it must be 3 or more",
                            (long long)options->dense);
    if (options->knots < 4)
        return wk_error_set(error, WK_ARGUMENT, "knots",
                            "the number of knots is %lld, it must be 4 or more",
                            (long long)options->knots);
    if (options->drift < 0 || options->drift > 3)
        return wk_error_set(error, WK_ARGUMENT, "drift",
                            "the degree of the drift is %d, it must be 1, 2, 3 or, to be chosen, 0",
                            options->drift);
    return WK_OK;
}

static int64_t lesser(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static wk_status degree_find(int *degree, wk_plate_places *places, const wk_plate_options *options,
                             const wk_context *context, wk_error *error)
{
    int64_t looked = lesser(places->count, WK_PLATE_LOOKED), kernels = looked;
    /* of all places as kernels those looked at tell enough */
    if (places->count > options->dense)
        kernels = lesser(places->count, options->knots);
    wk_status status = wk_plate_places_spread(places, kernels > looked ? kernels : looked, error);
    return status != WK_OK ? status
                           : wk_plate_degree_find(degree, options->drift, places, looked, kernels,
                                                  context, error);
}

static wk_status fit(wk_plate *plate, wk_plate_places *places, const wk_plate_points *points,
                     const wk_plate_options *options, const wk_context *context, wk_error *error)
{
    wk_status status = degree_find(&plate->report.drift, places, options, context, error);
    if (status != WK_OK)
        return status;
    plate->middle_x = places->middle_x;
    plate->middle_y = places->middle_y;
    plate->scale = places->scale;
    plate->report.rows = points->count;
    plate->report.places = places->count;
    plate->report.exact = places->count <= options->dense;
    plate->rows = wk_memory_new((size_t)(4 * points->count), sizeof *plate->rows, error);
    if (!plate->rows)
        return WK_MEMORY;
    status = plate->report.exact
                 ? wk_plate_dense(plate, places, points, options->smooth, context, error)
                 : wk_plate_knots(plate, places, points, options, context, error);
    plate->report.centres = plate->centres;
    return status;
}

wk_status wk_plate_create(wk_plate **plate, const wk_plate_points *points,
                          const wk_plate_options *options, const wk_context *context,
                          wk_error *error)
{
    wk_plate_options all = options ? *options : wk_plate_options_default();
    wk_plate_places places;
    *plate = NULL;
    wk_status status = options_check(&all, error);
    if (status != WK_OK)
        return status;
    wk_plate *made = wk_memory_new(1, sizeof *made, error);
    if (!made)
        return WK_MEMORY;
    status = wk_plate_places_make(&places, points, error);
    if (status == WK_OK)
        status = fit(made, &places, points, &all, context, error);
    wk_plate_places_release(&places);
    if (status == WK_OK)
        *plate = made;
    else
        wk_plate_free(made);
    return status;
}

void wk_plate_free(wk_plate *plate)
{
    if (!plate)
        return;
    wk_plate_drift_release(&plate->drift);
    wk_plate_drift_release(&plate->ground);
    wk_tridiagonal_release(&plate->tridiagonal);
    void *blocks[] = {plate->u,        plate->columns, plate->slant, plate->basis,
                      plate->pivot[0], plate->tilt,    plate->rows};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        wk_memory_free(blocks[i]);
    wk_memory_free(plate);
}

const wk_plate_report *wk_plate_reported(const wk_plate *plate)
{
    return &plate->report;
}

int64_t wk_plate_room(const wk_plate *plate)
{
    return plate->centres + plate->m;
}

/* The variance that the kernels' process has at a place where nothing but the drift is known of it:
 * -2 q' Q_1' k + q' Q_1' K Q_1 q, for a prior variance of 1. */
static double process_variance(const wk_plate *plate, const double *kernels, const double *q)
{
    double along[WK_PLATE_TERMS] = {0.0}, sum = 0.0;
    int terms = plate->drift.terms;
    for (int64_t i = 0; i < plate->centres; i++)
        for (int c = 0; c < terms; c++)
            along[c] += plate->columns[terms * i + c] * kernels[i];
    for (int c = 0; c < terms; c++)
        sum += q[c] * (wk_plate_drift_sum(plate->core[c], q, terms) - 2.0 * along[c]);
    return sum;
}

/* In units of the noise's variance. */
static double variance_exact(const wk_plate *plate, int which, double process, const double *y,
                             const double *q)
{
    double known = wk_tridiagonal_square(y, plate->pivot[which], plate->ratio[which], plate->m);
    double drift = wk_plate_drift_sum(q, q, plate->drift.terms);
    return (process - known) / plate->shift[which] + drift;
}

/* The posterior in the span of the knots, and what their kernels leave unknown of the process. */
static double variance_knots(const wk_plate *plate, int which, double unknown, const double *y,
                             const double *p)
{
    double q[WK_PLATE_TERMS];
    double span = wk_tridiagonal_square(y, plate->pivot[which], plate->ratio[which], plate->m);
    wk_plate_drift_below(&plate->ground, q, p);
    double drift = wk_plate_drift_sum(q, q, plate->drift.terms);
    return fmax(unknown, 0.0) / plate->shift[which] + span + drift;
}

/* y less the drift that it has over all places. */
static void untilt(const wk_plate *plate, double *y, const double *p)
{
    for (int64_t c = 0; c < plate->drift.terms; c++)
        for (int64_t k = 0; k < plate->m; k++)
            y[k] -= plate->tilt[c * plate->m + k] * p[c];
}

static void errors_find(double error[2], const wk_plate *plate, double u, double v, const double *p,
                        double *room)
{
    double *kernels = room, *y = room + plate->centres, q[WK_PLATE_TERMS];
    wk_plate_kernel(kernels, plate->u, plate->v, plate->centres, u, v);
    wk_plate_functions(y, q, plate, kernels, p);
    double process = process_variance(plate, kernels, q);
    if (!plate->report.exact) {
        for (int64_t k = 0; k < plate->m; k++)
            process -= y[k] * y[k];
        untilt(plate, y, p);
    }
    for (int which = 0; which < 2; which++) {
        double variance = plate->report.exact ? variance_exact(plate, which, process, y, q)
                                              : variance_knots(plate, which, process, y, p);
        error[which] = plate->shift[which] > 0.0
                           ? plate->report.sigma[which] * sqrt(fmax(variance, 0.0))
                           : (double)NAN;
    }
}

void wk_plate_value(double value[2], double error[2], const wk_plate *plate, double x, double y,
                    double *room)
{
    double u = (x - plate->middle_x) / plate->scale, v = (y - plate->middle_y) / plate->scale;
    double p[WK_PLATE_TERMS];
    wk_plate_drift_terms(p, plate->drift.degree, plate->drift.half, u, v);
    const double *const weights[2] = {plate->weights[0], plate->weights[1]};
    wk_plate_kernel_sum(value, weights, plate->u, plate->v, plate->centres, u, v);
    for (int q = 0; q < 2; q++)
        value[q] += wk_plate_drift_sum(plate->trend[q], p, plate->drift.terms);
    if (error)
        errors_find(error, plate, u, v, p, room);
}
