/* An image without anything around it, as PNG. */
#include <math.h>
#include <string.h>

#include "indexed_png.h"
#include "memory.h"
#include "preview_panel.h"

/* The last colour is that of pixels that are not finite. */
enum { SHADES = 255, UNKNOWN = SHADES, COLOURS };

static void fill_row(uint8_t *row, int64_t y, const void *payload)
{
    const wk_preview *preview = payload;
    const wk_preview_panel *panel = &preview->panels[0];
    const wk_thumbnail *from = &panel->thumbnail;
    int64_t size = panel->enlarging;
    const float *values = from->values + (from->height - 1 - y / size) * from->width;
    for (int64_t x = 0; x < from->width; x++) {
        double shade = wk_stretch_at(&preview->stretch, (double)values[x]);
        uint8_t index = isnan(shade) ? UNKNOWN : (uint8_t)(shade * (SHADES - 1) + 0.5);
        memset(row + x * size, index, (size_t)size);
    }
}

wk_status wk_preview_write_bare(const char *path, const wk_preview *preview, int overwrite,
                                wk_error *error)
{
    wk_colour colours[COLOURS];
    const wk_preview_panel *panel = &preview->panels[0];
    for (int k = 0; k < SHADES; k++)
        colours[k] = wk_preview_colour(&preview->options, (double)k / (SHADES - 1));
    colours[UNKNOWN] = wk_preview_colour(&preview->options, (double)NAN);
    wk_indexed_png image = {.width = panel->thumbnail.width * panel->enlarging,
                            .height = panel->thumbnail.height * panel->enlarging,
                            .colours = colours,
                            .colour_count = COLOURS,
                            .fill = fill_row,
                            .payload = preview};
    return wk_indexed_png_write(path, &image, overwrite, error);
}
