#include "simulate.h"

#include <math.h>
#include <stdlib.h>

#include "memory.h"
#include "random.h"
#include "status.h"

static const int64_t DETECTOR_GAP = 20;    /* pixels */
static const double LARGEST_DITHER = 0.02; /* of the side */
static const double LARGEST_MOSAIC = 60;   /* degrees from its centre */
static const double MOST_SOURCES = 1e9;
static const double ARCSEC = 1.0 / 3600;
static const double RADIAN = 57.295779513082320877;

wk_simulation_options wk_simulation_options_default(void)
{
    return (wk_simulation_options){
        .exposures = 9,
        .width = 1024,
        .height = 1024,
        .detectors = 1,
        .overlap = 0.2,
        .dither = 1,
        .rotation = 1,
        .distortion = WK_DISTORTION_NONE,
        .sky_low = 100,
        .sky_high = 1000,
        .gradient = 0,
        .stars = 200,
        .galaxies = 20,
        .nebula = 5,
        .noise = 1,
        .mask = 1,
        .ra = 150.1,
        .dec = 2.2,
        .pixel_scale = 0.5,
        .seed = 1,
        .layout = WK_LAYOUT_STSCI,
    };
}

static wk_status check_number(const char *name, double value, double low, double high,
                              wk_error *error)
{
    if (value >= low && value <= high)
        return WK_OK;
    return wk_error_set(error, WK_ARGUMENT, name, "%s must be from %g to %g, not %g", name, low,
                        high, value);
}

static wk_status check_count(const char *name, int64_t value, int64_t low, int64_t high,
                             wk_error *error)
{
    if (value >= low && value <= high)
        return WK_OK;
    return wk_error_set(error, WK_ARGUMENT, name, "%s must be from %lld to %lld, not %lld", name,
                        (long long)low, (long long)high, (long long)value);
}

static wk_status check_counts(const wk_simulation_options *options, wk_error *error)
{
    const struct {
        const char *name;
        int64_t value, low, high;
    } list[] = {
        {"exposures", options->exposures, 1, 10000000},
        {"width", options->width, 1, 100000},
        {"height", options->height, 1, 100000},
        {"detectors", options->detectors, 1, 1000},
        {"stars", options->stars, 0, 1000000000},
        {"galaxies", options->galaxies, 0, 1000000000},
        {"distortion", options->distortion, WK_DISTORTION_NONE, WK_DISTORTION_TPV},
    };
    wk_status status = WK_OK;
    for (size_t i = 0; i < sizeof list / sizeof *list && status == WK_OK; i++)
        status = check_count(list[i].name, list[i].value, list[i].low, list[i].high, error);
    return status;
}

static wk_status check_numbers(const wk_simulation_options *options, wk_error *error)
{
    const struct {
        const char *name;
        double value, low, high;
    } list[] = {
        {"overlap", options->overlap, 0, 0.95},
        {"rotation", options->rotation, 0, 180},
        {"sky_low", options->sky_low, -1e30, 1e30},
        {"sky_high", options->sky_high, options->sky_low, 1e30},
        {"gradient", options->gradient, 0, 1e30},
        {"nebula", options->nebula, 0, 1e30},
        {"noise", options->noise, 0, 1e15},
        {"ra", options->ra, -360, 360},
        {"dec", options->dec, -90, 90},
        {"pixel_scale", options->pixel_scale, 1e-6, 36000},
    };
    wk_status status = WK_OK;
    for (size_t i = 0; i < sizeof list / sizeof *list && status == WK_OK; i++)
        status = check_number(list[i].name, list[i].value, list[i].low, list[i].high, error);
    return status;
}

static wk_status check_layout(const wk_simulation_options *options, wk_error *error)
{
    if (options->layout == WK_LAYOUT_STSCI)
        return WK_OK;
    if (options->layout != WK_LAYOUT_LSST && options->layout != WK_LAYOUT_PLAIN)
        return wk_error_set(error, WK_ARGUMENT, "layout",
                            "layout must be stsci, lsst or plain, not number %d",
                            (int)options->layout);
    if (options->detectors != 1)
        return wk_error_set(error, WK_ARGUMENT, "detectors",
                            "layouts lsst and plain hold 1 detector in a file, not %lld",
                            (long long)options->detectors);
    return WK_OK;
}

static wk_status check_options(const wk_simulation_options *options, wk_error *error)
{
    wk_status status = check_counts(options, error);
    if (status == WK_OK)
        status = check_numbers(options, error);
    if (status == WK_OK)
        status = check_layout(options, error);
    return status;
}

