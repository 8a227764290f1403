#include "source.h"

#include "background_case.h"

enum { MARK = 64 };

static wk_background_options options_of(double fwhm, int grow)
{
    wk_background_options options = wk_background_options_default();
    options.source_sigma = 3.0;
    options.source_fwhm = fwhm;
    options.source_grow = grow;
    return options;
}

/* An image with a level and a noise. */
typedef struct field {
    int64_t width, height;
    float *data, *level, *rms;
    uint8_t *bad;
} field;

static void make_field(field *f, int64_t width, int64_t height, float noise, uint64_t seed)
{
    size_t n = (size_t)(width * height);
    *f = (field){width,
                 height,
                 malloc(n * sizeof(float)),
                 malloc(n * sizeof(float)),
                 malloc(n * sizeof(float)),
                 calloc(n, 1)};
    assert_true(f->data && f->level && f->rms && f->bad);
    wk_random_gaussian(f->data, (int64_t)n, wk_random_stream(seed, 41, 0, 0, 0));
    for (size_t i = 0; i < n; i++) {
        f->level[i] = 50.0F + 0.25F * (float)(i % 7);
        f->rms[i] = 1.0F + 0.125F * (float)(i % 3);
        f->data[i] = f->level[i] + noise * f->rms[i] * f->data[i];
    }
}

static void free_field(field *f)
{
    free(f->data);
    free(f->level);
    free(f->rms);
    free(f->bad);
}

static void mark(field *f, const wk_background_options *options)
{
    wk_source_scratch scratch = {0};
    assert_int_equal(wk_source_mark(f->bad, f->data, f->level, f->rms, f->width, f->height, options,
                                    MARK, &scratch, NULL),
                     WK_OK);
    wk_source_scratch_release(&scratch);
    assert_null(scratch.planes);
}

/* fwhm 5 is sigma 2.12: cut off at 7 pixels; below 0.785 pixels at 1. */
static void test_margin(void **state)
{
    (void)state;
    wk_background_options options = options_of(5.0, 5);
    assert_int_equal(wk_source_margin(&options), 12);
    options = options_of(0.5, 0);
    assert_int_equal(wk_source_margin(&options), 1);
    options = options_of(50.0, 250);
    assert_int_equal(wk_source_margin(&options), 314);
}

/* The weights of the cut Gaussian at a distance, in double. */
static double weight_at(int64_t step, double fwhm)
{
    double sigma = fwhm / (2.0 * sqrt(2.0 * log(2.0)));
    return step <= (int64_t)ceil(3.0 * sigma) ? exp(-0.5 * (double)(step * step) / (sigma * sigma))
                                              : 0.0;
}

/* Smoothed value over its noise, with all sums in full. */
static double significance(const field *f, int64_t x, int64_t y, double fwhm)
{
    double sum = 0.0, square = 0.0;
    for (int64_t v = 0; v < f->height; v++)
        for (int64_t u = 0; u < f->width; u++) {
            double weight = weight_at(llabs(u - x), fwhm) * weight_at(llabs(v - y), fwhm);
            int64_t i = v * f->width + u;
            if (weight > 0.0 && f->bad[i] == 0 && f->rms[i] > 0.0F) {
                sum += weight * ((double)f->data[i] - (double)f->level[i]) / (double)f->rms[i];
                square += weight * weight;
            }
        }
    return square > 0.0 ? sum / sqrt(square) : 0.0;
}

/* Every pixel within grow of a detected one is marked, if it was good, and nothing else.  Pixels
 * that float32 sums may put on either side of the limit do not count. */
