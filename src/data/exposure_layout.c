#include "exposure_layout.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "memory.h"
#include "status.h"

/* Names of the planes by layout and role. */
static const char *const role_names[][3] = {
    [WK_LAYOUT_STSCI] = {"SCI", "DQ", "ERR"},
    [WK_LAYOUT_LSST] = {"IMAGE", "MASK", "VARIANCE"},
    [WK_LAYOUT_DES] = {"SCI", "MSK", "WGT"},
    [WK_LAYOUT_DECAM] = {NULL, NULL, NULL},
};

static int is_name_letter(char letter)
{
    return (letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z') ||
           (letter >= '0' && letter <= '9') || letter == '_' || letter == '-' || letter == '.' ||
           letter == ' ' || letter == '+';
}

/* A whole number of at most 9 digits, or -1. */
static int read_count(const char *text, size_t length)
{
    int number = 0;
    if (length == 0 || length > 9)
        return -1;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        number = 10 * number + (text[i] - '0');
    }
    return number;
}

static void trim(const char **text, size_t *length)
{
    while (*length > 0 && **text == ' ') {
        (*text)++;
        (*length)--;
    }
    while (*length > 0 && (*text)[*length - 1] == ' ')
        (*length)--;
}

static int read_name(wk_extension *out, const char *text, size_t length)
{
    trim(&text, &length);
    if (length == 0 || length >= sizeof out->name || *text == '-' || *text == '+')
        return 0;
    for (size_t i = 0; i < length; i++)
        if (!is_name_letter(text[i]))
            return 0;
    memcpy(out->name, text, length);
    out->name[length] = '\0';
    return 1;
}

static int read_version(wk_extension *out, const char *text, size_t length)
{
    trim(&text, &length);
    out->version = read_count(text, length);
    return out->version > 0;
}

wk_status wk_extension_read(wk_extension *out, const char *text, size_t length, const char *subject,
                            wk_error *error)
{
    const char *whole = text;
    size_t whole_length = length;
    memset(out, 0, sizeof *out);
    trim(&text, &length);
    out->number = read_count(text, length);
    if (out->number >= 0)
        return WK_OK;
    const char *comma = memchr(text, ',', length);
    size_t name = comma ? (size_t)(comma - text) : length;
    if (read_name(out, text, name) && (!comma || read_version(out, comma + 1, length - name - 1)))
        return WK_OK;
    return wk_error_set(error, WK_ARGUMENT, subject,
                        "\"%.*s\" is not an extension: give a number, NAME or NAME,EXTVER",
                        (int)(whole_length < 200 ? whole_length : 200), whole);
}

int wk_extension_find(const wk_extension *extension, wk_hdu_list list)
{
    if (extension->number >= 0)
        return extension->number < list.count ? extension->number : -1;
    for (int i = 0; i < list.count; i++)
        if (strcasecmp(list.hdus[i].name, extension->name) == 0 &&
            (extension->version == 0 || list.hdus[i].version == extension->version))
            return i;
    return -1;
}

wk_status wk_extension_absent(const wk_extension *extension, const char *path, int count,
                              wk_error *error)
{
    if (extension->number >= 0)
        return wk_error_set(error, WK_HEADER, path, "there is no HDU %d; the last one is %d",
                            extension->number, count - 1);
    if (extension->version > 0)
        return wk_error_set(error, WK_HEADER, path, "there is no extension %s,%d", extension->name,
                            extension->version);
    return wk_error_set(error, WK_HEADER, path, "there is no extension %s", extension->name);
}

wk_status wk_path_split(char **file, wk_extension *extension, int *bracketed, const char *path,
                        wk_error *error)
{
    size_t length = strlen(path);
    const char *bracket = NULL;
    *bracketed = length > 0 && path[length - 1] == ']';
    if (*bracketed) {
        bracket = strrchr(path, '[');
        if (!bracket || bracket == path)
            return wk_error_set(error, WK_ARGUMENT, path, "the bracket has no file before it");
        size_t inside = (size_t)(path + length - 1 - (bracket + 1));
        wk_status status = wk_extension_read(extension, bracket + 1, inside, path, error);
        if (status != WK_OK)
            return status;
        if (bracket[-1] == ']')
            return wk_error_set(error, WK_ARGUMENT, path, "more than one bracket");
    }
    char *copy = wk_memory_text(path, error);
    if (!copy)
        return WK_MEMORY;
    if (bracket)
        copy[bracket - path] = '\0';
    *file = copy;
    return WK_OK;
}

