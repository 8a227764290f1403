#include "fits_edit.h"

#include <math.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "fits_case.h"
#include "status.h"

/* Two strips of 32 rows; HDU by HDU what CFITSIO makes; 0 stands for a table. */
enum { WIDTH = 2000, HEIGHT = 33, PIXELS = WIDTH * HEIGHT, HDUS = 6, TABLE = 2, SCALED = 4 };
static const int kinds[HDUS] = {FLOAT_IMG, DOUBLE_IMG, 0, USHORT_IMG, FLOAT_IMG, SHORT_IMG};

static double input_at(int hdu, int i)
{
    if (i == 7 && kinds[hdu] != USHORT_IMG)
        return (double)NAN;
    return floor(1000 + 900 * sin(i + hdu));
}

static void append_table(fitsfile *file, int *status)
{
    char *names[] = {"X"}, *forms[] = {"1E"};
    float values[] = {1, 2, 3};
    fits_create_tbl(file, BINARY_TBL, 3, 1, names, forms, NULL, "CATALOG", status);
    fits_write_col(file, TFLOAT, 1, 1, 1, 3, values, status);
}

static void append_image(fitsfile *file, int hdu, double *pixels, int *status)
{
    long axes[] = {WIDTH, HEIGHT}, blank = -32768;
    double scale = 2, zero = 50;
    fits_create_img(file, kinds[hdu], 2, axes, status);
    fits_write_key(file, TSTRING, "OBJECT", "a name", "kept", status);
    if (kinds[hdu] == SHORT_IMG)
        fits_write_key(file, TLONG, "BLANK", &blank, NULL, status);
    if (hdu == SCALED) {
        fits_write_key(file, TDOUBLE, "BSCALE", &scale, NULL, status);
        fits_write_key(file, TDOUBLE, "BZERO", &zero, NULL, status);
        fits_set_bscale(file, scale, zero, status);
    }
    for (int i = 0; i < PIXELS; i++)
        pixels[i] = input_at(hdu, i);
    if (kinds[hdu] == SHORT_IMG)
        pixels[7] = (double)blank;
    fits_write_img(file, TDOUBLE, 1, PIXELS, pixels, status);
}

static const char *make_input(const char *name)
{
    const char *path = case_path(name);
    double *pixels = malloc(PIXELS * sizeof *pixels);
    int status = 0;
    fitsfile *file = case_create(path);
    for (int i = 0; i < HDUS; i++)
        if (i == TABLE)
            append_table(file, &status);
        else
            append_image(file, i, pixels, &status);
    case_close(file, status);
    free(pixels);
    return path;
}

static double changed(double value, int i)
{
    return 1.25 * value - i / WIDTH;
}

static wk_status change(void *payload, int worker, wk_rect rect, double *values, wk_error *error)
{
    (void)payload;
    (void)worker;
    (void)error;
    for (int64_t i = 0; i < rect.width * rect.height; i++)
        values[i] = changed(values[i], (int)(rect.y * rect.width + i));
    return WK_OK;
}

static wk_status refuse(void *payload, int worker, wk_rect rect, double *values, wk_error *error)
{
    (void)payload;
    (void)worker;
    (void)rect;
    (void)values;
    return wk_error_set(error, WK_NO_CONVERGENCE, "here", "no");
}

static const wk_keyword keywords[] = {
    {"BKGTYPE", "chebyshev", 0, "what it is", 0, 0},
    {"BACKGROUND_DEGREE", NULL, 3, "long name", 1, 0},
    {"BKGMEAN", NULL, 0.1, NULL, 1, 0},
};

static wk_fits_plane_edit edit_of(int hdu)
{
    return (wk_fits_plane_edit){hdu, WIDTH, HEIGHT, change, NULL, keywords, 3, 0};
}

static wk_write_options defaults(void)
{
    return (wk_write_options){.overwrite = 1};
}

static wk_status apply(const char *out, const char *in, const wk_fits_plane_edit *edits,
                       size_t count, int threads, wk_error *error)
{
    const wk_write_options options = defaults();
    const wk_context context = {.threads = threads};
    return wk_fits_edit_planes(out, in, edits, count, &options, &context, error);
}