static void expect_marks(const field *f, const uint8_t *marked,
                         const wk_background_options *options)
{
    int64_t reach = options->source_grow;
    uint8_t *sure = calloc((size_t)(f->width * f->height), 1);
    uint8_t *maybe = calloc((size_t)(f->width * f->height), 1);
    for (int64_t at = 0; at < f->width * f->height; at++) {
        int64_t x = at % f->width, y = at / f->width;
        double found = significance(f, x, y, options->source_fwhm) / options->source_sigma;
        for (int64_t v = y - reach; v <= y + reach; v++)
            for (int64_t u = x - reach; u <= x + reach; u++)
                if (u >= 0 && v >= 0 && u < f->width && v < f->height &&
                    (u - x) * (u - x) + (v - y) * (v - y) <= reach * reach) {
                    sure[v * f->width + u] |= found > 1.0 + 1e-5;
                    maybe[v * f->width + u] |= found > 1.0 - 1e-5;
                }
    }
    int64_t marks = 0;
    for (int64_t i = 0; i < f->width * f->height; i++) {
        int is = marked[i] == MARK;
        assert_true(f->bad[i] ? marked[i] == f->bad[i] : marked[i] == 0 || is);
        if (f->bad[i] == 0 && (is ? !maybe[i] : sure[i]))
            fail_msg("pixel %lld: marked %d", (long long)i, marked[i]);
        marks += is;
    }
    assert_true(marks > 0);
    free(sure);
    free(maybe);
}

static void add_source(field *f, double x, double y, double peak, double sigma)
{
    for (int64_t i = 0; i < f->width * f->height; i++) {
        double u = (double)(i % f->width) - x, v = (double)(i / f->width) - y;
        f->data[i] += (float)(peak * exp(-0.5 * (u * u + v * v) / (sigma * sigma)));
    }
}

/* A star in the middle, one at the corner, noise, and pixels that are bad in all ways. */
static void test_sources(void **state)
{
    (void)state;
    static const double widths[] = {0.5, 3.0, 5.0, 11.0};
    for (int i = 0; i < 8; i++) {
        field f;
        wk_background_options options = options_of(widths[i % 4], i < 4 ? 0 : 2 * i - 5);
        make_field(&f, 67, 51, 1.0F, 3);
        add_source(&f, 30.3, 24.8, 20.0, 2.0);
        add_source(&f, 0.0, 50.0, 30.0, 3.0);
        for (int64_t k = 0; k < 67 * 51; k += 37) {
            f.bad[k] = (uint8_t)(1 + k % 7);
            f.data[k] = k % 2 ? NAN : 1e30F;
        }
        f.rms[100] = 0.0F;
        f.rms[1000] = NAN;
        f.rms[2000] = -1.0F;
        uint8_t *marked = malloc(67 * 51), *before = malloc(67 * 51);
        memcpy(before, f.bad, 67 * 51);
        mark(&f, &options);
        memcpy(marked, f.bad, 67 * 51);
        memcpy(f.bad, before, 67 * 51);
        expect_marks(&f, marked, &options);
        assert_int_equal(marked[25 * 67 + 30], MARK);
        free(marked);
        free(before);
        free_field(&f);
    }
}

/* What a bad pixel holds is of no consequence, however bright. */
static void test_bad_pixels_have_no_weight(void **state)
{
    (void)state;
    const float values[] = {0.0F, 1e30F, -1e30F, NAN, INFINITY, -INFINITY};
    wk_background_options options = options_of(5.0, 3);
    field first;
    make_field(&first, 60, 60, 1.0F, 9);
    first.bad[30 * 60 + 30] = WK_BAD_FLAG;
    mark(&first, &options);
    for (size_t v = 0; v < sizeof values / sizeof values[0]; v++) {
        field f;
        make_field(&f, 60, 60, 1.0F, 9);
        f.bad[30 * 60 + 30] = WK_BAD_FLAG;
        f.data[30 * 60 + 30] = values[v];
        mark(&f, &options);
        assert_memory_equal(f.bad, first.bad, 60 * 60);
        free_field(&f);
    }
    assert_int_equal(first.bad[30 * 60 + 30], WK_BAD_FLAG);
    free_field(&first);
}

/* P(both of two normal numbers of correlation r exceed u) - P(one)^2, by its derivative in r. */
static double excess(double correlation, double u)
{
    enum { STEPS = 200 };
    double sum = 0.0;
    for (int i = 0; i < STEPS; i++) {
        double r = correlation * (i + 0.5) / STEPS;
        sum += exp(-u * u / (1.0 + r)) / sqrt(1.0 - r * r);
    }
    return sum * correlation / STEPS / (2.0 * acos(-1.0));
}

