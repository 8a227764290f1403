#include "fits_subtract.h"

#include <math.h>
#include <string.h>

#include "fits_carry.h"
#include "fits_checksum.h"
#include "fits_structure.h"
#include "fits_table.h"
#include "fits_tile.h"
#include "memory.h"
#include "status.h"

enum { METHOD_MOST = 60 };

typedef struct job {
    const wk_fits_edit *edits;
    size_t count;
    const wk_write_options *options;
} job;

static wk_status check_edits(const wk_fits_edit *edits, size_t count, const char *input,
                             wk_error *error)
{
    for (size_t i = 0; i < count; i++) {
        if (edits[i].valid && !isfinite(edits[i].level))
            return wk_error_set(error, WK_ARGUMENT, input, "the level %g of HDU %d is not finite",
                                edits[i].level, edits[i].hdu);
        for (size_t j = 0; j < i; j++)
            if (edits[i].hdu == edits[j].hdu)
                return wk_error_set(error, WK_ARGUMENT, input, "HDU %d is named twice",
                                    edits[i].hdu);
    }
    return WK_OK;
}

static wk_status check_method(const char *method, wk_error *error)
{
    if (method && strlen(method) > METHOD_MOST)
        return wk_error_set(error, WK_ARGUMENT, "method", "\"%.80s\" has more than %d characters",
                            method, METHOD_MOST);
    return WK_OK;
}

static const wk_fits_edit *find_edit(const job *j, int hdu)
{
    for (size_t i = 0; i < j->count; i++)
        if (j->edits[i].valid && j->edits[i].hdu == hdu)
            return &j->edits[i];
    return NULL;
}

static wk_status add_keywords(wk_cards *cards, const wk_write_options *options,
                              const wk_fits_edit *edit, wk_error *error)
{
    wk_status status = wk_cards_set_text(cards, "BKGMETH", options->method ? options->method : "",
                                         "how the background level was found", error);
    if (status == WK_OK)
        status = wk_cards_set_real(cards, "BKGLEVEL", edit->level, "background level", error);
    if (status == WK_OK)
        status = wk_cards_set_logical(cards, "BKGSUB", options->subtract,
                                      "has the level been subtracted?", error);
    for (const char *const *line = options->cards; status == WK_OK && line && *line; line++)
        status = wk_cards_history(cards, *line, error);
    wk_cards_remove(cards, "ZHECKSUM");
    if (options->subtract)
        wk_cards_remove(cards, "ZDATASUM");
    return status == WK_OK ? wk_checksum_reserve(cards, error) : status;
}

static wk_status check_packing(const wk_fits_carry *carry, double zero, wk_error *error)
{
    char method[WK_FITS_CARD] = "";
    wk_fits_table table;
    wk_cards_text(&carry->cards, "ZCMPTYPE", method, sizeof method);
    if (strcmp(method, "PLIO_1") == 0 && zero > 0)
        return wk_error_set(error, WK_HEADER, carry->subject,
                            "a level cannot be taken off unsigned integers packed by PLIO_1");
    wk_status status = wk_fits_table_open(&table, &carry->cards, carry->subject, error);
    if (status == WK_OK && wk_fits_table_find(&table, "ZZERO") >= 0)
        status = wk_error_set(error, WK_HEADER, carry->subject,
                              "integer pixels with a ZZERO column cannot be changed");
    wk_fits_table_free(&table);
    return status;
}

/* The stored numbers stay, their zero point moves.  One so large that its own last digit is more
 * than a thousandth of the numbers' step cannot carry the level: that of unsigned 64-bit integers.
 * With 2^31, of unsigned 32-bit ones, the level is off by 2.4e-7 at most. */
