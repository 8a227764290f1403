#include "fits_structure.h"

#include <stdio.h>
#include <string.h>

enum { KEYWORD = 8 };

/* By the standard: |BITPIX|/8 * GCOUNT * (PCOUNT + NAXIS1 * ... * NAXISn); random groups have
 * NAXIS1 = 0, which does not count. */
int wk_cards_data_size(const wk_cards *cards, int64_t *bytes)
{
    int64_t bitpix = 0, axes = 0, extra = 0, groups = 1, pixels = 1;
    wk_cards_integer(cards, "BITPIX", &bitpix);
    wk_cards_integer(cards, "NAXIS", &axes);
    wk_cards_integer(cards, "PCOUNT", &extra);
    wk_cards_integer(cards, "GCOUNT", &groups);
    if (bitpix % 8 != 0 || bitpix < -64 || bitpix > 64 || axes < 0 || axes > 999 || extra < 0)
        return 0;
    for (int i = 1; i <= (int)axes; i++) {
        char keyword[24];
        int64_t axis = -1;
        snprintf(keyword, sizeof keyword, "NAXIS%d", i);
        wk_cards_integer(cards, keyword, &axis);
        if (i == 1 && axis == 0 && wk_cards_true(cards, "GROUPS"))
            axis = 1;
        if (axis < 0 || __builtin_mul_overflow(pixels, axis, &pixels))
            return 0;
    }
    if (axes == 0)
        pixels = 0;
    return groups >= 0 && !__builtin_add_overflow(pixels, extra, bytes) &&
           !__builtin_mul_overflow(*bytes, groups, bytes) &&
           !__builtin_mul_overflow(*bytes, (bitpix < 0 ? -bitpix : bitpix) / 8, bytes);
}

int wk_cards_is_image(const wk_cards *cards)
{
    char type[WK_FITS_CARD] = "IMAGE";
    int64_t axes = 0;
    wk_cards_text(cards, "XTENSION", type, sizeof type);
    wk_cards_integer(cards, "NAXIS", &axes);
    return strcmp(type, "IMAGE") == 0 && axes > 0 && !wk_cards_true(cards, "GROUPS");
}

int wk_cards_is_compressed(const wk_cards *cards)
{
    char type[WK_FITS_CARD] = "";
    wk_cards_text(cards, "XTENSION", type, sizeof type);
    return strcmp(type, "BINTABLE") == 0 && wk_cards_true(cards, "ZIMAGE");
}

int wk_cards_is_scaled(const wk_cards *cards)
{
    double zero = 0, scale = 1;
    int bad =
        wk_cards_real(cards, "BSCALE", &scale) < 0 || wk_cards_real(cards, "BZERO", &zero) < 0;
    return bad || scale < 1 || scale > 1 || zero < 0 || zero > 0;
}

/* The length of an axis, from 1 on; 0 if it is absent or makes no sense. */
static int64_t axis_length(const wk_cards *cards, int i)
{
    char keyword[24];
    int64_t length = 0;
    snprintf(keyword, sizeof keyword, "%sNAXIS%d", wk_cards_is_compressed(cards) ? "Z" : "", i);
    return wk_cards_integer(cards, keyword, &length) == 1 && length > 0 ? length : 0;
}

static int64_t axis_count(const wk_cards *cards)
{
    int64_t axes = 0;
    wk_cards_integer(cards, wk_cards_is_compressed(cards) ? "ZNAXIS" : "NAXIS", &axes);
    return axes;
}

int wk_cards_image_size(const wk_cards *cards, int64_t *width, int64_t *height)
{
    int64_t axes = axis_count(cards);
    *width = axis_length(cards, 1);
    *height = axis_length(cards, 2);
    if (axes < 2 || axes > 999 || *width == 0 || *height == 0)
        return 0;
    for (int i = 3; i <= (int)axes; i++)
        if (axis_length(cards, i) != 1)
            return 0;
    return 1;
}

/* Nonzero if the card's keyword is one of the names; a '#' at a name's end stands for a number of
 * one digit or more. */
static int is_one_of(const char *card, const char *const *names)
{
    size_t length = 0;
    while (length < KEYWORD && card[length] != ' ')
        length++;
    for (; *names; names++) {
        size_t stem = strcspn(*names, "#");
        if (length < stem || memcmp(card, *names, stem) != 0)
            continue;
        size_t digits = 0;
        while (stem + digits < length && card[stem + digits] >= '0' && card[stem + digits] <= '9')
            digits++;
        if (stem + digits == length && ((*names)[stem] == '#') == (digits > 0))
            return 1;
    }
    return 0;
}

