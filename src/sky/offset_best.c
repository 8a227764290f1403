#include <math.h>

#include "log.h"
#include "memory.h"
#include "offset.h"
#include "status.h"

/* What is tried, simplest first where parameters are equal in number. */
static const struct {
    wk_offset_model model;
    int order, fade;
} candidates[] = {{WK_OFFSET_POLYNOMIAL, 1, 0}, {WK_OFFSET_POLYNOMIAL, 2, 0},
                  {WK_OFFSET_POLYNOMIAL, 3, 0}, {WK_OFFSET_POLYNOMIAL, 4, 0},
                  {WK_OFFSET_POLYNOMIAL, 5, 0}, {WK_OFFSET_SPLINE, 0, 0},
                  {WK_OFFSET_NEAREST, 0, 1},    {WK_OFFSET_NEAREST, 0, 0}};
enum { CANDIDATES = sizeof candidates / sizeof candidates[0] };

typedef struct contest {
    wk_offset *offsets[CANDIDATES]; /* NULL: cannot be fitted */
    wk_offset_trial trials[CANDIDATES];
    unsigned char *shared; /* [stars] nonzero: every model predicts them, and no clipping of all
                              polynomials throws them out */
    int64_t stars;
} contest;

static wk_status try_one(contest *c, int k, const wk_offset_stars *stars, int64_t width,
                         int64_t height, wk_offset_options options, const wk_context *context,
                         wk_error *error)
{
    options.model = candidates[k].model;
    options.order = candidates[k].order;
    options.smooth = candidates[k].fade ? 0 : (double)NAN;
    options.power = NAN;
    options.quadrants = WK_OFFSET_HALF_OPEN;
    c->trials[k] = (wk_offset_trial){.model = options.model,
                                     .order = options.order,
                                     .smooth = candidates[k].fade,
                                     .left_out = {NAN, NAN},
                                     .parameters = NAN};
    wk_error reason;
    wk_status status =
        wk_offset_fit(&c->offsets[k], stars, width, height, &options, context, &reason);
    if (status == WK_NO_DATA) {
        wk_log(context, WK_LOG_DEBUG, "polynomial or spline left out: %s", reason.message);
        return WK_OK;
    }
    if (status != WK_OK && error)
        *error = reason;
    c->trials[k].fitted = status == WK_OK;
    return status;
}

static int predicts(const wk_offset *offset, int64_t star)
{
    return isfinite(offset->residual[0][star]) && isfinite(offset->residual[1][star]);
}

/* As many stars as a polynomial has terms: it needs each of them and predicts none. */
static int competes(const contest *c, int k)
{
    for (int64_t i = 0; c->offsets[k] && i < c->stars; i++)
        if (predicts(c->offsets[k], i))
            return 1;
    return 0;
}

static void find_shared(contest *c)
{
    int in[CANDIDATES];
    for (int k = 0; k < CANDIDATES; k++)
        in[k] = competes(c, k);
    for (int64_t i = 0; i < c->stars; i++) {
        int clipped = 1, polynomials = 0;
        c->shared[i] = 1;
        for (int k = 0; k < CANDIDATES; k++) {
            const wk_offset *offset = c->offsets[k];
            if (in[k] && !predicts(offset, i))
                c->shared[i] = 0;
            if (!in[k] || candidates[k].model != WK_OFFSET_POLYNOMIAL)
                continue;
            polynomials++;
            clipped = clipped && !offset->used[i];
        }
        if (polynomials > 0 && clipped)
            c->shared[i] = 0;
    }
}

/* Squared leave-one-out residual of a star. */
static double square(const wk_offset *offset, int64_t star)
{
    double x = offset->residual[0][star], y = offset->residual[1][star];
    return x * x + y * y;
}

static void rate(contest *c, int k)
{
    wk_offset_trial *trial = &c->trials[k];
    const wk_offset *offset = c->offsets[k];
    double sum[2] = {0, 0};
    int64_t count = 0;
    for (int64_t i = 0; i < c->stars; i++) {
        if (!c->shared[i])
            continue;
        for (int axis = 0; axis < 2; axis++)
            sum[axis] += offset->residual[axis][i] * offset->residual[axis][i];
        count++;
    }
    for (int axis = 0; axis < 2; axis++)
        trial->left_out[axis] = count > 0 ? sqrt(sum[axis] / (double)count) : (double)NAN;
    trial->parameters = offset->facts.parameters;
}

