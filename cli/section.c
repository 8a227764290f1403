#include "section.h"

static const cli_option general_options[] = {
    {.name = "json", .type = CLI_SWITCH, .help = "print one JSON document and nothing else"},
    {.name = "quiet", .letter = 'q', .type = CLI_SWITCH, .help = "say nothing but errors"},
    {.name = "verbose", .letter = 'v', .type = CLI_SWITCH, .help = "say more"},
    {.name = "threads",
     .type = CLI_INTEGER,
     .argument = "N",
     .initial = "0",
     .high = 4096,
     .help = "how many threads work; 0: one a core"},
    {.name = "memory",
     .type = CLI_SIZE,
     .argument = "SIZE",
     .initial = "1G",
     .help = "memory for buffers whose size can be chosen"},
    {.name = "config",
     .type = CLI_INPUT,
     .argument = "FILE",
     .help =
         "take options from a YAML or JSON file, under their long names; the command line wins"},
    {.name = "print-config",
     .type = CLI_SWITCH,
     .help = "print the options in force as such a file, and stop"},
    {.name = "help", .letter = 'h', .type = CLI_SWITCH, .help = "print this help, and stop"},
    {.name = NULL},
};

const cli_section cli_general_section = {"General options", general_options, 1, 0};

static const cli_option output_options[] = {
    {.name = "output",
     .letter = 'o',
     .type = CLI_OUTPUT,
     .argument = "PATH",
     .help = "write the one output here"},
    {.name = "output-dir",
     .type = CLI_OUTPUT,
     .argument = "DIR",
     .help = "write one output a file into this folder, which is made if it is missing"},
    {.name = "suffix",
     .type = CLI_OUTPUT,
     .argument = "TEXT",
     .help = "put this behind the stem of an output's name; without a folder outputs stand beside "
             "their inputs"},
    {.name = "overwrite", .type = CLI_SWITCH, .help = "let outputs replace existing files"},
    {.name = "durable",
     .type = CLI_SWITCH,
     .help = "wait until an output is on the disk before it appears"},
    {.name = NULL},
};

const cli_section cli_output_section = {"Output options", output_options, 1, 0};

static const cli_option plane_options[] = {
    {.name = "layout",
     .type = CLI_CHOICE,
     .argument = "auto|plain|stsci|lsst|des|decam",
     .initial = "auto",
     .help = "how files hold their planes"},
    {.name = "image-ext",
     .type = CLI_TEXT,
     .argument = "EXT",
     .help = "the image: NAME, NAME,EXTVER or a number counted from 0"},
    {.name = "mask-ext",
     .type = CLI_TEXT,
     .argument = "EXT",
     .help = "the mask, an integer plane whose bits are flags"},
    {.name = "variance-ext", .type = CLI_TEXT, .argument = "EXT", .help = "the variance plane"},
    {.name = "error-ext",
     .type = CLI_TEXT,
     .argument = "EXT",
     .help = "the plane of standard deviations"},
    {.name = "weight-ext",
     .type = CLI_TEXT,
     .argument = "EXT",
     .help = "the plane of inverse variances"},
    {.name = "mask-file",
     .type = CLI_INPUT,
     .argument = "FILE",
     .help = "take the mask from this file"},
    {.name = "weight-file",
     .type = CLI_INPUT,
     .argument = "FILE",
     .help = "take the weights from this file"},
    {.name = "bad-bits",
     .type = CLI_TEXT,
     .argument = "BITS",
     .help = "what makes a pixel bad: a number, ~N to ignore those bits, or names of mask planes "
             "with commas; all bits if the layout does not know better"},
    {.name = "no-mask",
     .type = CLI_SWITCH,
     .opposite = "mask",
     .help = "ignore masks and noise planes: every finite pixel is good"},
    {.name = NULL},
};

const cli_section cli_plane_section = {"Planes of an exposure", plane_options, 1, 1};

wk_exposure_options cli_exposure_options(const cli_options *options)
{
    wk_exposure_options planes = wk_exposure_options_default();
    planes.layout = (wk_layout)cli_get_choice(options, "layout");
    planes.image_ext = cli_get_text(options, "image-ext");
    planes.mask_ext = cli_get_text(options, "mask-ext");
    planes.variance_ext = cli_get_text(options, "variance-ext");
    planes.error_ext = cli_get_text(options, "error-ext");
    planes.weight_ext = cli_get_text(options, "weight-ext");
    planes.mask_file = cli_get_text(options, "mask-file");
    planes.weight_file = cli_get_text(options, "weight-file");
    planes.bad_bits = cli_get_text(options, "bad-bits");
    planes.no_mask = cli_get_switch(options, "no-mask");
    return planes;
}
