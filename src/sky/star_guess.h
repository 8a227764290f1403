/* The similarity that brings most bright stars of two lists together, and what accident would do.
 */
#ifndef WELKIN_SKY_STAR_GUESS_H
#define WELKIN_SKY_STAR_GUESS_H

#include "star_pair.h"

typedef struct wk_star_guess {
    wk_star_transform transform; /* order 0, of reference to current */
    double radius;               /* within which it was judged */
    int64_t agreed;              /* bright stars that are mutually nearest within that radius */
    double chance; /* ln of an upper bound for the number of transforms that bring together as many
                      of stars that have nothing to do with each other; infinite: none was found */
    int64_t tried; /* transforms looked at */
} wk_star_guess;

/* Find it.  Stars are the brightest of each list, at least 2, in descending order; radius is what
 * pairs are expected to lie within, larger and smaller ones are tried.  WK_MEMORY. */
wk_status wk_star_guess_find(wk_star_guess *out, const wk_star_places *current,
                             const wk_star_places *reference, double radius, wk_error *error);

/* ln of the bound for agreed stars within a radius in which expected ones agree by accident, when
 * lists have that many stars. */
double wk_star_guess_chance(int64_t agreed, double expected, int64_t current, int64_t reference);

/* Half of the stars lie within this distance of the middle, which is [2] and made of medians. */
double wk_star_guess_reach(double middle[2], const wk_star_places *places, double *room);

#endif
