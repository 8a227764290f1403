#include <math.h>

#include "correlate_task.h"
#include "welkin/background.h"
#include "welkin/rows.h"

enum { CELL = 64, CELLS_MOST = 16 };

/* Some cells of an image, spread over it, as an image of their own. */
typedef struct spread {
    const wk_samples *from;
    int64_t cells[2]; /* along x and y */
    double constant;  /* taken off: float32 does not hold the digits of a high level */
} spread;

/* Where column x (axis 0) or row y (axis 1) of the cells lies in the image. */
static int64_t source_of(const spread *s, int axis, int64_t place)
{
    int64_t size = axis == 0 ? s->from->width : s->from->height, cell = place / CELL;
    if (s->cells[axis] < 2)
        return place;
    return cell * (size - CELL) / (s->cells[axis] - 1) + place % CELL;
}

static wk_status read_spread(void *payload, int worker, wk_rect rect, float *data, uint8_t *bad,
                             float *variance, wk_error *error)
{
    const spread *s = payload;
    (void)worker, (void)variance, (void)error;
    for (int64_t y = 0; y < rect.height; y++)
        for (int64_t x = 0; x < rect.width; x++) {
            int64_t at = source_of(s, 1, rect.y + y) * s->from->width + source_of(s, 0, rect.x + x);
            double value = s->from->full ? s->from->full[at] : (double)s->from->single[at];
            float out = (float)(value - s->constant);
            data[y * rect.width + x] = out;
            bad[y * rect.width + x] =
                (uint8_t)((s->from->bad && s->from->bad[at]) || !isfinite(out));
        }
    return WK_OK;
}

static int64_t count_cells(int64_t size)
{
    int64_t cells = size / CELL;
    return cells < CELLS_MOST ? cells : CELLS_MOST;
}

/* The variance of the cells' levels, less what their errors are. */
static double excess(const wk_mesh *mesh)
{
    double sum = 0, square = 0, errors = 0, n = 0;
    for (int64_t i = 0; i < mesh->nx * mesh->ny; i++)
        if (isfinite(mesh->measured[i]) && isfinite(mesh->error[i])) {
            sum += (double)mesh->measured[i];
            errors += (double)mesh->error[i] * (double)mesh->error[i];
            n++;
        }
    for (int64_t i = 0; i < mesh->nx * mesh->ny; i++)
        if (isfinite(mesh->measured[i]) && isfinite(mesh->error[i]))
            square += ((double)mesh->measured[i] - sum / n) * ((double)mesh->measured[i] - sum / n);
    return n >= 4 ? fmax(square / (n - 1) - errors / n, 0) : (double)NAN;
}

wk_status correlate_judge_sky(correlate_image *image, const correlate_values *values,
                              const correlate_task *task, wk_error *error)
{
    const wk_samples *samples = &values->samples;
    wk_background_options options = wk_background_options_preset(WK_PRESET_LSST);
    wk_context silent = {.threads = task->session->context.threads,
                         .memory = task->session->context.memory};
    wk_background *model = NULL;
    image->residual = image->floor = (double)NAN;
    if (samples->variance || !image->whole || !(image->whole->variance > 0))
        return WK_OK;
    spread cells = {
        samples, {count_cells(samples->width), count_cells(samples->height)}, image->whole->mean};
    if (cells.cells[0] * cells.cells[1] < 4)
        return WK_OK;
    wk_rows rows = {.width = cells.cells[0] * CELL,
                    .height = cells.cells[1] * CELL,
                    .workers = wk_context_workers(&silent),
                    .read = read_spread,
                    .payload = &cells};
    options.box[0] = options.box[1] = CELL;
    options.minimum_good = 0.25;
    options.interpolation = WK_INTERPOLATE_CONSTANT;
    wk_status status = wk_background_fit(&model, &rows, &options, &silent, error);
    if (status == WK_OK) {
        image->floor = excess(wk_background_mesh(model)) / image->whole->variance;
        image->residual = sqrt(image->floor);
    }
    wk_background_free(model);
    return status == WK_NO_DATA ? WK_OK : status;
}
