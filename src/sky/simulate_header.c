/* The header records of a simulated detector. */
#include "simulate.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "memory.h"

#define RECORD       80
#define MOST_RECORDS 64

typedef struct deck {
    char *text;
    int64_t records;
} deck;

/* Columns 1-8 the keyword, "= ", then the value; blanks to the end. */
static void put(deck *cards, const char *keyword, const char *value)
{
    char *record = cards->text + cards->records * RECORD;
    memset(record, ' ', RECORD);
    memcpy(record, keyword, strlen(keyword));
    memcpy(record + 8, "= ", 2);
    memcpy(record + 10, value, strlen(value));
    cards->records++;
}

static void put_text(deck *cards, const char *keyword, const char *value)
{
    char quoted[32];
    snprintf(quoted, sizeof quoted, "'%-8s'", value);
    put(cards, keyword, quoted);
}

/* A program may have set a locale whose decimal mark is none that FITS knows. */
static void mend_mark(char *number)
{
    for (char *c = number; *c; c++)
        if (!strchr(" +-0123456789E", *c))
            *c = '.';
}

/* A number to 1e-10, coarser than the rounding errors of any maths library. */
static void put_fixed(deck *cards, const char *keyword, double value)
{
    char number[40];
    snprintf(number, sizeof number, "%20.10f", value);
    mend_mark(number);
    put(cards, keyword, number);
}

static void put_small(deck *cards, const char *keyword, double value)
{
    char number[40];
    snprintf(number, sizeof number, "%20.10E", value);
    mend_mark(number);
    put(cards, keyword, number);
}

static void put_integer(deck *cards, const char *keyword, int64_t value)
{
    char number[40];
    snprintf(number, sizeof number, "%20lld", (long long)value);
    put(cards, keyword, number);
}

static void put_instrument(deck *cards, int64_t exposure, int64_t detector)
{
    char number[24];
    put_text(cards, "TELESCOP", "WELKIN");
    put_text(cards, "INSTRUME", "SIM");
    put_text(cards, "FILTER", "r");
    put_fixed(cards, "EXPTIME", 100);
    snprintf(number, sizeof number, "%lld", (long long)exposure + 1);
    put_text(cards, "GROUPID", number);
    snprintf(number, sizeof number, "%lld", (long long)detector + 1);
    put_text(cards, "DETECTOR", number);
}

static void put_projection(deck *cards, const wk_simulation *simulation, int64_t exposure,
                           int64_t detector)
{
    static const char *const suffix[] = {"TAN", "TAN-SIP", "TPV"};
    const wk_simulated_pointing *pointing = &simulation->pointings[exposure];
    const char *kind = suffix[simulation->options.distortion];
    char type[16];
    double centre[2];
    for (int k = 0; k < 2; k++)
        centre[k] = 0.5 * (double)(simulation->side[k] + 1) - pointing->offset[k];
    centre[0] -= (double)wk_simulation_origin(simulation, detector);
    put_integer(cards, "WCSAXES", 2);
    put_text(cards, "RADESYS", "ICRS");
    snprintf(type, sizeof type, "RA---%s", kind);
    put_text(cards, "CTYPE1", type);
    snprintf(type, sizeof type, "DEC--%s", kind);
    put_text(cards, "CTYPE2", type);
    put_text(cards, "CUNIT1", "deg");
    put_text(cards, "CUNIT2", "deg");
    put_fixed(cards, "CRPIX1", centre[0]);
    put_fixed(cards, "CRPIX2", centre[1]);
    put_fixed(cards, "CRVAL1", pointing->tangent[0]);
    put_fixed(cards, "CRVAL2", pointing->tangent[1]);
    put_fixed(cards, "LONPOLE", 180); /* at a pole the default would be another */
    double scale = simulation->options.pixel_scale / 3600;
    double c = scale * cos(pointing->up), s = scale * sin(pointing->up);
    put_small(cards, "CD1_1", -c);
    put_small(cards, "CD1_2", s);
    put_small(cards, "CD2_1", s);
    put_small(cards, "CD2_2", c);
}

static void put_sip(deck *cards, const wk_simulated_distortion *distortion)
{
    static const char *const square[2][3] = {{"A_2_0", "A_1_1", "A_0_2"},
                                             {"B_2_0", "B_1_1", "B_0_2"}};
    put_integer(cards, "A_ORDER", 3);
    put_integer(cards, "B_ORDER", 3);
    for (int axis = 0; axis < 2; axis++)
        for (int term = 0; term < 3; term++)
            put_small(cards, square[axis][term], distortion->plane[axis][term]);
    put_small(cards, "A_3_0", distortion->radial);
    put_small(cards, "A_1_2", distortion->radial);
    put_small(cards, "B_2_1", distortion->radial);
    put_small(cards, "B_0_3", distortion->radial);
}

/* TPV counts its terms from the own axis: of PV2_4 to PV2_6 the first is that of y^2.  Its
 * coordinates are degrees, so a term of n-th order is divided by scale^(n-1). */
static void put_tpv(deck *cards, const wk_simulated_distortion *distortion, double scale)
{
    static const char *const square[2][3] = {{"PV1_4", "PV1_5", "PV1_6"},
                                             {"PV2_6", "PV2_5", "PV2_4"}};
    static const char *const cubic[] = {"PV1_7", "PV1_9", "PV2_7", "PV2_9"};
    put_fixed(cards, "PV1_1", 1);
    put_fixed(cards, "PV2_1", 1);
    for (int axis = 0; axis < 2; axis++)
        for (int term = 0; term < 3; term++)
            put_small(cards, square[axis][term], distortion->plane[axis][term] / scale);
    for (int k = 0; k < 4; k++)
        put_small(cards, cubic[k], distortion->radial / (scale * scale));
}

wk_status wk_simulation_header(char **text, int64_t *records, const wk_simulation *simulation,
                               int64_t exposure, int64_t detector, wk_error *error)
{
    *text = NULL;
    *records = 0;
    wk_status status = wk_simulation_check(simulation, exposure, detector, error);
    if (status != WK_OK)
        return status;
    deck cards = {wk_memory_new(MOST_RECORDS * RECORD + 1, 1, error), 0};
    if (!cards.text)
        return WK_MEMORY;
    put_instrument(&cards, exposure, detector);
    put_projection(&cards, simulation, exposure, detector);
    if (simulation->options.distortion == WK_DISTORTION_SIP)
        put_sip(&cards, &simulation->distortion);
    if (simulation->options.distortion == WK_DISTORTION_TPV)
        put_tpv(&cards, &simulation->distortion, simulation->options.pixel_scale / 3600);
    *text = cards.text;
    *records = cards.records;
    return WK_OK;
}

void wk_simulation_header_free(char *text)
{
    wk_memory_free(text);
}
