#include "section.h"

static const cli_option options[] = {
    {.name = "sigma",
     .type = CLI_REAL,
     .argument = "X",
     .initial = "3",
     .unit = "standard deviations",
     .help = "how far from the median clipping leaves pixels in"},
    {.name = "iterations",
     .type = CLI_INTEGER,
     .argument = "N",
     .initial = "5",
     .high = 1000,
     .help = "rounds of clipping at most"},
    {.name = "bins",
     .type = CLI_INTEGER,
     .argument = "N",
     .initial = "20",
     .low = 1,
     .high = 1000000,
     .help = "bins of the histogram"},
    {.name = "compare",
     .type = CLI_INPUT,
     .argument = "FILE",
     .help = "take this image off first, pixel by pixel; of several images the one of the same "
             "place in the file"},
    {.name = "histogram",
     .type = CLI_OUTPUT,
     .argument = "FILE",
     .help = "draw the histogram with a line at the mean: .png, .svg or .pdf"},
    {.name = "across",
     .type = CLI_SWITCH,
     .help = "go through all images, which have one shape, pixel by pixel; a FILE may be a list of "
             "backgrounds (BackgroundList), too"},
    {.name = "output",
     .letter = 'o',
     .type = CLI_OUTPUT,
     .argument = "FILE",
     .help = "with --across: write mean, standard deviation, minimum, maximum and number of good "
             "pixels as extensions of this FITS file"},
    {.name = "durable",
     .type = CLI_SWITCH,
     .help = "wait until an output is on the disk before it appears"},
    {.name = "overwrite", .type = CLI_SWITCH, .help = "let outputs replace existing files"},
    {.name = NULL},
};

const cli_section cli_stats_section = {"Options", options, 0, 1};
