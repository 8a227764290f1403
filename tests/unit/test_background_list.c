#include "fits_case.h"

#include "background_case.h"

#include "background_file.h"
#include "memory.h"

enum { WIDTH = 190, HEIGHT = 110, PIXELS = WIDTH * HEIGHT };

static double slope(double x, double y)
{
    return 100.0 + 0.5 * x - 0.25 * y + 0.002 * x * x;
}

/* Noise upon a slope, more of it to the right, one cell masked. */
static void make_picture(picture *one)
{
    sky_picture(one, WIDTH, HEIGHT, slope);
    wk_random random = wk_random_stream(5, 81, 0, 0, 0);
    for (int i = 0; i < PIXELS; i++) {
        double noise = 1.0 + (double)(i % WIDTH) / 20.0;
        one->data[i] += (float)wk_random_between(&random, -noise, noise);
        one->mask[i] = i % WIDTH < 30 && i / WIDTH < 30;
    }
}

static wk_background *model_of(wk_interpolation interpolation, wk_cell_weights weights, int64_t box)
{
    picture one;
    make_picture(&one);
    wk_background_options options = wk_background_options_preset(WK_PRESET_LSST);
    options.interpolation = interpolation;
    options.weights = weights;
    options.box[0] = options.box[1] = box;
    options.order = 3;
    wk_background *background = sky_fit(&one, &options);
    picture_free(&one);
    return background;
}

/* The same model to a unit of float32's last place: own weights are stored as float32, which moves
 * a polynomial of 100 by some 1e-7 of the scatter. */
static void expect_same_model(const wk_background *got, const wk_background *expected)
{
    float *a = sky_model(got, WK_BACKGROUND_LEVEL), *b = sky_model(expected, WK_BACKGROUND_LEVEL);
    for (int i = 0; i < PIXELS; i++)
        if (!(a[i] >= nextafterf(b[i], -INFINITY) && a[i] <= nextafterf(b[i], INFINITY)))
            fail_msg("pixel %d: %.9g is not %.9g", i, (double)a[i], (double)b[i]);
    free(a);
    free(b);
}

static void save(const char *path, const wk_background_list *list)
{
    wk_error error;
    if (wk_background_list_save(path, list, 0, 0, &error) != WK_OK)
        fail_msg("%s: %s", error.subject, error.message);
}

static void read_list(wk_background_list *out, const char *path)
{
    wk_error error;
    if (wk_background_list_read(out, path, &error) != WK_OK)
        fail_msg("%s: %s", error.subject, error.message);
}

/* Splines and polynomials with every kind of weights, one by one and in one list whose image is
 * the float32 sum of theirs. */
static void test_round_trip(void **state)
{
    (void)state;
    enum { MODELS = 7 };
    const char *path = case_path("list.fits");
    wk_background *models[MODELS] = {
        model_of(WK_INTERPOLATE_AKIMA, WK_CELL_WEIGHTS_SIGMA, 20),
        model_of(WK_INTERPOLATE_CHEBYSHEV, WK_CELL_WEIGHTS_VARIANCE, 20),
        model_of(WK_INTERPOLATE_SPLINE, WK_CELL_WEIGHTS_SIGMA, 25),
        model_of(WK_INTERPOLATE_LINEAR, WK_CELL_WEIGHTS_SIGMA, 40),
        model_of(WK_INTERPOLATE_CONSTANT, WK_CELL_WEIGHTS_SIGMA, 20),
        model_of(WK_INTERPOLATE_CHEBYSHEV, WK_CELL_WEIGHTS_SIGMA, 20),
        model_of(WK_INTERPOLATE_CHEBYSHEV, WK_CELL_WEIGHTS_NONE, 30)};
    for (size_t count = 1; count <= MODELS; count += 2) {
        wk_background_list list = {models, count, 100, -500}, got;
        save(path, &list);
        assert_true(wk_background_list_is(path));
        read_list(&got, path);
        assert_true(got.count == count && got.x0 == 100 && got.y0 == -500);
        float *sum = calloc(PIXELS, sizeof *sum), *image = malloc(PIXELS * sizeof *image);
        for (size_t k = 0; k < count; k++) {
            expect_same_model(got.backgrounds[k], models[k]);
            float *one = sky_model(got.backgrounds[k], WK_BACKGROUND_LEVEL);
            for (int i = 0; i < PIXELS; i++)
                sum[i] += one[i];
            free(one);
        }
        wk_view view = {image, WIDTH, HEIGHT, WIDTH};
        assert_int_equal(wk_background_list_fill(&got, (wk_rect){0, 0, WIDTH, HEIGHT}, view, NULL),
                         WK_OK);
        assert_memory_equal(image, sum, PIXELS * sizeof *sum);
        free(sum);
        free(image);
        wk_background_list_release(&got);
        assert_null(got.backgrounds);
        case_checksums(path, -1);
        case_clear();
    }
    for (int i = 0; i < MODELS; i++)
        wk_background_free(models[i]);
}

