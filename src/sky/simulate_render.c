/* From the simulated sky to the pixels of one detector.
 *
 * Positions that come from a maths library are rounded to steps far above its errors and far below
 * what can be seen; all that follows is IEEE arithmetic, so that every machine gives the same
 * pixels.
 */
#include "simulate.h"

#include <math.h>
#include <string.h>

#include "image.h"
#include "memory.h"
#include "random.h"
#include "status.h"

#define BATCH        256 /* sources mapped at once */
#define LARGEST_STEP 32  /* pixels between the nodes at which the nebula is evaluated */
#define ARCSEC       206264.80624709636

/* One detector being drawn. */
typedef struct canvas {
    wk_pixels *pixels;
    const wk_simulation *simulation;
    int64_t exposure, detector;
    wk_wcs *wcs;
    int64_t step;     /* pixels between nodes */
    int64_t nodes[2]; /* the first one is a step before the first pixel */
    double *nebula;   /* [nodes[1]][nodes[0]] */
    double *line;     /* [nodes[0]] the nebula at the nodes' columns in one row */
    double *sky;      /* [nodes[0]][2] */
    double *xy;       /* [nodes[0]][2] */
    double *smooth;   /* [width] the nebula in one row */
    float *noise;     /* [width] */
    double weight[LARGEST_STEP][4];
} canvas;

static double snap(double value, double steps)
{
    return nearbyint(value * steps) / steps;
}

/* Cubic interpolation through the nodes at -1, 0, 1 and 2. */
static void cubic_weights(double weight[4], double t)
{
    weight[0] = -t * (t - 1) * (t - 2) / 6;
    weight[1] = (t + 1) * (t - 1) * (t - 2) / 2;
    weight[2] = -(t + 1) * t * (t - 2) / 2;
    weight[3] = (t + 1) * t * (t - 1) / 6;
}

/* Forty nodes to the shortest wave: the interpolation is then good to 2e-5 of the amplitude. */
static void choose_nodes(canvas *on)
{
    const wk_scene *scene = &on->simulation->scene;
    double step = scene->shortest * 3600 / scene->scale / 40;
    on->step = step > LARGEST_STEP ? LARGEST_STEP : step < 1 ? 1 : (int64_t)step;
    on->nodes[0] = (on->pixels->width - 1) / on->step + 4;
    on->nodes[1] = (on->pixels->height - 1) / on->step + 4;
    for (int64_t k = 0; k < on->step; k++)
        cubic_weights(on->weight[k], (double)k / (double)on->step);
}

static wk_status canvas_open(canvas *on, wk_error *error)
{
    const wk_simulation *simulation = on->simulation;
    const wk_simulation_options *options = &simulation->options;
    wk_status status = wk_pixels_reserve(on->pixels, options->width, options->height, 1, error);
    char *header = NULL;
    int64_t records = 0;
    if (status == WK_OK)
        status =
            wk_simulation_header(&header, &records, simulation, on->exposure, on->detector, error);
    if (status == WK_OK)
        status = wk_wcs_create(&on->wcs, header, records, "simulated detector", error);
    wk_simulation_header_free(header);
    if (status != WK_OK)
        return status;
    choose_nodes(on);
    size_t across = (size_t)on->nodes[0], width = (size_t)options->width;
    size_t all = across * (size_t)on->nodes[1];
    if (!(on->nebula = wk_memory_raw(all, sizeof *on->nebula, error)) ||
        !(on->line = wk_memory_raw(across, sizeof *on->line, error)) ||
        !(on->sky = wk_memory_raw(2 * across, sizeof *on->sky, error)) ||
        !(on->xy = wk_memory_raw(2 * across, sizeof *on->xy, error)) ||
        !(on->smooth = wk_memory_new(width, sizeof *on->smooth, error)) ||
        !(on->noise = wk_memory_raw(width, sizeof *on->noise, error)))
        return WK_MEMORY;
    return WK_OK;
}

static void canvas_close(canvas *on)
{
    wk_wcs_free(on->wcs);
    wk_memory_free(on->nebula);
    wk_memory_free(on->line);
    wk_memory_free(on->sky);
    wk_memory_free(on->xy);
    wk_memory_free(on->smooth);
    wk_memory_free(on->noise);
}

