#include "select.h"

#include <math.h>
#include <string.h>

#include "bracket.h"
#include "float_key.h"
#include "memory.h"
#include "moment.h"
#include "status.h"

enum { SMALL = 256, CHUNK = 1024, SAMPLE_MAX = 1 << 16 };
enum { DIGITS = 3, BINS = 1 << 11 };

/* The rank-th smallest and its successors; the values move. */
static void pick(float *out, int64_t rank, int64_t count, float *values, int64_t n)
{
    for (int64_t i = 0, from = 0; i < count; i++) {
        wk_bracket_place(values + from, n - from, rank + i - from);
        out[i] = values[rank + i];
        from = rank + i;
    }
}

WK_INLINE void count_body(wk_bracket *where, const float *values, int64_t n)
{
    float lo = where->lo, low = where->low, high = where->high;
    where->below = where->gathered = 0;
    for (int64_t start = 0; start < n; start += CHUNK) {
        int count = n - start < CHUNK ? (int)(n - start) : CHUNK;
        int less = 0, between = 0;
        for (int i = 0; i < count; i++) {
            float value = values[start + i];
            less += (value >= lo) & (value < low);
            between += (value >= low) & (value <= high);
        }
        where->below += less;
        where->gathered += between;
    }
}

WK_WIDE static void count_wide(wk_bracket *where, const float *values, int64_t n)
{
    count_body(where, values, n);
}

/* Count as gather does, without copying. */
static void count_between(wk_bracket *where, const float *values, int64_t n)
{
    if (wk_wide_usable())
        count_wide(where, values, n);
    else
        count_body(where, values, n);
}

/* Copy the values between low and high; out may be values itself.  gathered is -1 when there was
 * not enough room. */
static void gather(float *out, int64_t room, wk_bracket *where, const float *values, int64_t n)
{
    where->below = where->gathered = 0;
    where->values = out;
    where->room = room;
    wk_bracket_add(where, values, n);
}

static int64_t sample_size(int64_t n)
{
    int64_t size = n / 128;
    return size < SMALL ? SMALL : size > SAMPLE_MAX ? SAMPLE_MAX : size;
}

/* One value from each of size equal stretches, at a place that no period of the data follows. */
static int64_t draw(float *sample, int64_t size, const float *values, int64_t n, float lo, float hi)
{
    int64_t kept = 0, stretch = n / size;
    uint32_t state = 2463534242U;
    for (int64_t i = 0; i < size; i++) {
        state = state * 1664525U + 1013904223U;
        int64_t step = (int64_t)(((uint64_t)state * (uint64_t)stretch) >> 32);
        float value = values[i * stretch + step];
        sample[kept] = value;
        kept += (value >= lo) & (value <= hi);
    }
    return kept;
}

static int64_t gather_room(int64_t n)
{
    return n / 8 + 4 * CHUNK;
}

typedef enum outcome { LOST, NARROWED, SETTLED } outcome;

/* Narrow the selection to a bracket, its values moved to buffer.  SETTLED: the bracket holds one
 * value, left->lo, as it does where many are equal.  LOST: it was no help. */
static outcome narrow(wk_selection *left, int64_t *rank, int64_t count, float *buffer, int64_t room)
{
    float *sample = buffer + room;
    int64_t size = sample_size(left->n), before = left->n;
    wk_bracket where;
    size = draw(sample, size, left->values, left->n, left->lo, left->hi);
    if (size < SMALL / 4)
        return LOST;
    double fraction = ((double)*rank + 0.5) / (double)left->kept;
    wk_bracket_guess(&where, sample, size, fraction, left->lo, left->hi);
    int single = !(where.low < where.high);
    if (single)
        count_between(&where, left->values, left->n);
    else
        gather(buffer, room, &where, left->values, left->n);
    *rank -= where.below;
    if (*rank < 0 || *rank + count > where.gathered)
        return LOST;
    *left = (wk_selection){buffer, where.gathered, where.low, where.high, where.gathered};
    if (single)
        return SETTLED;
    return where.gathered <= before / 2 ? NARROWED : LOST;
}

/* A tree of digits: node i has BINS counts, and links to the nodes of its wanted digits. */
typedef struct radix {
    int64_t (*counts)[BINS];
    int32_t (*links)[BINS]; /* 0: nobody wants this digit */
    int32_t nodes;
} radix;

static const int digit_shift[DIGITS] = {21, 10, 0};
static const uint32_t digit_mask[DIGITS] = {0x7ff, 0x7ff, 0x3ff};

static uint32_t digit_of(uint32_t key, int level)
{
    return (key >> digit_shift[level]) & digit_mask[level];
}

/* Count the digit at level of all values whose digits before it are wanted. */
static void count_digits(radix *tree, const wk_selection *from, int level)
{
    for (int64_t i = 0; i < from->n; i++) {
        float value = from->values[i];
        if (!(value >= from->lo && value <= from->hi))
            continue;
        uint32_t key = wk_float_key(value);
        int32_t node = 0;
        for (int above = 0; above < level; above++) {
            node = tree->links[node][digit_of(key, above)];
            if (node == 0)
                break;
        }
        if (node > 0 || level == 0)
            tree->counts[node][digit_of(key, level)]++;
    }
}

