/* Which combinations of levels the cells bind weakly.
 *
 * The eigenvectors with the largest eigenvalues of the covariance of the levels at the exposures'
 * centres, found by subspace iteration: a block of vectors is put through the covariance (levels
 * to equations, solve, levels again) and made orthonormal, component by component, until the
 * eigenvalues rest.  All components go through one solution together.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cells.h"
#include "eigen.h"
#include "linear.h"
#include "memory.h"
#include "polygon.h"

enum {
    spare = 4, /* vectors beyond those wanted: they speed the others up */
    widest = 16 + spare,
    most_rounds = 200
};

static const double enough = 1e-3; /* change of an eigenvalue in the last round */

typedef struct hunt {
    const wk_sky_cells *cells;
    const wk_sky_cell_fit *fit;
    const wk_solution *solution;
    int64_t count;      /* members whose level is bound, in components of three or more */
    int64_t *member;    /* [count], those of a component together, ascending */
    int64_t *start;     /* [components + 1] into member; in the solution's numbers */
    int64_t components; /* with any members or not */
    double (*terms)[wk_blocks_largest]; /* [count] of the background at the exposure's centre */
    int64_t width;                      /* vectors */
    double *vectors, *images;           /* [width][count] */
    double *values;                     /* [components][width] eigenvalues, the largest first */
    double *node;                       /* [nodes][size] work */
    double *room;                       /* [width] work */
} hunt;

static int is_bound(const hunt *all, size_t member)
{
    const wk_sky_cell_model *model = &all->fit->model;
    const wk_member *own = &all->cells->overlaps->members[member];
    return own->input < all->solution->fields && model->terms[model->node[member]] > 0 &&
           isfinite(all->solution->levels[own->input].error);
}

/* A reference that nothing reaches belongs nowhere: the first one does no harm. */
static size_t component_of(const hunt *all, size_t member)
{
    const wk_solution *solution = all->solution;
    size_t input = all->cells->overlaps->members[member].input;
    if (input < solution->fields)
        return solution->levels[input].component;
    return solution->reference_component > 0 ? (size_t)solution->reference_component : 0;
}

/* Members by component: counted, then placed.  Components of less than three have none. */
static wk_status list_members(hunt *all, wk_error *error)
{
    size_t members = all->cells->overlaps->count;
    int64_t *left = wk_memory_new((size_t)all->components, sizeof *left, error);
    if (!left)
        return WK_MEMORY;
    for (size_t i = 0; i < members; i++)
        left[component_of(all, i)] += is_bound(all, i);
    for (int64_t c = 0; c < all->components; c++) {
        left[c] = left[c] < 3 ? 0 : left[c];
        all->start[c + 1] = all->start[c] + left[c];
    }
    all->count = all->start[all->components];
    for (size_t i = 0; i < members; i++) {
        size_t c = component_of(all, i);
        if (is_bound(all, i) && left[c] > 0)
            all->member[all->start[c + 1] - left[c]--] = (int64_t)i;
    }
    wk_memory_free(left);
    return WK_OK;
}

static wk_status reserve(hunt *all, wk_error *error)
{
    const wk_sky_cell_model *model = &all->fit->model;
    size_t members = all->cells->overlaps->count, components = (size_t)all->components;
    size_t width = (size_t)all->width;
    all->member = wk_memory_new(members, sizeof *all->member, error);
    all->start = wk_memory_new(components + 1, sizeof *all->start, error);
    all->terms = wk_memory_new(members, sizeof *all->terms, error);
    all->values = wk_memory_new(components * width, sizeof *all->values, error);
    all->node = wk_memory_new((size_t)(model->nodes * model->size), sizeof *all->node, error);
    all->room = wk_memory_new(width, sizeof *all->room, error);
    if (!all->member || !all->start || !all->terms || !all->values || !all->node || !all->room)
        return WK_MEMORY;
    wk_status status = list_members(all, error);
    if (status < 0)
        return status;
    all->vectors = wk_memory_new(width * (size_t)all->count, sizeof *all->vectors, error);
    all->images = wk_memory_new(width * (size_t)all->count, sizeof *all->images, error);
    if (!all->vectors || !all->images)
        return WK_MEMORY;
    for (int64_t i = 0; i < all->count; i++) {
        wk_sky_cell_value centre = {.member = (int32_t)all->member[i]};
        wk_sky_cell_terms(all->terms[i], model, &centre);
    }
    return WK_OK;
}

static void release(hunt *all)
{
    wk_memory_free(all->member);
    wk_memory_free(all->start);
    wk_memory_free(all->terms);
    wk_memory_free(all->vectors);
    wk_memory_free(all->images);
    wk_memory_free(all->values);
    wk_memory_free(all->node);
    wk_memory_free(all->room);
}

/* Between -0.5 and 0.5, without a pattern. */
static double scattered(uint64_t i)
{
    uint64_t z = (i + 1) * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53 - 0.5;
}

