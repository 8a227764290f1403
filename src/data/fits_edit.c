#include "fits_edit.h"

#include <string.h>

#include "fits_checksum.h"
#include "fits_structure.h"
#include "memory.h"
#include "status.h"

enum { SHORT_NAME = 8 };

typedef struct job {
    const wk_fits_plane_edit *edits;
    size_t count;
    const wk_write_options *options;
    const wk_context *context;
} job;

static int is_printable(const char *text)
{
    for (; *text; text++)
        if (*text < ' ' || *text > '~')
            return 0;
    return 1;
}

/* A name that FITS allows, and none that tells how the HDU is built. */
static int is_name(const char *name)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
    static const char *const taken[] = {"HISTORY", "COMMENT", "CONTINUE", "HIERARCH"};
    char card[WK_FITS_CARD];
    size_t length = strlen(name);
    if (length == 0 || length > WK_FITS_CARD || !is_printable(name) || strchr(name, '='))
        return 0;
    if (length > SHORT_NAME)
        return name[0] != ' ' && name[length - 1] != ' ';
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        if (strcmp(name, taken[i]) == 0)
            return 0;
    memset(card, ' ', sizeof card);
    memcpy(card, name, length);
    return strspn(name, letters) == length && !wk_card_is_layout(card);
}

static wk_status check_keywords(const wk_fits_plane_edit *edit, wk_error *error)
{
    for (size_t i = 0; i < edit->keyword_count; i++) {
        const wk_keyword *keyword = &edit->keywords[i];
        if (!keyword->name || !is_name(keyword->name))
            return wk_error_set(error, WK_ARGUMENT, "keyword",
                                "\"%.80s\" is no name of a keyword that can be set",
                                keyword->name ? keyword->name : "");
        if (keyword->comment && !is_printable(keyword->comment))
            return wk_error_set(error, WK_ARGUMENT, keyword->name,
                                "\"%.80s\" is no comment that a header card can hold",
                                keyword->comment);
    }
    return WK_OK;
}

static wk_status check_edits(const wk_fits_plane_edit *edits, size_t count, const char *input,
                             wk_error *error)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++)
            if (edits[i].hdu == edits[j].hdu)
                return wk_error_set(error, WK_ARGUMENT, input, "HDU %d is named twice",
                                    edits[i].hdu);
        wk_status status = check_keywords(&edits[i], error);
        if (status != WK_OK)
            return status;
    }
    return WK_OK;
}

static wk_status set_keywords(wk_cards *cards, const wk_fits_plane_edit *edit, int primary,
                              wk_error *error)
{
    wk_status status = WK_OK;
    for (size_t i = 0; status == WK_OK && i < edit->keyword_count; i++) {
        const wk_keyword *keyword = &edit->keywords[i];
        const char *comment = keyword->comment ? keyword->comment : "";
        if (primary && !keyword->primary)
            continue;
        status = keyword->logical ? wk_cards_set_logical(cards, keyword->name, keyword->number != 0,
                                                         comment, error)
                 : keyword->text
                     ? wk_cards_set_text(cards, keyword->name, keyword->text, comment, error)
                     : wk_cards_set_real(cards, keyword->name, keyword->number, comment, error);
    }
    return status;
}

/* The keywords of the HDU's own edit, and in the primary header those of the others'. */
static wk_status add_keywords(wk_fits_carry *carry, const job *j, const wk_fits_plane_edit *own,
                              wk_error *error)
{
    wk_status status = WK_OK;
    for (size_t i = 0; status == WK_OK && carry->hdu == 0 && i < j->count; i++)
        if (&j->edits[i] != own)
            status = set_keywords(&carry->cards, &j->edits[i], 1, error);
    if (status == WK_OK && own)
        status = set_keywords(&carry->cards, own, 0, error);
    const char *const *line = own ? j->options->cards : NULL;
    for (; status == WK_OK && line && *line; line++)
        status = wk_cards_history(&carry->cards, *line, error);
    wk_cards_remove(&carry->cards, "ZHECKSUM"); /* that of the header before compression */
    return status == WK_OK ? wk_checksum_reserve(&carry->cards, error) : status;
}

