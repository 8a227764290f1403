#include "fits_checksum.h"

#include "fits_case.h"

/* The definition, byte by byte in 64 bits. */
static uint32_t by_definition(const unsigned char *bytes, size_t size)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < size; i++)
        sum = (sum + ((uint64_t)bytes[i] << (24 - 8 * (i % 4)))) % UINT32_MAX;
    return (uint32_t)sum;
}

static void fill(unsigned char *bytes, size_t size)
{
    uint32_t x = 1;
    for (size_t i = 0; i < size; i++)
        bytes[i] = (unsigned char)((x = x * 1664525u + 1013904223u) >> 24);
}

static void test_any_pieces(void **state)
{
    unsigned char bytes[101];
    (void)state;
    fill(bytes, sizeof bytes);
    uint32_t whole = wk_checksum_add(0, 0, bytes, sizeof bytes);
    assert_int_equal(whole % UINT32_MAX, by_definition(bytes, sizeof bytes));
    for (size_t cut = 0; cut <= sizeof bytes; cut++) {
        uint32_t sum = wk_checksum_add(0, (int64_t)cut, bytes + cut, sizeof bytes - cut);
        assert_int_equal(wk_checksum_add(sum, 0, bytes, cut), whole);
    }
}

/* The sums of pieces joined in any order: the same bits, though 0 and 0xffffffff are one number. */
static void test_pieces_joined(void **state)
{
    const uint32_t pieces[] = {0xffffffffu, 0, 1, 0xfffffffeu, 0x80000000u, 0x7fffffffu};
    uint32_t up = 0, down = 0, middle = 0;
    (void)state;
    for (int i = 0; i < 6; i++) {
        up = wk_checksum_words(up, pieces[i]);
        down = wk_checksum_words(down, pieces[5 - i]);
        middle = wk_checksum_words(middle, pieces[(i + 3) % 6]);
    }
    assert_int_equal(up, 0xffffffffu); /* zero, but not of zeros alone */
    assert_int_equal(down, up);
    assert_int_equal(middle, up);
    assert_int_equal(wk_checksum_words(0, 0xffffffffu), wk_checksum_words(0xffffffffu, 0));
}

static void test_words_wrap(void **state)
{
    (void)state;
    assert_int_equal(wk_checksum_words(0xffffffffu, 1), 1);
    assert_int_equal(wk_checksum_words(0xffffffffu, UINT64_MAX), 0xffffffffu);
    assert_int_equal(wk_checksum_words(0, 0x100000000u), 1);
    assert_int_equal(wk_checksum_words(0, 0), 0);
}

static void check_alphabet(const char *text)
{
    for (int k = 0; k < 16; k++)
        assert_true((text[k] >= '0' && text[k] <= '9') || (text[k] >= 'A' && text[k] <= 'Z') ||
                    (text[k] >= 'a' && text[k] <= 'r'));
}

/* The whole must sum to minus zero, and CFITSIO must read the text as the sum of all the rest. */
static void test_header_sums_to_zero(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 3000; i++) {
        wk_cards cards = {0};
        char header[2880], text[17] = "";
        uint32_t data = i * 2654435761u;
        unsigned long decoded;
        assert_int_equal(wk_checksum_header(&cards, data, header, NULL), WK_OK);
        assert_int_equal(wk_checksum_add(data, 0, header, sizeof header), 0xffffffffu);
        memcpy(text, header + 11, 16);
        check_alphabet(text);
        fits_decode_chksum(text, 1, &decoded);
        memcpy(header + 11, "0000000000000000", 16);
        assert_int_equal((uint32_t)decoded, wk_checksum_add(data, 0, header, sizeof header));
        wk_cards_free(&cards);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_pieces),
        cmocka_unit_test(test_pieces_joined),
        cmocka_unit_test(test_words_wrap),
        cmocka_unit_test(test_header_sums_to_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
