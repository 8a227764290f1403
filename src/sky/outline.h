/* A footprint as a row of numbers, as the catalogue keeps it.
 *
 * Six numbers (unit vector of the bounding cap's centre; its radius, in radians; radians a pixel;
 * the factor that grows the border by more than a pixel), then ra, dec of each vertex in degrees.
 */
#ifndef WELKIN_SKY_OUTLINE_H
#define WELKIN_SKY_OUTLINE_H

#include "footprint.h"

enum { wk_outline_head = 6, wk_outline_most = wk_outline_head + 2 * wk_footprint_most };

/* Write a footprint to room for wk_outline_most numbers; returns how many they are. */
size_t wk_outline_write(double *outline, const wk_footprint *footprint);

/* A footprint whose vertices lie in vectors; release nothing.  Nonzero if the numbers are none. */
int wk_outline_read(wk_footprint *footprint, double (*vectors)[3], const double *outline,
                    size_t count);

/* The box of unit vectors around a cap: least and greatest x, y, z. */
void wk_cap_box(double box[6], const double centre[3], double radius);

#endif
