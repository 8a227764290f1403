#include "figure_background.h"

#include <math.h>
#include <stdio.h>

#include "welkin/figure.h"
#include "figure_panel.h"
#include "memory.h"

enum { SAMPLES = 400, TEXT = 256, UNIT = 48 };

static const double left = 130, top = 200, across = 290, down = 165, right = 190, below = 135;

/* The room of a panel: the image's shape, as large as two by two of them may be, and never so small
 * that titles do not fit. */
static wk_box panel_room(int64_t width, int64_t height)
{
    double scale = fmin(580 / (double)width, 680 / (double)height);
    wk_box room = {0, 0, round(fmax((double)width * scale, 420)),
                   round(fmax((double)height * scale, 240))};
    return room;
}

void wk_figure_background_size(int *width, int *height, int64_t image_width, int64_t image_height)
{
    wk_box room = panel_room(image_width, image_height);
    *width = (int)(left + 2 * room.width + across + right);
    *height = (int)(top + 2 * room.height + down + below);
}

wk_box wk_figure_background_box(int64_t image_width, int64_t image_height, int panel)
{
    wk_box box = panel_room(image_width, image_height);
    box.x = left + (panel % 2 ? box.width + across : 0);
    box.y = top + (panel / 2 ? box.height + down : 0);
    return box;
}

/* Decimals that show a hundredth of the noise; -1: such numbers need powers of ten. */
static int decimals_for(const wk_background_summary *summary)
{
    double largest = fmax(fabs(summary->min), fabs(summary->max));
    if (!isfinite(largest) || !(summary->rms > 0) || !isfinite(summary->rms))
        return -1;
    int decimals = (int)fmax(2 - floor(log10(summary->rms)), 0);
    return decimals > 7 || largest > 1e7 ? -1 : decimals;
}

static void describe_level(char *text, size_t size, const wk_background_picture *picture)
{
    const wk_background_summary *summary = &picture->summary;
    const double values[] = {summary->mean, summary->min, summary->max};
    char numbers[3][64], rms[64], unit[UNIT];
    int decimals = decimals_for(summary);
    for (int k = 0; k < 3; k++)
        if (decimals < 0)
            wk_number_text(numbers[k], sizeof numbers[k], values[k], 6);
        else
            wk_fixed_text(numbers[k], sizeof numbers[k], values[k], decimals);
    wk_number_text(rms, sizeof rms, summary->rms, 4);
    snprintf(unit, sizeof unit, "%s%s", picture->unit ? " " : "",
             picture->unit ? picture->unit : "");
    snprintf(text, size, "level: mean %s, from %s to %s%s; rms: median %s%s", numbers[0],
             numbers[1], numbers[2], unit, rms, isfinite(summary->rms) ? unit : "");
}

static void describe_mesh(char *text, size_t size, const wk_background_picture *picture)
{
    char empty[64] = "none empty", cells[32];
    wk_count_text(cells, sizeof cells, (size_t)picture->empty);
    if (picture->empty > 0)
        snprintf(empty, sizeof empty, "%s empty", cells);
    snprintf(text, size, "%lld × %lld cells, %s; image of %lld × %lld pixels",
             (long long)picture->nx, (long long)picture->ny, empty, (long long)picture->width,
             (long long)picture->height);
}

static void draw_head(wk_figure *figure, const wk_background_picture *picture)
{
    int width, height;
    char text[2 * TEXT], line[2 * TEXT];
    wk_figure_background_size(&width, &height, picture->width, picture->height);
    double room = width - left - 40;
    snprintf(line, sizeof line, "Background of %s", picture->name ? picture->name : "an image");
    wk_figure_colour(figure, WK_INK, 1);
    wk_figure_font(figure, 1.5 * WK_TEXT_SIZE, 1);
    wk_figure_text_shorten(figure, text, sizeof text, line, room);
    wk_figure_text(figure, left, 60, 0, 1, text);
    wk_figure_colour(figure, WK_INK_SOFT, 1);
    wk_figure_font(figure, 1.1 * WK_TEXT_SIZE, 0);
    describe_mesh(line, sizeof line, picture);
    wk_figure_text_shorten(figure, text, sizeof text, line, room);
    wk_figure_text(figure, left, 94, 0, 1, text);
    describe_level(line, sizeof line, picture);
    wk_figure_text_shorten(figure, text, sizeof text, line, room);
    wk_figure_text(figure, left, 125, 0, 1, text);
}

