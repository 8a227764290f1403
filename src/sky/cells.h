/* What wk_sky_cells holds, and the steps of wk_sky_cells_match. */
#ifndef WELKIN_SKY_CELLS_H
#define WELKIN_SKY_CELLS_H

#include "overlap.h"
#include "solve_blocks.h"
#include "spool.h"
#include "tally.h"
#include "welkin/cells.h"

enum { wk_sky_cell_samples = 25 }; /* places spread over an exposure, as 5 x 5 parts' middles */

/* What one member measured in a cell that others measured, too; compared units. */
typedef struct wk_sky_cell_value {
    double value;
    float error; /* > 0 */
    float x, y;  /* as in wk_tally_cell */
    int32_t pixels;
    int32_t member;
    float unit; /* 1 / standard deviation of its residual, while a solution is sought */
} wk_sky_cell_value;

/* One member's cells, ascending keys; let go when they have been merged. */
typedef struct wk_sky_cell_list {
    wk_spool_entry cells; /* of wk_tally_cell */
    int64_t count;
    int64_t first; /* key */
} wk_sky_cell_list;

/* Shared cells that follow each other; all of it is one block of a spool. */
typedef struct wk_sky_cell_block {
    int64_t count;             /* cells */
    const int32_t *start;      /* [count + 1] into values */
    const int64_t *key;        /* [count] wk_zone_key */
    double *sky;               /* [count] */
    double *shift;             /* [count] what the sky's next step has beyond the mean residual */
    wk_sky_cell_value *values; /* of a cell together, ascending members */
} wk_sky_cell_block;

typedef struct wk_cells_exposure wk_cells_exposure; /* of cells_table.h */

struct wk_sky_cells {
    wk_overlaps *overlaps;                     /* borrowed */
    double pitch;                              /* arcsec */
    double (*samples)[wk_sky_cell_samples][2]; /* [members] ra, dec in degrees; NaN: not known */
    wk_sky_cell_list *lists;                   /* [members] */
    wk_spool *measured;                        /* their cells */
    int merged;
    int broken;                  /* nonzero: a merge that failed has let lists go */
    const wk_context *context;   /* of the match that runs; NULL: none */
    double structure;            /* factor of structure's part in the squares of errors; not 0 */
    struct wk_sky_cell_fit *fit; /* of the last solution; NULL: there is none */
    int64_t count;               /* cells that at least two members share, ascending keys */
    int64_t values;              /* in them */
    int64_t most;                /* values of the largest cell */
    wk_spool_entry *blocks;
    int64_t block_count;
    size_t block_room;
    wk_spool *shared;               /* the blocks */
    wk_statistic_options statistic; /* of whole exposures */
    wk_cells_exposure *exposures;   /* [exposure_count] of tables, in the caller's order */
    size_t exposure_count;          /* 0: not from tables */
};

/* Empty, with its spools; folder NULL: /var/tmp. */
wk_status wk_sky_cells_create(wk_sky_cells **out, wk_overlaps *overlaps, const char *folder,
                              const wk_context *context, wk_error *error);

/* Put a member's list aside, which *list is taken over for. */
wk_status wk_sky_cells_keep(wk_sky_cells *cells, int64_t member, wk_tally_cell **list,
                            int64_t count, wk_error *error);

/* Turn the members' lists into shared cells, once; the lists are let go. */
wk_status wk_sky_cells_merge(wk_sky_cells *cells, wk_error *error);

/* Room for shared cells, as a block. */
size_t wk_sky_cell_block_size(int64_t cells, int64_t values);

/* Write the head of a block and point into it. */
void wk_sky_cell_block_lay(wk_sky_cell_block *block, void *bytes, int64_t cells, int64_t values);

typedef wk_status (*wk_sky_cell_visit)(void *payload, const wk_sky_cell_block *block,
                                       wk_error *error);

/* Call visit for every block, in the order of keys.  changes: what it writes is kept. */
wk_status wk_sky_cells_visit(const wk_sky_cells *cells, wk_sky_cell_visit visit, void *payload,
                             int changes, wk_error *error);

typedef struct wk_sky_cell_offsets wk_sky_cell_offsets; /* cells_offset.h */

/* The same for parts of the blocks at the same time, each with its own payload: what it sums is to
 * be added in the order of parts, whose number must not depend on threads. */
