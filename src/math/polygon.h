/* Directions on the sphere, and whether two polygons of great-circle arcs meet. */
#ifndef WELKIN_MATH_POLYGON_H
#define WELKIN_MATH_POLYGON_H

#include <stdint.h>

/* Degrees to a unit vector. */
void wk_vector_from_sky(double vector[3], const double sky[2]);

double wk_vector_dot(const double a[3], const double b[3]);
void wk_vector_cross(double out[3], const double a[3], const double b[3]);

/* Scale to unit length; returns the length it had (a zero vector is left alone). */
double wk_vector_normalise(double vector[3]);

/* The angle between two unit vectors, radians, accurate for small and large angles. */
double wk_vector_angle(const double a[3], const double b[3]);

/* The angle between a unit vector and the nearest point of the shorter great-circle arc from a to
 * b, radians. */
double wk_vector_angle_to_arc(const double point[3], const double a[3], const double b[3]);

/* Project n unit vectors about a unit vector so that great circles become straight lines.
 * Returns 0 if one of them lies 90 degrees or more from the centre. */
int wk_polygon_project(double (*plane)[2], const double (*vectors)[3], int64_t n,
                       const double centre[3]);

/* Grow a plane polygon about the mean of its vertices. */
void wk_polygon_grow(double (*plane)[2], int64_t n, double factor);

/* Whether two simple polygons (not closed: the last vertex joins the first) share any point. */
int wk_polygon_meet(const double (*a)[2], int64_t na, const double (*b)[2], int64_t nb);

/* Whether a point lies inside a simple polygon; on the border either answer may come. */
int wk_polygon_contains(const double (*polygon)[2], int64_t n, const double point[2]);

#endif