static wk_status draw_model(wk_figure *figure, const wk_background_picture *picture, int rms,
                            const char *unit, wk_error *error)
{
    wk_panel panel = {.values = rms ? picture->rms : picture->level,
                      .nx = picture->columns,
                      .ny = picture->rows,
                      .width = (double)picture->width,
                      .height = (double)picture->height,
                      .smooth = picture->smooth,
                      .map = rms ? WK_COLOUR_EMBER : WK_COLOUR_VIRIDIS,
                      .title = rms ? "Noise: rms of the pixels" : "Model of the level",
                      .name = rms ? "rms" : "level",
                      .unit = unit,
                      .unknown = "no value"};
    wk_box box = wk_figure_background_box(picture->width, picture->height, rms);
    return wk_panel_draw(figure, box, &panel, error);
}

static wk_panel cell_panel(const wk_background_picture *picture, const float *values)
{
    wk_panel panel = {.values = values,
                      .nx = picture->nx,
                      .ny = picture->ny,
                      .width = (double)picture->width,
                      .height = (double)picture->height,
                      .edges_x = picture->edges_x,
                      .edges_y = picture->edges_y};
    return panel;
}

/* A model that goes through the cells leaves rounding, which must not look like structure. */
static double least_residual(const wk_background_picture *picture)
{
    double largest = fmax(fabs(picture->summary.min), fabs(picture->summary.max));
    return picture->in_errors ? 1 : isfinite(largest) ? 1e-6 * largest : 0;
}

static wk_status draw_residual(wk_figure *figure, const wk_background_picture *picture,
                               const char *unit, wk_error *error)
{
    wk_panel panel = cell_panel(picture, picture->residual);
    panel.map = WK_COLOUR_DIVERGING;
    panel.limits = WK_PANEL_ABOUT_ZERO;
    panel.high = least_residual(picture);
    panel.title = "Cells: measured − model";
    panel.name = picture->in_errors ? "residual / error" : "residual";
    panel.unit = picture->in_errors ? NULL : unit;
    panel.unknown = picture->in_errors ? "no value or no error" : "no value";
    wk_box box = wk_figure_background_box(picture->width, picture->height, 2);
    return wk_panel_draw(figure, box, &panel, error);
}

static wk_status draw_used(wk_figure *figure, const wk_background_picture *picture, wk_error *error)
{
    wk_panel panel = cell_panel(picture, picture->used);
    panel.map = WK_COLOUR_MAGMA;
    panel.limits = WK_PANEL_GIVEN;
    panel.high = 1;
    panel.title = "Cells: fraction of pixels used";
    panel.name = "fraction used";
    panel.unknown = "not known";
    wk_box box = wk_figure_background_box(picture->width, picture->height, 3);
    return wk_panel_draw(figure, box, &panel, error);
}

/* A unit is a word; what is longer would run out of the picture. */
static void short_unit(wk_figure *figure, char unit[UNIT], const char *given)
{
    wk_figure_font(figure, WK_TEXT_SIZE, 0);
    wk_figure_text_shorten(figure, unit, UNIT, given ? given : "image units", 150);
}

wk_status wk_figure_background_draw(wk_figure *figure, const wk_background_picture *picture,
                                    wk_error *error)
{
    char unit[UNIT];
    short_unit(figure, unit, picture->unit);
    draw_head(figure, picture);
    wk_status status = draw_model(figure, picture, 0, unit, error);
    if (status == WK_OK)
        status = draw_model(figure, picture, 1, unit, error);
    if (status == WK_OK)
        status = draw_residual(figure, picture, unit, error);
    return status == WK_OK ? draw_used(figure, picture, error) : status;
}

/* The arrays that a wk_background_picture borrows. */
typedef struct arrays {
    float *row; /* of the image */
    float *level, *rms;
    double *edges_x, *edges_y;
    double *centre; /* the model in the middle of a row of cells */
    float *residual, *used;
} arrays;

static void release(arrays *a)
{
    wk_memory_free(a->row);
    wk_memory_free(a->level);
    wk_memory_free(a->rms);
    wk_memory_free(a->edges_x);
    wk_memory_free(a->edges_y);
    wk_memory_free(a->centre);
    wk_memory_free(a->residual);
    wk_memory_free(a->used);
}

static void *room_for(int64_t count, size_t size, int *failed, wk_error *error)
{
    void *room = *failed ? NULL : wk_memory_new((size_t)count, size, error);
    *failed |= room == NULL;
    return room;
}

