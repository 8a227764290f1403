#include "simulate_scene.h"

#include <math.h>
#include <string.h>

#include "memory.h"
#include "random.h"
#include "status.h"

/* Fluxes and radii follow a power law in which as many are above x as 1/x says. */
static const double STAR_FLUX[2] = {50, 200000};
static const double GALAXY_FLUX[2] = {100, 20000};
static const double GALAXY_RADIUS[2] = {1.5, 6};   /* pixels, half of the light */
static const double GALAXY_FLATNESS[2] = {0.3, 1}; /* smaller over larger axis */
static const double BRIGHT_FLUX = 4000;
static const double STAR_SIGMA = 2.2 / 2.3548200450309493; /* pixels; 2.2 is the full width */

/* Stars end where exp(-q/2) is 2e-9, galaxies at six half-light radii: with q = (r/h)^2 the
 * light of exp(-sqrt(q + 1)) within r is 2 pi h^2 (2/e - (1 + t) exp(-t)), t = sqrt(q + 1), so
 * that half of it is within 1.899 h; GALAXY_LIGHT is what is within the end, for h = 1. */
static const double STAR_LIMIT = 40;
static const double GALAXY_SCALE = 1.8989853449244278;
static const double GALAXY_LIMIT = 129.8212322485589;
static const double GALAXY_LIGHT = 4.622066868785719;
static const double STAR_LIGHT = 6.283185307179586;

/* Wavelengths of the nebula, of the mosaic's longer side: half a wave is what the eye takes for the
 * size of a cloud. */
static const double WAVELENGTH[2] = {0.2, 1};

static double power_law(double u, const double range[2])
{
    return range[0] / (1 - u * (1 - range[0] / range[1]));
}

/* A unit vector of random orientation over half a turn, from arithmetic alone.  The angle
 * 2 atan(t) is not quite even, which nobody will see. */
static void orientation(double unit[2], wk_random *random)
{
    double t = wk_random_between(random, -1, 1);
    unit[0] = (1 - t * t) / (1 + t * t);
    unit[1] = 2 * t / (1 + t * t);
}

static void make_waves(wk_scene *scene, double side)
{
    wk_random random = wk_random_stream(scene->seed, WK_RANDOM_NEBULA, 0, 0, 0);
    double sum = 0;
    scene->shortest = side * WAVELENGTH[0];
    for (int i = 0; i < WK_SCENE_WAVES; i++) {
        wk_scene_wave *wave = &scene->waves[i];
        double length = side * power_law(wk_random_uniform(&random), WAVELENGTH);
        orientation(wave->cycles, &random);
        for (int k = 0; k < 2; k++)
            wave->cycles[k] *= 180 / (M_PI * length);
        wave->phase = wk_random_uniform(&random);
        wave->share = length * wk_random_between(&random, 0.5, 1);
        sum += wave->share;
    }
    for (int i = 0; i < WK_SCENE_WAVES; i++)
        scene->waves[i].share /= sum;
}

double wk_scene_nebula(const wk_scene *scene, const double sky[2])
{
    wk_mosaic_frame there = wk_mosaic_frame_at(sky[0], sky[1]);
    double x = wk_dot3(there.centre, scene->frame.east);
    double y = wk_dot3(there.centre, scene->frame.north);
    double sum = 0;
    for (int i = 0; i < WK_SCENE_WAVES; i++) {
        const wk_scene_wave *wave = &scene->waves[i];
        double cycles = wave->cycles[0] * x + wave->cycles[1] * y + wave->phase;
        sum += wave->share * cos(2 * M_PI * cycles);
    }
    return scene->nebula * 0.5 * (1 + sum);
}

/* Where the index-th source is in the mosaic plane; u is for its flux. */
static void place(double xy[2], double u[2], const wk_scene_plan *plan, int64_t index)
{
    wk_random random = wk_random_stream(plan->seed, WK_RANDOM_PLACE, (uint64_t)index, 0, 0);
    for (int k = 0; k < 2; k++)
        xy[k] = wk_random_between(&random, -plan->half[k], plan->half[k]);
    for (int k = 0; k < 2; k++)
        u[k] = wk_random_uniform(&random);
}

static int64_t cell_along(double value, double low, double cell, int64_t n)
{
    double at = floor((value - low) / cell);
    return at < 0 ? 0 : at < (double)n ? (int64_t)at : n - 1;
}

static int64_t cell_of(const wk_scene *scene, const double xy[2])
{
    int64_t i = cell_along(xy[0], scene->low[0], scene->cell, scene->nx);
    int64_t j = cell_along(xy[1], scene->low[1], scene->cell, scene->ny);
    return j * scene->nx + i;
}

static wk_simulated_source source_at(const wk_scene_plan *plan, const wk_mosaic_frame *frame,
                                     const double xy[2], const double u[2], int galaxy)
{
    double sky[2];
    wk_mosaic_to_sky(sky, frame, xy[0], xy[1]);
    return (wk_simulated_source){
        .ra = sky[0],
        .dec = sky[1],
        .flux = power_law(u[0], galaxy ? GALAXY_FLUX : STAR_FLUX),
        .radius = galaxy ? plan->scale * power_law(u[1], GALAXY_RADIUS) : 0,
    };
}

