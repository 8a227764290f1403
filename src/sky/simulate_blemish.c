/* What is wrong with a simulated detector. */
#include "simulate.h"

#include <math.h>

#include "random.h"

static const double BAD_SHARE = 0.001;   /* of the pixels */
static const int64_t COLUMN_EVERY = 512; /* pixels of width for each bad column */
static const int64_t EMPTY_EVERY = 4096; /* pixels for each one without a value, two at most */
static const float GARBAGE = 1e5F;
static const float COLUMN_GARBAGE = -1e4F;
static const double DETECTION = 5; /* sigma */

void wk_simulation_flag_detected(wk_pixels *pixels, const wk_simulation *simulation)
{
    float limit = (float)(DETECTION * simulation->noise_floor);
    for (int64_t i = 0; i < pixels->width * pixels->height; i++)
        if (pixels->data[i] > limit)
            pixels->bad[i] |= WK_BLEMISH_DETECTED;
}

static void spoil(wk_pixels *pixels, int64_t i, float value, int why)
{
    pixels->data[i] = value;
    pixels->bad[i] = (uint8_t)(pixels->bad[i] | why);
}

void wk_simulation_add_blemishes(wk_pixels *pixels, const wk_simulation *simulation,
                                 int64_t exposure, int64_t detector)
{
    int64_t width = pixels->width, all = width * pixels->height;
    wk_random random = wk_random_stream(simulation->options.seed, WK_RANDOM_BLEMISH,
                                        (uint64_t)exposure, (uint64_t)detector, 0);
    for (int64_t n = width / COLUMN_EVERY; n > 0; n--) {
        int64_t x = wk_random_index(&random, width);
        int64_t start = wk_random_index(&random, pixels->height);
        for (int64_t i = start * width + x; i < all; i += width)
            spoil(pixels, i, COLUMN_GARBAGE, WK_BLEMISH_BAD);
    }
    for (int64_t n = (int64_t)((double)all * BAD_SHARE + 0.5); n > 0; n--)
        spoil(pixels, wk_random_index(&random, all), GARBAGE, WK_BLEMISH_BAD);
    for (int64_t n = all / EMPTY_EVERY > 2 ? 2 : all / EMPTY_EVERY; n > 0; n--)
        spoil(pixels, wk_random_index(&random, all), NAN, WK_BLEMISH_EMPTY);
}

void wk_simulation_seal(wk_pixels *pixels, const wk_simulation *simulation)
{
    float variance = (float)(simulation->noise_floor * simulation->noise_floor);
    int plain = simulation->options.layout == WK_LAYOUT_PLAIN;
    pixels->good = 0;
    for (int64_t i = 0; i < pixels->width * pixels->height; i++) {
        pixels->variance[i] = variance;
        pixels->good += pixels->bad[i] == 0;
        if (plain && pixels->bad[i])
            pixels->data[i] = NAN;
    }
}