static wk_status evaluate_nebula(canvas *on, wk_error *error)
{
    const wk_scene *scene = &on->simulation->scene;
    for (int64_t j = 0; j < on->nodes[1]; j++) {
        for (int64_t i = 0; i < on->nodes[0]; i++) {
            on->xy[2 * i] = (double)((i - 1) * on->step);
            on->xy[2 * i + 1] = (double)((j - 1) * on->step);
        }
        wk_status status = wk_wcs_to_sky(on->wcs, on->nodes[0], on->xy, on->sky, error);
        if (status != WK_OK)
            return status;
        double *row = on->nebula + j * on->nodes[0];
        for (int64_t i = 0; i < on->nodes[0]; i++)
            row[i] = snap(wk_scene_nebula(scene, on->sky + 2 * i) / scene->nebula, 0x1p24) *
                     scene->nebula;
    }
    return WK_OK;
}

/* The nebula of row y, into smooth. */
static void interpolate_nebula(canvas *on, int64_t y)
{
    int64_t across = on->nodes[0], step = on->step, width = on->pixels->width;
    const double *node = on->nebula + y / step * across;
    const double *w = on->weight[y % step];
    for (int64_t i = 0; i < across; i++)
        on->line[i] = w[0] * node[i] + w[1] * node[across + i] + w[2] * node[2 * across + i] +
                      w[3] * node[3 * across + i];
    for (int64_t x = 0, i = 0; x < width; x += step, i++) {
        const double *line = on->line + i;
        int64_t end = width - x < step ? width - x : step;
        for (int64_t k = 0; k < end; k++) {
            const double *v = on->weight[k];
            on->smooth[x + k] = v[0] * line[0] + v[1] * line[1] + v[2] * line[2] + v[3] * line[3];
        }
    }
}

/* The mean brightness over a pixel at (dx, dy) from the source, by Gauss's rule of three points in
 * each direction; form holds the coefficients of q = a dx^2 + b dx dy + c dy^2. */
static double pixel_mean(const wk_scene_profile *profile, const double form[3], double dx,
                         double dy)
{
    static const double at[3] = {-0.38729833462074170, 0, 0.38729833462074170};
    static const double weight[3] = {5.0 / 18, 8.0 / 18, 5.0 / 18};
    double sum = 0;
    for (int j = 0; j < 3; j++) {
        double y = dy + at[j], part = 0;
        for (int i = 0; i < 3; i++) {
            double x = dx + at[i];
            double q = form[0] * x * x + form[1] * x * y + form[2] * y * y;
            part += weight[i] * wk_scene_brightness(profile, q > 0 ? q : 0);
        }
        sum += weight[j] * part;
    }
    return sum;
}

/* The pixels within half a width of a centre, of 0..n-1. */
static void clip(int64_t *first, int64_t *last, double centre, double half, int64_t n)
{
    double low = ceil(centre - half), high = floor(centre + half);
    *first = low < 0 ? 0 : (int64_t)low;
    *last = high > (double)(n - 1) ? n - 1 : (int64_t)high;
}

static void paint(canvas *on, const wk_scene_profile *profile, const double form[3],
                  const double xy[2])
{
    wk_pixels *pixels = on->pixels;
    int core = profile->bright && on->simulation->options.mask;
    double area = form[0] * form[2] - 0.25 * form[1] * form[1];
    int64_t x0, x1, y0, y1;
    clip(&x0, &x1, xy[0], sqrt(profile->limit * form[2] / area), pixels->width);
    clip(&y0, &y1, xy[1], sqrt(profile->limit * form[0] / area), pixels->height);
    for (int64_t y = y0; y <= y1; y++)
        for (int64_t x = x0; x <= x1; x++) {
            double dx = (double)x - xy[0], dy = (double)y - xy[1];
            if (form[0] * dx * dx + form[1] * dx * dy + form[2] * dy * dy > profile->limit)
                continue;
            double value = pixel_mean(profile, form, dx, dy);
            pixels->data[y * pixels->width + x] += (float)value;
            if (core && value >= on->simulation->noise_floor)
                pixels->bad[y * pixels->width + x] |= WK_BLEMISH_CORE;
        }
}

