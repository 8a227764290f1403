#include "solve_component.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "memory.h"
#include "solve_factor.h"
#include "solve_inverse.h"
#include "status.h"

enum { REFINEMENTS = 8 };

/* Vectors over the nodes, the ground last. */
typedef struct wk_vectors {
    double *step, *low, *work, *other;
} wk_vectors;

static wk_status make_vectors(wk_vectors *vectors, int64_t nodes, wk_error *error)
{
    size_t n = (size_t)nodes;
    double *block = wk_memory_new(4 * n, sizeof *block, error);
    if (!block)
        return WK_MEMORY;
    vectors->step = block;
    vectors->low = block + n;
    vectors->work = block + 2 * n;
    vectors->other = block + 3 * n;
    return WK_OK;
}

static int noise_known(const wk_component *component)
{
    for (int64_t e = 0; e < component->count; e++) {
        if (!isfinite(component->edges[e].error))
            return 0;
    }
    for (int64_t i = 0; i < component->share_count; i++) {
        if (!isfinite(component->shares[i].coefficient))
            return 0;
    }
    return 1;
}

static wk_status make_links(wk_link_list *list, const wk_component *component, int noise,
                            wk_error *error)
{
    list->room = component->count;
    list->links = wk_memory_raw((size_t)list->room, sizeof *list->links, error);
    if (!list->links)
        return WK_MEMORY;
    for (int64_t e = 0; e < component->count; e++) {
        const wk_edge *edge = &component->edges[e];
        double scatter = noise ? edge->weight * edge->error : 0;
        list->links[list->count++] = (wk_link){edge->a, edge->b, edge->weight, scatter * scatter};
    }
    if (!noise)
        return WK_OK;
    return wk_noise_links(list, component->edges, component->shares, component->share_count,
                          component->nodes, error);
}

static wk_status make_network(wk_network *network, const wk_component *component, int noise,
                              wk_error *error)
{
    wk_link_list list = {0};
    wk_status status = make_links(&list, component, noise, error);
    if (!status)
        status = wk_network_fill(network, component->nodes - 1, list.links, list.count, error);
    wk_memory_free(list.links);
    return status;
}

/* high + low += value without loss (Knuth's sum). */
static void add_exactly(double *high, double *low, double value)
{
    double sum = *high + value, back = sum - *high;
    *low += (*high - (sum - back)) + (value - back);
    *high = sum;
}

/* Right-hand side for what x leaves of the edges' values.  An edge gives the same number to both of
 * its ends and nothing is lost in adding: strong edges inside a cluster then cancel exactly in the
 * equation that a weak edge to the next cluster decides. */
static void set_residual(const wk_vectors *vectors, const wk_component *component, const double *x)
{
    double *high = vectors->step, *low = vectors->low;
    memset(high, 0, (size_t)component->nodes * sizeof *high);
    memset(low, 0, (size_t)component->nodes * sizeof *low);
    for (int64_t e = 0; e < component->count; e++) {
        const wk_edge *edge = &component->edges[e];
        double pull = edge->weight * (edge->value - (x[edge->a] - x[edge->b]));
        add_exactly(&high[edge->a], &low[edge->a], pull);
        add_exactly(&high[edge->b], &low[edge->b], -pull);
    }
    for (int64_t i = 0; i < component->nodes; i++)
        high[i] += low[i];
}

static double largest(const double *values, int64_t count)
{
    double most = 0;
    for (int64_t i = 0; i < count; i++) {
        if (!(fabs(values[i]) <= most))
            most = fabs(values[i]);
    }
    return most;
}

/* Refine until the steps are roundings or shrink no more; a last step above 1e-9 of the levels
 * says that they are not to be trusted. */
static wk_status find_levels(double *x, const wk_component *component, const wk_factor *factor,
                             const wk_vectors *vectors, wk_error *error)
{
    int64_t nodes = component->nodes;
    double before = (double)INFINITY, scale = 0, size = 0;
    memset(x, 0, (size_t)nodes * sizeof *x);
    for (int pass = 0; pass < REFINEMENTS; pass++) {
        set_residual(vectors, component, x);
        wk_factor_solve(vectors->step, factor, vectors->work);
        size = largest(vectors->step, nodes - 1);
        if (!isfinite(size) || size >= before)
            break;
        for (int64_t i = 0; i < nodes - 1; i++)
            x[i] += vectors->step[i];
        scale = fmax(scale, size);
        if (size <= 4 * DBL_EPSILON * scale)
            break;
        before = size;
    }
    if (!isfinite(size) || size > 1e-9 * scale)
        return wk_error_set(error, WK_NO_CONVERGENCE, "",
                            "the levels of %" PRId64 " connected items still move by %g of %g",
                            nodes, size, scale);
    return WK_OK;
}

static double sum_of(const double *values, int64_t count)
{
    double sum = 0;
    for (int64_t i = 0; i < count; i++)
        sum += values[i];
    return sum;
}

static void subtract_mean(double *x, int64_t count)
{
    double mean = sum_of(x, count) / (double)count;
    for (int64_t i = 0; i < count; i++)
        x[i] -= mean;
}

/* Errors about the mean from C = G M G, G the inverse with the ground at 0: the mean's own error
 * and its covariance with each level come from u = G 1. */
static wk_status find_errors(double *errors, const wk_component *component,
                             const wk_network *network, const wk_factor *factor,
                             const wk_vectors *vectors, wk_error *error)
{
    int64_t n = factor->nodes;
    double *mean = vectors->step, *shared = vectors->low, count = (double)component->nodes;
    wk_status status = wk_factor_inverse(vectors->other, errors, factor, error);
    if (status)
        return status;
    for (int64_t i = 0; i < n; i++)
        mean[i] = 1 / count;
    wk_factor_solve(mean, factor, vectors->work);
    wk_network_noise(shared, network, mean);
    double own = 0;
    for (int64_t i = 0; i < n; i++)
        own += mean[i] * shared[i];
    wk_factor_solve(shared, factor, vectors->work);
    errors[n] = shared[n] = 0;
    for (int64_t i = 0; i <= n; i++) {
        double variance = errors[i] - 2 * shared[i] + own;
        errors[i] = sqrt(variance < 0 ? 0 : variance);
    }
    return WK_OK;
}

static wk_status solve_with(double *levels, double *errors, const wk_component *component,
                            wk_network *network, wk_factor *factor, const wk_vectors *vectors,
                            wk_error *error)
{
    wk_status status = make_network(network, component, errors != NULL, error);
    if (!status)
        status = wk_factor_fill(factor, network, errors != NULL, error);
    if (!status)
        status = find_levels(levels, component, factor, vectors, error);
    if (!status && errors)
        status = find_errors(errors, component, network, factor, vectors, error);
    if (!status)
        subtract_mean(levels, component->nodes);
    return status;
}

wk_status wk_component_solve(double *levels, double *errors, const wk_component *component,
                             wk_error *error)
{
    wk_network network = {0};
    wk_factor factor = {0};
    wk_vectors vectors = {0};
    int known = noise_known(component);
    for (int64_t i = 0; errors && i < component->nodes; i++)
        errors[i] = (double)NAN;
    wk_status status = make_vectors(&vectors, component->nodes, error);
    if (!status)
        status = solve_with(levels, known ? errors : NULL, component, &network, &factor, &vectors,
                            error);
    wk_memory_free(vectors.step);
    wk_factor_clear(&factor);
    wk_network_clear(&network);
    return status;
}
