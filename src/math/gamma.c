#include "gamma.h"

#include <float.h>
#include <math.h>

/* Both expansions need some multiple of sqrt(a) terms where x is near a. */
enum { TERMS = 100000 };

/* From here on Stirling's series with three terms is exact to rounding. */
#define LARGE 30.0

/* x^a e^-x / Gamma(a).  Its logarithm is a small difference of large numbers; for a large a it is
 * taken about x = a, where nothing cancels. */
static double front(double a, double x)
{
    if (a < LARGE) {
        int sign = 0;
        return exp(a * log(x) - x - lgamma_r(a, &sign));
    }
    double t = (x - a) / a, square = 1.0 / (a * a);
    double stirling = (1.0 / 12.0 - square * (1.0 / 360.0 - square / 1260.0)) / a;
    return sqrt(a / (2.0 * M_PI)) * exp(-a * (t - log1p(t)) - stirling);
}

/* Lower function P(a, x) by its power series. */
static double lower_series(double a, double x)
{
    double term = 1.0 / a, sum = term;
    for (int i = 1; i < TERMS && term > sum * (DBL_EPSILON / 4.0); i++) {
        term *= x / (a + i);
        sum += term;
    }
    return sum * front(a, x);
}

/* Legendre's continued fraction for Q, from the front (Lentz's method). */
static double upper_fraction(double a, double x)
{
    double b = x + 1.0 - a, c = 1.0 / DBL_MIN, d = 1.0 / b, value = d;
    for (int i = 1; i < TERMS; i++) {
        double n = -i * (i - a);
        b += 2.0;
        d = n * d + b;
        d = 1.0 / (fabs(d) < DBL_MIN ? DBL_MIN : d);
        c = b + n / c;
        c = fabs(c) < DBL_MIN ? DBL_MIN : c;
        value *= d * c;
        if (fabs(d * c - 1.0) < DBL_EPSILON)
            break;
    }
    return value * front(a, x);
}

double wk_gamma_upper(double a, double x)
{
    if (!(a > 0.0) || !(x >= 0.0))
        return (double)NAN;
    if (x == 0.0)
        return 1.0;
    if (isinf(x))
        return 0.0;
    return x < a + 1.0 ? 1.0 - lower_series(a, x) : upper_fraction(a, x);
}

double wk_gamma_chi_square(double chi2, double dof)
{
    return wk_gamma_upper(0.5 * dof, 0.5 * chi2);
}
