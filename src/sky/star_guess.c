#include "star_guess.h"

#include <math.h>
#include <stdlib.h>

#include "memory.h"
#include "star_vote.h"

enum { levels = 16, refinements = 3, neighbours = 5 };

/* Radii within which a transform is judged fall by this from one to the next. */
static const double STEP = 0.6;

/* A transform this far from accident (ln) need not be compared with others. */
static const double PLAIN = -30.0;

/* Everything that does not change from one candidate to the next. */
typedef struct trial {
    const wk_star_places *current, *reference;
    const wk_bucket *bucket; /* of current */
    double radius, reach;    /* px of current */
    double middle[2];        /* of reference */
    double flat;             /* rms of current across the line through it */
    double *x, *y;           /* [current * reference] shifts */
    int64_t *partner;
    wk_star_pairs pairs;
} trial;

static int compare(const void *left, const void *right)
{
    const double *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

static double median_of(double *values, int64_t n)
{
    qsort(values, (size_t)n, sizeof *values, compare);
    return 0.5 * (values[(n - 1) / 2] + values[n / 2]);
}

double wk_star_guess_reach(double middle[2], const wk_star_places *places, double *room)
{
    const double *sides[2] = {places->x, places->y};
    for (int k = 0; k < 2; k++) {
        for (int64_t i = 0; i < places->count; i++)
            room[i] = sides[k][i];
        middle[k] = median_of(room, places->count);
    }
    for (int64_t i = 0; i < places->count; i++)
        room[i] = hypot(places->x[i] - middle[0], places->y[i] - middle[1]);
    return median_of(room, places->count);
}

/* Rms across the longest direction: the root of the lesser eigenvalue of the covariance. */
static double flatness(const wk_star_places *places)
{
    double n = (double)places->count, x = 0.0, y = 0.0, xx = 0.0, xy = 0.0, yy = 0.0;
    for (int64_t i = 0; i < places->count; i++)
        x += places->x[i] / n, y += places->y[i] / n;
    for (int64_t i = 0; i < places->count; i++) {
        double dx = places->x[i] - x, dy = places->y[i] - y;
        xx += dx * dx / n, xy += dx * dy / n, yy += dy * dy / n;
    }
    double angle = 0.5 * atan2(2.0 * xy, xx - yy), sum = 0.0;
    for (int64_t i = 0; i < places->count; i++) {
        double across = (places->y[i] - y) * cos(angle) - (places->x[i] - x) * sin(angle);
        sum += across * across / n;
    }
    return sqrt(sum);
}

/* With p the probability that a star agrees by accident and all are independent, Chernoff's bound
 * for the sum of n - 2 agreements besides the two that fix a transform, times the number of ways in
 * which two stars and two others fix one, times the number of radii. */
double wk_star_guess_chance(int64_t agreed, double expected, int64_t current, int64_t reference)
{
    double free = (double)(agreed - 2), a = (double)current, b = (double)reference;
    double tests = log(0.5 * a * (a - 1.0) * b * (b - 1.0) * levels);
    if (!(free > expected))
        return tests;
    return tests + free - expected - free * log(free / expected);
}

/* How many carried stars have a neighbour within the radius if their places have nothing to do with
 * it, from the density of stars about each. */
static double expect(const trial *t, const wk_star_transform *transform, double radius)
{
    int64_t k = t->current->count < neighbours ? t->current->count : neighbours;
    int64_t near[neighbours];
    double distances[neighbours], sum = 0.0;
    for (int64_t i = 0; i < t->reference->count; i++) {
        double to[2];
        wk_star_transform_apply(transform, t->reference->x[i], t->reference->y[i], to);
        if (wk_bucket_near(t->bucket, to[0], to[1], k, near, distances) < k)
            continue;
        double ratio = radius / distances[k - 1], mean = (double)(k - 1) * ratio * ratio;
        if (t->flat < radius)
            mean = fmax(mean, (double)(k - 1) * ratio);
        sum += distances[k - 1] > 0.0 ? -expm1(-mean) : 1.0;
    }
    return sum;
}

static int scale_allowed(const wk_star_transform *transform)
{
    double scale = hypot(transform->c[0][0], transform->c[0][1]);
    return scale > 0.49 && scale < 2.04;
}

/* Match and fit within the radius some times, then match once more. */
static wk_status refine(trial *t, wk_star_transform *transform, double radius, wk_error *error)
{
    for (int round = 0; round <= refinements; round++) {
        wk_status status = wk_star_pair_find(t->partner, t->bucket, t->current, t->reference,
                                             transform, radius, NULL, error);
        if (status != WK_OK)
            return status;
        wk_star_pair_gather(&t->pairs, t->partner, t->current, t->reference);
        wk_star_transform fitted;
        if (round == refinements || wk_star_transform_fit(&fitted, &t->pairs, 0))
            break;
        *transform = fitted;
    }
    return WK_OK;
}

/* The two stars that fix a transform are off by up to the radius themselves, so that others which
 * agree within it with the best one lie within about twice the radius of theirs. */
static wk_status judge(wk_star_guess *best, trial *t, wk_star_transform transform, double radius,
                       wk_error *error)
{
    for (int level = 0; level < levels; level++, radius *= STEP) {
        wk_status status = refine(t, &transform, radius, error);
        if (status != WK_OK)
            return status;
        if (t->pairs.count < 3 || !scale_allowed(&transform))
            return WK_OK;
        double chance = wk_star_guess_chance(t->pairs.count, expect(t, &transform, 2.0 * radius),
                                             t->current->count, t->reference->count);
        if (chance < best->chance) {
            best->transform = transform;
            best->radius = radius;
            best->agreed = t->pairs.count;
            best->chance = chance;
        }
    }
    return WK_OK;
}

typedef struct crowd {
    const trial *trial;
    int64_t count;
    double sum[2];
} crowd;

static int join(int64_t index, double distance, void *payload)
{
    (void)distance;
    crowd *c = payload;
    c->count++;
    c->sum[0] += c->trial->x[index];
    c->sum[1] += c->trial->y[index];
    return 0;
}

/* Where the middle of the reference goes if each of its stars is each of the current ones. */
static void place(trial *t, const wk_star_candidate *candidate)
{
    const double from[2] = {0.0, 0.0}, to[2] = {0.0, 0.0};
    wk_star_transform turn =
        wk_star_transform_similarity(candidate->scale, candidate->rotation, from, to);
    for (int64_t i = 0, at = 0; i < t->reference->count; i++) {
        double arm[2];
        wk_star_transform_apply(&turn, t->reference->x[i] - t->middle[0],
                                t->reference->y[i] - t->middle[1], arm);
        for (int64_t j = 0; j < t->current->count; j++, at++) {
            t->x[at] = t->current->x[j] - arm[0];
            t->y[at] = t->current->y[j] - arm[1];
        }
    }
}

/* The mean of the densest place. */
static wk_status settle(double to[2], trial *t, const wk_star_candidate *candidate, double radius,
                        wk_error *error)
{
    int64_t n = t->current->count * t->reference->count;
    crowd best = {t, 0, {0.0, 0.0}};
    wk_bucket *shifts = NULL;
    place(t, candidate);
    wk_status status = wk_bucket_create(&shifts, t->x, t->y, n, error);
    for (int64_t i = 0; i < n && status == WK_OK; i++) {
        crowd here = {t, 0, {0.0, 0.0}};
        wk_bucket_within(shifts, t->x[i], t->y[i], radius, join, &here);
        if (here.count > best.count)
            best = here;
    }
    wk_bucket_free(shifts);
    for (int k = 0; k < 2; k++)
        to[k] = best.sum[k] / (double)best.count;
    return status;
}

static wk_status try_all(wk_star_guess *out, trial *t, wk_error *error)
{
    wk_star_candidate candidates[WK_STAR_CANDIDATES];
    int64_t count = 0;
    wk_status status = wk_star_vote(candidates, &count, t->current, t->reference, error);
    for (int64_t k = 0; k < count && status == WK_OK && out->chance > PLAIN; k++) {
        const wk_star_candidate *c = &candidates[k];
        double to[2], radius = fmax(2.0 * t->radius, t->reach * (0.005 + 1.5 * c->width));
        status = settle(to, t, c, radius, error);
        if (status != WK_OK)
            break;
        out->tried++;
        status = judge(out, t, wk_star_transform_similarity(c->scale, c->rotation, t->middle, to),
                       1.5 * radius, error);
    }
    return status;
}

wk_status wk_star_guess_find(wk_star_guess *out, const wk_star_places *current,
                             const wk_star_places *reference, double radius, wk_error *error)
{
    size_t shifts = (size_t)(current->count * reference->count);
    trial t = {.current = current, .reference = reference, .radius = radius};
    double middle[2];
    wk_bucket *bucket = NULL;
    *out = (wk_star_guess){.chance = (double)INFINITY};
    t.x = wk_memory_raw(2 * shifts, sizeof *t.x, error);
    t.y = t.x ? t.x + shifts : NULL;
    t.partner = wk_memory_raw((size_t)reference->count, sizeof *t.partner, error);
    wk_status status = t.x && t.partner ? WK_OK : WK_MEMORY;
    if (status == WK_OK)
        status = wk_star_pairs_make(&t.pairs, reference->count, error);
    if (status == WK_OK)
        status = wk_bucket_create(&bucket, current->x, current->y, current->count, error);
    if (status == WK_OK) {
        t.bucket = bucket;
        t.flat = flatness(current);
        wk_star_guess_reach(t.middle, reference, t.x);
        t.reach = wk_star_guess_reach(middle, current, t.x);
        status = try_all(out, &t, error);
    }
    wk_bucket_free(bucket);
    wk_star_pairs_release(&t.pairs);
    wk_memory_free(t.x);
    wk_memory_free(t.partner);
    return status;
}
