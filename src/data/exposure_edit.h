/* Editing one file of several. */
#ifndef WELKIN_DATA_EXPOSURE_EDIT_H
#define WELKIN_DATA_EXPOSURE_EDIT_H

#include "welkin/edit.h"

/* wk_exposures_edit; workers are numbered from worker on. */
wk_status wk_exposure_edit_file(const wk_edit_job *job, int worker, const wk_write_options *options,
                                const wk_context *context, wk_error *error);

#endif
