#include "variance_stream.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "memory.h"
#include "moment.h"
#include "parallel.h"
#include "random.h"
#include "status.h"

/* STRIP: pixels that are read at once; BLOCK: of these are handed over, from the nearest cache.
 * SAMPLE_ROWS: one row in so many is sampled, within the limits. */
enum { STRIP = 1 << 16, BLOCK = 4096 };
enum { SAMPLE_ROWS = 32, SAMPLE_ROWS_LEAST = 64, SAMPLE_ROWS_MOST = 256 };

/* What one worker reads into. */
typedef struct buffers {
    float *data, *variance;
    float *level; /* the background; then the ratio of residual and noise */
    uint8_t *bad;
} buffers;

struct wk_variance_stream {
    wk_rows rows;
    const wk_background *background;
    wk_rect region;
    wk_context context;
    int64_t height, strips; /* rows in a strip */
    int workers;
    buffers *buffers; /* [workers] */
};

static wk_status check_region(const wk_rows *rows, const wk_rect *region, wk_error *error)
{
    if (region->x >= 0 && region->y >= 0 && region->width > 0 && region->height > 0 &&
        region->width <= rows->width - region->x && region->height <= rows->height - region->y)
        return WK_OK;
    return wk_error_set(error, WK_ARGUMENT, "",
                        "region of %lld x %lld pixels at %lld, %lld is not in the image of %lld x "
                        "%lld",
                        (long long)region->width, (long long)region->height, (long long)region->x,
                        (long long)region->y, (long long)rows->width, (long long)rows->height);
}

static wk_status check_background(const wk_rows *rows, const wk_background *background,
                                  wk_error *error)
{
    int64_t width = rows->width, height = rows->height;
    if (background)
        wk_background_size(background, &width, &height);
    if (width == rows->width && height == rows->height)
        return WK_OK;
    return wk_error_set(
        error, WK_ARGUMENT, "", "the background is of %lld x %lld pixels, the image of %lld x %lld",
        (long long)width, (long long)height, (long long)rows->width, (long long)rows->height);
}

static wk_status check(const wk_rows *rows, const wk_background *background, const wk_rect *region,
                       wk_error *error)
{
    if (!rows->has_variance)
        return wk_error_set(error, WK_ARGUMENT, "", "the image has no variances");
    wk_status status = check_region(rows, region, error);
    return status == WK_OK ? check_background(rows, background, error) : status;
}

static wk_status make_buffers(wk_variance_stream *stream, wk_error *error)
{
    size_t room = (size_t)(stream->height * stream->region.width);
    stream->buffers = wk_memory_new((size_t)stream->workers, sizeof *stream->buffers, error);
    if (!stream->buffers)
        return WK_MEMORY;
    for (int worker = 0; worker < stream->workers; worker++) {
        buffers *own = &stream->buffers[worker];
        own->data = wk_memory_raw(room, sizeof *own->data, error);
        own->variance = own->data ? wk_memory_raw(room, sizeof *own->variance, error) : NULL;
        own->level = own->variance ? wk_memory_raw(room, sizeof *own->level, error) : NULL;
        own->bad = own->level ? wk_memory_raw(room, sizeof *own->bad, error) : NULL;
        if (!own->bad)
            return WK_MEMORY;
    }
    return WK_OK;
}

/* Strips of whole rows; no more threads than rows has readers. */
static void divide(wk_variance_stream *stream)
{
    int64_t rows = STRIP / stream->region.width;
    rows = rows < stream->region.height ? rows : stream->region.height;
    stream->height = rows > 1 ? rows : 1;
    stream->strips = (stream->region.height + stream->height - 1) / stream->height;
    int workers = wk_parallel_workers(stream->strips, &stream->context);
    int readers = stream->rows.workers > 1 ? stream->rows.workers : 1;
    stream->workers = stream->context.threads = workers < readers ? workers : readers;
}

wk_status wk_variance_stream_create(wk_variance_stream **out, const wk_rows *rows,
                                    const wk_background *background, const wk_rect *region,
                                    const wk_context *context, wk_error *error)
{
    wk_rect whole = {0, 0, rows->width, rows->height};
    *out = NULL;
    wk_status status = check(rows, background, region ? region : &whole, error);
    if (status != WK_OK)
        return status;
    wk_variance_stream *stream = wk_memory_new(1, sizeof *stream, error);
    if (!stream)
        return WK_MEMORY;
    stream->rows = *rows;
    stream->background = background;
    stream->region = region ? *region : whole;
    if (context)
        stream->context = *context;
    divide(stream);
    status = make_buffers(stream, error);
    if (status == WK_OK)
        *out = stream;
    else
        wk_variance_stream_free(stream);
    return status;
}