static wk_status move_zero(wk_fits_carry *carry, double level, int compressed, wk_error *error)
{
    double zero = 0, scale = 1;
    int scaled = wk_cards_real(&carry->cards, "BSCALE", &scale);
    if (scaled < 0 || wk_cards_real(&carry->cards, "BZERO", &zero) < 0)
        return wk_error_set(error, WK_HEADER, carry->subject, "BSCALE or BZERO is no number");
    wk_status status = compressed ? check_packing(carry, zero, error) : WK_OK;
    if (status != WK_OK)
        return status;
    if (fabs(zero - (zero - level) - level) > 1e-3 * fabs(scale))
        return wk_error_set(error, WK_HEADER, carry->subject,
                            "the level %.17g is lost in the last digits of BZERO = %.17g", level,
                            zero);
    if (scaled == 0)
        status =
            wk_cards_set_real(&carry->cards, "BSCALE", 1, "factor of the stored numbers", error);
    if (status != WK_OK)
        return status;
    return wk_cards_set_real(&carry->cards, "BZERO", zero - level,
                             "zero point of the stored numbers", error);
}

typedef enum action { KEEP, SUBTRACT, TILES } action;

/* Decide what happens to the data unit, and set the keywords that must be known before it. */
static wk_status plan(wk_fits_carry *carry, int subtract, double level, action *act,
                      wk_error *error)
{
    int64_t bitpix = 0;
    int compressed = wk_cards_is_compressed(&carry->cards);
    *act = KEEP;
    if (!compressed && (!wk_cards_is_image(&carry->cards) || carry->data == 0))
        return wk_error_set(error, WK_HEADER, carry->subject, "the HDU holds no image");
    wk_cards_integer(&carry->cards, compressed ? "ZBITPIX" : "BITPIX", &bitpix);
    if (!subtract)
        return WK_OK;
    if (bitpix > 0 || (!compressed && wk_cards_is_scaled(&carry->cards)))
        return move_zero(carry, level, compressed, error);
    *act = compressed ? TILES : SUBTRACT;
    return WK_OK;
}

static wk_status carry_data(wk_fits_carry *carry, action act, double level, wk_error *error)
{
    int64_t bitpix = 0;
    int64_t bytes = carry->data;
    uint32_t sum = 0;
    wk_status status;
    wk_cards_integer(&carry->cards, "BITPIX", &bitpix);
    if (act == KEEP)
        status = wk_fits_copy_sum(&carry->copy, 0, bytes, &sum, error);
    else if (act == SUBTRACT)
        status =
            wk_fits_copy_subtract(&carry->copy, bytes, bitpix == -32 ? 4 : 8, level, &sum, error);
    else
        status = wk_fits_tile_subtract(&carry->copy, &carry->cards, level, &bytes, &sum, error);
    return status == WK_OK ? wk_fits_carry_end(carry, bytes, sum, error) : status;
}

static wk_status change_hdu(wk_fits_carry *carry, void *payload, wk_error *error)
{
    const job *j = payload;
    const wk_fits_edit *edit = find_edit(j, carry->hdu);
    action act;
    if (!edit)
        return wk_fits_carry_same(carry, error);
    wk_status status = plan(carry, j->options->subtract, edit->level, &act, error);
    if (status == WK_OK)
        status = add_keywords(&carry->cards, j->options, edit, error);
    if (status != WK_OK)
        return status;
    wk_fits_carry_data(carry);
    return carry_data(carry, act, edit->level, error);
}

wk_status wk_fits_subtract(const char *path, const char *input, const wk_fits_edit *edits,
                           size_t count, const wk_write_options *options, wk_error *error)
{
    job j = {edits, count, options};
    wk_status status = check_edits(edits, count, input, error);
    if (status == WK_OK)
        status = check_method(options->method, error);
    if (status != WK_OK)
        return status;
    int *hdus = wk_memory_new(count, sizeof *hdus, error);
    if (!hdus)
        return WK_MEMORY;
    for (size_t i = 0; i < count; i++)
        hdus[i] = edits[i].hdu;
    status = wk_fits_carry_file(path, input, hdus, count, change_hdu, &j, options, error);
    wk_memory_free(hdus);
    return status;
}