/* A rectangle of the sum is a piece of the whole; others are refused. */
static void test_rectangles(void **state)
{
    (void)state;
    wk_background *models[2] = {model_of(WK_INTERPOLATE_AKIMA, WK_CELL_WEIGHTS_SIGMA, 20),
                                model_of(WK_INTERPOLATE_LINEAR, WK_CELL_WEIGHTS_SIGMA, 50)};
    wk_background_list list = {models, 2, 0, 0};
    float *whole = malloc(PIXELS * sizeof *whole), part[60 * 8];
    wk_view view = {whole, WIDTH, HEIGHT, WIDTH}, small = {part, 50, 7, 60};
    assert_int_equal(wk_background_list_fill(&list, (wk_rect){0, 0, WIDTH, HEIGHT}, view, NULL),
                     WK_OK);
    part[50] = -1.0F;
    assert_int_equal(wk_background_list_fill(&list, (wk_rect){130, 99, 50, 7}, small, NULL), WK_OK);
    for (int y = 0; y < 7; y++)
        for (int x = 0; x < 50; x++)
            assert_true(part[y * 60 + x] == whole[(y + 99) * WIDTH + x + 130]);
    assert_true(part[50] == -1.0F); /* beyond the row */
    const wk_rect wrong[] = {{-1, 0, 5, 5}, {0, -1, 5, 5}, {186, 0, 5, 5}, {0, 106, 5, 5}};
    for (int i = 0; i < 4; i++)
        assert_int_equal(wk_background_list_fill(&list, wrong[i], small, NULL), WK_ARGUMENT);
    free(whole);
    wk_background_free(models[0]);
    wk_background_free(models[1]);
}

/* What the file says, in LSST's numbers. */
static wk_background_element *stored(const wk_background *background)
{
    wk_background *own;
    memcpy(&own, &background, sizeof own);
    const char *path = case_path("stored.fits");
    wk_background_list list = {&own, 1, 0, 0};
    wk_background_element *elements;
    size_t count;
    save(path, &list);
    assert_int_equal(wk_background_file_read(&elements, &count, path, NULL), WK_OK);
    assert_int_equal(count, 1);
    case_clear();
    return elements;
}

static void expect_stored(wk_background *background, int style, int undersample, int approximate,
                          int order, int weighting)
{
    wk_background_element *e = stored(background);
    const wk_mesh *mesh = wk_background_mesh(background);
    assert_int_equal(e->interpstyle, style);
    assert_int_equal(e->undersamplestyle, undersample);
    assert_int_equal(e->approxstyle, approximate);
    assert_int_equal(e->approxorderx, order);
    assert_int_equal(e->approxweighting, weighting);
    assert_true(e->nx == mesh->nx && e->ny == mesh->ny);
    assert_true(e->width == WIDTH && e->height == HEIGHT);
    for (int64_t i = 0; i < mesh->nx * mesh->ny; i++)
        assert_true(isnan(mesh->level[i]) ? isnan(e->level[i]) : e->level[i] == mesh->level[i]);
    wk_background_elements_free(e, 1);
    wk_background_free(background);
}

