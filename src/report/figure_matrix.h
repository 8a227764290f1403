/* A square of numbers as coloured cells, with axes in the numbers' own coordinates. */
#ifndef WELKIN_REPORT_FIGURE_MATRIX_H
#define WELKIN_REPORT_FIGURE_MATRIX_H

#include "figure_axis.h"

/* Everything is borrowed. */
typedef struct wk_matrix {
    const double *values; /* [size][size], the first row is the lowest; not finite: grey */
    const double *errors; /* [size][size], written below large cells' values; or NULL */
    int64_t size;
    double first, step; /* coordinate of the first column and row, and from each to the next */
    int64_t centre;     /* row and column of the cell that is black and takes no part in the range
                           of the colours; negative: none */
    int written;        /* nonzero: values stand in the cells, if they fit */
    int signs;       /* nonzero: colours diverge about zero; else they follow nearly all values */
    int logarithmic; /* nonzero: colours follow the logarithm; values not above 0 are grey */
    const char *title, *name;           /* of the values, for the colour bar: a pure number */
    const char *across, *upward, *unit; /* names of the axes, their unit */
    const char *centre_name, *unknown;  /* what is black and what is grey, for the note below */
} wk_matrix;

/* The range of the colours, in logarithms if they follow these. */
typedef struct wk_matrix_range {
    double low, high;
    int beyond;     /* bit 1, bit 2: values lie below low, above high */
    int64_t finite; /* values that have a colour */
} wk_matrix_range;

wk_status wk_matrix_range_find(wk_matrix_range *range, const wk_matrix *matrix, wk_error *error);

/* Draw the cells into a square box, axes, title, colour bar and note around it: 60 units above, 180
 * at the right, 110 below, 110 at the left. */
wk_status wk_matrix_draw(wk_figure *figure, wk_box box, const wk_matrix *matrix, wk_error *error);

#endif
