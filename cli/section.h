/* The tables of options, and the way from the shared ones to what the library wants. */
#ifndef WELKIN_CLI_SECTION_H
#define WELKIN_CLI_SECTION_H

#include "option.h"
#include "welkin/exposure.h"

extern const cli_section cli_general_section;
extern const cli_section cli_output_section;
extern const cli_section cli_plane_section;
extern const cli_section cli_match_section;
extern const cli_section cli_cells_section;
extern const cli_section cli_statistic_section;
extern const cli_section cli_background_section;
extern const cli_section cli_variance_section;
extern const cli_section cli_correlate_section;
extern const cli_section cli_offsets_section;
extern const cli_section cli_stats_section;
extern const cli_section cli_show_section;
extern const cli_section cli_catalog_section;
extern const cli_section cli_choice_section; /* exposures from a catalogue */
extern const cli_section cli_get_section;
extern const cli_section cli_simulate_section;

/* The strings are borrowed from options. */
wk_exposure_options cli_exposure_options(const cli_options *options);

#endif
