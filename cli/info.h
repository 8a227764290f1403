/* What welkin info has found, and its JSON. */
#ifndef WELKIN_CLI_INFO_H
#define WELKIN_CLI_INFO_H

#include "welkin/exposure.h"
#include "welkin/wcs.h"

/* What is said about one exposure. */
typedef struct info_facts {
    const wk_exposure *exposure;
    const wk_exposure_header *header;
    int64_t bad;
    int has_wcs;
    wk_wcs_summary wcs;
    wk_error wcs_error;
} info_facts;

/* "stsci", ... */
const char *info_layout_name(wk_layout layout);

/* Print the document to stdout. */
wk_status info_print_json(const info_facts *facts, size_t count, wk_error *error);

#endif
