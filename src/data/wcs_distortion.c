#include "wcs_distortion.h"

#include <math.h>

/* Pixels: smaller than any use of a position, larger than the rounding of 1e4 px. */
static const double tolerance = 1e-8;

/* The linear part alone, from intermediate world coordinates to pixels. */
typedef struct linear {
    double m[2][2];
    double reference[2];
} linear;

static linear linear_of(const struct linprm *lin)
{
    double a = lin->cdelt[0] * lin->pc[0], b = lin->cdelt[0] * lin->pc[1];
    double c = lin->cdelt[1] * lin->pc[2], d = lin->cdelt[1] * lin->pc[3];
    double determinant = a * d - b * c;
    linear out = {{{d / determinant, -b / determinant}, {-c / determinant, a / determinant}},
                  {lin->crpix[0], lin->crpix[1]}};
    return out;
}

static void apply(const linear *inverse, const double image[2], double step[2])
{
    for (int i = 0; i < 2; i++)
        step[i] = inverse->m[i][0] * image[0] + inverse->m[i][1] * image[1];
}

/* How far a pixel is from where it should map to, in pixels of the linear part. */
static void residual(const linear *inverse, const double reached[2], const double image[2],
                     double out[2])
{
    double difference[2] = {image[0] - reached[0], image[1] - reached[1]};
    apply(inverse, difference, out);
}

static int is_close(const double step[2], const double pixel[2], double bound)
{
    /* far from the origin a pixel has fewer digits */
    double scale = fmax(1, 1e-6 * fmax(fabs(pixel[0]), fabs(pixel[1])));
    return fabs(step[0]) <= bound * scale && fabs(step[1]) <= bound * scale;
}

/* One Newton step from pixel, whose derivatives are taken over one pixel; 0 at a fold, where the
 * map has turned over or goes to nothing. */
static int newton_step(struct linprm *lin, const linear *inverse, const double image[2],
                       const double pixel[2], double step[2])
{
    double points[6] = {pixel[0], pixel[1], pixel[0] + 1, pixel[1], pixel[0], pixel[1] + 1};
    double reached[6], missing[2], right[2], up[2];
    if (linp2x(lin, 3, 2, points, reached) != 0)
        return 0;
    residual(inverse, reached, image, missing);
    residual(inverse, reached, reached + 2, right);
    residual(inverse, reached, reached + 4, up);
    double determinant = right[0] * up[1] - up[0] * right[1];
    if (!(determinant > 0.01))
        return 0;
    step[0] = (missing[0] * up[1] - up[0] * missing[1]) / determinant;
    step[1] = (right[0] * missing[1] - missing[0] * right[1]) / determinant;
    return 1;
}

static int solve(struct linprm *lin, const linear *inverse, const double image[2], double pixel[2])
{
    double step[2];
    apply(inverse, image, step);
    pixel[0] = inverse->reference[0] + step[0];
    pixel[1] = inverse->reference[1] + step[1];
    for (int iteration = 0; iteration < 40; iteration++) {
        if (!newton_step(lin, inverse, image, pixel, step))
            return 0;
        pixel[0] += step[0];
        pixel[1] += step[1];
        if (is_close(step, pixel, 0.1 * tolerance))
            return 1;
    }
    return 0;
}

void wk_wcs_distortion_invert(struct linprm *lin, int n, const double *image, double *pixel,
                              int *stat, double *room)
{
    linear inverse = linear_of(lin);
    int mapped = linp2x(lin, n, 2, pixel, room) == 0;
    for (int i = 0; i < n; i++) {
        double missing[2] = {INFINITY, INFINITY};
        if (stat[i])
            continue;
        if (mapped)
            residual(&inverse, room + 2 * i, image + 2 * i, missing);
        if (!is_close(missing, pixel + 2 * i, tolerance))
            stat[i] = !solve(lin, &inverse, image + 2 * i, pixel + 2 * i);
    }
}
