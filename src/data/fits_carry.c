#include "fits_carry.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fits_checksum.h"
#include "fits_gzip.h"
#include "fits_structure.h"
#include "memory.h"
#include "output.h"
#include "status.h"

typedef struct job {
    wk_fits_carry carry;
    const int *hdus;
    size_t count;
    wk_fits_carry_change change;
    void *payload;
    const wk_write_options *options;
} job;

static int is_named(const job *j)
{
    for (size_t i = 0; i < j->count; i++)
        if (j->hdus[i] == j->carry.hdu)
            return 1;
    return 0;
}

static wk_status not_fits(const wk_fits_carry *carry, wk_error *error)
{
    return wk_error_set(error, WK_FILE, carry->copy.name, "HDU %d has a header without END",
                        carry->hdu);
}

/* Take over the cards of one block; *ended is set by END. */
static wk_status read_block(wk_fits_carry *carry, int64_t place, int *ended, wk_error *error)
{
    char block[WK_FITS_BLOCK];
    if (place + WK_FITS_BLOCK > carry->copy.size)
        return not_fits(carry, error);
    wk_status status = wk_fits_copy_read(&carry->copy, place, block, sizeof block, error);
    for (int i = 0; status == WK_OK && i < WK_FITS_BLOCK; i += WK_FITS_CARD) {
        *ended = memcmp(block + i, "END     ", 8) == 0;
        if (*ended)
            break;
        status = wk_cards_append(&carry->cards, block + i, error);
    }
    return status;
}

/* Nonzero if another HDU starts here; what else follows the last one is no HDU. */
static int starts_hdu(const wk_fits_carry *carry)
{
    char start[9] = "";
    const wk_fits_copy *copy = &carry->copy;
    if (copy->size - copy->from < WK_FITS_BLOCK ||
        wk_fits_copy_read(copy, copy->from, start, 8, NULL) != WK_OK)
        return 0;
    return strcmp(start, carry->hdu == 0 ? "SIMPLE  " : "XTENSION") == 0;
}

static wk_status read_header(wk_fits_carry *carry, wk_error *error)
{
    int ended = 0;
    wk_status status = WK_OK;
    carry->cards.count = 0;
    for (carry->header = 0; status == WK_OK && !ended; carry->header += WK_FITS_BLOCK)
        status = read_block(carry, carry->copy.from + carry->header, &ended, error);
    return status;
}

wk_status wk_fits_carry_same(wk_fits_carry *carry, wk_error *error)
{
    int64_t rest = carry->copy.size - carry->copy.from - carry->header;
    int64_t padded = (carry->data + WK_FITS_BLOCK - 1) / WK_FITS_BLOCK * WK_FITS_BLOCK;
    return wk_fits_copy_plain(&carry->copy, carry->header + (padded < rest ? padded : rest), error);
}

void wk_fits_carry_data(wk_fits_carry *carry)
{
    carry->place = carry->copy.to;
    carry->copy.from += carry->header;
    carry->copy.to += (int64_t)wk_cards_size(&carry->cards);
    carry->from = carry->copy.from;
    carry->to = carry->copy.to;
}

/* The header goes last, when the data's sum is known; its size is known before. */
static wk_status write_header(wk_fits_carry *carry, uint32_t sum, wk_error *error)
{
    size_t size = wk_cards_size(&carry->cards);
    char *header = wk_memory_raw(size, 1, error);
    if (!header)
        return WK_MEMORY;
    wk_status status = wk_checksum_header(&carry->cards, sum, header, error);
    if (status == WK_OK)
        status = wk_output_write_at(carry->copy.output, carry->place, header, size, error);
    wk_memory_free(header);
    return status;
}

wk_status wk_fits_carry_end(wk_fits_carry *carry, int64_t bytes, uint32_t sum, wk_error *error)
{
    carry->copy.from = carry->from + carry->data;
    carry->copy.to = carry->to + bytes;
    wk_status status = wk_fits_copy_padding(&carry->copy, carry->data, bytes, &sum, error);
    return status == WK_OK ? write_header(carry, sum, error) : status;
}

