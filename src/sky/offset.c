#include "offset.h"

#include <math.h>
#include <stdlib.h>

#include "memory.h"
#include "status.h"

static const double most_pixels = 1e10;

wk_offset_options wk_offset_options_default(void)
{
    return (wk_offset_options){
        .model = WK_OFFSET_NEAREST,
        .power = NAN,
        .smooth = NAN,
        .order = 3,
        .clip = 3,
        .quirks =
            {.sections = 8, .stride = 3, .lose_first = 1, .zero_missing = 1, .zero_border = 1},
    };
}

static wk_status refuse(wk_error *error, const char *name, double value, const char *range)
{
    return wk_error_set(error, WK_ARGUMENT, name, "%g is not %s", value, range);
}

static wk_status check_options(const wk_offset_options *o, wk_error *error)
{
    if (o->model < WK_OFFSET_NEAREST || o->model > WK_OFFSET_AUTO)
        return refuse(error, "model", o->model, "a model that is fitted to stars");
    if (o->power < 0.1 || o->power > 16)
        return refuse(error, "power", o->power, "from 0.1 to 16");
    if (o->smooth < 0 || isinf(o->smooth))
        return refuse(error, "smooth", o->smooth, "0 or a positive number");
    if (o->model == WK_OFFSET_POLYNOMIAL && (o->order < 0 || o->order > 9))
        return refuse(error, "order", o->order, "an order from 0 to 9");
    if (!(o->clip >= 0))
        return refuse(error, "clip", o->clip, "0 or a positive number");
    if (o->quirks.sections < 1 || o->quirks.sections > 4096)
        return refuse(error, "sections", (double)o->quirks.sections, "1 to 4096 sections");
    if (o->quirks.stride < 1 || o->quirks.stride > 4)
        return refuse(error, "stride", (double)o->quirks.stride,
                      "1 to 4: the filling looks no farther than 4 pixels");
    return WK_OK;
}

static wk_status check_size(int64_t width, int64_t height, wk_error *error)
{
    if (width < 1 || height < 1)
        return wk_error_set(error, WK_ARGUMENT, "size", "an image cannot have %lld x %lld pixels",
                            (long long)width, (long long)height);
    if ((double)width * (double)height > most_pixels)
        return wk_error_set(error, WK_ARGUMENT, "size", "%lld x %lld pixels are more than 10^10",
                            (long long)width, (long long)height);
    return WK_OK;
}

static wk_status make_room(wk_offset *offset, int64_t count, wk_error *error)
{
    wk_offset_points *p = &offset->points;
    const size_t n = (size_t)count + 1;
    double **const arrays[] = {
        &p->x, &p->y, &p->value[0], &p->value[1], &offset->residual[0], &offset->residual[1]};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
        *arrays[i] = wk_memory_new(n, sizeof **arrays[i], error);
        if (!*arrays[i])
            return WK_MEMORY;
    }
    p->row = wk_memory_new(n, sizeof *p->row, error);
    p->twin = wk_memory_new(n, sizeof *p->twin, error);
    p->touching = wk_memory_new(n, sizeof *p->touching, error);
    offset->used = wk_memory_new(n, 1, error);
    return p->row && p->twin && p->touching && offset->used ? WK_OK : WK_MEMORY;
}

static int is_outside(const wk_offset *offset, double x, double y)
{
    return x < -0.5 || y < -0.5 || x >= (double)offset->facts.width - 0.5 ||
           y >= (double)offset->facts.height - 0.5;
}

static void take_stars(wk_offset *offset, const wk_offset_stars *stars)
{
    wk_offset_points *p = &offset->points;
    p->given = stars->count;
    for (int64_t i = 0; i < stars->count; i++) {
        const double x = stars->x[i], y = stars->y[i];
        const double dx = stars->offset_x[i], dy = stars->offset_y[i];
        if (!isfinite(x) || !isfinite(y) || !isfinite(dx) || !isfinite(dy))
            continue;
        p->x[p->count] = x;
        p->y[p->count] = y;
        p->value[0][p->count] = dx;
        p->value[1][p->count] = dy;
        p->row[p->count] = i;
        offset->used[p->count++] = 1;
        offset->facts.outside += is_outside(offset, x, y);
    }
    offset->facts.stars = p->count;
    offset->facts.dropped = p->given - p->count;
}