static void test_styles(void **state)
{
    (void)state;
    const wk_cell_weights sigma = WK_CELL_WEIGHTS_SIGMA, none = WK_CELL_WEIGHTS_NONE;
    expect_stored(model_of(WK_INTERPOLATE_CONSTANT, sigma, 30), 0, 1, -1, 1, 1);
    expect_stored(model_of(WK_INTERPOLATE_LINEAR, sigma, 30), 1, 1, -1, 1, 1);
    expect_stored(model_of(WK_INTERPOLATE_SPLINE, sigma, 30), 2, 1, -1, 1, 1);
    expect_stored(model_of(WK_INTERPOLATE_AKIMA, sigma, 20), 5, 1, -1, 1, 1);
    expect_stored(model_of(WK_INTERPOLATE_AKIMA, sigma, 55), 1, 1, -1, 1, 1); /* 4 x 2 cells */
    expect_stored(model_of(WK_INTERPOLATE_CHEBYSHEV, none, 20), 5, 1, 0, 3, 0);
    expect_stored(model_of(WK_INTERPOLATE_CHEBYSHEV, sigma, 40), 5, 1, 0, 2, 1); /* 5 x 3 */
}

/* The errors as they are; for a polynomial by 1 / error^2, what LSST's software inverts. */
static void test_errors(void **state)
{
    (void)state;
    for (int weights = WK_CELL_WEIGHTS_VARIANCE; weights <= WK_CELL_WEIGHTS_NONE; weights++) {
        wk_background *background =
            model_of(WK_INTERPOLATE_CHEBYSHEV, (wk_cell_weights)weights, 20);
        const wk_mesh *mesh = wk_background_mesh(background);
        wk_background_element *e = stored(background);
        double least = (double)INFINITY;
        for (int64_t i = 0; i < mesh->nx * mesh->ny; i++)
            if (mesh->error[i] > 0.0F)
                least = fmin(least, (double)mesh->error[i]);
        for (int64_t i = 0; i < mesh->nx * mesh->ny; i++) {
            double error = (double)mesh->error[i], ratio = error / least;
            if (weights == WK_CELL_WEIGHTS_VARIANCE && !isnan(error))
                assert_true(fabs((double)e->error[i] / (ratio * ratio) - 1.0) < 1e-6);
            else if (weights != WK_CELL_WEIGHTS_VARIANCE)
                assert_true(isnan(error) ? isnan(e->error[i]) : (double)e->error[i] == error);
        }
        wk_background_elements_free(e, 1);
        wk_background_free(background);
    }
}

/* Models that must not be reduced are read as such. */
static void test_demanding_models(void **state)
{
    (void)state;
    picture one;
    make_picture(&one);
    memset(one.mask, 0, PIXELS);
    for (int style = WK_INTERPOLATE_SPLINE; style <= WK_INTERPOLATE_CHEBYSHEV; style++) {
        if (style == WK_INTERPOLATE_BICUBIC || style == WK_INTERPOLATE_ZOOM)
            continue;
        wk_background_options options = sky_lsst(&one, 6, 6, (wk_interpolation)style);
        options.order = 2;
        wk_background *background = sky_fit(&one, &options);
        wk_background_list list = {&background, 1, 0, 0}, got;
        const char *path = case_path("fail.fits");
        save(path, &list);
        read_list(&got, path);
        expect_same_model(got.backgrounds[0], background);
        /* LSST's software would try Akima on the mesh even for a polynomial */
        int chebyshev = style == WK_INTERPOLATE_CHEBYSHEV;
        assert_int_equal(wk_background_in_force(got.backgrounds[0])->undersample,
                         chebyshev ? WK_UNDERSAMPLE_REDUCE : WK_UNDERSAMPLE_FAIL);
        float *rms = sky_model(got.backgrounds[0], WK_BACKGROUND_RMS);
        sky_expect_flat(rms, PIXELS, (double)NAN, 0.0);
        free(rms);
        wk_background_list_release(&got);
        wk_background_free(background);
        case_clear();
    }
    picture_free(&one);
}

