#include "exposure.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "exposure_description.h"
#include "exposure_layout.h"
#include "fits.h"
#include "mask.h"
#include "memory.h"
#include "status.h"

/* One open file and its HDUs; path is NULL when the file plays no part. */
typedef struct wk_book {
    char *path;
    wk_fits *fits;
    wk_fits_hdu *hdus;
    int count;
} wk_book;

/* All that finding the exposures of one file needs. */
typedef struct wk_search {
    const wk_exposure_options *options;
    const char *path; /* as given, for messages */
    wk_layout layout;
    wk_noise noise;
    wk_book book[3];           /* by role: image, and mask and noise when in files of their own */
    wk_extension extension[3]; /* by role, where given */
    int given[3];              /* nonzero: extension is meant */
    wk_description primary;    /* of the image's file */
    wk_exposure **exposures;
    int *images; /* their HDUs */
    size_t count;
} wk_search;

static wk_hdu_list list_of(const wk_book *book)
{
    return (wk_hdu_list){book->hdus, book->count};
}

/* Open a file; the book takes the path over. */
static wk_status book_open(wk_book *book, char *path, wk_error *error)
{
    book->path = path;
    wk_status status = wk_fits_open(&book->fits, path, error);
    return status == WK_OK ? wk_fits_list(&book->hdus, &book->count, book->fits, error) : status;
}

static void book_close(wk_book *book)
{
    wk_fits_close(book->fits);
    wk_memory_free(book->hdus);
    wk_memory_free(book->path);
}

static wk_status check_options(const wk_exposure_options *options, wk_error *error)
{
    int noises = (options->variance_ext != NULL) + (options->error_ext != NULL) +
                 (options->weight_ext != NULL || options->weight_file != NULL);
    if (options->layout < WK_LAYOUT_AUTO || options->layout > WK_LAYOUT_DECAM)
        return wk_error_set(error, WK_ARGUMENT, "layout", "there is no layout %d",
                            (int)options->layout);
    if (noises > 1)
        return wk_error_set(error, WK_ARGUMENT, "weight_ext",
                            "only one of a variance, an error and a weight plane can be used");
    return WK_OK;
}

static wk_status read_override(wk_search *search, wk_role role, const char *text,
                               const char *option, wk_error *error)
{
    if (!text)
        return WK_OK;
    if (search->given[role])
        return wk_error_set(error, WK_ARGUMENT, search->path,
                            "the bracket and image_ext \"%s\" exclude each other", text);
    search->given[role] = 1;
    return wk_extension_read(&search->extension[role], text, strlen(text), option, error);
}

static wk_status read_overrides(wk_search *search, wk_error *error)
{
    const wk_exposure_options *options = search->options;
    const char *noise = options->variance_ext ? options->variance_ext
                        : options->error_ext  ? options->error_ext
                                              : options->weight_ext;
    wk_status status = read_override(search, WK_ROLE_IMAGE, options->image_ext, "image_ext", error);
    if (status == WK_OK)
        status = read_override(search, WK_ROLE_MASK, options->mask_ext, "mask_ext", error);
    if (status == WK_OK)
        status = read_override(search, WK_ROLE_NOISE, noise, "noise plane", error);
    return status;
}

static wk_status refuse_image(const wk_search *search, int index, wk_error *error)
{
    const wk_fits_hdu *hdu = &search->book[WK_ROLE_IMAGE].hdus[index];
    char subject[sizeof error->subject];
    snprintf(subject, sizeof subject, "%s[%d]", search->book[WK_ROLE_IMAGE].path, index);
    if (!hdu->image)
        return wk_error_set(error, WK_HEADER, subject, "is a table, not an image");
    if (hdu->axes == 0)
        return wk_error_set(error, WK_HEADER, subject, "has no pixels");
    if (hdu->axes == 1)
        return wk_error_set(error, WK_HEADER, subject,
                            "the image has one axis of %lld pixels; two axes are needed",
                            (long long)hdu->width);
    if (hdu->width == 0 || hdu->height == 0 || hdu->depth == 0)
        return wk_error_set(error, WK_HEADER, subject, "the image is empty: %lld x %lld pixels",
                            (long long)hdu->width, (long long)hdu->height);
    return wk_error_set(error, WK_HEADER, subject,
                        "the image is a cube of %lld planes; one plane is needed",
                        (long long)hdu->depth);
}