/* Follow a rank down to level: the key's digits so far; the rank within the last node. */
static uint32_t follow(radix *tree, int64_t rank, int level)
{
    uint32_t key = 0;
    int32_t node = 0;
    for (int depth = 0; depth <= level; depth++) {
        uint32_t digit = 0;
        while (digit < digit_mask[depth] && rank >= tree->counts[node][digit])
            rank -= tree->counts[node][digit++];
        key |= digit << digit_shift[depth];
        if (depth == DIGITS - 1)
            break;
        if (tree->links[node][digit] == 0)
            tree->links[node][digit] = ++tree->nodes;
        node = tree->links[node][digit];
    }
    return key;
}

static int64_t radix_nodes(int64_t count)
{
    return 1 + (DIGITS - 1) * count;
}

static size_t radix_room(int64_t count)
{
    return (size_t)radix_nodes(count) * BINS * (sizeof(int64_t) + sizeof(int32_t));
}

static void select_by_digits(float *out, const int64_t *ranks, int64_t count,
                             const wk_selection *from, void *room)
{
    memset(room, 0, radix_room(count));
    radix tree = {room, NULL, 0};
    tree.links = (void *)(tree.counts + radix_nodes(count));
    for (int level = 0; level < DIGITS; level++) {
        count_digits(&tree, from, level);
        for (int64_t i = 0; i < count; i++)
            out[i] = wk_float_of_key(follow(&tree, ranks[i], level));
    }
}

static size_t bracket_room(int64_t n)
{
    return (size_t)(gather_room(n) + sample_size(n)) * sizeof(float);
}

size_t wk_select_room(int64_t n, int64_t count)
{
    size_t digits = radix_room(count), brackets = bracket_room(n);
    return digits > brackets ? digits : brackets;
}

static int select_neighbours(float *out, int64_t rank, int64_t count, const wk_selection *from,
                             float *buffer)
{
    int64_t room = gather_room(from->n);
    wk_selection left = *from;
    outcome last = NARROWED;
    while (last == NARROWED && left.n > 4 * SMALL)
        last = narrow(&left, &rank, count, buffer, room);
    if (last == SETTLED)
        for (int64_t i = 0; i < count; i++)
            out[i] = left.lo;
    if (last != NARROWED)
        return last == SETTLED;
    wk_bracket all = {left.lo, left.lo, left.hi, left.hi, 0, 0, NULL, 0};
    gather(buffer, room, &all, left.values, left.n);
    pick(out, rank, count, buffer, all.gathered);
    return 1;
}

void wk_select_ranks(float *out, const int64_t *ranks, int64_t count, const wk_selection *from,
                     void *room)
{
    int near = count == 1 || (count == 2 && ranks[1] - ranks[0] == 1);
    if (near && select_neighbours(out, ranks[0], count, from, room))
        return;
    select_by_digits(out, ranks, count, from, room);
}

double wk_select_median(const wk_selection *from, void *room)
{
    if (from->kept < 1)
        return (double)NAN;
    int64_t ranks[2] = {(from->kept - 1) / 2, from->kept / 2};
    float pair[2];
    int64_t count = ranks[1] > ranks[0] ? 2 : 1;
    wk_select_ranks(pair, ranks, count, from, room);
    return count == 1 ? (double)pair[0] : 0.5 * ((double)pair[0] + (double)pair[1]);
}

static wk_status check_fractions(const double *fractions, int64_t count, wk_error *error)
{
    double before = 0.0;
    for (int64_t i = 0; i < count; i++) {
        if (!(fractions[i] >= before && fractions[i] <= 1.0))
            return wk_error_set(error, WK_ARGUMENT, "",
                                "quantile %g is not in ascending order within 0 to 1",
                                fractions[i]);
        before = fractions[i];
    }
    return WK_OK;
}

static void interpolate(double *out, const double *fractions, int64_t count, int64_t last,
                        const float *pairs)
{
    for (int64_t i = 0; i < count; i++) {
        double place = fractions[i] * (double)last;
        double part = place - floor(place);
        double low = (double)pairs[2 * i], high = (double)pairs[2 * i + 1];
        out[i] = part > 0.0 ? low + part * (high - low) : low;
    }
}

static wk_status quantiles(double *out, const double *fractions, int64_t count,
                           const wk_selection *from, wk_error *error)
{
    int64_t *ranks = wk_memory_raw((size_t)count * 2, sizeof *ranks, error);
    float *pairs = ranks ? wk_memory_raw((size_t)count * 2, sizeof *pairs, error) : NULL;
    void *room = pairs ? wk_memory_raw(wk_select_room(from->n, 2 * count), 1, error) : NULL;
    if (room) {
        int64_t last = from->kept - 1;
        for (int64_t i = 0; i < count; i++) {
            ranks[2 * i] = (int64_t)floor(fractions[i] * (double)last);
            ranks[2 * i + 1] = ranks[2 * i] < last ? ranks[2 * i] + 1 : last;
        }
        wk_select_ranks(pairs, ranks, 2 * count, from, room);
        interpolate(out, fractions, count, last, pairs);
    }
    wk_memory_free(room);
    wk_memory_free(pairs);
    wk_memory_free(ranks);
    return room ? WK_OK : WK_MEMORY;
}

wk_status wk_select_quantiles(double *out, const double *fractions, int64_t count,
                              const float *values, int64_t n, wk_error *error)
{
    wk_status status = check_fractions(fractions, count, error);
    if (status != WK_OK || count == 0)
        return status;
    wk_moment all = wk_moment_range(values, n, -INFINITY, INFINITY, 0.0F);
    if (all.count == 0)
        return wk_error_set(error, WK_NO_DATA, "", "no value among %lld to take a quantile of",
                            (long long)n);
    wk_selection from = {values, n, -INFINITY, INFINITY, all.count};
    return quantiles(out, fractions, count, &from, error);
}
