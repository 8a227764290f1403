#include <math.h>
#include <string.h>

#include "preview_panel.h"
#include "status.h"

/* cairo's images are at most so wide and high */
static const double most = 32767;

/* room for axes, title, note, colour bar */
static const double title = 56, axis_left = 128, axis_left_sky = 168, axis_below = 92, note = 40;
static const double bar = 210, apart = 28;

static int has_marks(const wk_preview *preview)
{
    for (size_t k = 0; k < preview->count; k++)
        if (preview->panels[k].image.mark_count > 0)
            return 1;
    return 0;
}

/* Whether anything is said below an image. */
static int has_notes(const wk_preview *preview)
{
    for (size_t k = 0; k < preview->count; k++) {
        const wk_thumbnail *from = &preview->panels[k].thumbnail;
        if (from->finite > 0 && from->finite < from->pixels)
            return 1;
    }
    return has_marks(preview);
}

static int has_masks(const wk_preview *preview)
{
    for (size_t k = 0; k < preview->count; k++)
        if (preview->panels[k].thumbnail.shares)
            return 1;
    return 0;
}

static void find_cell(wk_preview_layout *layout, const wk_preview *preview)
{
    for (size_t k = 0; k < preview->count; k++) {
        const wk_preview_panel *panel = &preview->panels[k];
        double width = (double)(panel->thumbnail.width * panel->enlarging);
        double height = (double)(panel->thumbnail.height * panel->enlarging);
        layout->cell.width = fmax(layout->cell.width, width);
        layout->cell.height = fmax(layout->cell.height, height);
    }
}

static void find_rooms(wk_preview_layout *layout, const wk_preview *preview)
{
    int axes = preview->options.axes != WK_PREVIEW_AXES_NONE;
    int sky = preview->options.axes == WK_PREVIEW_AXES_SKY;
    layout->left = sky ? axis_left_sky : axes ? axis_left : apart;
    layout->below = (axes ? axis_below : apart) + (has_notes(preview) ? note : 0);
    layout->top = axes || preview->count > 1 ? title : apart;
    layout->right = apart;
}

static double legend_height(const wk_preview *preview, double width)
{
    wk_preview_plane planes[64];
    size_t count = wk_preview_planes(planes, 64, preview);
    double across = fmax(floor(width / WK_LEGEND_COLUMN), 1);
    return has_masks(preview) ? WK_LEGEND_LINE * fmax(ceil((double)count / across), 1) + 16 : 0;
}

wk_status wk_preview_lay(wk_preview_layout *layout, const wk_preview *preview, wk_error *error)
{
    *layout = (wk_preview_layout){.columns = (int)preview->count};
    if (preview->count > 4)
        layout->columns = (int)ceil(sqrt((double)preview->count));
    layout->rows = ((int)preview->count + layout->columns - 1) / layout->columns;
    layout->bare = preview->count == 1 && preview->options.axes == WK_PREVIEW_AXES_NONE &&
                   !preview->options.colour_bar && !has_masks(preview) && !has_marks(preview);
    find_cell(layout, preview);
    if (!layout->bare)
        find_rooms(layout, preview);
    layout->cell.width += layout->left + layout->right;
    layout->cell.height += layout->top + layout->below;
    double width = layout->columns * layout->cell.width + (preview->options.colour_bar ? bar : 0);
    double height = layout->rows * layout->cell.height;
    layout->legend = height;
    /* words need room that a narrow image does not give */
    if (!layout->bare)
        width = fmax(width, 420);
    height += legend_height(preview, width);
    if (width > most || height > most)
        return wk_error_set(error, WK_ARGUMENT, "",
                            "a picture of %.0f x %.0f pixels is larger than %.0f each way", width,
                            height, most);
    layout->width = (int)width;
    layout->height = (int)height;
    return WK_OK;
}

wk_box wk_preview_box(const wk_preview_layout *layout, const wk_preview *preview, size_t index)
{
    const wk_preview_panel *panel = &preview->panels[index];
    double column = (double)(index % (size_t)layout->columns);
    double row = (double)(index / (size_t)layout->columns);
    wk_box box = {column * layout->cell.width + layout->left,
                  row * layout->cell.height + layout->top,
                  (double)(panel->thumbnail.width * panel->enlarging),
                  (double)(panel->thumbnail.height * panel->enlarging)};
    return box;
}
