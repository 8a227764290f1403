#include "fits_checksum.h"

#include <stdio.h>
#include <string.h>

enum { DIGITS = 16, VALUE = 11 };

uint32_t wk_checksum_words(uint32_t sum, uint64_t words)
{
    uint64_t total = sum + (words & UINT32_MAX) + (words >> 32);
    while (total > UINT32_MAX)
        total = (total & UINT32_MAX) + (total >> 32);
    return (uint32_t)total;
}

static uint64_t sum_words(const unsigned char *bytes, size_t count)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t word;
        memcpy(&word, bytes + 4 * i, sizeof word);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        word = __builtin_bswap32(word);
#endif
        sum += word;
    }
    return sum;
}

static uint32_t add_byte(uint32_t sum, int64_t place, unsigned char byte)
{
    return wk_checksum_words(sum, (uint64_t)byte << (24 - 8 * (place & 3)));
}

uint32_t wk_checksum_add(uint32_t sum, int64_t place, const void *bytes, size_t size)
{
    const size_t most = (size_t)1 << 30; /* words whose plain sum cannot overflow 64 bits */
    const unsigned char *from = bytes;
    for (; size > 0 && (place & 3); size--)
        sum = add_byte(sum, place++, *from++);
    while (size >= 4) {
        size_t words = size / 4 < most ? size / 4 : most;
        sum = wk_checksum_words(sum, sum_words(from, words));
        from += 4 * words;
        place += (int64_t)(4 * words);
        size -= 4 * words;
    }
    for (; size > 0; size--)
        sum = add_byte(sum, place++, *from++);
    return sum;
}

wk_status wk_checksum_reserve(wk_cards *cards, wk_error *error)
{
    wk_status status =
        wk_cards_set_text(cards, "CHECKSUM", "0000000000000000", "HDU checksum", error);
    if (status != WK_OK)
        return status;
    return wk_cards_set_text(cards, "DATASUM", "0", "data unit checksum", error);
}

static int is_punctuation(int c)
{
    return (c >= 0x3a && c <= 0x40) || (c >= 0x5b && c <= 0x60);
}

/* One byte as four characters from '0' up whose excess over '0' sums to it; where one falls on
 * punctuation, a pair is moved apart, which keeps the sum. */
static void encode_byte(int byte, int quarter[4])
{
    for (int i = 0; i < 4; i++)
        quarter[i] = '0' + byte / 4 + (i == 0 ? byte % 4 : 0);
    for (int i = 0; i < 4; i += 2)
        while (is_punctuation(quarter[i]) || is_punctuation(quarter[i + 1])) {
            quarter[i]++;
            quarter[i + 1]--;
        }
}

/* The text is turned by one because the value starts at the last byte of a word. */
static void encode(uint32_t sum, char text[DIGITS + 1])
{
    for (int i = 0; i < 4; i++) {
        int quarter[4];
        encode_byte((int)(sum >> (24 - 8 * i) & 0xff), quarter);
        for (int j = 0; j < 4; j++)
            text[(4 * j + i + 1) % DIGITS] = (char)quarter[j];
    }
    text[DIGITS] = '\0';
}

wk_status wk_checksum_header(wk_cards *cards, uint32_t data, char *header, wk_error *error)
{
    char text[DIGITS + 1];
    wk_status status = wk_checksum_reserve(cards, error);
    snprintf(text, sizeof text, "%lu", (unsigned long)data);
    if (status == WK_OK)
        status = wk_cards_set_text(cards, "DATASUM", text, "data unit checksum", error);
    if (status != WK_OK)
        return status;
    wk_cards_fill(cards, header);
    encode(~wk_checksum_add(data, 0, header, wk_cards_size(cards)), text);
    memcpy(header + wk_cards_find(cards, "CHECKSUM") * WK_FITS_CARD + VALUE, text, DIGITS);
    return WK_OK;
}