/* No image at all: say why the first that comes near is none. */
static wk_status refuse_file(const wk_search *search, wk_error *error)
{
    const wk_book *book = &search->book[WK_ROLE_IMAGE];
    if (search->layout != WK_LAYOUT_PLAIN && search->layout != WK_LAYOUT_DECAM)
        return wk_error_set(error, WK_HEADER, book->path,
                            "there is no image of the layout that was asked for");
    for (int i = 0; i < book->count; i++)
        if (book->hdus[i].image && book->hdus[i].axes > 0)
            return refuse_image(search, i, error);
    return wk_error_set(error, WK_HEADER, book->path, "there is no image in the file");
}

static wk_status pick_image(wk_search *search, wk_error *error)
{
    const wk_book *book = &search->book[WK_ROLE_IMAGE];
    int index = wk_extension_find(&search->extension[WK_ROLE_IMAGE], list_of(book));
    if (index < 0)
        return wk_extension_absent(&search->extension[WK_ROLE_IMAGE], book->path, book->count,
                                   error);
    if (!wk_hdu_is_plane(&book->hdus[index]))
        return refuse_image(search, index, error);
    search->images[search->count++] = index;
    return WK_OK;
}

/* Find the image HDUs that become exposures. */
static wk_status pick_images(wk_search *search, wk_error *error)
{
    const wk_book *book = &search->book[WK_ROLE_IMAGE];
    search->images = wk_memory_new((size_t)book->count, sizeof *search->images, error);
    if (!search->images)
        return WK_MEMORY;
    if (search->given[WK_ROLE_IMAGE])
        return pick_image(search, error);
    for (int i = 0; i < book->count; i++) {
        if (!wk_layout_is_image(search->layout, &book->hdus[i]))
            continue;
        if (!wk_hdu_is_plane(&book->hdus[i]))
            return refuse_image(search, i, error);
        search->images[search->count++] = i;
        if (search->layout == WK_LAYOUT_PLAIN)
            break;
    }
    return search->count > 0 ? WK_OK : refuse_file(search, error);
}

/* The first of path, path.fz, path.gz, and path without such an ending that exists, or NULL. */
static wk_status find_file(char **found, char *path, wk_error *error)
{
    static const char *const endings[] = {"", ".fz", ".gz"};
    size_t length = strlen(path), stem = length;
    *found = NULL;
    if (length > 3 &&
        (strcmp(path + length - 3, ".fz") == 0 || strcmp(path + length - 3, ".gz") == 0))
        stem = length - 3;
    if (access(path, F_OK) == 0) {
        *found = wk_memory_text(path, error);
        return *found ? WK_OK : WK_MEMORY;
    }
    char *name = wk_memory_new(length + 4, 1, error);
    if (!name)
        return WK_MEMORY;
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        snprintf(name, length + 4, "%.*s%s", (int)stem, path, endings[i]);
        if (access(name, F_OK) == 0) {
            *found = name;
            return WK_OK;
        }
    }
    wk_memory_free(name);
    return WK_OK;
}

static wk_status open_sibling(wk_search *search, wk_role role, char letter, wk_error *error)
{
    char *path = NULL, *found = NULL;
    wk_status status = wk_path_sibling(&path, search->book[WK_ROLE_IMAGE].path, letter, error);
    if (status == WK_OK && path)
        status = find_file(&found, path, error);
    wk_memory_free(path);
    return found ? book_open(&search->book[role], found, error) : status;
}

