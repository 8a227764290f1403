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

static int is_close(const double step[2], const double pixel[2])
{
    /* far from the origin a pixel has fewer digits */
    double scale = fmax(1, 1e-6 * fmax(fabs(pixel[0]), fabs(pixel[1])));
    return fabs(step[0]) <= tolerance * scale && fabs(step[1]) <= tolerance * scale;
}

/* Two columns of derivatives, over one pixel, in pixels of the linear part; their determinant. */
typedef struct slope {
    double right[2], up[2];
    double determinant;
} slope;

static int read_slope(struct linprm *lin, const linear *inverse, const double image[2],
                      const double pixel[2], double missing[2], slope *out)
{
    double points[6] = {pixel[0], pixel[1], pixel[0] + 1, pixel[1], pixel[0], pixel[1] + 1};
    double reached[6];
    if (linp2x(lin, 3, 2, points, reached) != 0)
        return 0;
    residual(inverse, reached, image, missing);
    residual(inverse, reached, reached + 2, out->right);
    residual(inverse, reached, reached + 4, out->up);
    out->determinant = out->right[0] * out->up[1] - out->up[0] * out->right[1];
    /* at a fold the map turns over or goes to nothing; NaN ends here too */
    return out->determinant > 0.01;
}

static int read_residual(struct linprm *lin, const linear *inverse, const double image[2],
                         const double pixel[2], double missing[2])
{
    double reached[2];
    int failed = linp2x(lin, 1, 2, pixel, reached);
    residual(inverse, reached, image, missing);
    return !failed;
}

static void move(double pixel[2], const double missing[2], const slope *at, double step[2])
{
    step[0] = (missing[0] * at->up[1] - at->up[0] * missing[1]) / at->determinant;
    step[1] = (at->right[0] * missing[1] - missing[0] * at->right[1]) / at->determinant;
    pixel[0] += step[0];
    pixel[1] += step[1];
}

/* Once the steps are short the slope need not be read anew. */
static int solve(struct linprm *lin, const linear *inverse, const double image[2], double pixel[2])
{
    double step[2] = {(double)INFINITY, (double)INFINITY}, missing[2];
    slope at = {{1, 0}, {0, 1}, 1};
    apply(inverse, image, missing);
    pixel[0] = inverse->reference[0] + missing[0];
    pixel[1] = inverse->reference[1] + missing[1];
    for (int iteration = 0; iteration < 40; iteration++) {
        int near = fabs(step[0]) < 1 && fabs(step[1]) < 1;
        if (near ? !read_residual(lin, inverse, image, pixel, missing)
                 : !read_slope(lin, inverse, image, pixel, missing, &at))
            return 0;
        move(pixel, missing, &at, step);
        if (is_close(step, pixel))
            return 1;
    }
    return 0;
}

void wk_wcs_distortion_invert(struct linprm *lin, int n, const double *image, double *pixel,
                              int *stat)
{
    linear inverse = linear_of(lin);
    for (int i = 0; i < n; i++)
        if (!stat[i])
            stat[i] = !solve(lin, &inverse, image + 2 * i, pixel + 2 * i);
}
