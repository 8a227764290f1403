#include <math.h>

#include "thin_plate_model.h"

/* Steps a decade of the shift, from gains that hardly feel it to those that hardly count. */
enum { STEPS = 4, SECTIONS = 24, HALVINGS = 30 };
static const double PI = 3.14159265358979323846;
static const double BELOW = 1e-4, ABOVE = 1e6, ROBUST = 0.3, SHARE = 0.7;

double wk_plate_shift_of(double lambda, double scale)
{
    return lambda * 8.0 * PI / (scale * scale);
}

double wk_plate_lambda_of(double shift, double scale)
{
    return shift * scale * scale / (8.0 * PI);
}

double wk_plate_trace(const wk_plate_spectrum *spectrum, double shift)
{
    double trace = 0.0;
    for (int64_t k = 0; k < spectrum->m; k++)
        trace += spectrum->gain[k] / (spectrum->gain[k] + shift);
    return (double)spectrum->terms + trace;
}

double wk_plate_score(const wk_plate_spectrum *spectrum, double shift)
{
    double rest = spectrum->rest, lost = 0.0, square = (double)spectrum->terms;
    double rows = (double)spectrum->rows;
    for (int64_t k = 0; k < spectrum->m; k++) {
        double gone = shift / (spectrum->gain[k] + shift), kept = 1.0 - gone;
        rest += spectrum->square[k] * gone * gone;
        lost += gone;
        square += kept * kept;
    }
    double left = lost + rows - (double)(spectrum->m + spectrum->terms);
    return rest * rows / (left * left) * (ROBUST + (1.0 - ROBUST) * square / rows);
}

static double score(const wk_plate_spectrum *spectrum, double exponent)
{
    return wk_plate_score(spectrum, pow(10.0, exponent));
}

/* The least score within two steps of a grid. */
static double golden(const wk_plate_spectrum *spectrum, double low, double high)
{
    const double part = 0.61803398874989485;
    double a = high - part * (high - low), b = low + part * (high - low);
    double at_a = score(spectrum, a), at_b = score(spectrum, b);
    for (int i = 0; i < SECTIONS; i++) {
        if (at_a < at_b) {
            high = b, b = a, at_b = at_a;
            a = high - part * (high - low);
            at_a = score(spectrum, a);
        } else {
            low = a, a = b, at_a = at_b;
            b = low + part * (high - low);
            at_b = score(spectrum, b);
        }
    }
    return 0.5 * (low + high);
}

/* The exponent from low to high where the trace is at most SHARE of what it could be. */
static double exponent_least(const wk_plate_spectrum *spectrum, double low, double high)
{
    double terms = spectrum->terms, most = terms + SHARE * ((double)spectrum->places - terms);
    if (wk_plate_trace(spectrum, pow(10.0, low)) <= most)
        return low;
    for (int i = 0; i < HALVINGS; i++) {
        double middle = 0.5 * (low + high);
        if (wk_plate_trace(spectrum, pow(10.0, middle)) > most)
            low = middle;
        else
            high = middle;
    }
    return high;
}

double wk_plate_shift_choose(const wk_plate_spectrum *spectrum)
{
    double least = INFINITY, most = 0.0, best = 0.0, found = INFINITY;
    for (int64_t k = 0; k < spectrum->m; k++) {
        least = fmin(least, spectrum->gain[k]);
        most = fmax(most, spectrum->gain[k]);
    }
    if (!(most > 0.0))
        return 1.0;
    double low = log10(fmax(least, 1e-14 * most) * BELOW), high = log10(most * ABOVE);
    low = exponent_least(spectrum, low, high);
    int64_t steps = (int64_t)ceil(STEPS * (high - low));
    /* from above, so that of equal scores the smoothest function is taken */
    for (int64_t i = steps; i >= 0; i--) {
        double at = low + (high - low) * (double)i / (double)steps;
        double here = score(spectrum, at);
        if (here < found)
            found = here, best = at;
    }
    double step = (high - low) / (double)steps;
    if (!(found > 0.0 && best > low && best < high))
        return pow(10.0, best);
    return pow(10.0, golden(spectrum, best - step, best + step));
}