wk_status wk_sky_cells_visit_parts(const wk_sky_cells *cells, wk_sky_cell_visit visit,
                                   void *const *payloads, int64_t parts, int changes,
                                   wk_error *error);

/* The equations of all backgrounds, skies of cells eliminated.  A node is an item of the overlaps:
 * a group, or an exposure that stands alone. */
typedef struct wk_sky_cell_model {
    const wk_sky_cells *cells;
    int64_t nodes;
    int64_t size;       /* unknowns of a node: 1, 3 or 6 */
    int32_t *node;      /* [members] */
    double (*maps)[6];  /* [members] from a member's x and y to its group's; NULL: the same */
    int *terms;         /* [nodes] of them that are free; 0: no shared cell */
    int64_t *shared;    /* [nodes] values in cells that it shares */
    double *areas;      /* [nodes] of their cells, summed, in the node's coordinates */
    int *held;          /* [nodes] combinations of slopes that no cell binds */
    wk_blocks matrix;   /* weights are the inverse variances of the cells' values */
    int64_t *together;  /* beside matrix.node: cells that the pair shares */
    int64_t *component; /* [nodes] joined by cells, the reference aside */
    int64_t components;
    int64_t reference;    /* the node whose background is zero; -1: there is none */
    int64_t tied_cells;   /* that hold a value of the reference */
    int64_t *ties;        /* [components] of them in each */
    int *bonds;           /* [components] wk_sky_cell_bond */
    int64_t *told;        /* [components] their numbers when all that is tied counts as one */
    double *coefficients; /* [nodes][size] */
    wk_sky_cell_offsets *offsets; /* of detectors; NULL: none */
    double scale;                 /* of the residuals, in the errors that were given */
    double inflation; /* what the variances of the coefficients are to be multiplied by */
    double chi2;
    double cut; /* where residuals are cut, in nominal standard deviations; infinite: nowhere */
    int64_t dof;
    int rounds; /* of reweighting */
    int converged;
} wk_sky_cell_model;

/* Pattern, matrix, components; free with wk_sky_cell_model_clear, also after a failure. */
wk_status wk_sky_cell_model_fill(wk_sky_cell_model *model, const wk_sky_cells *cells, int order,
                                 wk_error *error);
void wk_sky_cell_model_clear(wk_sky_cell_model *model);

/* Hold at 0 what the cells' spread does not bind; terms, shared, areas and diagonal are known. */
wk_status wk_sky_cell_model_bind(wk_sky_cell_model *model, wk_error *error);

/* The factor of structure's part of errors that the residuals of a solution ask for, 1 being what
 * was measured; what it is now where too few cells tell. */
wk_status wk_sky_cells_structure_find(double *factor, const wk_sky_cell_model *model,
                                      wk_error *error);

/* Give all errors that factor; a model that is there must be filled again. */
wk_status wk_sky_cells_structure_set(wk_sky_cells *cells, double factor, wk_error *error);

/* What the reference determines of the surface that a component's backgrounds have in common. */
typedef enum wk_sky_cell_bond {
    wk_sky_cell_free = 0, /* nothing: it has a gauge */
    wk_sky_cell_level,    /* its level at the cells that they share */
    wk_sky_cell_fixed     /* all of it */
} wk_sky_cell_bond;

/* How many coefficients of a component no cell determines; most: of its backgrounds. */
static inline int wk_sky_cell_lost(const wk_sky_cell_model *model, int64_t component, int most)
{
    int bond = model->bonds[component];
    return bond == wk_sky_cell_fixed ? 0 : most - (bond == wk_sky_cell_level);
}

/* The width of cells in arcsec, as the options ask for it. */
wk_status wk_sky_cells_width(double *width, const wk_sky_cells *cells,
                             const wk_sky_cells_options *options, wk_error *error);

/* WK_NO_OVERLAP when no exposure can reach a reference that there is. */
wk_status wk_sky_cells_check_reference(const wk_overlaps *overlaps, wk_error *error);

/* Find what the reference ties; components are known. */
wk_status wk_sky_cell_ties_fill(wk_sky_cell_model *model, wk_error *error);

/* Where the reference gives a level and no slope, common surfaces lose their mean level: being
 * orthogonal to them then says of the slopes what it does elsewhere, and nothing of the level. */
