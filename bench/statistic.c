/* Mean, median and standard deviation of the first image of a file, after clipping about the
 * median.
 *
 * bench_statistic FILE SIGMA ITERATIONS
 *
 * Uses nothing but the public headers: what a program that is linked with libwelkin would do.
 */
#include <stdio.h>
#include <stdlib.h>

#include "welkin/welkin.h"

static int fail(const wk_error *error)
{
    fprintf(stderr, "bench_statistic: %s%s%s\n", error->subject, error->subject[0] ? ": " : "",
            error->message);
    return 3;
}

static wk_status measure(wk_clipped *out, const wk_exposure *exposure, double sigma, int iterations,
                         wk_error *error)
{
    wk_pixels pixels = {0};
    wk_status status = wk_exposure_load(&pixels, exposure, 0, error);
    if (status == WK_OK)
        status = wk_statistic_clip(out, pixels.data, pixels.width * pixels.height, sigma,
                                   iterations, NULL, error);
    wk_pixels_release(&pixels);
    return status;
}

int main(int argc, char **argv)
{
    wk_exposure **exposures = NULL;
    wk_clipped found;
    wk_error error = {WK_OK, "", ""};
    size_t count = 0;
    if (argc != 4) {
        fprintf(stderr, "usage: bench_statistic FILE SIGMA ITERATIONS\n");
        return 2;
    }
    wk_exposure_options options = wk_exposure_options_default();
    options.no_mask = 1;
    wk_status status = wk_exposures_open(&exposures, &count, argv[1], &options, &error);
    if (status == WK_OK)
        status = measure(&found, exposures[0], atof(argv[2]), atoi(argv[3]), &error);
    wk_exposures_free(exposures, count);
    if (status < 0)
        return fail(&error);
    printf("%.17g %.17g %.17g %lld\n", found.mean, found.median, found.std, (long long)found.n);
    return 0;
}
