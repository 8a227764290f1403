#include "fits_subtract.h"

#include <math.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "fits_case.h"

enum { WIDTH = 37, HEIGHT = 29, PIXELS = WIDTH * HEIGHT, HDUS = 10, TABLE = 2, SCALED = 8 };

/* HDU by HDU: what CFITSIO is asked to make; 0 stands for a table. */
static const int kinds[HDUS] = {FLOAT_IMG, DOUBLE_IMG,   0,         USHORT_IMG, LONG_IMG,
                                BYTE_IMG,  LONGLONG_IMG, SHORT_IMG, FLOAT_IMG,  ULONG_IMG};
static const double level = 12.345678;

static void fill(double *pixels)
{
    for (int i = 0; i < PIXELS; i++)
        pixels[i] = floor(100 + 90 * sin(i));
}

static void append_table(fitsfile *file, int *status)
{
    char *names[] = {"X"}, *forms[] = {"1E"};
    float values[] = {1, 2, 3};
    fits_create_tbl(file, BINARY_TBL, 3, 1, names, forms, NULL, "CATALOG", status);
    fits_write_col(file, TFLOAT, 1, 1, 1, 3, values, status);
}

/* The cube has degenerate axes; NaN and BLANK are among the pixels; HDU 8 is rescaled floats. */
static const char *make_input(const char *name)
{
    const char *path = case_path(name);
    long axes[] = {WIDTH, HEIGHT, 1, 1}, blank = 7;
    double pixels[PIXELS], scale = 2, zero = 50, none = (double)NAN;
    int status = 0;
    fitsfile *file = case_create(path);
    fill(pixels);
    for (int i = 0; i < HDUS; i++) {
        if (i == TABLE) {
            append_table(file, &status);
            continue;
        }
        fits_create_img(file, kinds[i], i == 1 ? 4 : 2, axes, &status);
        fits_write_key(file, TSTRING, "OBJECT", "a name", "kept", &status);
        if (i == 4)
            fits_write_key(file, TLONG, "BLANK", &blank, NULL, &status);
        if (i == SCALED) {
            fits_write_key(file, TDOUBLE, "BSCALE", &scale, NULL, &status);
            fits_write_key(file, TDOUBLE, "BZERO", &zero, NULL, &status);
        }
        pixels[5] = i == 0 || i == 1 || i == SCALED ? none : 7;
        fits_write_img(file, TDOUBLE, 1, PIXELS, pixels, &status);
    }
    case_close(file, status);
    return path;
}

static wk_status subtract(const char *path, const char *input, int hdu, double value,
                          wk_write_options options, wk_error *error)
{
    wk_fits_edit edit = {hdu, value, 1};
    return wk_fits_subtract(path, input, &edit, 1, &options, error);
}

static wk_write_options defaults(void)
{
    return (wk_write_options){.method = "match", .subtract = 1, .overwrite = 1};
}

/* Where each HDU lies in a file, by CFITSIO. */
static void get_places(const char *path, LONGLONG start[], LONGLONG data[], LONGLONG end[])
{
    int status = 0, count;
    fitsfile *file = case_open(path, 0);
    fits_get_num_hdus(file, &count, &status);
    assert_int_equal(count, HDUS);
    for (int i = 0; i < HDUS; i++) {
        fits_movabs_hdu(file, i + 1, NULL, &status);
        fits_get_hduaddrll(file, &start[i], &data[i], &end[i], &status);
    }
    case_close(file, status);
}

