#include "zone.h"

#include <math.h>

#include "polygon.h"

enum { rings = 45 };

static const double height = 4.0;                     /* degrees */
static const double radian = 0.017453292519943295769; /* a degree in radians */

/* About as wide as high in their middle, and at least three: the plane shows less than half the
 * sphere. */
static int64_t segments(int64_t ring)
{
    double middle = -90.0 + height * ((double)ring + 0.5);
    int64_t count = (int64_t)floor(360.0 / height * cos(middle * radian));
    return count < 3 ? 3 : count;
}

static int64_t bound(int64_t index, int64_t count)
{
    return index < 0 ? 0 : index < count ? index : count - 1;
}

int64_t wk_zone_number(const double sky[2])
{
    if (!isfinite(sky[0]) || !isfinite(sky[1]))
        return -1;
    int64_t ring = bound((int64_t)floor((sky[1] + 90.0) / height), rings);
    int64_t first = 0;
    for (int64_t i = 0; i < ring; i++)
        first += segments(i);
    int64_t count = segments(ring);
    double turn = sky[0] / 360.0 - floor(sky[0] / 360.0);
    return first + bound((int64_t)floor(turn * (double)count), count);
}

static void set_axes(wk_zone *zone, double ra, double dec)
{
    double sky[2] = {ra, dec};
    wk_vector_from_sky(zone->centre, sky);
    zone->sine = sin(dec * radian);
    zone->cosine = cos(dec * radian);
    zone->east[0] = -sin(ra * radian);
    zone->east[1] = cos(ra * radian);
    zone->east[2] = 0.0;
    wk_vector_cross(zone->north, zone->centre, zone->east);
}

void wk_zone_fill(wk_zone *zone, int64_t number)
{
    int64_t ring = 0, segment = number;
    while (ring < rings - 1 && segment >= segments(ring))
        segment -= segments(ring++);
    double width = 360.0 / (double)segments(ring);
    double low = -90.0 + height * (double)ring;
    zone->number = number;
    set_axes(zone, ((double)segment + 0.5) * width, low + 0.5 * height);
    zone->low = ring == 0 ? -2.0 : sin(low * radian);
    zone->high = ring == rings - 1 ? 2.0 : sin((low + height) * radian);
    zone->slope = tan(0.5 * width * radian);
}

void wk_zone_project(double plane[2], const wk_zone *zone, const double vector[3])
{
    double depth = wk_vector_dot(vector, zone->centre);
    int seen = depth > 0.1;
    plane[0] = seen ? wk_vector_dot(vector, zone->east) / depth : (double)NAN;
    plane[1] = seen ? wk_vector_dot(vector, zone->north) / depth : (double)NAN;
}

int wk_zone_side(const wk_zone *zone, double x, double y)
{
    double sine = (zone->sine + y * zone->cosine) / sqrt(1.0 + x * x + y * y);
    double half = zone->slope * (zone->cosine - y * zone->sine);
    return (sine < zone->low ? 1 : 0) | (sine >= zone->high ? 2 : 0) | (x < -half ? 4 : 0) |
           (x >= half ? 8 : 0);
}

double wk_zone_pitch(double arcsec)
{
    /* the four steps of an octave; borders between them lie at their geometric means */
    static const double steps[] = {1.0, 1.189207115002721, 1.414213562373095, 1.681792830507429,
                                   2.0};
    int octave;
    double part = 2.0 * frexp(arcsec, &octave);
    int step = 0;
    while (step < 4 && part * part >= steps[step] * steps[step + 1])
        step++;
    return ldexp(steps[step], octave - 1);
}

static const int64_t middle = INT64_C(1) << 23; /* what column and row 0 are in a key */

int64_t wk_zone_key(int64_t number, int64_t u, int64_t v)
{
    return (number << 48) | ((v + middle) << 24) | (u + middle);
}

void wk_zone_cell(double sky[2], wk_zone *zone, int64_t key, double pitch)
{
    const int64_t part = (INT64_C(1) << 24) - 1;
    double x = ((double)((key & part) - middle) + 0.5) * pitch;
    double y = ((double)((key >> 24 & part) - middle) + 0.5) * pitch;
    double vector[3];
    if (zone->number != key >> 48)
        wk_zone_fill(zone, key >> 48);
    for (int k = 0; k < 3; k++)
        vector[k] = zone->centre[k] + x * zone->east[k] + y * zone->north[k];
    double ra = atan2(vector[1], vector[0]) / radian;
    sky[0] = ra < 0.0 ? ra + 360.0 : ra;
    sky[1] = atan2(vector[2], hypot(vector[0], vector[1])) / radian;
}
