#include "status.h"
#include "thin_plate_model.h"

wk_status wk_plate_knots(wk_plate *plate, const wk_plate_places *places,
                         const wk_plate_points *points, const wk_plate_options *options,
                         const wk_context *context, wk_error *error)
{
    (void)plate, (void)places, (void)points, (void)options, (void)context;
    return wk_error_set(error, WK_ARGUMENT, "", "not yet");
}
