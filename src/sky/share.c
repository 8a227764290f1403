#include "share.h"

#include <stdlib.h>
#include <string.h>

#include "memory.h"

typedef struct point {
    uint64_t key;
    int64_t place;
} point;

void wk_share_release(wk_share *share)
{
    wk_memory_free(share->marks);
    wk_memory_free(share->keys);
    memset(share, 0, sizeof *share);
}

wk_status wk_share_begin(wk_share *share, size_t sides, int64_t width, int64_t height,
                         wk_error *error)
{
    const size_t points = (size_t)wk_share_points * wk_share_points;
    wk_status status = wk_memory_reserve((void **)&share->marks, &share->side_room,
                                         sides * wk_share_points, sizeof *share->marks, error);
    if (status == WK_OK)
        status = wk_memory_reserve((void **)&share->keys, &share->key_room, points,
                                   sizeof *share->keys, error);
    if (status < 0)
        return status;
    share->width = width;
    share->height = height;
    share->nx = width < wk_share_points ? width : wk_share_points;
    share->ny = height < wk_share_points ? height : wk_share_points;
    memset(share->marks, 0, sides * wk_share_points * sizeof *share->marks);
    memset(share->keys, 0, points * sizeof *share->keys);
    return WK_OK;
}

/* The pixel of sample i of n along an axis. */
static int64_t sample_place(int64_t i, int64_t n, int64_t length)
{
    return (2 * i + 1) * length / (2 * n);
}

/* The first sample at or after a pixel. */
static int64_t sample_after(int64_t pixel, int64_t n, int64_t length)
{
    int64_t i = pixel * n / length;
    while (i > 0 && sample_place(i - 1, n, length) >= pixel)
        i--;
    while (i < n && sample_place(i, n, length) < pixel)
        i++;
    return i;
}

/* A well-mixed number for each side (SplitMix64, Steele et al. 2014). */
static uint64_t side_key(size_t side)
{
    uint64_t z = ((uint64_t)side + 1) * 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

void wk_share_mark(wk_share *share, size_t side, const wk_spans *spans, const wk_pixels *pixels)
{
    uint64_t *marks = share->marks + side * wk_share_points;
    uint64_t key = side_key(side);
    for (int64_t k = 0; k < spans->count; k++) {
        const wk_span *span = &spans->span[k];
        int64_t j = sample_after(span->y, share->ny, share->height);
        if (j == share->ny || sample_place(j, share->ny, share->height) != span->y)
            continue;
        for (int64_t i = sample_after(span->first, share->nx, share->width); i < share->nx; i++) {
            int64_t x = sample_place(i, share->nx, share->width);
            if (x >= span->end)
                break;
            if (pixels->bad[span->y * pixels->width + x])
                continue;
            marks[j] |= (uint64_t)1 << i;
            share->keys[j * wk_share_points + i] ^= key;
        }
    }
}

static int is_marked(const wk_share *share, size_t side, int64_t place)
{
    uint64_t row = share->marks[side * wk_share_points + (size_t)(place / wk_share_points)];
    return (int)(row >> (place % wk_share_points) & 1);
}

static int compare_points(const void *left, const void *right)
{
    const point *a = left;
    const point *b = right;
    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return (a->place > b->place) - (a->place < b->place);
}

/* The sides that hold a point; returns how many. */
static size_t list_sides(size_t *sides, const wk_share *share, size_t side_count, int64_t place)
{
    size_t count = 0;
    for (size_t k = 0; k < side_count; k++)
        if (is_marked(share, k, place))
            sides[count++] = k;
    return count;
}

static wk_status add_set(wk_member *member, const size_t *sides, size_t count, int64_t points,
                         wk_error *error)
{
    wk_status status =
        wk_memory_grow((void **)&member->sets, member->set_count + 1, sizeof *member->sets, error);
    if (status < 0)
        return status;
    wk_shared_set *set = &member->sets[member->set_count];
    set->sides = wk_memory_new(count, sizeof *set->sides, error);
    if (!set->sides)
        return WK_MEMORY;
    memcpy(set->sides, sides, count * sizeof *sides);
    set->count = count;
    set->points = points;
    member->set_count++;
    return WK_OK;
}

/* Runs of equal keys are the points of one set. */
static wk_status add_sets(wk_member *member, const wk_share *share, const point *points,
                          int64_t count, size_t *sides, wk_error *error)
{
    wk_status status = WK_OK;
    for (int64_t i = 0; i < count && status == WK_OK;) {
        int64_t end = i + 1;
        while (end < count && points[end].key == points[i].key)
            end++;
        size_t held = list_sides(sides, share, member->side_count, points[i].place);
        if (held > 1)
            status = add_set(member, sides, held, end - i, error);
        i = end;
    }
    return status;
}

static void count_points(const wk_share *share, wk_member *member)
{
    for (size_t k = 0; k < member->side_count; k++) {
        int64_t points = 0;
        for (int64_t j = 0; j < share->ny; j++)
            points += __builtin_popcountll(share->marks[k * wk_share_points + (size_t)j]);
        member->sides[k].points = points;
    }
}

wk_status wk_share_end(wk_share *share, wk_member *member, wk_error *error)
{
    wk_member_forget_sets(member);
    count_points(share, member);
    if (member->side_count < 2)
        return WK_OK;
    const int64_t most = (int64_t)wk_share_points * wk_share_points;
    point *points = wk_memory_raw((size_t)most, sizeof *points, error);
    size_t *sides = wk_memory_raw(member->side_count, sizeof *sides, error);
    wk_status status = points && sides ? WK_OK : WK_MEMORY;
    int64_t count = 0;
    for (int64_t place = 0; place < most && status == WK_OK; place++)
        if (share->keys[place] != 0)
            points[count++] = (point){share->keys[place], place};
    if (status == WK_OK && count > 0) {
        qsort(points, (size_t)count, sizeof *points, compare_points);
        status = add_sets(member, share, points, count, sides, error);
    }
    wk_memory_free(points);
    wk_memory_free(sides);
    return status;
}