/* The offset on the sky, arcsec towards east and north, that one pixel along x and y makes. */
static wk_status slope(double out[2][2], canvas *on, const double xy[2], const double sky[2],
                       wk_error *error)
{
    double at[8], there[8];
    for (int k = 0; k < 4; k++) {
        at[2 * k] = xy[0] + (k == 0 ? 0.5 : k == 1 ? -0.5 : 0);
        at[2 * k + 1] = xy[1] + (k == 2 ? 0.5 : k == 3 ? -0.5 : 0);
    }
    wk_status status = wk_wcs_to_sky(on->wcs, 4, at, there, error);
    if (status != WK_OK)
        return status;
    wk_mosaic_frame here = wk_mosaic_frame_at(sky[0], sky[1]);
    double scale = on->simulation->scene.scale;
    for (int k = 0; k < 2; k++) {
        wk_mosaic_frame a = wk_mosaic_frame_at(there[4 * k], there[4 * k + 1]);
        wk_mosaic_frame b = wk_mosaic_frame_at(there[4 * k + 2], there[4 * k + 3]);
        double step[3];
        for (int i = 0; i < 3; i++)
            step[i] = (a.centre[i] - b.centre[i]) * ARCSEC;
        out[0][k] = snap(wk_dot3(step, here.east) / scale, 0x1p26) * scale;
        out[1][k] = snap(wk_dot3(step, here.north) / scale, 0x1p26) * scale;
    }
    return WK_OK;
}

static wk_status add_source(canvas *on, int64_t index, const double xy[2], wk_error *error)
{
    const wk_simulated_source *source = &on->simulation->scene.sources[index];
    double reach = wk_scene_reach() * 1.2;
    if (!(xy[0] > -reach && xy[0] < (double)on->pixels->width + reach && xy[1] > -reach &&
          xy[1] < (double)on->pixels->height + reach))
        return WK_OK;
    double at[2] = {snap(xy[0], 0x1p20), snap(xy[1], 0x1p20)};
    double sky[2] = {source->ra, source->dec}, to[2][2], t[2][2];
    wk_status status = slope(to, on, at, sky, error);
    if (status != WK_OK)
        return status;
    wk_scene_profile profile = wk_scene_profile_of(&on->simulation->scene, index);
    for (int i = 0; i < 2; i++)
        for (int k = 0; k < 2; k++)
            t[i][k] = profile.shape[i][0] * to[0][k] + profile.shape[i][1] * to[1][k];
    double form[3] = {t[0][0] * t[0][0] + t[1][0] * t[1][0],
                      2 * (t[0][0] * t[0][1] + t[1][0] * t[1][1]),
                      t[0][1] * t[0][1] + t[1][1] * t[1][1]};
    paint(on, &profile, form, at);
    return WK_OK;
}

static wk_status add_span(canvas *on, int64_t first, int64_t last, wk_error *error)
{
    const wk_simulated_source *sources = on->simulation->scene.sources;
    double sky[2 * BATCH], xy[2 * BATCH];
    wk_status status = WK_OK;
    for (int64_t from = first; from < last && status == WK_OK; from += BATCH) {
        int64_t n = last - from < BATCH ? last - from : BATCH;
        for (int64_t i = 0; i < n; i++) {
            sky[2 * i] = sources[from + i].ra;
            sky[2 * i + 1] = sources[from + i].dec;
        }
        status = wk_wcs_to_pixel(on->wcs, n, sky, xy, error);
        for (int64_t i = 0; i < n && status == WK_OK; i++)
            status = add_source(on, from + i, xy + 2 * i, error);
    }
    return status;
}

