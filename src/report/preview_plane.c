/* The mask planes that are drawn: names, colours, order. */
#include <string.h>

#include "preview_panel.h"

/* Hues that colour-blind readers tell apart (Okabe and Ito 2008), lightened where dark; further
 * planes take them again. */
static const unsigned hues[] = {0xd55e00, 0x0093d9, 0xf0e442, 0x00a67c,
                                0xcc79a7, 0x7ac8f2, 0xe69f00, 0x8f6fd6};

wk_colour wk_preview_plane_colour(size_t index)
{
    return wk_colour_hex(hues[index % (sizeof hues / sizeof *hues)]);
}

static size_t find(const wk_preview_plane *planes, size_t count, const char *name)
{
    size_t k = 0;
    while (k < count && strcmp(planes[k].name, name) != 0)
        k++;
    return k;
}

size_t wk_preview_planes(wk_preview_plane *out, size_t room, const wk_preview *preview)
{
    size_t count = 0;
    for (size_t k = 0; k < preview->count; k++) {
        const wk_preview_panel *panel = &preview->panels[k];
        for (size_t plane = 0; panel->thumbnail.shares && plane < panel->image.plane_count;
             plane++) {
            if (panel->thumbnail.flagged[plane] == 0)
                continue;
            size_t place = find(out, count, panel->image.planes[plane].name);
            if (place == count && count == room)
                continue;
            if (place == count)
                out[count++] = (wk_preview_plane){panel->image.planes[plane].name, place, 0, 0};
            out[place].flagged += panel->thumbnail.flagged[plane];
            out[place].pixels += panel->thumbnail.pixels;
        }
    }
    return count;
}

size_t wk_preview_plane_index(const wk_preview *preview, size_t panel, size_t plane)
{
    wk_preview_plane planes[64];
    size_t count = wk_preview_planes(planes, 64, preview);
    return find(planes, count, preview->panels[panel].image.planes[plane].name);
}
