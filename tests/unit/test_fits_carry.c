#include "fits_carry.h"

#include "fits_case.h"
#include "fits_checksum.h"
#include "status.h"

enum { HDUS = 4, TABLE = 2, WIDTH = 11, HEIGHT = 7, PIXELS = WIDTH * HEIGHT };

static const wk_write_options options = {.overwrite = 1};

static const char *make_input(const char *name)
{
    const char *path = case_path(name);
    char *names[] = {"X"}, *forms[] = {"1E"};
    long axes[] = {WIDTH, HEIGHT};
    float pixels[PIXELS];
    int status = 0;
    fitsfile *file = case_create(path);
    for (int i = 0; i < PIXELS; i++)
        pixels[i] = (float)i;
    for (int i = 0; i < HDUS; i++) {
        if (i == TABLE)
            fits_create_tbl(file, BINARY_TBL, 3, 1, names, forms, NULL, "CATALOG", &status);
        else
            fits_create_img(file, FLOAT_IMG, 2, axes, &status);
        if (i != TABLE)
            fits_write_img(file, TFLOAT, 1, PIXELS, pixels, &status);
    }
    case_close(file, status);
    return path;
}

typedef struct visits {
    int seen[8];
    int count;
    int extra; /* HISTORY cards to add */
    int fail;  /* fail at that HDU */
} visits;

static wk_status visit(wk_fits_carry *carry, void *payload, wk_error *error)
{
    visits *v = payload;
    uint32_t sum = 0;
    wk_status status = WK_OK;
    v->seen[v->count++] = carry->hdu;
    if (carry->hdu == v->fail)
        return wk_error_set(error, WK_NO_DATA, carry->subject, "no more");
    if (v->extra == 0)
        return wk_fits_carry_same(carry, error);
    for (int i = 0; status == WK_OK && i < v->extra; i++)
        status = wk_cards_history(&carry->cards, "one more line", error);
    if (status == WK_OK)
        status = wk_checksum_reserve(&carry->cards, error);
    if (status != WK_OK)
        return status;
    wk_fits_carry_data(carry);
    status = wk_fits_copy_sum(&carry->copy, 0, carry->data, &sum, error);
    return status == WK_OK ? wk_fits_carry_end(carry, carry->data, sum, error) : status;
}

static void test_named_hdus_are_handed_out(void **state)
{
    const char *in = make_input("in.fits"), *out = case_path("out.fits");
    const int hdus[] = {3, 0};
    visits v = {.fail = -1};
    size_t size;
    (void)state;
    unsigned char *bytes = case_bytes(in, &size);
    bytes = realloc(bytes, size + 77);
    memset(bytes + size, 'z', 77); /* what follows the last HDU is kept as well */
    case_write(in, bytes, size + 77);
    free(bytes);
    assert_int_equal(wk_fits_carry_file(out, in, hdus, 2, visit, &v, &options, NULL), WK_OK);
    assert_int_equal(v.count, 2);
    assert_true(v.seen[0] == 0 && v.seen[1] == 3);
    case_same(in, out);
    assert_int_equal(wk_fits_carry_file(out, in, NULL, 0, visit, &v, &options, NULL), WK_OK);
    case_same(in, out);
    assert_int_equal(case_clear(), 2);
}

/* A header that grows by a block moves all that follows. */
static void test_header_grows(void **state)
{
    const char *in = make_input("in.fits"), *out = case_path("out.fits");
    const int hdus[] = {1};
    visits v = {.extra = 40, .fail = -1};
    size_t before, after;
    long count;
    (void)state;
    assert_int_equal(wk_fits_carry_file(out, in, hdus, 1, visit, &v, &options, NULL), WK_OK);
    unsigned char *x = case_bytes(in, &before), *y = case_bytes(out, &after);
    assert_int_equal(after, before + 2880);
    assert_memory_equal(x, y, 2 * 2880);
    assert_memory_equal(x + 3 * 2880, y + 4 * 2880, before - 3 * 2880);
    double *pixels = case_pixels(out, 1, &count);
    for (int i = 0; i < PIXELS; i++)
        assert_true(pixels[i] == i);
    free(pixels);
    free(x);
    free(y);
    case_checksums(out, 1);
    case_verify(out);
    case_clear();
}

static void test_gzip(void **state)
{
    const char *in = make_input("in.fits"), *out = case_path("out.fits.gz");
    const char *packed = case_path("in.fits.gz"), *plain = case_path("plain.fits");
    const int hdus[] = {0};
    visits v = {.fail = -1};
    char command[300];
    (void)state;
    snprintf(command, sizeof command, "gzip -k '%s'", in);
    assert_int_equal(system(command), 0);
    assert_int_equal(wk_fits_carry_file(out, packed, hdus, 1, visit, &v, &options, NULL), WK_OK);
    assert_int_equal(wk_fits_carry_file(plain, out, hdus, 1, visit, &v, &options, NULL), WK_OK);
    case_same(plain, in);
    snprintf(command, sizeof command, "gzip -t '%s'", out);
    assert_int_equal(system(command), 0);
    assert_int_equal(case_clear(), 4);
}

static void check_failure(const char *out, const char *in, int hdu, int fail, wk_status wanted)
{
    visits v = {.fail = fail};
    wk_error error = {0};
    assert_int_equal(wk_fits_carry_file(out, in, &hdu, 1, visit, &v, &options, &error), wanted);
    assert_true(error.message[0] != '\0' && error.subject[0] != '\0');
}

static void test_failures(void **state)
{
    const char *in = make_input("in.fits"), *out = case_path("out.fits");
    const char *cut = case_path("cut.fits");
    size_t size;
    (void)state;
    check_failure(out, in, 1, 1, WK_NO_DATA);
    check_failure(out, in, HDUS, -1, WK_HEADER);
    check_failure(out, in, -1, -1, WK_HEADER);
    check_failure(in, in, 1, -1, WK_FILE);
    check_failure(out, case_path("none"), 1, -1, WK_FILE);
    check_failure(out, case_folder, 1, -1, WK_FILE);
    unsigned char *bytes = case_bytes(in, &size);
    case_write(cut, bytes, 2000);
    check_failure(out, cut, 0, -1, WK_FILE);
    case_write(cut, bytes, 2880 + 10);
    check_failure(out, cut, 0, -1, WK_FILE);
    free(bytes);
    assert_int_equal(case_clear(), 2); /* no output, nothing hidden */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_named_hdus_are_handed_out),
        cmocka_unit_test(test_header_grows),
        cmocka_unit_test(test_gzip),
        cmocka_unit_test(test_failures),
    };
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
