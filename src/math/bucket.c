#include "bucket.h"

#include <math.h>

#include "memory.h"

enum { leaf_size = 8 };

typedef struct box {
    double low[2], high[2];
    int64_t first; /* lowest index of its points: decides whether a tie can be won here */
} box;

typedef struct entry {
    double place[2];
    int64_t index;
} entry;

/* A complete binary tree: node k has the children 2k and 2k+1, the root is 1; a node's points are a
 * run of the entries, its children's the two halves of that run. */
struct wk_bucket {
    int64_t count;
    int64_t leaves; /* a power of two */
    entry *entries;
    box *boxes; /* [2 * leaves] */
};

typedef struct node {
    int64_t number, begin, end;
} node;

/* What a search looks for: places nearer than the worst, or as near and of lower index. */
typedef struct limit {
    double square;
    int64_t index;
} limit;

static node child(node parent, int right)
{
    int64_t middle = parent.begin + (parent.end - parent.begin) / 2;
    node made = {2 * parent.number + right, right ? middle : parent.begin,
                 right ? parent.end : middle};
    return made;
}

static int before(const entry *a, const entry *b, int axis)
{
    if (a->place[axis] != b->place[axis])
        return a->place[axis] < b->place[axis];
    return a->index < b->index;
}

static void swap(entry *a, entry *b)
{
    entry kept = *a;
    *a = *b;
    *b = kept;
}

/* Bring the lowest in front of middle.  The pivot's place is a hash of the run, so that no order
 * of points met in practice makes the halves uneven again and again. */
static void halve(entry *entries, int64_t begin, int64_t middle, int64_t end, int axis)
{
    while (end - begin > 1) {
        uint64_t hash = ((uint64_t)begin * 31 + (uint64_t)end) * 0x9e3779b97f4a7c15U;
        int64_t last = end - 1, cut = begin;
        swap(&entries[begin + (int64_t)((hash >> 20) % (uint64_t)(end - begin))], &entries[last]);
        for (int64_t i = begin; i < last; i++)
            if (before(&entries[i], &entries[last], axis))
                swap(&entries[i], &entries[cut++]);
        swap(&entries[cut], &entries[last]);
        if (cut == middle)
            return;
        if (cut < middle)
            begin = cut + 1;
        else
            end = cut;
    }
}

static box box_of(const entry *entries, int64_t begin, int64_t end)
{
    const double far = (double)INFINITY;
    box around = {{far, far}, {-far, -far}, INT64_MAX};
    for (int64_t i = begin; i < end; i++) {
        for (int k = 0; k < 2; k++) {
            double place = entries[i].place[k];
            around.low[k] = place < around.low[k] ? place : around.low[k];
            around.high[k] = place > around.high[k] ? place : around.high[k];
        }
        around.first = entries[i].index < around.first ? entries[i].index : around.first;
    }
    return around;
}

static void build(wk_bucket *bucket, node at)
{
    box around = box_of(bucket->entries, at.begin, at.end);
    bucket->boxes[at.number] = around;
    if (at.number >= bucket->leaves)
        return;
    int axis = around.high[1] - around.low[1] > around.high[0] - around.low[0];
    halve(bucket->entries, at.begin, child(at, 1).begin, at.end, axis);
    build(bucket, child(at, 0));
    build(bucket, child(at, 1));
}

wk_status wk_bucket_create(wk_bucket **out, const double *x, const double *y, int64_t count,
                           wk_error *error)
{
    *out = NULL;
    wk_bucket *bucket = wk_memory_new(1, sizeof *bucket, error);
    if (!bucket)
        return WK_MEMORY;
    bucket->leaves = 1;
    while (bucket->leaves * leaf_size < count)
        bucket->leaves *= 2;
    bucket->entries = wk_memory_raw((size_t)count, sizeof *bucket->entries, error);
    if (bucket->entries)
        bucket->boxes = wk_memory_raw((size_t)(2 * bucket->leaves), sizeof *bucket->boxes, error);
    if (!bucket->boxes) {
        wk_bucket_free(bucket);
        return WK_MEMORY;
    }
    for (int64_t i = 0; i < count; i++)
        if (isfinite(x[i]) && isfinite(y[i]))
            bucket->entries[bucket->count++] = (entry){{x[i], y[i]}, i};
    build(bucket, (node){1, 0, bucket->count});
    *out = bucket;
    return WK_OK;
}

int64_t wk_bucket_count(const wk_bucket *bucket)
{
    return bucket->count;
}

static double gap(double low, double high, double place)
{
    return place < low ? low - place : place > high ? place - high : 0.0;
}

/* Rounding is monotone: never more than the square computed for a point inside. */
static double box_square(const box *around, const double place[2])
{
    double dx = gap(around->low[0], around->high[0], place[0]);
    double dy = gap(around->low[1], around->high[1], place[1]);
    return dx * dx + dy * dy;
}

static double point_square(const entry *point, const double place[2])
{
    double dx = point->place[0] - place[0], dy = point->place[1] - place[1];
    return dx * dx + dy * dy;
}

static int wins(double square, int64_t index, limit worst)
{
    return square < worst.square || (square == worst.square && index < worst.index);
}

