/* Which stars of two lists are the same: positions alone, no coordinates of the sky. */
#ifndef WELKIN_STAR_H
#define WELKIN_STAR_H

#include "welkin/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Stars of one image; borrowed.  A row whose x or y is not finite takes no part. */
typedef struct wk_star_list {
    const double *x, *y;      /* [count] pixels */
    const double *brightness; /* [count] larger is brighter, any unit; not finite counts as
                                 faintest; NULL: the rows' order, brightest first */
    int64_t count;
} wk_star_list;

typedef struct wk_star_match_options {
    double radius; /* largest distance of a pair, in pixels of the current image, > 0; default 3 */
    int64_t
        brightest; /* of each list, from which the first transform is found, 3..200; default 50.
                      Time of that step grows with the fourth power: 0.02 s for 50, 4 s for 200 */
    int order; /* highest of the polynomial that follows distortion, 0..5: 0 similarity, 1 affine;
                  default 3.  The number of pairs may not allow it, see note 3 */
} wk_star_match_options;

typedef struct wk_star_match {
    int64_t count;                /* of pairs */
    int64_t *current, *reference; /* [count] rows of the lists, ascending current */
    double scale;          /* current = shift + scale R(rotation) reference, best for all pairs */
    double rotation;       /* degrees, -180..180, from x to y */
    double shift[2];       /* pixels: where the reference's (0, 0) is */
    double rms;            /* of the pairs' distances about the final transform, pixels */
    double similarity_rms; /* the same about the similarity above: distortion and noise */
    int order;             /* of the final transform: 0 similarity, 1 affine, ... */
    int64_t bright[2];     /* stars the first transform was sought with, none of them close to a
                              brighter one: current, reference */
    int64_t agreed;        /* how many of them it brought together */
    double chance;         /* log10 of the number of transforms that would bring together as
                              many by accident */
    int64_t tried;         /* transforms that were looked at closely */
    int64_t rounds;        /* of matching all stars */
    int64_t skipped[2];    /* rows without a finite position: current, reference */
} wk_star_match;

WK_API wk_star_match_options wk_star_match_options_default(void);

/* Match.
 *
 * Returned   out   caller frees with wk_star_match_free; NULL after a failure
 * Status     WK_NO_DATA         a list has fewer than 3 stars
 *            WK_NO_CONVERGENCE  no similarity transform brings more stars together than accident
 *                               would; the message has the best guess
 *            WK_ARGUMENT        an option out of range; WK_MEMORY
 * Notes      1. A similarity with any rotation and shift, and scale 0.5..2, not mirrored, is found
 *               from the brightest stars.  It is taken if accident is expected to give fewer than
 *               1e-4 as good, see docs/methods/star.md.
 *            2. Pairs are mutually nearest within the radius after the transform: no star is in two
 *               of them.  Of equal distances the brighter star wins.
 *            3. With at least three pairs for each term the transform becomes a polynomial:
 *               affine from 9 pairs, order 2 from 18, order 3 from 30, 4 from 45, 5 from 63.
 *            4. The same bits for any number of threads, and for any order of the rows if
 *               brightness is given.
 *            5. Within the radius an accidental pair cannot be told from a true one.
 * Accuracy   every star within noise of 0.1 px under cubic distortion of 30 px; 200 of 200
 * unrelated lists refused [test_star]
 */
WK_API wk_status wk_stars_match(wk_star_match **out, const wk_star_list *current,
                                const wk_star_list *reference, const wk_star_match_options *options,
                                const wk_context *context, wk_error *error);

WK_API void wk_star_match_free(wk_star_match *match);

#ifdef __cplusplus
}
#endif

#endif
