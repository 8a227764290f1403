#include "smooth.h"
wk_status wk_smooth_fit(double *out, const double *values, const double *weights, int64_t nx, int64_t ny, wk_smooth_report *report, wk_error *error)
{ (void)weights; (void)report; (void)error; for (int64_t i=0;i<nx*ny;i++) out[i]=values[i]; return WK_OK; }
