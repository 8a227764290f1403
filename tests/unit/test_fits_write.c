#include "fits_write.h"

#include "fits_case.h"
#include "fits_checksum.h"
#include "parallel.h"

enum { WIDTH = 300, HEIGHT = 701 }; /* 841 kB of floats: several strips, a padded block */

static const char records[] = "EXTTYPE = 'IMAGE   '                                               "
                              "             "
                              "COMMENT one line                                                   "
                              "             ";

static float *make_pixels(void)
{
    float *pixels = malloc(sizeof(float) * WIDTH * HEIGHT);
    for (int i = 0; i < WIDTH * HEIGHT; i++)
        pixels[i] = 0.25f * (float)i - 1000;
    return pixels;
}

static void write_file(const char *path, const float *pixels)
{
    const int32_t mask[] = {1, -2, 1 << 30, 0};
    const int16_t small[] = {-32768, 32767};
    const double one = 0.1;
    wk_fits_writer *writer;
    assert_int_equal(wk_fits_create(&writer, path, 1, 0, NULL), WK_OK);
    assert_int_equal(wk_fits_append_primary(writer, records + 80, 1, NULL), WK_OK);
    assert_int_equal(
        wk_fits_append_image(writer, records, 2, "SCI", 3, -32, WIDTH, HEIGHT, pixels, NULL),
        WK_OK);
    assert_int_equal(wk_fits_append_image(writer, NULL, 0, "DQ", 3, 32, 2, 2, mask, NULL), WK_OK);
    assert_int_equal(wk_fits_append_image(writer, NULL, 0, NULL, 0, 16, 2, 1, small, NULL), WK_OK);
    assert_int_equal(wk_fits_append_image(writer, NULL, 0, "", 0, -64, 1, 1, &one, NULL), WK_OK);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(wk_fits_finish(writer, NULL), WK_OK);
}

static void check_pixels(const char *path, int hdu, const double *wanted, long count)
{
    long n;
    double *pixels = case_pixels(path, hdu, &n);
    assert_int_equal(n, count);
    assert_memory_equal(pixels, wanted, (size_t)count * sizeof *wanted);
    free(pixels);
}

static void test_round(void **state)
{
    const char *path = case_path("new.fits");
    float *pixels = make_pixels();
    long count;
    (void)state;
    write_file(path, pixels);
    double *back = case_pixels(path, 1, &count);
    assert_int_equal(count, WIDTH * HEIGHT);
    for (long i = 0; i < count; i++)
        assert_true(back[i] == (double)pixels[i]); /* stored as they are */
    free(back);
    check_pixels(path, 2, (double[]){1, -2, 1 << 30, 0}, 4);
    check_pixels(path, 3, (double[]){-32768, 32767}, 2);
    check_pixels(path, 4, (double[]){0.1}, 1);
    case_checksums(path, -1);
    case_verify(path);
    free(pixels);
    assert_int_equal(case_clear(), 1);
}

static void test_header(void **state)
{
    const char *path = case_path("new.fits");
    float *pixels = make_pixels();
    char text[80];
    int status = 0, version;
    (void)state;
    write_file(path, pixels);
    fitsfile *file = case_open(path, 0);
    fits_movnam_hdu(file, IMAGE_HDU, "SCI", 3, &status);
    fits_read_key(file, TSTRING, "EXTTYPE", text, NULL, &status);
    assert_string_equal(text, "IMAGE");
    fits_read_key(file, TINT, "EXTVER", &version, NULL, &status);
    assert_int_equal(version, 3);
    assert_int_equal(status, 0);
    assert_true(fits_read_key(file, TSTRING, "DATE", text, NULL, &status) != 0);
    status = 0;
    case_close(file, status);
    free(pixels);
    case_clear();
}

static void test_same_bytes(void **state)
{
    const char *a = case_path("a.fits"), *b = case_path("b.fits");
    float *pixels = make_pixels();
    (void)state;
    write_file(a, pixels);
    write_file(b, pixels);
    case_same(a, b);
    free(pixels);
    case_clear();
}

