#include "info.h"

#include <stdio.h>

#include "provenance.h"
#include "welkin/ledger.h"

const char *info_layout_name(wk_layout layout)
{
    static const char *const names[] = {"auto", "plain", "stsci", "lsst", "des", "decam"};
    return names[layout];
}

static const char *noise_name(wk_noise noise)
{
    static const char *const names[] = {NULL, "variance", "weight", "error"};
    return names[noise];
}

static void put_hdu(wk_ledger *ledger, const char *key, int hdu)
{
    if (hdu < 0)
        wk_ledger_null(ledger, key);
    else
        wk_ledger_integer(ledger, key, hdu);
}

static void put_position(wk_ledger *ledger, const char *key, const double position[2])
{
    wk_ledger_open_array(ledger, key);
    wk_ledger_number(ledger, NULL, position[0]);
    wk_ledger_number(ledger, NULL, position[1]);
    wk_ledger_close(ledger);
}

static void put_wcs(wk_ledger *ledger, const info_facts *facts)
{
    const wk_wcs_summary *wcs = &facts->wcs;
    if (!facts->has_wcs) {
        wk_ledger_null(ledger, "wcs");
        wk_ledger_text(ledger, "wcs_error", facts->wcs_error.message);
        return;
    }
    wk_ledger_open_object(ledger, "wcs");
    wk_ledger_open_array(ledger, "ctype");
    wk_ledger_text(ledger, NULL, wcs->ctype[0]);
    wk_ledger_text(ledger, NULL, wcs->ctype[1]);
    wk_ledger_close(ledger);
    wk_ledger_text(ledger, "distortion", wcs->distortion);
    wk_ledger_text(ledger, "frame", wcs->frame);
    wk_ledger_number(ledger, "pixel_scale", wcs->pixel_scale);
    put_position(ledger, "centre", wcs->centre);
    wk_ledger_open_array(ledger, "corners");
    for (int i = 0; i < 4; i++)
        put_position(ledger, NULL, wcs->corners[i]);
    wk_ledger_close(ledger);
    wk_ledger_close(ledger);
}

static void put_facts(wk_ledger *ledger, const info_facts *facts)
{
    const wk_exposure_header *header = facts->header;
    wk_ledger_open_object(ledger, NULL);
    wk_ledger_text(ledger, "file", header->file);
    wk_ledger_text(ledger, "layout", info_layout_name(header->layout));
    wk_ledger_open_object(ledger, "hdu");
    put_hdu(ledger, "image", header->image_hdu);
    put_hdu(ledger, "mask", header->mask_hdu);
    put_hdu(ledger, "variance", header->noise_hdu);
    wk_ledger_close(ledger);
    wk_ledger_text(ledger, "noise", noise_name(header->noise));
    wk_ledger_text(ledger, "detector", header->detector);
    wk_ledger_text(ledger, "filter", header->filter);
    wk_ledger_number(ledger, "exposure_time", header->exposure_time);
    wk_ledger_integer(ledger, "width", header->width);
    wk_ledger_integer(ledger, "height", header->height);
    wk_ledger_integer(ledger, "bad_pixels", facts->bad);
    wk_ledger_open_object(ledger, "mask_planes");
    for (size_t i = 0; i < header->plane_count; i++)
        wk_ledger_integer(ledger, header->planes[i].name, header->planes[i].bit);
    wk_ledger_close(ledger);
    put_wcs(ledger, facts);
    wk_ledger_close(ledger);
}

wk_status info_print_json(const info_facts *facts, size_t count, wk_error *error)
{
    wk_ledger *ledger;
    wk_status status = wk_ledger_create(&ledger, error);
    if (status)
        return status;
    wk_ledger_open_array(ledger, "exposures");
    for (size_t i = 0; i < count; i++)
        put_facts(ledger, &facts[i]);
    wk_ledger_close(ledger);
    status = cli_ledger_print(ledger, error);
    wk_ledger_free(ledger);
    return status;
}