/* Pixels from one exposure to the next; whole, for exposures that share one pixel grid. */
static double stride(const wk_simulation *simulation, int axis)
{
    double step = nearbyint((1 - simulation->options.overlap) * (double)simulation->side[axis]);
    return step < 1 ? 1 : step;
}

/* As near to a square as its number allows, never higher than wide. */
static void lay_out(wk_simulation *simulation)
{
    const wk_simulation_options *options = &simulation->options;
    int64_t columns = 1;
    while (columns * columns < options->exposures)
        columns++;
    simulation->columns = columns;
    simulation->rows = (options->exposures + columns - 1) / columns;
    simulation->side[0] = wk_simulation_origin(simulation, options->detectors) - DETECTOR_GAP;
    simulation->side[1] = options->height;
    simulation->noise_floor = fmax(options->noise, 1e-6);
}

/* A border pixel of a 2048 x 2048 exposure moves by 5 pixels, of others in proportion but by 2 to
 * 6; the quadratic terms, a tilted focal plane's, add up to a fifth of it. */
static void draw_distortion(wk_simulation *simulation)
{
    wk_random random = wk_random_stream(simulation->options.seed, WK_RANDOM_DISTORTION, 0, 0, 0);
    double radius = 0.5 * hypot((double)simulation->side[0], (double)simulation->side[1]);
    double bow = fmin(fmax(5 * radius / 1448, 2), 6);
    if (bow > 0.05 * radius)
        bow = 0.05 * radius;
    simulation->distortion.radial = bow / (radius * radius * radius);
    for (int axis = 0; axis < 2; axis++)
        for (int term = 0; term < 3; term++)
            simulation->distortion.plane[axis][term] =
                wk_random_between(&random, -0.1, 0.1) * bow / (radius * radius);
}

static int on_one_grid(const wk_simulation_options *options)
{
    return !options->dither && options->rotation <= 0 && options->distortion == WK_DISTORTION_NONE;
}

static void draw_pointing(wk_simulation *simulation, int64_t index)
{
    const wk_simulation_options *options = &simulation->options;
    wk_random random = wk_random_stream(options->seed, WK_RANDOM_POINTING, (uint64_t)index, 0, 0);
    int64_t cell[2] = {index % simulation->columns, index / simulation->columns};
    int64_t cells[2] = {simulation->columns, simulation->rows};
    double at[2];
    for (int k = 0; k < 2; k++) {
        double dither = wk_random_between(&random, -LARGEST_DITHER, LARGEST_DITHER);
        at[k] = ((double)cell[k] - 0.5 * (double)(cells[k] - 1)) * stride(simulation, k);
        at[k] += options->dither ? dither * (double)simulation->side[k] : 0;
    }
    wk_simulated_exposure *truth = &simulation->exposures[index];
    wk_simulated_pointing *pointing = &simulation->pointings[index];
    const wk_mosaic_frame *frame = &simulation->scene.frame;
    double sky[2], scale = options->pixel_scale * ARCSEC;
    truth->rotation = wk_random_between(&random, -options->rotation, options->rotation);
    if (on_one_grid(options)) {
        wk_mosaic_gnomonic_to_sky(sky, frame, -at[0] * scale, at[1] * scale);
        *pointing = (wk_simulated_pointing){{options->ra, options->dec}, {at[0], at[1]}, 0};
    } else {
        wk_mosaic_to_sky(sky, frame, -at[0] * scale, at[1] * scale);
        double up = wk_mosaic_up(frame, sky) + truth->rotation / RADIAN;
        *pointing = (wk_simulated_pointing){{sky[0], sky[1]}, {0, 0}, up};
    }
    truth->ra = sky[0];
    truth->dec = sky[1];
}

/* The change from one corner of a detector to the opposite one is the gradient asked for. */
static void draw_level(wk_simulation *simulation, int64_t index)
{
    const wk_simulation_options *options = &simulation->options;
    wk_random random = wk_random_stream(options->seed, WK_RANDOM_LEVEL, (uint64_t)index, 0, 0);
    wk_simulated_exposure *truth = &simulation->exposures[index];
    truth->sky = wk_random_between(&random, options->sky_low, options->sky_high);
    double share = wk_random_between(&random, -1, 1);
    double rest = wk_random_uniform(&random) < 0.5 ? fabs(share) - 1 : 1 - fabs(share);
    truth->gradient[0] = share * options->gradient / (double)options->width;
    truth->gradient[1] = rest * options->gradient / (double)options->height;
}

/* Half of the mosaic's rectangle with what dither and rotation may add, pixels. */
static void half_mosaic(double half[2], const wk_simulation *simulation)
{
    const int64_t *side = simulation->side;
    double longest = (double)(side[0] > side[1] ? side[0] : side[1]);
    double turn = fmin(simulation->options.rotation / RADIAN, 0.42);
    int64_t cells[2] = {simulation->columns, simulation->rows};
    for (int k = 0; k < 2; k++)
        half[k] = 0.5 * ((double)(cells[k] - 1) * stride(simulation, k) + (double)side[k]) +
                  (LARGEST_DITHER + 0.01 + 0.5 * turn) * longest;
}

