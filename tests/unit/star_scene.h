/* Two lists of stars of which it is known which are the same; for the tests of matching. */
#ifndef STAR_SCENE_H
#define STAR_SCENE_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "random.h"
#include "welkin/star.h"

typedef struct scene_options {
    uint64_t seed;
    int64_t count;          /* true stars */
    double width, height;   /* of the frame, px */
    double scale, rotation; /* degrees */
    double shift[2];
    double noise;      /* px a coordinate */
    double magnitude;  /* scatter of brightness, mag */
    double missing;    /* part of the true stars that each list lacks */
    double spurious;   /* stars of its own that each list has, as part of the true ones */
    double distortion; /* px at the corner, cubic radial, in the current image */
} scene_options;

typedef struct scene {
    wk_star_list list[2]; /* current, reference */
    double *x[2], *y[2], *brightness[2];
    int64_t *star[2]; /* which true star a row is, or -1 */
    int64_t common;   /* true stars in both */
} scene;

static double scene_normal(wk_random *random)
{
    double u = wk_random_uniform(random), v = wk_random_uniform(random);
    return sqrt(-2.0 * log(u)) * cos(2.0 * 3.14159265358979323846 * v);
}

static void scene_place(const scene_options *o, int current, double x, double y, double out[2])
{
    out[0] = x, out[1] = y;
    if (!current)
        return;
    /* about the middle of the frame, so that the images overlap unless the shift says otherwise */
    double mx = 0.5 * o->width, my = 0.5 * o->height, angle = o->rotation / 57.29577951308232;
    double dx = x - mx, dy = y - my;
    double cube = o->distortion / pow(hypot(mx, my), 3.0) * (dx * dx + dy * dy);
    dx += cube * dx, dy += cube * dy;
    out[0] = mx + o->shift[0] + o->scale * (cos(angle) * dx - sin(angle) * dy);
    out[1] = my + o->shift[1] + o->scale * (sin(angle) * dx + cos(angle) * dy);
}

static void scene_add(scene *s, const scene_options *o, wk_random *random, int side, int64_t star,
                      const double place[3])
{
    double to[2];
    int64_t at = s->list[side].count++;
    scene_place(o, side == 0, place[0], place[1], to);
    s->x[side][at] = to[0] + o->noise * scene_normal(random);
    s->y[side][at] = to[1] + o->noise * scene_normal(random);
    s->brightness[side][at] = place[2] * pow(10.0, 0.4 * o->magnitude * scene_normal(random));
    s->star[side][at] = star;
}

/* Star counts rise with 10^(0.3 mag), so that flux is u^(-4/3). */
static void scene_draw(wk_random *random, const scene_options *o, double place[3])
{
    place[0] = wk_random_between(random, 0.0, o->width);
    place[1] = wk_random_between(random, 0.0, o->height);
    place[2] = pow(wk_random_uniform(random), -4.0 / 3.0);
}

static scene scene_make(const scene_options *o)
{
    scene s = {0};
    size_t most = (size_t)((double)o->count * (1.0 + o->spurious)) + 1;
    for (int side = 0; side < 2; side++) {
        s.x[side] = calloc(most, sizeof(double));
        s.y[side] = calloc(most, sizeof(double));
        s.brightness[side] = calloc(most, sizeof(double));
        s.star[side] = calloc(most, sizeof(int64_t));
        s.list[side] = (wk_star_list){s.x[side], s.y[side], s.brightness[side], 0};
    }
    wk_random random = wk_random_stream(o->seed, 77, 0, 0, 0);
    double place[3];
    for (int64_t i = 0; i < o->count; i++) {
        scene_draw(&random, o, place);
        int in[2];
        for (int side = 0; side < 2; side++) {
            in[side] = wk_random_uniform(&random) >= o->missing;
            if (in[side])
                scene_add(&s, o, &random, side, i, place);
        }
        s.common += in[0] && in[1];
    }
    for (int side = 0; side < 2; side++)
        for (int64_t i = 0; i < (int64_t)((double)o->count * o->spurious); i++) {
            scene_draw(&random, o, place);
            scene_add(&s, o, &random, side, -1, place);
        }
    return s;
}

static void scene_free(scene *s)
{
    for (int side = 0; side < 2; side++) {
        free(s->x[side]);
        free(s->y[side]);
        free(s->brightness[side]);
        free(s->star[side]);
    }
}

/* How many pairs of a match are one star. */
static inline int64_t scene_right(const scene *s, const wk_star_match *match)
{
    int64_t right = 0;
    for (int64_t i = 0; i < match->count; i++) {
        int64_t star = s->star[0][match->current[i]];
        right += star >= 0 && star == s->star[1][match->reference[i]];
    }
    return right;
}

#endif
