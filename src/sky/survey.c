#include "survey.h"

#include <float.h>
#include <math.h>

#include "memory.h"

wk_status wk_survey_begin(wk_survey *survey, int64_t strips, int workers, float *sample,
                          int64_t size, int64_t most, wk_error *error)
{
    const double half = 0.5;
    *survey = (wk_survey){.count = strips};
    survey->strips = wk_memory_new((size_t)strips, sizeof *survey->strips, error);
    if (!survey->strips)
        return WK_MEMORY;
    wk_status status = wk_quantile_create(&survey->median, &half, 1, workers, most, error);
    if (status != WK_OK) {
        wk_survey_end(survey);
        return status;
    }
    wk_moment all = wk_moment_range(sample, size, -FLT_MAX, FLT_MAX, 0.0F);
    survey->shift = all.count > 0 ? (float)wk_moment_mean(&all) : 0.0F;
    wk_quantile_guess(survey->median, sample, size);
    return WK_OK;
}

wk_status wk_survey_add(wk_survey *survey, int worker, int64_t strip, const float *values,
                        int64_t n, wk_error *error)
{
    wk_survey_strip *s = &survey->strips[strip];
    s->moment = wk_moment_range(values, n, -FLT_MAX, FLT_MAX, survey->shift);
    wk_moment_extremes(&s->min, &s->max, values, n, -FLT_MAX, FLT_MAX);
    return wk_quantile_add(survey->median, worker, values, n, error);
}

wk_status wk_survey_next(wk_survey *survey, int *more, wk_error *error)
{
    return wk_quantile_next(survey->median, more, error);
}

wk_survey_result wk_survey_end(wk_survey *survey)
{
    wk_survey_result result = {0, (double)NAN, (double)NAN, (double)NAN, (double)NAN, (double)NAN};
    wk_moment all = {0, (double)survey->shift, 0.0, 0.0};
    float min = INFINITY, max = -INFINITY;
    for (int64_t i = 0; survey->strips && i < survey->count; i++) {
        all = wk_moment_add(all, survey->strips[i].moment);
        min = fminf(min, survey->strips[i].min);
        max = fmaxf(max, survey->strips[i].max);
    }
    if (all.count > 0) {
        double n = (double)all.count, mean = wk_moment_mean(&all);
        double scatter = all.count > 1 ? wk_moment_scatter(&all, mean) : 0.0;
        result = (wk_survey_result){.count = all.count,
                                    .mean = mean,
                                    .variance = scatter * scatter * (n - 1.0) / n,
                                    .min = (double)min,
                                    .max = (double)max,
                                    .median = wk_quantile_get(survey->median, 0)};
    }
    wk_quantile_free(survey->median);
    wk_memory_free(survey->strips);
    *survey = (wk_survey){0};
    return result;
}
