/* Frames of a camera: how large they are, before any pixel is read. */
#ifndef WELKIN_FRAME_H
#define WELKIN_FRAME_H

#include "welkin/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The size of a frame in pixels.
 *
 * Given      path   FITS (also gzipped or tile-compressed), of which a bracket may name the
 *                   extension: file[SCI], file[SCI,2], file[1]; else it is the first image of two
 *                   or more axes.  Or a camera's raw file (ARW, CR2, DNG, NEF, ...).  What the file
 *                   holds decides, not its name
 * Returned   size   width and height.  Of a raw file those of the visible part of the sensor:
 *                   without its margins, and as the sensor lies, whatever orientation the camera
 *                   has noted
 * Status     WK_FILE      missing, empty, a directory, truncated; neither FITS nor a raw file that
 *                         LibRaw knows
 *            WK_HEADER    no image in the file, no such extension, a table, an image without pixels
 *            WK_ARGUMENT  a bracket that is none, or after a raw file
 * Notes      1. The size of a raw file is that of raw_image_visible in rawpy.
 *            2. A raw file's pixels are not looked at: one that ends among them has a size, too.
 */
WK_API wk_status wk_frame_size(int64_t size[2], const char *path, wk_error *error);

#ifdef __cplusplus
}
#endif

#endif
