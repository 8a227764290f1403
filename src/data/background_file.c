#include "background_file.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "fits.h"
#include "fits_card.h"
#include "fits_write.h"
#include "memory.h"
#include "status.h"

enum { PLANES = 3, NO_DATA = 8, MOST = 1000000000, MOST_ORDER = 1000 };

/* The planes of an element, in the file's order. */
enum { LEVEL = 0, MASK, ERROR };

/* The whole numbers of an element's header. */
typedef struct number {
    const char *keyword;
    int64_t *value;
    int64_t least, most;
    int optional; /* nonzero: *value stays where there is none */
    const char *comment;
} number;

enum { NUMBERS = 9 };

/* The same table serves writing and reading; wide holds what the struct has as int. */
static void list_numbers(number list[NUMBERS], wk_background_element *e, int64_t wide[5])
{
    const number all[NUMBERS] = {
        {"INTERPSTYLE", &wide[0], -1, 6, 0, "interpolation between bins"},
        {"UNDERSAMPLESTYLE", &wide[1], 0, 2, 0, "what is done with too few bins"},
        {"APPROXSTYLE", &wide[2], -1, 0, 1, "-1: interpolated, 0: Chebyshev"},
        {"APPROXORDERX", &wide[3], -1, MOST_ORDER, 1, "order in x"},
        {"APPROXORDERY", &wide[4], -1, MOST_ORDER, 1, "order in y"},
        {"BKGD_X0", &e->x0, -MOST, MOST, 0, "first column of the image"},
        {"BKGD_Y0", &e->y0, -MOST, MOST, 0, "first row of the image"},
        {"BKGD_WIDTH", &e->width, 1, MOST, 0, "columns of the image"},
        {"BKGD_HEIGHT", &e->height, 1, MOST, 0, "rows of the image"},
    };
    memcpy(list, all, sizeof all);
}

static void widen(int64_t wide[5], const wk_background_element *e)
{
    wide[0] = e->interpstyle;
    wide[1] = e->undersamplestyle;
    wide[2] = e->approxstyle;
    wide[3] = e->approxorderx;
    wide[4] = e->approxordery;
}

static void narrow(wk_background_element *e, const int64_t wide[5])
{
    e->interpstyle = (int)wide[0];
    e->undersamplestyle = (int)wide[1];
    e->approxstyle = (int)wide[2];
    e->approxorderx = (int)wide[3];
    e->approxordery = (int)wide[4];
}

static wk_status check_number(const number *n, const char *subject, wk_status wrong,
                              wk_error *error)
{
    if (*n->value >= n->least && *n->value <= n->most)
        return WK_OK;
    return wk_error_set(error, wrong, subject, "%s = %lld is not from %lld to %lld", n->keyword,
                        (long long)*n->value, (long long)n->least, (long long)n->most);
}

static wk_status check_bins(const wk_background_element *e, const char *subject, wk_status wrong,
                            wk_error *error)
{
    if (e->nx >= 1 && e->ny >= 1 && e->nx <= e->width && e->ny <= e->height)
        return WK_OK;
    return wk_error_set(
        error, wrong, subject, "there cannot be %lld x %lld bins in an image of %lld x %lld pixels",
        (long long)e->nx, (long long)e->ny, (long long)e->width, (long long)e->height);
}

static wk_status check_element(const wk_background_element *e, const char *path, wk_error *error)
{
    wk_background_element own = *e;
    int64_t wide[5];
    number list[NUMBERS];
    wk_status status = WK_OK;
    widen(wide, e);
    list_numbers(list, &own, wide);
    for (int i = 0; status == WK_OK && i < NUMBERS; i++)
        status = check_number(&list[i], path, WK_ARGUMENT, error);
    return status == WK_OK ? check_bins(e, path, WK_ARGUMENT, error) : status;
}

/* The frame of the bins begins at their own first one. */
static wk_status set_origin(wk_cards *cards, wk_error *error)
{
    wk_status status = WK_OK;
    for (int axis = 1; status == WK_OK && axis <= 2; axis++) {
        char type[16], pixel[16], value[16], unit[16];
        snprintf(type, sizeof type, "CTYPE%dA", axis);
        snprintf(pixel, sizeof pixel, "CRPIX%dA", axis);
        snprintf(value, sizeof value, "CRVAL%dA", axis);
        snprintf(unit, sizeof unit, "CUNIT%dA", axis);
        status = wk_cards_set_text(cards, type, "LINEAR", "parent coordinates", error);
        if (status == WK_OK)
            status = wk_cards_set_real(cards, pixel, 1, "the first pixel", error);
        if (status == WK_OK)
            status = wk_cards_set_real(cards, value, 0, "its place", error);
        if (status == WK_OK)
            status = wk_cards_set_text(cards, unit, "PIXEL", "unit", error);
    }
    return status;
}

