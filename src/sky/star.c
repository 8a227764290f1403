#include "welkin/star.h"

#include <math.h>
#include <stdlib.h>

#include "memory.h"
#include "star_guess.h"
#include "status.h"

static const double DEGREE = 57.295779513082320877; /* 180 / pi */
static const double LOG_TEN = 2.302585092994045684;

/* As many transforms as good by accident are allowed. */
static const double CHANCE_MOST = 1e-4;

/* Of all stars within a radius of others' places, this part may be there by accident while the
 * transform is still coarse. */
static const double CROWDING = 0.1;

/* Stars closer than so many radii, or this part of the list's reach if that is less, are one. */
static const double CLOSE = 10.0, CLOSE_REACH = 0.05;

enum { least_stars = 3, most_bright = 200, widenings = 3, last_rounds = 20, settled_pairs = 300 };

typedef struct star {
    double x, y, brightness;
    int64_t row;
} star;

/* One list in order of brightness. */
typedef struct ranking {
    int64_t *row; /* [count] */
    double *x, *y;
    int64_t count, skipped;
} ranking;

wk_star_match_options wk_star_match_options_default(void)
{
    wk_star_match_options options = {3.0, 50, 3};
    return options;
}

static wk_status check(const wk_star_match_options *options, wk_error *error)
{
    if (!(options->radius > 0.0) || !isfinite(options->radius))
        return wk_error_set(error, WK_ARGUMENT, "radius",
                            "radius is %g; it must be a number above 0", options->radius);
    if (options->brightest < least_stars || options->brightest > most_bright)
        return wk_error_set(error, WK_ARGUMENT, "brightest",
                            "%lld brightest stars; it must be %d to %d",
                            (long long)options->brightest, least_stars, most_bright);
    if (options->order < 0 || options->order > WK_STAR_ORDER_MOST)
        return wk_error_set(error, WK_ARGUMENT, "order", "order is %d; it must be 0 to %d",
                            options->order, WK_STAR_ORDER_MOST);
    return WK_OK;
}

