/* The steps of wk_match; shared by its files. */
#ifndef WELKIN_SKY_MATCH_H
#define WELKIN_SKY_MATCH_H

#include "overlap.h"

typedef struct wk_matching wk_matching;

/* Levels from elsewhere than the overlaps' values. */
typedef struct wk_match_source {
    /* fills levels, errors, components and component_count, as wk_matching_solve does */
    void (*solve)(wk_matching *matching, void *payload);
    void *payload;
    const double *slopes;  /* [edge_count] what backgrounds differ by beyond levels */
    const double *rises;   /* [members] what an exposure's own level has beyond its item's, compared
                              units */
    const double *offsets; /* [members] the part of it that is its detector's; NULL: none */
} wk_match_source;

/* Work on the items, numbered by names (as in wk_overlaps). */
struct wk_matching {
    const wk_overlaps *overlaps;
    const wk_match_options *options;
    double *levels;      /* [items], compared units */
    double *errors;      /* [items] */
    double *own;         /* [items]: least statistic of the item's whole fields; NaN if none */
    double *own_errors;  /* [items] */
    int64_t *components; /* [items] */
    int64_t component_count;
    int64_t tied;                  /* the component that a reference gives its level; -1: none */
    char *empty;                   /* [items]: nonzero when no field of it has a good pixel */
    size_t used;                   /* edges with both sides measured */
    const wk_match_source *source; /* NULL: the overlaps' values */
};

/* wk_match with levels from source, which may be NULL. */
wk_status wk_match_from(wk_solution **out, const wk_overlaps *overlaps,
                        const wk_match_options *options, const wk_match_source *source,
                        const wk_context *context, wk_error *error);

/* Add a sentence to the warnings. */
wk_status wk_solution_warn(wk_solution *solution, const char *text, wk_error *error);

/* Solve the differences of the overlaps; zero mean per component, NaN where no edge reaches. */
wk_status wk_matching_solve(wk_matching *matching, wk_error *error);

/* Shift the solved levels as the anchor says. */
wk_status wk_matching_shift(wk_matching *matching, wk_error *error);

/* Add the sky that all have in common. */
wk_status wk_matching_add_global(wk_matching *matching, wk_error *error);

/* Say what the user should know. */
wk_status wk_matching_warn(wk_solution *solution, const wk_matching *matching, wk_error *error);

/* How messages call an item (in our order): its group, or its first field. */
void wk_matching_name(char *name, size_t size, const wk_matching *matching, size_t item);

#endif
