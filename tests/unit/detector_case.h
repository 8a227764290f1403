/* Two visits with three detectors each, moved by half a detector and more, for the tests of
 * offsets. */
#ifndef WELKIN_TESTS_DETECTOR_CASE_H
#define WELKIN_TESTS_DETECTOR_CASE_H

#include "cells_case.h"

#include "cells_offset.h"

enum { detector_width = 70, detector_height = 50 };

static const double detector_offsets[] = {4.0, -2.0, 1.0};
static const wk_rect detector_halves[] = {{0, 0, 30, 50}, {30, 0, 40, 50}};

/* Noise 1; the second amplifier is a tenth higher. */
static inline void detector_open(cells_case *all, size_t visits, int amplifiers)
{
    static const char *const names[] = {"third", "first", "second"};
    /* no steps from amplifier to amplifier: levels of visits could go with those */
    static const double moves[] = {0.0, 43.0, 130.0};
    static const char *const groups[] = {"a", "b", "c"};
    cells_row(all, 3 * visits, detector_width, detector_height);
    for (size_t i = 0; i < 3 * visits; i++) {
        scene_exposure *e = &all->scene.exposures[i];
        size_t visit = i / 3, detector = i % 3;
        e->ra = 150.0 - (75.0 * (double)detector + moves[visit]) * e->scale;
        e->dec = 6.0 * (double)visit * e->scale;
        e->rotation = 0.5 * (double)visit;
        e->noise = 1.0;
        e->group = groups[visit];
        e->detector = names[detector];
        e->amplifiers = amplifiers ? detector_halves : NULL;
        e->amplifier_count = amplifiers ? 2 : 0;
        all->backgrounds[i].level = 10.0 + 5.0 * (double)visit + detector_offsets[detector];
    }
}

#endif