void wk_variance_stream_free(wk_variance_stream *stream)
{
    if (!stream)
        return;
    for (int worker = 0; stream->buffers && worker < stream->workers; worker++) {
        wk_memory_free(stream->buffers[worker].data);
        wk_memory_free(stream->buffers[worker].variance);
        wk_memory_free(stream->buffers[worker].level);
        wk_memory_free(stream->buffers[worker].bad);
    }
    wk_memory_free(stream->buffers);
    wk_memory_free(stream);
}

int wk_variance_stream_workers(const wk_variance_stream *stream)
{
    return stream->workers;
}

int64_t wk_variance_stream_pixels(const wk_variance_stream *stream)
{
    return stream->region.width * stream->region.height;
}

static wk_status read(const wk_variance_stream *stream, int worker, wk_rect rect, wk_error *error)
{
    buffers *own = &stream->buffers[worker];
    wk_status status = stream->rows.read(stream->rows.payload, worker, rect, own->data, own->bad,
                                         own->variance, error);
    if (status != WK_OK || !stream->background)
        return status;
    wk_view level = {own->level, rect.width, rect.height, rect.width};
    return wk_background_fill(stream->background, WK_BACKGROUND_LEVEL, rect, level, error);
}

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

/* Eight pixels as in reduce_one.  A number that is none has all its bits set. */
WK_WIDE static inline void reduce_eight(float *level, float *data, float *variance,
                                        const uint8_t *bad)
{
    const __m256 most = _mm256_set1_ps(FLT_MAX), sign = _mm256_set1_ps(-0.0F);
    __m256 noise = _mm256_loadu_ps(variance);
    __m256 residual = _mm256_sub_ps(_mm256_loadu_ps(data), _mm256_loadu_ps(level));
    __m256i flags = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(const void *)bad));
    __m256i marked = _mm256_cmpgt_epi32(flags, _mm256_setzero_si256());
    __m256 wrong = _mm256_or_ps(_mm256_castsi256_ps(marked),
                                _mm256_cmp_ps(_mm256_andnot_ps(sign, residual), most, _CMP_NLE_UQ));
    wrong = _mm256_or_ps(wrong, _mm256_cmp_ps(noise, _mm256_setzero_ps(), _CMP_NGT_UQ));
    wrong = _mm256_or_ps(wrong, _mm256_cmp_ps(noise, most, _CMP_NLE_UQ));
    __m256 ratio = _mm256_div_ps(residual, _mm256_sqrt_ps(noise));
    _mm256_storeu_ps(level, _mm256_or_ps(ratio, wrong));
    _mm256_storeu_ps(data, _mm256_or_ps(residual, wrong));
    _mm256_storeu_ps(variance, _mm256_or_ps(noise, wrong));
}

/* Whole eights; returns how many pixels that were. */
WK_WIDE static int64_t reduce_wide(float *level, float *data, float *variance, const uint8_t *bad,
                                   int64_t n)
{
    int64_t i = 0;
    for (; i + 8 <= n; i += 8)
        reduce_eight(level + i, data + i, variance + i, bad + i);
    return i;
}
#else
static int64_t reduce_wide(float *level, float *data, float *variance, const uint8_t *bad,
                           int64_t n)
{
    (void)level;
    (void)data;
    (void)variance;
    (void)bad;
    (void)n;
    return 0;
}
#endif

/* In float32, as LSST's task has it. */
static inline void reduce_one(float *level, float *data, float *variance, uint8_t bad)
{
    float residual = *data - *level;
    if (bad == 0 && fabsf(residual) <= FLT_MAX && *variance > 0.0F && *variance <= FLT_MAX) {
        *data = residual;
        *level = residual / sqrtf(*variance);
    } else {
        *level = *data = *variance = NAN;
    }
}

/* Make a block of n pixels in the places where they were read to. */
static wk_variance_block reduce(const wk_variance_stream *stream, int worker, int64_t start,
                                int64_t n)
{
    const buffers *own = &stream->buffers[worker];
    float *level = own->level + start, *data = own->data + start, *variance = own->variance + start;
    const uint8_t *bad = own->bad + start;
    if (!stream->background)
        memset(level, 0, (size_t)n * sizeof *level); /* taking off 0 changes no bit */
    int64_t i = wk_wide_usable() ? reduce_wide(level, data, variance, bad, n) : 0;
    for (; i < n; i++)
        reduce_one(&level[i], &data[i], &variance[i], bad[i]);
    wk_variance_block block = {level, data, variance, n};
    return block;
}