/* Brightest first; of equal ones the place decides, so that the order of rows does not matter. */
static int compare_stars(const void *left, const void *right)
{
    const star *a = left, *b = right;
    if (a->brightness != b->brightness)
        return a->brightness > b->brightness ? -1 : 1;
    if (a->x != b->x)
        return a->x < b->x ? -1 : 1;
    if (a->y != b->y)
        return a->y < b->y ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

static int64_t collect(star *stars, const wk_star_list *list)
{
    int64_t count = 0;
    for (int64_t i = 0; i < list->count; i++) {
        if (!isfinite(list->x[i]) || !isfinite(list->y[i]))
            continue;
        double brightness = list->brightness ? list->brightness[i] : -(double)i;
        if (!isfinite(brightness))
            brightness = -(double)INFINITY;
        stars[count++] = (star){list->x[i], list->y[i], brightness, i};
    }
    return count;
}

static wk_status rank(ranking *out, const wk_star_list *list, const char *name, wk_error *error)
{
    size_t most = list && list->count > 0 ? (size_t)list->count : 0;
    star *stars = wk_memory_raw(most, sizeof *stars, error);
    out->row = wk_memory_raw(most, sizeof *out->row, error);
    out->x = wk_memory_raw(2 * most, sizeof *out->x, error);
    if (!stars || !out->row || !out->x) {
        wk_memory_free(stars);
        return WK_MEMORY;
    }
    out->y = out->x + most;
    out->count = most > 0 ? collect(stars, list) : 0;
    out->skipped = (int64_t)most - out->count;
    qsort(stars, (size_t)out->count, sizeof *stars, compare_stars);
    for (int64_t i = 0; i < out->count; i++) {
        out->row[i] = stars[i].row;
        out->x[i] = stars[i].x;
        out->y[i] = stars[i].y;
    }
    wk_memory_free(stars);
    if (out->count < least_stars)
        return wk_error_set(error, WK_NO_DATA, name,
                            "the list has %lld stars with a position; matching needs %d",
                            (long long)out->count, least_stars);
    return WK_OK;
}

static wk_star_places brightest(const ranking *list, int64_t count)
{
    wk_star_places places = {list->x, list->y, count < list->count ? count : list->count};
    return places;
}

/* The brightest for the first transform, without those close to a brighter one: a double star or a
 * star found twice would count as two agreements though it is one. */
typedef struct sample {
    double x[most_bright], y[most_bright];
    int64_t count;
} sample;

static int is_apart(const sample *from, double x, double y, double apart)
{
    for (int64_t i = 0; i < from->count; i++)
        if (hypot(from->x[i] - x, from->y[i] - y) <= apart)
            return 0;
    return 1;
}

static wk_star_places choose(sample *out, const ranking *list, const wk_star_match_options *options)
{
    double middle[2], reach;
    wk_star_places places = brightest(list, options->brightest);
    reach = wk_star_guess_reach(middle, &places, out->x);
    double apart = fmin(CLOSE * options->radius, CLOSE_REACH * reach);
    out->count = 0;
    for (int64_t i = 0; i < list->count && out->count < options->brightest; i++) {
        if (!is_apart(out, list->x[i], list->y[i], apart))
            continue;
        out->x[out->count] = list->x[i];
        out->y[out->count++] = list->y[i];
    }
    return (wk_star_places){out->x, out->y, out->count};
}

/* What the steps of the matching share. */
typedef struct matching {
    const wk_star_match_options *options;
    const wk_context *context;
    ranking current, reference;
    wk_star_guess guess;
    double reach; /* of the bright stars of the current list */
    wk_star_transform transform;
    int64_t *partner, *before; /* [reference.count] */
    wk_star_pairs pairs;
    int64_t bright[2], rounds;
} matching;

/* A radius in which of so many stars few are found by accident. */
static double uncrowded(const matching *m, int64_t count)
{
    return m->reach * sqrt(2.0 * CROWDING / (double)count);
}

static wk_status pair(matching *m, const wk_bucket *bucket, int64_t count, double radius,
                      wk_error *error)
{
    wk_star_places current = brightest(&m->current, count);
    wk_star_places reference = brightest(&m->reference, count);
    wk_status status = wk_star_pair_find(m->partner, bucket, &current, &reference, &m->transform,
                                         radius, m->context, error);
    if (status == WK_OK)
        wk_star_pair_gather(&m->pairs, m->partner, &current, &reference);
    return status;
}

static void fit(matching *m)
{
    wk_star_transform fitted;
    if (!wk_star_transform_clip(&fitted, &m->pairs, m->options->order, 0.01 * m->options->radius))
        m->transform = fitted;
}

/* Scatter of a coordinate of the pairs that the fit used. */
static double scatter_of(const wk_star_pairs *pairs)
{
    double sum = 0.0;
    int64_t used = 0;
    for (int64_t i = 0; i < pairs->count; i++) {
        if (!pairs->used[i])
            continue;
        sum += 0.5 * (double)pairs->residual[i] * (double)pairs->residual[i];
        used++;
    }
    return used > 0 ? sqrt(sum / (double)used) : 0.0;
}

/* One stage: so many of the brightest, some rounds; the radius follows what the fit leaves. */
static wk_status widen(matching *m, int64_t count, double *radius, wk_error *error)
{
    wk_star_places current = brightest(&m->current, count);
    wk_bucket *bucket = NULL;
    wk_status status = wk_bucket_create(&bucket, current.x, current.y, current.count, error);
    for (int round = 0; round < widenings && status == WK_OK; round++) {
        *radius = fmax(m->options->radius, fmin(*radius, uncrowded(m, count)));
        status = pair(m, bucket, count, *radius, error);
        if (status != WK_OK)
            break;
        fit(m);
        if (m->transform.order > 0 || m->options->order == 0)
            *radius = fmin(*radius, 6.0 * scatter_of(&m->pairs));
    }
    wk_bucket_free(bucket);
    return status;
}

static int same(const int64_t *a, const int64_t *b, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        if (a[i] != b[i])
            return 0;
    return 1;
}

/* All stars within the radius asked for, until the pairs stay the same. */
static wk_status finish(matching *m, int64_t count, wk_error *error)
{
    int64_t n = m->reference.count;
    wk_bucket *bucket = NULL;
    wk_status status =
        wk_bucket_create(&bucket, m->current.x, m->current.y, m->current.count, error);
    for (int64_t i = 0; i < n; i++)
        m->before[i] = -2;
    while (status == WK_OK && m->rounds < last_rounds) {
        status = pair(m, bucket, count, m->options->radius, error);
        m->rounds++;
        if (status != WK_OK || same(m->partner, m->before, n))
            break;
        for (int64_t i = 0; i < n; i++)
            m->before[i] = m->partner[i];
        fit(m);
    }
    wk_bucket_free(bucket);
    return status;
}

/* Whether the transform brings stars within the radius asked for already, with pairs enough that it
 * holds for those between. */
static int is_settled(const matching *m, double radius)
{
    return radius <= m->options->radius && m->transform.order == m->options->order &&
           m->pairs.count >= settled_pairs;
}

/* From the bright stars to all, twice as many each time: what brighter ones tell of the distortion
 * lets fainter ones be sought in a smaller radius, as their crowding demands. */
static wk_status match_all(matching *m, wk_error *error)
{
    int64_t most = m->current.count > m->reference.count ? m->current.count : m->reference.count;
    double radius = fmax(2.0 * m->guess.radius, 0.02 * m->reach);
    wk_status status = WK_OK;
    m->transform = m->guess.transform;
    for (int64_t count = m->options->brightest; status == WK_OK; count *= 2) {
        status = widen(m, count, &radius, error);
        if (count >= most || is_settled(m, radius))
            break;
    }
    return status == WK_OK ? finish(m, most, error) : status;
}

static wk_status guess(matching *m, wk_error *error)
{
    sample samples[2];
    double middle[2], room[most_bright];
    wk_star_places current = choose(&samples[0], &m->current, m->options);
    wk_star_places reference = choose(&samples[1], &m->reference, m->options);
    m->reach = wk_star_guess_reach(middle, &current, room);
    m->bright[0] = current.count;
    m->bright[1] = reference.count;
    wk_status status =
        wk_star_guess_find(&m->guess, &current, &reference, m->options->radius, error);
    if (status != WK_OK || m->guess.chance < log(CHANCE_MOST))
        return status;
    int64_t most = current.count < reference.count ? current.count : reference.count;
    return wk_error_set(error, WK_NO_CONVERGENCE, "stars",
                        "no similarity transform brings the stars together: the best guess agrees "
                        "for %lld of %lld bright stars",
                        (long long)m->guess.agreed, (long long)most);
}

typedef struct couple {
    int64_t current, reference;
} couple;

static int compare_couples(const void *left, const void *right)
{
    const couple *a = left, *b = right;
    return (a->current > b->current) - (a->current < b->current);
}

static wk_status list_pairs(wk_star_match *out, const matching *m, wk_error *error)
{
    size_t n = (size_t)m->pairs.count;
    couple *couples = wk_memory_raw(n, sizeof *couples, error);
    out->current = wk_memory_raw(n, sizeof *out->current, error);
    out->reference = wk_memory_raw(n, sizeof *out->reference, error);
    if (!couples || !out->current || !out->reference) {
        wk_memory_free(couples);
        return WK_MEMORY;
    }
    for (int64_t i = 0; i < m->reference.count; i++)
        if (m->partner[i] >= 0)
            couples[out->count++] = (couple){m->current.row[m->partner[i]], m->reference.row[i]};
    qsort(couples, n, sizeof *couples, compare_couples);
    for (int64_t i = 0; i < out->count; i++) {
        out->current[i] = couples[i].current;
        out->reference[i] = couples[i].reference;
    }
    wk_memory_free(couples);
    return WK_OK;
}

static void describe(wk_star_match *out, matching *m)
{
    out->rms = wk_star_transform_rms(&m->transform, &m->pairs);
    out->order = m->transform.order;
    for (int64_t i = 0; i < m->pairs.count; i++)
        m->pairs.used[i] = 1;
    wk_star_transform similarity;
    if (wk_star_transform_fit(&similarity, &m->pairs, 0))
        similarity = m->guess.transform;
    double a = similarity.c[0][0], b = similarity.c[0][1];
    out->scale = hypot(a, b);
    out->rotation = atan2(b, a) * DEGREE;
    wk_star_transform_apply(&similarity, 0.0, 0.0, out->shift);
    out->similarity_rms = wk_star_transform_rms(&similarity, &m->pairs);
    out->bright[0] = m->bright[0];
    out->bright[1] = m->bright[1];
    out->agreed = m->guess.agreed;
    out->chance = m->guess.chance / LOG_TEN;
    out->tried = m->guess.tried;
    out->rounds = m->rounds;
    out->skipped[0] = m->current.skipped;
    out->skipped[1] = m->reference.skipped;
}

static wk_status run(wk_star_match *out, matching *m, wk_error *error)
{
    wk_status status = guess(m, error);
    if (status != WK_OK)
        return status;
    size_t n = (size_t)m->reference.count;
    m->partner = wk_memory_raw(n, sizeof *m->partner, error);
    m->before = wk_memory_raw(n, sizeof *m->before, error);
    if (!m->partner || !m->before || wk_star_pairs_make(&m->pairs, (int64_t)n, error) != WK_OK)
        return WK_MEMORY;
    status = match_all(m, error);
    if (status == WK_OK && m->pairs.count < least_stars)
        status = wk_error_set(error, WK_NO_CONVERGENCE, "stars",
                              "only %lld stars are within %g px of each other after the best "
                              "transform",
                              (long long)m->pairs.count, m->options->radius);
    if (status == WK_OK)
        status = list_pairs(out, m, error);
    if (status == WK_OK)
        describe(out, m);
    return status;
}

static void release(matching *m)
{
    wk_memory_free(m->current.row);
    wk_memory_free(m->current.x);
    wk_memory_free(m->reference.row);
    wk_memory_free(m->reference.x);
    wk_memory_free(m->partner);
    wk_memory_free(m->before);
    wk_star_pairs_release(&m->pairs);
}

wk_status wk_stars_match(wk_star_match **out, const wk_star_list *current,
                         const wk_star_list *reference, const wk_star_match_options *options,
                         const wk_context *context, wk_error *error)
{
    *out = NULL;
    wk_star_match_options usual = wk_star_match_options_default();
    matching m = {.options = options ? options : &usual, .context = context};
    wk_status status = check(m.options, error);
    if (status != WK_OK)
        return status;
    wk_star_match *made = wk_memory_new(1, sizeof *made, error);
    status = made ? rank(&m.current, current, "current", error) : WK_MEMORY;
    if (status == WK_OK)
        status = rank(&m.reference, reference, "reference", error);
    if (status == WK_OK)
        status = run(made, &m, error);
    release(&m);
    if (status == WK_OK)
        *out = made;
    else
        wk_star_match_free(made);
    return status;
}

void wk_star_match_free(wk_star_match *match)
{
    if (!match)
        return;
    wk_memory_free(match->current);
    wk_memory_free(match->reference);
    wk_memory_free(match);
}
