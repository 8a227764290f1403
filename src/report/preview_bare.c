/* An image without anything around it, as PNG. */
#include <math.h>
#include <string.h>

#include "indexed_png.h"
#include "memory.h"
#include "preview_panel.h"

enum { COLOURS = 256 };

/* The last colour is that of pixels that are not finite, if there are any. */
static int shades_of(const wk_preview *preview)
{
    const wk_thumbnail *from = &preview->panels[0].thumbnail;
    return from->finite < from->pixels ? COLOURS - 1 : COLOURS;
}

/* Greys need no palette: what reads the file finds the levels themselves. */
static int is_grey(const wk_preview *preview)
{
    return preview->options.map == WK_PREVIEW_GRAY && shades_of(preview) == COLOURS;
}

static void fill_row(uint8_t *row, int64_t y, const void *payload)
{
    const wk_preview *preview = payload;
    const wk_preview_panel *panel = &preview->panels[0];
    const wk_thumbnail *from = &panel->thumbnail;
    int64_t size = panel->enlarging;
    double last = shades_of(preview) - 1;
    int turned = is_grey(preview) && preview->options.reversed;
    const float *values = from->values + (from->height - 1 - y / size) * from->width;
    for (int64_t x = 0; x < from->width; x++) {
        double shade = wk_stretch_at(&preview->stretch, (double)values[x]);
        uint8_t index = isnan(shade) ? COLOURS - 1 : (uint8_t)(shade * last + 0.5);
        index = turned ? (uint8_t)(COLOURS - 1 - index) : index;
        memset(row + x * size, index, (size_t)size);
    }
}

wk_status wk_preview_write_bare(const char *path, const wk_preview *preview, int overwrite,
                                wk_error *error)
{
    wk_colour colours[COLOURS];
    const wk_preview_panel *panel = &preview->panels[0];
    int shades = shades_of(preview);
    for (int k = 0; k < COLOURS; k++)
        colours[k] = wk_preview_colour(&preview->options,
                                       k < shades ? (double)k / (shades - 1) : (double)NAN);
    wk_indexed_png image = {.width = panel->thumbnail.width * panel->enlarging,
                            .height = panel->thumbnail.height * panel->enlarging,
                            .colours = colours,
                            .colour_count = is_grey(preview) ? 0 : COLOURS,
                            .fill = fill_row,
                            .payload = preview};
    return wk_indexed_png_write(path, &image, overwrite, error);
}
