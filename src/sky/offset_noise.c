#include "offset_noise.h"

#include <math.h>

#include "memory.h"

/* Stars that are needed, and looked at; rounds of the search, and values tried to both sides. */
enum { LEAST = 8, MOST = 1000, ROUNDS = 4, TRIES = 12, PARTS = 3 };

/* One star's leave-one-out residual: its square, and the factors of the star's, the rough field's
 * and the gradient's variance. */
typedef struct term {
    double square, part[PARTS];
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

static int64_t collect(term *terms, double *room, const double *residual, const wk_offset_shares *s,
                       int halves)
{
    const wk_offset_noise rough = {0, 1, 0, halves}, tilt = {0, 0, 1, halves};
    const int64_t step = 1 + s->count / MOST;
    int64_t made = 0;
    for (int64_t i = 0; i < s->count; i += step) {
        const int64_t first = s->starts[i], count = s->starts[i + 1] - first;
        const double *weight = s->weight + first;
        double *x = room, *y = room + count, squares = 0;
        if (count == 0 || isnan(residual[i]))
            continue;
        for (int64_t k = 0; k < count; k++) {
            x[k] = s->x[s->star[first + k]] - s->x[i];
            y[k] = s->y[s->star[first + k]] - s->y[i];
            squares += weight[k] * weight[k];
        }
        terms[made++] = (term){
            residual[i] * residual[i],
            {1 + squares, spread(&rough, x, y, weight, count), spread(&tilt, x, y, weight, count)}};
    }
    return made;
}

/* Minus twice the logarithm of the likelihood, up to a constant, of variances in these ratios; the
 * best scale comes with it.  A residual far outside counts as one of five sigma: a false match is
 * no noise. */
static double judge(double *scale, const term *terms, int64_t count, const double ratio[PARTS])
{
    double mean = 0, logs = 0, limit = INFINITY;
    for (int round = 0; round < 3; round++) {
        mean = logs = 0;
        for (int64_t i = 0; i < count; i++) {
            const double *part = terms[i].part;
            double sum = ratio[0] * part[0] + ratio[1] * part[1] + ratio[2] * part[2];
            double relative = terms[i].square / sum;
            mean += (relative < limit ? relative : limit) / (double)count;
            logs += log(sum);
        }
        limit = 25 * mean;
    }
    *scale = mean;
    return (double)count * log(mean) + logs;
}

/* Try one ratio at values around its own, and at 0; returns the best likelihood. */
static double improve(double ratio[PARTS], int k, double best, double step, const term *terms,
                      int64_t count)
{
    const double start = ratio[k];
    double found = start, scale;
    for (int i = -TRIES; i <= TRIES + 1; i++) {
        ratio[k] = i > TRIES ? 0 : start * pow(10, step * i);
        double value = judge(&scale, terms, count, ratio);
        if (value < best) {
            best = value;
            found = ratio[k];
        }
    }
    ratio[k] = found;
    return best;
}

/* The best ratios for one exponent, one after another with ever smaller steps. */
static double fit_ratios(wk_offset_noise *noise, const term *terms, int64_t count)
{
    double ratio[PARTS], scale;
    for (int k = 0; k < PARTS; k++) {
        double typical = 0;
        for (int64_t i = 0; i < count; i++)
            typical += terms[i].part[k] / (double)count;
        ratio[k] = typical > 0 ? 1 / typical : 0;
    }
    double best = judge(&scale, terms, count, ratio), step = 0.6;
    for (int round = 0; round < ROUNDS; round++, step *= 0.4)
        for (int k = PARTS - 1; k >= 0; k--)
            best = improve(ratio, k, best, step, terms, count);
    judge(&scale, terms, count, ratio);
    noise->star = ratio[0] * scale;
    noise->slope = ratio[1] * scale;
    noise->tilt = ratio[2] * scale;
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

/* The most likely of the exponents, the smoothest first. */
static void fit_terms(wk_offset_noise *noise, term *terms, double *room, const double *residual,
                      const wk_offset_shares *shares)
{
    double best = INFINITY;
    for (int halves = 3; halves >= 1; halves--) {
        wk_offset_noise tried = {0, 0, 0, halves};
        int64_t count = collect(terms, room, residual, shares, halves), different = 0;
        for (int64_t i = 0; i < count; i++)
            different += terms[i].square > 0;
        if (count < LEAST)
            return;
        if (different == 0) { /* a constant */
            *noise = tried;
            return;
        }
        double value = fit_ratios(&tried, terms, count);
        if (value < best) {
            best = value;
            *noise = tried;
        }
    }
}

wk_status wk_offset_noise_fit(wk_offset_noise *noise, const double *residual,
                              const wk_offset_shares *shares, wk_error *error)
{
    double *room = wk_memory_raw((size_t)most_shares(shares), 2 * sizeof *room, error);
    term *terms = wk_memory_raw((size_t)shares->count + 1, sizeof *terms, error);
    wk_status status = room && terms ? WK_OK : WK_MEMORY;
    *noise = (wk_offset_noise){NAN, NAN, NAN, 3};
    if (status == WK_OK)
        fit_terms(noise, terms, room, residual, shares);
    wk_memory_free(room);
    wk_memory_free(terms);
    return status;
}
