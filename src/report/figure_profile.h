/* Curves and points over a common axis, with error bars and a band about zero. */
#ifndef WELKIN_REPORT_FIGURE_PROFILE_H
#define WELKIN_REPORT_FIGURE_PROFILE_H

#include "figure_axis.h"

typedef struct wk_profile_line {
    const double *x, *y;  /* [count], x ascending; not finite: a gap */
    const double *errors; /* [count]; NaN: none; or NULL */
    size_t count;
    wk_colour colour;
    int dots;         /* nonzero: a dot at each value, else the line alone */
    const char *name; /* for the legend */
} wk_profile_line;

/* Everything is borrowed. */
typedef struct wk_profile {
    const wk_profile_line *lines; /* [count] */
    int count;
    const double *band; /* half widths about zero at the first line's x, one apart; or NULL */
    double level;       /* where a faint line runs across */
    double low, high;   /* of the axis below */
    double bottom, top; /* of the values, in logarithms if so drawn */
    int logarithmic;    /* nonzero: on a logarithmic axis; values not above 0 are gaps */
    int ticks;          /* below */
    const char *title;
    const char *across, *unit; /* name of the axis below */
    const char *upward;        /* of the values: a pure number; NULL: none */
} wk_profile;

/* The range of what is drawn and of a level; charts side by side can share the widest. */
typedef struct wk_profile_reach {
    double low, high, largest; /* largest size of a value */
    double cut;                /* sizes beyond this are off the scale; 0: none are */
} wk_profile_reach;

/* Start with the level alone, and without a cut. */
wk_profile_reach wk_profile_reach_start(double level, int logarithmic);

/* Error bars and bands take part as far as they do not dwarf the values. */
void wk_profile_reach_add(wk_profile_reach *reach, const wk_profile *profile);

/* bottom and top with some room. */
void wk_profile_reach_take(const wk_profile_reach *reach, wk_profile *profile);

void wk_profile_draw(wk_figure *figure, wk_box box, const wk_profile *profile);

/* Explain a line at (x, y); returns where the next entry may start. */
double wk_profile_explain(wk_figure *figure, double x, double y, const wk_profile_line *line);

/* Explain the band. */
double wk_profile_explain_band(wk_figure *figure, double x, double y, const char *name);

#endif