static wk_status reserve(arrays *a, const wk_background_source *source,
                         const wk_background_picture *picture, wk_error *error)
{
    int failed = 0;
    int64_t cells = picture->nx * picture->ny, samples = picture->columns * picture->rows;
    *a = (arrays){0};
    a->row = room_for(source->width, sizeof *a->row, &failed, error);
    a->level = room_for(samples, sizeof *a->level, &failed, error);
    a->rms = room_for(samples, sizeof *a->rms, &failed, error);
    a->edges_x = room_for(picture->nx + 1, sizeof *a->edges_x, &failed, error);
    a->edges_y = room_for(picture->ny + 1, sizeof *a->edges_y, &failed, error);
    a->centre = room_for(picture->nx, sizeof *a->centre, &failed, error);
    a->residual = room_for(cells, sizeof *a->residual, &failed, error);
    a->used = room_for(cells, sizeof *a->used, &failed, error);
    return failed ? WK_MEMORY : WK_OK;
}

/* The pixel in the middle of a part of the image. */
static int64_t middle_of(int64_t part, int64_t parts, int64_t size)
{
    return (2 * part + 1) * size / (2 * parts);
}

static wk_status take_row(arrays *a, const wk_background_source *source, wk_background_plane plane,
                          int64_t y, wk_error *error)
{
    wk_rect rect = {0, y, source->width, 1};
    wk_view view = {a->row, source->width, 1, source->width};
    return source->fill(source->model, plane, rect, view, error);
}

static wk_status take_model(float *out, arrays *a, const wk_background_source *source,
                            const wk_background_picture *picture, wk_background_plane plane,
                            wk_error *error)
{
    int64_t columns = picture->columns, rows = picture->rows;
    for (int64_t y = 0; y < rows; y++) {
        wk_status status = take_row(a, source, plane, middle_of(y, rows, source->height), error);
        if (status != WK_OK)
            return status;
        for (int64_t x = 0; x < columns; x++)
            out[y * columns + x] = a->row[middle_of(x, columns, source->width)];
    }
    return WK_OK;
}

/* Every edge is as far from the centre of its cell as the one before; where that does not end at
 * the image's edge the cells are taken to be equal. */
static void take_edges(double *edges, const double *centres, int64_t count, int64_t size)
{
    int fit = 1;
    edges[0] = -0.5;
    for (int64_t k = 0; k < count; k++) {
        edges[k + 1] = 2 * centres[k] - edges[k];
        fit = fit && edges[k + 1] > edges[k];
    }
    if (fit && fabs(edges[count] - ((double)size - 0.5)) < 0.25)
        return;
    for (int64_t k = 0; k <= count; k++)
        edges[k] = (double)(k * size) / (double)count - 0.5;
}

static int64_t pixel_at(double centre, int64_t size)
{
    return (int64_t)fmin(fmax(floor(centre), 0), (double)(size - 1));
}

/* Add weight times the model of one row of pixels at the cells' centres; between two pixels it is
 * the mean of both. */
static wk_status add_row(arrays *a, const wk_background_source *source, int64_t y, double weight,
                         wk_error *error)
{
    const wk_mesh *mesh = source->mesh;
    wk_status status = take_row(a, source, WK_BACKGROUND_LEVEL, y, error);
    for (int64_t k = 0; status == WK_OK && k < mesh->nx; k++) {
        int64_t x = pixel_at(mesh->x[k], source->width), next = x + 1 < source->width ? x + 1 : x;
        double share = fmin(fmax(mesh->x[k] - (double)x, 0), 1);
        a->centre[k] += weight * ((1 - share) * (double)a->row[x] + share * (double)a->row[next]);
    }
    return status;
}

static wk_status take_centres(arrays *a, const wk_background_source *source, double centre,
                              wk_error *error)
{
    int64_t y = pixel_at(centre, source->height), next = y + 1 < source->height ? y + 1 : y;
    double share = fmin(fmax(centre - (double)y, 0), 1);
    for (int64_t k = 0; k < source->mesh->nx; k++)
        a->centre[k] = 0;
    wk_status status = add_row(a, source, y, 1 - share, error);
    return status == WK_OK && share > 0 ? add_row(a, source, next, share, error) : status;
}

/* Are there errors to compare with? */
static int any_error(const wk_mesh *mesh)
{
    for (int64_t k = 0; mesh->error && k < mesh->nx * mesh->ny; k++)
        if (mesh->error[k] > 0 && isfinite(mesh->error[k]))
            return 1;
    return 0;
}