/* The nearest so far, the farthest on top: a heap in the caller's arrays. */
typedef struct heap {
    int64_t room, count;
    int64_t *indices;
    double *squares;
    limit worst;
} heap;

static int heap_above(const heap *h, int64_t a, int64_t b)
{
    return wins(h->squares[b], h->indices[b], (limit){h->squares[a], h->indices[a]});
}

static void heap_swap(heap *h, int64_t a, int64_t b)
{
    int64_t index = h->indices[a];
    double square = h->squares[a];
    h->indices[a] = h->indices[b];
    h->squares[a] = h->squares[b];
    h->indices[b] = index;
    h->squares[b] = square;
}

static void heap_sink(heap *h, int64_t at, int64_t count)
{
    for (;;) {
        int64_t next = 2 * at + 1;
        if (next + 1 < count && heap_above(h, next + 1, next))
            next++;
        if (next >= count || !heap_above(h, next, at))
            return;
        heap_swap(h, at, next);
        at = next;
    }
}

static void heap_add(heap *h, double square, int64_t index)
{
    int64_t at = h->count < h->room ? h->count++ : 0;
    h->squares[at] = square;
    h->indices[at] = index;
    if (at == 0)
        heap_sink(h, 0, h->count);
    for (; at > 0 && heap_above(h, at, (at - 1) / 2); at = (at - 1) / 2)
        heap_swap(h, at, (at - 1) / 2);
    if (h->count == h->room)
        h->worst = (limit){h->squares[0], h->indices[0]};
}

/* Nearer child first, so that the limit is soon small; of equal ones that of the lower index. */
static void gather(const wk_bucket *bucket, const double place[2], heap *h)
{
    node pending[130]; /* depth-first: at most one sibling a level waits */
    int depth = 0;
    pending[depth++] = (node){1, 0, bucket->count};
    while (depth > 0) {
        node at = pending[--depth];
        const box *around = &bucket->boxes[at.number];
        if (at.begin == at.end || !wins(box_square(around, place), around->first, h->worst))
            continue;
        if (at.number < bucket->leaves) {
            const box *left = &bucket->boxes[2 * at.number], *right = left + 1;
            int nearer = wins(box_square(right, place), right->first,
                              (limit){box_square(left, place), left->first});
            pending[depth++] = child(at, !nearer);
            pending[depth++] = child(at, nearer);
            continue;
        }
        for (int64_t i = at.begin; i < at.end; i++) {
            const entry *point = &bucket->entries[i];
            double square = point_square(point, place);
            if (wins(square, point->index, h->worst))
                heap_add(h, square, point->index);
        }
    }
}

/* What is just no farther than the radius wins against this. */
static limit limit_of(double radius)
{
    return (limit){radius * radius, INT64_MAX};
}

int64_t wk_bucket_nearest_within(const wk_bucket *bucket, double x, double y, double radius,
                                 double *distance)
{
    double place[2] = {x, y}, square = (double)NAN;
    int64_t index = -1;
    heap h = {1, 0, &index, &square, limit_of(radius)};
    if (isfinite(x) && isfinite(y) && radius >= 0.0)
        gather(bucket, place, &h);
    if (distance)
        *distance = sqrt(square);
    return index;
}

int64_t wk_bucket_nearest(const wk_bucket *bucket, double x, double y, double *distance)
{
    return wk_bucket_nearest_within(bucket, x, y, (double)INFINITY, distance);
}

int64_t wk_bucket_near(const wk_bucket *bucket, double x, double y, int64_t k, int64_t *indices,
                       double *distances)
{
    double place[2] = {x, y};
    heap h = {k, 0, indices, distances, limit_of((double)INFINITY)};
    if (k < 1 || !isfinite(x) || !isfinite(y))
        return 0;
    gather(bucket, place, &h);
    for (int64_t end = h.count - 1; end > 0; end--) {
        heap_swap(&h, 0, end);
        heap_sink(&h, 0, end);
    }
    for (int64_t i = 0; i < h.count; i++)
        distances[i] = sqrt(distances[i]);
    return h.count;
}

int wk_bucket_within(const wk_bucket *bucket, double x, double y, double radius,
                     int (*visit)(int64_t index, double distance, void *), void *payload)
{
    double place[2] = {x, y}, most = radius * radius;
    if (!isfinite(x) || !isfinite(y) || !(radius >= 0.0))
        return 0;
    node pending[130];
    int depth = 0;
    pending[depth++] = (node){1, 0, bucket->count};
    while (depth > 0) {
        node at = pending[--depth];
        if (at.begin == at.end || box_square(&bucket->boxes[at.number], place) > most)
            continue;
        if (at.number < bucket->leaves) {
            pending[depth++] = child(at, 1);
            pending[depth++] = child(at, 0);
            continue;
        }
        for (int64_t i = at.begin; i < at.end; i++) {
            double square = point_square(&bucket->entries[i], place);
            if (square > most)
                continue;
            int answer = visit(bucket->entries[i].index, sqrt(square), payload);
            if (answer != 0)
                return answer;
        }
    }
    return 0;
}

void wk_bucket_free(wk_bucket *bucket)
{
    if (!bucket)
        return;
    wk_memory_free(bucket->entries);
    wk_memory_free(bucket->boxes);
    wk_memory_free(bucket);
}