/* The result in double, rounded once; integers and what CFITSIO scales come as float32 first, which
 * holds these numbers exactly. */
static void check_pixels(const char *path, int hdu, int kind)
{
    long count;
    double *pixels = case_pixels(path, hdu, &count);
    assert_int_equal(count, PIXELS);
    for (int i = 0; i < PIXELS; i++) {
        double wanted = changed(input_at(hdu, i), i);
        if (kind != DOUBLE_IMG)
            wanted = (double)(float)wanted;
        assert_true(isnan(wanted) ? isnan(pixels[i]) : pixels[i] == wanted);
    }
    free(pixels);
}

static void check_header(const char *path, int hdu, int bitpix)
{
    int status = 0, stored, axes, missing = 0;
    long size[2] = {0, 0};
    char text[80];
    double number;
    fitsfile *file = case_open(path, hdu);
    fits_get_img_param(file, 2, &stored, &axes, size, &status);
    assert_true(stored == bitpix && axes == 2 && size[0] == WIDTH && size[1] == HEIGHT);
    assert_false(fits_is_compressed_image(file, &status));
    fits_read_key(file, TSTRING, "OBJECT", text, NULL, &status);
    assert_string_equal(text, "a name");
    fits_read_key(file, TSTRING, "BKGTYPE", text, NULL, &status);
    assert_string_equal(text, "chebyshev");
    fits_read_key(file, TDOUBLE, "BACKGROUND_DEGREE", &number, NULL, &status);
    assert_true(number == 3);
    fits_read_key(file, TDOUBLE, "BKGMEAN", &number, NULL, &status);
    assert_true(number == 0.1);
    assert_int_equal(status, 0);
    const char *const gone[] = {"BSCALE", "BZERO", "BLANK", "ZIMAGE", "TFIELDS", "ZCMPTYPE"};
    for (size_t i = 0; i < sizeof gone / sizeof *gone; i++, missing = 0)
        assert_true(fits_read_key(file, TDOUBLE, gone[i], &number, NULL, &missing) != 0);
    case_close(file, status);
}

static void check_untouched(const char *before, const char *after, int hdu)
{
    int status = 0;
    LONGLONG a, b, c, d, e, f;
    size_t m, n;
    unsigned char *x = case_bytes(before, &m), *y = case_bytes(after, &n);
    fitsfile *file = case_open(before, hdu);
    fits_get_hduaddrll(file, &a, &b, &c, &status);
    case_close(file, status);
    file = case_open(after, hdu);
    fits_get_hduaddrll(file, &d, &e, &f, &status);
    case_close(file, status);
    assert_int_equal(c - a, f - d);
    assert_memory_equal(x + a, y + d, (size_t)(c - a));
    free(x);
    free(y);
}

static void test_every_kind(void **state)
{
    const char *in = make_input("in.fits"), *out = case_path("out.fits");
    (void)state;
    for (int hdu = 0; hdu < HDUS; hdu++) {
        if (hdu == TABLE)
            continue;
        wk_fits_plane_edit edit = edit_of(hdu);
        assert_int_equal(apply(out, in, &edit, 1, 2, NULL), WK_OK);
        check_pixels(out, hdu, kinds[hdu]);
        check_header(out, hdu, kinds[hdu] == DOUBLE_IMG ? -64 : -32);
        for (int other = 1; other < HDUS; other++)
            if (other != hdu)
                check_untouched(in, out, other);
        case_checksums(out, hdu);
        case_checksums(out, 0); /* it has keywords, too */
        case_verify(out);
    }
    assert_int_equal(case_clear(), 2);
}

static void test_same_bytes_on_any_threads(void **state)
{
    const char *in = make_input("in.fits"), *a = case_path("a.fits"), *b = case_path("b.fits");
    const wk_fits_plane_edit edits[] = {edit_of(3), edit_of(1), edit_of(0)};
    (void)state;
    assert_int_equal(apply(a, in, edits, 3, 1, NULL), WK_OK);
    assert_int_equal(apply(b, in, edits, 3, 7, NULL), WK_OK);
    case_same(a, b);
    check_pixels(a, 3, USHORT_IMG);
    check_pixels(a, 1, DOUBLE_IMG);
    check_pixels(a, 0, FLOAT_IMG);
    case_clear();
}

