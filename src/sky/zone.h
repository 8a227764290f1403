/* The sky cut into fixed zones, each a plane of its own, on which cells are squares.
 *
 * Rings of declination, four degrees high, are cut into equal segments of right ascension.  A
 * zone's plane is tangent to the sphere at its centre.  Cells depend on their pitch alone, so that
 * cells of exposures that were measured apart are the same.
 */
#ifndef WELKIN_SKY_ZONE_H
#define WELKIN_SKY_ZONE_H

#include <stdint.h>

typedef struct wk_zone {
    int64_t number;                      /* from 0, below 4096 */
    double centre[3], east[3], north[3]; /* unit vectors */
    double sine, cosine;                 /* of the centre's declination */
    double low, high;                    /* sines of the declinations it lies between */
    double slope;                        /* tangent of half its width in right ascension */
} wk_zone;

/* The number of the zone that holds a position (degrees); -1 for one that is not finite. */
int64_t wk_zone_number(const double sky[2]);

void wk_zone_fill(wk_zone *zone, int64_t number);

/* Where a unit vector lies on the plane, in radians at the centre; NaN on the far side. */
void wk_zone_project(double plane[2], const wk_zone *zone, const double vector[3]);

/* On which sides of the zone a point of the plane lies: 1 south, 2 north, 4 west, 8 east; 0: it
 * belongs to the zone.  A border belongs to one neighbour. */
int wk_zone_side(const wk_zone *zone, double x, double y);

/* The nearest pitch of the series 2^(k/4) arcsec: exposures of nearly equal scales get one. */
double wk_zone_pitch(double arcsec);

/* A cell's key: column u and row v from the zone's centre, each within +-2^23.  Keys ascend by
 * zone, row and column. */
int64_t wk_zone_key(int64_t number, int64_t u, int64_t v);

/* The sky (degrees) at the centre of a cell.  pitch: radians.  zone is filled anew where the cell
 * is in another one; a zone of zeros with number -1 is none yet. */
void wk_zone_cell(double sky[2], wk_zone *zone, int64_t key, double pitch);

#endif
