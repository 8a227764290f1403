/* The incomplete gamma function, and with it the tail of chi-square. */
#ifndef WELKIN_MATH_GAMMA_H
#define WELKIN_MATH_GAMMA_H

/* Regularised upper incomplete gamma function Q(a, x), a > 0, x >= 0; NaN outside.  Relative error
 * below 1e-11 where Q > 1e-300, for a up to 1e6. */
double wk_gamma_upper(double a, double x);

/* Probability that chi-square of dof degrees of freedom exceeds chi2; NaN for dof <= 0. */
double wk_gamma_chi_square(double chi2, double dof);

#endif