/* Pixel 7 is a NaN with a payload. */
static void test_nan_keeps_its_bits(void **state)
{
    const char *in = make_input("in.fits"), *out = case_path("out.fits");
    const unsigned char nan[] = {0x7f, 0x81, 0x23, 0x45};
    wk_fits_plane_edit edit = edit_of(0);
    size_t size;
    (void)state;
    unsigned char *bytes = case_bytes(in, &size);
    memcpy(bytes + 2880 + 4 * 7, nan, 4);
    case_write(in, bytes, size);
    free(bytes);
    assert_int_equal(apply(out, in, &edit, 1, 1, NULL), WK_OK);
    bytes = case_bytes(out, &size);
    assert_memory_equal(bytes + 2880 + 4 * 7, nan, 4);
    free(bytes);
    case_clear();
}

/* Tile-compressed integers, lossless floats and quantised floats: plain floats come out. */
static void test_compressed(void **state)
{
    const struct {
        int method, kind;
        float quantise;
    } cases[] = {{RICE_1, SHORT_IMG, 0}, {GZIP_2, FLOAT_IMG, 0}, {RICE_1, FLOAT_IMG, 4}};
    const char *plain = make_input("in.fits"), *in = case_path("packed.fits");
    const char *out = case_path("out.fits");
    (void)state;
    for (int k = 0; k < 3; k++) {
        int status = 0, hdu = cases[k].kind == FLOAT_IMG ? 0 : 5;
        long count;
        fitsfile *from = case_open(plain, hdu), *file = case_create(in);
        fits_set_compression_type(file, cases[k].method, &status);
        fits_set_quantize_level(file, cases[k].quantise, &status);
        fits_img_compress(from, file, &status);
        case_close(from, status);
        case_close(file, status);
        wk_fits_plane_edit edit = edit_of(1);
        assert_int_equal(apply(out, in, &edit, 1, 3, NULL), WK_OK);
        check_header(out, 1, -32);
        case_checksums(out, 1);
        case_verify(out);
        double *x = case_pixels(in, 1, &count), *y = case_pixels(out, 1, &count);
        for (int i = 0; i < PIXELS; i++) {
            /* CFITSIO gives quantised numbers as float32 */
            double wanted = (double)(float)changed((double)(float)x[i], i);
            assert_true(isnan(wanted) ? isnan(y[i]) : y[i] == wanted);
        }
        free(x);
        free(y);
    }
    case_clear();
}

static void test_gzip(void **state)
{
    const char *in = make_input("in.fits"), *out = case_path("out.fits");
    const char *source = case_path("in.fits.gz"), *packed = case_path("out.fits.gz");
    const wk_fits_plane_edit edits[] = {edit_of(0), edit_of(3)};
    char command[400];
    (void)state;
    assert_int_equal(apply(out, in, edits, 2, 2, NULL), WK_OK);
    snprintf(command, sizeof command, "gzip '%s'", in);
    assert_int_equal(system(command), 0);
    assert_int_equal(apply(packed, source, edits, 2, 7, NULL), WK_OK);
    snprintf(command, sizeof command, "gzip -dc '%s' | cmp - '%s'", packed, out);
    assert_int_equal(system(command), 0);
    case_clear();
}

/* Without change the pixels stay, those of tiles in their tiles; HISTORY is added. */
static void test_keywords_only(void **state)
{
    const char *in = make_input("in.fits"), *out = case_path("out.fits");
    const char *const lines[] = {"first line", NULL};
    wk_fits_plane_edit edit = edit_of(3);
    wk_write_options options = defaults();
    char card[100] = "";
    int status = 0;
    long m, n;
    (void)state;
    edit.change = NULL;
    options.cards = lines;
    assert_int_equal(wk_fits_edit_planes(out, in, &edit, 1, &options, NULL, NULL), WK_OK);
    double *x = case_pixels(in, 3, &m), *y = case_pixels(out, 3, &n);
    assert_memory_equal(x, y, (size_t)m * sizeof *x);
    free(x);
    free(y);
    fitsfile *file = case_open(out, 3);
    fits_read_card(file, "HISTORY", card, &status);
    assert_string_equal(card, "HISTORY first line");
    fits_read_card(file, "BZERO", card, &status);
    fits_movabs_hdu(file, 1, NULL, &status);
    assert_int_equal(status, 0);
    assert_true(fits_read_card(file, "HISTORY", card, &status) != 0);
    status = 0;
    assert_true(fits_read_card(file, "BKGTYPE", card, &status) != 0);
    status = 0;
    fits_read_card(file, "BKGMEAN", card, &status);
    case_close(file, status);
    case_checksums(out, 3);
    case_checksums(out, 0);
    case_clear();
}