static wk_status carry_hdu(job *j, wk_error *error)
{
    wk_fits_carry *carry = &j->carry;
    snprintf(carry->subject, sizeof carry->subject, "%.480s[%d]", carry->copy.name, carry->hdu);
    wk_status status = read_header(carry, error);
    if (status != WK_OK)
        return status;
    int64_t rest = carry->copy.size - carry->copy.from - carry->header;
    if (!wk_cards_data_size(&carry->cards, &carry->data))
        return wk_error_set(error, WK_HEADER, carry->subject, "BITPIX or an axis makes no sense");
    if (carry->data > rest)
        return wk_error_set(error, WK_FILE, carry->subject,
                            "the file is truncated: %lld bytes of data, where %lld should be",
                            (long long)rest, (long long)carry->data);
    return is_named(j) ? j->change(carry, j->payload, error) : wk_fits_carry_same(carry, error);
}

static wk_status check_found(const job *j, wk_error *error)
{
    const wk_fits_carry *carry = &j->carry;
    if (carry->hdu == 0)
        return wk_error_set(error, WK_FILE, carry->copy.name, "the file is not FITS");
    for (size_t i = 0; i < j->count; i++)
        if (j->hdus[i] < 0 || j->hdus[i] >= carry->hdu)
            return wk_error_set(error, WK_HEADER, carry->copy.name,
                                "there is no HDU %d, the file has %d", j->hdus[i], carry->hdu);
    return WK_OK;
}

static wk_status carry_file(job *j, wk_error *error)
{
    wk_fits_carry *carry = &j->carry;
    wk_status status = wk_fits_copy_begin(&carry->copy, error);
    for (; status == WK_OK && starts_hdu(carry); carry->hdu++)
        status = carry_hdu(j, error);
    if (status == WK_OK)
        status = check_found(j, error);
    if (status == WK_OK)
        status = wk_fits_copy_plain(&carry->copy, carry->copy.size - carry->copy.from, error);
    wk_fits_copy_end(&carry->copy);
    wk_cards_free(&carry->cards);
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
    wk_fits_copy *copy = &j->carry.copy;
    if (fstat(copy->input, &input) != 0)
        return wk_output_failed(copy->name, "read", errno, error);
    copy->size = input.st_size;
    copy->output = output;
    if (!ends_gz(output->path))
        return carry_file(j, error);
    wk_status status = wk_output_scratch(&plain, output->path, error);
    copy->output = &plain;
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
    wk_fits_copy *copy = &j->carry.copy;
    j->carry.packed = wk_gzip_is_file(copy->input);
    if (!j->carry.packed)
        return write_output(j, output, error);
    wk_status status = wk_output_scratch(&plain, output->path, error);
    if (status == WK_OK)
        status = wk_gzip_unpack_file(copy->input, copy->name, &plain, error);
    if (status == WK_OK) {
        int packed = copy->input;
        copy->input = plain.fd;
        status = write_output(j, output, error);
        copy->input = packed;
    }
    wk_output_abandon(&plain);
    return status;
}

/* Inputs are never changed, not even when overwriting is allowed. */
static wk_status check_files(const job *j, const char *path, wk_error *error)
{
    struct stat input, target;
    const wk_fits_copy *copy = &j->carry.copy;
    if (fstat(copy->input, &input) != 0)
        return wk_output_failed(copy->name, "read", errno, error);
    if (S_ISDIR(input.st_mode))
        return wk_output_failed(copy->name, "read", EISDIR, error);
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

wk_status wk_fits_carry_file(const char *path, const char *input, const int *hdus, size_t count,
                             wk_fits_carry_change change, void *payload,
                             const wk_write_options *options, wk_error *error)
{
    job j = {.hdus = hdus,
             .count = count,
             .change = change,
             .payload = payload,
             .options = options,
             .carry.copy.name = input};
    j.carry.copy.input = open(input, O_RDONLY | O_CLOEXEC);
    if (j.carry.copy.input < 0)
        return wk_output_failed(input, "open", errno, error);
    wk_status status = run(&j, path, error);
    close(j.carry.copy.input);
    return status;
}