/* Cards that are not of those that may be added or changed must be the same, in the same order. */
static int is_ours(const char *card)
{
    const char *names[] = {"BKGMETH ", "BKGLEVEL", "BKGSUB  ", "CHECKSUM", "DATASUM ",
                           "BZERO   ", "BSCALE  ", "HISTORY ", "ZHECKSUM", "ZDATASUM"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (memcmp(card, names[i], 8) == 0)
            return 1;
    return 0;
}

static void check_cards(const unsigned char *before, LONGLONG size, const unsigned char *after)
{
    for (LONGLONG i = 0; i < size; i += 80) {
        const char *card = (const char *)before + i;
        if (is_ours(card))
            continue;
        while (is_ours((const char *)after))
            after += 80;
        assert_memory_equal(card, after, 80);
        after += 80;
        if (memcmp(card, "END     ", 8) == 0)
            break;
    }
}

/* Untouched HDUs byte by byte; the touched one's other cards, and its data if they are integers. */
static void check_bytes(const char *before, const char *after, int touched, int same_data)
{
    LONGLONG a[HDUS], b[HDUS], c[HDUS], d[HDUS], e[HDUS], f[HDUS];
    size_t m, n;
    unsigned char *x = case_bytes(before, &m), *y = case_bytes(after, &n);
    get_places(before, a, b, c);
    get_places(after, d, e, f);
    for (int i = 0; i < HDUS; i++) {
        assert_int_equal(c[i] - b[i], f[i] - e[i]);
        if (i != touched)
            assert_memory_equal(x + a[i], y + d[i], (size_t)(c[i] - a[i]));
        else if (same_data)
            assert_memory_equal(x + b[i], y + e[i], (size_t)(c[i] - b[i]));
    }
    check_cards(x + a[touched], b[touched] - a[touched], y + d[touched]);
    assert_int_equal(m - (size_t)c[HDUS - 1], n - (size_t)f[HDUS - 1]);
    assert_memory_equal(x + c[HDUS - 1], y + f[HDUS - 1], m - (size_t)c[HDUS - 1]);
    free(x);
    free(y);
}

static void check_pixels(const char *before, const char *after, int hdu, double tolerance)
{
    long m, n;
    double *x = case_pixels(before, hdu, &m), *y = case_pixels(after, hdu, &n);
    assert_int_equal(m, PIXELS);
    assert_int_equal(n, PIXELS);
    for (int i = 0; i < PIXELS; i++) {
        double wanted =
            kinds[hdu] == FLOAT_IMG && hdu != SCALED ? (double)(float)(x[i] - level) : x[i] - level;
        assert_int_equal(isnan(wanted), isnan(y[i]));
        assert_false(fabs(wanted - y[i]) > tolerance);
    }
    free(x);
    free(y);
}

static void check_keywords(const char *path, int hdu, double value, int subtracted)
{
    char text[80];
    double back;
    int status = 0, flag;
    fitsfile *file = case_open(path, hdu);
    fits_read_key(file, TSTRING, "BKGMETH", text, NULL, &status);
    assert_string_equal(text, "match");
    fits_read_key(file, TDOUBLE, "BKGLEVEL", &back, NULL, &status);
    assert_true(back == value); /* written so that it reads back as the same number */
    fits_read_key(file, TLOGICAL, "BKGSUB", &flag, NULL, &status);
    assert_int_equal(flag, subtracted);
    case_close(file, status);
}

/* Floats are exact: the difference in double, rounded once.  Integers are BZERO + number in
 * double, whose own rounding below 2^15 is under 1e-11, near 2^31 it is 2.4e-7; rescaled floats
 * likewise. */
static void test_every_kind(void **state)
{
    const char *in = make_input("in.fits"), *out = case_path("out.fits");
    (void)state;
    for (int i = 0; i < HDUS; i++) {
        if (i == TABLE)
            continue;
        int whole = kinds[i] > 0 || i == SCALED;
        assert_int_equal(subtract(out, in, i, level, defaults(), NULL), WK_OK);
        check_bytes(in, out, i, whole);
        check_pixels(in, out, i, kinds[i] == ULONG_IMG ? 2.5e-7 : whole ? 1e-11 : 0);
        check_keywords(out, i, level, 1);
        case_checksums(out, i);
        case_verify(out);
    }
    assert_int_equal(case_clear(), 2);
}

static void test_all_at_once_with_history(void **state)
{
    const char *in = make_input("in.fits"), *out = case_path("out.fits");
    const char *const lines[] = {"first line", "second", NULL};
    wk_fits_edit edits[] = {{3, level, 1}, {0, level, 1}, {1, 5, 0}, {8, level, 1}};
    wk_write_options options = defaults();
    char text[2000];
    size_t size;
    (void)state;
    options.cards = lines;
    options.durable = 1;
    assert_int_equal(wk_fits_subtract(out, in, edits, 4, &options, NULL), WK_OK);
    check_pixels(in, out, 0, 0);
    check_pixels(in, out, 3, 1e-11);
    check_pixels(in, out, 8, 1e-11);
    unsigned char *bytes = case_bytes(out, &size);
    memcpy(text, bytes, sizeof text);
    text[sizeof text - 1] = '\0';
    assert_true(strstr(text, "HISTORY first line") < strstr(text, "HISTORY second"));
    assert_non_null(strstr(text, "HISTORY first line"));
    free(bytes);
    case_checksums(out, 0);
    case_clear();
}

/* Twice over: keywords are updated in place, not repeated. */
static void test_keywords_only_and_again(void **state)
{
    const char *in = make_input("in.fits"), *out = case_path("out.fits"), *b = case_path("b.fits");
    wk_write_options options = defaults();
    (void)state;
    options.subtract = 0;
    assert_int_equal(subtract(out, in, 0, level, options, NULL), WK_OK);
    check_bytes(in, out, 0, 1);
    check_keywords(out, 0, level, 0);
    case_checksums(out, 0);
    assert_int_equal(subtract(b, out, 0, level, options, NULL), WK_OK);
    case_same(out, b);
    case_clear();
}

static void test_invalid_is_plain_copy(void **state)
{
    const char *in = make_input("in.fits"), *out = case_path("out.fits");
    wk_fits_edit edit = {0, (double)NAN, 0};
    wk_write_options options = defaults();
    size_t size;
    (void)state;
    unsigned char *bytes = case_bytes(in, &size);
    bytes = realloc(bytes, size + 77);
    memset(bytes + size, 'z', 77); /* what follows the last HDU is kept as well */
    case_write(in, bytes, size + 77);
    assert_int_equal(wk_fits_subtract(out, in, &edit, 1, &options, NULL), WK_OK);
    case_same(in, out);
    assert_int_equal(subtract(out, in, 0, level, options, NULL), WK_OK);
    check_bytes(in, out, 0, 0);
    free(bytes);
    case_clear();
}

static void pack(const char *path)
{
    char command[300];
    snprintf(command, sizeof command, "gzip -f '%s'", path);
    assert_int_equal(system(command), 0);
}

static void test_gzip(void **state)
{
    const char *in = make_input("in.fits"), *out = case_path("out.fits");
    const char *packed = case_path("out.fits.gz"), *source = case_path("in.fits.gz");
    char command[400];
    (void)state;
    assert_int_equal(subtract(out, in, 0, level, defaults(), NULL), WK_OK);
    pack(in);
    assert_int_equal(subtract(packed, source, 0, level, defaults(), NULL), WK_OK);
    snprintf(command, sizeof command, "gzip -dc '%s' | cmp - '%s'", packed, out);
    assert_int_equal(system(command), 0);
    snprintf(command, sizeof command, "cp '%s' '%s.first'", out, out);
    assert_int_equal(system(command), 0);
    assert_int_equal(subtract(out, source, 0, level, defaults(), NULL), WK_OK);
    case_same(out, case_path("out.fits.first"));
    case_clear();
}

static void check_failure(const char *out, const char *in, int hdu, double value, wk_status wanted)
{
    wk_error error = {0};
    assert_int_equal(subtract(out, in, hdu, value, defaults(), &error), wanted);
    assert_true(error.message[0] != '\0' && error.subject[0] != '\0');
    assert_int_equal(access(out, F_OK), -1);
}

static void test_bad_requests(void **state)
{
    const char *in = make_input("in.fits"), *out = case_path("out.fits");
    wk_fits_edit twice[] = {{1, 1, 1}, {1, 2, 0}};
    wk_write_options options = defaults();
    (void)state;
    check_failure(out, in, TABLE, 1, WK_HEADER);
    check_failure(out, in, HDUS, 1, WK_HEADER);
    check_failure(out, in, -1, 1, WK_HEADER);
    check_failure(out, in, 0, (double)INFINITY, WK_ARGUMENT);
    check_failure(out, case_path("none"), 0, 1, WK_FILE);
    check_failure(out, case_folder, 0, 1, WK_FILE);
    assert_int_equal(wk_fits_subtract(out, in, twice, 2, &options, NULL), WK_ARGUMENT);
    options.method = "a method whose name has far more than sixty characters in one line";
    assert_int_equal(subtract(out, in, 0, 1, options, NULL), WK_ARGUMENT);
    assert_int_equal(case_clear(), 1);
}

/* 2^63 has no digit left for a level of 12.3. */
static void test_unsigned_64_is_refused(void **state)
{
    const char *in = case_path("in.fits"), *out = case_path("out.fits");
    long axes[] = {4, 4};
    int status = 0;
    fitsfile *file = case_create(in);
    (void)state;
    fits_create_img(file, ULONGLONG_IMG, 2, axes, &status);
    case_close(file, status);
    check_failure(out, in, 0, level, WK_HEADER);
    case_clear();
}

static void test_bad_files(void **state)
{
    const char *in = make_input("in.fits"), *out = case_path("out.fits"), *bad = case_path("bad");
    size_t size;
    unsigned char *bytes = case_bytes(in, &size);
    (void)state;
    const size_t cuts[] = {0, 10, 2000, 2880, 2900, 5000, size - 5000};
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        case_write(bad, bytes, cuts[i]);
        check_failure(out, bad, 0, 1, WK_FILE);
    }
    case_write(bad, "This is a text, not a FITS file.", 32);
    check_failure(out, bad, 0, 1, WK_FILE);
    bytes[0] = 'X';
    case_write(bad, bytes, size);
    check_failure(out, bad, 0, 1, WK_FILE);
    bytes[0] = 0x1f;
    bytes[1] = 0x8b;
    case_write(bad, bytes, size);
    check_failure(out, bad, 0, 1, WK_FILE);
    free(bytes);
    assert_int_equal(case_clear(), 2);
}

