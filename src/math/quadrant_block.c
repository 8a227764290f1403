#include "quadrant_block.h"

#include <float.h>
#include <math.h>

/* The first column in which a point counts. */
static int64_t entry(const wk_quadrant_side *side, double u)
{
    double first = side->strict_u ? floor(u) + 1 : ceil(u);
    if (first <= (double)side->low)
        return side->low;
    return first > (double)side->high ? side->high + 1 : (int64_t)first;
}

/* Whether a point lies on the quadrant's side of a row. */
static int counts(const wk_quadrant_side *side, double y, int64_t row)
{
    double off = side->above ? y - (double)row : (double)row - y;
    return side->strict_y ? off > 0 : off >= 0;
}

static double distance(const wk_quadrant_side *side, const wk_quadrant_step *step, int64_t column)
{
    double d = (double)column - side->u[step->point];
    return sqrt(d * d + step->square);
}

/* Whether the later point is the nearer one in a column. */
static int wins(const wk_quadrant_side *side, const wk_quadrant_step *later,
                const wk_quadrant_step *before, int64_t column)
{
    double a = distance(side, later, column), b = distance(side, before, column);
    return a < b || (a == b && side->row[later->point] < side->row[before->point]);
}

/* The first column from later->from on where the later point wins, by halving. */
static int64_t search(const wk_quadrant_side *side, const wk_quadrant_step *later,
                      const wk_quadrant_step *before)
{
    int64_t low = later->from, high = side->high + 1;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (wins(side, later, before, middle))
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* The same from where the two lines cross; the rounded distances decide where that is close to a
 * column.  u of the later point is not the smaller one. */
static int64_t crossing(const wk_quadrant_side *side, const wk_quadrant_step *later,
                        const wk_quadrant_step *before)
{
    double a = side->u[before->point], b = side->u[later->point];
    double apart = b - a, at = (a + b) / 2 + (later->square - before->square) / (2 * apart);
    double doubt =
        1e-9 + 8 * DBL_EPSILON * (fabs(a) + fabs(b) + (later->square + before->square) / apart);
    double near = rint(at);
    if (!(doubt < 0.25) || !(fabs(at) < 1e15))
        return search(side, later, before);
    double first = floor(at) + 1;
    if (fabs(at - near) < doubt)
        first = near < (double)later->from || near > (double)side->high ||
                        wins(side, later, before, (int64_t)near)
                    ? near
                    : near + 1;
    if (first <= (double)later->from)
        return later->from;
    return first > (double)side->high ? side->high + 1 : (int64_t)first;
}

/* Add a point, later than all before in u, to an envelope. */
static int64_t add_step(wk_quadrant_step *steps, int64_t count, const wk_quadrant_side *side,
                        wk_quadrant_step step)
{
    int64_t from = step.from;
    while (count > 0) {
        from = crossing(side, &step, &steps[count - 1]);
        if (from > steps[count - 1].from)
            break;
        count--;
        from = step.from;
    }
    if (from <= side->high) {
        step.from = from;
        steps[count++] = step;
    }
    return count;
}

int64_t wk_quadrant_block_row(wk_quadrant_step *steps, const int32_t *list, int64_t count,
                              const wk_quadrant_side *side, int64_t row)
{
    int64_t made = 0;
    for (int64_t i = 0; i < count; i++) {
        const double u = side->u[list[i]], y = side->y[list[i]];
        if (!counts(side, y, row))
            continue;
        wk_quadrant_step step = {entry(side, u), list[i], ((double)row - y) * ((double)row - y)};
        if (step.from > side->high)
            break;
        made = add_step(steps, made, side, step);
    }
    return made;
}

/* Least and largest distance in y from a point to the rows of a block where it counts; zero if it
 * counts in none.  whole: it counts in all of them. */
static int reach(const wk_quadrant_side *side, double y, int64_t first, int64_t last, double *least,
                 double *largest, int *whole)
{
    int at_first = counts(side, y, first), at_last = counts(side, y, last);
    double a = fabs(y - (double)first), b = fabs(y - (double)last);
    *whole = at_first && at_last;
    *least = *whole ? fmin(a, b) : 0;
    *largest = fmax(a, b);
    return at_first || at_last;
}

/* The largest distances in the block of points that count in all of its rows: nothing farther away
 * than this envelope is ever nearest. */
static int64_t limit(wk_quadrant_step *steps, const int32_t *list, int64_t count,
                     const wk_quadrant_side *side, int64_t first, int64_t last)
{
    int64_t made = 0;
    for (int64_t i = 0; i < count; i++) {
        double least, largest;
        int whole;
        if (!reach(side, side->y[list[i]], first, last, &least, &largest, &whole) || !whole)
            continue;
        wk_quadrant_step step = {entry(side, side->u[list[i]]), list[i], largest * largest};
        if (step.from > side->high)
            break;
        made = add_step(steps, made, side, step);
    }
    return made;
}

/* Whether a point can be below the envelope in a column, given the step that holds there. */
static int below(const wk_quadrant_side *side, const wk_quadrant_step *step, double u, double least,
                 int64_t column)
{
    const double slack = 1 + 1e-9;
    double d = (double)column - u, e = (double)column - side->u[step->point];
    return d * d + least * least <= slack * (e * e + step->square) + 1e-9;
}

/* The difference to the envelope falls with the column while the envelope's points came in before
 * this one, and rises after: only the columns where that changes need be looked at. */
static int possible(const wk_quadrant_side *side, const wk_quadrant_step *steps, int64_t count,
                    int64_t last_before, double u, double least)
{
    int64_t from = entry(side, u), next = last_before + 1;
    int64_t turn = next < count ? steps[next].from : side->high + 1;
    int64_t column = turn - 1 > from ? turn - 1 : from;
    if (count == 0 || from < steps[0].from)
        return 1;
    if (column < turn && below(side, &steps[last_before], u, least, column))
        return 1;
    column = turn > from ? turn : from;
    if (column > side->high)
        return 0;
    while (next + 1 < count && steps[next + 1].from <= column)
        next++;
    return below(side, &steps[next], u, least, column);
}

int64_t wk_quadrant_block_keep(int32_t *kept, wk_quadrant_step *steps, const int32_t *list,
                               int64_t count, const wk_quadrant_side *side, int64_t first,
                               int64_t last)
{
    const int64_t made = limit(steps, list, count, side, first, last);
    int64_t number = 0, before = -1;
    for (int64_t i = 0; i < count; i++) {
        const double u = side->u[list[i]];
        double least, largest;
        int whole;
        if (!reach(side, side->y[list[i]], first, last, &least, &largest, &whole))
            continue;
        if (entry(side, u) > side->high)
            break;
        while (before + 1 < made && side->u[steps[before + 1].point] <= u)
            before++;
        if (possible(side, steps, made, before, u, least))
            kept[number++] = list[i];
    }
    return number;
}
