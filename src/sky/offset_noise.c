#include "offset_noise.h"

#include <math.h>

#include "memory.h"

/* Stars that are needed, and looked at; ratios that are tried, a factor of 10^0.25 apart. */
enum { LEAST = 8, MOST = 20000, STEPS = 61 };

/* One star's leave-one-out residual: its square, and the factors of its two variances. */
typedef struct term {
    double square, star, field;
} term;

static double spread(const wk_offset_noise *noise, const double *x, const double *y,
                     const double *weight, int64_t count)
{
    double sum = 0;
    for (int64_t k = 0; k < count; k++) {
        sum += 2 * weight[k] * wk_offset_noise_lag(noise, x[k] * x[k] + y[k] * y[k]);
        for (int64_t l = 0; l < k; l++) {
            double dx = x[k] - x[l], dy = y[k] - y[l];
            sum -= 2 * weight[k] * weight[l] * wk_offset_noise_lag(noise, dx * dx + dy * dy);
        }
    }
    return sum > 0 ? sum : 0;
}

double wk_offset_noise_variance(const wk_offset_noise *noise, const double *x, const double *y,
                                const double *weight, int64_t count)
{
    double squares = 0;
    for (int64_t k = 0; k < count; k++)
        squares += weight[k] * weight[k];
    return noise->star * squares + spread(noise, x, y, weight, count);
}

/* The factors for unit slope. */
static int64_t collect(term *terms, double *room, const double *residual, const wk_offset_shares *s,
                       const wk_offset_noise *unit)
{
    const int64_t step = 1 + s->count / MOST;
    int64_t made = 0;
    for (int64_t i = 0; i < s->count; i += step) {
        const int64_t first = s->starts[i], count = s->starts[i + 1] - first;
        double *x = room, *y = room + count, squares = 0;
        if (count == 0 || isnan(residual[i]))
            continue;
        for (int64_t k = 0; k < count; k++) {
            x[k] = s->x[s->star[first + k]] - s->x[i];
            y[k] = s->y[s->star[first + k]] - s->y[i];
            squares += s->weight[first + k] * s->weight[first + k];
        }
        terms[made++] = (term){residual[i] * residual[i], 1 + squares,
                               spread(unit, x, y, s->weight + first, count)};
    }
    return made;
}

/* Minus twice the logarithm of the likelihood, up to a constant, of variances in the ratio of
 * `star` parts to `field` parts; the best scale comes with it.  A residual far outside counts as
 * one of five sigma: a false match is no noise. */
static double judge(double *scale, const term *terms, int64_t count, double star, double field)
{
    double mean = 0, logs = 0, limit = INFINITY;
    for (int round = 0; round < 3; round++) {
        mean = logs = 0;
        for (int64_t i = 0; i < count; i++) {
            double part = star * terms[i].star + field * terms[i].field;
            double ratio = terms[i].square / part;
            mean += (ratio < limit ? ratio : limit) / (double)count;
            logs += log(part);
        }
        limit = 25 * mean;
    }
    *scale = mean;
    return (double)count * log(mean) + logs;
}

/* The best ratio for one exponent. */
static double fit_ratio(wk_offset_noise *noise, const term *terms, int64_t count)
{
    double best = INFINITY, typical = 0, scale;
    for (int64_t i = 0; i < count; i++)
        typical += terms[i].field / (double)count;
    if (!(typical > 0))
        typical = 1;
    for (int step = -1; step <= STEPS; step++) {
        double star = step < 0 ? 0 : 1;
        double field = step == STEPS ? 0 : step < 0 ? 1 : pow(10, 7.5 - 0.25 * step) / typical;
        double value = judge(&scale, terms, count, star, field);
        if (value < best) {
            best = value;
            noise->star = star * scale;
            noise->slope = field * scale;
        }
    }
    return best;
}

static int64_t most_shares(const wk_offset_shares *s)
{
    int64_t most = 1;
    for (int64_t i = 0; i < s->count; i++)
        if (s->starts[i + 1] - s->starts[i] > most)
            most = s->starts[i + 1] - s->starts[i];
    return most;
}

wk_status wk_offset_noise_fit(wk_offset_noise *noise, const double *residual,
                              const wk_offset_shares *shares, wk_error *error)
{
    double best = INFINITY,
           *room = wk_memory_raw((size_t)most_shares(shares), 2 * sizeof *room, error);
    term *terms = wk_memory_raw((size_t)shares->count + 1, sizeof *terms, error);
    *noise = (wk_offset_noise){NAN, NAN, 4};
    for (int halves = 4; halves >= 1 && room && terms; halves--) {
        wk_offset_noise tried = {0, 1, halves};
        int64_t count = collect(terms, room, residual, shares, &tried);
        int64_t different = 0;
        for (int64_t i = 0; i < count; i++)
            different += terms[i].square > 0;
        if (count < LEAST)
            break;
        if (different == 0) { /* a constant */
            *noise = (wk_offset_noise){0, 0, 4};
            break;
        }
        double value = fit_ratio(&tried, terms, count);
        if (value < best) {
            best = value;
            *noise = tried;
        }
    }
    wk_status status = room && terms ? WK_OK : WK_MEMORY;
    wk_memory_free(room);
    wk_memory_free(terms);
    return status;
}
