#include <math.h>

#include "welkin/statistic.h"

/* Mode and midpt read their bins as narrower than they are.  The misfit is anything from none to a
 * bin of width h at the end of the range, half of it at the middle: variance h^2 / 48, or less when
 * the noise is too small to move the range's ends by that much. */
static double misfit_variance(double width, double noise)
{
    return fmin(width * width / 48.0, noise * noise / 2.0);
}

/* A law measured on Gaussian noise; docs/methods/statistic.md has the tables.  The peak wanders
 * over the bins whose counts differ by less than their noise, until the bins are wider than that;
 * noise less than a bin renews only a part of the counts. */
static double error_of_mode(double n, double stddev, double bin_width, double noise)
{
    double width = bin_width * stddev, count = n * bin_width;
    double wide = bin_width * sqrt(sqrt(count)) / 2.4;
    double wander = 0.76 * stddev * stddev / sqrt(count) / (1.0 + wide * wide * wide);
    return sqrt(wander * sqrt(fmin(1.0, noise / width)) + misfit_variance(width, noise));
}

/* Structure shared by the exposures spreads the pixels and pins them: only those near the level
 * can cross it when the noise changes. */
static double error_of_median(double n, double stddev, double noise)
{
    double ratio = noise / stddev;
    return stddev * sqrt(acos(1.0 - fmin(1.0, ratio * ratio)) / n);
}

static double error_of(const wk_statistic_options *options, double n, double stddev, double noise)
{
    if (options->statistic == WK_STATISTIC_MODE)
        return error_of_mode(n, stddev, options->bin_width, noise);
    double error = error_of_median(n, stddev, noise);
    if (options->statistic == WK_STATISTIC_MEDIAN)
        return error;
    return sqrt(error * error + misfit_variance(options->bin_width * stddev, noise));
}

double wk_statistic_error(const wk_measure *measure, const wk_statistic_options *options,
                          double noise)
{
    const wk_statistic_options defaults = wk_statistic_options_default();
    if (!options)
        options = &defaults;
    double n = (double)measure->pixels, stddev = measure->stddev;
    if (isnan(noise))
        noise = stddev;
    if (measure->pixels < 1 || isnan(measure->value) || !(noise >= 0.0))
        return (double)NAN;
    /* one pixel, or no scatter at all: every statistic is that value */
    if (options->statistic == WK_STATISTIC_MEAN || !(stddev > 0.0))
        return noise / sqrt(n);
    return error_of(options, n, stddev, noise);
}