static void test_existing_and_input_itself(void **state)
{
    const char *in = make_input("in.fits"), *out = case_path("out.fits");
    const char *name = case_path("link.fits");
    wk_write_options options = defaults();
    size_t size;
    unsigned char *bytes = case_bytes(in, &size);
    (void)state;
    assert_int_equal(link(in, name), 0);
    assert_int_equal(subtract(in, in, 0, 1, options, NULL), WK_FILE);
    assert_int_equal(subtract(name, in, 0, 1, options, NULL), WK_FILE);
    options.overwrite = 0;
    case_write(out, "x", 1);
    assert_int_equal(subtract(in, in, 0, 1, options, NULL), WK_EXISTS);
    assert_int_equal(subtract(out, in, 0, 1, options, NULL), WK_EXISTS);
    assert_int_equal(subtract(case_path("no/out"), in, 0, 1, options, NULL), WK_FILE);
    size_t now;
    unsigned char *after = case_bytes(in, &now);
    assert_int_equal(now, size);
    assert_memory_equal(after, bytes, size);
    free(after);
    free(bytes);
    assert_int_equal(case_clear(), 3);
}

static int subtract_limited(const char *out, const char *in, rlim_t most)
{
    struct rlimit limit = {most, most};
    wk_error error;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    return subtract(out, in, 0, level, defaults(), &error) == WK_FILE ? 0 : 1;
}

/* Wherever the disk becomes full, nothing is left behind. */
static void test_full_disk(void **state)
{
    const char *in = make_input("in.fits"), *out = case_path("out.fits");
    (void)state;
    for (rlim_t most = 1; most < 40000; most += 5000) {
        int code;
        if (fork() == 0)
            _exit(subtract_limited(out, in, most));
        wait(&code);
        assert_true(WIFEXITED(code));
        assert_int_equal(WEXITSTATUS(code), 0);
    }
    assert_int_equal(case_clear(), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_kind),
        cmocka_unit_test(test_all_at_once_with_history),
        cmocka_unit_test(test_keywords_only_and_again),
        cmocka_unit_test(test_invalid_is_plain_copy),
        cmocka_unit_test(test_gzip),
        cmocka_unit_test(test_bad_requests),
        cmocka_unit_test(test_unsigned_64_is_refused),
        cmocka_unit_test(test_bad_files),
        cmocka_unit_test(test_existing_and_input_itself),
        cmocka_unit_test(test_full_disk),
    };
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