/* Sort by counting: the sources of a cell keep the order of their numbers. */
static void make_sources(wk_scene *scene, const wk_scene_plan *plan)
{
    int64_t cells = scene->nx * scene->ny;
    double xy[2], u[2];
    for (int64_t i = 0; i < scene->count; i++) {
        place(xy, u, plan, i);
        scene->start[cell_of(scene, xy) + 1]++;
    }
    for (int64_t c = 0; c < cells; c++)
        scene->start[c + 1] += scene->start[c];
    for (int64_t i = 0; i < scene->count; i++) {
        place(xy, u, plan, i);
        int64_t slot = scene->start[cell_of(scene, xy)]++;
        scene->sources[slot] = source_at(plan, &scene->frame, xy, u, i >= plan->stars);
    }
    for (int64_t c = cells; c > 0; c--)
        scene->start[c] = scene->start[c - 1];
    scene->start[0] = 0;
}

wk_status wk_scene_create(wk_scene *scene, const wk_scene_plan *plan, wk_error *error)
{
    memset(scene, 0, sizeof *scene);
    scene->frame = wk_mosaic_frame_at(plan->ra, plan->dec);
    scene->seed = plan->seed;
    scene->scale = plan->scale;
    scene->nebula = plan->nebula;
    scene->count = plan->stars + plan->galaxies;
    scene->cell = plan->cell;
    scene->nx = (int64_t)ceil(2 * plan->half[0] / plan->cell);
    scene->ny = (int64_t)ceil(2 * plan->half[1] / plan->cell);
    for (int k = 0; k < 2; k++)
        scene->low[k] = -plan->half[k];
    make_waves(scene, 2 * fmax(plan->half[0], plan->half[1]));
    size_t cells = (size_t)(scene->nx * scene->ny);
    scene->start = wk_memory_new(cells + 1, sizeof *scene->start, error);
    if (!scene->start)
        return WK_MEMORY;
    scene->sources = wk_memory_new((size_t)scene->count, sizeof *scene->sources, error);
    if (!scene->sources)
        return WK_MEMORY;
    make_sources(scene, plan);
    return WK_OK;
}

void wk_scene_release(wk_scene *scene)
{
    wk_memory_free(scene->start);
    wk_memory_free(scene->sources);
    scene->start = NULL;
    scene->sources = NULL;
}

void wk_scene_rows(int64_t *first, int64_t *last, const wk_scene *scene, double low, double high)
{
    *first = cell_along(low, scene->low[1], scene->cell, scene->ny);
    *last = cell_along(high, scene->low[1], scene->cell, scene->ny) + 1;
}

void wk_scene_span(int64_t *first, int64_t *last, const wk_scene *scene, int64_t row, double low,
                   double high)
{
    const int64_t *start = scene->start + row * scene->nx;
    *first = start[cell_along(low, scene->low[0], scene->cell, scene->nx)];
    *last = start[cell_along(high, scene->low[0], scene->cell, scene->nx) + 1];
}

static wk_scene_profile star(const wk_scene *scene, double flux)
{
    double sigma = STAR_SIGMA * scene->scale;
    return (wk_scene_profile){
        .peak = flux / (STAR_LIGHT * STAR_SIGMA * STAR_SIGMA),
        .limit = STAR_LIMIT,
        .shape = {{1 / sigma, 0}, {0, 1 / sigma}},
        .bright = flux > BRIGHT_FLUX,
    };
}

/* The radius is the geometric mean of the two half-axes. */
static wk_scene_profile galaxy(const wk_scene *scene, const wk_simulated_source *source,
                               int64_t index)
{
    wk_random random = wk_random_stream(scene->seed, WK_RANDOM_SHAPE, (uint64_t)index, 0, 0);
    double axis[2];
    orientation(axis, &random);
    double flatness = wk_random_between(&random, GALAXY_FLATNESS[0], GALAXY_FLATNESS[1]);
    double length = source->radius / GALAXY_SCALE;
    double major = sqrt(flatness) / length, minor = 1 / (sqrt(flatness) * length);
    double pixels = length / scene->scale;
    return (wk_scene_profile){
        .peak = source->flux / (GALAXY_LIGHT * pixels * pixels),
        .limit = GALAXY_LIMIT,
        .shape = {{major * axis[0], major * axis[1]}, {-minor * axis[1], minor * axis[0]}},
        .galaxy = 1,
    };
}

wk_scene_profile wk_scene_profile_of(const wk_scene *scene, int64_t source)
{
    const wk_simulated_source *one = &scene->sources[source];
    return one->radius > 0 ? galaxy(scene, one, source) : star(scene, one->flux);
}

/* exp(-x) of 0 <= x < 700 from IEEE arithmetic alone, so that every machine gives the same bits:
 * x = k ln 2 + r, |r| < 0.35, where the next Taylor term is below 2e-16. */
static double decay(double x)
{
    static const double term[] = {
        1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040,
        1.0 / 720,       1.0 / 120,      1.0 / 24,      1.0 / 6,      0.5,         1,
    };
    int64_t k = (int64_t)(x * 1.4426950408889634 + 0.5);
    double r = (double)k * 0x1.62e42fefa39efp-1 - x;
    double sum = term[0];
    for (size_t n = 1; n < sizeof term / sizeof *term; n++)
        sum = sum * r + term[n];
    uint64_t bits = (uint64_t)(1023 - k) << 52;
    double power;
    memcpy(&power, &bits, sizeof power);
    return (1 + sum * r) * power;
}

double wk_scene_brightness(const wk_scene_profile *profile, double q)
{
    return profile->peak * decay(profile->galaxy ? sqrt(q + 1) : 0.5 * q);
}

double wk_scene_reach(void)
{
    return sqrt(GALAXY_LIMIT / GALAXY_FLATNESS[0]) * GALAXY_RADIUS[1] / GALAXY_SCALE;
}