static double correlation_at(int64_t lag, double fwhm)
{
    double sum = 0.0, square = 0.0;
    for (int64_t i = -30; i <= 30; i++) {
        sum += weight_at(llabs(i), fwhm) * weight_at(llabs(i + lag), fwhm);
        square += weight_at(llabs(i), fwhm) * weight_at(llabs(i), fwhm);
    }
    return sum / square;
}

/* Smoothed noise over its own deviation is normal: the share beyond 3 is 0.00135.  Neighbours are
 * correlated as the weights overlap, which makes the number of detections scatter more. */
static void test_noise(void **state)
{
    (void)state;
    enum { SIDE = 1024 };
    static const double widths[] = {1.0, 2.5};
    for (size_t w = 0; w < 2; w++) {
        field f;
        double tail = 0.5 * erfc(3.0 / sqrt(2.0)), variance = 0.0;
        wk_background_options options = options_of(widths[w], 0);
        for (int64_t v = -10; v <= 10; v++)
            for (int64_t u = -10; u <= 10; u++)
                variance +=
                    u == 0 && v == 0
                        ? tail * (1.0 - tail)
                        : excess(correlation_at(u, widths[w]) * correlation_at(v, widths[w]), 3.0);
        make_field(&f, SIDE, SIDE, 1.0F, 17);
        mark(&f, &options);
        double marked = 0.0;
        for (int64_t i = 0; i < SIDE * SIDE; i++)
            marked += f.bad[i] == MARK;
        assert_true(fabs(marked - tail * SIDE * SIDE) < 5.0 * SIDE * sqrt(variance));
        free_field(&f);
    }
}

/* Any rectangle with its margin gives the marks of the whole image. */
static void test_cuts(void **state)
{
    (void)state;
    enum { W = 120, H = 90 };
    field f;
    wk_background_options options = options_of(4.0, 4);
    int64_t margin = wk_source_margin(&options);
    make_field(&f, W, H, 1.0F, 23);
    for (int i = 0; i < 12; i++)
        add_source(&f, 10.0 * i + 0.3, (double)(i * 37 % H), 8.0, 1.5);
    f.bad[4000] = WK_BAD_VALUE;
    f.data[4000] = NAN;
    uint8_t *whole = malloc(W * H);
    memcpy(whole, f.bad, W * H);
    mark(&f, &options);
    for (int trial = 0; trial < 40; trial++) {
        wk_random random = wk_random_stream((uint64_t)trial, 43, 0, 0, 0);
        int64_t x0 = wk_random_index(&random, W), x1 = x0 + 1 + wk_random_index(&random, W - x0);
        int64_t y0 = wk_random_index(&random, H), y1 = y0 + 1 + wk_random_index(&random, H - y0);
        int64_t left = x0 > margin ? x0 - margin : 0, top = y0 > margin ? y0 - margin : 0;
        int64_t right = x1 + margin < W ? x1 + margin : W;
        int64_t bottom = y1 + margin < H ? y1 + margin : H;
        field part;
        make_field(&part, right - left, bottom - top, 1.0F, 1);
        for (int64_t i = 0; i < part.width * part.height; i++) {
            int64_t from = (top + i / part.width) * W + left + i % part.width;
            part.data[i] = f.data[from];
            part.level[i] = f.level[from];
            part.rms[i] = f.rms[from];
            part.bad[i] = whole[from];
        }
        mark(&part, &options);
        for (int64_t y = y0; y < y1; y++)
            for (int64_t x = x0; x < x1; x++)
                assert_int_equal(part.bad[(y - top) * part.width + x - left], f.bad[y * W + x]);
        free_field(&part);
    }
    free(whole);
    free_field(&f);
}