static const char *find_ooi(const char *path)
{
    const char *slash = strrchr(path, '/');
    return strstr(slash ? slash : path, "_ooi_");
}

wk_status wk_path_sibling(char **out, const char *path, char letter, wk_error *error)
{
    const char *mark = find_ooi(path);
    *out = NULL;
    if (!mark)
        return WK_OK;
    *out = wk_memory_text(path, error);
    if (!*out)
        return WK_MEMORY;
    (*out)[mark - path + 3] = letter;
    return WK_OK;
}

int wk_hdu_is_plane(const wk_fits_hdu *hdu)
{
    return hdu->image && hdu->axes >= 2 && hdu->width > 0 && hdu->height > 0 && hdu->depth == 1;
}

/* Nonzero: an HDU with pixels that bears the role's name. */
static int has_role(wk_layout layout, wk_role role, const wk_fits_hdu *hdu)
{
    const char *name = role_names[layout][role];
    if (!name || !hdu->image || hdu->axes == 0)
        return 0;
    return strcasecmp(hdu->name, name) == 0 ||
           (layout == WK_LAYOUT_LSST && strcasecmp(hdu->type, name) == 0);
}

static int role_present(wk_layout layout, wk_role role, wk_hdu_list list)
{
    for (int i = 0; i < list.count; i++)
        if (has_role(layout, role, &list.hdus[i]))
            return 1;
    return 0;
}

static int image_with_plane(wk_layout layout, wk_hdu_list list)
{
    return role_present(layout, WK_ROLE_IMAGE, list) &&
           (role_present(layout, WK_ROLE_MASK, list) || role_present(layout, WK_ROLE_NOISE, list));
}

wk_layout wk_layout_detect(const char *path, wk_hdu_list list)
{
    if (image_with_plane(WK_LAYOUT_LSST, list))
        return WK_LAYOUT_LSST;
    if (image_with_plane(WK_LAYOUT_DES, list))
        return WK_LAYOUT_DES;
    if (role_present(WK_LAYOUT_STSCI, WK_ROLE_IMAGE, list))
        return WK_LAYOUT_STSCI;
    if (find_ooi(path))
        return WK_LAYOUT_DECAM;
    return WK_LAYOUT_PLAIN;
}

int wk_layout_is_image(wk_layout layout, const wk_fits_hdu *hdu)
{
    if (layout == WK_LAYOUT_PLAIN || layout == WK_LAYOUT_DECAM)
        return wk_hdu_is_plane(hdu);
    return has_role(layout, WK_ROLE_IMAGE, hdu);
}

wk_noise wk_layout_noise(wk_layout layout)
{
    switch (layout) {
    case WK_LAYOUT_STSCI:
        return WK_NOISE_ERROR;
    case WK_LAYOUT_LSST:
        return WK_NOISE_VARIANCE;
    case WK_LAYOUT_DES:
    case WK_LAYOUT_DECAM:
        return WK_NOISE_WEIGHT;
    case WK_LAYOUT_AUTO:
    case WK_LAYOUT_PLAIN:
        break;
    }
    return WK_NOISE_NONE;
}

static int find_role(wk_layout layout, wk_role role, wk_hdu_list list, const wk_fits_hdu *image)
{
    if (layout == WK_LAYOUT_PLAIN)
        return -1;
    for (int i = 0; i < list.count; i++)
        if (has_role(layout, role, &list.hdus[i]) && list.hdus[i].version == image->version)
            return i;
    return -1;
}

/* An image of the same name, and of the same EXTVER if need be. */
static int find_namesake(wk_hdu_list list, const wk_fits_hdu *image, int same_version)
{
    for (int i = 0; image->name[0] && i < list.count; i++)
        if (list.hdus[i].image && list.hdus[i].axes > 0 &&
            strcasecmp(list.hdus[i].name, image->name) == 0 &&
            (!same_version || list.hdus[i].version == image->version))
            return i;
    return -1;
}

static int find_first(wk_hdu_list list)
{
    for (int i = 0; i < list.count; i++)
        if (list.hdus[i].image && list.hdus[i].axes > 0)
            return i;
    return -1;
}

int wk_layout_companion(wk_layout layout, wk_role role, wk_hdu_list list, const wk_fits_hdu *image,
                        int own)
{
    int found = find_role(layout, role, list, image);
    if (own || found >= 0)
        return found;
    found = find_namesake(list, image, 1);
    if (found < 0)
        found = find_namesake(list, image, 0);
    if (found < 0 && !(layout == WK_LAYOUT_DECAM && image->name[0]))
        found = find_first(list);
    return found;
}
