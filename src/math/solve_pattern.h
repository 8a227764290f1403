/* The pattern of a factor: order of elimination, blocks of columns and their rows. */
#ifndef WELKIN_MATH_SOLVE_PATTERN_H
#define WELKIN_MATH_SOLVE_PATTERN_H

#include "solve_factor.h"

/* Fill everything of an all-zero factor but its numbers; what was made is freed by
 * wk_factor_clear. */
wk_status wk_factor_analyse(wk_factor *factor, const wk_network *network, wk_error *error);

#endif
