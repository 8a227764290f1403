#include "source.h"

#include <math.h>
#include <string.h>

#include "memory.h"
#include "moment.h"

enum { RADIUS_MOST = 64, PLANES = 5 };
#define SIGMA_OF_FWHM 0.42466090014400953

/* The weights of a Gaussian, cut off at three standard deviations, and their squares. */
typedef struct kernel {
    int radius;
    float weight[2 * RADIUS_MOST + 1], square[2 * RADIUS_MOST + 1];
} kernel;

static int kernel_radius(double fwhm)
{
    double radius = ceil(3.0 * SIGMA_OF_FWHM * fwhm);
    return radius > RADIUS_MOST ? RADIUS_MOST : (int)radius;
}

static void make_kernel(kernel *k, double fwhm)
{
    double sigma = SIGMA_OF_FWHM * fwhm;
    k->radius = kernel_radius(fwhm);
    for (int i = -k->radius; i <= k->radius; i++) {
        double weight = exp(-0.5 * i * i / (sigma * sigma));
        k->weight[i + k->radius] = (float)weight;
        k->square[i + k->radius] = (float)(weight * weight);
    }
}

int64_t wk_source_margin(const wk_background_options *options)
{
    return kernel_radius(options->source_fwhm) + options->source_grow;
}

void wk_source_scratch_release(wk_source_scratch *scratch)
{
    wk_memory_free(scratch->planes);
    *scratch = (wk_source_scratch){0};
}

/* out[i] = sum of weight * in[i + ...], in steps of stride; beyond the ends there is nothing. */
WK_INLINE void add_scaled(float *restrict out, const float *restrict in, float weight,
                          int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        out[i] += weight * in[i];
}

/* Along x: every row is shifted and added. */
WK_INLINE void smooth_row(float *restrict out, const float *restrict in, int64_t width,
                          const float *weights, int radius)
{
    memset(out, 0, (size_t)width * sizeof *out);
    for (int k = -radius; k <= radius; k++) {
        int64_t from = k < 0 ? -k : 0, to = k > 0 ? width - k : width;
        if (to > from)
            add_scaled(out + from, in + from + k, weights[k + radius], to - from);
    }
}

/* Along y: the rows around one, added. */
WK_INLINE void smooth_column(float *restrict out, const float *restrict rows, int64_t width,
                             int64_t height, int64_t y, const float *weights, int radius)
{
    memset(out, 0, (size_t)width * sizeof *out);
    for (int k = -radius; k <= radius; k++)
        if (y + k >= 0 && y + k < height)
            add_scaled(out, rows + (y + k) * width, weights[k + radius], width);
}

/* Pixels in units of the noise, and what they weigh. */
static void normalise(float *restrict signal, float *restrict weight, const uint8_t *restrict bad,
                      const float *restrict data, const float *restrict level,
                      const float *restrict rms, int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        int good = (bad[i] == 0) & (rms[i] > 0.0F);
        weight[i] = good ? 1.0F : 0.0F;
        signal[i] = good ? (data[i] - level[i]) / rms[i] : 0.0F;
    }
}

/* How far the nearest detected pixel of the same row is, at most reach + 1. */
static void row_distances(uint8_t *out, const uint8_t *detected, int64_t width, int reach)
{
    int far = reach + 1, distance = far;
    for (int64_t i = 0; i < width; i++) {
        distance = detected[i] ? 0 : distance < far ? distance + 1 : far;
        out[i] = (uint8_t)distance;
    }
    distance = far;
    for (int64_t i = width; i-- > 0;) {
        distance = detected[i] ? 0 : distance < far ? distance + 1 : far;
        out[i] = (uint8_t)(distance < out[i] ? distance : out[i]);
    }
}

/* Mark what lies within reach of a detected pixel. */
static void grow(uint8_t *bad, const uint8_t *distances, int64_t width, int64_t height, int reach,
                 uint8_t mark)
{
    for (int64_t y = 0; y < height; y++)
        for (int step = -reach; step <= reach; step++) {
            if (y + step < 0 || y + step >= height)
                continue;
            const uint8_t *row = distances + (y + step) * width;
            uint8_t within = (uint8_t)sqrt((double)(reach * reach - step * step));
            for (int64_t i = 0; i < width; i++)
                bad[y * width + i] = (uint8_t)(bad[y * width + i] | (row[i] <= within ? mark : 0));
        }
}

/* What is smoothed along x, then row by row along y and held against the noise. */
typedef struct planes {
    float *signal, *weight, *sum, *square, *line;
    uint8_t *detected;
} planes;

WK_INLINE void smooth_body(planes *p, int64_t width, int64_t height, const kernel *k, float limit)
{
    for (int64_t y = 0; y < height; y++) {
        smooth_row(p->sum + y * width, p->signal + y * width, width, k->weight, k->radius);
        smooth_row(p->square + y * width, p->weight + y * width, width, k->square, k->radius);
    }
    float *noise = p->line + width;
    for (int64_t y = 0; y < height; y++) {
        smooth_column(p->line, p->sum, width, height, y, k->weight, k->radius);
        smooth_column(noise, p->square, width, height, y, k->square, k->radius);
        for (int64_t i = 0; i < width; i++)
            p->detected[y * width + i] =
                (p->line[i] > 0.0F) & (p->line[i] * p->line[i] > limit * limit * noise[i]);
    }
}

WK_WIDE static void smooth_wide(planes *p, int64_t width, int64_t height, const kernel *k,
                                float limit)
{
    smooth_body(p, width, height, k, limit);
}

wk_status wk_source_mark(uint8_t *bad, const float *data, const float *level, const float *rms,
                         int64_t width, int64_t height, const wk_background_options *options,
                         uint8_t mark, wk_source_scratch *scratch, wk_error *error)
{
    size_t pixels = (size_t)(width * height);
    kernel k;
    make_kernel(&k, options->source_fwhm);
    wk_status status = wk_memory_reserve((void **)&scratch->planes, &scratch->room,
                                         PLANES * pixels + 2 * (size_t)width, sizeof(float), error);
    if (status != WK_OK)
        return status;
    float *at = scratch->planes;
    planes p = {at, at + pixels, at + 2 * pixels, at + 3 * pixels, at + PLANES * pixels, NULL};
    p.detected = (uint8_t *)(at + 4 * pixels);
    uint8_t *distances = p.detected + pixels;
    normalise(p.signal, p.weight, bad, data, level, rms, width * height);
    if (wk_wide_usable())
        smooth_wide(&p, width, height, &k, (float)options->source_sigma);
    else
        smooth_body(&p, width, height, &k, (float)options->source_sigma);
    for (int64_t y = 0; y < height; y++)
        row_distances(distances + y * width, p.detected + y * width, width, options->source_grow);
    uint8_t *grown = distances + pixels;
    memset(grown, 0, pixels);
    grow(grown, distances, width, height, options->source_grow, mark);
    for (size_t i = 0; i < pixels; i++)
        bad[i] = (uint8_t)(bad[i] == 0 ? grown[i] : bad[i]);
    return WK_OK;
}