static void test_image_as_primary(void **state)
{
    const char *path = case_path("plain.fits");
    const unsigned char pixels[] = {0, 255, 3};
    wk_fits_writer *writer;
    (void)state;
    assert_int_equal(wk_fits_create(&writer, path, 0, 0, NULL), WK_OK);
    assert_int_equal(wk_fits_append_image(writer, NULL, 0, NULL, 0, 8, 3, 1, pixels, NULL), WK_OK);
    assert_int_equal(wk_fits_append_primary(writer, NULL, 0, NULL), WK_ARGUMENT);
    assert_int_equal(wk_fits_finish(writer, NULL), WK_OK);
    check_pixels(path, 0, (double[]){0, 255, 3}, 3);
    case_checksums(path, -1);
    case_verify(path);
    assert_int_equal(wk_fits_create(&writer, path, 0, 0, NULL), WK_EXISTS);
    assert_null(writer);
    assert_int_equal(case_clear(), 1);
}

static void test_refused_and_abandoned(void **state)
{
    wk_fits_writer *writer;
    const float pixel = 1;
    (void)state;
    assert_int_equal(wk_fits_create(&writer, case_path("new.fits"), 0, 0, NULL), WK_OK);
    assert_int_equal(wk_fits_append_image(writer, NULL, 0, "A", 1, 12, 1, 1, &pixel, NULL),
                     WK_ARGUMENT);
    assert_int_equal(wk_fits_append_image(writer, NULL, 0, "A", 1, -32, 0, 1, &pixel, NULL),
                     WK_ARGUMENT);
    assert_int_equal(wk_fits_append_image(writer, NULL, 0, "A", 1, -32, INT64_MAX, 4, &pixel, NULL),
                     WK_ARGUMENT);
    wk_fits_abandon(writer);
    wk_fits_abandon(NULL);
    assert_int_equal(case_clear(), 0);
}

/* Two files at once, written in rows by workers. */
typedef struct strips {
    wk_fits_writer *writers[2];
    const float *pixels;
    uint32_t sums[2][8];
} strips;

enum { ROWS = 9, STRIPS = (HEIGHT + ROWS - 1) / ROWS };

/* Pieces are taken from both ends in turn, so that their order is not the file's. */
static wk_status put_strip(int64_t index, int worker, void *payload, int64_t *bytes,
                           wk_error *error)
{
    strips *all = payload;
    int64_t strip = index % 2 ? STRIPS - 1 - index / 2 : index / 2;
    int64_t row = strip * ROWS, rows = HEIGHT - row < ROWS ? HEIGHT - row : ROWS;
    float swapped[ROWS * WIDTH];
    wk_status status = WK_OK;
    (void)bytes;
    for (int i = 0; status == WK_OK && i < 2; i++)
        status = wk_fits_put_rows(all->writers[i], row, rows, all->pixels + row * WIDTH, swapped,
                                  &all->sums[i][worker], error);
    return status;
}

static void write_rows(const char *const paths[2], const float *pixels, int threads)
{
    strips all = {.pixels = pixels};
    const wk_context context = {.threads = threads};
    for (int i = 0; i < 2; i++) {
        assert_int_equal(wk_fits_create(&all.writers[i], paths[i], 1, 0, NULL), WK_OK);
        assert_int_equal(wk_fits_begin_image(all.writers[i], records, 2, i ? "SCI" : NULL, i, -32,
                                             WIDTH, HEIGHT, NULL),
                         WK_OK);
    }
    assert_int_equal(wk_parallel_for(STRIPS, NULL, put_strip, &all, &context, NULL), WK_OK);
    for (int i = 0; i < 2; i++) {
        uint32_t sum = 0;
        for (int worker = 7; worker >= 0; worker--)
            sum = wk_checksum_words(sum, all.sums[i][worker]);
        assert_int_equal(wk_fits_end_image(all.writers[i], sum, NULL), WK_OK);
        assert_int_equal(
            wk_fits_append_image(all.writers[i], NULL, 0, "X", 0, -32, 2, 1, (float[]){1, 2}, NULL),
            WK_OK);
        assert_int_equal(wk_fits_finish(all.writers[i], NULL), WK_OK);
    }
}