static wk_status check_image(const wk_fits_carry *carry, const wk_fits_plane_edit *edit,
                             wk_error *error)
{
    int64_t width, height;
    if (!wk_cards_is_compressed(&carry->cards) &&
        (!wk_cards_is_image(&carry->cards) || carry->data == 0))
        return wk_error_set(error, WK_HEADER, carry->subject, "the HDU holds no image");
    if (!wk_cards_image_size(&carry->cards, &width, &height))
        return wk_error_set(error, WK_HEADER, carry->subject, "the HDU holds no image of two axes");
    if (width != edit->width || height != edit->height)
        return wk_error_set(error, WK_FILE, carry->subject,
                            "has changed: it is now %lld x %lld, it was %lld x %lld",
                            (long long)width, (long long)height, (long long)edit->width,
                            (long long)edit->height);
    return WK_OK;
}

/* Bytes of a float that is changed where it stands; 0: the image becomes another one. */
static int kept_pixel(const wk_cards *cards)
{
    int64_t bitpix = 0;
    wk_cards_integer(cards, "BITPIX", &bitpix);
    if (wk_cards_is_compressed(cards) || wk_cards_is_scaled(cards) || bitpix > 0)
        return 0;
    return bitpix == -32 ? 4 : 8;
}

static wk_status keep_pixels(wk_fits_carry *carry, wk_error *error)
{
    uint32_t sum = 0;
    wk_fits_carry_data(carry);
    wk_status status = wk_fits_copy_sum(&carry->copy, 0, carry->data, &sum, error);
    return status == WK_OK ? wk_fits_carry_end(carry, carry->data, sum, error) : status;
}

static wk_status change_pixels(wk_fits_carry *carry, const wk_fits_plane_edit *edit, int pixel,
                               const wk_context *context, wk_error *error)
{
    uint32_t sum = 0;
    wk_fits_carry_data(carry);
    wk_status status = wk_fits_strip_change(&sum, carry, edit, pixel, context, error);
    if (status != WK_OK)
        return status;
    return wk_fits_carry_end(carry, edit->width * edit->height * (pixel ? pixel : 4), sum, error);
}

static wk_status change_hdu(wk_fits_carry *carry, void *payload, wk_error *error)
{
    const job *j = payload;
    const wk_fits_plane_edit *edit = NULL;
    int pixel = 0;
    for (size_t i = 0; i < j->count; i++)
        if (j->edits[i].hdu == carry->hdu)
            edit = &j->edits[i];
    wk_status status = edit ? check_image(carry, edit, error) : WK_OK;
    int change = edit && edit->change;
    if (status == WK_OK && change) {
        pixel = kept_pixel(&carry->cards);
        status = pixel ? WK_OK : wk_cards_make_plain(&carry->cards, error);
    }
    if (status == WK_OK)
        status = add_keywords(carry, j, edit, error);
    if (status != WK_OK)
        return status;
    return change ? change_pixels(carry, edit, pixel, j->context, error)
                  : keep_pixels(carry, error);
}

static int wants_primary(const job *j)
{
    for (size_t i = 0; i < j->count; i++)
        for (size_t k = 0; k < j->edits[i].keyword_count; k++)
            if (j->edits[i].keywords[k].primary)
                return 1;
    return 0;
}

wk_status wk_fits_edit_planes(const char *path, const char *input, const wk_fits_plane_edit *edits,
                              size_t count, const wk_write_options *options,
                              const wk_context *context, wk_error *error)
{
    job j = {edits, count, options, context};
    wk_status status = check_edits(edits, count, input, error);
    if (status != WK_OK)
        return status;
    int *hdus = wk_memory_new(count + 1, sizeof *hdus, error);
    if (!hdus)
        return WK_MEMORY;
    for (size_t i = 0; i < count; i++)
        hdus[i] = edits[i].hdu;
    hdus[count] = 0;
    status = wk_fits_carry_file(path, input, hdus, count + (wants_primary(&j) ? 1 : 0), change_hdu,
                                &j, options, error);
    wk_memory_free(hdus);
    return status;
}