static void expect_not_saved(const wk_background_list *list, const char *word)
{
    wk_error error = {0};
    assert_int_equal(wk_background_list_save(case_path("no.fits"), list, 0, 0, &error),
                     WK_ARGUMENT);
    assert_non_null(strstr(error.message, word));
    assert_int_equal(case_clear(), 0);
}

/* No cells of one size, no steps of our own, no list of nothing. */
static void test_what_cannot_be_stored(void **state)
{
    (void)state;
    static const wk_background_preset presets[] = {WK_PRESET_SEXTRACTOR, WK_PRESET_PHOTUTILS,
                                                   WK_PRESET_LSST, WK_PRESET_LSST};
    picture one;
    make_picture(&one);
    for (int i = 0; i < 4; i++) {
        wk_background_options options = wk_background_options_preset(presets[i]);
        options.box[0] = options.box[1] = 25;
        if (i == 2)
            options.cells = WK_CELLS_FIXED;
        if (i == 3) {
            options.interpolation = WK_INTERPOLATE_CONSTANT;
            options.compat_steps = 0;
        }
        wk_background *background = sky_fit(&one, &options);
        wk_background_list list = {&background, 1, 0, 0};
        expect_not_saved(&list, "LSST's software has no model like this one");
        wk_background_free(background);
    }
    wk_background_list empty = {0};
    expect_not_saved(&empty, "empty");
    picture_free(&one);
}

/* An element as LSST's software writes them. */
static wk_background_element element(float *level, float *error, int style)
{
    return (wk_background_element){.nx = 2,
                                   .ny = 2,
                                   .level = level,
                                   .error = error,
                                   .interpstyle = style,
                                   .undersamplestyle = 1,
                                   .approxstyle = -1,
                                   .approxorderx = 1,
                                   .approxordery = -1,
                                   .approxweighting = 1,
                                   .width = 20,
                                   .height = 20};
}

static void expect_unreadable(const wk_background_element *elements, size_t count,
                              wk_status expected, const char *word)
{
    const char *path = case_path("bad.fits");
    wk_background_list got;
    wk_error error = {0};
    assert_int_equal(wk_background_file_write(path, elements, count, 1, 0, NULL), WK_OK);
    assert_int_equal(wk_background_list_read(&got, path, &error), expected);
    assert_null(got.backgrounds);
    assert_non_null(strstr(error.subject, "bad.fits"));
    assert_non_null(strstr(error.message, word));
    case_clear();
}

static void test_unreadable_elements(void **state)
{
    (void)state;
    float level[4] = {1, 2, 3, 4}, error[4] = {1, 1, 1, 1}, none[4] = {NAN, NAN, NAN, NAN};
    wk_background_element two[2] = {element(level, error, 1), element(level, error, 1)};
    const int styles[] = {-1, 4, 6}; /* unknown and periodic */
    for (int i = 0; i < 3; i++) {
        two[0].interpstyle = styles[i];
        expect_unreadable(two, 1, WK_HEADER, "interpolation style");
    }
    two[0].interpstyle = 1;
    two[1].width = 21;
    expect_unreadable(two, 2, WK_HEADER, "21 x 20");
    two[0].approxstyle = 0;
    two[0].approxordery = 2;
    expect_unreadable(two, 1, WK_HEADER, "orders 1 and 2");
    two[0].approxorderx = two[0].approxordery = 33;
    expect_unreadable(two, 1, WK_HEADER, "orders 33 and 33");
    two[0] = element(level, error, 5);
    two[0].undersamplestyle = 0; /* Akima on 2 x 2 bins, and it must not be reduced */
    expect_unreadable(two, 1, WK_NO_DATA, "too few");
    two[0] = element(none, none, 1); /* "no background" */
    expect_unreadable(two, 1, WK_NO_DATA, "");
}