static void write_whole(const char *path, const float *pixels, int i)
{
    wk_fits_writer *writer;
    assert_int_equal(wk_fits_create(&writer, path, 1, 0, NULL), WK_OK);
    assert_int_equal(wk_fits_append_image(writer, records, 2, i ? "SCI" : NULL, i, -32, WIDTH,
                                          HEIGHT, pixels, NULL),
                     WK_OK);
    assert_int_equal(
        wk_fits_append_image(writer, NULL, 0, "X", 0, -32, 2, 1, (float[]){1, 2}, NULL), WK_OK);
    assert_int_equal(wk_fits_finish(writer, NULL), WK_OK);
}

static void test_rows_in_any_order(void **state)
{
    const char *const paths[2] = {case_path("a.fits"), case_path("b.fits")};
    const char *whole = case_path("whole.fits");
    float *pixels = make_pixels();
    (void)state;
    for (int threads = 1; threads <= 7; threads += 3) {
        write_rows(paths, pixels, threads);
        for (int i = 0; i < 2; i++) {
            write_whole(whole, pixels, i);
            case_same(paths[i], whole);
            case_checksums(paths[i], -1);
            case_verify(paths[i]);
        }
    }
    free(pixels);
    assert_int_equal(case_clear(), 3);
}

static void test_rows_refused(void **state)
{
    wk_fits_writer *writer;
    const float pixel[2] = {1, 2};
    float room[2];
    uint32_t sum = 0;
    (void)state;
    assert_int_equal(wk_fits_create(&writer, case_path("new.fits"), 0, 0, NULL), WK_OK);
    assert_int_equal(wk_fits_put_rows(writer, 0, 1, pixel, room, &sum, NULL), WK_ARGUMENT);
    assert_int_equal(wk_fits_end_image(writer, 0, NULL), WK_ARGUMENT);
    assert_int_equal(wk_fits_begin_image(writer, NULL, 0, NULL, 0, -64, 1, 2, NULL), WK_OK);
    assert_int_equal(wk_fits_put_rows(writer, 0, 1, pixel, room, &sum, NULL), WK_ARGUMENT);
    assert_int_equal(wk_fits_end_image(writer, 0, NULL), WK_OK);
    assert_int_equal(wk_fits_begin_image(writer, NULL, 0, NULL, 0, -32, 1, 2, NULL), WK_OK);
    assert_int_equal(wk_fits_begin_image(writer, NULL, 0, NULL, 0, -32, 1, 2, NULL), WK_ARGUMENT);
    assert_int_equal(wk_fits_put_rows(writer, 1, 2, pixel, room, &sum, NULL), WK_ARGUMENT);
    assert_int_equal(wk_fits_put_rows(writer, -1, 1, pixel, room, &sum, NULL), WK_ARGUMENT);
    assert_int_equal(wk_fits_put_rows(writer, 2, 0, pixel, room, &sum, NULL), WK_OK);
    assert_int_equal(sum, 0);
    assert_int_equal(wk_fits_finish(writer, NULL), WK_ARGUMENT);
    assert_int_equal(case_clear(), 0);
}

