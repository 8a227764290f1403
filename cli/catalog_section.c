#include "section.h"

/* What a command works on is said by the files it names; where they came from changes nothing. */
static const cli_option choice_options[] = {
    {.name = "catalog",
     .type = CLI_INPUT,
     .argument = "DB",
     .help = "take exposures from this catalogue, besides the files given"},
    {.name = "where",
     .type = CLI_TEXT,
     .argument = "EXPR",
     .help = "of the catalogue, those that satisfy an expression: \"filter = 'r' and visit in "
             "(12, 13)\"; welkin catalog --help lists the columns"},
    {.name = NULL},
};

const cli_section cli_choice_section = {"Exposures from a catalogue", choice_options, 1, 0};

static const cli_option options[] = {
    {.name = "catalog",
     .type = CLI_INPUT,
     .argument = "DB",
     .initial = "welkin.sqlite3",
     .help = "the catalogue; add makes it if it is missing"},
    {.name = "where",
     .type = CLI_TEXT,
     .argument = "EXPR",
     .help = "of list, overlaps and remove: only exposures that satisfy an expression over file, "
             "hdu, layout, detector, filter, visit, exposure_time, date, width, height, ra, dec, "
             "pixel_scale and size with =, !=, <, <=, >, >=, in (...), like, between, is null, "
             "and, or, not; texts stand in single quotes"},
    {.name = "levels",
     .type = CLI_SWITCH,
     .help = "of list: show the levels recorded, one line a level"},
    {.name = "names",
     .type = CLI_SWITCH,
     .help = "of list and overlaps: print names alone, one a line, as @LIST wants them"},
    {.name = "wait",
     .type = CLI_REAL,
     .argument = "X",
     .initial = "60",
     .low = 0,
     .high = 86400,
     .unit = "seconds",
     .help = "how long to wait for other programs that write the catalogue"},
    {.name = NULL},
};

const cli_section cli_catalog_section = {"Options", options, 0, 1};