/* A rectangle of the mosaic plane that holds the detector and all whose light falls on it. */
static wk_status surroundings(double low[2], double high[2], canvas *on, wk_error *error)
{
    const wk_scene *scene = &on->simulation->scene;
    double right = (double)on->pixels->width - 0.5, top = (double)on->pixels->height - 0.5;
    double xy[8] = {-0.5, -0.5, right, -0.5, right, top, -0.5, top}, sky[8];
    wk_status status = wk_wcs_to_sky(on->wcs, 4, xy, sky, error);
    if (status != WK_OK)
        return status;
    for (int k = 0; k < 4; k++) {
        double at[2];
        wk_mosaic_from_sky(at, &scene->frame, sky + 2 * k);
        for (int i = 0; i < 2; i++) {
            low[i] = k == 0 ? at[i] : fmin(low[i], at[i]);
            high[i] = k == 0 ? at[i] : fmax(high[i], at[i]);
        }
    }
    double margin = 0.05 * hypot(high[0] - low[0], high[1] - low[1]) +
                    (wk_scene_reach() + 10) * scene->scale / 3600;
    for (int i = 0; i < 2; i++) {
        low[i] -= margin;
        high[i] += margin;
    }
    return WK_OK;
}

static wk_status add_sources(canvas *on, wk_error *error)
{
    const wk_scene *scene = &on->simulation->scene;
    double low[2], high[2];
    int64_t row, end, first, last;
    wk_status status = surroundings(low, high, on, error);
    if (status != WK_OK)
        return status;
    wk_scene_rows(&row, &end, scene, low[1], high[1]);
    for (; row < end && status == WK_OK; row++) {
        wk_scene_span(&first, &last, scene, row, low[0], high[0]);
        status = add_span(on, first, last, error);
    }
    return status;
}

/* Add all but the sources to row y: nebula, level, gradient and noise. */
static void finish_row(canvas *on, int64_t y)
{
    const wk_simulation *simulation = on->simulation;
    const wk_simulated_exposure *truth = &simulation->exposures[on->exposure];
    int64_t width = on->pixels->width;
    float *data = on->pixels->data + y * width;
    double left = (double)wk_simulation_origin(simulation, on->detector);
    double x0 = left - 0.5 * (double)(simulation->side[0] - 1);
    double y0 = (double)y - 0.5 * (double)(simulation->side[1] - 1);
    double base = truth->sky + truth->gradient[0] * x0 + truth->gradient[1] * y0;
    double sigma = simulation->options.noise;
    wk_random_gaussian(on->noise, width,
                       wk_random_stream(simulation->options.seed, WK_RANDOM_NOISE,
                                        (uint64_t)on->exposure, (uint64_t)on->detector,
                                        (uint64_t)y));
    if (simulation->options.nebula > 0)
        interpolate_nebula(on, y);
    for (int64_t x = 0; x < width; x++) {
        double sky = base + truth->gradient[0] * (double)x + on->smooth[x];
        data[x] = (float)((double)data[x] + sky + sigma * (double)on->noise[x]);
    }
}

static wk_status draw(canvas *on, wk_error *error)
{
    const wk_simulation_options *options = &on->simulation->options;
    size_t all = (size_t)(options->width * options->height);
    memset(on->pixels->data, 0, all * sizeof *on->pixels->data);
    memset(on->pixels->bad, 0, all);
    wk_status status = add_sources(on, error);
    if (status == WK_OK && options->nebula > 0)
        status = evaluate_nebula(on, error);
    if (status != WK_OK)
        return status;
    if (options->mask && options->layout == WK_LAYOUT_LSST)
        wk_simulation_flag_detected(on->pixels, on->simulation);
    for (int64_t y = 0; y < options->height; y++)
        finish_row(on, y);
    if (options->mask)
        wk_simulation_add_blemishes(on->pixels, on->simulation, on->exposure, on->detector);
    wk_simulation_seal(on->pixels, on->simulation);
    return WK_OK;
}

wk_status wk_simulation_render(wk_pixels *pixels, const wk_simulation *simulation, int64_t exposure,
                               int64_t detector, wk_error *error)
{
    wk_status status = wk_simulation_check(simulation, exposure, detector, error);
    if (status != WK_OK)
        return status;
    canvas on = {
        .pixels = pixels, .simulation = simulation, .exposure = exposure, .detector = detector};
    status = canvas_open(&on, error);
    if (status == WK_OK)
        status = draw(&on, error);
    canvas_close(&on);
    return status;
}
