#include "simulate_frame.h"

#include <math.h>

static const double RADIAN = 57.295779513082320877; /* degrees */

wk_mosaic_frame wk_mosaic_frame_at(double ra, double dec)
{
    double ca = cos(ra / RADIAN), sa = sin(ra / RADIAN);
    double cd = cos(dec / RADIAN), sd = sin(dec / RADIAN);
    return (wk_mosaic_frame){
        .centre = {cd * ca, cd * sa, sd}, .east = {-sa, ca, 0}, .north = {-sd * ca, -sd * sa, cd}};
}

double wk_dot3(const double a[3], const double b[3])
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static double snap(double degrees)
{
    return nearbyint(degrees * 1e10) / 1e10;
}

/* The position of axial * centre + x * east + y * north, of any length. */
static void direction(double sky[2], const wk_mosaic_frame *frame, double axial, double x, double y)
{
    double v[3];
    for (int k = 0; k < 3; k++)
        v[k] = axial * frame->centre[k] + x * frame->east[k] + y * frame->north[k];
    double ra = snap(atan2(v[1], v[0]) * RADIAN);
    if (ra < 0)
        ra = snap(ra + 360);
    sky[0] = ra < 360 ? ra : 0;
    sky[1] = snap(atan2(v[2], hypot(v[0], v[1])) * RADIAN);
}

void wk_mosaic_to_sky(double sky[2], const wk_mosaic_frame *frame, double x, double y)
{
    double r = hypot(x, y);
    double across = r > 0 ? sin(r / RADIAN) / r : 0;
    direction(sky, frame, cos(r / RADIAN), across * x, across * y);
}

void wk_mosaic_gnomonic_to_sky(double sky[2], const wk_mosaic_frame *frame, double x, double y)
{
    direction(sky, frame, 1, x / RADIAN, y / RADIAN);
}

void wk_mosaic_from_sky(double xy[2], const wk_mosaic_frame *frame, const double sky[2])
{
    wk_mosaic_frame there = wk_mosaic_frame_at(sky[0], sky[1]);
    double x = wk_dot3(there.centre, frame->east);
    double y = wk_dot3(there.centre, frame->north);
    double across = hypot(x, y);
    double r = atan2(across, wk_dot3(there.centre, frame->centre)) * RADIAN;
    double stretch = across > 0 ? r / across : 0;
    xy[0] = stretch * x;
    xy[1] = stretch * y;
}

double wk_mosaic_up(const wk_mosaic_frame *frame, const double sky[2])
{
    wk_mosaic_frame there = wk_mosaic_frame_at(sky[0], sky[1]);
    double along = wk_dot3(frame->north, there.centre);
    double share = along / (1 + wk_dot3(frame->centre, there.centre));
    double up[3];
    for (int k = 0; k < 3; k++)
        up[k] = frame->north[k] - share * (frame->centre[k] + there.centre[k]);
    return atan2(wk_dot3(up, there.east), wk_dot3(up, there.north));
}
