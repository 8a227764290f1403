/* Writing copies of the inputs less surfaces, one an exposure. */
#ifndef WELKIN_CLI_SURFACES_H
#define WELKIN_CLI_SURFACES_H

#include "outputs.h"
#include "welkin/cells.h"

/* Write all outputs of the plan.
 *
 * Given      surfaces  [exposures], in the order of the inputs; terms 0: the exposure is copied as
 *                      it is
 *            method    for BKGMETH
 *            subtract  zero: only keywords are set
 * Notes      Keywords as for levels: BKGMETH, BKGLEVEL (at the centre), BKGSUB; and BKGORDER, and
 * the coefficients as BKGC1, BKGC2, ... (BKGC0 is BKGLEVEL).  After a failure no output is left.
 */
wk_status cli_surfaces_write(cli_outputs *outputs, const cli_inputs *inputs,
                             const wk_sky_surface *surfaces, const char *method, int subtract,
                             cli_session *session, wk_error *error);

#endif
