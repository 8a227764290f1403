/* Images whose background is known, their models, and what both are at every pixel. */
#ifndef WELKIN_TESTS_BACKGROUND_CASE_H
#define WELKIN_TESTS_BACKGROUND_CASE_H

#include "picture.h"

#include "welkin/background.h"

typedef double sky_shape(double x, double y);

/* A picture of a function, without noise; variances 1. */
static inline void sky_picture(picture *out, int64_t width, int64_t height, sky_shape *shape)
{
    picture_make(out, width, height, 1);
    for (int64_t i = 0; i < width * height; i++)
        out->data[i] = (float)shape((double)(i % width), (double)(i / width));
}

/* Options of LSST's kind: nx x ny cells by the rule CEIL, an interpolation, and the rest of the
 * preset. */
static inline wk_background_options sky_lsst(const picture *of, int64_t nx, int64_t ny,
                                             wk_interpolation interpolation)
{
    wk_background_options options = wk_background_options_preset(WK_PRESET_LSST);
    options.box[0] = (of->width + nx - 1) / nx;
    options.box[1] = (of->height + ny - 1) / ny;
    options.interpolation = interpolation;
    options.undersample = WK_UNDERSAMPLE_FAIL;
    return options;
}

static inline wk_background *sky_fit(const picture *of, const wk_background_options *options)
{
    wk_background *background = NULL;
    wk_error error;
    if (wk_background_fit(&background, &of->rows, options, NULL, &error) != WK_OK)
        fail_msg("%s: %s", error.subject, error.message);
    return background;
}

/* The status of a fit that fails. */
static inline wk_status sky_refused(const picture *of, const wk_background_options *options)
{
    wk_background *background = NULL;
    wk_error error = {0};
    wk_status status = wk_background_fit(&background, &of->rows, options, NULL, &error);
    assert_null(background);
    assert_int_equal(error.code, status);
    assert_true(error.message[0] != '\0');
    return status;
}

/* The model of the whole image; the caller frees. */
static inline float *sky_model(const wk_background *background, wk_background_plane plane)
{
    int64_t width, height;
    wk_background_size(background, &width, &height);
    float *model = malloc((size_t)(width * height) * sizeof *model);
    assert_non_null(model);
    wk_view view = {model, width, height, width};
    assert_int_equal(
        wk_background_fill(background, plane, (wk_rect){0, 0, width, height}, view, NULL), WK_OK);
    return model;
}

/* The mean of what is not masked; mask may be NULL. */
static inline double sky_mean(const float *values, int64_t n, const uint8_t *mask)
{
    double sum = 0.0, count = 0.0;
    for (int64_t i = 0; i < n; i++)
        if (!mask || !mask[i]) {
            sum += (double)values[i];
            count += 1.0;
        }
    return sum / count;
}

/* Every pixel of an image has one value. */
static inline void sky_expect_flat(const float *model, int64_t count, double value,
                                   double tolerance)
{
    for (int64_t i = 0; i < count; i++)
        if (!(isnan(value) ? isnan(model[i]) : fabs((double)model[i] - value) <= tolerance))
            fail_msg("pixel %lld is %.9g, not %.9g", (long long)i, (double)model[i], value);
}

#endif
