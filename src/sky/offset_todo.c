#include "offset.h"
#include "status.h"
wk_status wk_offset_fit_spline(wk_offset *o, const wk_context *c, wk_error *e)
{
    (void)o;
    (void)c;
    return wk_error_set(e, WK_NO_DATA, "", "todo");
}