/* Open the files that hold mask and noise when they are not the image's. */
static wk_status open_other(wk_search *search, wk_role role, const char *file, char letter,
                            wk_error *error)
{
    if (file) {
        char *path = wk_memory_text(file, error);
        return path ? book_open(&search->book[role], path, error) : WK_MEMORY;
    }
    if (search->layout == WK_LAYOUT_DECAM)
        return open_sibling(search, role, letter, error);
    return WK_OK;
}

static wk_status open_others(wk_search *search, wk_error *error)
{
    const wk_exposure_options *options = search->options;
    if (options->no_mask)
        return WK_OK;
    wk_status status = open_other(search, WK_ROLE_MASK, options->mask_file, 'd', error);
    if (status == WK_OK && !options->variance_ext && !options->error_ext)
        status = open_other(search, WK_ROLE_NOISE, options->weight_file, 'w', error);
    return status;
}

/* The HDU that the caller's extension means for an image; a bare name prefers its EXTVER. */
static int find_given(const wk_search *search, wk_role role, const wk_book *book,
                      const wk_fits_hdu *image)
{
    wk_extension extension = search->extension[role];
    if (extension.number < 0 && extension.version == 0) {
        extension.version = image->version;
        int found = wk_extension_find(&extension, list_of(book));
        if (found >= 0)
            return found;
        extension.version = 0;
    }
    return wk_extension_find(&extension, list_of(book));
}

/* Find the mask or noise plane of an image; -1 when there is none and none was asked for. */
static wk_status find_plane(int *hdu, const wk_search *search, wk_role role, int image_hdu,
                            wk_error *error)
{
    const wk_book *home = &search->book[WK_ROLE_IMAGE];
    const wk_book *book = search->book[role].path ? &search->book[role] : home;
    const wk_fits_hdu *image = &home->hdus[image_hdu];
    const char *file =
        role == WK_ROLE_MASK ? search->options->mask_file : search->options->weight_file;
    *hdu = -1;
    if (search->options->no_mask)
        return WK_OK;
    if (search->given[role]) {
        *hdu = find_given(search, role, book, image);
        return *hdu < 0
                   ? wk_extension_absent(&search->extension[role], book->path, book->count, error)
                   : WK_OK;
    }
    *hdu = wk_layout_companion(search->layout, role, list_of(book), image, book == home);
    if (book == home && *hdu == image_hdu)
        *hdu = -1;
    if (*hdu < 0 && file)
        return wk_error_set(error, WK_HEADER, book->path, "there is no image in the file");
    return WK_OK;
}

static wk_status check_plane(const wk_search *search, wk_role role, int hdu, int image_hdu,
                             wk_error *error)
{
    const wk_book *home = &search->book[WK_ROLE_IMAGE];
    const wk_book *book = search->book[role].path ? &search->book[role] : home;
    const char *what = role == WK_ROLE_MASK ? "mask" : "noise plane";
    const wk_fits_hdu *image = &home->hdus[image_hdu], *plane = &book->hdus[hdu];
    char subject[sizeof error->subject];
    snprintf(subject, sizeof subject, "%s[%d]", book->path, hdu);
    if (!wk_hdu_is_plane(plane))
        return wk_error_set(error, WK_HEADER, subject, "the %s is no image of two axes", what);
    if (plane->width != image->width || plane->height != image->height)
        return wk_error_set(error, WK_HEADER, subject,
                            "the %s is %lld x %lld pixels, its image %lld x %lld", what,
                            (long long)plane->width, (long long)plane->height,
                            (long long)image->width, (long long)image->height);
    if (role == WK_ROLE_MASK && plane->bitpix < 0)
        return wk_error_set(error, WK_HEADER, subject,
                            "the mask has floating-point pixels; its bits must be integers");
    return WK_OK;
}

