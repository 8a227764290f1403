#include "pixel_noise.h"

#include <math.h>

#include "clip.h"
#include "select.h"

enum { noise_pairs = 200000 }; /* differences of neighbouring pixels that the noise is taken from */

static int64_t row_stride(const wk_pixels *pixels)
{
    int64_t rows = noise_pairs / pixels->width + 1;
    return pixels->height > rows ? pixels->height / rows : 1;
}

int64_t wk_pixel_noise_room(const wk_pixels *pixels)
{
    return (pixels->height / row_stride(pixels) + 1) * pixels->width;
}

wk_status wk_pixel_noise(double *noise, const wk_pixels *pixels, float *room,
                         wk_statistic_scratch *scratch, wk_error *error)
{
    int64_t stride = row_stride(pixels), count = 0;
    for (int64_t y = stride / 2; y < pixels->height; y += stride) {
        const float *data = pixels->data + y * pixels->width;
        const uint8_t *bad = pixels->bad + y * pixels->width;
        for (int64_t x = 1; x < pixels->width; x++)
            if (!bad[x] && !bad[x - 1])
                room[count++] = fabsf(data[x] - data[x - 1]);
    }
    wk_selection differences = {room, count, 0.0F, INFINITY, count};
    void *work = wk_clip_room(scratch, wk_select_room(count, 2), error);
    if (!work)
        return WK_MEMORY;
    *noise = 1.0483580 * wk_select_median(&differences, work);
    /* numbers so coarse that most neighbours are equal tell nothing */
    if (!(*noise > 0.0))
        *noise = (double)NAN;
    return WK_OK;
}
