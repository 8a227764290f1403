#include "stored.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"

static void reach(char *path, size_t size, size_t index, const char *key)
{
    snprintf(path, size, "exposures/%zu/%s", index, key);
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
    entry->sky = wk_ledger_get_number(ledger, path, &found);
    if (!entry->file || !found)
        return cli_fail(error, WK_FILE, file, "exposures/%zu has no file or no sky", index);
    entry->base = cli_base_name(entry->file);
    return WK_OK;
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
    for (size_t i = 0; i < stored->count && !status; i++)
        status = read_entry(&stored->list[i], stored->ledger, i, file, error);
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

wk_status cli_stored_find(double *level, const cli_stored *stored, const wk_exposure *exposure,
                          wk_error *error)
{
    const wk_exposure_header *header = wk_exposure_describe(exposure);
    int best = 0, count = 0;
    for (size_t i = 0; i < stored->count; i++) {
        int now = fit(&stored->list[i], header);
        if (now > best) {
            best = now;
            count = 0;
            *level = stored->list[i].sky;
        }
        count += now && now == best;
    }
    if (count == 1)
        return WK_OK;
    return cli_fail(error, WK_ARGUMENT, wk_exposure_name(exposure), "%s",
                    count ? "the ledger has more than one level for it"
                          : "the ledger has no level for it");
}

void cli_stored_free(cli_stored *stored)
{
    free(stored->list);
    wk_ledger_free(stored->ledger);
}
