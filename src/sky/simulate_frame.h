/* The plane in which a mosaic is laid out.
 *
 * Plane coordinates are degrees towards east and north at the mosaic's centre, by the zenithal
 * equidistant projection (distances from the centre are true), so that mosaics of any size and
 * place, poles included, can be laid out.  Sky positions are degrees, ICRS.
 */
#ifndef WELKIN_SKY_SIMULATE_FRAME_H
#define WELKIN_SKY_SIMULATE_FRAME_H

/* Unit vectors: to the centre, and towards east and north there. */
typedef struct wk_mosaic_frame {
    double centre[3], east[3], north[3];
} wk_mosaic_frame;

wk_mosaic_frame wk_mosaic_frame_at(double ra, double dec);

/* The sky position of a point of the plane, to the nearest 1e-10 degree: a coarser step than any
 * maths library's rounding errors, so that these do not reach a written file. */
void wk_mosaic_to_sky(double sky[2], const wk_mosaic_frame *frame, double x, double y);

/* The same of a point of the gnomonic plane that touches the sky at the centre. */
void wk_mosaic_gnomonic_to_sky(double sky[2], const wk_mosaic_frame *frame, double x, double y);

void wk_mosaic_from_sky(double xy[2], const wk_mosaic_frame *frame, const double sky[2]);

/* The angle from north through east, radians, of the mosaic's up direction at a sky position: what
 * north at the centre becomes when it is moved there along the great circle. */
double wk_mosaic_up(const wk_mosaic_frame *frame, const double sky[2]);

double wk_dot3(const double a[3], const double b[3]);

#endif
