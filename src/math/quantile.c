#include "quantile.h"

#include <math.h>
#include <string.h>

#include "bracket.h"
#include "memory.h"
#include "moment.h"
#include "quantile_digit.h"
#include "select.h"
#include "status.h"

/* PIECE: values after which room is looked for again.  TIES: so many values of a sample at the edge
 * of a bracket tell that the stream has many there. */
enum { PIECE = 4096, TIES = 8 };

typedef struct quantile {
    double fraction, value;
    int64_t rank[2];
    float low, high; /* the guess */
    int tied;        /* values equal to low or high are counted; only those between are gathered */
    int settled;
    int first; /* its first rank among those of the digits */
} quantile;

/* What one worker found for one quantile.  With ties, below in the bracket counts low itself. */
typedef struct found {
    wk_bracket bracket;
    int64_t less, highest; /* with ties: less than low, equal to high */
} found;

typedef struct part {
    found *found; /* [count] */
    int64_t total;
} part;

struct wk_quantile_set {
    int count, workers, done;
    int64_t most; /* values in one bracket of one worker */
    int64_t total;
    quantile *quantiles;
    part *parts;       /* [workers] */
    wk_digits *digits; /* once a guess has failed */
};

static wk_status check_fractions(const double *fractions, int count, wk_error *error)
{
    for (int i = 0; i < count; i++)
        if (!(fractions[i] >= 0.0 && fractions[i] <= 1.0))
            return wk_error_set(error, WK_ARGUMENT, "", "quantile %g is not within 0 to 1",
                                fractions[i]);
    return WK_OK;
}

static wk_status make_parts(wk_quantile_set *set, wk_error *error)
{
    set->parts = wk_memory_new((size_t)set->workers, sizeof *set->parts, error);
    for (int worker = 0; set->parts && worker < set->workers; worker++) {
        part *own = &set->parts[worker];
        own->found = wk_memory_new((size_t)set->count, sizeof *own->found, error);
        if (!own->found)
            return WK_MEMORY;
        for (int i = 0; i < set->count; i++) {
            wk_bracket *all = &own->found[i].bracket;
            all->lo = all->low = -INFINITY;
            all->hi = all->high = INFINITY;
        }
    }
    return set->parts ? WK_OK : WK_MEMORY;
}

static wk_status make_set(wk_quantile_set *set, const double *fractions, wk_error *error)
{
    set->quantiles = wk_memory_new((size_t)set->count, sizeof *set->quantiles, error);
    if (!set->quantiles)
        return WK_MEMORY;
    for (int i = 0; i < set->count; i++)
        set->quantiles[i].fraction = fractions[i];
    return make_parts(set, error);
}

wk_status wk_quantile_create(wk_quantile_set **out, const double *fractions, int count, int workers,
                             int64_t most, wk_error *error)
{
    *out = NULL;
    wk_status status = check_fractions(fractions, count, error);
    if (status != WK_OK)
        return status;
    wk_quantile_set *set = wk_memory_new(1, sizeof *set, error);
    if (!set)
        return WK_MEMORY;
    set->count = count;
    set->workers = workers;
    set->most = most / workers;
    status = make_set(set, fractions, error);
    if (status == WK_OK)
        *out = set;
    else
        wk_quantile_free(set);
    return status;
}

static void drop_values(wk_quantile_set *set)
{
    for (int worker = 0; set->parts && worker < set->workers; worker++)
        for (int i = 0; set->parts[worker].found && i < set->count; i++) {
            wk_bracket *own = &set->parts[worker].found[i].bracket;
            wk_memory_free(own->values);
            own->values = NULL;
            own->room = 0;
        }
}

void wk_quantile_free(wk_quantile_set *set)
{
    if (!set)
        return;
    drop_values(set);
    for (int worker = 0; set->parts && worker < set->workers; worker++)
        wk_memory_free(set->parts[worker].found);
    wk_memory_free(set->parts);
    wk_memory_free(set->quantiles);
    wk_digits_free(set->digits);
    wk_memory_free(set);
}

/* How many are less than low, and how many equal to high. */
WK_INLINE void count_body(int counts[2], float low, float high, const float *values, int n)
{
    int less = 0, same = 0;
    for (int i = 0; i < n; i++) {
        less += values[i] < low;
        same += values[i] == high;
    }
    counts[0] = less;
    counts[1] = same;
}

WK_INLINE int total_body(const float *values, int n)
{
    int total = 0;
    for (int i = 0; i < n; i++)
        total += values[i] == values[i];
    return total;
}

WK_WIDE static void count_wide(int counts[2], float low, float high, const float *values, int n)
{
    count_body(counts, low, high, values, n);
}

WK_WIDE static int total_wide(const float *values, int n)
{
    return total_body(values, n);
}

static int has_ties(const float *sample, int64_t size, float low, float high)
{
    int64_t at_low = 0, at_high = 0;
    for (int64_t i = 0; i < size; i++) {
        at_low += sample[i] == low;
        at_high += sample[i] == high;
    }
    return low == high || at_low >= TIES || at_high >= TIES;
}

