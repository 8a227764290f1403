/* Raw files of cameras, through LibRaw. */
#ifndef WELKIN_DATA_RAW_H
#define WELKIN_DATA_RAW_H

#include "welkin/status.h"

/* Width and height of the visible pixels as the sensor lies; none is decoded.
 * Status   WK_FILE   no raw file that LibRaw knows, or unreadable */
wk_status wk_raw_size(int64_t size[2], const char *path, wk_error *error);

#endif