/* Numbers of each size at places out of order, the bytes as FITS has them, and what is refused. */
static void test_data(void **state)
{
    static const unsigned char wanted[] = {'a', 'b', 1, 2, 0x3f, 0x80, 0, 0,
                                           0,   0,   0, 0, 0,    0,    0, 5};
    const char *path = case_path("data.fits");
    wk_fits_writer *writer;
    wk_cards cards = {0};
    uint32_t sum = 0;
    size_t size;
    (void)state;
    wk_cards_set_logical(&cards, "SIMPLE", 1, "", NULL);
    wk_cards_set_integer(&cards, "BITPIX", 8, "", NULL);
    wk_cards_set_integer(&cards, "NAXIS", 1, "", NULL);
    wk_cards_set_integer(&cards, "NAXIS1", sizeof wanted, "", NULL);
    assert_int_equal(wk_fits_create(&writer, path, 0, 0, NULL), WK_OK);
    assert_int_equal(wk_fits_put_numbers(writer, 0, "a", 1, 1, &sum, NULL), WK_ARGUMENT);
    assert_int_equal(wk_fits_begin_data(writer, &cards, -1, NULL), WK_ARGUMENT);
    assert_int_equal(wk_fits_begin_data(writer, &cards, INT64_MAX, NULL), WK_ARGUMENT);
    assert_int_equal(wk_fits_begin_data(writer, &cards, sizeof wanted, NULL), WK_OK);
    assert_int_equal(wk_fits_begin_data(writer, &cards, sizeof wanted, NULL), WK_ARGUMENT);
    assert_int_equal(wk_fits_put_numbers(writer, 8, &(int64_t){5}, 1, 8, &sum, NULL), WK_OK);
    assert_int_equal(wk_fits_put_numbers(writer, 2, &(int16_t){258}, 1, 2, &sum, NULL), WK_OK);
    assert_int_equal(wk_fits_put_numbers(writer, 0, "ab", 2, 1, &sum, NULL), WK_OK);
    assert_int_equal(wk_fits_put_numbers(writer, 4, &(float){1}, 1, 4, &sum, NULL), WK_OK);
    assert_int_equal(wk_fits_put_numbers(writer, 9, &(int64_t){5}, 1, 8, &sum, NULL), WK_ARGUMENT);
    assert_int_equal(wk_fits_put_numbers(writer, -1, "a", 1, 1, &sum, NULL), WK_ARGUMENT);
    assert_int_equal(wk_fits_put_rows(writer, 0, 0, NULL, NULL, &sum, NULL), WK_ARGUMENT);
    assert_int_equal(wk_fits_end_data(writer, sum, NULL), WK_OK);
    assert_int_equal(wk_fits_end_data(writer, sum, NULL), WK_ARGUMENT);
    assert_int_equal(wk_fits_begin_data(writer, &cards, 0, NULL), WK_ARGUMENT); /* no XTENSION */
    assert_int_equal(wk_fits_finish(writer, NULL), WK_OK);
    wk_cards_free(&cards);
    unsigned char *bytes = case_bytes(path, &size);
    assert_int_equal(size, 2 * WK_FITS_BLOCK);
    assert_memory_equal(bytes + WK_FITS_BLOCK, wanted, sizeof wanted);
    free(bytes);
    case_checksums(path, -1);
    case_verify(path);
    assert_int_equal(case_clear(), 1);
}

static wk_cards image_cards(int primary, int bits, int64_t width)
{
    wk_cards cards = {0};
    if (primary)
        wk_cards_set_logical(&cards, "SIMPLE", 1, "", NULL);
    else
        wk_cards_set_text(&cards, "XTENSION", "IMAGE", "", NULL);
    wk_cards_set_integer(&cards, "BITPIX", bits, "", NULL);
    wk_cards_set_integer(&cards, "NAXIS", 1, "", NULL);
    wk_cards_set_integer(&cards, "NAXIS1", width, "", NULL);
    if (!primary) {
        wk_cards_set_integer(&cards, "PCOUNT", 0, "", NULL);
        wk_cards_set_integer(&cards, "GCOUNT", 1, "", NULL);
    }
    return cards;
}

