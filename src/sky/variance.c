#include "welkin/variance.h"

#include <math.h>

#include "log.h"
#include "status.h"
#include "variance_factor.h"
#include "variance_stream.h"

/* The distance of the quartiles of N Gaussian values has the variance
 * (2 * 3/16 - 2 * 1/16) / (N p^2) = (0.5 / p)^2 / N, with p = 0.31777657 the density at a quartile.
 * The factor is its square: 2 (0.5 / p) / 1.3489795 / sqrt(N) of it. */
#define SCATTER 2.3327745749

wk_variance_options wk_variance_options_default(void)
{
    wk_variance_options options = {
        WK_VARIANCE_AUTO, 10.0, 0.0, 0, 1, wk_background_options_preset(WK_PRESET_LSST)};
    options.fit.box[0] = options.fit.box[1] = 32;
    return options;
}

static wk_status check_factor(const wk_variance_options *options, wk_error *error)
{
    if (options->method < WK_VARIANCE_AUTO || options->method > WK_VARIANCE_IMAGE)
        return wk_error_set(error, WK_ARGUMENT, "method", "method %d is not known",
                            (int)options->method);
    if (!(options->limit > 0.0))
        return wk_error_set(error, WK_ARGUMENT, "limit", "limit is %g; it must be positive",
                            options->limit);
    if (!(options->floor >= 0.0 && isfinite(options->floor)))
        return wk_error_set(error, WK_ARGUMENT, "floor",
                            "floor is %g; it must be finite and not negative", options->floor);
    if (options->floor > options->limit)
        return wk_error_set(error, WK_ARGUMENT, "floor", "floor %g is above the limit %g",
                            options->floor, options->limit);
    return WK_OK;
}

wk_status wk_variance_check(const wk_variance_options *options, wk_error *error)
{
    if (!options)
        return WK_OK;
    wk_status status = check_factor(options, error);
    if (status == WK_OK && options->background)
        status = wk_background_check(&options->fit, error);
    return status;
}

static const char *method_name(wk_variance_method method)
{
    return method == WK_VARIANCE_IMAGE ? "image" : "pixel";
}

/* The factor by the method asked for; AUTO goes on to the image's where the pixels' is refused. */
static double choose(wk_variance_result *out, const wk_variance_options *options,
                     const wk_context *context)
{
    out->used = options->method == WK_VARIANCE_IMAGE ? WK_VARIANCE_IMAGE : WK_VARIANCE_PIXEL;
    if (options->method == WK_VARIANCE_AUTO && !(out->pixel <= options->limit)) {
        wk_log(context, WK_LOG_INFO,
               "variance factor %g (pixel) is above the limit %g; the image's is tried", out->pixel,
               options->limit);
        out->used = WK_VARIANCE_IMAGE;
    }
    return out->used == WK_VARIANCE_IMAGE ? out->image : out->pixel;
}

static wk_status accept(wk_variance_result *out, const wk_variance_options *options,
                        const wk_context *context, wk_error *error)
{
    double factor = choose(out, options, context);
    if (factor > options->limit)
        return wk_error_set(error, WK_NO_CONVERGENCE, "",
                            "variance factor %g (%s) is above the limit %g", factor,
                            method_name(out->used), options->limit);
    if (!isfinite(factor))
        return wk_error_set(error, WK_NO_DATA, "", "variance factor (%s) is %g",
                            method_name(out->used), factor);
    if (factor == 0.0 && options->floor == 0.0)
        return wk_error_set(error, WK_NO_DATA, "",
                            "variance factor (%s) is 0: half of the %lld good pixels are equal",
                            method_name(out->used), (long long)out->good);
    out->raised = factor < options->floor;
    out->factor = out->raised ? options->floor : factor;
    out->error = SCATTER / sqrt((double)out->good) * factor;
    return WK_OK;
}

wk_status wk_variance_measure(wk_variance_result *out, const wk_rows *rows,
                              const wk_background *background, const wk_rect *region,
                              const wk_variance_options *options, const wk_context *context,
                              wk_error *error)
{
    wk_variance_options own = {WK_VARIANCE_AUTO, 10.0, 0.0, 0, 0, {0}};
    if (options)
        own = *options;
    wk_variance_stream *stream = NULL;
    wk_status status = check_factor(&own, error);
    if (status == WK_OK)
        status = wk_variance_stream_create(&stream, rows, background, region, context, error);
    if (status == WK_OK)
        status = wk_variance_factors(out, stream, own.exact, context, error);
    wk_variance_stream_free(stream);
    if (status != WK_OK)
        return status;
    if (out->good >= 2)
        return accept(out, &own, context, error);
    out->factor = 1.0;
    out->used = own.method == WK_VARIANCE_IMAGE ? WK_VARIANCE_IMAGE : WK_VARIANCE_PIXEL;
    return WK_SPARSE;
}
