#include "quantile_digit.h"

#include "float_key.h"
#include "memory.h"

enum { BINS = 1 << 16 };

typedef struct wanted {
    int64_t rank; /* among the values of the digits that are known */
    uint32_t key; /* the digits that are known */
    int table;    /* of its upper digit in the second pass */
} wanted;

struct wk_digits {
    int count, workers;
    int pass;           /* 0: upper digits, 1: lower digits, 2: done */
    int tables;         /* of a worker in this pass */
    int32_t link[BINS]; /* second pass: 1 + table of an upper digit; 0: nobody wants it */
    wanted *wanted;
    int64_t **counts; /* [workers] -> [tables][BINS]; NULL: this worker had nothing to do */
};

wk_status wk_digits_create(wk_digits **out, const int64_t *ranks, int count, int workers,
                           wk_error *error)
{
    wk_digits *digits = wk_memory_new(1, sizeof *digits, error);
    *out = digits;
    if (!digits)
        return WK_MEMORY;
    digits->count = count;
    digits->workers = workers;
    digits->tables = 1;
    digits->wanted = wk_memory_new((size_t)count, sizeof *digits->wanted, error);
    if (digits->wanted)
        digits->counts = wk_memory_new((size_t)workers, sizeof *digits->counts, error);
    if (!digits->counts) {
        wk_digits_free(digits);
        *out = NULL;
        return WK_MEMORY;
    }
    for (int i = 0; i < count; i++)
        digits->wanted[i].rank = ranks[i];
    return WK_OK;
}

static void forget_counts(wk_digits *digits)
{
    for (int worker = 0; digits->counts && worker < digits->workers; worker++) {
        wk_memory_free(digits->counts[worker]);
        digits->counts[worker] = NULL;
    }
}

void wk_digits_free(wk_digits *digits)
{
    if (!digits)
        return;
    forget_counts(digits);
    wk_memory_free(digits->counts);
    wk_memory_free(digits->wanted);
    wk_memory_free(digits);
}

static void count_upper(int64_t *counts, const float *values, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (values[i] == values[i])
            counts[wk_float_key(values[i]) >> 16]++;
}

static void count_lower(int64_t *counts, const int32_t *link, const float *values, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        uint32_t key = wk_float_key(values[i]);
        int64_t table = link[key >> 16];
        if (table > 0 && values[i] == values[i])
            counts[(table - 1) * BINS + (key & 0xffff)]++;
    }
}

wk_status wk_digits_add(wk_digits *digits, int worker, const float *values, int64_t n,
                        wk_error *error)
{
    int64_t *counts = digits->counts[worker];
    if (digits->pass > 1 || n < 1)
        return WK_OK;
    if (!counts) {
        counts = wk_memory_new((size_t)digits->tables * BINS, sizeof *counts, error);
        digits->counts[worker] = counts;
    }
    if (!counts)
        return WK_MEMORY;
    if (digits->pass == 0)
        count_upper(counts, values, n);
    else
        count_lower(counts, digits->link, values, n);
    return WK_OK;
}

/* The digit in which a rank lies; the rank becomes that among the values with this digit. */
static uint32_t find_digit(const wk_digits *digits, int table, int64_t *rank)
{
    for (uint32_t digit = 0; digit < BINS; digit++) {
        int64_t here = 0;
        for (int worker = 0; worker < digits->workers; worker++)
            if (digits->counts[worker])
                here += digits->counts[worker][(int64_t)table * BINS + digit];
        if (*rank < here)
            return digit;
        *rank -= here;
    }
    return BINS - 1;
}

static void end_upper(wk_digits *digits)
{
    int tables = 0;
    for (int i = 0; i < digits->count; i++) {
        wanted *one = &digits->wanted[i];
        uint32_t digit = find_digit(digits, 0, &one->rank);
        if (digits->link[digit] == 0)
            digits->link[digit] = ++tables;
        one->table = digits->link[digit] - 1;
        one->key = digit << 16;
    }
    digits->tables = tables;
}

static void end_lower(wk_digits *digits)
{
    for (int i = 0; i < digits->count; i++) {
        wanted *one = &digits->wanted[i];
        one->key |= find_digit(digits, one->table, &one->rank);
    }
}

int wk_digits_next(wk_digits *digits)
{
    if (digits->pass == 0)
        end_upper(digits);
    else if (digits->pass == 1)
        end_lower(digits);
    forget_counts(digits);
    digits->pass += digits->pass < 2;
    return digits->pass < 2;
}

float wk_digits_get(const wk_digits *digits, int index)
{
    return wk_float_of_key(digits->wanted[index].key);
}