/* Two HDUs side by side, a third that has begun and ended meanwhile. */
static void test_held(void **state)
{
    static const float floats[] = {1, -2, 0.5f}, three[] = {7, 8};
    static const double doubles[] = {0.1, 1e300};
    const char *path = case_path("held.fits");
    wk_fits_writer *writer;
    wk_fits_held held[2] = {{{0}, 0, 0, 0}, {{0}, 0, 0, 0}};
    uint32_t sums[2] = {0, 0};
    unsigned char room[64];
    (void)state;
    wk_cards first = image_cards(1, -32, 3), second = image_cards(0, -64, 2);
    assert_int_equal(wk_fits_create(&writer, path, 0, 0, NULL), WK_OK);
    assert_int_equal(wk_fits_hold(&held[0], writer, NULL), WK_ARGUMENT); /* none has begun */
    assert_int_equal(wk_fits_begin_data(writer, &first, 12, NULL), WK_OK);
    assert_int_equal(wk_fits_hold(&held[0], writer, NULL), WK_OK);
    assert_int_equal(wk_fits_begin_data(writer, &second, 16, NULL), WK_OK);
    assert_int_equal(wk_fits_hold(&held[1], writer, NULL), WK_OK);
    assert_int_equal(wk_fits_append_image(writer, NULL, 0, "THREE", 0, -32, 2, 1, three, NULL),
                     WK_OK);
    assert_int_equal(wk_fits_put_held(writer, &held[1], 8, doubles + 1, 1, 8, room, &sums[1], NULL),
                     WK_OK);
    assert_int_equal(wk_fits_put_held(writer, &held[0], 0, floats, 3, 4, room, &sums[0], NULL),
                     WK_OK);
    assert_int_equal(wk_fits_put_held(writer, &held[1], 0, doubles, 1, 8, room, &sums[1], NULL),
                     WK_OK);
    assert_int_equal(wk_fits_put_held(writer, &held[0], 4, floats, 3, 4, room, &sums[0], NULL),
                     WK_ARGUMENT);
    assert_int_equal(wk_fits_put_held(writer, &held[0], -4, floats, 1, 4, room, &sums[0], NULL),
                     WK_ARGUMENT);
    assert_int_equal(wk_fits_put_held(writer, &held[0], 13, floats, 0, 4, room, &sums[0], NULL),
                     WK_ARGUMENT);
    assert_int_equal(wk_fits_end_held(writer, &held[1], sums[1], NULL), WK_OK);
    assert_int_equal(wk_fits_end_held(writer, &held[0], sums[0], NULL), WK_OK);
    assert_int_equal(wk_fits_finish(writer, NULL), WK_OK);
    check_pixels(path, 0, (double[]){1, -2, 0.5}, 3);
    check_pixels(path, 1, doubles, 2);
    check_pixels(path, 2, (double[]){7, 8}, 2);
    case_checksums(path, -1);
    case_verify(path);
    wk_cards_free(&first);
    wk_cards_free(&second);
    assert_int_equal(case_clear(), 1);
}

/* A hole is not given a name. */
static void test_held_to_the_end(void **state)
{
    wk_fits_writer *writer;
    wk_fits_held held = {{0}, 0, 0, 0};
    (void)state;
    wk_cards cards = image_cards(1, -32, 3);
    assert_int_equal(wk_fits_create(&writer, case_path("held.fits"), 0, 0, NULL), WK_OK);
    assert_int_equal(wk_fits_begin_data(writer, &cards, 12, NULL), WK_OK);
    assert_int_equal(wk_fits_hold(&held, writer, NULL), WK_OK);
    assert_int_equal(wk_fits_finish(writer, NULL), WK_ARGUMENT);
    wk_fits_held_release(&held);
    wk_fits_held_release(&held); /* twice does no harm */
    wk_cards_free(&cards);
    assert_int_equal(case_clear(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round),
        cmocka_unit_test(test_header),
        cmocka_unit_test(test_same_bytes),
        cmocka_unit_test(test_image_as_primary),
        cmocka_unit_test(test_refused_and_abandoned),
        cmocka_unit_test(test_rows_in_any_order),
        cmocka_unit_test(test_rows_refused),
        cmocka_unit_test(test_data),
        cmocka_unit_test(test_held),
        cmocka_unit_test(test_held_to_the_end),
    };
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
