#include "mask.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "status.h"

/* Planes that LSST's software always has, whether a file names them or not. */
static const char *const lsst_default[] = {
    "BAD",     "SAT",     "INTRP",     "CR",     "EDGE", "DETECTED", "DETECTED_NEGATIVE",
    "SUSPECT", "NO_DATA", "VIGNETTED", "STREAK", NULL};

static const wk_mask_plane jwst[] = {
    {"DO_NOT_USE", 0},
    {"SATURATED", 1},
    {"JUMP_DET", 2},
    {"DROPOUT", 3},
    {"OUTLIER", 4},
    {"PERSISTENCE", 5},
    {"AD_FLOOR", 6},
    {"CHARGELOSS", 7},
    {"UNRELIABLE_ERROR", 8},
    {"NON_SCIENCE", 9},
    {"DEAD", 10},
    {"HOT", 11},
    {"WARM", 12},
    {"LOW_QE", 13},
    {"RC", 14},
    {"TELEGRAPH", 15},
    {"NONLINEAR", 16},
    {"BAD_REF_PIXEL", 17},
    {"NO_FLAT_FIELD", 18},
    {"NO_GAIN_VALUE", 19},
    {"NO_LIN_CORR", 20},
    {"NO_SAT_CHECK", 21},
    {"UNRELIABLE_BIAS", 22},
    {"UNRELIABLE_DARK", 23},
    {"UNRELIABLE_SLOPE", 24},
    {"UNRELIABLE_FLAT", 25},
    {"OPEN", 26},
    {"ADJ_OPEN", 27},
    {"FLUX_ESTIMATED", 28},
    {"MSA_FAILED_OPEN", 29},
    {"OTHER_BAD_PIXEL", 30},
    {"REFERENCE_PIXEL", 31},
};

const wk_mask_plane *wk_mask_jwst(size_t *count)
{
    *count = sizeof jwst / sizeof jwst[0];
    return jwst;
}

/* The bit of a name of some length, or -1. */
static int find_bit(const char *name, size_t length, const wk_mask_plane *planes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(planes[i].name) == length && strncmp(planes[i].name, name, length) == 0)
            return planes[i].bit;
    return -1;
}

uint64_t wk_mask_known(const char *const *names, const wk_mask_plane *planes, size_t count)
{
    uint64_t bits = 0;
    for (; *names; names++) {
        int bit = find_bit(*names, strlen(*names), planes, count);
        if (bit >= 0)
            bits |= (uint64_t)1 << bit;
    }
    return bits;
}

uint64_t wk_mask_default(wk_layout layout, int jwst_flags, const wk_mask_plane *planes,
                         size_t count)
{
    static const char *const lsst_names[] = {
        "DETECTED", "DETECTED_NEGATIVE", "BAD", "SAT", "NO_DATA", "INTRP", NULL};
    static const char *const jwst_names[] = {"DO_NOT_USE", "NON_SCIENCE", NULL};
    if (jwst_flags)
        return wk_mask_known(jwst_names, planes, count);
    if (layout == WK_LAYOUT_LSST && count > 0)
        return wk_mask_known(lsst_names, planes, count);
    return ~(uint64_t)0;
}

static int is_digit(char letter)
{
    return letter >= '0' && letter <= '9';
}

static wk_status read_number(uint64_t *bits, const char *text, const char *whole, wk_error *error)
{
    int hexadecimal = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    char *end = NULL;
    errno = 0;
    unsigned long long number = strtoull(text, &end, hexadecimal ? 16 : 10);
    while (*end == ' ')
        end++;
    if (!is_digit(text[0]) || end == text || *end != '\0' || errno == ERANGE)
        return wk_error_set(error, WK_ARGUMENT, "bad_bits", "\"%s\" is not a number of 64 bits",
                            whole);
    *bits = number;
    return WK_OK;
}

static wk_status unknown_name(const char *name, size_t length, const wk_mask_plane *planes,
                              size_t count, const char *subject, wk_error *error)
{
    char known[360] = "";
    size_t used = 0;
    for (size_t i = 0; i < count && used + sizeof planes->name + 2 < sizeof known; i++)
        used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "",
                                 planes[i].name);
    if (count == 0)
        return wk_error_set(error, WK_HEADER, subject,
                            "the mask's bits have no names: \"%.*s\" must be a number", (int)length,
                            name);
    return wk_error_set(error, WK_HEADER, subject, "the mask has no plane \"%.*s\"; it has %s",
                        (int)(length < 80 ? length : 80), name, known);
}

/* Nonzero if a plane of that name may be missing: it then is set nowhere. */
static int may_lack(wk_layout layout, const char *name, size_t length)
{
    for (const char *const *known = lsst_default; layout == WK_LAYOUT_LSST && *known; known++)
        if (strlen(*known) == length && strncmp(*known, name, length) == 0)
            return 1;
    return 0;
}

wk_status wk_mask_bits(uint64_t *bits, const char *text, wk_layout layout,
                       const wk_mask_plane *planes, size_t count, const char *subject,
                       wk_error *error)
{
    const char *start = text + strspn(text, " ");
    uint64_t found = 0;
    if (*start == '~') {
        wk_status status = read_number(&found, start + 1 + strspn(start + 1, " "), text, error);
        *bits = ~found;
        return status;
    }
    if (is_digit(*start))
        return read_number(bits, start, text, error);
    while (1) {
        start += strspn(start, " ");
        size_t field = strcspn(start, ","), length = field;
        while (length > 0 && start[length - 1] == ' ')
            length--;
        if (length == 0)
            return wk_error_set(error, WK_ARGUMENT, "bad_bits", "\"%s\" has an empty name", text);
        int bit = find_bit(start, length, planes, count);
        if (bit < 0 && !(count > 0 && may_lack(layout, start, length)))
            return unknown_name(start, length, planes, count, subject, error);
        if (bit >= 0)
            found |= (uint64_t)1 << bit;
        if (start[field] == '\0')
            break;
        start += field + 1;
    }
    *bits = found;
    return WK_OK;
}
