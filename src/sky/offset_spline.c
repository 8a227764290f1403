#include <math.h>

#include "memory.h"
#include "offset.h"
#include "thin_plate.h"
#include "thin_plate_map.h"

/* Pixels: the difference of the map to the spline that is allowed between nodes. */
static const double map_bound = 1e-4;

static void spline_release(void *model)
{
    wk_plate_map_free(model);
}

static wk_status spline_row(const wk_offset_planes *planes, void *walk, const wk_offset *offset,
                            int64_t row, wk_error *error)
{
    (void)walk;
    (void)error;
    wk_plate_map_row(planes->x, planes->y, planes->error_x, planes->error_y, offset->model, row, 0,
                     offset->facts.width);
    return WK_OK;
}

static const wk_offset_kind kind = {NULL, spline_row, NULL, spline_release, NULL};

static void take_report(wk_offset *offset, const wk_plate_report *report)
{
    wk_offset_facts *facts = &offset->facts;
    for (int axis = 0; axis < 2; axis++) {
        facts->noise[axis] = report->sigma[axis];
        for (int64_t i = 0; i < offset->points.count; i++)
            offset->residual[axis][i] = report->left_out[axis][i];
    }
    facts->parameters = 0.5 * (report->effective[0] + report->effective[1]);
    facts->smooth = report->lambda[0] == report->lambda[1] ? report->lambda[0] : (double)NAN;
}

wk_status wk_offset_fit_spline(wk_offset *offset, const wk_context *context, wk_error *error)
{
    const wk_offset_points *p = &offset->points;
    const wk_offset_facts *facts = &offset->facts;
    const wk_plate_points points = {p->x, p->y, {p->value[0], p->value[1]}, p->count};
    wk_plate_options options = wk_plate_options_default();
    wk_plate *plate = NULL;
    wk_plate_map *map = NULL;
    options.smooth = offset->options.smooth;
    wk_status status = wk_plate_create(&plate, &points, &options, context, error);
    if (status == WK_OK) {
        take_report(offset, wk_plate_reported(plate));
        status = wk_plate_map_create(&map, plate, facts->width, facts->height, map_bound,
                                     offset->options.errors, context, error);
    }
    wk_plate_free(plate);
    if (status == WK_OK) {
        offset->kind = &kind;
        offset->model = map;
    }
    return status;
}
