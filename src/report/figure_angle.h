/* Angles as astronomers write them. */
#ifndef WELKIN_REPORT_FIGURE_ANGLE_H
#define WELKIN_REPORT_FIGURE_ANGLE_H

#include <stddef.h>

/* A round step in degrees not below least (> 0): of right ascension one of time. */
double wk_angle_step(double least, int hours);

/* "12ʰ34ᵐ56.7ˢ" of right ascension, "−12°34′56″" of declination, in degrees; as many parts as
 * multiples of the step need.  Rounded to what is written. */
void wk_angle_text(char *text, size_t size, double degrees, double step, int hours);

#endif