typedef struct place {
    double x, y;
    int64_t index;
} place;

static int compare(const void *left, const void *right)
{
    const place *a = left, *b = right;
    if (a->x != b->x)
        return a->x < b->x ? -1 : 1;
    if (a->y != b->y)
        return a->y < b->y ? -1 : 1;
    return (a->index > b->index) - (a->index < b->index);
}

static wk_status find_twins(wk_offset *offset, wk_error *error)
{
    wk_offset_points *p = &offset->points;
    place *places = wk_memory_raw((size_t)p->count + 1, sizeof *places, error);
    if (!places)
        return WK_MEMORY;
    for (int64_t i = 0; i < p->count; i++)
        places[i] = (place){p->x[i], p->y[i], i};
    qsort(places, (size_t)p->count, sizeof *places, compare);
    for (int64_t i = 0; i < p->count; i++) {
        const place *before = i > 0 ? &places[i - 1] : NULL;
        int same = before && before->x == places[i].x && before->y == places[i].y;
        p->twin[places[i].index] = same ? p->twin[before->index] : places[i].index;
        offset->facts.duplicates += same;
    }
    wk_memory_free(places);
    return WK_OK;
}

static void find_touching(wk_offset *offset)
{
    wk_offset_points *p = &offset->points;
    for (int64_t i = p->count - 1; i >= 0; i--) {
        double column = rint(p->x[i]), row = rint(p->y[i]);
        if (hypot(p->x[i] - column, p->y[i] - row) < WK_OFFSET_TOUCH &&
            !is_outside(offset, p->x[i], p->y[i]))
            p->touching[p->touching_count++] = i;
    }
}

static void set_unknown(wk_offset *offset)
{
    for (int k = 0; k < 2; k++) {
        offset->facts.left_out[k] = offset->facts.noise[k] = NAN;
        for (int64_t i = 0; i < offset->points.count; i++)
            offset->residual[k][i] = NAN;
    }
    offset->facts.parameters = NAN;
    offset->facts.smooth = NAN;
}

wk_status wk_offset_prepare(wk_offset **out, const wk_offset_stars *stars, int64_t width,
                            int64_t height, const wk_offset_options *options, wk_error *error)
{
    const wk_offset_options defaults = wk_offset_options_default();
    const wk_offset_options *chosen = options ? options : &defaults;
    *out = NULL;
    wk_status status = check_options(chosen, error);
    if (status == WK_OK)
        status = check_size(width, height, error);
    if (status != WK_OK)
        return status;
    wk_offset *offset = wk_memory_new(1, sizeof *offset, error);
    if (!offset)
        return WK_MEMORY;
    offset->options = *chosen;
    offset->facts.model = chosen->model;
    offset->facts.order = chosen->model == WK_OFFSET_POLYNOMIAL ? chosen->order : 0;
    offset->facts.width = width;
    offset->facts.height = height;
    status = make_room(offset, stars->count, error);
    if (status == WK_OK) {
        take_stars(offset, stars);
        find_touching(offset);
        set_unknown(offset);
        status = find_twins(offset, error);
    }
    if (status == WK_OK)
        status = wk_quadrants_create(&offset->around, offset->points.x, offset->points.y,
                                     offset->points.count, width, WK_QUADRANT_HALF_OPEN, error);
    if (status == WK_OK)
        status = wk_hull_make(&offset->hull, offset->points.x, offset->points.y,
                              offset->points.count, error);
    if (status == WK_OK)
        *out = offset;
    else
        wk_offset_free(offset);
    return status;
}

wk_status wk_offset_fit_one(wk_offset *offset, const wk_context *context, wk_error *error)
{
    wk_status status;
    switch (offset->facts.model) {
    case WK_OFFSET_SEED:
        status = wk_offset_fit_seed(offset, context, error);
        break;
    case WK_OFFSET_POLYNOMIAL:
        status = wk_offset_fit_polynomial(offset, context, error);
        break;
    case WK_OFFSET_SPLINE:
        status = wk_offset_fit_spline(offset, context, error);
        break;
    default:
        status = isnan(offset->options.smooth) ? wk_offset_fit_nearest(offset, context, error)
                                               : wk_offset_fit_fade(offset, context, error);
    }
    if (status == WK_OK)
        wk_offset_rate(offset);
    return status;
}

