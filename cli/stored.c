#include "stored.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"

static void reach(char *path, size_t size, size_t index, const char *key)
{
    snprintf(path, size, "exposures/%zu/%s", index, key);
}

static double read_number(const wk_ledger *ledger, size_t index, const char *key, int place,
                          int *missing)
{
    char path[96];
    int found;
    snprintf(path, sizeof path, "exposures/%zu/%s/%d", index, key, place);
    double value = wk_ledger_get_number(ledger, path, &found);
    *missing |= !found || !isfinite(value);
    return value;
}

static wk_status read_place(wk_sky_surface *surface, const wk_ledger *ledger, size_t index,
                            int missing, const char *file, wk_error *error)
{
    for (int k = 0; k < 2; k++) {
        surface->centre[k] = read_number(ledger, index, "centre", k, &missing);
        surface->scale[k] = read_number(ledger, index, "scale", k, &missing);
        missing |= !(surface->scale[k] > 0);
    }
    if (missing)
        return cli_fail(error, WK_FILE, file,
                        "the coefficients, centre or scale of exposures/%zu are no numbers", index);
    return WK_OK;
}

static wk_status read_surface(wk_sky_surface *surface, const wk_ledger *ledger, size_t index,
                              const char *file, wk_error *error)
{
    char path[64];
    int missing = 0;
    reach(path, sizeof path, index, "coefficients");
    int64_t terms = wk_ledger_length(ledger, path);
    if (terms < 1)
        return WK_OK;
    if (terms != 1 && terms != 3 && terms != 6)
        return cli_fail(error, WK_FILE, file, "exposures/%zu has %lld coefficients, not 1, 3 or 6",
                        index, (long long)terms);
    surface->terms = (int)terms;
    for (int k = 0; k < surface->terms; k++)
        surface->coefficients[k] = read_number(ledger, index, "coefficients", k, &missing);
    return read_place(surface, ledger, index, missing, file, error);
}

static int read_part(wk_sky_part *part, const wk_ledger *ledger, size_t index, size_t place)
{
    static const char *const keys[] = {"x", "y", "width", "height", "offset"};
    double numbers[5];
    for (int k = 0; k < 5; k++) {
        char path[96];
        int found;
        snprintf(path, sizeof path, "exposures/%zu/amplifiers/%zu/%s", index, place, keys[k]);
        numbers[k] = wk_ledger_get_number(ledger, path, &found);
        if (!found || !(fabs(numbers[k]) < (k < 4 ? 1e15 : (double)INFINITY)))
            return 0;
    }
    part->rect = (wk_rect){(int64_t)numbers[0], (int64_t)numbers[1], (int64_t)numbers[2],
                           (int64_t)numbers[3]};
    part->offset = numbers[4];
    return 1;
}

/* Amplifiers with offsets of their own. */
static wk_status read_parts(wk_sky_surface *surface, const wk_ledger *ledger, size_t index,
                            const char *file, wk_error *error)
{
    char path[64];
    reach(path, sizeof path, index, "amplifiers");
    int64_t count = wk_ledger_length(ledger, path);
    if (count < 1)
        return WK_OK;
    surface->parts = cli_new((size_t)count, sizeof *surface->parts, error);
    if (!surface->parts)
        return WK_MEMORY;
    for (; surface->part_count < (size_t)count; surface->part_count++)
        if (!read_part(&surface->parts[surface->part_count], ledger, index, surface->part_count))
            return cli_fail(error, WK_FILE, file,
                            "exposures/%zu/amplifiers/%zu is no rectangle with an offset", index,
                            surface->part_count);
    return surface->terms > 1 ? WK_OK : read_place(surface, ledger, index, 0, file, error);
}