static wk_status make_scene(wk_simulation *simulation, wk_error *error)
{
    const wk_simulation_options *options = &simulation->options;
    double scale = options->pixel_scale * ARCSEC;
    double half[2];
    half_mosaic(half, simulation);
    if (hypot(half[0], half[1]) * scale > LARGEST_MOSAIC)
        return wk_error_set(error, WK_ARGUMENT, "pixel_scale",
                            "the mosaic would reach %g degrees from its centre, at most %g",
                            hypot(half[0], half[1]) * scale, LARGEST_MOSAIC);
    double sides[2] = {(double)simulation->side[0], (double)simulation->side[1]};
    double exposures = 4 * half[0] * half[1] / (sides[0] * sides[1]);
    double stars = nearbyint((double)options->stars * exposures);
    double galaxies = nearbyint((double)options->galaxies * exposures);
    if (stars + galaxies > MOST_SOURCES)
        return wk_error_set(error, WK_ARGUMENT, "stars",
                            "%g stars and galaxies are more than can be made, %g", stars + galaxies,
                            MOST_SOURCES);
    wk_scene_plan plan = {
        .seed = options->seed,
        .ra = options->ra,
        .dec = options->dec,
        .half = {half[0] * scale, half[1] * scale},
        .cell = 0.25 * fmin(sides[0], sides[1]) * scale,
        .scale = options->pixel_scale,
        .nebula = options->nebula,
        .stars = (int64_t)stars,
        .galaxies = (int64_t)galaxies,
    };
    double longest = 2 * fmax(plan.half[0], plan.half[1]);
    plan.cell = fmax(plan.cell, longest / 1000);
    return wk_scene_create(&simulation->scene, &plan, error);
}

static wk_status plan_all(wk_simulation *simulation, wk_error *error)
{
    lay_out(simulation);
    size_t count = (size_t)simulation->options.exposures;
    simulation->exposures = wk_memory_new(count, sizeof *simulation->exposures, error);
    if (!simulation->exposures)
        return WK_MEMORY;
    simulation->pointings = wk_memory_new(count, sizeof *simulation->pointings, error);
    if (!simulation->pointings)
        return WK_MEMORY;
    wk_status status = make_scene(simulation, error);
    if (status != WK_OK)
        return status;
    draw_distortion(simulation);
    for (int64_t i = 0; i < simulation->options.exposures; i++) {
        draw_pointing(simulation, i);
        draw_level(simulation, i);
    }
    return WK_OK;
}

wk_status wk_simulation_create(wk_simulation **out, const wk_simulation_options *options,
                               wk_error *error)
{
    *out = NULL;
    wk_simulation_options wanted = options ? *options : wk_simulation_options_default();
    wk_status status = check_options(&wanted, error);
    if (status != WK_OK)
        return status;
    wk_simulation *simulation = wk_memory_new(1, sizeof *simulation, error);
    if (!simulation)
        return WK_MEMORY;
    if (wanted.ra < 0)
        wanted.ra += 360;
    simulation->options = wanted;
    status = plan_all(simulation, error);
    if (status == WK_OK)
        *out = simulation;
    else
        wk_simulation_free(simulation);
    return status;
}

void wk_simulation_free(wk_simulation *simulation)
{
    if (!simulation)
        return;
    wk_scene_release(&simulation->scene);
    wk_memory_free(simulation->exposures);
    wk_memory_free(simulation->pointings);
    wk_memory_free(simulation);
}

const wk_simulated_exposure *wk_simulation_exposure(const wk_simulation *simulation, int64_t index)
{
    int there = index >= 0 && index < simulation->options.exposures;
    return there ? &simulation->exposures[index] : NULL;
}

const wk_simulated_source *wk_simulation_sources(const wk_simulation *simulation, size_t *count)
{
    *count = (size_t)simulation->scene.count;
    return simulation->scene.sources;
}

int64_t wk_simulation_origin(const wk_simulation *simulation, int64_t detector)
{
    return detector * (simulation->options.width + DETECTOR_GAP);
}

wk_status wk_simulation_check(const wk_simulation *simulation, int64_t exposure, int64_t detector,
                              wk_error *error)
{
    wk_status status =
        check_count("exposure", exposure, 0, simulation->options.exposures - 1, error);
    if (status != WK_OK)
        return status;
    return check_count("detector", detector, 0, simulation->options.detectors - 1, error);
}
