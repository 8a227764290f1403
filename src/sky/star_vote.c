#include "star_vote.h"

#include <math.h>

#include "memory.h"

static const double PI = 3.14159265358979323846;
static const double LOG_MOST = 0.69314718055994530942; /* ln 2 */

/* Bins of 0.005 in the scale's logarithm and the rotation; sums over 3 x 3 of them for images that
 * agree to a few px, over 11 x 11 for distorted ones.  The rows of scales are padded, so that sums
 * need not look where they end. */
enum { scales = 280, rotations = 628, halves = 2, pad = 5, rows = scales + 2 * pad };
static const int half[halves] = {1, 5};
static const double BIN = 0.005;

/* In bins; the angle is that of a line without direction, 0..rotations for half a turn. */
typedef struct line {
    double logarithm, angle;
} line;

/* Lines between all stars; those of no length tell nothing. */
static int64_t draw(line *lines, const wk_star_places *places)
{
    const double turn = rotations / PI;
    int64_t count = 0;
    for (int64_t i = 0; i < places->count; i++) {
        for (int64_t j = i + 1; j < places->count; j++) {
            double dx = places->x[j] - places->x[i], dy = places->y[j] - places->y[i];
            double length = hypot(dx, dy);
            if (!(length > 0.0) || !isfinite(length))
                continue;
            double angle = atan2(dy, dx) * turn;
            angle += angle < 0.0 ? (double)rotations : 0.0;
            lines[count++] = (line){log(length) / BIN, angle};
        }
    }
    return count;
}

static int64_t wrap(int64_t rotation)
{
    return rotation < 0 ? rotation + rotations : rotation - (rotation >= rotations ? rotations : 0);
}

/* The middle of a bin is a whole number of bins: none of the frequent values, scale 1 and rotation
 * 0, falls between two. */
static void count_votes(float *votes, const line *a, int64_t na, const line *b, int64_t nb)
{
    const double most = LOG_MOST / BIN, offset = most + 0.5;
    for (int64_t i = 0; i < na; i++) {
        for (int64_t j = 0; j < nb; j++) {
            double scale = a[i].logarithm - b[j].logarithm;
            if (!(fabs(scale) <= most))
                continue;
            float *row = votes + ((int64_t)(scale + offset) + pad) * rotations;
            double angle = a[i].angle - b[j].angle;
            angle += angle < 0.0 ? rotations + 0.5 : 0.5;
            row[wrap((int64_t)angle)] += 1.0F;
        }
    }
}

/* Sums over 2 reach + 1 scales. */
static void add_scales(float *row, const float *votes, int64_t scale, int reach)
{
    for (int64_t r = 0; r < rotations; r++)
        row[r] = 0.0F;
    for (int64_t k = scale + pad - reach; k <= scale + pad + reach; k++)
        for (int64_t r = 0; r < rotations; r++)
            row[r] += votes[k * rotations + r];
}

/* Sums over (2 reach + 1)^2 bins, less what the scale's row leads to expect, in its scatter.
 * Counts are whole numbers below 2^24, so that running sums are exact. */
static void stand_out(float *out, float *highest, const float *votes, int reach)
{
    float row[rotations];
    for (int64_t s = 0; s < scales; s++) {
        add_scales(row, votes, s, reach);
        float total = 0.0F, sum = 0.0F;
        for (int64_t r = 0; r < rotations; r++)
            total += row[r];
        float expected = total * (float)(2 * reach + 1) / (float)rotations;
        float scatter = sqrtf(expected + 1.0F);
        for (int64_t k = -reach; k < reach; k++)
            sum += row[wrap(k)];
        highest[s] = 0.0F;
        for (int64_t r = 0; r < rotations; r++) {
            sum += row[wrap(r + reach)];
            float height = sum > 0.0F ? (sum - expected) / scatter : 0.0F;
            out[s * rotations + r] = height;
            highest[s] = height > highest[s] ? height : highest[s];
            sum -= row[wrap(r - reach)];
        }
    }
}

static void clear(float *height, float *highest, int64_t row, int64_t column, int reach)
{
    for (int64_t s = row - 2 * reach; s <= row + 2 * reach; s++) {
        if (s < 0 || s >= scales)
            continue;
        for (int64_t r = column - 2 * reach; r <= column + 2 * reach; r++)
            height[s * rotations + wrap(r)] = 0.0F;
        highest[s] = 0.0F;
        for (int64_t r = 0; r < rotations; r++)
            highest[s] = fmaxf(highest[s], height[s * rotations + r]);
    }
}

/* The highest, lowest place first, in both directions; its surroundings are cleared.  Nonzero if
 * none is left. */
static int take(wk_star_candidate *out, float *height, float *highest, int reach)
{
    int64_t row = 0, column = 0;
    for (int64_t s = 1; s < scales; s++)
        row = highest[s] > highest[row] ? s : row;
    if (!(highest[row] > 0.0F))
        return 1;
    while (height[row * rotations + column] < highest[row])
        column++;
    for (int direction = 0; direction < 2; direction++) {
        out[direction].scale = exp(BIN * (double)row - LOG_MOST);
        out[direction].rotation = PI * ((double)column / (double)rotations + (double)direction);
        out[direction].width = BIN * ((double)reach + 0.5);
    }
    clear(height, highest, row, column, reach);
    return 0;
}

static void choose(wk_star_candidate *candidates, int64_t *count, const float *votes,
                   float *height[halves])
{
    float highest[halves][scales];
    for (int h = 0; h < halves; h++)
        stand_out(height[h], highest[h], votes, half[h]);
    for (int64_t k = 0; k < WK_STAR_CANDIDATES / 2; k++) {
        int64_t h = k % halves;
        if (!take(&candidates[*count], height[h], highest[h], half[h]))
            *count += 2;
    }
}

wk_status wk_star_vote(wk_star_candidate *candidates, int64_t *count, const wk_star_places *current,
                       const wk_star_places *reference, wk_error *error)
{
    const size_t bins = (size_t)rows * rotations;
    size_t na = (size_t)(current->count * (current->count - 1) / 2);
    size_t nb = (size_t)(reference->count * (reference->count - 1) / 2);
    line *lines = wk_memory_raw(na + nb, sizeof *lines, error);
    float *votes = lines ? wk_memory_new((1 + halves) * bins, sizeof *votes, error) : NULL;
    *count = 0;
    if (votes) {
        int64_t a = draw(lines, current), b = draw(lines + a, reference);
        float *height[halves] = {votes + bins, votes + 2 * bins};
        count_votes(votes, lines, a, lines + a, b);
        choose(candidates, count, votes, height);
    }
    wk_memory_free(lines);
    wk_memory_free(votes);
    return votes ? WK_OK : WK_MEMORY;
}