static double total(const contest *c, int k)
{
    const double *rms = c->trials[k].left_out;
    return rms[0] * rms[0] + rms[1] * rms[1];
}

/* Whether model k predicts worse than the best one by more than two standard errors of the
 * difference, star by star.  Below 1e-9 pixels all are rounding. */
static int is_worse(const contest *c, int k, int best)
{
    double mean = 0, scatter = 0;
    int64_t count = 0;
    for (int64_t i = 0; i < c->stars; i++)
        if (c->shared[i]) {
            mean += square(c->offsets[k], i) - square(c->offsets[best], i);
            count++;
        }
    mean /= (double)count;
    for (int64_t i = 0; i < c->stars; i++)
        if (c->shared[i]) {
            double off = square(c->offsets[k], i) - square(c->offsets[best], i) - mean;
            scatter += off * off;
        }
    double error = count > 1 ? sqrt(scatter / (double)(count - 1) / (double)count) : 0;
    return mean > 2 * error && total(c, k) > 1e-18;
}

/* The simplest of those that predict as well as the best; half a parameter is no difference, then
 * the first of the candidates is simpler. */
static int choose(const contest *c)
{
    int best = -1, chosen = -1;
    for (int k = 0; k < CANDIDATES; k++)
        if (c->offsets[k] && isfinite(total(c, k)) && (best < 0 || total(c, k) < total(c, best)))
            best = k;
    for (int k = 0; k < CANDIDATES && best >= 0; k++)
        if (c->offsets[k] && isfinite(total(c, k)) && !is_worse(c, k, best) &&
            (chosen < 0 || c->trials[k].parameters < c->trials[chosen].parameters - 0.5))
            chosen = k;
    return chosen;
}

/* All trials, the chosen one first, then by how well they predict; what could not be fitted last.
 */
static wk_status keep_trials(wk_offset *offset, contest *c, int chosen, wk_error *error)
{
    offset->trials = wk_memory_new(CANDIDATES, sizeof *offset->trials, error);
    if (!offset->trials)
        return WK_MEMORY;
    offset->trials[0] = c->trials[chosen];
    size_t made = 1;
    for (int k = 0; k < CANDIDATES; k++) {
        if (k == chosen)
            continue;
        double value = total(c, k);
        size_t at = made++;
        for (; at > 1; at--) {
            const wk_offset_trial *before = &offset->trials[at - 1];
            double other = before->left_out[0] * before->left_out[0] +
                           before->left_out[1] * before->left_out[1];
            if (!(value < other) && !(isfinite(value) && !isfinite(other)))
                break;
            offset->trials[at] = *before;
        }
        offset->trials[at] = c->trials[k];
    }
    offset->facts.trials = offset->trials;
    offset->facts.trial_count = made;
    return WK_OK;
}

static wk_status hold_contest(wk_offset **out, contest *c, wk_error *error)
{
    find_shared(c);
    for (int k = 0; k < CANDIDATES; k++)
        if (c->offsets[k])
            rate(c, k);
    int chosen = choose(c);
    if (chosen < 0) /* too few stars to leave one out */
        chosen = CANDIDATES - 1;
    wk_offset *offset = c->offsets[chosen];
    c->offsets[chosen] = NULL;
    wk_memory_free(offset->trials);
    wk_status status = keep_trials(offset, c, chosen, error);
    if (status == WK_OK)
        *out = offset;
    else
        wk_offset_free(offset);
    return status;
}

wk_status wk_offset_fit_best(wk_offset **out, const wk_offset_stars *stars, int64_t width,
                             int64_t height, const wk_offset_options *options,
                             const wk_context *context, wk_error *error)
{
    contest c = {.shared = NULL};
    wk_offset *probe;
    *out = NULL;
    wk_status status = wk_offset_prepare(&probe, stars, width, height, options, error);
    if (status != WK_OK)
        return status;
    c.stars = probe->points.count;
    wk_offset_free(probe);
    c.shared = wk_memory_new((size_t)c.stars + 1, 1, error);
    status = c.shared ? WK_OK : WK_MEMORY;
    for (int k = 0; k < CANDIDATES && status == WK_OK; k++)
        status = try_one(&c, k, stars, width, height, *options, context, error);
    if (status == WK_OK && c.stars == 0)
        status = wk_offset_fit(out, stars, width, height, NULL, context, error);
    else if (status == WK_OK)
        status = hold_contest(out, &c, error);
    for (int k = 0; k < CANDIDATES; k++)
        wk_offset_free(c.offsets[k]);
    wk_memory_free(c.shared);
    return status;
}
