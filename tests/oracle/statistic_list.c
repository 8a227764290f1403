/* Measure a list of numbers: one line of output for each line of options, for comparison with other
 * programs.
 *
 * Standard input: the count and that many numbers, then lines
 *     statistic lower upper nclip lsigma usigma bin_width compat
 * with the statistic as mean, median, mode or midpt, and nan for an absent limit.  Standard output:
 * status value pixels min max stddev.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "welkin/statistic.h"

static float *read_values(int64_t *n)
{
    long long count = 0;
    if (scanf("%lld", &count) != 1 || count < 0)
        return NULL;
    float *values = malloc((size_t)count * sizeof *values + 1);
    for (long long i = 0; values && i < count; i++)
        if (scanf("%f", &values[i]) != 1) {
            free(values);
            return NULL;
        }
    *n = count;
    return values;
}

static int read_options(wk_statistic_options *options)
{
    static const char *const names[] = {"mean", "median", "mode", "midpt"};
    char name[16];
    int found = scanf("%15s %lf %lf %d %lf %lf %lf %d", name, &options->lower, &options->upper,
                      &options->nclip, &options->lsigma, &options->usigma, &options->bin_width,
                      &options->compat);
    for (int i = 0; i < 4; i++)
        if (strcmp(name, names[i]) == 0)
            options->statistic = (wk_statistic)i;
    return found == 8;
}

int main(void)
{
    int64_t n = 0;
    float *values = read_values(&n);
    if (!values)
        return 2;
    wk_statistic_options options = wk_statistic_options_default();
    wk_statistic_scratch scratch = {NULL, 0};
    while (read_options(&options)) {
        wk_measure measure;
        wk_status status = wk_statistic_measure(&measure, values, n, &options, &scratch, NULL);
        printf("%s %.17g %lld %.9g %.9g %.9g\n", status == WK_OK ? "ok" : "none", measure.value,
               (long long)measure.pixels, measure.min, measure.max, measure.stddev);
    }
    wk_statistic_scratch_release(&scratch);
    free(values);
    return 0;
}
