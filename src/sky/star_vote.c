#include "star_vote.h"

#include <math.h>

#include "memory.h"

static const double PI = 3.14159265358979323846;
static const double LOG_MOST = 0.69314718055994530942; /* ln 2 */

/* Bins of 0.004 in the scale's logarithm and the rotation; sums over 3 x 3 of them for images that
 * agree to a few px, over 11 x 11 for distorted ones. */
enum { scales = 348, rotations = 1571, halves = 2 };
static const int half[halves] = {1, 5};
static const double BIN = 0.004;

typedef struct line {
    double logarithm, angle;
} line;

/* Lines between all stars; those of no length tell nothing. */
static int64_t draw(line *lines, const wk_star_places *places)
{
    int64_t count = 0;
    for (int64_t i = 0; i < places->count; i++) {
        for (int64_t j = i + 1; j < places->count; j++) {
            double dx = places->x[j] - places->x[i], dy = places->y[j] - places->y[i];
            double length = hypot(dx, dy);
            if (length > 0.0 && isfinite(length))
                lines[count++] = (line){log(length), atan2(dy, dx)};
        }
    }
    return count;
}

static int64_t wrap(int64_t rotation)
{
    return (rotation + rotations) % rotations;
}

/* Bin 0 begins at half a bin before scale 1/2 and rotation 0, so that no centre is between two. */
static void count_votes(float *votes, const line *a, int64_t na, const line *b, int64_t nb)
{
    const double turn = rotations / (2.0 * PI);
    for (int64_t i = 0; i < na; i++) {
        for (int64_t j = 0; j < nb; j++) {
            double scale = a[i].logarithm - b[j].logarithm;
            if (!(fabs(scale) <= LOG_MOST))
                continue;
            int64_t row = (int64_t)((scale + LOG_MOST) / BIN + 0.5);
            double angle = (a[i].angle - b[j].angle) * turn + (double)rotations + 0.5;
            votes[row * rotations + wrap((int64_t)angle % rotations)] += 1.0F;
            angle += 0.5 * (double)rotations;
            votes[row * rotations + wrap((int64_t)angle % rotations)] += 1.0F;
        }
    }
}

/* Sums over (2 reach + 1)^2 bins, less what the scale's row leads to expect, in its scatter. */
static void stand_out(float *out, float *room, const float *votes, int reach)
{
    for (int64_t s = 0; s < scales; s++) {
        for (int64_t r = 0; r < rotations; r++) {
            float sum = 0.0F;
            for (int64_t k = s - reach; k <= s + reach; k++)
                sum += k >= 0 && k < scales ? votes[k * rotations + r] : 0.0F;
            room[s * rotations + r] = sum;
        }
    }
    for (int64_t s = 0; s < scales; s++) {
        const float *row = room + s * rotations;
        float total = 0.0F;
        for (int64_t r = 0; r < rotations; r++)
            total += row[r];
        float expected = total * (float)(2 * reach + 1) / (float)rotations;
        float scatter = sqrtf(expected + 1.0F);
        for (int64_t r = 0; r < rotations; r++) {
            float sum = 0.0F;
            for (int64_t k = r - reach; k <= r + reach; k++)
                sum += row[wrap(k)];
            out[s * rotations + r] = sum > 0.0F ? (sum - expected) / scatter : 0.0F;
        }
    }
}

/* The highest, lowest place first; its surroundings are cleared.  Nonzero if none is left. */
static int take(wk_star_candidate *out, float *height, int reach)
{
    int64_t best = 0;
    for (int64_t k = 1; k < (int64_t)scales * rotations; k++)
        best = height[k] > height[best] ? k : best;
    if (!(height[best] > 0.0F))
        return 1;
    int64_t row = best / rotations, column = best % rotations;
    out->scale = exp(BIN * (double)row - LOG_MOST);
    out->rotation = 2.0 * PI * (double)column / (double)rotations;
    out->width = BIN * ((double)reach + 0.5);
    for (int64_t s = row - 2 * reach; s <= row + 2 * reach; s++)
        for (int64_t r = column - 2 * reach; r <= column + 2 * reach && s >= 0 && s < scales; r++)
            height[s * rotations + wrap(r)] = 0.0F;
    return 0;
}

static void choose(wk_star_candidate *candidates, int64_t *count, const float *votes,
                   float *height[halves], float *room)
{
    for (int h = 0; h < halves; h++)
        stand_out(height[h], room, votes, half[h]);
    for (int64_t k = 0; k < WK_STAR_CANDIDATES; k++)
        if (!take(&candidates[*count], height[k % halves], half[k % halves]))
            (*count)++;
}

wk_status wk_star_vote(wk_star_candidate *candidates, int64_t *count, const wk_star_places *current,
                       const wk_star_places *reference, wk_error *error)
{
    const size_t bins = (size_t)scales * rotations;
    size_t na = (size_t)(current->count * (current->count - 1) / 2);
    size_t nb = (size_t)(reference->count * (reference->count - 1) / 2);
    line *lines = wk_memory_raw(na + nb, sizeof *lines, error);
    float *votes = lines ? wk_memory_new((2 + halves) * bins, sizeof *votes, error) : NULL;
    *count = 0;
    if (votes) {
        int64_t a = draw(lines, current), b = draw(lines + a, reference);
        float *height[halves] = {votes + 2 * bins, votes + 3 * bins};
        count_votes(votes, lines, a, lines + a, b);
        choose(candidates, count, votes, height, votes + bins);
    }
    wk_memory_free(lines);
    wk_memory_free(votes);
    return votes ? WK_OK : WK_MEMORY;
}