static wk_status name_bits(wk_exposure *exposure, const wk_search *search, int jwst,
                           wk_error *error)
{
    wk_exposure_header *header = &exposure->header;
    const wk_book *book = search->book[WK_ROLE_MASK].path ? &search->book[WK_ROLE_MASK]
                                                          : &search->book[WK_ROLE_IMAGE];
    wk_status status = WK_OK;
    if (jwst)
        header->planes = wk_mask_jwst(&header->plane_count);
    else {
        status = wk_fits_select(book->fits, header->mask_hdu, error);
        if (status == WK_OK)
            status =
                wk_fits_mask_planes(&exposure->planes, &header->plane_count, book->fits, error);
        header->planes = exposure->planes;
    }
    if (status != WK_OK)
        return status;
    header->bad_bits = wk_mask_default(header->layout, jwst, header->planes, header->plane_count);
    const char *text = search->options->bad_bits;
    if (!text && header->layout == WK_LAYOUT_LSST && header->plane_count > 0)
        text = search->options->lsst_bits;
    if (!text)
        return WK_OK;
    return wk_mask_bits(&header->bad_bits, text, header->layout, header->planes,
                        header->plane_count, exposure->name, error);
}

static const char *copy_text(const char *text, wk_status *status, wk_error *error)
{
    char *copy = *status == WK_OK ? wk_memory_text(text, error) : NULL;
    if (!copy)
        *status = *status == WK_OK ? WK_MEMORY : *status;
    return copy;
}

/* The texts that the exposure owns. */
static wk_status fill_texts(wk_exposure *exposure, const wk_search *search,
                            const wk_description *description, wk_error *error)
{
    wk_exposure_header *header = &exposure->header;
    const wk_book *book = search->book;
    wk_status status = WK_OK;
    size_t room = strlen(book[WK_ROLE_IMAGE].path) + 16;
    header->file = copy_text(book[WK_ROLE_IMAGE].path, &status, error);
    header->detector = copy_text(description->detector, &status, error);
    header->filter = copy_text(description->filter, &status, error);
    header->visit = copy_text(description->visit, &status, error);
    header->date = copy_text(description->date, &status, error);
    if (header->mask_hdu >= 0 && book[WK_ROLE_MASK].path)
        header->mask_file = copy_text(book[WK_ROLE_MASK].path, &status, error);
    if (header->noise_hdu >= 0 && book[WK_ROLE_NOISE].path)
        header->noise_file = copy_text(book[WK_ROLE_NOISE].path, &status, error);
    if (status == WK_OK)
        exposure->name = wk_memory_new(room, 1, error);
    if (!exposure->name)
        return WK_MEMORY;
    snprintf(exposure->name, room, "%s[%d]", header->file, header->image_hdu);
    return WK_OK;
}

static wk_status find_planes(wk_exposure_header *header, const wk_search *search, wk_error *error)
{
    wk_status status =
        find_plane(&header->mask_hdu, search, WK_ROLE_MASK, header->image_hdu, error);
    if (status == WK_OK && header->mask_hdu >= 0)
        status = check_plane(search, WK_ROLE_MASK, header->mask_hdu, header->image_hdu, error);
    header->noise_hdu = -1;
    if (status == WK_OK && search->noise != WK_NOISE_NONE)
        status = find_plane(&header->noise_hdu, search, WK_ROLE_NOISE, header->image_hdu, error);
    if (status == WK_OK && header->noise_hdu >= 0)
        status = check_plane(search, WK_ROLE_NOISE, header->noise_hdu, header->image_hdu, error);
    header->noise = header->noise_hdu >= 0 ? search->noise : WK_NOISE_NONE;
    return status;
}

/* Whether the file holds several detectors, so that each needs a name of its own; a bracket must
 * not change the name.  Of a plain file only a bracket reaches the other images. */
static int several_detectors(const wk_search *search)
{
    const wk_book *book = &search->book[WK_ROLE_IMAGE];
    int images = 0;
    if (search->layout == WK_LAYOUT_PLAIN && !search->given[WK_ROLE_IMAGE])
        return 0;
    for (int i = 0; i < book->count; i++)
        images += wk_layout_is_image(search->layout, &book->hdus[i]);
    return images > 1;
}