static void guess(wk_quantile_set *set, int index, float *sample, int64_t size)
{
    quantile *one = &set->quantiles[index];
    wk_bracket bracket;
    wk_bracket_guess(&bracket, sample, size, one->fraction, -INFINITY, INFINITY);
    one->low = bracket.low;
    one->high = bracket.high;
    one->tied = has_ties(sample, size, one->low, one->high);
    if (one->tied) {
        bracket.low = nextafterf(one->low, INFINITY);
        bracket.high = nextafterf(one->high, -INFINITY);
    }
    for (int worker = 0; worker < set->workers; worker++)
        set->parts[worker].found[index].bracket = bracket;
}

void wk_quantile_guess(wk_quantile_set *set, float *sample, int64_t size)
{
    int64_t kept = 0;
    for (int64_t i = 0; i < size; i++) {
        float value = sample[i];
        sample[kept] = value;
        kept += value == value;
    }
    for (int i = 0; i < set->count; i++)
        guess(set, i, sample, kept);
}

/* Room for n more values; beyond what may be gathered the bracket is given up. */
static wk_status make_room(wk_bracket *bracket, int64_t n, int64_t most, wk_error *error)
{
    int64_t need = bracket->gathered + n;
    if (bracket->gathered < 0 || need <= bracket->room)
        return WK_OK;
    if (bracket->gathered > most) {
        wk_memory_free(bracket->values);
        bracket->values = NULL;
        bracket->room = 0;
        bracket->gathered = -1;
        return WK_OK;
    }
    int64_t room = 2 * bracket->room > need ? 2 * bracket->room : need;
    void *block = bracket->values;
    wk_status status = wk_memory_grow(&block, (size_t)room, sizeof(float), error);
    bracket->values = block;
    bracket->room = status == WK_OK ? room : bracket->room;
    return status;
}

static void count_ties(found *own, const quantile *one, const float *values, int n)
{
    int counts[2];
    if (wk_wide_usable())
        count_wide(counts, one->low, one->high, values, n);
    else
        count_body(counts, one->low, one->high, values, n);
    own->less += counts[0];
    own->highest += one->low < one->high ? counts[1] : 0; /* else they are low already */
}

static wk_status add_piece(wk_quantile_set *set, part *own, const float *values, int n,
                           wk_error *error)
{
    own->total += wk_wide_usable() ? total_wide(values, n) : total_body(values, n);
    for (int i = 0; i < set->count; i++) {
        wk_bracket *bracket = &own->found[i].bracket;
        wk_status status = make_room(bracket, n, set->most, error);
        if (status != WK_OK)
            return status;
        wk_bracket_add(bracket, values, n);
        if (set->quantiles[i].tied)
            count_ties(&own->found[i], &set->quantiles[i], values, n);
    }
    return WK_OK;
}

wk_status wk_quantile_add(wk_quantile_set *set, int worker, const float *values, int64_t n,
                          wk_error *error)
{
    if (set->done)
        return WK_OK;
    if (set->digits)
        return wk_digits_add(set->digits, worker, values, n, error);
    wk_status status = WK_OK;
    for (int64_t start = 0; start < n && status == WK_OK; start += PIECE) {
        int count = n - start < PIECE ? (int)(n - start) : PIECE;
        status = add_piece(set, &set->parts[worker], values + start, count, error);
    }
    return status;
}

/* A zero without its sign, whichever of the two stood at the rank. */
static double interpolate(const quantile *one, int64_t total, float low, float high)
{
    double place = one->fraction * (double)(total - 1), step = place - floor(place);
    double first = (double)low + 0.0, second = (double)high + 0.0;
    return step > 0.0 && first < second ? first + step * (second - first) : first;
}

static void find_ranks(quantile *one, int64_t total)
{
    double place = one->fraction * (double)(total - 1);
    one->rank[0] = (int64_t)floor(place);
    one->rank[1] = place > floor(place) ? one->rank[0] + 1 : one->rank[0];
}

/* What all workers found; gathered -1: some had no room. */
static found sum_found(const wk_quantile_set *set, int index)
{
    found sum = set->parts[0].found[index];
    for (int worker = 1; worker < set->workers; worker++) {
        const found *own = &set->parts[worker].found[index];
        int full = sum.bracket.gathered < 0 || own->bracket.gathered < 0;
        sum.bracket.gathered = full ? -1 : sum.bracket.gathered + own->bracket.gathered;
        sum.bracket.below += own->bracket.below;
        sum.less += own->less;
        sum.highest += own->highest;
    }
    if (!set->quantiles[index].tied)
        sum.less = sum.bracket.below;
    return sum;
}