static wk_status set_planes(wk_cards *cards, wk_error *error)
{
    static const char *const names[] = {
        "BAD", "SAT", "INTRP", "CR", "EDGE", "DETECTED", "DETECTED_NEGATIVE", "SUSPECT", "NO_DATA"};
    wk_status status = WK_OK;
    for (int bit = 0; status == WK_OK && bit < (int)(sizeof names / sizeof *names); bit++) {
        char keyword[32];
        snprintf(keyword, sizeof keyword, "MP_%s", names[bit]);
        status = wk_cards_set_integer(cards, keyword, bit, "bit of the mask", error);
    }
    return status;
}

static wk_status fill_cards(wk_cards *cards, const wk_background_element *e, int plane,
                            wk_error *error)
{
    wk_background_element own = *e;
    int64_t wide[5];
    number list[NUMBERS];
    wk_status status = WK_OK;
    cards->count = 0;
    widen(wide, e);
    list_numbers(list, &own, wide);
    for (int i = 0; status == WK_OK && i < NUMBERS; i++)
        status =
            wk_cards_set_integer(cards, list[i].keyword, *list[i].value, list[i].comment, error);
    if (status == WK_OK)
        status = wk_cards_set_logical(cards, "APPROXWEIGHTING", e->approxweighting,
                                      "are bins weighted by their errors?", error);
    if (status == WK_OK)
        status = set_origin(cards, error);
    if (status == WK_OK && plane == MASK)
        status = set_planes(cards, error);
    return status;
}

static wk_status append_plane(wk_fits_writer *writer, wk_cards *cards,
                              const wk_background_element *e, int plane, const void *data,
                              wk_error *error)
{
    wk_status status = fill_cards(cards, e, plane, error);
    if (status != WK_OK)
        return status;
    return wk_fits_append_image(writer, cards->text, (int64_t)cards->count, NULL, 0,
                                plane == MASK ? 32 : -32, e->nx, e->ny, data, error);
}

static wk_status append_element(wk_fits_writer *writer, wk_cards *cards,
                                const wk_background_element *e, wk_error *error)
{
    size_t count = (size_t)(e->nx * e->ny);
    int32_t *mask = wk_memory_raw(count, sizeof *mask, error);
    if (!mask)
        return WK_MEMORY;
    for (size_t i = 0; i < count; i++)
        mask[i] = 0;
    if (count == 1 && isnan(e->level[0])) /* the sign for "no background" */
        mask[0] = 1 << NO_DATA;
    wk_status status = append_plane(writer, cards, e, LEVEL, e->level, error);
    if (status == WK_OK)
        status = append_plane(writer, cards, e, MASK, mask, error);
    if (status == WK_OK)
        status = append_plane(writer, cards, e, ERROR, e->error, error);
    wk_memory_free(mask);
    return status;
}

wk_status wk_background_file_write(const char *path, const wk_background_element *elements,
                                   size_t count, int overwrite, int durable, wk_error *error)
{
    wk_fits_writer *writer;
    wk_cards cards = {0};
    if (count == 0)
        return wk_error_set(error, WK_ARGUMENT, path, "an empty list of backgrounds has no file");
    wk_status status = WK_OK;
    for (size_t i = 0; status == WK_OK && i < count; i++)
        status = check_element(&elements[i], path, error);
    if (status == WK_OK)
        status = wk_fits_create(&writer, path, overwrite, durable, error);
    if (status != WK_OK)
        return status;
    for (size_t i = 0; status == WK_OK && i < count; i++)
        status = append_element(writer, &cards, &elements[i], error);
    wk_cards_free(&cards);
    if (status == WK_OK)
        return wk_fits_finish(writer, error);
    wk_fits_abandon(writer);
    return status;
}

void wk_background_elements_free(wk_background_element *elements, size_t count)
{
    for (size_t i = 0; elements && i < count; i++) {
        wk_memory_free(elements[i].level);
        wk_memory_free(elements[i].error);
    }
    wk_memory_free(elements);
}

static wk_status read_number(const number *n, wk_fits *fits, const char *subject, wk_error *error)
{
    char text[WK_FITS_VALUE];
    double value;
    if (!wk_fits_text(text, sizeof text, fits, n->keyword)) {
        if (n->optional)
            return WK_OK;
        return wk_error_set(error, WK_HEADER, subject, "there is no keyword %s", n->keyword);
    }
    if (!wk_fits_number(&value, fits, n->keyword) || !(fabs(value) <= 2.0 * MOST) ||
        floor(value) < value)
        return wk_error_set(error, WK_HEADER, subject, "%s = \"%s\" is no whole number in range",
                            n->keyword, text);
    *n->value = (int64_t)value;
    return check_number(n, subject, WK_HEADER, error);
}

/* The keywords of the selected HDU; all three of an element have them, the first one's count. */
static wk_status read_keywords(wk_background_element *e, wk_fits *fits, const char *subject,
                               wk_error *error)
{
    char text[WK_FITS_VALUE];
    int64_t wide[5] = {0, 0, -1, 1, -1};
    number list[NUMBERS];
    wk_status status = WK_OK;
    list_numbers(list, e, wide);
    for (int i = 0; status == WK_OK && i < NUMBERS; i++)
        status = read_number(&list[i], fits, subject, error);
    if (status != WK_OK)
        return status;
    narrow(e, wide);
    e->approxweighting = 1;
    if (wk_fits_text(text, sizeof text, fits, "APPROXWEIGHTING")) {
        if (strcmp(text, "T") != 0 && strcmp(text, "F") != 0)
            return wk_error_set(error, WK_HEADER, subject, "APPROXWEIGHTING = \"%s\" is not T or F",
                                text);
        e->approxweighting = text[0] == 'T';
    }
    return WK_OK;
}

