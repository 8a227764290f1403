#include <string.h>

#include "exposure.h"
#include "fits.h"
#include "fits_structure.h"
#include "memory.h"

/* Take out what tells how the image was kept, with the CONTINUE cards behind it. */
static int64_t keep_description(char *text, int64_t count)
{
    int64_t kept = 0;
    int gone = 0;
    for (int64_t i = 0; i < count; i++) {
        const char *card = text + i * WK_FITS_CARD;
        if (memcmp(card, "CONTINUE", 8) != 0)
            gone = wk_card_is_storage(card);
        if (!gone)
            memmove(text + kept++ * WK_FITS_CARD, card, WK_FITS_CARD);
    }
    text[kept * WK_FITS_CARD] = '\0';
    return kept;
}

wk_status wk_exposure_records(char **text, int64_t *count, const wk_exposure *exposure,
                              wk_error *error)
{
    wk_fits *fits = NULL;
    int64_t records = 0;
    wk_status status = wk_fits_open(&fits, exposure->header.file, error);
    if (status == WK_OK)
        status = wk_fits_select(fits, exposure->header.image_hdu, error);
    if (status == WK_OK)
        status = wk_fits_records(text, &records, fits, error);
    wk_fits_close(fits);
    if (status == WK_OK)
        *count = keep_description(*text, records);
    return status;
}