/* The values of all workers in those of the first. */
static wk_status join_values(wk_quantile_set *set, int index, int64_t total, wk_error *error)
{
    wk_bracket *all = &set->parts[0].found[index].bracket;
    void *block = all->values;
    wk_status status = wk_memory_grow(&block, (size_t)total, sizeof(float), error);
    all->values = block;
    for (int worker = 1; worker < set->workers && status == WK_OK; worker++) {
        wk_bracket *own = &set->parts[worker].found[index].bracket;
        if (own->gathered > 0)
            memcpy(all->values + all->gathered, own->values,
                   (size_t)own->gathered * sizeof *own->values);
        all->gathered += own->gathered;
        wk_memory_free(own->values);
        own->values = NULL;
        own->room = own->gathered = 0;
    }
    return status;
}

/* The values of one rank, or of two neighbours, of those gathered. */
static wk_status pick(float *out, const wk_bracket *all, int64_t rank, int count, wk_error *error)
{
    const int64_t ranks[2] = {rank, rank + 1};
    void *room = wk_memory_raw(wk_select_room(all->gathered, 2), 1, error);
    if (!room)
        return WK_MEMORY;
    wk_selection from = {all->values, all->gathered, all->low, all->high, all->gathered};
    wk_select_ranks(out, ranks, count, &from, room);
    wk_memory_free(room);
    return WK_OK;
}

typedef enum place { NOWHERE, AT_LOW, BETWEEN, AT_HIGH } place;

static place place_of(const found *sum, int64_t rank)
{
    int64_t between = sum->bracket.below, high = between + sum->bracket.gathered;
    if (sum->bracket.gathered < 0 || rank < sum->less || rank >= high + sum->highest)
        return NOWHERE;
    return rank < between ? AT_LOW : rank < high ? BETWEEN : AT_HIGH;
}

/* The value of a quantile, if the guess was right. */
static wk_status settle(wk_quantile_set *set, int index, wk_error *error)
{
    quantile *one = &set->quantiles[index];
    found sum = sum_found(set, index);
    place places[2] = {place_of(&sum, one->rank[0]), place_of(&sum, one->rank[1])};
    if (places[0] == NOWHERE || places[1] == NOWHERE)
        return WK_OK;
    float pair[2];
    for (int k = 0; k < 2; k++)
        pair[k] = places[k] == AT_LOW ? one->low : one->high;
    int first = places[0] != BETWEEN, count = (places[0] == BETWEEN) + (places[1] == BETWEEN);
    int same = one->rank[0] == one->rank[1];
    wk_status status = WK_OK;
    if (count > 0)
        status = join_values(set, index, sum.bracket.gathered, error);
    if (count > 0 && status == WK_OK)
        status = pick(pair + first, &set->parts[0].found[index].bracket,
                      one->rank[first] - sum.bracket.below, same ? 1 : count, error);
    if (status != WK_OK)
        return status;
    one->value = interpolate(one, set->total, pair[0], same ? pair[0] : pair[1]);
    one->settled = 1;
    return WK_OK;
}

/* Hand the quantiles that no bracket settled to the digits. */
static wk_status start_digits(wk_quantile_set *set, wk_error *error)
{
    int64_t *ranks = wk_memory_raw((size_t)set->count * 2, sizeof *ranks, error);
    if (!ranks)
        return WK_MEMORY;
    int count = 0;
    for (int i = 0; i < set->count; i++) {
        quantile *one = &set->quantiles[i];
        if (one->settled)
            continue;
        one->first = count;
        ranks[count++] = one->rank[0];
        ranks[count++] = one->rank[1];
    }
    wk_status status = WK_OK;
    if (count > 0)
        status = wk_digits_create(&set->digits, ranks, count, set->workers, error);
    wk_memory_free(ranks);
    return status;
}

static wk_status end_brackets(wk_quantile_set *set, wk_error *error)
{
    for (int worker = 0; worker < set->workers; worker++)
        set->total += set->parts[worker].total;
    wk_status status = WK_OK;
    for (int i = 0; i < set->count && status == WK_OK; i++) {
        quantile *one = &set->quantiles[i];
        one->value = (double)NAN;
        one->settled = set->total == 0;
        find_ranks(one, set->total);
        if (!one->settled)
            status = settle(set, i, error);
    }
    drop_values(set);
    return status == WK_OK ? start_digits(set, error) : status;
}

static void end_digits(wk_quantile_set *set)
{
    for (int i = 0; i < set->count; i++) {
        quantile *one = &set->quantiles[i];
        if (!one->settled)
            one->value = interpolate(one, set->total, wk_digits_get(set->digits, one->first),
                                     wk_digits_get(set->digits, one->first + 1));
    }
}

wk_status wk_quantile_next(wk_quantile_set *set, int *more, wk_error *error)
{
    wk_status status = WK_OK;
    *more = 0;
    if (set->done)
        return WK_OK;
    if (!set->digits) {
        status = end_brackets(set, error);
        *more = status == WK_OK && set->digits;
    } else {
        *more = wk_digits_next(set->digits);
        if (!*more)
            end_digits(set);
    }
    set->done = !*more;
    return status;
}

int64_t wk_quantile_total(const wk_quantile_set *set)
{
    return set->total;
}

double wk_quantile_get(const wk_quantile_set *set, int index)
{
    return set->quantiles[index].value;
}