static void test_unreadable_files(void **state)
{
    (void)state;
    wk_background_list got;
    const char *path = case_path("list.fits"), *part = case_path("part.fits");
    wk_background *background = model_of(WK_INTERPOLATE_AKIMA, WK_CELL_WEIGHTS_SIGMA, 20);
    wk_background_list list = {&background, 1, 0, 0};
    size_t size;
    assert_int_equal(wk_background_list_read(&got, part, NULL), WK_FILE);
    assert_false(wk_background_list_is(part));
    save(path, &list);
    assert_int_equal(wk_background_list_save(path, &list, 0, 0, NULL), WK_EXISTS);
    assert_int_equal(wk_background_list_save(path, &list, 1, 0, NULL), WK_OK);
    unsigned char *bytes = case_bytes(path, &size);
    case_write(part, bytes, size - 2000);
    assert_int_equal(wk_background_list_read(&got, part, NULL), WK_FILE);
    case_write(part, "not a FITS file", 15);
    assert_int_equal(wk_background_list_read(&got, part, NULL), WK_FILE);
    free(bytes);
    wk_background_free(background);
    case_clear();
}

/* The image of a list, with the place of its first pixel, and its summary. */
static void test_image(void **state)
{
    (void)state;
    const char *path = case_path("image.fits");
    const char *const cards[] = {"one line", NULL};
    wk_background *models[2] = {model_of(WK_INTERPOLATE_AKIMA, WK_CELL_WEIGHTS_SIGMA, 20),
                                model_of(WK_INTERPOLATE_CHEBYSHEV, WK_CELL_WEIGHTS_NONE, 30)};
    wk_background_list list = {models, 2, 4000, -12};
    wk_background_summary summary, plain, alone;
    assert_int_equal(wk_background_list_write(path, &list, &summary, cards, 0, 0, NULL, NULL),
                     WK_OK);
    assert_int_equal(wk_background_list_write(path, &list, &summary, cards, 0, 0, NULL, NULL),
                     WK_EXISTS);
    assert_int_equal(wk_background_list_write(NULL, &list, &alone, NULL, 0, 0, NULL, NULL), WK_OK);
    assert_int_equal(
        wk_background_summarise(&plain, (const wk_background *const *)models, 2, NULL, NULL),
        WK_OK);
    assert_memory_equal(&summary, &plain, sizeof plain);
    assert_memory_equal(&alone, &plain, sizeof plain);
    long count;
    double *got = case_pixels(path, 0, &count), place[2];
    float *image = malloc(PIXELS * sizeof *image);
    wk_view view = {image, WIDTH, HEIGHT, WIDTH};
    assert_int_equal(wk_background_list_fill(&list, (wk_rect){0, 0, WIDTH, HEIGHT}, view, NULL),
                     WK_OK);
    assert_int_equal(count, PIXELS);
    for (int i = 0; i < PIXELS; i++)
        assert_true(got[i] == (double)image[i]);
    int status = 0;
    fitsfile *file = case_open(path, 0);
    fits_read_key(file, TDOUBLE, "CRVAL1A", &place[0], NULL, &status);
    fits_read_key(file, TDOUBLE, "CRVAL2A", &place[1], NULL, &status);
    case_close(file, status);
    assert_true(place[0] == 4000.0 && place[1] == -12.0);
    case_checksums(path, 0);
    case_verify(path);
    free(got);
    free(image);
    wk_background_free(models[0]);
    wk_background_free(models[1]);
    case_clear();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_rectangles),
        cmocka_unit_test(test_styles),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_demanding_models),
        cmocka_unit_test(test_what_cannot_be_stored),
        cmocka_unit_test(test_unreadable_elements),
        cmocka_unit_test(test_unreadable_files),
        cmocka_unit_test(test_image),
    };
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
