#include <math.h>

#include "welkin/statistic.h"

/* What reading the bins as narrower than they are adds: the last bin's misfit is anything from none
 * to a bin, and half of it has piled up at the middle of the range. */
static double misfit_variance(double bin_width)
{
    return bin_width * bin_width / 48.0;
}

/* A law measured on Gaussian noise; docs/methods/statistic.md has the table.  The peak wanders over
 * the bins whose counts differ by less than their noise, until the bins are wider than that. */
static double error_of_mode(double n, double stddev, double bin_width)
{
    double count = n * bin_width, wide = bin_width * sqrt(sqrt(count)) / 2.4;
    double wander = 0.76 / sqrt(count) / (1.0 + wide * wide * wide);
    return stddev * sqrt(wander + misfit_variance(bin_width));
}

/* Structure shared by the exposures spreads the pixels and pins them: only those near the level
 * can cross it when the noise changes. */
static double error_of_median(double n, double stddev, double noise)
{
    double ratio = noise / stddev;
    return stddev * sqrt(acos(1.0 - fmin(1.0, ratio * ratio)) / n);
}

double wk_statistic_error(const wk_measure *measure, const wk_statistic_options *options,
                          double noise)
{
    wk_statistic_options defaults = wk_statistic_options_default();
    if (!options)
        options = &defaults;
    double n = (double)measure->pixels, stddev = measure->stddev;
    if (isnan(noise))
        noise = stddev;
    if (measure->pixels < 1 || isnan(measure->value) || !(noise >= 0.0))
        return (double)NAN;
    if (options->statistic == WK_STATISTIC_MEAN || measure->pixels == 1 || !(stddev > 0.0))
        return noise / sqrt(n);
    if (options->statistic == WK_STATISTIC_MODE)
        return error_of_mode(n, stddev, options->bin_width);
    double error = error_of_median(n, stddev, noise);
    if (options->statistic == WK_STATISTIC_MEDIAN)
        return error;
    return sqrt(error * error + stddev * stddev * misfit_variance(options->bin_width));
}
