#ifndef WELKIN_MATH_SMOOTH_H
#define WELKIN_MATH_SMOOTH_H
#include "welkin/status.h"
typedef struct wk_smooth_report { double lambda; } wk_smooth_report;
wk_status wk_smooth_fit(double *out, const double *values, const double *weights, int64_t nx, int64_t ny, wk_smooth_report *report, wk_error *error);
#endif