/* The image of a vector of levels under their covariance. */
static void apply(hunt *all, int64_t k)
{
    const wk_sky_cell_model *model = &all->fit->model;
    const double *in = all->vectors + k * all->count;
    double *out = all->images + k * all->count;
    int64_t size = model->size;
    memset(all->node, 0, (size_t)(model->nodes * size) * sizeof *all->node);
    for (int64_t i = 0; i < all->count; i++)
        for (int64_t t = 0; t < size; t++)
            all->node[model->node[all->member[i]] * size + t] += in[i] * all->terms[i][t];
    wk_sky_cell_gauge_solve(all->node, &all->fit->gauge);
    for (int64_t i = 0; i < all->count; i++) {
        out[i] = 0.0;
        for (int64_t t = 0; t < size; t++)
            out[i] += all->terms[i][t] * all->node[model->node[all->member[i]] * size + t];
    }
}

static double dot(const double *a, const double *b, int64_t n)
{
    double sum = 0.0;
    for (int64_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* Gram and Schmidt, twice for the digits; a vector that depends on those before becomes zero. */
static void make_orthonormal(hunt *all, int64_t component)
{
    int64_t from = all->start[component], n = all->start[component + 1] - from;
    for (int64_t k = 0; k < all->width; k++) {
        double *own = all->vectors + k * all->count + from;
        double before = sqrt(dot(own, own, n));
        for (int64_t j = 0; j < 2 * k; j++) {
            const double *other = all->vectors + j % k * all->count + from;
            double along = dot(own, other, n);
            for (int64_t i = 0; i < n; i++)
                own[i] -= along * other[i];
        }
        double length = sqrt(dot(own, own, n));
        double factor = length > 1e-10 * before ? 1.0 / length : 0.0;
        for (int64_t i = 0; i < n; i++)
            own[i] *= factor;
    }
}

/* Rayleigh and Ritz: eigenvalues within the block, and images combined to its eigenvectors, which
 * become the next vectors.  change: at least the relative change of the wanted eigenvalues. */
static wk_status rotate(double *change, hunt *all, int64_t component, int wanted, wk_error *error)
{
    int64_t from = all->start[component], n = all->start[component + 1] - from;
    int64_t width = all->width;
    double matrix[widest * widest] = {0.0}, values[widest], turn[widest * widest];
    double *kept = all->values + component * width;
    if (n == 0)
        return WK_OK;
    for (int64_t a = 0; a < width; a++)
        for (int64_t b = 0; b < width; b++)
            matrix[a * width + b] =
                dot(all->vectors + a * all->count + from, all->images + b * all->count + from, n);
    wk_status status = wk_eigen_symmetric(values, turn, matrix, width, error);
    if (status < 0)
        return status;
    for (int64_t k = 0; k < width; k++) {
        double value = fmax(values[width - 1 - k], 0.0);
        if (k < wanted && value > 1e-9 * fmax(values[width - 1], 0.0))
            *change = fmax(*change, fabs(value - kept[k]) / value);
        kept[k] = value;
    }
    for (int64_t i = from; i < from + n; i++) {
        for (int64_t k = 0; k < width; k++) {
            all->room[k] = 0.0;
            for (int64_t j = 0; j < width; j++)
                all->room[k] += turn[(width - 1 - k) * width + j] * all->images[j * all->count + i];
        }
        for (int64_t k = 0; k < width; k++)
            all->vectors[k * all->count + i] = all->room[k];
    }
    return WK_OK;
}

static wk_status iterate(hunt *all, int wanted, wk_error *error)
{
    wk_status status = WK_OK;
    double change = 1.0;
    for (int64_t k = 0; k < all->width; k++)
        for (int64_t i = 0; i < all->count; i++)
            all->vectors[k * all->count + i] = scattered((uint64_t)(i * widest + k));
    for (int round = 0; round < most_rounds && change > enough && status == WK_OK; round++) {
        change = 0.0;
        for (int64_t c = 0; c < all->components; c++)
            make_orthonormal(all, c);
        for (int64_t k = 0; k < all->width; k++)
            apply(all, k);
        for (int64_t c = 0; c < all->components && status == WK_OK; c++)
            status = rotate(&change, all, c, wanted, error);
    }
    for (int64_t c = 0; c < all->components; c++)
        make_orthonormal(all, c);
    return status;
}

/* Powers of the place on the sky, about the middle of the component. */
static void find_powers(double powers[wk_blocks_largest], const wk_sky_cell_frame *frame,
                        const wk_footprint *footprint)
{
    wk_sky_cell_powers(powers, wk_vector_dot(footprint->centre, frame->east) / frame->radius,
                       wk_vector_dot(footprint->centre, frame->north) / frame->radius);
}

/* The part of a pattern of length 1 that a polynomial of so many terms explains.  What the places
 * do not tell apart is held by a trace of a ridge. */
static double explain(const hunt *all, int64_t component, const double *pattern, int64_t terms,
                      const wk_sky_cell_frame *frame)
{
    int64_t from = all->start[component], n = all->start[component + 1] - from;
    double normal[wk_blocks_largest * wk_blocks_largest] = {0.0}, right[wk_blocks_largest] = {0.0};
    double sums[wk_blocks_largest], part = 0.0;
    for (int64_t i = 0; i < n; i++) {
        double powers[wk_blocks_largest];
        find_powers(powers, frame, &all->cells->overlaps->members[all->member[from + i]].footprint);
        for (int64_t a = 0; a < terms; a++) {
            right[a] += powers[a] * pattern[i];
            for (int64_t b = 0; b < terms; b++)
                normal[a * terms + b] += powers[a] * powers[b];
        }
    }
    for (int64_t a = 0; a < terms; a++)
        normal[a * terms + a] += 1e-9 * (double)n;
    memcpy(sums, right, sizeof sums);
    if (!wk_linear_solve(right, 1, normal, terms))
        return (double)NAN;
    for (int64_t a = 0; a < terms; a++)
        part += right[a] * sums[a];
    return fmin(fmax(part, 0.0), 1.0);
}

/* A mode as the report has it: beside the component's fields, largest value positive. */
static wk_status give_mode(wk_sky_report *report, const hunt *all, int64_t c, int64_t k,
                           const wk_sky_cell_frame *frame, wk_error *error)
{
    int64_t from = all->start[c], n = all->start[c + 1] - from, largest = 0;
    const double *own = all->vectors + k * all->count + from;
    const wk_sky_component *component = &report->components[c];
    wk_sky_weak_mode *mode = &report->weak_modes[report->weak_mode_count];
    mode->pattern = wk_memory_new(component->count, sizeof *mode->pattern, error);
    if (!mode->pattern)
        return WK_MEMORY;
    report->weak_mode_count++;
    mode->component = (size_t)c;
    mode->error = sqrt(all->values[c * all->width + k] * all->fit->model.inflation / (double)n);
    mode->plane = explain(all, c, own, 3, frame);
    mode->quadratic = explain(all, c, own, 6, frame);
    for (int64_t i = 1; i < n; i++)
        largest = fabs(own[i]) > fabs(own[largest]) * (1.0 + 1e-6) ? i : largest;
    double factor = copysign(sqrt((double)n), own[largest]);
    for (size_t i = 0; i < component->count; i++)
        mode->pattern[i] = (double)NAN;
    for (int64_t i = 0; i < n; i++) {
        size_t input = all->cells->overlaps->members[all->member[from + i]].input, low = 0;
        for (size_t high = component->count; high - low > 1;) {
            size_t middle = low + (high - low) / 2;
            if (component->fields[middle] <= input)
                low = middle;
            else
                high = middle;
        }
        mode->pattern[low] = factor * own[i];
    }
    return WK_OK;
}

static wk_status give_modes(wk_sky_report *report, hunt *all, int wanted, wk_error *error)
{
    const wk_overlaps *overlaps = all->cells->overlaps;
    size_t components = (size_t)all->components;
    wk_sky_cell_frame *frames = wk_memory_new(components, sizeof *frames, error);
    int64_t *frame_of = wk_memory_new(overlaps->count, sizeof *frame_of, error);
    report->weak_modes =
        wk_memory_new(components * (size_t)wanted, sizeof *report->weak_modes, error);
    wk_status status = frames && frame_of && report->weak_modes ? WK_OK : WK_MEMORY;
    for (size_t i = 0; i < overlaps->count && status == WK_OK; i++)
        frame_of[i] = (int64_t)component_of(all, i);
    if (status == WK_OK)
        wk_sky_cell_frames_fill(frames, all->components, overlaps, frame_of);
    for (int64_t c = 0; c < all->components && status == WK_OK; c++)
        for (int64_t k = 0; k < wanted && status == WK_OK; k++) {
            const double *values = all->values + c * all->width;
            if (all->start[c + 1] > all->start[c] && values[k] > 1e-9 * values[0])
                status = give_mode(report, all, c, k, &frames[c], error);
        }
    wk_memory_free(frames);
    wk_memory_free(frame_of);
    return status;
}

wk_status wk_sky_report_fill_weak(wk_sky_report *report, const wk_sky_cells *cells,
                                  const wk_solution *solution, int wanted, wk_error *error)
{
    hunt all = {.cells = cells,
                .fit = cells->fit,
                .solution = solution,
                .components = (int64_t)solution->components,
                .width = wanted + spare};
    wk_status status = reserve(&all, error);
    if (status == WK_OK && all.count > 0)
        status = iterate(&all, wanted, error);
    if (status == WK_OK)
        status = give_modes(report, &all, wanted, error);
    report->weak_known = status == WK_OK;
    release(&all);
    return status;
}
