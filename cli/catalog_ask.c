#include <stdlib.h>
#include <string.h>

#include "catalog_task.h"
#include "common.h"
#include "option_value.h"

wk_status catalog_list(catalog_task *task, wk_error *error)
{
    catalog_listing listing = {0};
    wk_status status = catalog_open(task, WK_CATALOG_READ, error);
    if (!status)
        status = catalog_listing_begin(&listing, task, error);
    if (!status)
        status = (listing.levels ? wk_catalog_levels : wk_catalog_select)(
            task->catalog, task->where, catalog_listing_take, &listing, error);
    if (!status)
        status = catalog_listing_end(&listing, error);
    catalog_listing_free(&listing);
    return status;
}

/* Degrees, or with ' or " or m or s behind it minutes and seconds of arc. */
static int parse_radius(double *out, const char *word)
{
    static const char *const units[] = {"d", "deg", "'", "m", "arcmin", "\"", "s", "arcsec"};
    static const double sizes[] = {1, 1, 60, 60, 60, 3600, 3600, 3600};
    char *end;
    double number = strtod(word, &end), size = *end ? 0 : 1;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (!strcmp(end, units[i]))
            size = sizes[i];
    *out = number / size;
    return end == word || size == 0;
}

static wk_status overlap_circle(catalog_task *task, catalog_listing *listing, wk_error *error)
{
    double centre[2], radius;
    for (int i = 0; i < 2; i++)
        if (cli_parse_real(&centre[i], task->words[i]))
            return cli_fail(error, WK_ARGUMENT, task->words[i], "is no position in degrees");
    if (parse_radius(&radius, task->words[2]))
        return cli_fail(error, WK_ARGUMENT, task->words[2],
                        "is no radius, as 0.5 (degrees), 30' or 10\"");
    return wk_catalog_around(task->catalog, centre, radius, task->where, catalog_listing_take,
                             listing, error);
}

static wk_status overlap_file(catalog_task *task, catalog_listing *listing, wk_error *error)
{
    wk_exposure **exposures = NULL;
    size_t count = 0;
    wk_status status = wk_exposures_open(&exposures, &count, task->words[0], NULL, error);
    if (status)
        return status;
    status = wk_catalog_meet(task->catalog, (const wk_exposure *const *)exposures, count,
                             task->where, catalog_listing_take, listing, error);
    wk_exposures_free(exposures, count);
    return status;
}

wk_status catalog_overlaps(catalog_task *task, wk_error *error)
{
    catalog_listing listing = {0};
    if (task->count != 1 && task->count != 3)
        return cli_fail(error, WK_ARGUMENT, "", "overlaps wants RA DEC RADIUS, or one FILE");
    wk_status status = catalog_open(task, WK_CATALOG_READ, error);
    if (!status)
        status = catalog_listing_begin(&listing, task, error);
    if (!status)
        status = (task->count == 1 ? overlap_file : overlap_circle)(task, &listing, error);
    if (!status)
        status = catalog_listing_end(&listing, error);
    catalog_listing_free(&listing);
    return status;
}