/* Make one exposure; what it holds so far is freed by the caller on failure. */
static wk_status fill_exposure(wk_exposure *exposure, const wk_search *search, int hdu,
                               wk_error *error)
{
    const wk_book *book = &search->book[WK_ROLE_IMAGE];
    wk_exposure_header *header = &exposure->header;
    wk_description description;
    header->image_hdu = hdu;
    header->layout = search->layout;
    header->width = book->hdus[hdu].width;
    header->height = book->hdus[hdu].height;
    header->bitpix = book->hdus[hdu].bitpix;
    wk_status status = find_planes(header, search, error);
    if (status == WK_OK)
        status = wk_description_read(&description, book->fits, hdu, error);
    if (status != WK_OK)
        return status;
    wk_description_complete(&description, &search->primary, &book->hdus[hdu], search->layout,
                            several_detectors(search));
    header->exposure_time = description.exposure_time;
    status = fill_texts(exposure, search, &description, error);
    if (status == WK_OK && header->mask_hdu >= 0)
        status = name_bits(exposure, search, description.jwst, error);
    return status;
}

static wk_status fill_exposures(wk_search *search, wk_error *error)
{
    wk_book *book = &search->book[WK_ROLE_IMAGE];
    wk_status status = wk_description_read(&search->primary, book->fits, 0, error);
    if (status == WK_OK)
        search->exposures = wk_memory_new(search->count, sizeof *search->exposures, error);
    if (status == WK_OK && !search->exposures)
        status = WK_MEMORY;
    for (size_t i = 0; status == WK_OK && i < search->count; i++) {
        search->exposures[i] = wk_memory_new(1, sizeof **search->exposures, error);
        status = search->exposures[i]
                     ? fill_exposure(search->exposures[i], search, search->images[i], error)
                     : WK_MEMORY;
    }
    return status;
}

static wk_noise noise_of(const wk_exposure_options *options, wk_layout layout)
{
    if (options->variance_ext)
        return WK_NOISE_VARIANCE;
    if (options->error_ext)
        return WK_NOISE_ERROR;
    if (options->weight_ext || options->weight_file)
        return WK_NOISE_WEIGHT;
    return wk_layout_noise(layout);
}

static wk_status run(wk_search *search, wk_error *error)
{
    const wk_exposure_options *options = search->options;
    wk_book *book = &search->book[WK_ROLE_IMAGE];
    char *file = NULL;
    wk_status status = wk_path_split(&file, &search->extension[WK_ROLE_IMAGE],
                                     &search->given[WK_ROLE_IMAGE], search->path, error);
    if (status == WK_OK)
        status = read_overrides(search, error);
    if (status != WK_OK) {
        wk_memory_free(file);
        return status;
    }
    status = book_open(book, file, error);
    if (status != WK_OK)
        return status;
    search->layout = options->layout != WK_LAYOUT_AUTO
                         ? options->layout
                         : wk_layout_detect(book->path, list_of(book));
    search->noise = noise_of(options, search->layout);
    status = open_others(search, error);
    if (status == WK_OK)
        status = pick_images(search, error);
    return status == WK_OK ? fill_exposures(search, error) : status;
}

wk_status wk_exposures_open(wk_exposure ***out, size_t *count, const char *path,
                            const wk_exposure_options *options, wk_error *error)
{
    wk_exposure_options defaults = wk_exposure_options_default();
    wk_search search;
    memset(&search, 0, sizeof search);
    search.options = options ? options : &defaults;
    search.path = path;
    wk_status status = check_options(search.options, error);
    if (status == WK_OK)
        status = run(&search, error);
    for (int role = 0; role < 3; role++)
        book_close(&search.book[role]);
    wk_memory_free(search.images);
    if (status != WK_OK) {
        wk_exposures_free(search.exposures, search.count);
        return status;
    }
    *out = search.exposures;
    *count = search.count;
    return WK_OK;
}
