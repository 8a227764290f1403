#include "welkin/rows.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "moment.h"
#include "parallel.h"
#include "status.h"

/* One row: whatever is NULL does not count. */
typedef struct line {
    const float *data, *variance;
    const uint8_t *mask;
} line;

WK_INLINE void judge_body(uint8_t *restrict bad, line from, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        bad[i] = fabsf(from.data[i]) <= FLT_MAX ? 0 : WK_BAD_VALUE;
    if (from.mask)
        for (int64_t i = 0; i < n; i++)
            bad[i] = (uint8_t)(bad[i] | (from.mask[i] != 0 ? WK_BAD_FLAG : 0));
    if (from.variance)
        for (int64_t i = 0; i < n; i++) {
            int usable = (from.variance[i] > 0.0F) & (from.variance[i] <= FLT_MAX);
            bad[i] = (uint8_t)(bad[i] | (usable ? 0 : WK_BAD_NOISE));
        }
}

WK_WIDE static void judge_wide(uint8_t *restrict bad, line from, int64_t n)
{
    judge_body(bad, from, n);
}

static void judge(uint8_t *bad, line from, int64_t n)
{
    if (wk_wide_usable())
        judge_wide(bad, from, n);
    else
        judge_body(bad, from, n);
}

static void copy_variance(float *out, const float *variance, int64_t n)
{
    if (variance)
        memcpy(out, variance, (size_t)n * sizeof *out);
    else
        for (int64_t i = 0; i < n; i++)
            out[i] = NAN;
}

static int lies_inside(const wk_view *view, wk_rect rect)
{
    return rect.x >= 0 && rect.y >= 0 && rect.width >= 0 && rect.height >= 0 &&
           rect.width <= view->width - rect.x && rect.height <= view->height - rect.y;
}

static wk_status read_view(void *payload, int worker, wk_rect rect, float *data, uint8_t *bad,
                           float *variance, wk_error *error)
{
    const wk_rows_view *view = payload;
    (void)worker;
    if (!lies_inside(&view->data, rect))
        return wk_error_set(error, WK_ARGUMENT, "",
                            "rectangle of %lld x %lld pixels at %lld, %lld is not in the image of "
                            "%lld x %lld",
                            (long long)rect.width, (long long)rect.height, (long long)rect.x,
                            (long long)rect.y, (long long)view->data.width,
                            (long long)view->data.height);
    for (int64_t row = 0; row < rect.height; row++) {
        int64_t y = rect.y + row, at = y * view->data.width + rect.x, to = row * rect.width;
        line from = {view->data.data + y * view->data.stride + rect.x,
                     view->variance ? view->variance + at : NULL,
                     view->mask ? view->mask + at : NULL};
        if (data)
            memcpy(data + to, from.data, (size_t)rect.width * sizeof *data);
        if (bad)
            judge(bad + to, from, rect.width);
        if (variance)
            copy_variance(variance + to, from.variance, rect.width);
    }
    return WK_OK;
}

wk_rows wk_rows_of_view(const wk_rows_view *view)
{
    enum { ANY = 1 << 20 };
    wk_rows rows = {.width = view->data.width,
                    .height = view->data.height,
                    .has_variance = view->variance != NULL,
                    .workers = ANY,
                    .read = read_view};
    memcpy(&rows.payload, &view, sizeof view); /* only read, whatever payload's type says */
    return rows;
}

enum { PIECE = 1 << 18 }; /* pixels read at once: large enough to be worth a call */

typedef struct load {
    const wk_rows *rows;
    float *data, *variance;
    uint8_t *bad;
    int64_t height; /* of a piece */
} load;

static wk_status load_piece(int64_t index, int worker, void *payload, int64_t *bytes,
                            wk_error *error)
{
    const load *all = payload;
    const wk_rows *rows = all->rows;
    int64_t y = index * all->height, left = rows->height - y, first = y * rows->width;
    wk_rect rect = {0, y, rows->width, left < all->height ? left : all->height};
    (void)bytes;
    return rows->read(rows->payload, worker, rect, all->data ? all->data + first : NULL,
                      all->bad ? all->bad + first : NULL,
                      all->variance ? all->variance + first : NULL, error);
}

wk_status wk_rows_load(float *data, uint8_t *bad, float *variance, const wk_rows *rows,
                       const wk_context *context, wk_error *error)
{
    wk_context limited = context ? *context : (wk_context){0};
    load all = {rows, data, variance, bad, rows->width < PIECE ? PIECE / rows->width : 1};
    limited.threads = wk_parallel_workers(rows->workers, context);
    return wk_parallel_for((rows->height + all.height - 1) / all.height, NULL, load_piece, &all,
                           &limited, error);
}