static int is_scaling(const char *card)
{
    static const char *const names[] = {"BSCALE", "BZERO", "BLANK", NULL};
    return is_one_of(card, names);
}

static int is_array(const char *card)
{
    static const char *const names[] = {"SIMPLE", "XTENSION", "BITPIX", "NAXIS",  "NAXIS#",
                                        "PCOUNT", "GCOUNT",   "EXTEND", "GROUPS", NULL};
    return is_one_of(card, names);
}

static int is_table(const char *card)
{
    static const char *const names[] = {"TFIELDS", "TTYPE#", "TFORM#", "TUNIT#", "TNULL#", "TSCAL#",
                                        "TZERO#",  "TDISP#", "TDIM#",  "TBCOL#", "THEAP",  NULL};
    return is_one_of(card, names);
}

static int is_compression(const char *card)
{
    static const char *const names[] = {"ZIMAGE",   "ZCMPTYPE", "ZBITPIX", "ZNAXIS",   "ZNAXIS#",
                                        "ZTILE#",   "ZNAME#",   "ZVAL#",   "ZQUANTIZ", "ZDITHER0",
                                        "ZBLANK",   "ZSCALE",   "ZZERO",   "ZMASKCMP", "ZSIMPLE",
                                        "ZTENSION", "ZEXTEND",  "ZPCOUNT", "ZGCOUNT",  "ZHECKSUM",
                                        "ZDATASUM", "ZBLOCKED", NULL};
    return is_one_of(card, names);
}

/* CFITSIO's own word for an image without a name. */
static int is_unnamed(const char *card)
{
    return memcmp(card, "EXTNAME = 'COMPRESSED_IMAGE'", 28) == 0;
}

int wk_card_is_layout(const char *card)
{
    static const char *const names[] = {"CHECKSUM", "DATASUM", "END", NULL};
    return is_array(card) || is_scaling(card) || is_table(card) || is_compression(card) ||
           is_one_of(card, names);
}

int wk_card_is_storage(const char *card)
{
    static const char *const names[] = {"EXTNAME", "EXTVER",  "EXTLEVEL", "EXTTYPE",
                                        "INHERIT", "DATAMIN", "DATAMAX",  NULL};
    return wk_card_is_layout(card) || is_one_of(card, names);
}

static int goes(const char *card, int compressed)
{
    return is_scaling(card) || (compressed && (is_array(card) || is_table(card) ||
                                               is_compression(card) || is_unnamed(card)));
}

/* The cards that begin an image extension of the same axes. */
static wk_status begin_extension(wk_cards *plain, const wk_cards *cards, wk_error *error)
{
    int axes = (int)axis_count(cards);
    wk_status status = wk_cards_set_text(plain, "XTENSION", "IMAGE", "image", error);
    if (status == WK_OK)
        status = wk_cards_set_integer(plain, "BITPIX", -32, "bits of a pixel", error);
    if (status == WK_OK)
        status = wk_cards_set_integer(plain, "NAXIS", axes, "axes", error);
    for (int i = 1; status == WK_OK && i <= axes; i++) {
        char keyword[24];
        snprintf(keyword, sizeof keyword, "NAXIS%d", i);
        status = wk_cards_set_integer(plain, keyword, axis_length(cards, i), "length", error);
    }
    if (status == WK_OK)
        status = wk_cards_set_integer(plain, "PCOUNT", 0, "no parameters", error);
    if (status == WK_OK)
        status = wk_cards_set_integer(plain, "GCOUNT", 1, "one group", error);
    return status;
}

wk_status wk_cards_make_plain(wk_cards *cards, wk_error *error)
{
    wk_cards plain = {0};
    int compressed = wk_cards_is_compressed(cards);
    int gone = 0;
    wk_status status = compressed ? begin_extension(&plain, cards, error) : WK_OK;
    for (size_t i = 0; status == WK_OK && i < cards->count; i++) {
        const char *card = cards->text + i * WK_FITS_CARD;
        if (memcmp(card, "CONTINUE", KEYWORD) != 0)
            gone = goes(card, compressed);
        if (!gone)
            status = wk_cards_append(&plain, card, error);
    }
    if (status == WK_OK)
        status = wk_cards_set_integer(&plain, "BITPIX", -32, "bits of a pixel", error);
    if (status == WK_OK) {
        wk_cards_free(cards);
        *cards = plain;
    } else {
        wk_cards_free(&plain);
    }
    return status;
}