static wk_status read_plane(float *pixels, wk_fits *fits, int hdu, const wk_background_element *e,
                            wk_error *error)
{
    wk_fits_plane plane;
    wk_status status = wk_fits_plane_open(&plane, fits, hdu, e->nx, e->ny, error);
    if (status != WK_OK)
        return status;
    for (int64_t row = 0; status == WK_OK && row < e->ny; row += plane.strip) {
        int64_t rows = e->ny - row < plane.strip ? e->ny - row : plane.strip;
        status = wk_fits_read_pixels(pixels + row * e->nx, &plane, row, rows, error);
    }
    wk_fits_plane_close(&plane);
    return status;
}

static wk_status read_planes(wk_background_element *e, wk_fits *fits, int first, wk_error *error)
{
    size_t count = (size_t)(e->nx * e->ny);
    e->level = wk_memory_raw(count, sizeof *e->level, error);
    e->error = e->level ? wk_memory_raw(count, sizeof *e->error, error) : NULL;
    if (!e->error)
        return WK_MEMORY;
    wk_status status = read_plane(e->level, fits, first + LEVEL, e, error);
    return status == WK_OK ? read_plane(e->error, fits, first + ERROR, e, error) : status;
}

static int is_plane(const wk_fits_hdu *hdu)
{
    return hdu->image && hdu->axes == 2 && hdu->width > 0 && hdu->height > 0;
}

static wk_status check_planes(const wk_fits_hdu *hdus, int first, const char *path, wk_error *error)
{
    for (int i = first; i < first + PLANES; i++) {
        if (!is_plane(&hdus[i]))
            return wk_error_set(error, WK_HEADER, path,
                                "no list of backgrounds: HDU %d is no image of two axes", i);
        if (hdus[i].width != hdus[first].width || hdus[i].height != hdus[first].height)
            return wk_error_set(error, WK_HEADER, path,
                                "HDU %d has %lld x %lld bins, but HDU %d of the same background "
                                "%lld x %lld",
                                i, (long long)hdus[i].width, (long long)hdus[i].height, first,
                                (long long)hdus[first].width, (long long)hdus[first].height);
    }
    return WK_OK;
}

static wk_status read_element(wk_background_element *e, wk_fits *fits, const char *path,
                              const wk_fits_hdu *hdus, int first, wk_error *error)
{
    char subject[512];
    snprintf(subject, sizeof subject, "%.480s[%d]", path, first);
    wk_status status = check_planes(hdus, first, path, error);
    if (status == WK_OK)
        status = wk_fits_select(fits, first, error);
    if (status == WK_OK)
        status = read_keywords(e, fits, subject, error);
    if (status != WK_OK)
        return status;
    e->nx = hdus[first].width;
    e->ny = hdus[first].height;
    status = check_bins(e, subject, WK_HEADER, error);
    return status == WK_OK ? read_planes(e, fits, first, error) : status;
}

static wk_status read_list(wk_background_element **out, size_t *count, wk_fits *fits,
                           const char *path, wk_error *error)
{
    wk_fits_hdu *hdus = NULL;
    int found = 0;
    wk_status status = wk_fits_list(&hdus, &found, fits, error);
    if (status != WK_OK)
        return status;
    if (found % PLANES != 0)
        status = wk_error_set(error, WK_HEADER, path,
                              "no list of backgrounds: its %d HDUs are not three for each", found);
    size_t length = (size_t)(found / PLANES);
    wk_background_element *elements = NULL;
    if (status == WK_OK && !(elements = wk_memory_new(length, sizeof *elements, error)))
        status = WK_MEMORY;
    for (size_t i = 0; status == WK_OK && i < length; i++)
        status = read_element(&elements[i], fits, path, hdus, (int)i * PLANES, error);
    wk_memory_free(hdus);
    if (status != WK_OK) {
        wk_background_elements_free(elements, length);
        return status;
    }
    *out = elements;
    *count = length;
    return WK_OK;
}

wk_status wk_background_file_read(wk_background_element **out, size_t *count, const char *path,
                                  wk_error *error)
{
    wk_fits *fits = NULL;
    wk_status status = wk_fits_open(&fits, path, error);
    if (status != WK_OK)
        return status;
    status = read_list(out, count, fits, path, error);
    wk_fits_close(fits);
    return status;
}

int wk_background_file_is(const char *path)
{
    wk_fits *fits = NULL;
    double width, axes;
    wk_status status = wk_fits_open(&fits, path, NULL);
    if (status == WK_OK)
        status = wk_fits_select(fits, 0, NULL);
    int is = status == WK_OK && wk_fits_number(&axes, fits, "NAXIS") && axes > 0 &&
             wk_fits_number(&width, fits, "BKGD_WIDTH");
    wk_fits_close(fits);
    return status == WK_MEMORY ? -1 : is;
}
