#include "cells_table.h"

#include <string.h>

#include "memory.h"

#define MEMBER(name)  offsetof(wk_cells_exposure, name)
#define COLUMNS(list) list, sizeof list / sizeof *list

static const wk_fits_record_field exposure_fields[] = {
    {"NAME", NULL, 'A', 1, MEMBER(name)},
    {"FILE", NULL, 'A', 1, MEMBER(file)},
    {"DETECTOR", NULL, 'A', 1, MEMBER(detector)},
    {"GROUP", NULL, 'A', 1, MEMBER(group)},
    {"HDU", NULL, 'K', 1, MEMBER(hdu)},
    {"WIDTH", "pixel", 'K', 1, MEMBER(width)},
    {"HEIGHT", "pixel", 'K', 1, MEMBER(height)},
    {"FLUX", NULL, 'D', 1, MEMBER(flux)},
    {"REFERENCE", NULL, 'K', 1, MEMBER(reference)},
    {"GOOD", "pixel", 'K', 1, MEMBER(good)},
    {"NOISE", NULL, 'D', 1, MEMBER(noise)},
    {"WHOLE_COVERED", "pixel", 'K', 1, MEMBER(covered)},
    {"WHOLE_PIXELS", "pixel", 'K', 1, MEMBER(pixels)},
    {"WHOLE", NULL, 'D', 1, MEMBER(value)},
    {"WHOLE_MEAN", NULL, 'D', 1, MEMBER(mean)},
    {"WHOLE_STDDEV", NULL, 'D', 1, MEMBER(stddev)},
    {"WHOLE_MIN", NULL, 'D', 1, MEMBER(min)},
    {"WHOLE_MAX", NULL, 'D', 1, MEMBER(max)},
    {"WHOLE_ERROR", NULL, 'D', 1, MEMBER(error)},
    {"SAMPLES", "deg", 'D', 2 * wk_sky_cell_samples, MEMBER(samples)},
    {"CAP", NULL, 'D', 6, MEMBER(cap)},
    {"CORNER", NULL, 'K', 1, MEMBER(corner)},
    {"CORNERS", NULL, 'K', 1, MEMBER(corners)},
    {"CELL", NULL, 'K', 1, MEMBER(cell)},
    {"CELLS", NULL, 'K', 1, MEMBER(cells)},
};

static const wk_fits_record_field corner_fields[] = {{"SKY", "deg", 'D', 2, 0}};

static const wk_fits_record_field cell_fields[] = {
    {"KEY", NULL, 'K', 1, offsetof(wk_tally_cell, key)},
    {"VALUE", NULL, 'D', 1, offsetof(wk_tally_cell, value)},
    {"ERROR", NULL, 'E', 1, offsetof(wk_tally_cell, error)},
    {"X", NULL, 'E', 1, offsetof(wk_tally_cell, x)},
    {"Y", NULL, 'E', 1, offsetof(wk_tally_cell, y)},
    {"PIXELS", "pixel", 'J', 1, offsetof(wk_tally_cell, pixels)},
};

const wk_fits_record_form wk_cells_exposure_form = {"EXPOSURES", COLUMNS(exposure_fields),
                                                    sizeof(wk_cells_exposure)};
const wk_fits_record_form wk_cells_corner_form = {"OUTLINES", COLUMNS(corner_fields),
                                                  sizeof(wk_cells_corner)};
const wk_fits_record_form wk_cells_cell_form = {"CELLS", COLUMNS(cell_fields),
                                                sizeof(wk_tally_cell)};

void wk_cells_exposure_release(wk_cells_exposure *exposure)
{
    wk_memory_free(exposure->name);
    wk_memory_free(exposure->file);
    wk_memory_free(exposure->detector);
    wk_memory_free(exposure->group);
    exposure->name = exposure->file = exposure->detector = exposure->group = NULL;
}
