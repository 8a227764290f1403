#include "exposure_description.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static void read_filter(char *filter, size_t size, wk_fits *fits)
{
    static const char *const keywords[] = {"FILTER1", "FILTER2"};
    if (wk_fits_text(filter, size, fits, "FILTER"))
        return;
    for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++)
        if (wk_fits_text(filter, size, fits, keywords[i]) && strncasecmp(filter, "CLEAR", 5) != 0)
            return;
    filter[0] = '\0';
}

/* Of JWST's keywords VISIT counts within an observation: VISIT_ID goes first. */
static void read_visit(char *visit, size_t size, wk_fits *fits)
{
    static const char *const keywords[] = {"EXPID",    "VISIT_ID", "VISIT", "EXPNUM",
                                           "ROOTNAME", "OBS_ID",   "OBSID"};
    for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++)
        if (wk_fits_text(visit, size, fits, keywords[i]) && visit[0])
            return;
    visit[0] = '\0';
}

static void read_date(char *date, size_t size, wk_fits *fits)
{
    char day[WK_FITS_VALUE], time[WK_FITS_VALUE];
    date[0] = '\0';
    if (!wk_fits_text(day, sizeof day, fits, "DATE-OBS") || !day[0])
        wk_fits_text(date, size, fits, "DATE-BEG");
    else if (!strchr(day, 'T') && wk_fits_text(time, sizeof time, fits, "TIME-OBS") && time[0])
        snprintf(date, size, "%sT%s", day, time);
    else
        snprintf(date, size, "%s", day);
}

wk_status wk_description_read(wk_description *out, wk_fits *fits, int hdu, wk_error *error)
{
    static const char *const times[] = {"EXPTIME", "EXPOSURE", "TEXPTIME", "XPOSURE"};
    char telescope[WK_FITS_VALUE];
    wk_status status = wk_fits_select(fits, hdu, error);
    memset(out, 0, sizeof *out);
    out->exposure_time = (double)NAN;
    if (status != WK_OK)
        return status;
    if (!wk_fits_text(out->detector, sizeof out->detector, fits, "CCDNUM"))
        wk_fits_text(out->detector, sizeof out->detector, fits, "DETECTOR");
    read_filter(out->filter, sizeof out->filter, fits);
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
        if (wk_fits_number(&out->exposure_time, fits, times[i]))
            break;
    wk_fits_text(telescope, sizeof telescope, fits, "TELESCOP");
    out->jwst = strcasecmp(telescope, "JWST") == 0;
    read_visit(out->visit, sizeof out->visit, fits);
    read_date(out->date, sizeof out->date, fits);
    return WK_OK;
}

void wk_description_complete(wk_description *out, const wk_description *primary,
                             const wk_fits_hdu *hdu, wk_layout layout, int several)
{
    int named = hdu->name[0] && (layout == WK_LAYOUT_PLAIN || layout == WK_LAYOUT_DECAM);
    if (!out->detector[0] && several && named)
        memcpy(out->detector, hdu->name, sizeof out->detector);
    else if (!out->detector[0] && several)
        snprintf(out->detector, sizeof out->detector, "%d", hdu->version);
    else if (!out->detector[0])
        memcpy(out->detector, primary->detector, sizeof out->detector);
    if (!out->filter[0])
        memcpy(out->filter, primary->filter, sizeof out->filter);
    if (isnan(out->exposure_time))
        out->exposure_time = primary->exposure_time;
    if (!out->visit[0])
        memcpy(out->visit, primary->visit, sizeof out->visit);
    if (!out->date[0])
        memcpy(out->date, primary->date, sizeof out->date);
    out->jwst |= primary->jwst;
}
