/* A canvas over Cairo that becomes a PNG, SVG or PDF file.
 *
 * Lengths are in canvas units, one PNG pixel each, y downward.  Drawing never fails at once: Cairo
 * keeps the first failure, and wk_figure_close reports it.  The same drawing gives the same bytes;
 * only an SVG numbers its parts by all that the process drew before.
 */
#ifndef WELKIN_REPORT_FIGURE_H
#define WELKIN_REPORT_FIGURE_H

#include <cairo.h>

#include "welkin/status.h"
#include "figure_colour.h"

typedef struct wk_figure wk_figure;

typedef struct wk_box {
    double x, y, width, height; /* upper left corner and size */
} wk_box;

/* Start a figure whose kind is the path's ending: .png, .svg or .pdf, in any case.
 *
 * Returned   out   ended by wk_figure_close or wk_figure_abandon
 * Status     WK_ARGUMENT, WK_EXISTS, WK_FILE, WK_MEMORY
 */
wk_status wk_figure_open(wk_figure **out, const char *path, int width, int height, int overwrite,
                         wk_error *error);

/* Write the file and free the figure, also on failure. */
wk_status wk_figure_close(wk_figure *figure, wk_error *error);

/* Free the figure; no file appears.  NULL is allowed. */
void wk_figure_abandon(wk_figure *figure);

cairo_t *wk_figure_cairo(wk_figure *figure);

/* The image behind a PNG figure, to look at its pixels; NULL for the others. */
cairo_surface_t *wk_figure_image(wk_figure *figure);

/* What is drawn in the box between these two becomes an image in a vector file: a hundred thousand
 * shapes would make it large and slow to show.  Changes wk_figure_cairo; not nested. */
void wk_figure_raster_begin(wk_figure *figure, wk_box box);
void wk_figure_raster_end(wk_figure *figure);

void wk_figure_colour(wk_figure *figure, wk_colour colour, double alpha);
void wk_figure_font(wk_figure *figure, double size, int bold);

/* Write text at (x, y).  across 0, 0.5, 1: x is its left end, middle, right end; down likewise
 * from the top of its digits to the baseline.  Bytes that are no UTF-8 become question marks. */
void wk_figure_text(wk_figure *figure, double x, double y, double across, double down,
                    const char *text);

/* The same, turned to read upward. */
void wk_figure_text_upward(wk_figure *figure, double x, double y, double across, double down,
                           const char *text);

/* The same with a pale rim, readable on any ground. */
void wk_figure_text_rimmed(wk_figure *figure, double x, double y, double across, double down,
                           const char *text);

/* The same on a white plate, readable over many marks. */
void wk_figure_text_plated(wk_figure *figure, double x, double y, double across, double down,
                           const char *text);

/* Width of the text in the present font. */
double wk_figure_text_width(wk_figure *figure, const char *text);

/* Make a text at most so wide in the present font: "the-long-na...of-a-file.fits". */
void wk_figure_text_shorten(wk_figure *figure, char *out, size_t size, const char *text,
                            double width);

void wk_figure_line(wk_figure *figure, double x0, double y0, double x1, double y1, double width);
void wk_figure_disc(wk_figure *figure, double x, double y, double radius);
void wk_figure_rectangle(wk_figure *figure, wk_box box);
void wk_figure_frame(wk_figure *figure, wk_box box, double width);

/* A sentence in the middle of an empty box. */
void wk_figure_message(wk_figure *figure, wk_box box, const char *text);

/* The inks of all figures. */
#define WK_INK       wk_colour_hex(0x262626)
#define WK_INK_SOFT  wk_colour_hex(0x6b6b6b)
#define WK_INK_FAINT wk_colour_hex(0xdcdcdc)
#define WK_INK_WARM  wk_colour_hex(0xb5503c)
#define WK_INK_COOL  wk_colour_hex(0x2a6a94)

#define WK_TEXT_SIZE 19.0

#endif
