#include "thin_plate.h"

#include <math.h>
#include <string.h>

#include "memory.h"
#include "status.h"
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
    return WK_OK;
}

static wk_status fit(wk_plate *plate, const wk_plate_places *places, const wk_plate_points *points,
                     const wk_plate_options *options, const wk_context *context, wk_error *error)
{
    plate->middle_x = places->middle_x;
    plate->middle_y = places->middle_y;
    plate->scale = places->scale;
    plate->report.rows = points->count;
    plate->report.places = places->count;
    plate->report.exact = places->count <= options->dense;
    plate->rows = wk_memory_new((size_t)(4 * points->count), sizeof *plate->rows, error);
    if (!plate->rows)
        return WK_MEMORY;
    wk_status status = plate->report.exact
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
    wk_plate_plane_release(&plate->plane);
    wk_plate_plane_release(&plate->ground);
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

/* The variance that the kernels' process has at a place where nothing but planes is known of it:
 * -2 q' Q_1' k + q' Q_1' K Q_1 q, for a prior variance of 1. */
static double process_variance(const wk_plate *plate, const double *kernels, const double q[3])
{
    double along[3] = {0.0, 0.0, 0.0}, sum = 0.0;
    for (int64_t i = 0; i < plate->centres; i++)
        for (int c = 0; c < 3; c++)
            along[c] += plate->columns[3 * i + c] * kernels[i];
    for (int c = 0; c < 3; c++) {
        double inner = -2.0 * along[c];
        for (int d = 0; d < 3; d++)
            inner += plate->core[c][d] * q[d];
        sum += q[c] * inner;
    }
    return sum;
}

/* In units of the noise's variance. */
static double variance_exact(const wk_plate *plate, int which, double process, const double *y,
                             const double q[3])
{
    double known = wk_tridiagonal_square(y, plate->pivot[which], plate->ratio[which], plate->m);
    double plane = q[0] * q[0] + q[1] * q[1] + q[2] * q[2];
    return (process - known) / plate->shift[which] + plane;
}

/* The posterior in the span of the knots, and what their kernels leave unknown of the process. */
static double variance_knots(const wk_plate *plate, int which, double unknown, const double *y,
                             const double p[3])
{
    double q[3];
    double span = wk_tridiagonal_square(y, plate->pivot[which], plate->ratio[which], plate->m);
    wk_plate_plane_below(&plate->ground, q, p);
    double plane = q[0] * q[0] + q[1] * q[1] + q[2] * q[2];
    return fmax(unknown, 0.0) / plate->shift[which] + span + plane;
}

/* y less the planes that it has over all places. */
static void untilt(const wk_plate *plate, double *y, const double p[3])
{
    const double *tilt = plate->tilt;
    for (int64_t k = 0; k < plate->m; k++)
        y[k] -= tilt[k] * p[0] + tilt[plate->m + k] * p[1] + tilt[2 * plate->m + k] * p[2];
}

static void errors_find(double error[2], const wk_plate *plate, const double p[3], double *room)
{
    double *kernels = room, *y = room + plate->centres, q[3];
    wk_plate_kernel(kernels, plate->u, plate->v, plate->centres, p[1], p[2]);
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
    const double p[3] = {1.0, (x - plate->middle_x) / plate->scale,
                         (y - plate->middle_y) / plate->scale};
    const double *const weights[2] = {plate->weights[0], plate->weights[1]};
    wk_plate_kernel_sum(value, weights, plate->u, plate->v, plate->centres, p[1], p[2]);
    for (int q = 0; q < 2; q++)
        value[q] += plate->affine[q][0] + plate->affine[q][1] * p[1] + plate->affine[q][2] * p[2];
    if (error)
        errors_find(error, plate, p, room);
}