typedef struct pass {
    const wk_variance_stream *stream;
    wk_variance_take take;
    void *payload;
} pass;

static wk_status take_strip(int64_t index, int worker, void *payload, int64_t *bytes,
                            wk_error *error)
{
    const pass *all = payload;
    const wk_variance_stream *stream = all->stream;
    wk_rect rect = stream->region;
    rect.y += index * stream->height;
    rect.height -= index * stream->height;
    rect.height = rect.height < stream->height ? rect.height : stream->height;
    int64_t pixels = rect.width * rect.height;
    wk_status status = read(stream, worker, rect, error);
    for (int64_t start = 0; start < pixels && status >= 0; start += BLOCK) {
        int64_t n = pixels - start < BLOCK ? pixels - start : BLOCK;
        wk_variance_block block = reduce(stream, worker, start, n);
        status = all->take(all->payload, worker, &block, error);
    }
    *bytes = pixels * (int64_t)(2 * sizeof(float) + sizeof(uint8_t));
    return status;
}

wk_status wk_variance_stream_run(const wk_variance_stream *stream, wk_variance_take take,
                                 void *payload, wk_error *error)
{
    pass all = {stream, take, payload};
    return wk_parallel_for(stream->strips, "variance", take_strip, &all, &stream->context, error);
}

typedef struct sampling {
    const wk_variance_stream *stream;
    wk_variance_sample *out;
    int64_t rows, each; /* pixels of each row */
} sampling;

/* One pixel from each of equal stretches of a row, at a place that no period of the data follows.
 */
static wk_status sample_row(int64_t index, int worker, void *payload, int64_t *bytes,
                            wk_error *error)
{
    const sampling *all = payload;
    const wk_rect *region = &all->stream->region;
    int64_t y = region->y + (2 * index + 1) * region->height / (2 * all->rows);
    wk_rect rect = {region->x, y, region->width, 1};
    (void)bytes;
    wk_status status = read(all->stream, worker, rect, error);
    if (status < 0)
        return status;
    wk_variance_block row = reduce(all->stream, worker, 0, rect.width);
    wk_random random = wk_random_stream(0, 0, (uint64_t)y, 0, 0);
    int64_t stretch = rect.width / all->each;
    for (int64_t i = 0; i < all->each; i++) {
        int64_t from = i * stretch + wk_random_index(&random, stretch);
        int64_t to = index * all->each + i;
        all->out->snr[to] = row.snr[from];
        all->out->residual[to] = row.residual[from];
        all->out->variance[to] = row.variance[from];
    }
    return WK_OK;
}

static wk_status make_sample(wk_variance_sample *sample, int64_t size, wk_error *error)
{
    sample->size = size;
    sample->snr = wk_memory_raw((size_t)size, sizeof(float), error);
    sample->residual = sample->snr ? wk_memory_raw((size_t)size, sizeof(float), error) : NULL;
    sample->variance = sample->residual ? wk_memory_raw((size_t)size, sizeof(float), error) : NULL;
    return sample->variance ? WK_OK : WK_MEMORY;
}

wk_status wk_variance_stream_sample(wk_variance_sample *out, const wk_variance_stream *stream,
                                    int64_t size, wk_error *error)
{
    int64_t height = stream->region.height, width = stream->region.width;
    int64_t rows = height / SAMPLE_ROWS;
    rows = rows < SAMPLE_ROWS_LEAST ? SAMPLE_ROWS_LEAST : rows;
    rows = rows > SAMPLE_ROWS_MOST ? SAMPLE_ROWS_MOST : rows;
    rows = rows < height ? rows : height;
    int64_t each = size / rows < width ? size / rows : width;
    sampling all = {stream, out, rows, each > 1 ? each : 1};
    memset(out, 0, sizeof *out);
    wk_status status = make_sample(out, all.rows * all.each, error);
    if (status == WK_OK)
        status = wk_parallel_for(rows, NULL, sample_row, &all, &stream->context, error);
    if (status != WK_OK)
        wk_variance_sample_release(out);
    return status;
}

void wk_variance_sample_release(wk_variance_sample *sample)
{
    wk_memory_free(sample->snr);
    wk_memory_free(sample->residual);
    wk_memory_free(sample->variance);
    memset(sample, 0, sizeof *sample);
}
