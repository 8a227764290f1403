#ifndef WELKIN_SKY_MESH_OUTLIER_H
#define WELKIN_SKY_MESH_OUTLIER_H
#include "welkin/status.h"
wk_status wk_mesh_outliers(double *weights, const float *values, const float *errors, int64_t nx, int64_t ny, int64_t fx, int64_t fy, wk_error *error);
#endif