static wk_status read_entry(cli_stored_level *entry, const wk_ledger *ledger, size_t index,
                            const char *file, wk_error *error)
{
    char path[64];
    int found;
    reach(path, sizeof path, index, "file");
    entry->file = wk_ledger_get_text(ledger, path);
    reach(path, sizeof path, index, "detector");
    entry->detector = wk_ledger_get_text(ledger, path);
    reach(path, sizeof path, index, "hdu");
    entry->hdu = wk_ledger_get_number(ledger, path, NULL);
    reach(path, sizeof path, index, "sky");
    double sky = wk_ledger_get_number(ledger, path, &found);
    if (!entry->file || !found)
        return cli_fail(error, WK_FILE, file, "exposures/%zu has no file or no sky", index);
    entry->base = cli_base_name(entry->file);
    entry->surface = (wk_sky_surface){.terms = isfinite(sky), .coefficients = {sky}};
    if (!entry->surface.terms)
        return WK_OK;
    wk_status status = read_surface(&entry->surface, ledger, index, file, error);
    return status ? status : read_parts(&entry->surface, ledger, index, file, error);
}

wk_status cli_stored_read(cli_stored *stored, const char *file, wk_error *error)
{
    wk_status status = wk_ledger_read(&stored->ledger, file, error);
    if (status)
        return status;
    int64_t count = wk_ledger_length(stored->ledger, "exposures");
    stored->method = wk_ledger_get_text(stored->ledger, "method");
    if (count < 0 || !stored->method)
        return cli_fail(error, WK_FILE, file, "is no solution: it has no exposures or no method");
    stored->list = cli_new((size_t)count, sizeof *stored->list, error);
    if (!stored->list)
        return WK_MEMORY;
    stored->count = (size_t)count;
    for (size_t i = 0; i < stored->count && !status; i++) {
        status = read_entry(&stored->list[i], stored->ledger, i, file, error);
        if (stored->list[i].surface.terms > 1)
            stored->order = stored->list[i].surface.terms > 3 ? 2 : 1;
        stored->parts |= stored->list[i].surface.part_count > 0;
    }
    return status;
}

/* How well an entry fits: the path or the name of the file, then detector and HDU; 0: not at all.
 * The HDU decides among detectors of one name, but a file may have got other HDUs meanwhile. */
static int fit(const cli_stored_level *entry, const wk_exposure_header *header)
{
    int file = !strcmp(entry->file, header->file)                  ? 8
               : !strcmp(entry->base, cli_base_name(header->file)) ? 4
                                                                   : 0;
    int detector = entry->detector && !strcmp(entry->detector, header->detector);
    int hdu = entry->hdu == (double)header->image_hdu;
    return file && (detector || (!entry->detector && hdu)) ? file + 2 * detector + hdu : 0;
}

/* A slope or an amplifier is that of an image of a certain size. */
static wk_status check_size(const wk_sky_surface *surface, const wk_exposure *exposure,
                            wk_error *error)
{
    const wk_exposure_header *header = wk_exposure_describe(exposure);
    if ((surface->terms < 2 && surface->part_count == 0) ||
        (2 * surface->scale[0] == (double)header->width &&
         2 * surface->scale[1] == (double)header->height))
        return WK_OK;
    return cli_fail(error, WK_ARGUMENT, wk_exposure_name(exposure),
                    "it has %lld x %lld pixels, the ledger's background %g x %g",
                    (long long)header->width, (long long)header->height, 2 * surface->scale[0],
                    2 * surface->scale[1]);
}

wk_status cli_stored_find(wk_sky_surface *surface, const cli_stored *stored,
                          const wk_exposure *exposure, wk_error *error)
{
    const wk_exposure_header *header = wk_exposure_describe(exposure);
    int best = 0, count = 0;
    for (size_t i = 0; i < stored->count; i++) {
        int now = fit(&stored->list[i], header);
        if (now > best) {
            best = now;
            count = 0;
            *surface = stored->list[i].surface;
        }
        count += now && now == best;
    }
    if (count == 1)
        return check_size(surface, exposure, error);
    return cli_fail(error, WK_ARGUMENT, wk_exposure_name(exposure), "%s",
                    count ? "the ledger has more than one level for it"
                          : "the ledger has no level for it");
}

void cli_stored_free(cli_stored *stored)
{
    for (size_t i = 0; i < stored->count; i++)
        free(stored->list[i].surface.parts);
    free(stored->list);
    wk_ledger_free(stored->ledger);
}
