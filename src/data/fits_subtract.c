#include "fits_subtract.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fits_card.h"
#include "fits_checksum.h"
#include "fits_copy.h"
#include "fits_gzip.h"
#include "fits_table.h"
#include "fits_tile.h"
#include "memory.h"
#include "output.h"
#include "status.h"

enum { METHOD_MOST = 60 };

typedef struct job {
    const wk_fits_edit *edits;
    size_t count;
    const wk_write_options *options;
    wk_fits_copy copy;
    wk_cards cards; /* of the HDU at hand */
    int64_t data;   /* bytes of its data unit, without padding */
    int hdu;
    char subject[512]; /* names it in messages */
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

static const wk_fits_edit *find_edit(const job *j)
{
    for (size_t i = 0; i < j->count; i++)
        if (j->edits[i].valid && j->edits[i].hdu == j->hdu)
            return &j->edits[i];
    return NULL;
}

static wk_status not_fits(const job *j, wk_error *error)
{
    return wk_error_set(error, WK_FILE, j->copy.name, "HDU %d has a header without END", j->hdu);
}

/* Take over the cards of one block; *ended is set by END. */
static wk_status read_block(job *j, int64_t place, int *ended, wk_error *error)
{
    char block[WK_FITS_BLOCK];
    if (place + WK_FITS_BLOCK > j->copy.size)
        return not_fits(j, error);
    wk_status status = wk_fits_copy_read(&j->copy, place, block, sizeof block, error);
    for (int i = 0; status == WK_OK && i < WK_FITS_BLOCK; i += WK_FITS_CARD) {
        *ended = memcmp(block + i, "END     ", 8) == 0;
        if (*ended)
            break;
        status = wk_cards_append(&j->cards, block + i, error);
    }
    return status;
}

/* Nonzero if another HDU starts here; what else follows the last one is no HDU. */
static int starts_hdu(const job *j)
{
    char start[9] = "";
    if (j->copy.size - j->copy.from < WK_FITS_BLOCK ||
        wk_fits_copy_read(&j->copy, j->copy.from, start, 8, NULL) != WK_OK)
        return 0;
    return strcmp(start, j->hdu == 0 ? "SIMPLE  " : "XTENSION") == 0;
}

/* *header is its size in the input. */
static wk_status read_header(job *j, int64_t *header, wk_error *error)
{
    int ended = 0;
    wk_status status = WK_OK;
    j->cards.count = 0;
    for (*header = 0; status == WK_OK && !ended; *header += WK_FITS_BLOCK)
        status = read_block(j, j->copy.from + *header, &ended, error);
    return status;
}

/* The data unit's size by the standard: |BITPIX|/8 * GCOUNT * (PCOUNT + NAXIS1 * ... * NAXISn);
 * random groups have NAXIS1 = 0, which does not count. */
static int data_size(const wk_cards *cards, int64_t *bytes)
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

static int is_image(const wk_cards *cards)
{
    char type[WK_FITS_CARD] = "IMAGE";
    int64_t axes = 0;
    wk_cards_text(cards, "XTENSION", type, sizeof type);
    wk_cards_integer(cards, "NAXIS", &axes);
    return strcmp(type, "IMAGE") == 0 && axes > 0 && !wk_cards_true(cards, "GROUPS");
}

static int is_compressed(const wk_cards *cards)
{
    char type[WK_FITS_CARD] = "";
    wk_cards_text(cards, "XTENSION", type, sizeof type);
    return strcmp(type, "BINTABLE") == 0 && wk_cards_true(cards, "ZIMAGE");
}

static wk_status add_keywords(job *j, const wk_fits_edit *edit, wk_error *error)
{
    const wk_write_options *options = j->options;
    wk_cards *cards = &j->cards;
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

static wk_status check_packing(const job *j, double zero, wk_error *error)
{
    char method[WK_FITS_CARD] = "";
    wk_fits_table table;
    wk_cards_text(&j->cards, "ZCMPTYPE", method, sizeof method);
    if (strcmp(method, "PLIO_1") == 0 && zero > 0)
        return wk_error_set(error, WK_HEADER, j->subject,
                            "a level cannot be taken off unsigned integers packed by PLIO_1");
    wk_status status = wk_fits_table_open(&table, &j->cards, j->subject, error);
    if (status == WK_OK && wk_fits_table_find(&table, "ZZERO") >= 0)
        status = wk_error_set(error, WK_HEADER, j->subject,
                              "integer pixels with a ZZERO column cannot be changed");
    wk_fits_table_free(&table);
    return status;
}

/* The stored numbers stay, their zero point moves.  One so large that its own last digit is more
 * than a thousandth of the numbers' step cannot carry the level: that of unsigned 64-bit integers.
 * With 2^31, of unsigned 32-bit ones, the level is off by 2.4e-7 at most. */
static wk_status move_zero(job *j, double level, int compressed, wk_error *error)
{
    double zero = 0, scale = 1;
    int scaled = wk_cards_real(&j->cards, "BSCALE", &scale);
    if (scaled < 0 || wk_cards_real(&j->cards, "BZERO", &zero) < 0)
        return wk_error_set(error, WK_HEADER, j->subject, "BSCALE or BZERO is no number");
    wk_status status = compressed ? check_packing(j, zero, error) : WK_OK;
    if (status != WK_OK)
        return status;
    if (fabs(zero - (zero - level) - level) > 1e-3 * fabs(scale))
        return wk_error_set(error, WK_HEADER, j->subject,
                            "the level %.17g is lost in the last digits of BZERO = %.17g", level,
                            zero);
    if (scaled == 0)
        status = wk_cards_set_real(&j->cards, "BSCALE", 1, "factor of the stored numbers", error);
    if (status != WK_OK)
        return status;
    return wk_cards_set_real(&j->cards, "BZERO", zero - level, "zero point of the stored numbers",
                             error);
}

typedef enum action { KEEP, SUBTRACT, TILES } action;

static int is_scaled(const wk_cards *cards)
{
    double zero = 0, scale = 1;
    int bad =
        wk_cards_real(cards, "BSCALE", &scale) < 0 || wk_cards_real(cards, "BZERO", &zero) < 0;
    return bad || scale < 1 || scale > 1 || zero < 0 || zero > 0;
}

/* Decide what happens to the data unit, and set the keywords that must be known before it. */
static wk_status plan(job *j, const wk_fits_edit *edit, action *act, wk_error *error)
{
    int64_t bitpix = 0;
    int compressed = is_compressed(&j->cards);
    *act = KEEP;
    if (!compressed && (!is_image(&j->cards) || j->data == 0))
        return wk_error_set(error, WK_HEADER, j->subject, "the HDU holds no image");
    wk_cards_integer(&j->cards, compressed ? "ZBITPIX" : "BITPIX", &bitpix);
    if (!j->options->subtract)
        return WK_OK;
    if (bitpix > 0 || (!compressed && is_scaled(&j->cards)))
        return move_zero(j, edit->level, compressed, error);
    *act = compressed ? TILES : SUBTRACT;
    return WK_OK;
}

static wk_status carry_data(job *j, action act, double level, uint32_t *sum, wk_error *error)
{
    int64_t bitpix = 0;
    int64_t bytes = j->data;
    int64_t end = j->copy.from + j->data;
    wk_status status;
    wk_cards_integer(&j->cards, "BITPIX", &bitpix);
    if (act == KEEP)
        status = wk_fits_copy_sum(&j->copy, 0, bytes, sum, error);
    else if (act == SUBTRACT)
        status = wk_fits_copy_subtract(&j->copy, bytes, bitpix == -32 ? 4 : 8, level, sum, error);
    else
        status = wk_fits_tile_subtract(&j->copy, &j->cards, level, &bytes, sum, error);
    if (status != WK_OK)
        return status;
    j->copy.from = end;
    return wk_fits_copy_padding(&j->copy, j->data, bytes, sum, error);
}

/* The header goes last, when the data's sum is known; its size is known before. */
static wk_status write_header(job *j, int64_t place, uint32_t sum, wk_error *error)
{
    size_t size = wk_cards_size(&j->cards);
    char *header = wk_memory_raw(size, 1, error);
    if (!header)
        return WK_MEMORY;
    wk_status status = wk_checksum_header(&j->cards, sum, header, error);
    if (status == WK_OK)
        status = wk_output_write_at(j->copy.output, place, header, size, error);
    wk_memory_free(header);
    return status;
}

static wk_status change_hdu(job *j, const wk_fits_edit *edit, int64_t header, wk_error *error)
{
    action act;
    uint32_t sum = 0;
    int64_t place = j->copy.to;
    wk_status status = plan(j, edit, &act, error);
    if (status == WK_OK)
        status = add_keywords(j, edit, error);
    if (status != WK_OK)
        return status;
    j->copy.from += header;
    j->copy.to += (int64_t)wk_cards_size(&j->cards);
    status = carry_data(j, act, edit->level, &sum, error);
    return status == WK_OK ? write_header(j, place, sum, error) : status;
}

static wk_status carry_hdu(job *j, wk_error *error)
{
    const wk_fits_edit *edit = find_edit(j);
    int64_t header;
    snprintf(j->subject, sizeof j->subject, "%.480s[%d]", j->copy.name, j->hdu);
    wk_status status = read_header(j, &header, error);
    if (status != WK_OK)
        return status;
    int64_t rest = j->copy.size - j->copy.from - header;
    if (!data_size(&j->cards, &j->data))
        return wk_error_set(error, WK_HEADER, j->subject, "BITPIX or an axis makes no sense");
    if (j->data > rest)
        return wk_error_set(error, WK_FILE, j->subject,
                            "the file is truncated: %lld bytes of data, where %lld should be",
                            (long long)rest, (long long)j->data);
    if (edit)
        return change_hdu(j, edit, header, error);
    int64_t padded = (j->data + WK_FITS_BLOCK - 1) / WK_FITS_BLOCK * WK_FITS_BLOCK;
    return wk_fits_copy_plain(&j->copy, header + (padded < rest ? padded : rest), error);
}

static wk_status check_found(const job *j, wk_error *error)
{
    if (j->hdu == 0)
        return wk_error_set(error, WK_FILE, j->copy.name, "the file is not FITS");
    for (size_t i = 0; i < j->count; i++)
        if (j->edits[i].hdu < 0 || j->edits[i].hdu >= j->hdu)
            return wk_error_set(error, WK_HEADER, j->copy.name,
                                "there is no HDU %d, the file has %d", j->edits[i].hdu, j->hdu);
    return WK_OK;
}

static wk_status carry_file(job *j, wk_error *error)
{
    wk_status status = wk_fits_copy_begin(&j->copy, error);
    for (; status == WK_OK && starts_hdu(j); j->hdu++)
        status = carry_hdu(j, error);
    if (status == WK_OK)
        status = check_found(j, error);
    if (status == WK_OK)
        status = wk_fits_copy_plain(&j->copy, j->copy.size - j->copy.from, error);
    wk_fits_copy_end(&j->copy);
    wk_cards_free(&j->cards);
    return status;
}

static int ends_gz(const char *path)
{
    size_t length = strlen(path);
    return length > 3 && strcmp(path + length - 3, ".gz") == 0;
}

/* From an open, unpacked input to the open output, packed if its name says so. */
static wk_status write_output(job *j, wk_output *output, wk_error *error)
{
    struct stat input;
    wk_output plain = {0};
    if (fstat(j->copy.input, &input) != 0)
        return wk_output_failed(j->copy.name, "read", errno, error);
    j->copy.size = input.st_size;
    j->copy.output = output;
    if (!ends_gz(output->path))
        return carry_file(j, error);
    wk_status status = wk_output_scratch(&plain, output->path, error);
    j->copy.output = &plain;
    if (status == WK_OK)
        status = carry_file(j, error);
    if (status == WK_OK)
        status = wk_gzip_pack_file(plain.fd, output->path, output, error);
    wk_output_abandon(&plain);
    return status;
}

static wk_status unpack_input(job *j, wk_output *output, wk_error *error)
{
    wk_output plain = {0};
    if (!wk_gzip_is_file(j->copy.input))
        return write_output(j, output, error);
    wk_status status = wk_output_scratch(&plain, output->path, error);
    if (status == WK_OK)
        status = wk_gzip_unpack_file(j->copy.input, j->copy.name, &plain, error);
    if (status == WK_OK) {
        int packed = j->copy.input;
        j->copy.input = plain.fd;
        status = write_output(j, output, error);
        j->copy.input = packed;
    }
    wk_output_abandon(&plain);
    return status;
}

/* Inputs are never changed, not even when overwriting is allowed. */
static wk_status check_files(const job *j, const char *path, wk_error *error)
{
    struct stat input, target;
    if (fstat(j->copy.input, &input) != 0)
        return wk_output_failed(j->copy.name, "read", errno, error);
    if (S_ISDIR(input.st_mode))
        return wk_output_failed(j->copy.name, "read", EISDIR, error);
    if (j->options->overwrite && stat(path, &target) == 0 && target.st_dev == input.st_dev &&
        target.st_ino == input.st_ino)
        return wk_error_set(error, WK_FILE, path, "the output is the input itself");
    return WK_OK;
}

static wk_status run(job *j, const char *path, wk_error *error)
{
    wk_output output;
    wk_status status = check_files(j, path, error);
    if (status == WK_OK)
        status = wk_output_begin(&output, path, j->options->overwrite, j->options->durable, error);
    if (status != WK_OK)
        return status;
    status = unpack_input(j, &output, error);
    if (status == WK_OK)
        return wk_output_commit(&output, error);
    wk_output_abandon(&output);
    return status;
}

wk_status wk_fits_subtract(const char *path, const char *input, const wk_fits_edit *edits,
                           size_t count, const wk_write_options *options, wk_error *error)
{
    job j = {.edits = edits, .count = count, .options = options, .copy.name = input};
    wk_status status = check_edits(edits, count, input, error);
    if (status == WK_OK)
        status = check_method(options->method, error);
    if (status != WK_OK)
        return status;
    j.copy.input = open(input, O_RDONLY | O_CLOEXEC);
    if (j.copy.input < 0)
        return wk_output_failed(input, "open", errno, error);
    status = run(&j, path, error);
    close(j.copy.input);
    return status;
}
