/* Correlations of an image whose good pixels are those where a second image is not 0, as JSON.
 *
 *     correlation_pair IMAGE GOOD LAG WAY
 *
 * Standard output: {"status": ..., "n_good", "nonfinite", "mean", "pairs", "covariance"}, matrices
 * as lists of all their numbers.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "welkin/correlation.h"
#include "welkin/exposure.h"

static int load(wk_pixels *pixels, const char *path)
{
    wk_exposure_options options = wk_exposure_options_default();
    wk_exposure **list = NULL;
    size_t count = 0;
    options.no_mask = 1;
    options.image_ext = "0";
    wk_error error;
    wk_status status = wk_exposures_open(&list, &count, path, &options, &error);
    if (status == WK_OK)
        status = wk_exposure_load(pixels, list[0], 0, &error);
    wk_exposures_free(list, count);
    if (status != WK_OK)
        fprintf(stderr, "%s: %s\n", path, error.message);
    return status == WK_OK;
}

static void print_number(double value)
{
    if (isfinite(value))
        printf("%.17g", value);
    else
        printf("null");
}

static void print_matrix(const wk_correlation *of)
{
    int64_t count = of->size * of->size;
    printf(", \"n_good\": %lld, \"nonfinite\": %lld, \"mean\": ", (long long)of->good,
           (long long)of->nonfinite);
    print_number(of->mean);
    printf(", \"pairs\": [");
    for (int64_t i = 0; i < count; i++)
        printf("%s%lld", i ? ", " : "", (long long)of->pairs[i]);
    printf("], \"covariance\": [");
    for (int64_t i = 0; i < count; i++) {
        printf("%s", i ? ", " : "");
        print_number(of->covariance[i]);
    }
    printf("]");
}

int main(int count, char **words)
{
    if (count != 5)
        return 2;
    wk_pixels image = {0}, good = {0};
    if (!load(&image, words[1]) || !load(&good, words[2]) || image.width != good.width ||
        image.height != good.height)
        return 3;
    /* what is not finite stays, to be found by what is tested */
    for (int64_t i = 0; i < good.width * good.height; i++)
        good.bad[i] = good.data[i] == 0.0F;
    wk_samples samples = {image.width, image.height, image.data, NULL, good.bad, NULL};
    wk_correlation_options options = wk_correlation_options_default();
    options.lag = atoi(words[3]);
    options.way = (wk_correlation_way)atoi(words[4]);
    wk_correlation *out = NULL;
    wk_status status = wk_correlation_measure(&out, &samples, &options, NULL, NULL);
    printf("{\"status\": \"%s\"", wk_status_name(status));
    if (out)
        print_matrix(out);
    printf("}\n");
    wk_correlation_free(out);
    wk_pixels_release(&image);
    wk_pixels_release(&good);
    return 0;
}