static void check_failure(const char *out, const char *in, const wk_fits_plane_edit *edits,
                          size_t count, wk_status wanted)
{
    wk_error error = {0};
    assert_int_equal(apply(out, in, edits, count, 2, &error), wanted);
    assert_true(error.message[0] != '\0' && error.subject[0] != '\0');
    assert_int_equal(access(out, F_OK), -1);
}

static void test_failures(void **state)
{
    const char *in = make_input("in.fits"), *out = case_path("out.fits");
    wk_fits_plane_edit edit = edit_of(0), twice[] = {edit_of(1), edit_of(1)};
    (void)state;
    check_failure(out, in, twice, 2, WK_ARGUMENT);
    edit.change = refuse;
    check_failure(out, in, &edit, 1, WK_NO_CONVERGENCE);
    edit = edit_of(TABLE);
    check_failure(out, in, &edit, 1, WK_HEADER);
    edit = edit_of(HDUS);
    check_failure(out, in, &edit, 1, WK_HEADER);
    edit = edit_of(0);
    edit.height--;
    check_failure(out, in, &edit, 1, WK_FILE);
    edit = edit_of(0);
    check_failure(out, case_path("none"), &edit, 1, WK_FILE);
    assert_int_equal(case_clear(), 1);
}

static void test_keywords_refused(void **state)
{
    const wk_keyword bad[] = {{"", "x", 0, "", 0, 0},
                              {NULL, "x", 0, "", 0, 0},
                              {"NAXIS1", NULL, 1, "", 0, 0},
                              {"lower", NULL, 1, "", 0, 0},
                              {"BZERO", NULL, 1, "", 0, 0},
                              {"END", NULL, 1, "", 0, 0},
                              {"A", "caf\xc3\xa9", 0, "", 0, 0},
                              {"A", NULL, (double)NAN, "", 0, 0},
                              {"A", "x", 0, "\n", 0, 0},
                              {"HISTORY", "x", 0, "", 0, 0},
                              {"LONG=NAMES", "x", 0, "", 0, 0}};
    const char *in = make_input("in.fits"), *out = case_path("out.fits");
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        wk_fits_plane_edit edit = edit_of(0);
        edit.keywords = &bad[i];
        edit.keyword_count = 1;
        check_failure(out, in, &edit, 1, WK_ARGUMENT);
    }
    assert_int_equal(case_clear(), 1);
}

static int edit_limited(const char *out, const char *in, rlim_t most)
{
    struct rlimit limit = {most, most};
    wk_fits_plane_edit edit = edit_of(0);
    wk_error error;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    return apply(out, in, &edit, 1, 1, &error) == WK_FILE ? 0 : 1;
}

/* Wherever the disk becomes full, nothing is left behind.  LLVM's OpenMP needs 1024 bytes for
 * itself and ends the process when it does not get them. */
static void test_full_disk(void **state)
{
    const char *in = make_input("in.fits"), *out = case_path("out.fits");
    (void)state;
    for (rlim_t most = 2000; most < 1000000; most += 130000) {
        int code;
        if (fork() == 0)
            _exit(edit_limited(out, in, most));
        wait(&code);
        assert_true(WIFEXITED(code));
        assert_int_equal(WEXITSTATUS(code), 0);
    }
    assert_int_equal(case_clear(), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_full_disk), /* first: no threads yet when it forks */
        cmocka_unit_test(test_every_kind),
        cmocka_unit_test(test_same_bytes_on_any_threads),
        cmocka_unit_test(test_nan_keeps_its_bits),
        cmocka_unit_test(test_compressed),
        cmocka_unit_test(test_gzip),
        cmocka_unit_test(test_keywords_only),
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_keywords_refused),
    };
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