/* One pixel 10 deviations up or down, the widest kernel and growth; a bad one. */
static void test_one_pixel(void **state)
{
    (void)state;
    wk_background_options options = options_of(50.0, 250);
    for (int i = 0; i < 3; i++) {
        float data = i == 1 ? -10.0F : 10.0F, level = 0.0F, rms = 1.0F;
        uint8_t bad = i == 2 ? WK_BAD_FLAG : 0;
        field f = {1, 1, &data, &level, &rms, &bad};
        mark(&f, &options);
        assert_int_equal(bad, i == 0 ? MARK : i == 1 ? 0 : WK_BAD_FLAG);
    }
}

/* Noise of 2 about a level of 300 under sixty stars, and pixels that are bad in all ways. */
static void starry(picture *one)
{
    picture_make(one, 256, 320, 13);
    wk_random random = wk_random_stream(13, 91, 0, 0, 0);
    for (int i = 0; i < 256 * 320; i++)
        one->data[i] = 300.0F + 2.0F * one->data[i];
    for (int star = 0; star < 60; star++) {
        int64_t x = wk_random_index(&random, 256), y = wk_random_index(&random, 320);
        for (int64_t i = 0; i < 15 * 15; i++) {
            int64_t u = x + i % 15 - 7, v = y + i / 15 - 7;
            float r2 = (float)((u - x) * (u - x) + (v - y) * (v - y));
            if (u >= 0 && v >= 0 && u < 256 && v < 320)
                one->data[v * 256 + u] += 60.0F * expf(-0.5F * r2 / 2.25F);
        }
    }
    picture_spoil(one);
}

static wk_background_options masking(int rounds)
{
    wk_background_options options = wk_background_options_default();
    options.interpolation = WK_INTERPOLATE_SPLINE;
    options.box[0] = options.box[1] = 64;
    options.filter[0] = options.filter[1] = 1;
    options.mask_sources = rounds;
    return options;
}

/* Without the stars the mean of the cells is the sky to 5 of its errors, sigma / sqrt(good), but
 * for the noise peaks that are masked, too: of 81920 pixels some 10, with 30 neighbours half a
 * sigma high, which is 0.004.  Clipping alone leaves the stars' wings in. */
static void test_sources_are_left_out(void **state)
{
    (void)state;
    picture one;
    double level[2];
    starry(&one);
    for (int round = 0; round < 2; round++) {
        wk_background_options options = masking(2 * round);
        options.statistic = WK_CELL_MEAN;
        wk_background *background = sky_fit(&one, &options);
        const wk_mesh *mesh = wk_background_mesh(background);
        level[round] = sky_mean(mesh->level, mesh->nx * mesh->ny, NULL);
        assert_int_equal(mesh->good + mesh->masked, 256 * 320);
        assert_true(round ? mesh->sources > 60 * 9 : mesh->sources == 0);
        if (round)
            assert_true(fabs(level[1] - 300.0) < 5.0 * 2.0 / sqrt((double)mesh->good) + 0.004);
        wk_background_free(background);
    }
    assert_true(level[0] > 300.0 + 5.0 * 2.0 / sqrt(60000.0));
    picture_free(&one);
}

/* The same bits for any number of workers and little memory, sources and all. */
static void test_workers(void **state)
{
    (void)state;
    static const wk_context contexts[] = {
        {.threads = 1}, {.threads = 2}, {.threads = 7}, {.threads = 7, .memory = 48 * 90 * 90}};
    picture one;
    float *first = NULL;
    starry(&one);
    for (size_t c = 0; c < sizeof contexts / sizeof contexts[0]; c++) {
        wk_background_options options = masking(2);
        wk_background *background;
        assert_int_equal(wk_background_fit(&background, &one.rows, &options, &contexts[c], NULL),
                         WK_OK);
        float *model = sky_model(background, WK_BACKGROUND_LEVEL);
        if (!first)
            first = model;
        assert_memory_equal(model, first, 256 * 320 * sizeof *model);
        if (model != first)
            free(model);
        wk_background_free(background);
    }
    free(first);
    picture_free(&one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_margin),
        cmocka_unit_test(test_sources),
        cmocka_unit_test(test_bad_pixels_have_no_weight),
        cmocka_unit_test(test_noise),
        cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_one_pixel),
        cmocka_unit_test(test_sources_are_left_out),
        cmocka_unit_test(test_workers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
