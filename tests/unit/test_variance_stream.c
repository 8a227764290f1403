#include "picture.h"

#include "variance_stream.h"

enum { WORKERS = 7 };

/* Sums of integers: exact, whatever comes first. */
typedef struct sums {
    int64_t pixels[WORKERS], good[WORKERS], value[WORKERS], noise[WORKERS], wrong[WORKERS];
} sums;

static wk_status add(void *payload, int worker, const wk_variance_block *block, wk_error *error)
{
    sums *all = payload;
    (void)error;
    all->pixels[worker] += block->n;
    for (int64_t i = 0; i < block->n; i++) {
        int good = !isnan(block->snr[i]);
        all->wrong[worker] +=
            good == isnan(block->residual[i]) || good == isnan(block->variance[i]);
        if (!good)
            continue;
        all->good[worker]++;
        all->value[worker] += (int64_t)block->residual[i];
        all->noise[worker] += (int64_t)block->variance[i];
        all->wrong[worker] += block->snr[i] != block->residual[i] / sqrtf(block->variance[i]);
    }
    return WK_OK;
}

static int64_t total(const int64_t *parts)
{
    int64_t sum = 0;
    for (int i = 0; i < WORKERS; i++)
        sum += parts[i];
    return sum;
}

static void check_sums(const picture *one, wk_rect region, int threads)
{
    wk_context context = {threads, 0, NULL, NULL, NULL};
    wk_variance_stream *stream;
    sums all;
    memset(&all, 0, sizeof all);
    assert_int_equal(wk_variance_stream_create(&stream, &one->rows, NULL, &region, &context, NULL),
                     WK_OK);
    assert_true(wk_variance_stream_workers(stream) <= threads);
    assert_int_equal(wk_variance_stream_pixels(stream), region.width * region.height);
    assert_int_equal(wk_variance_stream_run(stream, add, &all, NULL), WK_OK);
    wk_variance_stream_free(stream);
    int64_t good = 0, value = 0, noise = 0;
    for (int64_t y = region.y; y < region.y + region.height; y++)
        for (int64_t x = region.x; x < region.x + region.width; x++) {
            int64_t i = y * one->width + x;
            int counts = picture_good(one, i);
            good += counts;
            value += counts ? (int64_t)one->data[i] : 0;
            noise += counts ? (int64_t)one->variance[i] : 0;
        }
    assert_int_equal(total(all.wrong), 0);
    assert_int_equal(total(all.pixels), region.width * region.height);
    assert_int_equal(total(all.good), good);
    assert_int_equal(total(all.value), value);
    assert_int_equal(total(all.noise), noise);
}

static void test_every_pixel_once(void **state)
{
    (void)state;
    picture one;
    picture_make(&one, 1009, 407, 3);
    picture_spoil(&one);
    for (int64_t i = 0; i < 1009 * 407; i++) {
        one.data[i] = rintf(1000.0F * one.data[i]);
        one.variance[i] = rintf(1000.0F * one.variance[i]);
    }
    for (int threads = 1; threads <= WORKERS; threads += 3) {
        check_sums(&one, (wk_rect){0, 0, 1009, 407}, threads);
        check_sums(&one, (wk_rect){7, 3, 13, 404}, threads);
        check_sums(&one, (wk_rect){1008, 406, 1, 1}, threads);
    }
    picture_free(&one);
}

/* Wider than a strip has pixels: one row at a time. */
static void test_very_wide(void **state)
{
    (void)state;
    picture one;
    picture_make(&one, 70001, 3, 4);
    check_sums(&one, (wk_rect){0, 0, 70001, 3}, 2);
    picture_free(&one);
}

/* What only the variance says is bad, and values at the ends of what a float can hold. */
static wk_status read_lenient(void *payload, int worker, wk_rect rect, float *data, uint8_t *bad,
                              float *variance, wk_error *error)
{
    const float variances[] = {1.0F, 0.0F, NAN, INFINITY, -4.0F, 4.0F, 1e-45F, 3.4e38F};
    const float values[] = {1.0F, 3.4e38F, NAN, -INFINITY};
    (void)payload;
    (void)worker;
    (void)error;
    for (int64_t i = 0; i < rect.width * rect.height; i++) {
        variance[i] = variances[i % 8];
        data[i] = values[i / 8 % 4];
        bad[i] = i / 32 == 1 ? 128 : 0;
    }
    return WK_OK;
}

static wk_status expect_lenient(void *payload, int worker, const wk_variance_block *block,
                                wk_error *error)
{
    (void)worker;
    (void)error;
    *(int64_t *)payload += block->n;
    for (int64_t i = 0; i < block->n; i++) {
        int64_t kind = i % 8;
        int good = (kind == 0 || kind > 4) && i / 8 % 4 < 2 && i / 32 != 1;
        assert_int_equal(!isnan(block->snr[i]), good);
        assert_int_equal(!isnan(block->residual[i]), good);
        assert_int_equal(!isnan(block->variance[i]), good);
    }
    return WK_OK;
}

static void test_good_rule(void **state)
{
    (void)state;
    /* widths that end within a vector and at its end */
    for (int64_t width = 60; width <= 96; width++) {
        wk_rows rows = {width, 1, 1, 1, read_lenient, NULL, NULL};
        wk_variance_stream *stream;
        int64_t seen = 0;
        assert_int_equal(wk_variance_stream_create(&stream, &rows, NULL, NULL, NULL, NULL), WK_OK);
        assert_int_equal(wk_variance_stream_run(stream, expect_lenient, &seen, NULL), WK_OK);
        assert_int_equal(seen, width);
        wk_variance_stream_free(stream);
    }
}

static void check_sample(const picture *one, int threads, wk_variance_sample *out)
{
    wk_context context = {threads, 0, NULL, NULL, NULL};
    wk_variance_stream *stream;
    assert_int_equal(wk_variance_stream_create(&stream, &one->rows, NULL, NULL, &context, NULL),
                     WK_OK);
    assert_int_equal(wk_variance_stream_sample(out, stream, 5000, NULL), WK_OK);
    wk_variance_stream_free(stream);
}

/* Values that tell their row: the same sample for any number of threads, from all over the image.
 */
static void test_sample(void **state)
{
    (void)state;
    picture one;
    picture_make(&one, 900, 640, 5);
    for (int64_t i = 0; i < 900 * 640; i++) {
        one.data[i] = (float)(i / 900);
        one.variance[i] = (float)(1 + i % 900);
    }
    wk_variance_sample first, second;
    check_sample(&one, 1, &first);
    check_sample(&one, 5, &second);
    assert_int_equal(first.size, second.size);
    assert_true(first.size > 4500 && first.size <= 5000);
    size_t bytes = (size_t)first.size * sizeof(float);
    assert_memory_equal(first.residual, second.residual, bytes);
    assert_memory_equal(first.variance, second.variance, bytes);
    assert_memory_equal(first.snr, second.snr, bytes);
    int bins[4][4] = {{0}};
    for (int64_t i = 0; i < first.size; i++)
        bins[(int)first.residual[i] / 160][(int)(first.variance[i] - 1.0F) / 225]++;
    for (int i = 0; i < 16; i++) /* a sixteenth each; stretches of 11 pixels at the sides */
        assert_true(abs(bins[i / 4][i % 4] - (int)first.size / 16) < 64);
    wk_variance_sample_release(&first);
    wk_variance_sample_release(&second);
    picture_free(&one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_pixel_once),
        cmocka_unit_test(test_very_wide),
        cmocka_unit_test(test_good_rule),
        cmocka_unit_test(test_sample),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