wk_status wk_sky_cell_modes_tie(double *modes, const wk_sky_cell_model *model, wk_error *error);

enum { wk_sky_cell_same = -2 }; /* place of a pair whose members belong to one node */

/* The blocks of a cell's pairs in the matrix; neighbouring cells mostly have the same members. */
typedef struct wk_sky_cell_pairs {
    int64_t *place; /* of each pair, first < second, in the order of nested loops */
    size_t room;
    int32_t *members; /* whose places they are */
    size_t member_room;
    int64_t count; /* members */
} wk_sky_cell_pairs;

/* Begin with all zero.  WK_HEADER: members share a cell whose footprints do not meet. */
wk_status wk_sky_cell_pairs_find(wk_sky_cell_pairs *pairs, const wk_sky_cell_model *model,
                                 const wk_sky_cell_value *values, int64_t count, wk_error *error);
void wk_sky_cell_pairs_clear(wk_sky_cell_pairs *pairs);

/* All terms of a background at a place. */
static inline void wk_sky_cell_powers(double terms[wk_blocks_largest], double x, double y)
{
    terms[0] = 1.0;
    terms[1] = x;
    terms[2] = y;
    terms[3] = x * x;
    terms[4] = x * y;
    terms[5] = y * y;
}

static inline double wk_sky_cell_weight(const wk_sky_cell_value *value)
{
    return 1.0 / ((double)value->error * (double)value->error);
}

/* Where a value lies in its node's coordinates. */
static inline void wk_sky_cell_place(double place[2], const wk_sky_cell_model *model,
                                     const wk_sky_cell_value *value)
{
    double x = (double)value->x, y = (double)value->y;
    const double *map = model->maps ? model->maps[value->member] : NULL;
    place[0] = map ? map[0] + map[1] * x + map[2] * y : x;
    place[1] = map ? map[3] + map[4] * x + map[5] * y : y;
}

/* The mean square of a cell's pixels about their mean place, in squares of pixels along either axis
 * of the detector: that of a square's centres, shared by area, at any turn and phase; 0 for a place
 * alone. */
static inline double wk_sky_cell_spread(const wk_sky_cell_value *value)
{
    return value->pixels > 0 ? ((double)value->pixels + 1.0) / 12.0 : 0.0;
}

/* All terms of a background as a value has them: a mean over its cell's pixels.  Those of second
 * order are not what they are at the mean place. */
static inline void wk_sky_cell_terms_of(double terms[wk_blocks_largest],
                                        const wk_sky_cell_model *model,
                                        const wk_sky_cell_value *value)
{
    double place[2];
    wk_sky_cell_place(place, model, value);
    wk_sky_cell_powers(terms, place[0], place[1]);
    if (model->size < wk_blocks_largest || value->pixels <= 0)
        return;
    const wk_field *field = &model->cells->overlaps->members[value->member].field;
    const double *map = model->maps ? model->maps[value->member] : NULL;
    double spread = 4.0 * wk_sky_cell_spread(value);
    double x = spread / ((double)field->width * (double)field->width);
    double y = spread / ((double)field->height * (double)field->height);
    terms[3] += map ? map[1] * map[1] * x + map[2] * map[2] * y : x;
    terms[4] += map ? map[1] * map[4] * x + map[2] * map[5] * y : 0.0;
    terms[5] += map ? map[4] * map[4] * x + map[5] * map[5] * y : y;
}

/* A plane that touches the sky at the middle of some members, in units of their radius. */
typedef struct wk_sky_cell_frame {
    double centre[3], east[3], north[3];
    double radius;
} wk_sky_cell_frame;

/* frame_of: int64[members]. */
void wk_sky_cell_frames_fill(wk_sky_cell_frame *frames, int64_t count, const wk_overlaps *overlaps,
                             const int64_t *frame_of);
void wk_sky_cell_frame_place(double place[2], const wk_sky_cell_frame *frame, const double sky[2]);

/* Fill model->maps where groups need them. */
wk_status wk_sky_cell_maps_fill(wk_sky_cell_model *model, wk_error *error);

/* wk_sky_cell_terms_of of a node's background; those not free are 0. */
void wk_sky_cell_terms(double terms[wk_blocks_largest], const wk_sky_cell_model *model,
                       const wk_sky_cell_value *value);
double wk_sky_cell_background(const wk_sky_cell_model *model, const wk_sky_cell_value *value);