static wk_status take_residual(arrays *a, const wk_background_source *source, int in_errors,
                               wk_error *error)
{
    const wk_mesh *mesh = source->mesh;
    for (int64_t y = 0; y < mesh->ny; y++) {
        wk_status status = take_centres(a, source, mesh->y[y], error);
        if (status != WK_OK)
            return status;
        for (int64_t k = 0; k < mesh->nx; k++) {
            int64_t cell = y * mesh->nx + k;
            double difference = (double)mesh->measured[cell] - a->centre[k];
            if (in_errors)
                difference /= mesh->error[cell] > 0 ? (double)mesh->error[cell] : (double)NAN;
            a->residual[cell] = (float)difference;
        }
    }
    return WK_OK;
}

/* Cells that come from a list have no counts. */
static void take_used(arrays *a, const wk_mesh *mesh)
{
    int64_t most = 0;
    for (int64_t k = 0; mesh->count && k < mesh->nx * mesh->ny; k++)
        most = mesh->count[k] > most ? mesh->count[k] : most;
    for (int64_t k = 0; k < mesh->nx * mesh->ny; k++) {
        int64_t x = k % mesh->nx, y = k / mesh->nx;
        double width = a->edges_x[x + 1] - a->edges_x[x];
        double area = width * (a->edges_y[y + 1] - a->edges_y[y]);
        a->used[k] = most > 0 ? (float)((double)mesh->count[k] / area) : NAN;
    }
}

static wk_status take_all(arrays *a, const wk_background_source *source,
                          wk_background_picture *picture, wk_error *error)
{
    const wk_mesh *mesh = source->mesh;
    wk_status status = take_model(a->level, a, source, picture, WK_BACKGROUND_LEVEL, error);
    if (status == WK_OK)
        status = take_model(a->rms, a, source, picture, WK_BACKGROUND_RMS, error);
    if (status == WK_OK)
        status = take_residual(a, source, picture->in_errors, error);
    if (status != WK_OK)
        return status;
    take_edges(a->edges_x, mesh->x, mesh->nx, source->width);
    take_edges(a->edges_y, mesh->y, mesh->ny, source->height);
    take_used(a, mesh);
    picture->level = a->level;
    picture->rms = a->rms;
    picture->edges_x = a->edges_x;
    picture->edges_y = a->edges_y;
    picture->residual = a->residual;
    picture->used = a->used;
    return WK_OK;
}

static wk_status draw_on(wk_figure *figure, const wk_background_source *source,
                         wk_background_picture *picture, wk_error *error)
{
    arrays a;
    wk_status status = reserve(&a, source, picture, error);
    if (status == WK_OK)
        status = take_all(&a, source, picture, error);
    if (status == WK_OK)
        status = wk_figure_background_draw(figure, picture, error);
    release(&a);
    return status;
}

wk_status wk_figure_background_from(const char *path, const wk_background_source *source,
                                    const char *name, const char *unit, int overwrite,
                                    wk_error *error)
{
    int width, height;
    wk_figure *figure;
    const wk_mesh *mesh = source->mesh;
    wk_background_picture picture = {
        .name = name,
        .unit = unit,
        .width = source->width,
        .height = source->height,
        .columns = source->width < SAMPLES ? source->width : SAMPLES,
        .rows = source->height < SAMPLES ? source->height : SAMPLES,
        .smooth = source->smooth,
        .nx = mesh->nx,
        .ny = mesh->ny,
        .in_errors = any_error(mesh),
        .empty = mesh->empty,
        .summary = source->summary,
    };
    wk_figure_background_size(&width, &height, source->width, source->height);
    wk_status status = wk_figure_open(&figure, path, width, height, overwrite, error);
    if (status != WK_OK)
        return status;
    status = draw_on(figure, source, &picture, error);
    if (status == WK_OK)
        return wk_figure_close(figure, error);
    wk_figure_abandon(figure);
    return status;
}

static wk_status fill(const void *model, wk_background_plane plane, wk_rect rect, wk_view out,
                      wk_error *error)
{
    return wk_background_fill(model, plane, rect, out, error);
}

wk_status wk_figure_background(const char *path, const wk_background *background, const char *name,
                               const char *unit, int overwrite, wk_error *error)
{
    wk_background_source source = {
        .smooth = wk_background_in_force(background)->interpolation != WK_INTERPOLATE_CONSTANT,
        .mesh = wk_background_mesh(background),
        .fill = fill,
        .model = background,
    };
    wk_background_size(background, &source.width, &source.height);
    wk_status status = wk_background_summarise(&source.summary, &background, 1, NULL, error);
    if (status < 0)
        return status;
    return wk_figure_background_from(path, &source, name, unit, overwrite, error);
}