static wk_status check_stars(const wk_offset_stars *stars, const wk_offset *offset, wk_error *error)
{
    if (offset->points.count > 0)
        return WK_OK;
    if (stars->count == 0)
        return wk_error_set(error, WK_NO_DATA, "", "there is no star: nothing tells the offsets");
    return wk_error_set(error, WK_NO_DATA, "",
                        "none of the %lld stars has finite numbers: nothing tells the offsets",
                        (long long)stars->count);
}

/* The one model that was asked for is the one that was tried. */
static wk_status note_trial(wk_offset *offset, wk_error *error)
{
    const wk_offset_facts *facts = &offset->facts;
    wk_offset_trial trial = {
        .model = facts->model,
        .order = facts->order,
        .smooth = facts->model == WK_OFFSET_NEAREST && !isnan(facts->smooth),
        .left_out = {facts->left_out[0], facts->left_out[1]},
        .parameters = facts->parameters,
        .fitted = 1,
    };
    offset->trials = wk_memory_new(1, sizeof trial, error);
    if (!offset->trials)
        return WK_MEMORY;
    offset->trials[0] = trial;
    offset->facts.trials = offset->trials;
    offset->facts.trial_count = 1;
    return WK_OK;
}

wk_status wk_offset_fit(wk_offset **out, const wk_offset_stars *stars, int64_t width,
                        int64_t height, const wk_offset_options *options, const wk_context *context,
                        wk_error *error)
{
    *out = NULL;
    if (options && options->model == WK_OFFSET_AUTO)
        return wk_offset_fit_best(out, stars, width, height, options, context, error);
    wk_offset *offset;
    wk_status status = wk_offset_prepare(&offset, stars, width, height, options, error);
    if (status != WK_OK)
        return status;
    status = check_stars(stars, offset, error);
    if (status == WK_OK)
        status = wk_offset_fit_one(offset, context, error);
    if (status == WK_OK)
        status = note_trial(offset, error);
    if (status == WK_OK)
        *out = offset;
    else
        wk_offset_free(offset);
    return status;
}

void wk_offset_free(wk_offset *offset)
{
    if (!offset)
        return;
    if (offset->kind && offset->kind->release && offset->model)
        offset->kind->release(offset->model);
    for (int k = 0; k < 2; k++) {
        wk_memory_free(offset->points.value[k]);
        wk_memory_free(offset->residual[k]);
    }
    wk_memory_free(offset->points.x);
    wk_memory_free(offset->points.y);
    wk_memory_free(offset->points.row);
    wk_memory_free(offset->points.twin);
    wk_memory_free(offset->points.touching);
    wk_memory_free(offset->used);
    wk_memory_free(offset->trials);
    wk_quadrants_free(offset->around);
    wk_hull_release(&offset->hull);
    wk_memory_free(offset);
}

const wk_offset_facts *wk_offset_describe(const wk_offset *offset)
{
    return &offset->facts;
}

void wk_offset_rate(wk_offset *offset)
{
    const wk_offset_points *p = &offset->points;
    for (int k = 0; k < 2; k++) {
        double sum = 0;
        int64_t known = 0;
        for (int64_t i = 0; i < p->count; i++) {
            double residual = offset->residual[k][i];
            if (!offset->used[i] || isnan(residual))
                continue;
            sum += residual * residual;
            known++;
        }
        offset->facts.left_out[k] = known > 0 ? sqrt(sum / (double)known) : (double)NAN;
    }
    offset->facts.clipped = 0;
    for (int64_t i = 0; i < p->count; i++)
        offset->facts.clipped += !offset->used[i];
}

void wk_offset_residuals(double *residual_x, double *residual_y, unsigned char *used,
                         const wk_offset *offset)
{
    const wk_offset_points *p = &offset->points;
    for (int64_t i = 0; i < p->given; i++) {
        residual_x[i] = residual_y[i] = NAN;
        used[i] = 0;
    }
    for (int64_t i = 0; i < p->count; i++) {
        residual_x[p->row[i]] = offset->residual[0][i];
        residual_y[p->row[i]] = offset->residual[1][i];
        used[p->row[i]] = offset->used[i];
    }
}
