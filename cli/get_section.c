#include "section.h"

static const cli_option options[] = {
    {.name = "repo",
     .type = CLI_INPUT,
     .argument = "DIR",
     .help = "the repository: its folder, or its butler.yaml"},
    {.name = "collection",
     .type = CLI_TEXT,
     .argument = "NAMES",
     .help = "search this collection, or several with commas between, in this order; if the "
             "repository has one chain at the top, or one collection, that is the default"},
    {.name = "list",
     .type = CLI_SWITCH,
     .help = "print the dataset types, those that match a PATTERN (* ? [ ]) if one is given"},
    {.name = "collections", .type = CLI_SWITCH, .help = "print the collections, chains as a tree"},
    {.name = "all",
     .type = CLI_SWITCH,
     .help = "print every dataset of the type that agrees with the keys given, one a line"},
    {.name = "inputs",
     .type = CLI_SWITCH,
     .help = "print the visits that a coadd was made of; without --repo of a FILE"},
    {.name = "output",
     .letter = 'o',
     .type = CLI_OUTPUT,
     .argument = "FILE",
     .help = "write the dataset here: a copy, of a background list its image"},
    {.name = "copy", .type = CLI_SWITCH, .help = "copy a background list, too, as it is stored"},
    {.name = "overwrite", .type = CLI_SWITCH, .help = "let the output replace an existing file"},
    {.name = "durable",
     .type = CLI_SWITCH,
     .help = "wait until the output is on the disk before it appears"},
    {.name = NULL},
};

const cli_section cli_get_section = {"Options", options, 0, 1};
