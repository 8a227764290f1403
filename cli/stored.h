/* A solution that welkin match has stored. */
#ifndef WELKIN_CLI_STORED_H
#define WELKIN_CLI_STORED_H

#include "welkin/exposure.h"
#include "welkin/cells.h"
#include "welkin/ledger.h"

/* One exposure of the ledger; texts are borrowed from it. */
typedef struct cli_stored_level {
    const char *file, *base, *detector;
    double hdu;
    wk_sky_surface surface; /* terms 0: the sky is undetermined */
} cli_stored_level;

typedef struct cli_stored {
    wk_ledger *ledger;
    cli_stored_level *list;
    size_t count;
    const char *method;
    int order; /* of the backgrounds */
    int parts; /* nonzero: some step from amplifier to amplifier */
} cli_stored;

/* Start from all zero bytes; free with cli_stored_free, whatever the status. */
wk_status cli_stored_read(cli_stored *stored, const char *file, wk_error *error);
void cli_stored_free(cli_stored *stored);

/* The background of an exposure; its parts are borrowed.  WK_ARGUMENT when the solution has none,
 * or one made for an image of another size. */
wk_status cli_stored_find(wk_sky_surface *surface, const cli_stored *stored,
                          const wk_exposure *exposure, wk_error *error);

#endif
