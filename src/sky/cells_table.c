#include "cells_table.h"

#include <math.h>
#include <string.h>

#include "memory.h"
#include "polygon.h"
#include "status.h"

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

int wk_cells_is_true(wk_fits *fits, const char *keyword)
{
    char text[WK_FITS_VALUE];
    return wk_fits_text(text, sizeof text, fits, keyword) && strcmp(text, "T") == 0;
}

static int read_integer(int *out, wk_fits *fits, const char *keyword)
{
    double value;
    if (!wk_fits_number(&value, fits, keyword) || !(fabs(value) < 1e9) || value != trunc(value))
        return 0;
    *out = (int)value;
    return 1;
}

/* Defaults stand for limits, which have no card when there is none, and for nothing else. */
wk_status wk_cells_statistic_read(wk_statistic_options *out, wk_fits *fits, const char *path,
                                  wk_error *error)
{
    wk_error fault = {WK_OK, "", ""};
    int kind = -1;
    *out = wk_statistic_options_default();
    if (!read_integer(&kind, fits, "STATKIND") || kind < 0 || kind > (int)WK_STATISTIC_MIDPT)
        return wk_error_set(error, WK_HEADER, path, "STATKIND is not 0, 1, 2 or 3");
    out->statistic = (wk_statistic)kind;
    wk_fits_number(&out->lower, fits, "STATLOW");
    wk_fits_number(&out->upper, fits, "STATHIGH");
    if (!read_integer(&out->nclip, fits, "STATCLIP") ||
        !wk_fits_number(&out->lsigma, fits, "STATLSIG") ||
        !wk_fits_number(&out->usigma, fits, "STATUSIG") ||
        !wk_fits_number(&out->bin_width, fits, "STATBIN"))
        return wk_error_set(error, WK_HEADER, path,
                            "STATCLIP, STATLSIG, STATUSIG or STATBIN is missing or no number");
    out->compat = wk_cells_is_true(fits, "STATCOMP");
    return wk_statistic_check(out, &fault) == WK_OK
               ? WK_OK
               : wk_error_set(error, WK_HEADER, path, "STAT* make no sense: %.200s", fault.message);
}

static const double half_turn = 3.14159265358979323846;
static const double rounding = 1e-9;  /* of unit vectors, and of degrees at the poles */
static const double largest = 1e150;  /* whose square is finite, also summed over all cells */
static const double smallest = 1e-37; /* below it an error may have become 0 as a float */

static int is_place(const double sky[2])
{
    return fabs(sky[0]) <= 360.0 && fabs(sky[1]) <= 90.0 + rounding;
}

static int is_in_cap(const double sky[2], const double cap[6])
{
    double vector[3];
    wk_vector_from_sky(vector, sky);
    return wk_vector_angle(cap, vector) <= cap[3] + rounding;
}

static const char *cap_fault(const double cap[6])
{
    double length = sqrt(wk_vector_dot(cap, cap));
    if (!(cap[3] >= 0.0) || !(cap[3] <= half_turn))
        return "the radius in CAP is not from 0 to pi";
    /* of places all around the sky there may be no centre, and none is needed */
    if (!(fabs(length - 1.0) <= rounding) && !(length == 0.0 && cap[3] == half_turn))
        return "the centre in CAP is no unit vector";
    if (!(cap[4] >= 0.0) || !isfinite(cap[4]) || !(cap[5] >= 1.0) || !isfinite(cap[5]))
        return "the pixel or the growth in CAP is impossible";
    return NULL;
}

/* Without cells they may never have been filled.  Where the border is on the sky, so is all within;
 * an unknown place there would silently take a group's surface for the exposure's own. */
static const char *samples_fault(const wk_cells_exposure *row)
{
    int bounded = row->corners > 0 && row->cells > 0;
    for (int i = 0; i < wk_sky_cell_samples; i++) {
        const double *sky = row->samples[i];
        if (isnan(sky[0]) && isnan(sky[1])) {
            if (bounded)
                return "SAMPLES is NaN though the outline is known";
            continue;
        }
        if (!is_place(sky))
            return "SAMPLES is no place on the sky";
        if (bounded && !is_in_cap(sky, row->cap))
            return "SAMPLES lies outside of CAP";
    }
    return NULL;
}

static const char *whole_fault(const wk_cells_exposure *row)
{
    if (row->covered < 0 || row->pixels < 0 || row->pixels > row->covered)
        return "WHOLE_PIXELS is not from 0 to WHOLE_COVERED";
    if (isinf(row->value) || (isnan(row->value) && row->pixels > 0))
        return "WHOLE is not finite";
    if (isinf(row->mean) || isinf(row->min) || isinf(row->max))
        return "WHOLE_MEAN, WHOLE_MIN or WHOLE_MAX is infinite";
    if (isinf(row->stddev) || row->stddev < 0.0 || isinf(row->error) || row->error < 0.0)
        return "WHOLE_STDDEV or WHOLE_ERROR is infinite or negative";
    return NULL;
}

static const char *size_fault(const wk_cells_exposure *row)
{
    if (!row->name[0])
        return "NAME is empty";
    if (row->width < 1 || row->height < 1 || row->width >= 1 << 30 || row->height >= 1 << 30)
        return "WIDTH or HEIGHT is no size of an image";
    if (!(row->flux > 0.0) || !isfinite(row->flux))
        return "FLUX is not positive and finite";
    if (row->good < 0 || row->good > row->width * row->height)
        return "GOOD is not from 0 to WIDTH times HEIGHT";
    if (row->corners < 0 || row->corners > wk_footprint_most)
        return "CORNERS is no number of corners";
    return row->cells < 0 ? "CELLS is negative" : NULL;
}

const char *wk_cells_exposure_fault(const wk_cells_exposure *exposure)
{
    const char *fault = size_fault(exposure);
    if (!fault && !isnan(exposure->noise) &&
        !(exposure->noise >= 0.0 && exposure->noise <= largest))
        fault = "NOISE is negative or too large";
    if (!fault)
        fault = whole_fault(exposure);
    if (!fault)
        fault = cap_fault(exposure->cap);
    return fault ? fault : samples_fault(exposure);
}

const char *wk_cells_corner_fault(const wk_cells_corner *corner, const wk_cells_exposure *exposure)
{
    if (!is_place(corner->sky))
        return "SKY is no place on the sky";
    return is_in_cap(corner->sky, exposure->cap) ? NULL : "SKY lies outside of its exposure's CAP";
}

/* Values are compared times FLUX, so that they must be possible with it, too. */
const char *wk_cells_cell_fault(const wk_tally_cell *cell, const wk_cells_exposure *exposure,
                                int64_t zones)
{
    double scale = fmax(exposure->flux, 1.0), error = (double)cell->error;
    if (cell->key < 0 || cell->key >> 48 >= zones)
        return "KEY is in no zone of the sky";
    if (!(fabs(cell->value) * scale <= largest))
        return "VALUE is not finite or too large";
    if (!(error >= 0.0) || !isfinite((float)(error * scale)))
        return "ERROR is negative, not finite or too large";
    if (!(fabsf(cell->x) <= 1.0F) || !(fabsf(cell->y) <= 1.0F))
        return "X or Y is not from -1 to 1";
    if (cell->pixels < 1)
        return "PIXELS is not positive";
    if (error == 0.0 && exposure->noise / exposure->flux > smallest * sqrt((double)cell->pixels))
        return "ERROR is 0 though NOISE is not";
    return NULL;
}