/* What holds the solution where data do not: the factor, and what it takes to satisfy the gauge. */
typedef struct wk_sky_cell_gauge {
    const wk_sky_cell_model *model;
    wk_blocks_factor factor;
    int64_t *ground; /* [components] node that is held while factorising */
    double *hold;    /* [components] how strongly */
    double *modes;   /* [size][nodes][size] surfaces common to a component */
    double *answers; /* [2 size][nodes][size] inverse times ground unknowns, then times modes */
    double *systems; /* [components][2 size][2 size], inverted */
    double *work;    /* for solving: nodes, the largest front, components */
} wk_sky_cell_gauge;

/* The surfaces that a component's backgrounds can have in common: double[size][nodes][size]. */
wk_status wk_sky_cell_modes_fill(double *modes, const wk_sky_cell_model *model,
                                 const int64_t *ground, wk_error *error);

wk_status wk_sky_cell_gauge_fill(wk_sky_cell_gauge *gauge, const wk_sky_cell_model *model,
                                 wk_error *error);
void wk_sky_cell_gauge_clear(wk_sky_cell_gauge *gauge);

/* Solve matrix x = right for the x without common surfaces; x holds right and then the answer. */
void wk_sky_cell_gauge_solve(double *x, const wk_sky_cell_gauge *gauge);

/* Covariances of each node's coefficients: double[nodes][size][size], which starts from zeros. */
wk_status wk_sky_cell_gauge_covariances(double *covariances, const wk_sky_cell_gauge *gauge,
                                        wk_error *error);

/* What a solution leaves for reports. */
typedef struct wk_sky_cell_fit {
    wk_sky_cell_model model;
    wk_sky_cell_gauge gauge;
} wk_sky_cell_fit;

/* Hand a solution's model and gauge over to the cells; they are empty afterwards. */
wk_status wk_sky_cells_keep_fit(wk_sky_cells *cells, wk_sky_cell_model *model,
                                wk_sky_cell_gauge *gauge, wk_error *error);
void wk_sky_cells_forget_fit(wk_sky_cells *cells);

/* What the anchor has added to each node's level, and thus taken off its cells' skies:
 * double[nodes], freed by the caller. */
wk_status wk_sky_cells_shifts(double **shifts, const wk_sky_cells *cells,
                              const wk_solution *solution, wk_error *error);

/* Find coefficients and skies. */
wk_status wk_sky_cell_model_solve(wk_sky_cell_model *model, const wk_sky_cell_gauge *gauge,
                                  wk_sky_cells_loss loss, wk_error *error);

/* Fill the edges of the overlaps with what the cells say, and what each edge's backgrounds differ
 * by beyond their levels: double[edge_count], first item less second; freed by the caller. */
wk_status wk_sky_cells_fill_edges(double **slopes, wk_overlaps *overlaps,
                                  const wk_sky_cell_model *model, wk_error *error);

/* Components and pulls of a report whose scale is set. */
wk_status wk_sky_report_fill_components(wk_sky_report *report, const wk_solution *solution,
                                        wk_error *error);

/* The wanted weakest modes, 1 to 16, of each component of a report that has its components. */
wk_status wk_sky_report_fill_weak(wk_sky_report *report, const wk_sky_cells *cells,
                                  const wk_solution *solution, int wanted, wk_error *error);

/* The weight that Huber's loss leaves a residual: 1 where it is not cut. */
static inline double wk_sky_cell_share(const wk_sky_cell_model *model,
                                       const wk_sky_cell_value *value, double residual)
{
    double size = residual * (double)value->unit;
    size = size < 0.0 ? -size : size;
    return size > model->cut ? model->cut / size : 1.0;
}

/* Where a value lies on its exposure: 0-based pixels. */
static inline void wk_sky_cell_pixel(double place[2], const wk_field *field,
                                     const wk_sky_cell_value *value)
{
    place[0] = 0.5 * ((double)value->x + 1.0) * (double)field->width - 0.5;
    place[1] = 0.5 * ((double)value->y + 1.0) * (double)field->height - 0.5;
}

/* The standard deviation of a value's residual: what errors say times the scatter that is there. */
static inline double wk_sky_cell_sigma(const wk_sky_cell_model *model,
                                       const wk_sky_cell_value *value)
{
    return model->scale / (double)value->unit;
}

#endif
