#include "offset.h"
#include "status.h"
wk_status wk_offset_fit_fade(wk_offset *o, const wk_context *c, wk_error *e)
{
    (void)o;
    (void)c;
    return wk_error_set(e, WK_NO_DATA, "", "todo");
}
wk_status wk_offset_fit_spline(wk_offset *o, const wk_context *c, wk_error *e)
{
    (void)o;
    (void)c;
    return wk_error_set(e, WK_NO_DATA, "", "todo");
}
wk_status wk_offset_from_wcs(wk_offset **out, wk_wcs *image, wk_wcs *reference, int64_t width,
                             int64_t height, double bound, const wk_context *context,
                             wk_error *error)
{
    (void)out;
    (void)image;
    (void)reference;
    (void)width;
    (void)height;
    (void)bound;
    (void)context;
    return wk_error_set(error, WK_NO_DATA, "", "todo");
}
